"""Positions and who holds them."""

from datetime import date, datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from yaomai.kit.access import Actor, get_visible
from yaomai.kit.acts import Trail, act
from yaomai.kit.errors import Conflict, Invalid, Missing, Refused
from yaomai.kit.search import write_vectors
from yaomai.organization import wall
from yaomai.organization.models import Filing, Holding, Person, Position, Role, Territory
from yaomai.organization.services import rows
from yaomai.organization.services.invariants import (
    indispensable_held,
    lock_rights,
    require_separate_people,
    require_still_held,
)

EDITABLE = ("code", "title", "role", "territory", "reports_to")
RIGHT = "organization.position:edit"


class StillHeld(Conflict):
    """Somebody holds the position after the day it would close."""

    code = "position_still_held"
    message = _("%(people)s hold this position after %(day)s. End that first.")


class HeldTwice(Conflict):
    """The same person would hold the same position twice at once."""

    code = "held_twice"
    message = _("%(person)s holds this position in that period already.")


class FiledRep(Refused):
    """A filed rep would get a position that does business."""

    code = "filed_rep"
    message = _(
        "%(person)s has an active filing (%(number)s) and may not hold a position that deals with orders, prices, "
        "rebates or receivables. Stop the filing first, or choose a position for academic work."
    )


@act("organization.position:create", sentence=_("%(actor)s created the position %(target)s"))
def position_create(
    *,
    actor: Actor,
    trail: Trail,
    now: datetime,
    code: str,
    title: str,
    role: Role,
    territory: Territory,
    reports_to: Position | None = None,
    valid_from: date,
    valid_to: date | None = None,
) -> Position:
    """Create a seat in the company.

    Raises:
        Invalid: a field is not acceptable, or the code is taken.
    """
    position = Position(
        code=code.strip(),
        title=title.strip(),
        role=role,
        territory=territory,
        reports_to=reports_to,
        valid_from=valid_from,
        valid_to=valid_to,
    )
    rows.validated(position)
    position.save(force_insert=True)
    _index(position)
    trail.note(
        position,
        changes={name: (None, getattr(position, name)) for name in (*EDITABLE, "valid_from")},
    )
    return position


@act("organization.position:edit", sentence=_("%(actor)s edited the position %(target)s"))
def position_update(
    *, actor: Actor, trail: Trail, pk: int, now: datetime, changes: dict[str, Any], expected_version: int | None = None
) -> Position:
    """Change a position's title, role, territory or superior.

    Raises:
        Invalid: a field is not acceptable, or positions would report to each other in a circle.
        DutiesMeet: a holder would hold duties that exclude each other.
        FiledRep: a holder with an active filing would get business rights.
    """
    lock_rights()
    position = rows.locked(Position, pk, right=RIGHT, expected_version=expected_version)
    today = timezone.localdate(now)
    held = indispensable_held(on=today)
    _require_no_circle(position, changes.get("reports_to"))
    noted = rows.updated(position, changes, EDITABLE)
    _index(position)
    holders = set(_held_after(position, today).values_list("person_id", flat=True))
    require_separate_people(holders, on=today)
    require_still_held(held, on=today)
    if "role" in noted:
        for person_id in sorted(holders):
            _require_unfiled(person_id, position, today, None)
    trail.note(position, changes=noted)
    return position


def _index(position: Position) -> None:
    write_vectors(Position, [(position.pk, (position.title, position.code))])


def _require_no_circle(position: Position, superior: Position | None) -> None:
    seen = {position.pk}
    while superior is not None:
        if superior.pk in seen:
            raise Invalid(fields={"reports_to": [_("Positions would report to each other in a circle.")]})
        seen.add(superior.pk)
        superior = superior.reports_to


def _held_after(position: Position, day: date) -> QuerySet[Holding]:
    return Holding.unscoped.filter(Q(valid_to__isnull=True) | Q(valid_to__gt=day), position=position)


@act(
    "organization.position:close",
    right=RIGHT,
    sentence=_("%(actor)s closed the position %(target)s from %(valid_to)s"),
)
def position_close(*, actor: Actor, trail: Trail, pk: int, now: datetime, valid_to: date | None = None) -> Position:
    """End a position on a day, today when none is given.

    Raises:
        StillHeld: somebody holds it longer.
        Invalid: the day is not after its first.
    """
    position = rows.locked(Position, pk, right=RIGHT)
    day = valid_to or timezone.localdate(now)
    if holders := list(_held_after(position, day).select_related("person")):
        raise StillHeld(people="、".join(holding.person.name for holding in holders), day=day.isoformat())
    before, position.valid_to = position.valid_to, day
    rows.validated(position)
    position.version += 1
    position.save(update_fields=["valid_to", "version"])
    trail.note(position, changes={"valid_to": (before, day)}, valid_to=day)
    return position


@act(
    "organization.holding:start",
    right=RIGHT,
    sentence=_("%(person)s holds the position %(position)s from %(valid_from)s; set by %(actor)s"),
)
def holding_start(
    *,
    actor: Actor,
    trail: Trail,
    now: datetime,
    position_id: int,
    person_id: int,
    valid_from: date,
    valid_to: date | None = None,
) -> Holding:
    """Put a person into a position from a day.

    Raises:
        HeldTwice: they hold it in that period already.
        DutiesMeet: with their other positions they would hold duties that exclude each other.
        FiledRep: they have an active filing and the position does business.
        Invalid: the person has left, or the position does not exist on those days.
    """
    lock_rights()
    position = rows.locked(Position, position_id, right=RIGHT)
    person = Person.unscoped.filter(pk=person_id).first()
    if person is None:
        raise Missing
    if not person.is_active:
        raise Invalid(fields={"person": [_("%(name)s is deactivated.") % {"name": person.name}]})
    holding = Holding(person=person, position=position, valid_from=valid_from, valid_to=valid_to)
    rows.validated(holding)
    _require_within(position, holding)
    _require_once(holding)
    _require_unfiled(person.pk, position, valid_from, valid_to)
    holding.save(force_insert=True)
    require_separate_people([person.pk], on=min(valid_from, timezone.localdate(now)))
    trail.note(
        holding,
        changes={"valid_from": (None, valid_from), "valid_to": (None, valid_to)},
        person=person.name,
        position=position.title,
        valid_from=valid_from,
    )
    return holding


def _require_within(position: Position, holding: Holding) -> None:
    if holding.valid_from < position.valid_from:
        raise Invalid(
            fields={"valid_from": [_("The position begins on %(day)s.") % {"day": position.valid_from.isoformat()}]}
        )
    if position.valid_to is not None and (holding.valid_to is None or holding.valid_to > position.valid_to):
        raise Invalid(
            fields={"valid_to": [_("The position ends on %(day)s.") % {"day": position.valid_to.isoformat()}]}
        )


def _overlapping(valid_from: date, valid_to: date | None) -> Q:
    """Return the condition that a half-open period has a day in common with the given one."""
    condition = Q(valid_to__isnull=True) | Q(valid_to__gt=valid_from)
    return condition if valid_to is None else condition & Q(valid_from__lt=valid_to)


def _require_once(holding: Holding) -> None:
    others = Holding.unscoped.filter(
        _overlapping(holding.valid_from, holding.valid_to), person=holding.person, position=holding.position
    )
    if others.exists():
        raise HeldTwice(person=holding.person.name)


def _require_unfiled(person_id: int, position: Position, valid_from: date, valid_to: date | None) -> None:
    if not wall.commercial(position.role.rights):
        return
    filing = (
        Filing.unscoped.filter(_overlapping(valid_from, valid_to), person_id=person_id).select_related("person").first()
    )
    if filing is not None:
        raise FiledRep(person=filing.person.name, number=filing.number, citations=wall.CITATIONS)


@act(
    "organization.holding:end",
    right=RIGHT,
    sentence=_("%(person)s holds the position %(position)s until %(valid_to)s; set by %(actor)s"),
)
def holding_end(*, actor: Actor, trail: Trail, pk: int, now: datetime, valid_to: date) -> Holding:
    """End a holding on a day: from that day its rights are gone, in every session, at the next request.

    Raises:
        Invalid: the day is not after the first day.
        NobodyLeft: nobody else could manage people or rights.
    """
    lock_rights()
    holding = get_visible(Holding, pk=pk)
    rows.locked(Position, holding.position_id, right=RIGHT)
    today = timezone.localdate(now)
    held = indispensable_held(on=today)
    before, holding.valid_to = holding.valid_to, valid_to
    if valid_to <= holding.valid_from:
        raise Invalid(fields={"valid_to": [_("Choose a day after the first one.")]})
    if before is not None and valid_to > before:
        raise Invalid(fields={"valid_to": [_("It ends earlier already. Start a new period instead.")]})
    holding.save(update_fields=["valid_to"])
    require_still_held(held, on=max(today, valid_to))
    trail.note(
        holding,
        changes={"valid_to": (before, valid_to)},
        person=holding.person.name,
        position=holding.position.title,
        valid_to=valid_to,
    )
    return holding
