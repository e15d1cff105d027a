"""Routes over days and with time windows: small instances by hand, published ones against the best known."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.engine.routes import PVRP, SOLOMON, best_known, problems_of_periodic, problems_of_windows
from typer.testing import CliRunner

from yaomai.engine.cli import app
from yaomai.engine.routing import Instance, RoutingProblem, Stop, read_periodic, read_windows, solve_routing

ROOT = Path(__file__).parents[2]
SHARED = Path(os.environ.get("YAOMAI_SHARED_DATA", ROOT.parent / "shared" / "data"))
needs_data = pytest.mark.skipif(not (SHARED / PVRP).is_dir(), reason="the published instances are not here")

# Two stops east, two west; each must be met on one of two days; a vehicle takes two.
TWO_DAYS = """1 1 4 2
0 2
0 2
0 0 0 0 0 0 0
1 10 0 0 1 1 2 1 2
2 10 1 0 1 1 2 1 2
3 -10 0 0 1 1 2 1 2
4 -10 1 0 1 1 2 1 2
"""
# The first is met on both days, the others on one: whoever is near it shares its way.
PATTERNS = """1 1 3 2
0 9
0 9
0 0 0 0 0 0 0
1 10 0 0 1 2 1 3
2 20 0 0 1 1 2 1 2
3 10 2 0 1 1 1 1
"""
WINDOWS = """TINY

VEHICLE
NUMBER     CAPACITY
  3         10

CUSTOMER
CUST NO.  XCOORD.   YCOORD.    DEMAND   READY TIME  DUE DATE   SERVICE   TIME

    0      0          0          0          0        100          0
    1      10         0          1         50         60          5
    2      20         0          1          0         30          5
    3      -10        0          1          0        100          5
"""

Write = Callable[[str], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def written(text: str) -> Path:
        path = tmp_path / "instance"
        path.write_text(text, encoding="utf-8")
        return path

    return written


def command(*words: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["route", *words])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.output


def test_days_are_chosen_so_that_neighbours_share_one(write: Write) -> None:
    found = solve_routing(read_periodic(write(TWO_DAYS)), seconds=1, workers=1)
    assert {frozenset(route) for day in found.plan for route in day} == {frozenset({1, 2}), frozenset({3, 4})}
    assert found.cost == pytest.approx(2 * (10 + 1 + 101**0.5))
    assert problems_of_periodic(write(TWO_DAYS), found.as_dict()) == []


def test_combinations_of_days_are_kept(write: Write) -> None:
    found = solve_routing(read_periodic(write(PATTERNS)), seconds=1, workers=1)
    # The highest bit is the first day: 3 goes on day 2 (code 1), and 2 is met best on the way round it and 1.
    days = [sorted(stop for route in day for stop in route) for day in found.plan]
    assert days == [[1], [1, 2, 3]]
    assert found.cost == pytest.approx(20 + 2 * 104**0.5 + 20)
    assert problems_of_periodic(write(PATTERNS), found.as_dict()) == []


def test_time_windows_decide_the_order(write: Write) -> None:
    found = solve_routing(read_windows(write(WINDOWS)), seconds=1, workers=1)
    assert problems_of_windows(write(WINDOWS), found.as_dict()) == []
    # 2 before 1, although 1 lies on the way; 3 on the same round, for the shortest distance in all.
    (order,) = [route for (day,) in [found.plan] for route in day if 1 in route]
    assert order.index(2) < order.index(1)
    assert found.cost == pytest.approx(60)


def test_longest_duration_is_kept(write: Write) -> None:
    text = TWO_DAYS.replace("0 2\n0 2\n", "22.5 4\n22.5 4\n").replace("1 1 4 2", "1 2 4 2")
    found = solve_routing(read_periodic(write(text)), seconds=1, workers=1)
    assert problems_of_periodic(write(text), found.as_dict()) == []
    assert max(found.length(route) for day in found.plan for route in day) <= 22.5


def test_what_cannot_be_served_is_said(write: Write) -> None:
    too_few = TWO_DAYS.replace("0 2\n0 2\n", "0 1\n0 1\n")
    with pytest.raises(RoutingProblem, match=r"unserved"):
        solve_routing(read_periodic(write(too_few)), seconds=0.5, workers=1)
    crowded = PATTERNS.replace("0 9\n0 9\n", "0 1\n0 1\n")
    with pytest.raises(RoutingProblem, match="unserved"):
        solve_routing(read_periodic(write(crowded)), seconds=0.5, workers=1)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "incomplete"),
        ("5 1 4 2\n", "type 5"),
        (TWO_DAYS.replace("10 1 0", "ten 1 0"), "line 6: “ten”"),
        (TWO_DAYS.replace("1 1 4 2\n", "1 0 4 2\n"), "no vehicles"),
        (TWO_DAYS.replace("1 1 4 2\n", "1 1 9 2\n"), "9 customers are announced, 4"),
        (TWO_DAYS.replace("2 10 1 0 1 1 2 1 2", "2 10 1 0 1 1 2 1 8"), "line 6: the combination of days 8"),
        (TWO_DAYS.replace("2 10 1 0 1", "2 10 1 0 7"), "line 6: the demand 7"),
        (TWO_DAYS.replace("2 10 1 0 1 1 2 1 2", "2 10 1"), "line 6: at least 7"),
        (TWO_DAYS.replace("1 1 4 2\n", "1 1 4000000 2\n"), "limit of 2000"),
    ],
)
def test_periodic_files_that_are_wrong(write: Write, text: str, said: str) -> None:
    with pytest.raises(RoutingProblem, match=said):
        read_periodic(write(text))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("nothing\n", "VEHICLE"),
        (WINDOWS.replace("CUSTOMER", "CLIENTS"), "CUSTOMER"),
        (WINDOWS.replace("  3         10", "  0         10"), "no vehicles"),
        (WINDOWS.replace("50         60", "60         50"), "line 11: the window"),
        (WINDOWS.replace("0         30", "0         3"), "line 12: the window"),
    ],
)
def test_window_files_that_are_wrong(write: Write, text: str, said: str) -> None:
    with pytest.raises(RoutingProblem, match=said):
        read_windows(write(text))


def test_command_writes_routes_or_nothing(write: Write, tmp_path: Path) -> None:
    path, output = write(PATTERNS), tmp_path / "out.json"
    status, said = command(
        str(path), "--format", "pvrp", "--seconds", "1", "--workers", "2", "-o", str(output), "--language", "en"
    )
    assert (status, "distance 60.40" in said) == (0, True)
    assert problems_of_periodic(path, json.loads(output.read_text())) == []
    before = output.read_bytes()
    assert command(str(path), "--format", "solomon", "-o", str(output), "--language", "zh")[0] == 1
    status, said = command(str(path), "--format", "pvrp", "-o", str(path), "--language", "zh")
    assert (status, "不能覆盖" in said) == (1, True)
    assert output.read_bytes() == before
    assert sorted(one.name for one in tmp_path.iterdir()) == ["instance", "out.json"]


def test_windows_over_several_days() -> None:
    stop = Stop(x=10, y=0, demand=1, service=0, options=((0,), (1,)), ready=0, due=20)
    late = Stop(x=-10, y=0, demand=1, service=0, options=((0,), (1,)), ready=0, due=11)
    instance = Instance("days", Stop(0, 0, 0, 0, (), due=50), (stop, late), days=2, vehicles=1, capacity=1)
    found = solve_routing(instance, seconds=1, workers=1)
    assert found.cost == pytest.approx(40)
    assert sorted(len(day) for day in found.plan) == [1, 1]


@needs_data
@pytest.mark.parametrize(("name", "gap"), [("p01", 0.05), ("p02", 0.10)])
def test_published_periodic_instance_in_seconds(name: str, gap: float) -> None:
    path = SHARED / PVRP / name
    found = solve_routing(read_periodic(path), seconds=4, workers=1)
    assert problems_of_periodic(path, found.as_dict()) == []
    assert found.cost <= best_known(SHARED / PVRP)[name] * (1 + gap)


@needs_data
def test_published_window_instance_in_seconds() -> None:
    path = SHARED / SOLOMON / "c101.txt"
    found = solve_routing(read_windows(path), seconds=2, workers=1)
    assert problems_of_windows(path, found.as_dict()) == []
    assert found.cost <= best_known(SHARED / SOLOMON)["c101"] * 1.01
