"""A year of visits: gap to the bound in 20 s, re-planning after a day falls out, and what people do without an optimiser.

python -m benchmarks planning [--people 150] [--institutions 25] [--seconds 20] [--seeds 1,2] [--reps 40]

A company's reps are independent of one another: the time of all is shown to be that of one, times their number, divided by
the processes that share them, as jobs of the queue do.
"""

import argparse
import multiprocessing
import random
import time
from dataclasses import replace
from datetime import date, timedelta
from statistics import fmean

import chinese_calendar
from figures import Figure, report

from yaomai.engine.planning.filling import filled
from yaomai.engine.planning.plan import Plan
from yaomai.engine.planning.problem import Duty, Place, Problem
from yaomai.engine.planning.replanning import replan
from yaomai.engine.planning.solving import solve_plan

YEAR = 2026
TIERS = (("A", 0.10, 20, 10.0), ("B", 0.20, 10, 5.0), ("C", 0.70, 4, 2.0))
"""Tier, its part of the people, visits a year, value: about 1,000 visits for 150 people."""


def territory(seed: int, people: int, institutions: int) -> Problem:
    """Return a year of one rep in a city: clinics on two to four half-days, four half-days in a hundred taken."""
    chance = random.Random(seed)
    year = (date(YEAR, 1, 1) + timedelta(days=number) for number in range(365))
    days = tuple(day for day in year if chinese_calendar.is_workday(day))
    places = tuple(Place(f"h{n}", f"h{n}", chance.gauss(0, 7), chance.gauss(0, 7)) for n in range(institutions))
    duties: list[Duty] = []
    for person in range(people):
        drawn, tier = person / people, TIERS[-1]
        for each in TIERS:
            if drawn < each[1]:
                tier = each
                break
            drawn -= each[1]
        name, _, count, value = tier
        where = chance.randrange(institutions)
        clinic = {(chance.randrange(5), chance.randrange(2)) for _ in range(chance.choice((2, 3, 4)))}
        for number in range(count):
            first, last = round(number * len(days) / count), round((number + 1) * len(days) / count)
            slots = tuple(2 * d + h for d in range(first, last) for h in (0, 1) if (days[d].weekday(), h) in clinic)
            duties.append(
                Duty(f"{person}/{number}", str(person), str(person), where, name, value, days[first], days[last - 1], 25, slots,
                     gap=int(0.4 * 365 / count))
            )  # fmt: skip
    return Problem(
        days, (0.0, 0.0), places, tuple(duties), frozenset(s for s in range(2 * len(days)) if chance.random() > 0.04)
    )


def greedy(problem: Problem) -> Plan:
    """Plan as a list is worked off: the most valuable first, each on its earliest half-day that keeps every limit."""
    plan = Plan.empty(problem)
    order = sorted(range(len(problem.duties)), key=lambda one: (-problem.duties[one].value, problem.duties[one].opens))
    return filled(plan, [(index, problem.duties[index].slots) for index in order])


def same_route(problem: Problem) -> Plan:
    """Plan as many reps do: every hospital has its weekday for the whole year, and who is not met there is not met."""
    weekdays = {
        place: number % 5
        for number, place in enumerate(sorted(range(len(problem.places)), key=lambda p: problem.places[p].x))
    }
    wanted = []
    for index, duty in sorted(enumerate(problem.duties), key=lambda one: (one[1].opens, -one[1].value)):
        fixed = tuple(s for s in duty.slots if problem.day(s).weekday() == weekdays[duty.place])
        wanted.append((index, fixed))
    return filled(Plan.empty(problem), wanted)


def one_of_many(seed: int) -> float:
    """Plan one rep's year until it is within 3 % of its bound; return the gap."""
    return solve_plan(territory(seed, 150, 25), seconds=40, near=0.03, seed=seed).progress.gap


def company(reps: int) -> list[Figure]:
    """Plan half of the reps and all of them, in one process and in two."""
    taken: dict[tuple[int, int], float] = {}
    gaps: list[float] = []
    for processes in (1, 2):
        for count in (reps // 2, reps):
            with multiprocessing.get_context("spawn").Pool(processes) as pool:
                pool.map(one_of_many, range(processes), chunksize=1)  # everything is loaded before the clock starts
                begun = time.perf_counter()
                gaps = list(pool.imap_unordered(one_of_many, range(1, count + 1)))
                taken[processes, count] = time.perf_counter() - begun
            each = taken[processes, count] / count
            print(
                f"{count} reps in {processes} processes: {taken[processes, count]:.0f} s, {each:.2f} s each; 2,000 in {each * 2000 / 60:.0f} min"
            )
    linear = max(taken[processes, reps] / taken[processes, reps // 2] / 2 for processes in (1, 2))
    return [
        Figure(
            f"yearly plans of {reps} reps: gap to its bound, the widest", f"{max(gaps):.2%}", "≤ 3%", max(gaps) <= 0.03
        ),
        Figure(
            "… time against twice that of half of them, the worse of one and two processes", f"{linear:.2f} ×", "linear"
        ),
        Figure("… time in two processes against one", f"{taken[2, reps] / taken[1, reps]:.2f} ×"),
    ]


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=150)
    parser.add_argument("--institutions", type=int, default=25)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--seeds", default="1,2")
    parser.add_argument("--reps", type=int, default=40)
    options = parser.parse_args()
    gaps, seconds, moved, others, broken = [], [], [], [], 0
    for seed in (int(text) for text in options.seeds.split(",")):
        problem = territory(seed, options.people, options.institutions)
        processor = time.process_time()
        solved = solve_plan(problem, seconds=options.seconds, seed=seed)
        processor = time.process_time() - processor
        broken += len(solved.plan.broken())
        gaps.append(solved.progress.gap)
        bound = solved.progress.bound
        print(
            f"seed {seed}: {len(problem.duties)} visits, {solved.progress.placed} placed, gap {solved.progress.gap:.2%},"
            f" {solved.plan.kilometres():,.0f} km, {solved.progress.seconds:.1f} s, {processor:.1f} s of processors"
        )
        for title, plan in (("greedy", greedy(problem)), ("same route every week", same_route(problem))):
            gap = 1 - plan.points() / bound
            print(
                f"  {title}: {plan.placed} placed, gap {gap:.2%}, {plan.kilometres():,.0f} km, {plan.broken() or 'valid'}"
            )
        held = solved.plan.by_day()
        day = max((d for d in held if 100 < d < 140), key=lambda d: len(held[d]))
        ill = replace(problem, open_slots=problem.open_slots - {2 * day, 2 * day + 1})
        begun = time.perf_counter()
        found = replan(ill, solved.plan.slots, first_day=day)
        seconds.append(time.perf_counter() - begun)
        month = sum(slot is not None and day < slot // 2 < day + 22 for slot in solved.plan.slots)
        moved.append(found.others / max(1, month))
        others.append(sum(slot is None for slot in found.plan.slots) - sum(slot is None for slot in solved.plan.slots))
        broken += len(found.plan.broken())
        print(
            f"  a day falls out: {len(found.moves)} moves in {seconds[-1]:.2f} s, {moved[-1]:.1%} of the others, {others[-1]} lost"
        )
    raise SystemExit(
        not report(
            [
                Figure(
                    "yearly plan of one rep: gap to its bound",
                    f"{max(gaps):.2%} (mean {fmean(gaps):.2%})",
                    "≤ 3%",
                    max(gaps) <= 0.03,
                ),
                Figure("yearly plan: hard limits broken", str(broken), "0", broken == 0),
                Figure("re-plan after a lost day", f"{max(seconds):.2f} s", "≤ 2 s", max(seconds) <= 2),
                *company(options.reps),
                Figure("re-plan: other visits of the month that move", f"{max(moved):.1%}", "≤ 10%", max(moved) <= 0.1),
            ]
        )
    )


if __name__ == "__main__":
    main()
