"""Report packs: what people declare, and what the schedule makes of it."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from yaomai.kit.access import Actor
from yaomai.kit.acts import Trail, act
from yaomai.kit.acts.rows import change, locked, require_open, save, touch
from yaomai.kit.approvals.registry import directory
from yaomai.kit.dashboards import company, packing
from yaomai.kit.dashboards.models import Board, Delivery, Pack
from yaomai.kit.errors import Conflict, Invalid, Missing
from yaomai.kit.jobs.actors import load_actor
from yaomai.kit.surfaces.models import SavedView
from yaomai.kit.surfaces.services import own_or_shared
from yaomai.kit.ui import formats

MOST_PARTS = 8
MOST_RECEIVERS = 200
FIELDS = ("name", "has_start", "boards", "lists", "rhythm", "on_day", "roles", "people")


class NotMadeYet(Conflict):
    """The files are on their way."""

    code = "not_made_yet"
    message = _("This report is still being made. Try again in a minute.")


class NoFile(Conflict):
    """There is no such file of a report."""

    code = "no_file"
    message = _("The server has no Chinese font, so that there is no PDF; take the Excel file.")


def _ids(values: Any) -> bool:
    return isinstance(values, list) and all(type(each) is int for each in values) and len(set(values)) == len(values)


def _checked(actor: Actor, pack: Pack, differing: Iterable[str]) -> None:
    """Raise `Invalid` for what is not there for the actor, a day that the rhythm lacks, and a pack of nothing or for nobody."""
    fields = _unknown(actor, pack, set(differing))
    last = 7 if pack.rhythm == Pack.Rhythm.WEEKLY else 28
    if not 1 <= (pack.on_day or 0) <= last:
        fields["on_day"] = [_("Choose a day between 1 and %(last)s.") % {"last": last}]
    if fields:
        raise Invalid(fields=fields)
    if not (pack.has_start or pack.boards or pack.lists):
        fields["boards"] = [_("Choose at least one dashboard or list.")]
    if len(pack.boards) + len(pack.lists) > MOST_PARTS:
        fields["boards"] = [_("At most %(most)s dashboards and lists fit into one pack.") % {"most": MOST_PARTS}]
    if not (pack.roles or pack.people):
        fields["people"] = [_("Choose who receives it.")]
    if len(pack.people) > MOST_RECEIVERS:
        fields["people"] = [_("Share it with at most %(most)s at once.") % {"most": MOST_RECEIVERS}]
    if fields:
        raise Invalid(fields=fields)


def _unknown(actor: Actor, pack: Pack, changed: set[str]) -> dict[str, list[Any]]:
    """Return what was chosen and is not there, or not for the actor."""
    fields: dict[str, list[Any]] = {}
    if "boards" in changed and not _all_there(pack.boards, Board.objects.filter(archived_at=None)):
        fields["boards"] = [_("There is no such dashboard for you.")]
    if "lists" in changed and not _all_there(pack.lists, SavedView.objects.filter(own_or_shared(actor))):
        fields["lists"] = [_("There is no such saved view for you.")]
    if "people" in changed and not (_ids(pack.people) and set(pack.people) <= set(directory().colleagues())):
        fields["people"] = [_("There is no such person.")]
    roles = pack.roles if isinstance(pack.roles, list) else [None]
    if "roles" in changed and any(str(each) not in directory().roles() for each in roles):
        fields["roles"] = [_("There is no such role.")]
    return fields


def _all_there(keys: Any, rows: Any) -> bool:
    return _ids(keys) and rows.filter(pk__in=keys).count() == len(keys)


def said_receivers(pack: Pack) -> str:
    """Return who receives a pack, in words."""
    names, roles = directory().colleagues(), directory().roles()
    return formats.listed(
        [*(str(roles.get(role, role)) for role in pack.roles), *(names[pk] for pk in pack.people if pk in names)]
    )


@act("dashboards.pack:create", right="", sentence=_("%(actor)s set up the report pack %(target)s"))
def pack_create(*, actor: Actor, trail: Trail, now: datetime, **told: Any) -> Pack:
    """Set up a pack: `FIELDS` by name.

    Raises:
        Invalid: by field.
    """
    pack = Pack(owner_id=actor.person_id, created_at=now, updated_at=now)
    differing = change(pack, told, allowed=FIELDS)
    _checked(actor, pack, FIELDS)
    save(pack)
    trail.note(pack, changes=differing)
    return pack


@act("dashboards.pack:update", right="", sentence=_("%(actor)s changed the report pack %(target)s"))
def pack_update(
    *, actor: Actor, trail: Trail, pk: int, changes: Mapping[str, Any], now: datetime,
    expected_version: int | None = None,
) -> Pack:  # fmt: skip
    """Change one's own pack; what was delivered stays.

    Raises:
        Missing, Archived, Stale, Invalid.
    """
    pack = locked(Pack, pk, expected_version=expected_version)
    require_open(pack)
    differing = change(pack, changes, allowed=FIELDS)
    _checked(actor, pack, differing)
    touch(pack, now)
    save(pack, fields=differing)
    trail.note(pack, changes=differing)
    return pack


@act("dashboards.pack:archive", right="", sentence=_("%(actor)s stopped the report pack %(target)s"))
def pack_archive(*, actor: Actor, trail: Trail, pk: int, now: datetime, expected_version: int | None = None) -> Pack:
    """Stop one's own pack; what was delivered stays with those who received it.

    Raises:
        Missing, Archived, Stale.
    """
    pack = locked(Pack, pk, expected_version=expected_version)
    require_open(pack)
    pack.archived_at = now
    touch(pack, now)
    save(pack, fields=["archived_at"])
    trail.note(pack, changes={"archived_at": (None, now)})
    return pack


# What the schedule does ------------------------------------------------------------------------------------


def receivers(pack: Pack, *, on: date) -> list[int]:
    """Return who receives a pack on a day: the people named and whoever is in the roles; each once."""
    found = dict.fromkeys(pack.people)
    for role in pack.roles:
        found.update(dict.fromkeys(sorted(company.members(role, on))))
    return list(found)


def hand_out(*, day: date) -> int:
    """Put the packs of a day in the hands of their receivers; each receives one once, whatever dies meanwhile.

    Runs within the transaction of the slot: the files are made by jobs that exist if and only if it commits.
    """
    from yaomai.kit.dashboards.jobs import deliver

    count = 0
    for pack in Pack.unscoped.filter(archived_at=None).order_by("pk"):
        if not pack.is_due(day):
            continue
        for person in receivers(pack, on=day):
            actor = load_actor(person, on=day)
            if actor is None:
                continue  # may no longer sign in
            delivery, is_new = Delivery.unscoped.get_or_create(
                pack=pack, receiver_id=person, day=day, defaults={"name": pack.name}
            )
            if is_new:
                deliver.defer(actor=actor, key=f"delivery {delivery.pk}", delivery=delivery.pk)
                count += 1
    return count


@act("dashboards.pack:try", right="", sentence=_("%(actor)s had the report pack %(target)s made at once"))
def pack_try(*, actor: Actor, trail: Trail, pk: int, day: date) -> Delivery:
    """Have one's own pack made for oneself today; once a day.

    Raises:
        Missing: it is not the actor's. Archived.
    """
    from yaomai.kit.dashboards.jobs import deliver

    pack = locked(Pack, pk)
    require_open(pack)
    if actor.person_id is None:
        raise Missing
    delivery, is_new = Delivery.unscoped.get_or_create(
        pack=pack, receiver_id=actor.person_id, day=day, defaults={"name": pack.name}
    )
    if is_new:
        deliver.defer(actor=actor, key=f"delivery {delivery.pk}", delivery=delivery.pk)
    trail.note(pack)
    return delivery


@act("dashboards.delivery:make", right="", sentence=_("%(actor)s received the report pack %(target)s"))
def delivery_make(*, actor: Actor, trail: Trail, pk: int, now: datetime) -> Delivery:
    """Make the files of a delivery in its receiver's scope; one that is made stays as it is.

    Raises:
        Missing: it is not the actor's.
    """
    delivery = locked(Delivery, pk)
    if delivery.made_at is None:
        delivery.pdf, delivery.workbook = packing.files(delivery, actor=actor, now=now)
        delivery.made_at = now
        delivery.save(update_fields=["pdf", "workbook", "made_at"])
    trail.note(delivery)
    return delivery


@act("dashboards.delivery:take", right="", sentence=_("%(actor)s took %(target)s along"))
def delivery_take(*, actor: Actor, trail: Trail, pk: int, suffix: str, now: datetime) -> tuple[Delivery, bytes]:
    """Return the file of a delivery, "pdf" or "xlsx", on record; the first time says that it was looked at.

    Raises:
        Missing: it is not the actor's, or there is no such format. NotMadeYet, NoFile.
    """
    delivery = locked(Delivery, pk)
    if suffix not in ("pdf", "xlsx"):
        raise Missing
    if delivery.made_at is None:
        raise NotMadeYet
    content = delivery.pdf if suffix == "pdf" else delivery.workbook
    if content is None:
        raise NoFile
    if delivery.opened_at is None:
        delivery.opened_at = now
        delivery.save(update_fields=["opened_at"])
    trail.note(delivery)
    return delivery, bytes(content)
