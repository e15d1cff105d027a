"""The ways of one day: from home through the places of the morning and of the afternoon, and home; the shortest, exactly.

A day holds so few places that trying all orders (Held and Karp's dynamic programme) is exact and faster than any search.
"""

from dataclasses import dataclass
from functools import lru_cache

from .problem import AFTERNOON, MORNING, Problem

_HOME = 0
_Reached = dict[tuple[int, int], tuple[float, tuple[int, ...]]]
"""By the places seen, as bits, and the last of them: the shortest length and its order."""


@dataclass(frozen=True)
class Tour:
    """The order of a day: places by index, kilometres of the halves. The way home is the afternoon's, also after a morning only."""

    morning: tuple[int, ...]
    afternoon: tuple[int, ...]
    lengths: tuple[float, float]

    @property
    def length(self) -> float:
        """Return the kilometres of the day."""
        return sum(self.lengths)


class Tours:
    """The tours of a problem, remembered by the places they go through."""

    def __init__(self, problem: Problem) -> None:
        self._distances = problem.distances
        self.of = lru_cache(maxsize=200_000)(self._shortest)

    def _shortest(self, morning: frozenset[int], afternoon: frozenset[int]) -> Tour:
        if not morning and not afternoon:
            return Tour((), (), (0.0, 0.0))
        starts = self._paths(_HOME, morning) if morning else {_HOME: (0.0, ())}
        best: Tour | None = None
        for last, (before, order) in starts.items():
            after, rest = self._homewards(last, afternoon)
            if best is None or before + after < best.length - 1e-9:
                best = Tour(tuple(one - 1 for one in order), tuple(one - 1 for one in rest), (before, after))
        assert best is not None
        return best

    def _homewards(self, start: int, places: frozenset[int]) -> tuple[float, tuple[int, ...]]:
        if not places:
            return self._distances[start][_HOME], ()
        ends = self._paths(start, places)
        last = min(ends, key=lambda one: (ends[one][0] + self._distances[one][_HOME], one))
        return ends[last][0] + self._distances[last][_HOME], ends[last][1]

    def _paths(self, start: int, places: frozenset[int]) -> dict[int, tuple[float, tuple[int, ...]]]:
        """Return by last place the shortest path from `start` through all places."""
        spots = sorted(one + 1 for one in places)
        reached: _Reached = {
            (1 << index, index): (self._distances[start][spot], (spot,)) for index, spot in enumerate(spots)
        }
        for _ in range(len(spots) - 1):
            longer: _Reached = {}
            for (seen, last), (length, order) in reached.items():
                for index, spot in enumerate(spots):
                    if seen >> index & 1:
                        continue
                    total = length + self._distances[spots[last]][spot]
                    key = (seen | 1 << index, index)
                    if key not in longer or total < longer[key][0]:
                        longer[key] = (total, (*order, spot))
            reached = longer
        return {spots[last]: found for (_, last), found in reached.items()}


def tour_of_day(tours: Tours, problem: Problem, duties: list[tuple[int, int]]) -> Tour:
    """Return the tour of the duties of a day, given as duty and half."""
    halves: tuple[set[int], set[int]] = (set(), set())
    for duty, half in duties:
        halves[half].add(problem.duties[duty].place)
    return tours.of(frozenset(halves[MORNING]), frozenset(halves[AFTERNOON]))
