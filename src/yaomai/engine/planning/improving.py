"""Some weeks of a plan solved anew by CP-SAT while everything else stays: with a limit to how many visits move.

Of ways it knows an estimate; whoever asks takes what is found only if the points, which are exact, rise.
"""

from collections.abc import Collection
from typing import Final

from ortools.sat.python import cp_model

from .plan import Plan
from .problem import Problem, Slot

_POINTS: Final = 1_000
_EFFORT: Final = 0.12
"""Of CP-SAT's own measure, about seconds: the same on a busy machine."""
_SEPARATE: Final = 0.4
"""How far, in parts of the way between home and a place, a further place on a day is taken to be when stretches are solved."""

Vars = dict[tuple[int, Slot], cp_model.IntVar]


class Stretch:
    """Some days of a plan, solved anew; duties on other days stay where they are."""

    def __init__(
        self,
        plan: Plan,
        days: range,
        *,
        most_moved: tuple[Collection[int], int],
    ) -> None:
        self._plan = plan
        self._problem: Problem = plan.problem
        self._days = days
        self._most_moved = most_moved
        """Duties of which at most so many may leave their half-day."""
        self._model = cp_model.CpModel()
        self._vars: Vars = {}
        self._terms: list[cp_model.LinearExprT] = []

    def solve(self, seconds: float, *, workers: int = 2, seed: int = 1) -> Plan | None:
        """Return the plan with the days solved anew, trimmed to what days hold; None when nothing was found."""
        free = self._free()
        if not free:
            return None
        self._place(free)
        self._capacities()
        self._trips()
        self._gaps(free)
        self._few_moved(*self._most_moved)
        self._model.maximize(sum(self._terms))
        solver = cp_model.CpSolver()
        solver.parameters.max_time_in_seconds = max(0.05, seconds)
        solver.parameters.max_deterministic_time = _EFFORT
        solver.parameters.num_workers = workers
        solver.parameters.random_seed = seed
        solver.parameters.relative_gap_limit = 0.001
        if solver.solve(self._model) not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
            return None
        slots = list(self._plan.slots)
        for index in free:
            slots[index] = None
        for (index, slot), chosen in self._vars.items():
            if solver.boolean_value(chosen):
                slots[index] = slot
        return self._plan.with_slots(slots).trimmed()

    def _free(self) -> list[int]:
        found = []
        for index, slot in enumerate(self._plan.slots):
            inside = slot is not None and slot // 2 in self._days
            if inside or (slot is None and any(one // 2 in self._days for one in self._problem.duties[index].slots)):
                found.append(index)
        return found

    def _place(self, free: list[int]) -> None:
        problem, model = self._problem, self._model
        for index in free:
            duty = problem.duties[index]
            chosen = []
            for slot in duty.slots:
                if slot // 2 in self._days and slot in problem.open_slots:
                    variable = model.new_bool_var("")
                    self._vars[index, slot] = variable
                    model.add_hint(variable, self._plan.slots[index] == slot)
                    chosen.append(variable)
                    self._terms.append(round(_POINTS * problem.worth(duty, slot)) * variable)
            if chosen:
                model.add_at_most_one(chosen)

    def _capacities(self) -> None:
        problem, capacity = self._problem, self._problem.capacity
        self._now: dict[Slot, list[int]] = {}
        for index, slot in enumerate(self._plan.slots):
            if slot is not None:
                self._now.setdefault(slot, []).append(index)
        self._fixed: dict[Slot, list[int]] = {}
        free = {index for index, _ in self._vars}
        for index, slot in enumerate(self._plan.slots):
            if slot is not None and index not in free:
                self._fixed.setdefault(slot, []).append(index)
        by_slot: dict[Slot, list[tuple[int, cp_model.IntVar]]] = {}
        for (index, slot), variable in self._vars.items():
            by_slot.setdefault(slot, []).append((index, variable))
        self._by_slot = by_slot
        weeks: dict[int, list[cp_model.LinearExprT]] = {}
        for day in self._days:
            halves = [(slot, by_slot.get(slot, [])) for slot in (2 * day, 2 * day + 1)]
            there = [len(self._fixed.get(slot, ())) for slot, _ in halves]
            for (_, variables), count in zip(halves, there, strict=True):
                if variables:
                    self._model.add(sum(v for _, v in variables) <= max(0, capacity.per_half - count))
            both = [variable for _, variables in halves for _, variable in variables]
            if both:
                self._model.add(sum(both) <= max(0, capacity.per_day - sum(there)))
                weeks.setdefault(problem.weeks[day], []).extend(both)
        self._crowding(weeks)

    def _crowding(self, weeks: dict[int, list[cp_model.LinearExprT]]) -> None:
        problem = self._problem
        held: dict[int, int] = {}
        for slot, indices in self._fixed.items():
            held[problem.weeks[slot // 2]] = held.get(problem.weeks[slot // 2], 0) + len(indices)
        for week, variables in weeks.items():
            over = self._model.new_int_var(0, len(variables), "")
            even = problem.week_limits.get(week, 0) - held.get(week, 0)
            self._model.add(over >= sum(variables) - max(0, even))
            self._terms.append(-round(_POINTS * problem.aims.crowded) * over)

    def _trips(self) -> None:
        """A place that is met on a day costs a way; half-days hold visits and ways."""
        problem, model = self._problem, self._model
        for day in self._days:
            trips: dict[int, list[cp_model.IntVar]] = {}
            for half in (0, 1):
                slot = 2 * day + half
                met = {problem.duties[index].place for index in self._fixed.get(slot, ())}
                minutes = sum(problem.duties[index].minutes for index in self._fixed.get(slot, ()))
                used: list[cp_model.LinearExprT] = [minutes + sum(self._way(place) for place in met)]
                places: dict[int, list[cp_model.IntVar]] = {}
                for index, variable in self._by_slot.get(slot, ()):
                    used.append(problem.duties[index].minutes * variable)
                    if problem.duties[index].place not in met:
                        places.setdefault(problem.duties[index].place, []).append(variable)
                for place, variables in places.items():
                    there = model.new_bool_var("")
                    model.add_max_equality(there, variables)
                    used.append(self._way(place) * there)
                    trips.setdefault(place, []).append(there)
                if places:
                    model.add(sum(used) <= max(problem.capacity.minutes[half], self._used_now(slot)))
            for place, halves in trips.items():
                cost = round(_POINTS * problem.aims.travel_hour * self._way(place) / 60)
                self._terms.extend(-cost * there for there in halves)
                if len(halves) == 2:  # the same place in the morning and the afternoon is one way
                    both = model.new_bool_var("")
                    model.add_min_equality(both, halves)
                    self._terms.append(cost * both)

    def _used_now(self, slot: Slot) -> int:
        """Return the minutes a half-day is taken to need as it is: it is valid, whatever the estimate of ways says."""
        there = self._now.get(slot, ())
        places = {self._problem.duties[index].place for index in there}
        return sum(self._problem.duties[index].minutes for index in there) + sum(map(self._way, places))

    def _way(self, place: int) -> int:
        """Return the minutes that going to a place is taken to add to a half-day."""
        problem = self._problem
        kilometres = max(problem.nearest[place + 1], _SEPARATE * problem.distances[0][place + 1])
        return round(60 * problem.hours(kilometres))

    def _gaps(self, free: list[int]) -> None:
        """Keep the least time between two visits of one customer."""
        problem = self._problem
        following = {before: index for index, before in enumerate(problem.previous) if before is not None}
        pairs = {(before, index) for before, index in following.items() if before in set(free) or index in set(free)}
        for before, index in sorted(pairs):
            gap = problem.duties[index].gap
            for slot, variable in self._choices(before):
                clash = [
                    other
                    for later, other in self._choices(index)
                    if (problem.day(later) - problem.day(slot)).days < gap
                ]
                for other in clash:
                    if isinstance(variable, cp_model.IntVar) and isinstance(other, cp_model.IntVar):
                        self._model.add_at_most_one([variable, other])
                    elif isinstance(variable, cp_model.IntVar):
                        self._model.add(variable == 0)
                    elif isinstance(other, cp_model.IntVar):
                        self._model.add(other == 0)

    def _choices(self, index: int) -> list[tuple[Slot, cp_model.IntVar | None]]:
        chosen = [
            (slot, self._vars[index, slot]) for slot in self._problem.duties[index].slots if (index, slot) in self._vars
        ]
        if chosen:
            return list(chosen)
        slot = self._plan.slots[index]
        return [] if slot is None else [(slot, None)]

    def _few_moved(self, duties: Collection[int], most: int) -> None:
        kept = [
            self._vars[index, slot]
            for index in duties
            if (slot := self._plan.slots[index]) is not None and (index, slot) in self._vars
        ]
        self._model.add(sum(kept) >= len(kept) - most)
