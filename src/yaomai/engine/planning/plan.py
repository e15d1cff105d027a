"""A plan: on which half-day each duty is done; its points, and whether it keeps every hard limit."""

from dataclasses import dataclass, field
from typing import Final

from .problem import Problem, Slot
from .tours import Tour, Tours, tour_of_day

HARD: Final = ("not_available", "too_many_half", "too_many_day", "too_long", "too_soon")


@dataclass
class Plan:
    """Slots by duty; None where a duty finds no place."""

    problem: Problem
    slots: list[Slot | None]
    tours: Tours = field(repr=False)

    @classmethod
    def empty(cls, problem: Problem) -> "Plan":
        """Return a plan without visits."""
        return cls(problem, [None] * len(problem.duties), Tours(problem))

    def with_slots(self, slots: list[Slot | None]) -> "Plan":
        """Return another plan of the same problem."""
        return Plan(self.problem, slots, self.tours)

    def by_day(self) -> dict[int, list[tuple[int, int]]]:
        """Return by index of the day its duties with their half."""
        days: dict[int, list[tuple[int, int]]] = {}
        for duty, slot in enumerate(self.slots):
            if slot is not None:
                days.setdefault(slot // 2, []).append((duty, slot % 2))
        return days

    def tour(self, duties: list[tuple[int, int]]) -> Tour:
        """Return the shortest way through the duties of a day."""
        return tour_of_day(self.tours, self.problem, duties)

    @property
    def placed(self) -> int:
        """Return how many duties have a half-day."""
        return sum(slot is not None for slot in self.slots)

    def points(self) -> float:
        """Return the value of what is placed, less travel, crowding, being off the middle, and changes."""
        problem, aims = self.problem, self.problem.aims
        total = 0.0
        weeks: dict[int, int] = {}
        for duty, slot in zip(problem.duties, self.slots, strict=True):
            if slot is not None:
                total += problem.worth(duty, slot)
                week = problem.weeks[slot // 2]
                weeks[week] = weeks.get(week, 0) + 1
            elif duty.agreed is not None:
                total -= aims.change
        over = sum(max(0, count - problem.week_limits.get(week, 0)) for week, count in weeks.items())
        return total - aims.crowded * over - aims.travel_hour * problem.hours(self.kilometres())

    def kilometres(self) -> float:
        """Return the ways of all days."""
        return sum(self.tour(duties).length for duties in self.by_day().values())

    def minutes(self, duties: list[tuple[int, int]]) -> tuple[float, float]:
        """Return how long the halves of a day take, with travel."""
        tour = self.tour(duties)
        spent = [60 * self.problem.hours(length) for length in tour.lengths]
        for duty, half in duties:
            spent[half] += self.problem.duties[duty].minutes
        return spent[0], spent[1]

    def broken(self) -> list[tuple[str, int]]:
        """Return every hard limit that is broken, with a duty; empty for a valid plan."""
        problem, capacity = self.problem, self.problem.capacity
        found: list[tuple[str, int]] = []
        for index, (duty, slot) in enumerate(zip(problem.duties, self.slots, strict=True)):
            if slot is None:
                continue
            if slot not in duty.slots or slot not in problem.open_slots:
                found.append(("not_available", index))
            before = problem.previous[index]
            earlier = None if before is None else self.slots[before]
            if earlier is not None and (problem.day(slot) - problem.day(earlier)).days < duty.gap:
                found.append(("too_soon", index))
        for duties in self.by_day().values():
            halves = [sum(half == which for _, half in duties) for which in (0, 1)]
            if max(halves) > capacity.per_half:
                found.append(("too_many_half", duties[0][0]))
            if len(duties) > capacity.per_day:
                found.append(("too_many_day", duties[0][0]))
            if any(spent > limit + 1e-6 for spent, limit in zip(self.minutes(duties), capacity.minutes, strict=True)):
                found.append(("too_long", duties[0][0]))
        return found

    def trimmed(self) -> "Plan":
        """Take the least valuable visits out of days that last too long, and those that follow too soon."""
        slots = list(self.slots)
        problem, capacity = self.problem, self.problem.capacity
        for index in range(len(slots)):
            slot, before = slots[index], problem.previous[index]
            earlier = None if before is None else slots[before]
            if slot is None or earlier is None:
                continue
            if (problem.day(slot) - problem.day(earlier)).days < problem.duties[index].gap:
                slots[index] = None
        plan = self.with_slots(slots)
        for duties in plan.by_day().values():
            left = sorted(duties, key=lambda one: (problem.duties[one[0]].value, one[0]))
            while left:
                spent = plan.minutes(left)
                over = [half for half in (0, 1) if spent[half] > capacity.minutes[half] + 1e-6]
                if not over:
                    break
                # The way of a half depends on the other: when it has no visit left to give, the other gives one.
                out = next((one for one in left if one[1] in over), left[0])
                left.remove(out)
                slots[out[0]] = None
        return plan
