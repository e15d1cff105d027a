"""What follows from dates and stages alone. Pure functions; no Django."""

from collections.abc import Sequence
from datetime import date

STAGES: Sequence[str] = ("application", "department", "pharmacy", "committee", "purchasing", "insurance")
"""The path in its order (A5)."""

Period = tuple[date, date | None]


def overlap(first: Period, second: Period) -> bool:
    """Tell whether two half-open periods share a day.

    >>> overlap((date(2026, 1, 1), date(2026, 6, 1)), (date(2026, 6, 1), None))
    False
    """
    return (first[1] is None or second[0] < first[1]) and (second[1] is None or first[0] < second[1])


def stages_from(stage: str) -> Sequence[str]:
    """Return the stage and those after it.

    >>> stages_from("purchasing")
    ('purchasing', 'insurance')
    """
    return STAGES[STAGES.index(stage) :]


def is_forward(stage: str, target: str) -> bool:
    """Tell whether a target lies behind a stage on the path; stages may be skipped."""
    return STAGES.index(target) > STAGES.index(stage)


def is_before_decision(stage: str) -> bool:
    """Tell whether the committee has still to decide: later its next meeting says nothing of the process.

    >>> is_before_decision("committee"), is_before_decision("purchasing")
    (True, False)
    """
    return STAGES.index(stage) <= STAGES.index("committee")
