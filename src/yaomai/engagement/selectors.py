"""Reads of this room: the board, one account with its criteria, and who should be on the board."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Count, Exists, Max, OuterRef, Q

from yaomai.customers.measures import measure, measured
from yaomai.customers.models import Institution
from yaomai.engagement import rules
from yaomai.engagement.models import CoachingNote, KeyAccount, Stage, StageMove, Visit
from yaomai.engagement.policies import PipelinePolicy
from yaomai.kit.access import Actor, current_actor
from yaomai.kit.memo import once_a_page, read_together
from yaomai.kit.policies.selectors import policy_on
from yaomai.organization.models import Holding, Person, Territory, on_day
from yaomai.segmentation.models import TierAssignment

MOST_CARDS = 60
"""Cards of one column; the list shows the rest."""


@dataclass(frozen=True, slots=True)
class Card:
    """An account on the board: how long it has been there, and what is missing before it may move on."""

    account: KeyAccount
    days: int
    is_stalled: bool
    checks: tuple[rules.Check, ...]

    @property
    def missing(self) -> list[rules.Check]:
        return rules.missing(self.checks)

    @property
    def is_ready(self) -> bool:
        """Tell whether nothing holds it back and there is a stage ahead."""
        return bool(self.checks) and not rules.missing(self.checks, required_only=True)

    @property
    def ahead(self) -> str:
        return rules.neighbour(self.account.stage, 1)

    @property
    def behind(self) -> str:
        return rules.neighbour(self.account.stage, -1)


@dataclass(frozen=True, slots=True)
class Column:
    """A stage of the board: its cards, the longest waiting first, and how many there are in all."""

    stage: str
    label: str
    cards: Sequence[Card]
    count: int


def policy_of(today: date) -> PipelinePolicy:
    """Return the figures of a day."""
    policy, _version = policy_on(PipelinePolicy, on=today)
    return policy


def open_accounts() -> Any:
    """Return the accounts in view that are worked on."""
    return KeyAccount.objects.filter(archived_at=None, institution__merged_into=None)


def board(*, today: date, owner: int | None = None) -> list[Column]:
    """Return the accounts in view by stage."""
    rows = open_accounts() if owner is None else open_accounts().filter(owner_id=owner)
    counts = dict(rows.order_by().values_list("stage").annotate(Count("pk")))
    shown: list[KeyAccount] = []
    for stage in rules.STAGES:
        waiting = rows.filter(stage=stage).select_related("institution", "owner")
        shown += waiting.order_by("stage_since", "pk")[:MOST_CARDS]
    found = {card.account.pk: card for card in cards(shown, today=today)}
    return [
        Column(stage, str(Stage(stage).label), [found[row.pk] for row in shown if row.stage == stage],
               counts.get(stage, 0))
        for stage in rules.STAGES
    ]  # fmt: skip


def cards(accounts: Sequence[KeyAccount], *, today: date) -> list[Card]:
    """Return accounts with their criteria; as many queries as there are measures, however many accounts."""
    policy = policy_of(today)
    numbers = _numbers(policy.criteria(rules.STAGES), [row.institution_id for row in accounts], today)
    found = []
    for row in accounts:
        figures = policy.of(row.stage)
        found.append(
            Card(
                row,
                (today - row.stage_since).days,
                rules.is_stalled(row.stage_since, figures.stalled_days, today),
                rules.checks(policy.criteria([row.stage]), _own(numbers, row.institution_id)),
            )
        )
    return found


def _numbers(criteria: Sequence[tuple[str, Any, bool]], keys: Sequence[int], today: date) -> dict[str, Any]:
    """Return the numbers by measure; None where the actor may not see the measure."""
    actor = current_actor()
    codes = [code for code, _at_least, _is_required in criteria]
    known = {code: each for code in codes if (each := measure(code)) is not None}
    numbers: dict[str, Any] = dict.fromkeys(known, None)
    return numbers | measured([code for code, each in known.items() if each.is_seen_by(actor)], keys, today=today)


def checks_between(account: KeyAccount, target: str, *, today: date) -> tuple[rules.Check, ...]:
    """Return the criteria of every stage that a move to `target` would leave behind."""
    criteria = policy_of(today).criteria(rules.stages_left(account.stage, target))
    key = account.institution_id
    numbers = _numbers(criteria, [key], today)
    return rules.checks(criteria, _own(numbers, key))


def _own(numbers: Mapping[str, Any], key: int) -> dict[str, Any]:
    return {code: None if values is None else values.get(key, 0) for code, values in numbers.items()}


@once_a_page
def account_of(institution: Institution) -> KeyAccount | None:
    """Return the open account of an institution in view."""
    return _account(institution.pk)


@read_together("institution")
def _account(institutions: Sequence[int]) -> Mapping[int, KeyAccount]:
    rows = KeyAccount.objects.filter(institution__in=institutions, archived_at=None)
    return {row.institution_id: row for row in rows.select_related("institution", "owner").order_by("-pk")}


@read_together("institution")
def card_at(institutions: Sequence[int], today: date) -> Mapping[int, Card]:
    """Return the open account of an institution in view with its criteria."""
    rows = [account for key in institutions if (account := _account(key)) is not None]
    return {card.account.institution_id: card for card in cards(rows, today=today)} if rows else {}


def moves(account: KeyAccount) -> list[StageMove]:
    """Return how an account moved, newest first."""
    return list(StageMove.objects.filter(account=account).select_related("moved_by").order_by("-pk"))


def last_move(account: int) -> StageMove | None:
    """Return the newest move of an account that was not undone."""
    found: StageMove | None = StageMove.objects.filter(account=account, undone_at=None).order_by("-pk").first()
    return found


def not_on_board(actor: Actor, *, today: date) -> Any:
    """Return the institutions of a key tier that are no key accounts, where the actor may make them one."""
    held = [Q(scheme=each.scheme, tier=each.tier) for each in policy_of(today).tiers]
    if not held or not actor.may("engagement.keyaccount:create"):
        return Institution.unscoped.none()
    tiers = TierAssignment.unscoped.filter(reduce(or_, held), institution_id=OuterRef("pk"), valid_to=None)
    accounts = KeyAccount.unscoped.filter(institution_id=OuterRef("pk"), archived_at=None)
    rows: Any = Institution.objects.filter(Exists(tiers), ~Exists(accounts), archived_at=None, merged_into=None)
    return rows.allowed("engagement.keyaccount:create")


# Visits ---------------------------------------------------------------------------------------------------------


def colleagues_of(actor: Actor, *, on: date) -> Any:
    """Return who may have come along: whoever sits today in a territory of one's own, above it, or beside it."""
    mine = Holding.unscoped.filter(on_day(on), person=actor.person_id).values_list(
        "position__territory__path", flat=True
    )
    wanted: set[int] = set()
    for path in mine:
        wanted.update(int(each) for each in path.strip("/").split("/") if each)
    beside = Territory.unscoped.filter(Q(pk__in=wanted) | Q(parent__in=wanted)).values("pk")
    here = Holding.unscoped.filter(on_day(on), position__territory__in=beside).values("person")
    return Person.unscoped.filter(pk__in=here, archived_at=None).exclude(pk=actor.person_id or 0).order_by("name", "pk")


MOST_COACHED = 30


def coachable(actor: Actor, *, since: date) -> list[Visit]:
    """Return visits of others at which the actor was, and on which a coaching note of theirs is still to be written."""
    right = Visit.right("assess")
    if actor.person_id is None or not actor.may(right):
        return []
    own = CoachingNote.unscoped.filter(visit=OuterRef("pk"), author=actor.person_id)
    rows: Any = Visit.objects.filter(attendees=actor.person_id, archived_at=None, on__gte=since).allowed(right)
    joint = rows.exclude(person=actor.person_id).filter(~Exists(own)).select_related("institution", "person")
    return list(joint.order_by("-started_at", "-pk")[:MOST_COACHED])


def last_visits(institutions: Collection[int]) -> Mapping[int, date]:
    """Return when institutions were last visited, by whomever; those never visited are left out."""
    rows = Visit.unscoped.filter(institution__in=institutions, archived_at=None, validity=Visit.Validity.VALID)
    return dict(rows.order_by().values_list("institution_id").annotate(day=Max("on")))
