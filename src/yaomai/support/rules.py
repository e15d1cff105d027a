"""When a request is due, when its steps of escalation are, and which request comes first. Pure functions."""

from datetime import datetime, timedelta
from typing import Final

OVERDUE, FIRST, SOON, LATER = "overdue", "first", "soon", "later"
GROUPS: Final = (OVERDUE, FIRST, SOON, LATER)


def group(*, due_at: datetime, is_first: bool, now: datetime, soon_hours: float) -> str:
    """Return where a request stands in the queue: overdue, served first (C12), running out, or later."""
    if due_at <= now:
        return OVERDUE
    if is_first:
        return FIRST
    return SOON if due_at <= now + timedelta(hours=soon_hours) else LATER


def step_at(*, due_at: datetime, hours: int, percent: int) -> datetime:
    """Return when so many per cent of the hours that end at `due_at` have passed."""
    return due_at + timedelta(hours=hours) * (percent - 100) / 100


def hours_of(kind: int, tiers: list[int]) -> int:
    """Return how many hours hold: the fewest of the kind's and those of the tiers."""
    return min([kind, *tiers])
