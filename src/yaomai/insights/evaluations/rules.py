"""Periods, when a figure is odd, and whether a re-check is better: pure, without a database."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

from yaomai.insights.months import month_after

MONTHS: Final[Mapping[str, int]] = {"month": 1, "quarter": 3, "year": 12}
YEAR: Final = 12
GOOD_WHEN: Final[Mapping[str, Literal["up", "down"]]] = {
    "purchases": "up", "visits": "up", "lost": "down", "satisfaction": "up", "needs": "down", "value": "up",
}  # fmt: skip
POINTS: Final = frozenset({"lost", "satisfaction"})
"""Figures that are compared by their difference; the others by their share."""
Verdict = Literal["better", "same", "worse", "unclear"]


@dataclass(frozen=True, slots=True)
class Span:
    """Days of a period, half-open."""

    begin: date
    end: date

    @property
    def months(self) -> int:
        """Return of how many months it is."""
        return (self.end.year - self.begin.year) * 12 + self.end.month - self.begin.month


def span_of(level: str, day: date) -> Span:
    """Return the month, quarter or year of a day.

    >>> span_of("quarter", date(2026, 11, 20))
    Span(begin=datetime.date(2026, 10, 1), end=datetime.date(2027, 1, 1))
    """
    months = MONTHS[level]
    begin = date(day.year, (day.month - 1) // months * months + 1, 1)
    return Span(begin, month_after(begin, months))


def shifted(span: Span, months: int) -> Span:
    """Return a period some months later or, below zero, earlier."""
    return Span(month_after(span.begin, months), month_after(span.end, months))


def compared(span: Span) -> tuple[Span, Span, Span]:
    """Return a period, the one before it and the same one last year; of a year the last two are one."""
    return span, shifted(span, -span.months), shifted(span, -YEAR)


def over_on(today: date) -> list[tuple[str, Span]]:
    """Return the periods that ended last before a day that are of its month: what the month's first days open.

    >>> [level for level, _span in over_on(date(2026, 10, 4))]
    ['month', 'quarter']
    """
    first = today.replace(day=1)
    found = [(level, span_of(level, month_after(first, -1))) for level in MONTHS]
    return [(level, span) for level, span in found if span.end == first]


def period_text(level: str, begin: date) -> str:
    """Return a period as it is written everywhere.

    >>> period_text("quarter", date(2026, 10, 1))
    '2026-Q4'
    """
    if level == "year":
        return f"{begin.year}"
    return f"{begin.year}-Q{(begin.month + 2) // 3}" if level == "quarter" else f"{begin:%Y-%m}"


def moved(measure: str, now: float | None, before: float | None) -> float | None:
    """Return by how much a figure moved: points of shares and of scores, otherwise a share; None where unknown.

    >>> moved("purchases", 80, 100), moved("lost", 0.05, 0.02), moved("visits", 1, 0)
    (-0.2, 0.03, None)
    """
    if now is None or before is None:
        return None
    if measure in POINTS:
        return round(now - before, 6)
    return round((now - before) / before, 6) if before > 0 else None


def worsened(measure: str, change: float | None) -> float | None:
    """Return by how much a figure got worse; below zero it got better."""
    if change is None:
        return None
    return -change if GOOD_WHEN[measure] == "up" else change


@dataclass(frozen=True, slots=True)
class Limits:
    """When a figure is odd: moved for the worse by `fall` against both comparisons, or beyond its goal."""

    fall: float
    goal: float | None = None
    fewest: int = 1


def is_odd(
    measure: str, now: float | None, before: float | None, year: float | None, *, customers: int, limits: Limits
) -> bool:
    """Tell whether somebody is to look at a figure.

    It got worse by the limit against the period before and, where it is known, against the same period last year, so
    that a season is no anomaly; or it misses its goal. Of fewer customers than the policy says nothing is told.
    """
    if now is None or customers < limits.fewest:
        return False
    if limits.goal is not None and (now < limits.goal if GOOD_WHEN[measure] == "up" else now > limits.goal):
        return True
    falls = [each for other in (before, year) if (each := worsened(measure, moved(measure, now, other))) is not None]
    return bool(falls) and min(falls) >= limits.fall


def verdict(
    measure: str,
    *,
    found: Mapping[str, float | None],
    again: Mapping[str, float | None],
    least: float,
    least_points: float,
) -> Verdict:
    """Tell whether a figure that was measured again is better.

    Where both times the same period of the year before is known, the moves against it are compared, so that a season
    neither helps nor harms; otherwise the figures themselves.
    """
    limit = least_points if measure in POINTS else least
    then = moved(measure, found.get("value"), found.get("year"))
    now = moved(measure, again.get("value"), again.get("year"))
    if then is not None and now is not None:
        gained = -(worsened(measure, now - then) or 0)
    else:
        change = worsened(measure, moved(measure, again.get("value"), found.get("value")))
        if change is None:
            return "unclear"
        gained = -change
    if abs(gained) < limit:
        return "same"
    return "better" if gained > 0 else "worse"
