"""What does not fit, why, and what would make it fit: each remedy is tried on the flow before it is said."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace

from .flow import place
from .plan import Plan
from .problem import Duty, Problem

NO_HALF_DAY = "no_half_day"
FULL = "full"


@dataclass(frozen=True)
class Unplaced:
    """Duties of one tier that find no place for one reason."""

    tier: str
    reason: str
    """`no_half_day`: none of the window's half-days is possible at all; `full`: those possible are full."""
    duties: tuple[int, ...]
    because: tuple[tuple[str, int], ...]
    """What takes the half-days away, and how many: for `no_half_day`."""


@dataclass(frozen=True)
class Remedy:
    """Something that would help: how many of the unplaced visits then fit."""

    kind: str
    """`fewer`, `another_person`, `longer_day`, `more_clinics`."""
    fits: int
    tier: str = ""
    customers: tuple[str, ...] = ()


@dataclass(frozen=True)
class Advice:
    """What does not fit and what would help; empty when everything fits."""

    unplaced: tuple[Unplaced, ...]
    remedies: tuple[Remedy, ...]


def advise(plan: Plan) -> Advice:
    """Say what does not fit in a plan, why, and what would make it fit."""
    problem = plan.problem
    left = [index for index, slot in enumerate(plan.slots) if slot is None]
    if not left:
        return Advice((), ())
    groups: dict[tuple[str, str], list[int]] = {}
    for index in left:
        duty = problem.duties[index]
        open_slots = [slot for slot in duty.slots if slot in problem.open_slots]
        groups.setdefault((duty.tier, FULL if open_slots else NO_HALF_DAY), []).append(index)
    unplaced = tuple(
        Unplaced(tier, reason, tuple(found), _because(problem, found) if reason == NO_HALF_DAY else ())
        for (tier, reason), found in groups.items()
    )
    return Advice(unplaced, tuple(_remedies(problem, left)))


def _because(problem: Problem, duties: list[int]) -> tuple[tuple[str, int], ...]:
    counts: Counter[str] = Counter()
    for index in duties:
        for reason, count in problem.duties[index].excluded:
            counts[reason] += count
        closed = sum(slot not in problem.open_slots for slot in problem.duties[index].slots)
        if closed:
            counts["own_time"] += closed
    return tuple(counts.most_common())


def _remedies(problem: Problem, left: list[int]) -> list[Remedy]:
    """Try each remedy alone."""
    lacking = len(problem.duties) - _fit(problem)
    found = []
    tiers = Counter(problem.duties[index].tier for index in left)
    lowest = min((problem.duties[index] for index in left), key=lambda duty: duty.value)
    found.append(Remedy("fewer", len(left), tier=lowest.tier if len(tiers) == 1 else "", customers=()))
    if lacking:
        twice = replace(problem.capacity, per_half=2 * problem.capacity.per_half, per_day=2 * problem.capacity.per_day)
        found.append(Remedy("another_person", lacking - (len(problem.duties) - _fit(replace(problem, capacity=twice)))))
        longer = replace(problem.capacity, per_half=problem.capacity.per_half + 1, per_day=problem.capacity.per_day + 1)
        found.append(Remedy("longer_day", lacking - (len(problem.duties) - _fit(replace(problem, capacity=longer)))))
        customers = {problem.duties[index].customer for index in left}
        wider = _changed(problem, lambda duty: replace(duty, slots=_window(problem, duty)), customers)
        names = tuple(dict.fromkeys(problem.duties[index].name for index in left))
        found.append(Remedy("more_clinics", lacking - (len(problem.duties) - _fit(wider)), customers=names))
    return [remedy for remedy in found if remedy.fits > 0]


def _fit(problem: Problem) -> int:
    return sum(slot is not None for slot in place(problem).slots)


def _changed(problem: Problem, change: Callable[[Duty], Duty], customers: set[str]) -> Problem:
    return replace(
        problem, duties=tuple(change(duty) if duty.customer in customers else duty for duty in problem.duties)
    )


def _window(problem: Problem, duty: Duty) -> tuple[int, ...]:
    return tuple(
        slot
        for index, day in enumerate(problem.days)
        if duty.opens <= day <= duty.closes
        for slot in (2 * index, 2 * index + 1)
        if slot in problem.open_slots
    )
