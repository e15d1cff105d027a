"""Plan against execution: duties due, done in time, late, missed, by person, team, tier or activity; visits by day (C15, E10)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from django.db.models import Count, F, Q, QuerySet

from yaomai.planning import calling, rules
from yaomai.planning.models import Callback, DutyState, PlannedVisit, ServiceDuty, VisitState

BY: Final = {
    "owner": ("owner_id", "owner__name"),
    "tier": ("scheme", "tier"),
    "activity": ("activity", "activity"),
    "territory": ("institution__territory_id", "institution__territory__name"),
}
"""What compliance can be asked by: key and name."""


@dataclass(frozen=True, slots=True)
class Compliance:
    """Duties whose window ended in a period."""

    key: Any
    name: Any
    due: int
    on_time: int
    late: int
    missed: int
    overdue: int

    @property
    def rate(self) -> float | None:
        """Return how many of those due were done, late ones included; None without any."""
        return (self.on_time + self.late) / self.due if self.due else None


def compliance(rows: "QuerySet[ServiceDuty]", by: str, *, since: date, until: date, today: date) -> list[Compliance]:
    """Return compliance in view by something, the most due first: of duties whose window ended in a period, half-open."""
    key, name = BY[by]
    return [_of(found, key, name) for found in _counted(rows, since, until, today).values(key, name).annotate(
        due=Count("pk"), **_parts(today)
    ).order_by("-due", name)]  # fmt: skip


def total(rows: "QuerySet[ServiceDuty]", *, since: date, until: date, today: date) -> Compliance:
    """Return compliance of all of them."""
    found = _counted(rows, since, until, today).aggregate(due=Count("pk"), **_parts(today))
    return Compliance(None, None, found["due"], found["on_time"], found["late"], found["missed"], found["overdue"])


def _counted(rows: "QuerySet[ServiceDuty]", since: date, until: date, today: date) -> Any:
    ended = rows.filter(window_to__gt=since, window_to__lte=min(until, today)).exclude(state=DutyState.WAIVED)
    return ended.order_by()


def _parts(today: date) -> dict[str, Any]:
    done = Q(state=DutyState.DONE)
    return {
        "on_time": Count("pk", filter=done & Q(done_on__lt=F("window_to"))),
        "late": Count("pk", filter=done & Q(done_on__gte=F("window_to"))),
        "missed": Count("pk", filter=Q(state=DutyState.MISSED)),
        "overdue": Count("pk", filter=Q(state=DutyState.OPEN, window_to__lte=today)),
    }


def _of(found: dict[str, Any], key: str, name: str) -> Compliance:
    return Compliance(
        found[key], found[name], found["due"], found["on_time"], found["late"], found["missed"], found["overdue"]
    )


def reasons(rows: "QuerySet[ServiceDuty]", *, since: date, until: date) -> list[tuple[str, int]]:
    """Return why duties of a period were missed, the most frequent first; "" is not said yet."""
    missed = rows.filter(state=DutyState.MISSED, window_to__gt=since, window_to__lte=until)
    return list(missed.order_by().values_list("missed_reason").annotate(count=Count("pk")).order_by("-count"))


@dataclass(frozen=True, slots=True)
class Executed:
    """What a day or week planned, and what came of it."""

    since: date
    planned: int
    done: int
    missed: int
    unreported: int

    @property
    def rate(self) -> float | None:
        return self.done / self.planned if self.planned else None


def executed(
    visits: "QuerySet[PlannedVisit]", *, since: date, until: date, by_week: bool, today: date
) -> list[Executed]:
    """Return by day or week what was planned and done between two days, half-open; without what was called off."""
    counted = visits.filter(day__gte=since, day__lt=until).exclude(state=VisitState.CANCELLED).order_by()
    days = counted.values("day").annotate(
        planned=Count("pk"), done=Count("pk", filter=Q(state=VisitState.DONE)),
        missed=Count("pk", filter=Q(state=VisitState.MISSED)),
        unreported=Count("pk", filter=Q(state=VisitState.PLANNED, day__lt=today)),
    )  # fmt: skip
    found: dict[date, list[int]] = {}
    for row in map(dict[str, Any], days):
        day = row["day"]
        start = day - timedelta(days=day.weekday()) if by_week else day
        held = found.setdefault(start, [0, 0, 0, 0])
        for number, part in enumerate(("planned", "done", "missed", "unreported")):
            held[number] += row[part]
    return [Executed(start, *found[start]) for start in sorted(found)]


def quarter_of(day: date) -> tuple[date, date]:
    """Return the quarter of a day, half-open."""
    first = date(day.year, 3 * ((day.month - 1) // 3) + 1, 1)
    return first, rules.next_month(first, 3)


def callbacks(owners: Sequence[int], *, today: date) -> dict[int, int]:
    """Return how many callbacks people made in the month of a day (C14)."""
    first = today.replace(day=1)
    rows = Callback.unscoped.filter(person__in=owners, on__gte=first, on__lt=rules.next_month(first))
    return dict(calling.counted(rows).order_by().values_list("person").annotate(Count("pk")))
