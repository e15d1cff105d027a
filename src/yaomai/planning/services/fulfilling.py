"""A valid report carries a plan and its duty out; one that turns out not to be valid takes that back (C15)."""

from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from yaomai.kit.access import Actor
from yaomai.kit.acts import Trail, act
from yaomai.kit.acts.rows import local_day, touch
from yaomai.kit.errors import Conflict
from yaomai.planning.models import DutyState, PlannedVisit, ServiceDuty, VisitState


class FulfilledOtherwise(Conflict):
    """Another report carried it out already."""

    code = "planning_fulfilled_otherwise"
    message = _("%(name)s was carried out by another report already.")


def _locked(row: PlannedVisit | ServiceDuty) -> tuple[PlannedVisit | None, ServiceDuty | None]:
    """Lock both, the duty first: whoever called has checked its own right on the report."""
    visit = row if isinstance(row, PlannedVisit) else None
    duty_pk = visit.duty_id if visit is not None else row.pk
    duty = ServiceDuty.unscoped.select_for_update().get(pk=duty_pk) if duty_pk is not None else None
    if visit is not None:
        visit = PlannedVisit.unscoped.select_for_update().get(pk=visit.pk)
    elif duty is not None:
        visit = PlannedVisit.unscoped.select_for_update().filter(duty=duty, state=VisitState.PLANNED).first()
    return visit, duty


def _write(row: Any, now: datetime, **values: Any) -> None:
    for name, value in values.items():
        setattr(row, name, value)
    touch(row, now)
    row.save(update_fields=[*values, "version", "updated_at"])


@act("planning.plannedvisit:fulfil", right="", sentence=_("The report of %(actor)s carried out %(target)s on %(on)s"))
def fulfil(
    *, actor: Actor, trail: Trail, planned_or_duty: PlannedVisit | ServiceDuty, on: date, reference: str, now: datetime
) -> None:
    """Mark a planned visit with its duty, or a duty with the visit planned for it, as done.

    For the room that keeps reports: it has checked who reports, and where. Again with the same reference does nothing.

    Raises:
        FulfilledOtherwise: another report did it.
    """
    visit, duty = _locked(planned_or_duty)
    rows = [row for row in (visit, duty) if row is not None]
    if any(row.state == DutyState.DONE and row.reference != reference for row in rows[:1]):
        raise FulfilledOtherwise(name=str(rows[0]))
    for row in rows:
        # A duty that another visit carried out stays that visit's.
        if row.state != DutyState.DONE:
            _write(row, now, state=DutyState.DONE, done_on=on, reference=reference, missed_reason="")
    trail.note(rows[0], changes={"state": ("", VisitState.DONE)}, on=on)


@act("planning.plannedvisit:unfulfil", right="", sentence=_("The report behind %(target)s does not count (%(actor)s)"))
def unfulfil(
    *, actor: Actor, trail: Trail, planned_or_duty: PlannedVisit | ServiceDuty, reference: str, now: datetime
) -> None:
    """Take `fulfil` back: what this report carried out is open again; a visit of a past day counts as missed."""
    visit, duty = _locked(planned_or_duty)
    today = local_day(now)
    if visit is None and duty is not None:
        visit = PlannedVisit.unscoped.select_for_update().filter(duty=duty, reference=reference).first()
    if visit is not None and visit.state == VisitState.DONE and visit.reference == reference:
        others = PlannedVisit.unscoped.filter(duty=duty, state=VisitState.PLANNED) if duty is not None else None
        is_ahead = visit.day >= today and not (others is not None and others.exists())
        state = VisitState.PLANNED if is_ahead else VisitState.MISSED
        _write(visit, now, state=state, done_on=None, reference="")
    if duty is not None and duty.state == DutyState.DONE and duty.reference == reference:
        _write(duty, now, state=DutyState.OPEN, done_on=None, reference="")
    trail.note(visit or duty, changes={"state": (VisitState.DONE, "")})
