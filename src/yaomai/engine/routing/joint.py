"""Routes of all days in one go, once it is known on which day each visit falls: PyVRP does it.

A day is a stretch of time: its vehicles and the visits fixed to it share a window that no other day touches, so that one model
holds all days, and stops that need one day only may still change it.
"""

import warnings
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from pyvrp import Client, ClientGroup, Depot, Location, ProblemData, Route, Solution, VehicleType, solve
from pyvrp.exceptions import PenaltyBoundWarning
from pyvrp.stop import MaxRuntime

from .problem import Instance

SCALE: Final = 10_000
"""PyVRP counts in whole numbers: distances are held to the ten-thousandth."""

Plan = list[list[tuple[int, ...]]]
"""By day, the routes as indices of stops from 1 (0 is the depot)."""


class Joint:
    """The visits of an instance with the days of every stop that needs several already chosen."""

    def __init__(self, instance: Instance, chosen: Sequence[tuple[int, ...] | None]) -> None:
        self.instance = instance
        self._long = self._day_length()
        self._clients: list[tuple[int, int | None]] = []
        """What each client means: a stop and, when only that day is meant, a day."""
        self._groups: list[ClientGroup] = []
        self.data = self._data(chosen)

    def solve(self, seconds: float, seed: int, start: Plan | None = None) -> Plan | None:
        """Search for the shortest routes; None when nothing feasible was found."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", PenaltyBoundWarning)  # what stays infeasible is said by returning None
            return self._solve(seconds, seed, start)

    def _solve(self, seconds: float, seed: int, start: Plan | None) -> Plan | None:
        result = solve(
            self.data,
            MaxRuntime(max(0.05, seconds)),
            seed=seed,
            collect_stats=False,
            display=False,
            initial_solution=self._solution(start) if start else None,
        )
        return self._plan(result.best) if result.is_feasible() else None

    def _day_length(self) -> int:
        """Return longer than any day can last, so that days never touch."""
        instance = self.instance
        if instance.depot.due != float("inf"):
            return self._scaled(instance.depot.due) + 1
        service = sum(stop.service for stop in instance.stops)
        return self._scaled(service + 2 * float(instance.distances[0].sum()) + 1)

    def _scaled(self, value: float) -> int:
        return round(value * SCALE)

    def _data(self, chosen: Sequence[tuple[int, ...] | None]) -> ProblemData:
        instance = self.instance
        places = [Location(round(one.x * SCALE), round(one.y * SCALE)) for one in (instance.depot, *instance.stops)]
        matrix: Any = np.rint(instance.distances * SCALE).astype(np.int64)
        clients = [client for index in range(len(instance.stops)) for client in self._of_stop(index, chosen[index])]
        vehicles = [self._vehicle(day) for day in range(instance.days)]
        durations = matrix if instance.days > 1 or self._is_timed else np.zeros_like(matrix)
        return ProblemData(places, clients, [Depot(0)], vehicles, [matrix], [durations], self._groups)

    @property
    def _is_timed(self) -> bool:
        return self.instance.has_windows or self.instance.longest != float("inf")

    def _of_stop(self, index: int, chosen: tuple[int, ...] | None) -> list[Client]:
        stop = self.instance.stops[index]
        if chosen is not None:
            return [self._client(index, day, None) for day in chosen]
        days = sorted(day for (day,) in stop.options)
        if days == list(range(self.instance.days)) and (stop.due == float("inf") or len(days) == 1):
            return [self._client(index, None, None)]
        group = len(self._groups)
        self._groups.append(ClientGroup())
        found = []
        for day in days:
            self._groups[group].add_client(len(self._clients))
            found.append(self._client(index, day, group))
        return found

    def _client(self, index: int, day: int | None, group: int | None) -> Client:
        stop = self.instance.stops[index]
        self._clients.append((index, day))
        begin, end = (
            (0, self._long * self.instance.days) if day is None else (day * self._long, (day + 1) * self._long - 1)
        )
        if stop.due != float("inf"):
            begin, end = begin + self._scaled(stop.ready), begin + self._scaled(stop.due)
        return Client(
            location=index + 1,
            delivery=[stop.demand],
            service_duration=self._scaled(stop.service),
            tw_early=begin,
            tw_late=end,
            required=group is None,
            group=group,
        )

    def _vehicle(self, day: int) -> VehicleType:
        longest = self.instance.longest
        due = self.instance.depot.due
        end = (day + 1) * self._long - 1 if due == float("inf") else day * self._long + self._scaled(due)
        return VehicleType(
            num_available=self.instance.vehicles,
            capacity=[self.instance.capacity],
            tw_early=day * self._long + self._scaled(self.instance.depot.ready),
            tw_late=end,
            shift_duration=np.iinfo(np.int64).max if longest == float("inf") else int(longest * SCALE),
        )

    def _plan(self, solution: Solution) -> Plan:
        plan: Plan = [[] for _ in range(self.instance.days)]
        for route in solution.routes():
            visits = tuple(self._clients[activity.idx][0] + 1 for activity in route if activity.is_client())
            if visits:
                plan[route.vehicle_type()].append(visits)
        return plan

    def _solution(self, plan: Plan) -> Solution:
        known = {meant: client for client, meant in enumerate(self._clients)}
        routes = []
        for day, held in enumerate(plan):
            for visits in held:
                clients = [known.get((stop - 1, day), known.get((stop - 1, None))) for stop in visits]
                routes.append(Route(self.data, [one for one in clients if one is not None], day))
        return Solution(self.data, routes)
