"""What breaks when a visit is put on a half-day: asked for every cell of the calendar at once, and again when it is moved."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yaomai.kit.phrases import Text
from yaomai.kit.policies.selectors import policy_on
from yaomai.planning import problems
from yaomai.planning.models import Absence, PlannedVisit, VisitState
from yaomai.planning.policies import CadencePolicy, DayPolicy
from yaomai.workdays import is_workday

OBSTACLES: Final[Mapping[str, Text]] = {
    "not_permitted": gettext_lazy("Filing or consent does not allow a visit there"),
    "away": gettext_lazy("The customer is away"),
    "closed": gettext_lazy("The institution receives nobody"),
    "visiting": gettext_lazy("The hospital does not receive representatives then"),
    "surgery": gettext_lazy("The customer is in surgery"),
    "rounds": gettext_lazy("The customer has rounds or a department meeting"),
    "clinic": gettext_lazy("The customer has no clinic then"),
    "colleague": gettext_lazy("A colleague is with the same customer"),
}
"""What the engine calls the reasons against a half-day, in words."""


def breaks(visit: PlannedVisit, days: Sequence[date], *, today: date) -> dict[tuple[date, int], list[str]]:
    """Return by day and half what would break if the visit were there; an empty list is a free half-day."""
    policy, _version = policy_on(DayPolicy, on=today)
    begins_on, ends_on = min(days), max(days) + timedelta(days=1)
    out = problems.Out.of(visit.owner_id, [visit], begins_on, ends_on, list(days), policy)
    own = problems.halves_away(Absence.unscoped.filter(person=visit.owner_id, archived_at=None), list(days), policy)
    others = list(
        PlannedVisit.unscoped.filter(
            owner=visit.owner_id, state=VisitState.PLANNED, day__gte=begins_on - timedelta(days=60),
            day__lt=ends_on + timedelta(days=60),
        ).exclude(pk=visit.pk).values_list("day", "starts_at", "institution_id", "professional_id", "activity")
    )  # fmt: skip
    held: dict[tuple[date, int], int] = {}
    same: list[date] = []
    for day, starts_at, place, who, activity in others:
        half = problems.half_of(starts_at, policy)
        held[day, half] = held.get((day, half), 0) + 1
        if (place, who, activity) == (visit.institution_id, visit.professional_id, visit.activity):
            same.append(day)
    gap = _gap(visit, policy)
    found: dict[tuple[date, int], list[str]] = {}
    for day in days:
        for half in (0, 1):
            if day < today:
                found[day, half] = [_("The day is past")]
                continue
            obstacle = out.obstacle(visit, day, half)
            told = (
                (not is_workday(day), _("A day off")),
                ((day, half) in own, _("Own leave or meetings")),
                (obstacle is not None, str(OBSTACLES[obstacle]) if obstacle else ""),
                (_is_full(held, day, half, policy), _("The day holds no more visits")),
                (_is_outside(visit, day), _("Outside the window of the duty")),
                (any(abs((day - each).days) < gap for each in same), _("Too close to another visit of this kind")),
            )
            found[day, half] = [words for breaks_here, words in told if breaks_here]
    return found


def _is_full(held: Mapping[tuple[date, int], int], day: date, half: int, policy: DayPolicy) -> bool:
    of_day = held.get((day, 0), 0) + held.get((day, 1), 0)
    return held.get((day, half), 0) >= policy.visits_per_half or of_day >= policy.visits


def _is_outside(visit: PlannedVisit, day: date) -> bool:
    return visit.duty is not None and not visit.duty.window_from <= day < visit.duty.window_to


def _gap(visit: PlannedVisit, policy: DayPolicy) -> int:
    duty = visit.duty
    return int(float(policy.spacing) * (duty.window_to - duty.window_from).days) if duty is not None else 0


def free_time(visit: PlannedVisit, day: date, half: int, *, today: date) -> tuple[time, time] | None:
    """Return the first free time of a half-day that is long enough; None when its visits fill it."""
    policy, _version = policy_on(DayPolicy, on=today)
    cadences, _version = policy_on(CadencePolicy, on=today)
    duty = visit.duty
    length = cadences.minutes(visit.activity, scheme=duty.scheme if duty else "", tier=duty.tier if duty else "")
    opens, closes = (
        (policy.morning_from, policy.morning_to) if half == 0 else (policy.afternoon_from, policy.afternoon_to)
    )
    busy = sorted(
        (starts_at, ends_at or _later(starts_at, length))
        for starts_at, ends_at in PlannedVisit.unscoped.filter(owner=visit.owner_id, day=day, state=VisitState.PLANNED)
        .exclude(pk=visit.pk).values_list("starts_at", "ends_at")
        if starts_at is not None
    )  # fmt: skip
    begins = problems.clock(opens)
    for since, until in busy:
        if _later(begins, length) <= since:
            break
        begins = max(begins, until)
    ends = _later(begins, length)
    return (begins, ends) if begins < ends <= problems.clock(closes) else None


def _later(moment: time, minutes: int) -> time:
    return (datetime.combine(date.min, moment) + timedelta(minutes=minutes)).time()
