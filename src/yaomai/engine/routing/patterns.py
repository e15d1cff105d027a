"""The days of stops that need several, and their routes at once: ruin and recreate under simulated annealing.

Each step takes a few strings of neighbouring stops out of the plan, on all their days, and puts every stop back on the cheapest of its
combinations of days, after "slack induction by string removals" (Christiaens and Vanden Berghe, Transportation Science 2020),
carried over to several days.
"""

import math
import random
import time
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from .joint import Plan
from .problem import Instance

_AROUND: Final = 0.5
"""How often all stops around one are taken out, whatever their days, rather than strings of one day's routes."""
_WIDEST: Final = 10
_MEAN_REMOVED: Final = 4
"""Of strings, on average."""
_LONGEST_STRING: Final = 8
_MOST_KEPT: Final = 50_000
"""Routes whose figures are remembered."""
_OVERLOOKED: Final = 0.02
"""How often a cheaper combination is passed over, so that the search does not repeat itself."""
_HOT: Final = 2.5
"""The first temperature, in mean distances of a stop to its fifth neighbour."""
_COLD: Final = 0.02


_Route = tuple[int, ...]
_Held = tuple[NDArray[np.int64], NDArray[np.float64], float, int]


@dataclass(slots=True)
class _Day:
    """The routes of one day, and where a stop can go in between."""

    routes: list[_Route]
    ends: NDArray[np.int64]
    """Two rows: the stop before and the stop after each place."""
    limits: NDArray[np.float64]
    """Three rows: the distance now covered at each place, the capacity and the time that its route has left."""
    first: list[int]
    """Where each route begins among the places."""
    length: float


class _State:
    __slots__ = ("absent", "chosen", "cost", "days")

    def __init__(self, days: list[_Day], chosen: list[tuple[int, ...] | None], absent: list[int], cost: float) -> None:
        self.days = days
        self.chosen = chosen
        self.absent = absent
        self.cost = cost


class PatternSearch:
    """A search that can be asked to go on for some seconds, and be given a better plan in between."""

    def __init__(self, instance: Instance, seed: int) -> None:
        self._instance = instance
        self._random = random.Random(seed)  # noqa: S311 # the search needs speed and repetition, not secrets
        self._distances = instance.distances
        self._demands = [0, *(stop.demand for stop in instance.stops)]
        self._services = [0.0, *(stop.service for stop in instance.stops)]
        self._options = [(), *(stop.options for stop in instance.stops)]
        count = len(instance.stops)
        order = np.argsort(self._distances[1:, 1:], axis=1) + 1
        self._near = [[], *(row.tolist() for row in order)]
        rank = min(5, count - 1)
        self._unit = float(np.mean(np.sort(self._distances[1:, 1:], axis=1)[:, rank])) or 1.0
        self._absent_cost = 10 * float(self._distances.max()) + 1
        self._parts: dict[_Route, _Held] = {}
        self._is_limited = instance.longest != float("inf")
        stops = list(range(1, count + 1))
        empty = [self._day([]) for _ in range(instance.days)]
        self.current = _State(empty, [None] * (count + 1), stops, 0.0)
        self._recreate(self.current)
        self.best = self.current

    def run(self, begin: float, end: float, hot: float = _HOT) -> None:
        """Search from the moment `begin` until `end` (of `time.monotonic`), cooling down from `hot` in between."""
        unit, log, uniform = self._unit, math.log, self._random.random
        temperature, steps = hot * unit, 0
        while True:
            if steps % 16 == 0:
                passed = (time.monotonic() - begin) / max(1e-9, end - begin)
                if passed >= 1:
                    return
                temperature = unit * hot * (_COLD / hot) ** passed
            steps += 1
            trial = self._ruined()
            self._recreate(trial)
            if trial.cost < self.current.cost - temperature * log(uniform() or 1e-12):
                self.current = trial
                if trial.cost < self.best.cost - 1e-9:
                    self.best = trial

    def take(self, plan: Plan) -> None:
        """Go on from a plan, when it is better than the best."""
        chosen: list[tuple[int, ...] | None] = [None] * (len(self._instance.stops) + 1)
        found: dict[int, list[int]] = {}
        for day, routes in enumerate(plan):
            for route in routes:
                for stop in route:
                    found.setdefault(stop, []).append(day)
        for stop, days in found.items():
            chosen[stop] = tuple(sorted(days))
        state = _State([self._day(routes) for routes in plan], chosen, [], 0.0)
        state.cost = self._cost(state)
        if state.cost < self.best.cost - 1e-9:
            self.best = state
        self.current = self.best

    def plan(self) -> Plan:
        """Return the routes of the best plan by day."""
        return [[route for route in day.routes if route] for day in self.best.days]

    def chosen(self) -> list[tuple[int, ...] | None]:
        """Return the days chosen by stop; none for those that need one day only, which may still change it."""
        pairs = zip(self.best.chosen[1:], self._options[1:], strict=True)
        return [None if all(len(one) == 1 for one in options) else days for days, options in pairs]

    def _day(self, routes: Sequence[_Route]) -> _Day:
        held = [route for route in routes if route]
        if len(held) < self._instance.vehicles:
            held.append(())
        parts = [self._parts.get(route) or self._held(route) for route in held]
        first, places = [], 0
        for part in parts:
            first.append(places)
            places += part[3]
        return _Day(
            held,
            np.concatenate([part[0] for part in parts], axis=1),
            np.concatenate([part[1] for part in parts], axis=1),
            first,
            sum(part[2] for part in parts),
        )

    def _held(self, route: _Route) -> _Held:
        ends = np.array([(0, *route), (*route, 0)])
        base = self._distances[ends[0], ends[1]]
        length = float(base.sum())
        room = self._instance.capacity - sum(self._demands[stop] for stop in route)
        spare = self._instance.longest - length - sum(self._services[stop] for stop in route)
        count = len(route) + 1
        limits = np.stack([base, np.full(count, room), np.full(count, spare)])
        if len(self._parts) > _MOST_KEPT:
            self._parts.clear()
        self._parts[route] = found = (ends, limits, length, count)
        return found

    def _cost(self, state: _State) -> float:
        return sum(day.length for day in state.days) + self._absent_cost * len(state.absent)

    def _ruined(self) -> _State:
        current, draw = self.current, self._random
        removed = set(current.absent)
        seed = draw.randrange(1, len(self._near))
        if draw.random() < _AROUND:
            removed.update(self._near[seed][: 1 + int(draw.random() * _WIDEST)])
        else:
            self._strings(current.days[draw.randrange(len(current.days))], seed, removed)
        removed.add(seed)
        days = list(current.days)
        for index, held in enumerate(days):
            routes = [tuple([stop for stop in route if stop not in removed]) for route in held.routes]
            if routes != held.routes:
                days[index] = self._day(routes)
        chosen = list(current.chosen)
        for stop in removed:
            chosen[stop] = None
        return _State(days, chosen, list(removed), 0.0)

    def _strings(self, day: _Day, seed: int, removed: set[int]) -> None:
        draw = self._random
        target = len(removed) + 1 + int(draw.random() * 2 * _MEAN_REMOVED)
        touched: set[int] = set()
        for stop in (seed, *self._near[seed]):
            if len(removed) >= target:
                return
            for index, route in enumerate(day.routes):
                if index not in touched and stop not in removed and stop in route:
                    touched.add(index)
                    length = min(len(route), 1 + draw.randrange(_LONGEST_STRING))
                    at = route.index(stop)
                    begin = draw.randint(max(0, at - length + 1), min(at, len(route) - length))
                    removed.update(route[begin : begin + length])
                    break

    def _ordered(self, stops: list[int]) -> list[int]:
        draw = self._random
        draw.shuffle(stops)
        kind = draw.random()
        if kind < 0.35:
            stops.sort(key=lambda stop: -self._demands[stop] * len(self._options[stop][0]))
        elif kind < 0.5:
            stops.sort(key=lambda stop: -self._distances[0, stop])
        elif kind < 0.6:
            stops.sort(key=lambda stop: self._distances[0, stop])
        elif kind < 0.75:
            stops.sort(key=lambda stop: len(self._options[stop]))
        return stops

    def _recreate(self, state: _State) -> None:
        absent = []
        for stop in self._ordered(state.absent):
            wanted = {day for option in self._options[stop] for day in option}
            places = {day: self._cheapest(state.days[day], stop) for day in wanted}
            option = self._option(stop, places)
            if option is None:
                absent.append(stop)
                continue
            for day in option:
                self._insert(state, day, places[day][1], stop)
            state.chosen[stop] = option
        state.absent = absent
        state.cost = self._cost(state)

    def _option(self, stop: int, places: dict[int, tuple[float, int]]) -> tuple[int, ...] | None:
        best, chosen = float("inf"), None
        for option in self._options[stop]:
            cost = sum(places[day][0] for day in option)
            if cost < best and (chosen is None or self._random.random() > _OVERLOOKED):
                best, chosen = cost, option
        return chosen

    def _insert(self, state: _State, day: int, place: int, stop: int) -> None:
        held = state.days[day]
        index = bisect_right(held.first, place) - 1
        at, route = place - held.first[index], held.routes[index]
        routes = list(held.routes)
        routes[index] = (*route[:at], stop, *route[at:])
        state.days[day] = self._day(routes)

    def _cheapest(self, day: _Day, stop: int) -> tuple[float, int]:
        ways = self._distances[stop][day.ends]
        base, room, spare = day.limits
        added = ways[0] + ways[1] - base
        fits = room >= self._demands[stop]
        if self._is_limited:
            fits &= spare + 1e-9 >= added + self._services[stop]
        added = np.where(fits, added, np.inf)
        place = int(added.argmin())
        return float(added[place]), place
