"""A year of one person within seconds: bound and first placement by flow, then stretch after stretch made better."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

from .filling import by_value, filled
from .flow import Placement, place
from .plan import Plan
from .problem import Problem

_DAYS: Final = (10, 6)
"""Working days of a stretch, one length after the other."""


@dataclass(frozen=True)
class Progress:
    """How far a plan is, and how far from its bound."""

    seconds: float
    points: float
    bound: float
    placed: int
    duties: int

    @property
    def gap(self) -> float:
        """Return how far the points are below the bound, in parts of it."""
        return 0.0 if self.bound <= 0 else max(0.0, (self.bound - self.points) / self.bound)


@dataclass(frozen=True)
class Solved:
    """The best plan found."""

    plan: Plan
    progress: Progress


def solve_plan(
    problem: Problem,
    *,
    seconds: float = 20.0,
    near: float = 0.005,
    workers: int = 2,
    seed: int = 1,
    on_progress: Callable[[Progress], None] = lambda _: None,
    is_stopped: Callable[[], bool] = lambda: False,
) -> Solved:
    """Plan the duties of one person.

    Args:
        problem: the duties and what holds.
        seconds: after so long the best plan so far is returned.
        near: a gap that is small enough to stop earlier.
        workers: stretches solved side by side.
        seed: where chance begins.
        on_progress: told after each stretch.
        is_stopped: asked before each stretch; the best plan so far is returned.
    """
    from .improving import Stretch  # its library takes 50 MB, which every process would hold

    begun = time.monotonic()
    first = place(problem)
    best = _first_plan(problem, first)
    points, idle, step = best.points(), 0, 0
    stretches = _stretches(len(problem.days))

    def progress() -> Progress:

        return Progress(time.monotonic() - begun, points, first.points, best.placed, len(problem.duties))

    on_progress(progress())
    with ThreadPoolExecutor(max(1, workers)) as pool:
        while idle < 2 * len(stretches) and progress().gap > near and not is_stopped():
            left = seconds - (time.monotonic() - begun)
            if left <= 0.05:
                break
            asked = [
                pool.submit(Stretch(best, days).solve, left, workers=1, seed=seed + step)
                for days in _apart(stretches, step, max(1, workers))
            ]
            step += 1
            solved = [_refilled(plan) for plan in (one.result() for one in asked) if plan is not None]
            better = max([best, *solved, _refilled(_together(best, solved))], key=Plan.points)
            found = better.points()
            if found > points + 1e-6:
                best, points, idle = better, found, 0
            else:
                idle += 1
            on_progress(progress())
    return Solved(best, progress())


def _first_plan(problem: Problem, placement: Placement) -> Plan:
    plan = Plan.empty(problem)
    placed = plan.with_slots(placement.slots or [None] * len(problem.duties)).trimmed()
    tried = (filled(placed, by_value(placed)), filled(plan, by_value(plan)))
    return max(tried, key=Plan.points)


def _refilled(plan: Plan) -> Plan:
    """Put what a stretch left out, or a day turned out not to hold, where there is room."""
    return filled(plan, by_value(plan))


def _stretches(days: int) -> list[range]:
    """Return stretches over all days, then again moved by half a stretch, so that every edge is once in the middle."""
    return [
        range(start, min(days, start + length))
        for length in _DAYS
        for begin in (0, length // 2)
        for start in range(begin, days, length)
    ]


def _apart(stretches: list[range], step: int, count: int) -> list[range]:
    """Return the stretches of a step: far from each other, none of them sharing a day."""
    found: list[range] = []
    for number in range(count):
        days = stretches[(step + number * len(stretches) // (2 * count)) % len(stretches)]
        if all(days.stop <= one.start or one.stop <= days.start for one in found):
            found.append(days)
    return found


def _together(best: Plan, solved: list[Plan]) -> Plan:
    """Return the changes of all in one plan; where two placed the same duty, the first one counts."""
    slots = list(best.slots)
    for plan in solved:
        for index, (before, after) in enumerate(zip(best.slots, plan.slots, strict=True)):
            if after != before and slots[index] == before:
                slots[index] = after
    return best.with_slots(slots).trimmed()
