"""What people do with boards: make, change, share, take along, put away."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from yaomai.kit.access import Actor
from yaomai.kit.acts import Trail, act
from yaomai.kit.acts.rows import change, locked, require_open, save, touch
from yaomai.kit.approvals.registry import directory
from yaomai.kit.dashboards import company, selectors
from yaomai.kit.dashboards.models import Board, BoardShare
from yaomai.kit.dashboards.periods import PERIODS
from yaomai.kit.dashboards.registry import cards
from yaomai.kit.errors import Invalid

MOST_CARDS = 24
MOST_SHARES = 200
FIELDS = ("name", "cards", "period", "place")


def _checked(actor: Actor, board: Board, differing: Iterable[str]) -> None:
    """Raise `Invalid` for cards, a period or a place that the actor cannot choose."""
    fields: dict[str, list[Any]] = {}
    if "cards" in differing:
        keys = board.cards
        if not isinstance(keys, list) or not keys or len(keys) > MOST_CARDS or len(set(map(str, keys))) != len(keys):
            fields["cards"] = [_("Choose between 1 and %(most)s different cards.") % {"most": MOST_CARDS}]
        elif any(
            not isinstance(key, str) or key not in cards() or not company.may(actor, cards()[key].right) for key in keys
        ):
            fields["cards"] = [_("There is no such card for you.")]
    if "period" in differing and board.period not in PERIODS:
        fields["period"] = [_("There is no such period.")]
    if "place" in differing and board.place is not None and board.place not in company.all_in_reach(actor):
        fields["place"] = [_("This territory is not below yours.")]
    if fields:
        raise Invalid(fields=fields)


@act("dashboards.board:create", right="", sentence=_("%(actor)s made the dashboard %(target)s"))
def board_create(
    *, actor: Actor, trail: Trail, name: str, cards: Sequence[str], now: datetime, period: str = "quarter",
    place: int | None = None,
) -> Board:  # fmt: skip
    """Make a board of cards that the actor may see, for a period and a place in reach.

    Raises:
        Invalid: by field.
    """
    board = Board(owner_id=actor.person_id, created_at=now, updated_at=now)
    differing = change(board, {"name": name, "cards": list(cards), "period": period, "place": place}, allowed=FIELDS)
    _checked(actor, board, FIELDS)
    save(board)
    trail.note(board, changes=differing)
    return board


@act("dashboards.board:update", right="", sentence=_("%(actor)s changed the dashboard %(target)s"))
def board_update(
    *, actor: Actor, trail: Trail, pk: int, changes: Mapping[str, Any], now: datetime,
    expected_version: int | None = None,
) -> Board:  # fmt: skip
    """Change one's own board: name, cards in their order, period, place.

    Raises:
        Missing: it is not the actor's. Stale, Invalid, Archived.
    """
    board = locked(Board, pk, expected_version=expected_version)
    require_open(board)
    differing = change(board, changes, allowed=FIELDS)
    _checked(actor, board, differing)
    touch(board, now)
    save(board, fields=differing)
    trail.note(board, changes=differing)
    return board


@act("dashboards.board:share", right="", sentence=_("%(actor)s shared the dashboard %(target)s with %(people)s"))
def board_share(
    *, actor: Actor, trail: Trail, pk: int, roles: Sequence[str], people: Sequence[int], now: datetime
) -> Board:
    """Show one's own board to these roles and people, and to nobody else; each sees it in their own reach.

    Raises:
        Missing: it is not the actor's. Invalid: a role or person that is not there.
    """
    board = locked(Board, pk)
    require_open(board)
    known_roles, known_people = directory().roles(), directory().colleagues()
    fields: dict[str, list[Any]] = {}
    if any(role not in known_roles for role in roles):
        fields["roles"] = [_("There is no such role.")]
    if any(person not in known_people for person in people):
        fields["people"] = [_("There is no such person.")]
    if len(set(roles)) + len(set(people)) > MOST_SHARES:
        fields["people"] = [_("Share it with at most %(most)s at once.") % {"most": MOST_SHARES}]
    if fields:
        raise Invalid(fields=fields)
    before = said_shares(board)
    board.shares.all().delete()
    BoardShare.objects.bulk_create(
        [
            *(BoardShare(board=board, role=role) for role in dict.fromkeys(roles)),
            *(
                BoardShare(board=board, person_id=person)
                for person in dict.fromkeys(people)
                if person != actor.person_id
            ),
        ]
    )
    touch(board, now)
    save(board)
    after = said_shares(board)
    trail.note(board, changes={"shares": (before, after)}, people="、".join(after) or "–")
    return board


def said_shares(board: Board) -> list[str]:
    """Return with whom a board is shared, in words."""
    names, roles = directory().colleagues(), directory().roles()
    found = []
    for share in board.shares.order_by("pk"):
        person = share.person_id
        found.append(str(roles.get(share.role, share.role)) if person is None else names.get(person, ""))
    return [name for name in found if name]


@act("dashboards.board:archive", right="", sentence=_("%(actor)s put the dashboard %(target)s away"))
def board_archive(*, actor: Actor, trail: Trail, pk: int, now: datetime, expected_version: int | None = None) -> Board:
    """Put one's own board away; nobody sees it any more.

    Raises:
        Missing: it is not the actor's. Archived: it is away already. Stale.
    """
    board = locked(Board, pk, expected_version=expected_version)
    require_open(board)
    board.archived_at = now
    touch(board, now)
    save(board, fields=["archived_at"])
    trail.note(board, changes={"archived_at": (None, now)})
    return board


@act("dashboards.card:export", right="", sentence=_("%(actor)s took %(what)s along, %(where)s"))
def export_record(*, actor: Actor, trail: Trail, what: str, where: str, cards: Sequence[str]) -> None:
    """Put into the trail that figures left, before they do."""
    for key in cards:
        selectors.card_named(actor, key)
    trail.note(what=what, where=where, cards=list(cards))
