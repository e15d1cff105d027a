"""When a change can be looked at, and how much more it would take to tell: pure, without a database."""

from dataclasses import dataclass
from datetime import date
from math import ceil

from yaomai.insights.months import month_after

MOST_MONTHS = 60
"""More months than that are no answer: nobody waits for them."""


@dataclass(frozen=True, slots=True)
class Window:
    """The months that are compared, as their first days."""

    months: tuple[date, ...]
    since: int
    """How many of them lie before the change."""
    left_out: date | None
    """The month in which the change began on another day than its first: it is of neither side."""

    @property
    def after(self) -> int:
        return len(self.months) - self.since


def window(since: date, *, first: date, through: date, before: int, after: int) -> Window:
    """Return the months before and after a change.

    Args:
        first:    the first whole month of which there is sales flow.
        through:  the last whole month of which there is sales flow.
        before:   months before at most.
        after:    months after at most.
    """
    began = since.replace(day=1)
    left_out = began if since.day > 1 else None
    start = month_after(began, 1) if left_out else began
    earlier = [month_after(began, -back) for back in range(before, 0, -1)]
    later = [month_after(start, ahead) for ahead in range(after)]
    kept = [month for month in earlier if first <= month <= through]
    return Window((*kept, *(month for month in later if month <= through)), len(kept), left_out)


def first_answer(since: date) -> date:
    """Return the day from which one whole month after a change is over."""
    return month_after(since.replace(day=1), 1 if since.day == 1 else 2)


def months_needed(*, count: int, needed: int, before: int, after: int) -> int | None:
    """Return how many further months would settle it with the same customers; None when months alone would not.

    `needed` further customers say by how much the variance must shrink. What varies from month to month averages out
    over the months after; what the months before leave open stays. Months are taken as independent: a rough number.
    """
    if count < 1 or needed < 1 or before < 1 or after < 1:
        return None
    wanted = (1 / after + 1 / before) * count / (count + needed) - 1 / before
    if wanted <= 0:
        return None
    more = ceil(1 / wanted) - after
    return more if 0 < more <= MOST_MONTHS else None
