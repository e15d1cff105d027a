"""Periods of whole months, and what they are compared with. Pure functions."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

KEPT: Final = 25
"""Months that are shown and kept, this one included: two years side by side."""


@dataclass(frozen=True, slots=True)
class Period:
    """`length` whole months that end with the last full one; 0 is this month so far, which is compared with nothing."""

    code: str
    label: Promise
    before: Promise
    """What it is compared with, in words."""
    length: int


PERIODS: Final = {
    each.code: each
    for each in (
        Period("quarter", _("Last 3 months"), _("the 3 months before"), 3),
        Period("month", _("Last month"), _("the month before"), 1),
        Period("year", _("Last 12 months"), _("the 12 months before"), 12),
        Period("current", _("This month so far"), _("nothing"), 0),
    )
}
DEFAULT: Final = "quarter"


def first_of(day: date, back: int = 0) -> date:
    """Return the first day of the month `back` months before that of a day."""
    at = day.year * 12 + day.month - 1 - back
    return date(at // 12, at % 12 + 1, 1)


def months(today: date) -> list[date]:
    """Return the first days of the months that are kept, oldest first, this month last."""
    return [first_of(today, back) for back in range(KEPT - 1, -1, -1)]


@dataclass(frozen=True, slots=True)
class Window:
    """The months of a period and those it is compared with, each from–to, both included; None where there is nothing."""

    now: tuple[date, date]
    before: tuple[date, date] | None
    year_ago: tuple[date, date] | None
    level_before: date | None
    """The month whose end a level is compared with."""


def window(period: Period, today: date) -> Window:
    """Return the months of a period on a day."""
    if not period.length:
        return Window((first_of(today), first_of(today)), None, None, first_of(today, 1))

    def back(months: int) -> tuple[date, date]:
        return first_of(today, period.length + months), first_of(today, 1 + months)

    return Window(back(0), back(period.length), back(12), first_of(today, period.length))


def within(month: date, span: tuple[date, date] | None) -> bool:
    """Tell whether a month lies in a span."""
    return span is not None and span[0] <= month <= span[1]


def length(span: Sequence[date]) -> int:
    """Return how many months a span has."""
    return (span[1].year - span[0].year) * 12 + span[1].month - span[0].month + 1
