"""What follows from stages and criteria alone. Pure functions; no Django."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

STAGES: Sequence[str] = ("identification", "tiering", "needs", "communication", "cooperation")
"""The five stages in their order (F1)."""


@dataclass(frozen=True, slots=True)
class Check:
    """A criterion beside what there is: `value` is None where the reader may not see it."""

    measure: str
    at_least: Decimal
    is_required: bool
    value: Decimal | None

    @property
    def is_met(self) -> bool:
        return self.value is None or self.value >= self.at_least


def is_forward(stage: str, target: str) -> bool:
    """Tell whether a target lies behind a stage.

    >>> is_forward("needs", "tiering")
    False
    """
    return STAGES.index(target) > STAGES.index(stage)


def stages_left(stage: str, target: str) -> Sequence[str]:
    """Return the stages that a move leaves behind, whose criteria must be met; none on the way back.

    >>> stages_left("identification", "needs")
    ('identification', 'tiering')
    """
    return STAGES[STAGES.index(stage) : max(STAGES.index(target), STAGES.index(stage))]


def neighbour(stage: str, step: int) -> str:
    """Return the stage a number of steps away, "" beyond either end."""
    place = STAGES.index(stage) + step
    return STAGES[place] if 0 <= place < len(STAGES) else ""


def checks(criteria: Iterable[tuple[str, Decimal, bool]], numbers: Mapping[str, float | None]) -> tuple[Check, ...]:
    """Lay criteria (measure, at least, is required) beside the numbers of one customer; without a number it has none.

    A measure that no room declares any more is absent from `numbers` and is left out: nobody could ever meet it.
    """
    return tuple(
        Check(measure, at_least, is_required, _decimal(numbers[measure]))
        for measure, at_least, is_required in criteria
        if measure in numbers
    )


def _decimal(value: float | None) -> Decimal | None:
    return None if value is None else Decimal(str(value))


def missing(found: Iterable[Check], *, required_only: bool = False) -> list[Check]:
    """Return the checks that are not met."""
    return [check for check in found if not check.is_met and (check.is_required or not required_only)]


def is_stalled(since: date, limit_days: int, today: date) -> bool:
    """Tell whether an account has been in its stage for longer than the policy allows; 0 days never stall.

    >>> is_stalled(date(2026, 1, 1), 30, date(2026, 1, 31)), is_stalled(date(2026, 1, 1), 30, date(2026, 2, 1))
    (False, True)
    """
    return limit_days > 0 and (today - since).days > limit_days
