"""After a disturbance: what fell out finds another place, and as little as possible of the rest moves."""

import time
from dataclasses import dataclass, replace

from .filling import by_value, filled
from .plan import Plan
from .problem import Problem, Slot

_DAYS_AHEAD = 25


@dataclass(frozen=True)
class Move:
    """A duty that changes its half-day; None is no place."""

    duty: int
    before: Slot | None
    after: Slot | None


@dataclass(frozen=True)
class Replanned:
    """The plan after a disturbance, and what moves in it."""

    plan: Plan
    moves: tuple[Move, ...]
    forced: frozenset[int]
    """Duties that could not stay where they were."""

    @property
    def others(self) -> int:
        """Return how many visits moved that could have stayed."""
        return sum(move.duty not in self.forced and move.before is not None for move in self.moves)


def replan(
    problem: Problem,
    before: list[Slot | None],
    *,
    first_day: int,
    seconds: float = 1.5,
    most_moved: float = 0.1,
    seed: int = 1,
) -> Replanned:
    """Plan again from a day on.

    Args:
        problem: as it is now: what is closed, away or new is already in it.
        before: the half-days agreed, by duty.
        first_day: the index of the first day that may change.
        seconds: how long at most.
        most_moved: the part of the other visits of the next weeks that may move.
        seed: where chance begins.
    """
    from .improving import Stretch  # its library takes 50 MB, which every process would hold

    begun = time.monotonic()
    agreed = replace(
        problem,
        duties=tuple(replace(duty, agreed=slot) for duty, slot in zip(problem.duties, before, strict=True)),
    )
    stays = _still_valid(agreed, before, first_day)
    forced = frozenset(index for index, slot in enumerate(before) if slot is not None and stays[index] is None)
    plan = Plan.empty(agreed).with_slots(stays)
    plan = _filled(plan, first_day)
    if any(slot is None for index, slot in enumerate(plan.slots) if index in forced or before[index] is None):
        window = range(first_day, min(len(agreed.days), first_day + _DAYS_AHEAD))
        others = [
            index
            for index, slot in enumerate(stays)
            if slot is not None and slot // 2 in window and before[index] == slot
        ]
        left = seconds - (time.monotonic() - begun)
        # Visits that found their new place already may move again without counting as moved.
        tried = Stretch(plan, window, most_moved=(others, int(most_moved * len(others)))).solve(left, seed=seed)
        if tried is not None and tried.points() > plan.points() + 1e-6 and not tried.broken():
            plan = tried
    moves = tuple(
        Move(index, old, new) for index, (old, new) in enumerate(zip(before, plan.slots, strict=True)) if old != new
    )
    return Replanned(plan, moves, forced)


def _still_valid(problem: Problem, before: list[Slot | None], first_day: int) -> list[Slot | None]:
    """Leave what is past, and what is still possible; take out what is not."""
    stays: list[Slot | None] = [
        slot if slot is None or slot // 2 < first_day or (slot in duty.slots and slot in problem.open_slots) else None
        for duty, slot in zip(problem.duties, before, strict=True)
    ]
    return Plan.empty(problem).with_slots(stays).trimmed().slots


def _filled(plan: Plan, first_day: int) -> Plan:
    """Put what has no place where there is room, moving nothing."""
    return filled(plan, [(index, [s for s in slots if s // 2 >= first_day]) for index, slots in by_value(plan)])
