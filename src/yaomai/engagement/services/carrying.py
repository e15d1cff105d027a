"""What a report carries out of the plan (C15): only a visit that counts does, and it is taken back when it no longer does."""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Q

from yaomai.customers.models import Professional
from yaomai.engagement.models import Visit
from yaomai.kit.access import current_actor
from yaomai.planning.models import Activity, DutyState, PlannedVisit, ServiceDuty, VisitState
from yaomai.planning.services import fulfil, unfulfil
from yaomai.planning.services.fulfilling import FulfilledOtherwise

VISITS = (
    Activity.ACADEMIC_VISIT, Activity.CORE_VISIT, Activity.FEEDBACK_VISIT, Activity.EXECUTIVE_VISIT, Activity.ACADEMIC_SERVICE,
)  # fmt: skip
"""What a report of a visit may carry out without a plan, the likeliest first."""


def plan_of(visit: Visit, people: Sequence[Professional]) -> PlannedVisit | ServiceDuty | None:
    """Return what was planned or owed that a visit carries out: with one of those met, else with the institution."""
    if visit.person_id is None:
        return None
    met = [person.pk for person in people]
    with_them = Q(professional__in=met) | Q(professional=None)

    def rank(row: PlannedVisit | ServiceDuty) -> tuple[int, int]:
        at = met.index(row.professional_id) if row.professional_id is not None else len(met)
        return at, VISITS.index(Activity(row.activity)) if row.activity in VISITS else len(VISITS)

    planned = PlannedVisit.unscoped.filter(
        with_them, owner=visit.person_id, institution=visit.institution_id, day=visit.on,
        state__in=(VisitState.PLANNED, VisitState.MISSED),
    ).order_by("starts_at", "pk")  # fmt: skip
    if found := sorted(planned[:50], key=rank):
        return found[0]
    owed = ServiceDuty.unscoped.filter(
        with_them, owner=visit.person_id, institution=visit.institution_id, activity__in=VISITS, state=DutyState.OPEN,
        window_from__lte=visit.on,
    ).order_by("window_to", "pk")  # fmt: skip
    return min(owed[:50], key=rank, default=None)


def carry_out(visit: Visit, *, now: datetime) -> None:
    """Mark plan and duty of a visit as done while it counts, and as open again when it does not."""
    row = visit.planned or visit.duty
    if row is None:
        return
    counts = visit.validity == Visit.Validity.VALID and visit.archived_at is None
    is_done = row.state == "done"
    reference = reference_of(visit)
    if counts and not is_done:
        try:
            fulfil(actor=current_actor(), planned_or_duty=row, on=visit.on, reference=reference, now=now)
        except FulfilledOtherwise:  # another report was first: this one stands beside it
            return
    elif not counts and is_done and row.reference == reference:
        unfulfil(actor=current_actor(), planned_or_duty=row, reference=reference, now=now)


_REFERENCE = "engagement.visit:"


def reference_of(visit: Visit) -> str:
    """Return how the plan names a visit."""
    return f"{_REFERENCE}{visit.pk}"


def number_of(reference: str) -> int | None:
    """Return the number of the visit that the plan names; None where it names something else."""
    return int(reference.removeprefix(_REFERENCE)) if reference.startswith(_REFERENCE) else None
