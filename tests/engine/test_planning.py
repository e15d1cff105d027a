"""The plan of a year: hard limits by hand and by chance, the bound, plain words, and changing little after a disturbance."""

import json
import random
from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from itertools import permutations
from math import hypot
from pathlib import Path

import pytest
from typer.testing import CliRunner

from yaomai.engine.cli import app
from yaomai.engine.files import read_table
from yaomai.engine.planning.advice import advise
from yaomai.engine.planning.agenda import agenda
from yaomai.engine.planning.annealing import Annealing
from yaomai.engine.planning.flow import place
from yaomai.engine.planning.plan import Plan
from yaomai.engine.planning.problem import Aims, Capacity, Duty, Place, Problem
from yaomai.engine.planning.replanning import replan
from yaomai.engine.planning.solving import Progress, solve_plan
from yaomai.engine.planning.territory import TerritoryProblem, read_territory
from yaomai.engine.planning.tours import Tours
from yaomai.engine.planning.wording import advice_lines

MONDAY = date(2026, 3, 2)
TERRITORY = """
name: test
from: 2026-09-21
to: 2026-10-18
tiers:
  A: {visits_per_year: 52, value: 10}
institutions:
  - {id: h1, name: First, x: 3, y: 4, visiting: [mon-am, tue-am, wed-am, thu-am, fri-am, sat-am, sun-am]}
professionals:
  - {id: p1, name: Li, institution: h1, tier: A, clinic: [mon-am, wed-am, sat-am], surgery: [wed-am]}
"""


def workdays(count: int, first: date = MONDAY) -> tuple[date, ...]:
    days = (first + timedelta(days=number) for number in range(2 * count + 7))
    return tuple(day for day in days if day.weekday() < 5)[:count]


def duty(customer: str, days: tuple[date, ...], slots: tuple[int, ...], **more: object) -> Duty:
    given = {"id": customer, "name": customer, "place": 0, "tier": "A", "value": 10.0, "minutes": 30} | more
    return Duty(customer=customer, opens=days[0], closes=days[-1], slots=slots, **given)  # type: ignore[arg-type]


def problem(count: int, duties: tuple[Duty, ...], places: int = 2, **more: object) -> Problem:
    days = workdays(count)
    spots = tuple(Place(f"h{number}", f"h{number}", 4.0 * number + 3, 0.0) for number in range(places))
    given = {"open_slots": frozenset(range(2 * count))} | more
    return Problem(days, (0.0, 0.0), spots, duties, **given)  # type: ignore[arg-type]


def by_chance(seed: int, people: int = 12, weeks: int = 4) -> Problem:
    chance = random.Random(seed)
    days = workdays(5 * weeks)
    duties = []
    for person in range(people):
        spot = chance.randrange(4)
        halves = {(chance.randrange(5), chance.randrange(2)) for _ in range(3)}
        for half in range(2):
            first, last = 5 * weeks // 2 * half, 5 * weeks // 2 * (half + 1)
            slots = tuple(2 * d + h for d in range(first, last) for h in (0, 1) if (days[d].weekday(), h) in halves)
            duties.append(
                duty(
                    f"p{person}",
                    days[first:last],
                    slots,
                    id=f"p{person}/{half}",
                    place=spot,
                    gap=5,
                    value=float(chance.choice((2, 5, 10))),
                )
            )
    return Problem(
        days,
        (0.0, 0.0),
        tuple(Place(f"h{number}", f"h{number}", chance.uniform(-9, 9), chance.uniform(-9, 9)) for number in range(4)),
        tuple(duties),
        frozenset(slot for slot in range(10 * weeks) if chance.random() > 0.15),
        Capacity(per_half=2, per_day=3, minutes=(100, 110)),
    )


def broken_by_hand(given: Problem, slots: list[int | None]) -> list[str]:
    """Check every hard limit with nothing of the engine's own checks."""
    wrong = []
    held: dict[int, list[Duty]] = {}
    last: dict[str, date] = {}
    for one, slot in zip(given.duties, slots, strict=True):
        if slot is None:
            continue
        if (
            slot not in one.slots
            or slot not in given.open_slots
            or not one.opens <= given.days[slot // 2] <= one.closes
        ):
            wrong.append(f"{one.id} on {slot}")
        held.setdefault(slot, []).append(one)
        if one.customer in last and (given.days[slot // 2] - last[one.customer]).days < one.gap:
            wrong.append(f"{one.id} too soon")
        last[one.customer] = given.days[slot // 2]
    if any(len(found) > given.capacity.per_half for found in held.values()):
        wrong.append("half-day too full")
    days = Counter(slot // 2 for slot, found in held.items() for _ in found)
    if days and max(days.values()) > given.capacity.per_day:
        wrong.append("day too full")
    for day in days:
        morning, afternoon = (sorted({one.place for one in held.get(2 * day + half, [])}) for half in (0, 1))
        visits = [sum(one.minutes for one in held.get(2 * day + half, [])) for half in (0, 1)]
        ways = [
            ways_by_hand(given, first, second) for first in permutations(morning) for second in permutations(afternoon)
        ]
        shortest = min(ways, key=lambda way: (round(sum(way), 6), way[0]))  # of two directions, the shorter morning
        if any(
            v + 60 * w / given.capacity.speed > m + 1e-6
            for v, w, m in zip(visits, shortest, given.capacity.minutes, strict=True)
        ):
            wrong.append(f"day {day} too long")
    return wrong


def ways_by_hand(given: Problem, morning: tuple[int, ...], afternoon: tuple[int, ...]) -> tuple[float, float]:
    halves, here = [0.0, 0.0], given.home
    for half, order in enumerate((morning, afternoon)):
        for index in order:
            there = (given.places[index].x, given.places[index].y)
            halves[half] += hypot(here[0] - there[0], here[1] - there[1])
            here = there
    halves[1] += hypot(  # the way home is the afternoon's, also after a morning only
        here[0] - given.home[0], here[1] - given.home[1]
    )
    return halves[0], halves[1]


def test_tours_are_the_shortest() -> None:
    given = by_chance(3)
    tours = Tours(given)
    for morning, afternoon in (
        (frozenset({0, 1, 2}), frozenset({3})),
        (frozenset[int](), frozenset({0, 2, 3})),
        (frozenset({1}), frozenset({1, 2})),
    ):
        shortest = min(
            sum(ways_by_hand(given, first, second))
            for first in permutations(morning)
            for second in permutations(afternoon)
        )
        assert tours.of(morning, afternoon).length == pytest.approx(shortest)


@pytest.mark.parametrize("seed", range(8))
def test_no_hard_limit_is_broken_and_no_plan_beats_the_bound(seed: int) -> None:
    given = by_chance(seed)
    told: list[Progress] = []
    solved = solve_plan(given, seconds=60, near=0.0, on_progress=told.append, is_stopped=lambda: len(told) > 8)
    assert broken_by_hand(given, solved.plan.slots) == []
    assert solved.plan.broken() == []
    assert solved.progress.points <= solved.progress.bound + 1e-6
    assert solved.progress.points == pytest.approx(solved.plan.points())
    assert [one.points for one in told] == sorted(one.points for one in told)
    assert len(told) > 1


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("heat", [0.001, 0.2, 20.0])
def test_annealing_counts_its_points_and_breaks_nothing_at_any_heat(seed: int, heat: float) -> None:
    given = by_chance(seed)
    annealing = Annealing(Plan.empty(given), seed=seed)
    for _round in range(4):
        annealing.run(500, heat)
        now = Plan.empty(given).with_slots(list(annealing.slots))
        assert broken_by_hand(given, annealing.slots) == []
        assert annealing.points == pytest.approx(now.points())
    assert annealing.best.points() == pytest.approx(annealing.best_points)
    assert annealing.best_points >= annealing.points - 1e-9
    assert annealing.best.placed > 0


def test_the_bound_is_reached_where_it_can_be() -> None:
    days = workdays(1)
    given = problem(1, (duty("a", days, (0, 1)), duty("b", days, (0,))), places=1, aims=Aims(off_middle=0))
    assert place(given).points <= 20
    solved = solve_plan(given, seconds=1, near=0.0)
    assert solved.plan.slots[1] == 0
    assert solved.plan.points() == pytest.approx(20 - 0.5 * 6 / 25)


def test_the_more_valuable_customer_wins_the_last_half_day() -> None:
    days = workdays(1)
    low, high = duty("low", days, (0,), value=2.0, tier="C"), duty("high", days, (0,))
    solved = solve_plan(problem(1, (low, high), capacity=Capacity(per_half=1)), seconds=1)
    assert solved.plan.slots == [None, 0]


def test_visits_of_one_hospital_share_a_half_day() -> None:
    days = workdays(5)
    halves = tuple(range(10))
    duties = tuple(duty(f"p{number}", days, halves, place=number % 2) for number in range(6))
    solved = solve_plan(problem(5, duties, aims=Aims(travel_hour=5, off_middle=0)), seconds=3, near=0.0)
    assert solved.plan.placed == 6
    assert solved.plan.kilometres() == pytest.approx(14)  # one way out to both places, and home


def test_it_stops_when_asked_with_the_best_so_far() -> None:
    given = by_chance(1)
    solved = solve_plan(given, seconds=60, near=0.0, is_stopped=lambda: True)
    assert solved.progress.seconds < 20
    assert broken_by_hand(given, solved.plan.slots) == []


def test_times_follow_ways_and_visits() -> None:
    days = workdays(1)
    given = problem(1, (duty("a", days, (0,), place=1), duty("b", days, (0,)), duty("c", days, (1,))))
    visits = list(agenda(Plan.empty(given).with_slots([0, 0, 1])))
    # 3 km to b at 25 km/h, 30 minutes, 4 km on to a; in the afternoon 4 km back to c.
    assert [(one.duty.name, one.begins, one.ends) for one in visits] == [
        ("b", 517, 547),
        ("a", 557, 587),
        ("c", 820, 850),
    ]
    assert [one.order for one in visits] == [1, 2, 3]


def test_what_does_not_fit_is_said_with_what_would_help() -> None:
    days = workdays(1)
    duties = tuple(duty(f"p{number}", days, (0,), tier="B", value=5.0) for number in range(4))
    given = problem(1, duties, capacity=Capacity(per_half=3))
    advice = advise(solve_plan(given, seconds=1).plan)
    assert [(one.tier, one.reason, len(one.duties)) for one in advice.unplaced] == [("B", "full", 1)]
    assert {one.kind: one.fits for one in advice.remedies} == {
        "fewer": 1,
        "another_person": 1,
        "longer_day": 1,
        "more_clinics": 1,
    }
    lines = advice_lines(advice, given, "en")
    assert lines[0].startswith("1 visits of tier B do not fit: every half-day they could take is full")
    assert "- one more person: 1 more fit" in lines
    assert any("增加一名代表" in line for line in advice_lines(advice, given, "zh"))


def test_a_customer_who_can_never_be_met_is_said_with_the_reason() -> None:
    days = workdays(1)
    given = problem(
        1, (duty("a", days, (), excluded=(("surgery", 2),)), duty("b", days, (0,))), open_slots=frozenset({1})
    )
    advice = advise(solve_plan(given, seconds=1).plan)
    assert [(one.reason, one.because) for one in advice.unplaced] == [
        ("no_half_day", (("surgery", 2), ("own_time", 1)))
    ]
    (line, *_) = advice_lines(advice, given, "zh")
    assert "手术 2 个半天" in line and "本人休假或开会 1 个半天" in line


def test_everything_fits_and_nothing_is_said() -> None:
    days = workdays(1)
    assert (
        advice_lines(advise(solve_plan(problem(1, (duty("a", days, (0,)),)), seconds=1).plan), problem(1, ()), "en")
        == []
    )


@pytest.mark.parametrize("seed", range(4))
def test_a_disturbance_moves_what_it_must_and_little_else(seed: int) -> None:
    given = by_chance(seed, people=16, weeks=8)
    before = solve_plan(given, seconds=2).plan
    day = next(slot for slot in before.slots if slot is not None and slot // 2 >= 5) // 2
    ill = replace(given, open_slots=given.open_slots - {2 * day, 2 * day + 1})
    found = replan(ill, before.slots, first_day=day, seconds=1.5)
    assert broken_by_hand(ill, found.plan.slots) == []
    fell = {index for index, slot in enumerate(before.slots) if slot is not None and slot // 2 == day}
    assert found.forced == fell and fell
    assert all(
        old == new
        for old, new in zip(before.slots, found.plan.slots, strict=True)
        if old is not None and old // 2 < day
    )
    month = [slot for slot in before.slots if slot is not None and day < slot // 2 < day + 25]
    assert found.others <= 0.1 * len(month)
    assert {move.duty for move in found.moves} >= fell


def test_a_new_customer_moves_nobody_where_there_is_room() -> None:
    days = workdays(5)
    known = tuple(duty(f"p{number}", days, (number, number + 2)) for number in range(4))
    before = solve_plan(problem(5, known), seconds=1).plan.slots
    found = replan(problem(5, (*known, duty("new", days, (8, 9), value=20.0))), [*before, None], first_day=0)
    assert found.plan.slots[:4] == before and found.plan.slots[4] in (8, 9)
    assert found.others == 0 and len(found.moves) == 1


def test_territory_with_national_day_and_a_worked_sunday(tmp_path: Path) -> None:
    path = tmp_path / "t.yaml"
    path.write_text(TERRITORY, encoding="utf-8")
    read = read_territory(path)
    days = read.problem.days
    # 2026: 1 to 7 October are off; Sunday 20 September and Saturday 10 October are worked.
    assert date(2026, 10, 5) not in days and date(2026, 10, 10) in days and date(2026, 9, 26) not in days
    assert len(read.problem.duties) == 4
    met = {read.problem.day(slot) for one in read.problem.duties for slot in one.slots}
    assert met == {date(2026, 9, 21), date(2026, 9, 28), date(2026, 10, 10), date(2026, 10, 12)}
    assert not read.provisional


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("tier: A", "tier: B", "the tier of professional “p1” is “B”"),
        ("institution: h1", "institution: h9", "the institution of professional “p1” is “h9”"),
        ("x: 3", "x: far", "institutions.1.x"),
        ("mon-am, wed-am", "monday, wed-am", "write a half-day like mon-am"),
        ("to: 2026-10-18", "to: 2026-09-01", "must last 1 to"),
        ("to: 2026-10-18", "to: 2036-10-18", "must last 1 to"),
        ("name: test", "name: [test", "not YAML near line"),
        ("name: test", "nome: test", "nome: Extra inputs"),
        ("visits_per_year: 52", "visits_per_year: -1", "greater than 0"),
        (
            "professionals:",
            "agreed:\n  - {professional: p1, day: 2026-10-03, half: am}\nprofessionals:",
            "the agreed visit p1 on 2026-10-03",
        ),
        ("professionals:", "leave:\n  - {from: 2026-09-01, to: 2026-12-01}\nprofessionals:", "no half-day on which"),
    ],
)
def test_territories_that_are_wrong(tmp_path: Path, old: str, new: str, said: str) -> None:
    path = tmp_path / "t.yaml"
    path.write_text(TERRITORY.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(TerritoryProblem, match=said):
        read_territory(path)


def test_command_writes_the_plan_in_two_forms(tmp_path: Path) -> None:
    path = tmp_path / "t.yaml"
    path.write_text(TERRITORY.replace("to: 2026-10-18", "to: 2027-02-28"), encoding="utf-8")
    for name in ("out.csv", "out.json"):
        done = CliRunner().invoke(
            app, ["plan", str(path), "-o", str(tmp_path / name), "--seconds", "1", "--language", "zh"]
        )
        assert done.exit_code == 0, done.output
        assert "2027 年的节假日安排尚未公布" in done.output and "次拜访" in done.output
    rows = read_table(tmp_path / "out.csv").to_pylist()
    whole = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))
    assert whole["placed"] == len(rows) == len(whole["visits"]) and whole["gap"] >= 0
    assert rows[0]["professional"] == "Li" and rows[0]["half"] == "am" and rows[0]["begins"] == "08:42"
    assert CliRunner().invoke(app, ["plan", str(path), "-o", str(path)]).exit_code == 1
    assert "test" in path.read_text(encoding="utf-8")


def test_command_plans_again_and_says_why(tmp_path: Path) -> None:
    path, first, second = tmp_path / "t.yaml", tmp_path / "first.json", tmp_path / "second.json"
    path.write_text(TERRITORY, encoding="utf-8")
    run = CliRunner()
    assert run.invoke(app, ["plan", str(path), "-o", str(first), "--seconds", "1"]).exit_code == 0
    before = {one["id"]: one["date"] for one in json.loads(first.read_text(encoding="utf-8"))["visits"]}
    assert "2026-09-28" in before.values()
    away = TERRITORY.replace("surgery:", "away: [{from: 2026-09-28, to: 2026-09-28}], surgery:")
    path.write_text(away, encoding="utf-8")
    words = ["plan", str(path), "--earlier", str(first), "--today", "2026-09-22", "-o", str(second), "--language", "en"]
    done = run.invoke(app, words)
    assert done.exit_code == 0, done.output
    assert "the customer or the institution is not available" in done.output
    after = json.loads(second.read_text(encoding="utf-8"))
    assert {one["id"] for one in after["moves"]} == {key for key, day in before.items() if day == "2026-09-28"}
    assert {one["id"]: one["date"] for one in after["visits"]} == {k: d for k, d in before.items() if d != "2026-09-28"}
    for wrong, said in (
        (["--today", "soon"], "no date"),
        (["--today", "2027-01-01"], "is over"),
        (["--earlier", str(path)], "not a plan"),
    ):
        refused = run.invoke(app, [*words, *wrong])
        assert refused.exit_code == 1 and said in refused.output
