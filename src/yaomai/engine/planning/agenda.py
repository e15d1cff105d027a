"""The visits of a plan in order, with times: what is shown and written."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from .plan import Plan
from .problem import HALVES, Duty


@dataclass(frozen=True)
class Visit:
    """One visit of a plan."""

    on: date
    half: str
    order: int
    """Within the day, from 1."""
    begins: int
    """Minutes after midnight."""
    ends: int
    kilometres: float
    """From the visit before, or from home."""
    index: int
    duty: Duty


def agenda(plan: Plan) -> Iterator[Visit]:
    """Yield the visits of a plan by day, in the order of the shortest way, with the times that ways and visits take.

    Where a half-day's places are the same, the more valuable customer comes first.
    """
    problem = plan.problem
    for day, duties in sorted(plan.by_day().items()):
        tour = plan.tour(duties)
        order, here = 0, 0
        for half, places in enumerate((tour.morning, tour.afternoon)):
            clock = float(problem.capacity.begins[half])
            for place in places:
                there = [one for one, which in duties if which == half and problem.duties[one].place == place]
                there.sort(key=lambda one: (-problem.duties[one].value, one))
                for index in there:
                    duty = problem.duties[index]
                    kilometres = problem.distances[here][place + 1]
                    here = place + 1
                    clock += 60 * problem.hours(kilometres)
                    order += 1
                    begins = round(clock)
                    clock += duty.minutes
                    yield Visit(problem.days[day], HALVES[half], order, begins, round(clock), kilometres, index, duty)
