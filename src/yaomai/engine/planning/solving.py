"""A year of one person within seconds: bound and first placement by flow, then made better by annealing."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from .annealing import Annealing
from .filling import by_value, filled
from .flow import Placement, place
from .plan import Plan
from .problem import Problem

_MOVES: Final = 400
"""Moves tried for each duty, where the time is enough."""
_FEWEST: Final = 20_000
_ROUNDS: Final = 100
"""How many times on the way it cools, is told how far it is, and may be stopped."""


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
    seed: int = 1,
    on_progress: Callable[[Progress], None] = lambda _: None,
    is_stopped: Callable[[], bool] = lambda: False,
) -> Solved:
    """Plan the duties of one person.

    Args:
        problem: the duties and what holds.
        seconds: after so long the best plan so far is returned; where they are short it cools the faster.
        near: a gap that is small enough to stop earlier.
        seed: where chance begins.
        on_progress: told as it goes on.
        is_stopped: asked as it goes on; the best plan so far is returned.
    """
    begun = time.monotonic()
    first = place(problem)
    annealing = Annealing(_first_plan(problem, first), seed=seed)

    def progress(plan: Plan) -> Progress:
        return Progress(time.monotonic() - begun, plan.points(), first.points, plan.placed, len(problem.duties))

    now = progress(annealing.best)
    on_progress(now)
    moves = max(_FEWEST, _MOVES * len(problem.duties)) // _ROUNDS
    done = 0.0
    while done < 1 and now.gap > near and not is_stopped():
        before = time.monotonic()
        annealing.run(moves, annealing.cool(annealing.heat, done))
        left = seconds - (time.monotonic() - begun)
        took = time.monotonic() - before
        # What remains of the way is gone in the rounds that the time is enough for.
        done = 1.0 if left < took else done + max(1 / _ROUNDS, (1 - done) * took / left)
        now = progress(annealing.best)
        on_progress(now)
    plan = filled(annealing.best, by_value(annealing.best))
    return Solved(plan, progress(plan))


def _first_plan(problem: Problem, placement: Placement) -> Plan:
    plan = Plan.empty(problem)
    placed = plan.with_slots(placement.slots or [None] * len(problem.duties)).trimmed()
    tried = (filled(placed, by_value(placed)), filled(plan, by_value(plan)))
    return max(tried, key=Plan.points)
