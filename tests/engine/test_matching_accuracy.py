"""The figures that the product promises for matching, on real names with seeded damage."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

from yaomai.engine.matching import match_names


@pytest.fixture(scope="module")
def benchmark() -> ModuleType:
    path = Path(__file__).parents[2] / "benchmarks" / "matching.py"
    specification = importlib.util.spec_from_file_location("matching_benchmark", path)
    assert specification and specification.loader
    module = importlib.util.module_from_spec(specification)
    sys.modules["matching_benchmark"] = module
    specification.loader.exec_module(module)
    if not (module.SHARED / "hospitals").is_dir():
        pytest.skip("needs the shared hospital lists: set YAOMAI_SHARED_DATA")
    return module


def test_what_is_accepted_is_right_and_the_right_one_is_shown(benchmark: ModuleType) -> None:
    _, master, asked, _ = benchmark.prepare(4_000)
    answers = match_names([one.name for one in asked], master, places=[one.place for one in asked])
    tallies = benchmark.measure(asked, answers)
    enough = tallies["all that say enough"]
    wrong = sum(tally.accepted - tally.accepted_right for tally in (tallies["all"], tallies["not in the master list"]))
    accepted = tallies["all"].accepted + tallies["not in the master list"].accepted
    assert tallies["all"].accepted_right / tallies["all"].accepted >= 0.995
    assert 1 - wrong / accepted >= 0.995, "names whose institution is not in the list count as wrong when accepted"
    assert enough.among_three / enough.asked >= 0.97
    assert enough.accepted / enough.asked >= 0.70
