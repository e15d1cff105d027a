"""A plan made better move by move: a visit goes to another half-day, or changes with one there; what costs points is taken less and less.

Simulated annealing with the true ways of every day: at first moves that cost a little are taken as well, so that visits of neighbouring
hospitals find together; while it cools only those that gain are. The plan keeps every hard limit after each move.
"""

import math
import random
from typing import Final

from .plan import Plan
from .problem import Slot

_HOT: Final = 0.2
"""Of the points that a visit costs at the edge of its window and with a way of its own: what a move may cost at first."""
_COOLED: Final = 25.0
"""How many times less it may cost in the end."""
_CHANGES: Final = 0.3
"""Part of the moves to a half-day with room that change places with a visit there nevertheless."""
_SLACK: Final = 1e-6


class Annealing:
    """A plan on its way to a better one: the plan now, its points, and what its days hold."""

    def __init__(self, plan: Plan, *, seed: int) -> None:
        problem = plan.problem
        self._plan, self._problem = plan, problem
        self._draw = random.Random(seed)  # noqa: S311 — plans, not secrets
        self._place = [duty.place for duty in problem.duties]
        self._minutes = [duty.minutes for duty in problem.duties]
        self._worth: list[dict[Slot | None, float]] = []
        self._choices: list[list[Slot]] = []
        for duty in problem.duties:
            worth: dict[Slot | None, float] = {
                slot: problem.worth(duty, slot) for slot in duty.slots if slot in problem.open_slots
            }
            self._choices.append([slot for slot in worth if slot is not None])
            self._worth.append(worth | {None: 0.0 if duty.agreed is None else -problem.aims.change})
        self._movable = [index for index, choices in enumerate(self._choices) if choices]
        self._ordinals = [day.toordinal() for day in problem.days]
        self._following: list[int | None] = [None] * len(problem.duties)
        for index, before in enumerate(problem.previous):
            if before is not None:
                self._following[before] = index
        self._way_points = problem.aims.travel_hour * problem.hours(1.0)
        self._way_minutes = 60 * problem.hours(1.0)
        self._ways: dict[tuple[int, int], tuple[float, float]] = {}
        count = 2 * len(problem.days)
        self._held: list[list[int]] = [[] for _ in range(count)]
        """By half-day, its duties; its minutes without ways; its places as bits, and how many duties each has."""
        self._spent = [0] * count
        self._met = [0] * count
        self._there = [[0] * len(problem.places) for _ in range(count)]
        self._weeks = dict.fromkeys(problem.weeks, 0)
        self._over = 0
        """How many visits are beyond an even load of their weeks."""
        self.slots: list[Slot | None] = [None] * len(problem.duties)
        for index, slot in enumerate(plan.slots):
            self._put(index, slot)
        self.points = self.best_points = plan.points()
        self._best = list(self.slots)

    @property
    def best(self) -> Plan:
        """Return the best plan so far."""
        return self._plan.with_slots(list(self._best))

    @property
    def heat(self) -> float:
        """Return how many points a move may cost at first."""
        problem = self._problem
        out = sum(row[0] for row in problem.distances) / max(1, len(problem.places))
        return _HOT * (problem.aims.off_middle + problem.aims.travel_hour * problem.hours(out))

    def cool(self, heat: float, part: float) -> float:
        """Return the heat when a part, 0 to 1, of the way is done."""
        return float(heat * _COOLED**-part)

    def run(self, moves: int, heat: float) -> None:
        """Try so many moves at one heat."""
        if self._movable and heat > 0:
            for _number in range(moves):
                self._try(heat)

    def _try(self, heat: float) -> None:
        draw = self._draw
        index = self._movable[int(draw.random() * len(self._movable))]
        choices = self._choices[index]
        target, source = choices[int(draw.random() * len(choices))], self.slots[index]
        if target == source:
            return
        other = self._who_leaves(target, source)
        if other is not None and (source not in self._worth[other] or self._are_of_one_customer(index, other)):
            return
        if not self._is_in_time(index, target) or (other is not None and not self._is_in_time(other, source)):
            return
        worth = self._worth[index]
        gain = worth[target] - worth[source]
        if other is not None:
            gain += self._worth[other][source] - self._worth[other][target]
        day = target // 2
        days = (day,) if source is None or source // 2 == day else (day, source // 2)
        gain += self._costs(days)
        if other is not None:
            self._put(other, source)
        self._put(index, target)
        if all(map(self._fits, days)):
            gain -= self._costs(days)
            if gain >= 0 or draw.random() < math.exp(gain / heat):
                self.points += gain
                if self.points > self.best_points + _SLACK:
                    self.best_points, self._best = self.points, list(self.slots)
                return
        self._put(index, source)
        if other is not None:
            self._put(other, target)

    def _who_leaves(self, target: Slot, source: Slot | None) -> int | None:
        """Return a duty that changes places with one that comes: somebody must where no more fit, and may where they do."""
        held, capacity = self._held[target], self._problem.capacity
        is_full = len(held) >= capacity.per_half or (
            len(held) + len(self._held[target ^ 1]) >= capacity.per_day
            and (source is None or source // 2 != target // 2)
        )
        if not held or not (is_full or (source is not None and self._draw.random() < _CHANGES)):
            return None
        return held[int(self._draw.random() * len(held))]

    def _are_of_one_customer(self, index: int, other: int) -> bool:
        return self._problem.previous[index] == other or self._problem.previous[other] == index

    def _is_in_time(self, index: int, slot: Slot | None) -> bool:
        """Tell whether enough days lie between a duty on a half-day and those of its customer before and after."""
        if slot is None:
            return True
        day = self._ordinals[slot // 2]
        before, after = self._problem.previous[index], self._following[index]
        earlier = None if before is None else self.slots[before]
        if earlier is not None and day - self._ordinals[earlier // 2] < self._problem.duties[index].gap:
            return False
        later = None if after is None else self.slots[after]
        return later is None or after is None or self._ordinals[later // 2] - day >= self._problem.duties[after].gap

    def _put(self, index: int, slot: Slot | None) -> None:
        """Put a duty on another half-day, or on none."""
        before, place, weeks, limits = (
            self.slots[index],
            self._place[index],
            self._problem.weeks,
            self._problem.week_limits,
        )
        if before is not None:
            self._held[before].remove(index)
            self._spent[before] -= self._minutes[index]
            self._there[before][place] -= 1
            if not self._there[before][place]:
                self._met[before] &= ~(1 << place)
            week = weeks[before // 2]
            self._over -= self._weeks[week] > limits.get(week, 0)
            self._weeks[week] -= 1
        if slot is not None:
            self._held[slot].append(index)
            self._spent[slot] += self._minutes[index]
            self._there[slot][place] += 1
            self._met[slot] |= 1 << place
            week = weeks[slot // 2]
            self._over += self._weeks[week] >= limits.get(week, 0)
            self._weeks[week] += 1
        self.slots[index] = slot

    def _costs(self, days: tuple[int, ...]) -> float:
        """Return the points that the ways of some days cost, and crowded weeks."""
        ways = sum(sum(self._lengths(day)) for day in days)
        return self._way_points * ways + self._problem.aims.crowded * self._over

    def _fits(self, day: int) -> bool:
        """Tell whether a day is within what it holds."""
        capacity, one, two = self._problem.capacity, 2 * day, 2 * day + 1
        counts = len(self._held[one]), len(self._held[two])
        if max(counts) > capacity.per_half or sum(counts) > capacity.per_day:
            return False
        ways = self._lengths(day)
        return (
            self._spent[one] + self._way_minutes * ways[0] <= capacity.minutes[0] + _SLACK
            and self._spent[two] + self._way_minutes * ways[1] <= capacity.minutes[1] + _SLACK
        )

    def _lengths(self, day: int) -> tuple[float, float]:
        """Return the kilometres of the halves of a day."""
        met = self._met[2 * day], self._met[2 * day + 1]
        found = self._ways.get(met)
        if found is None:
            halves = [frozenset(place for place in range(bits.bit_length()) if bits >> place & 1) for bits in met]
            found = self._ways[met] = self._plan.tours.of(*halves).lengths
        return found
