"""The bound, and a first placement: duties to half-days as a flow of least cost, which is solved exactly.

The flow keeps availability, windows, and what half-days and days hold. It leaves out the least time between two visits of a customer
and counts of travel only what no plan avoids, so no plan has more points than it: that is the bound.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from .problem import Problem, Slot

_POINTS: Final = 10_000
"""Flows count in whole numbers: parts of a point."""


@dataclass(frozen=True)
class Placement:
    """Where the flow puts the duties, and its points."""

    slots: list[Slot | None]
    points: float


def place(problem: Problem, *, duties: list[int] | None = None, taken: dict[Slot, int] | None = None) -> Placement:
    """Place duties at most points.

    Args:
        problem: all of it.
        duties: only these; all when None.
        taken: by half-day, how many visits are there already.
    """
    taken = taken or {}
    chosen = list(range(len(problem.duties))) if duties is None else duties
    if not chosen:
        return Placement([], 0.0)
    slots = sorted({slot for index in chosen for slot in problem.duties[index].slots if slot in problem.open_slots})
    ids = {slot: len(chosen) + 1 + number for number, slot in enumerate(slots)}
    days = {day: len(chosen) + 1 + len(slots) + number for number, day in enumerate(sorted({s // 2 for s in slots}))}
    first_week = len(chosen) + 1 + len(slots) + len(days)
    weeks = {week: first_week + number for number, week in enumerate(sorted({problem.weeks[day] for day in days}))}
    sink = first_week + len(weeks)
    arcs: list[tuple[int, int, int, int]] = []
    unavoidable = _unavoidable(problem)
    for node, index in enumerate(chosen, start=1):
        duty = problem.duties[index]
        arcs.append((0, node, 1, 0))
        arcs.append((node, sink, 1, _cost(problem.aims.change if duty.agreed is not None else 0.0)))
        arcs.extend(
            (node, ids[slot], 1, _cost(unavoidable[duty.place] - problem.worth(duty, slot)))
            for slot in duty.slots
            if slot in ids
        )
    arcs.extend(_held(problem, ids, days, weeks, sink, taken))
    from ortools.graph.python.min_cost_flow import SimpleMinCostFlow  # loaded when a plan is computed

    flow = SimpleMinCostFlow()
    tails, heads, holds, costs = (np.array(column, dtype=np.int64) for column in zip(*arcs, strict=True))
    flow.add_arcs_with_capacity_and_unit_cost(tails.astype(np.int32), heads.astype(np.int32), holds, costs)
    flow.set_node_supply(0, len(chosen))
    flow.set_node_supply(sink, -len(chosen))
    status = flow.solve()
    assert status == flow.OPTIMAL, status
    of_node = {node: slot for slot, node in ids.items()}
    found: list[Slot | None] = [None] * len(chosen)
    flows = flow.flows(np.arange(len(arcs)))
    for arc, (tail, head, _, _) in enumerate(arcs):
        if flows[arc] and 0 < tail <= len(chosen) and head in of_node:
            found[tail - 1] = of_node[head]
    return Placement(found, -flow.optimal_cost() / _POINTS)


def _held(
    problem: Problem,
    ids: dict[Slot, int],
    days: dict[int, int],
    weeks: dict[int, int],
    sink: int,
    taken: dict[Slot, int],
) -> list[tuple[int, int, int, int]]:
    capacity = problem.capacity
    arcs = []
    for slot, node in ids.items():
        arcs.append((node, days[slot // 2], max(0, capacity.per_half - taken.get(slot, 0)), 0))
    used: dict[int, int] = {}
    for slot, count in taken.items():
        used[problem.weeks[slot // 2]] = used.get(problem.weeks[slot // 2], 0) + count
    for day, node in days.items():
        left = capacity.per_day - taken.get(2 * day, 0) - taken.get(2 * day + 1, 0)
        arcs.append((node, weeks[problem.weeks[day]], max(0, left), 0))
    for week, node in weeks.items():
        even = max(0, problem.week_limits.get(week, 0) - used.get(week, 0))
        arcs.append((node, sink, even, 0))
        arcs.append((node, sink, 14 * capacity.per_day, _cost(problem.aims.crowded)))
    return arcs


def _unavoidable(problem: Problem) -> list[float]:
    """Return by place the points of travel that each of its visits costs at least.

    Two things hold for every day's tour. It goes to the farthest of its places and back, and so at least as far as its visits are away on
    average: a visit costs two ways from home, shared by as many visits as a day holds. And it has two ways at every place, each
    shared with a neighbour: a place costs at least the way to whatever is nearest, shared by the visits there. The dearer of
    the two is taken, for all visits alike.
    """
    there: dict[int, set[str]] = {}
    for duty in problem.duties:
        there.setdefault(duty.place, set()).add(duty.customer)
    most = problem.capacity.per_day
    places = range(len(problem.places))
    far = [2 * problem.distances[0][place + 1] / most for place in places]
    near = [problem.nearest[place + 1] / max(1, min(most, len(there.get(place, ())))) for place in places]
    totals = [sum(costs[duty.place] for duty in problem.duties) for costs in (far, near)]
    chosen = far if totals[0] >= totals[1] else near
    return [problem.aims.travel_hour * problem.hours(kilometres) for kilometres in chosen]


def _cost(points: float) -> int:
    return round(points * _POINTS)
