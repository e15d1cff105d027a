"""Visits put where there is room, one after the other, moving nothing: a first plan, and what people do by hand."""

from collections.abc import Iterable

from .plan import Plan
from .problem import Slot


def filled(plan: Plan, wanted: Iterable[tuple[int, Iterable[Slot]]]) -> Plan:
    """Put duties on the first of their half-days that keeps every hard limit; those that find none stay without.

    Args:
        plan: what is there already, and stays.
        wanted: duties with the half-days to try, both in order.
    """
    problem, capacity = plan.problem, plan.problem.capacity
    slots, days = list(plan.slots), plan.by_day()
    following = {before: index for index, before in enumerate(problem.previous) if before is not None}
    for index, possible in wanted:
        for slot in possible:
            held = days.get(slot // 2, [])
            if slot not in problem.open_slots or len(held) >= capacity.per_day:
                continue
            if sum(half == slot % 2 for _, half in held) >= capacity.per_half:
                continue
            before, after = problem.previous[index], following.get(index)
            near = [(slots[before], problem.duties[index].gap)] if before is not None else []
            near += [(slots[after], problem.duties[after].gap)] if after is not None else []
            if any(one is not None and abs((problem.day(one) - problem.day(slot)).days) < gap for one, gap in near):
                continue
            trial = [*held, (index, slot % 2)]
            if any(spent > limit + 1e-6 for spent, limit in zip(plan.minutes(trial), capacity.minutes, strict=True)):
                continue
            slots[index], days[slot // 2] = slot, trial
            break
    return plan.with_slots(slots)


def by_value(plan: Plan) -> list[tuple[int, list[Slot]]]:
    """Return what has no half-day yet, the most valuable first, each with the half-days nearest to the middle of its window first."""
    problem = plan.problem
    missing = [index for index, slot in enumerate(plan.slots) if slot is None]
    missing.sort(key=lambda one: (-problem.duties[one].value, len(problem.duties[one].slots), one))
    return [
        (
            index,
            sorted(problem.duties[index].slots, key=lambda slot: (-problem.worth(problem.duties[index], slot), slot)),
        )
        for index in missing
    ]
