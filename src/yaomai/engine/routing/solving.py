"""Routes of an instance within a given time, by several searches side by side."""

import os
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context

from .joint import Joint, Plan
from .patterns import PatternSearch
from .problem import Instance, RoutingProblem

_SHARE_OF_PATTERNS = 0.88
"""Of the time, when days and routes are both open; the rest shortens the routes of the days found."""


@dataclass(frozen=True)
class Routing:
    """What was found."""

    instance: Instance
    plan: Plan
    seconds: float

    @property
    def cost(self) -> float:
        """Return the distance of all routes, unrounded."""
        return sum(self.length(route) for day in self.plan for route in day)

    @property
    def vehicles(self) -> int:
        """Return how many vehicles the busiest day needs."""
        return max((len(day) for day in self.plan), default=0)

    def length(self, route: tuple[int, ...]) -> float:
        """Return the distance of one route from the depot and back."""
        distances = self.instance.distances
        return float(sum(distances[one, other] for one, other in zip((0, *route), (*route, 0), strict=True)))

    def as_dict(self) -> dict[str, object]:
        """Lay it out as JSON: days and routes from 1, stops as numbered in the file."""
        stops = self.instance.stops
        return {
            "instance": self.instance.name,
            "cost": self.cost,
            "vehicles": self.vehicles,
            "routes": sum(len(day) for day in self.plan),
            "seconds": round(self.seconds, 2),
            "days": [
                {
                    "day": number,
                    "distance": sum(self.length(route) for route in day),
                    "routes": [
                        {
                            "stops": list(route),
                            "distance": self.length(route),
                            "load": sum(stops[stop - 1].demand for stop in route),
                        }
                        for route in day
                    ],
                }
                for number, day in enumerate(self.plan, start=1)
            ],
        }


def solve_routing(instance: Instance, *, seconds: float, seed: int = 1, workers: int | None = None) -> Routing:
    """Find short routes: the sum of distances is made small, unrounded; vehicles within the number given.

    Where every stop needs one day only, all days are one problem for PyVRP. Where stops need combinations of days, days and routes
    are searched together (`patterns`) and the routes are then shortened by PyVRP. `workers` searches run side by side in
    processes of their own with seeds from `seed`; the best counts. Two by default, fewer on fewer processors.

    Raises:
        RoutingProblem: nothing feasible was found in time.
    """
    begun = time.monotonic()
    count = workers or min(2, os.cpu_count() or 1)
    if count == 1:
        found = [_search(instance, seconds, seed)]
    else:
        with ProcessPoolExecutor(count, mp_context=get_context("spawn")) as pool:
            left = [pool.submit(_search, instance, seconds, seed + index, time.time()) for index in range(count)]
            found = [one.result() for one in left]
    plans = [plan for plan in found if isinstance(plan, list)]
    passed = time.monotonic() - begun
    if not plans:
        raise RoutingProblem("unserved", customers=min(one for one in found if isinstance(one, int)))
    return min((Routing(instance, plan, passed) for plan in plans), key=lambda one: one.cost)


def _search(instance: Instance, seconds: float, seed: int, asked_at: float | None = None) -> Plan | int:
    """Return a plan, or how many stops found no place. The time that the process took to start is part of `seconds`."""
    begin = time.monotonic() - max(0.0, time.time() - asked_at if asked_at is not None else 0.0)
    end = begin + seconds
    if instance.is_interchangeable:
        plan = Joint(instance, [None] * len(instance.stops)).solve(end - time.monotonic(), seed)
        return len(instance.stops) if plan is None else plan
    search = PatternSearch(instance, seed)
    search.run(begin, begin + seconds * _SHARE_OF_PATTERNS)
    if search.best.absent:
        return len(search.best.absent)
    shorter = Joint(instance, search.chosen()).solve(end - time.monotonic(), seed, search.plan())
    if shorter is not None:
        search.take(shorter)
    return search.plan()
