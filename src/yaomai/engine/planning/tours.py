"""The ways of one day: from home through the places of the morning and of the afternoon, and home; the shortest, exactly.

A day holds so few places that trying all orders (Held and Karp's dynamic programme) is exact and faster than any search. Both halves
are ways from home to some last place: the afternoon is gone backwards. What a half holds comes again on many days.
"""

from dataclasses import dataclass
from functools import cache, lru_cache

from .problem import AFTERNOON, MORNING, Problem

_HOME = 0
_Reached = dict[tuple[int, int], tuple[float, tuple[int, ...]]]
"""By the places seen, as bits, and the last of them: the shortest length and its order."""


@dataclass(frozen=True, slots=True)
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
        self._from_home = cache(self._paths)
        self.of = lru_cache(maxsize=200_000)(self._shortest)

    def _shortest(self, morning: frozenset[int], afternoon: frozenset[int]) -> Tour:
        if not morning and not afternoon:
            return Tour((), (), (0.0, 0.0))
        nowhere = {_HOME: (0.0, ())}
        out = self._from_home(morning) if morning else nowhere
        home = self._from_home(afternoon) if afternoon else nowhere
        # From home to the last of the morning, over to the first of the afternoon, and home; the same way can often be gone
        # in both directions: then with the shorter morning.
        _length, _morning, last, first = min(
            (round(before + self._distances[last][first] + after, 9), before, last, first)
            for last, (before, _) in out.items()
            for first, (after, _) in home.items()
        )
        (before, order), (after, back) = out[last], home[first]
        return Tour(order, back[::-1], (before, self._distances[last][first] + after))

    def _paths(self, places: frozenset[int]) -> dict[int, tuple[float, tuple[int, ...]]]:
        """Return by last place, as a row of the distances, the shortest way from home through all places and their order."""
        spots = sorted(one + 1 for one in places)
        reached: _Reached = {
            (1 << index, index): (self._distances[_HOME][spot], (spot - 1,)) for index, spot in enumerate(spots)
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
                        longer[key] = (total, (*order, spot - 1))
            reached = longer
        return {spots[last]: found for (_, last), found in reached.items()}


def tour_of_day(tours: Tours, problem: Problem, duties: list[tuple[int, int]]) -> Tour:
    """Return the tour of the duties of a day, given as duty and half."""
    halves: tuple[set[int], set[int]] = (set(), set())
    for duty, half in duties:
        halves[half].add(problem.duties[duty].place)
    return tours.of(frozenset(halves[MORNING]), frozenset(halves[AFTERNOON]))
