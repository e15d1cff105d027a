"""The figures that the product promises for matching, on real names with seeded damage and with seeded contradictions."""

import importlib
import random
import re
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from yaomai.engine.matching import Decision, match_names

Variant = tuple[str, str | None] | None


@pytest.fixture(scope="module")
def benchmark() -> ModuleType:
    sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))
    try:
        module = importlib.import_module("matching")
        shared = importlib.import_module("market").SHARED
    finally:
        sys.path.pop(0)
    if not (shared / "hospitals").is_dir():
        pytest.skip("needs the shared hospital lists: set YAOMAI_SHARED_DATA")
    return module


@pytest.fixture(scope="module")
def ground(benchmark: ModuleType) -> Any:
    return benchmark.prepare(4_000)


@pytest.mark.parametrize(
    ("setting", "first_three", "accepted"),
    [
        ("name alone", 0.90, 0.55),
        ("distributor's seat known", 0.94, 0.55),
        ("city column", 0.97, 0.64),
        ("city and county columns", 0.98, 0.66),
    ],
)
def test_what_is_accepted_is_right_and_the_right_one_is_shown(
    benchmark: ModuleType, ground: Any, setting: str, first_three: float, accepted: float
) -> None:
    every = benchmark.measure(ground, ground.answers(setting))["all"]
    assert every.asked == 4_000, "all damaged names count, those that are not in the list as well"
    assert every.accepted_right >= 0.995
    assert every.first_three >= first_three
    assert every.accepted / every.asked >= accepted


def test_a_region_never_makes_a_name_certain(ground: Any) -> None:
    alone, there = ground.answers("name alone"), ground.answers("distributor's seat known")
    assert [one.row for one in alone] == [one.row for one in there]


class Contradiction:
    """Makes a name that contradicts a real one; None where it does not apply."""

    def __init__(self, institutions: list[Any]) -> None:
        self.random = random.Random(20260702)
        self.cities = sorted({(one.province, one.city) for one in institutions})

    def other_ordinal(self, one: Any) -> Variant:
        numeral = "[一二三四五六七八九]"
        pattern = re.compile(f"{numeral}(?=人民医院|医院|附属|中医院|院$)")
        if not pattern.search(one.name):
            return None
        return pattern.sub(
            lambda found: self.random.choice("一二三四五六七八九".replace(found[0], "")), one.name
        ), one.place

    def added_ordinal(self, one: Any) -> Variant:
        if "第" in one.name or not one.name.endswith("人民医院"):
            return None
        return f"{one.name[:-4]}第{self.random.choice('一二三四五六七八九')}人民医院", one.place

    def unreadable_ordinal(self, one: Any) -> Variant:
        text = re.sub("第[一二三四五六七八九](?=人民医院$|医院$)", "第儿", one.name)
        return (text, one.place) if text != one.name else None

    def column_of_another_city(self, one: Any) -> Variant:
        province, city = self.random.choice(self.cities)
        return (one.name, province + city) if province[:2] != one.province[:2] else None

    def name_of_another_city(self, one: Any) -> Variant:
        if not one.city.endswith("市") or not one.name.startswith(one.city):
            return None
        other = self.random.choice([city for _, city in self.cities if city.endswith("市") and city != one.city])
        return other + one.name.removeprefix(one.city), None

    def affiliation(self, one: Any) -> Variant:
        if one.name.count("附属") == 1 and not re.search("附|分院", one.name.replace("附属", "")):
            return one.name.replace("附属", ""), one.place
        plain = one.name.endswith("医院") and not re.search("附|[(（、]", one.name)
        return (one.name[:-2] + "附属医院", one.place) if plain else None

    def branch(self, one: Any) -> Variant:
        if not one.name.endswith("医院") or re.search("[(（]", one.name):
            return None
        return one.name + self.random.choice(["东院", "西院区", "南区", "城北分院", "（西院）", "门诊部"]), one.place

    def kinds(self) -> dict[str, Callable[[Any], Variant]]:
        names = [name for name in vars(type(self)) if not name.startswith("_") and name != "kinds"]
        return {name: getattr(self, name) for name in names}


@pytest.mark.parametrize(
    ("kind", "least"),
    [
        ("other_ordinal", 800),
        ("added_ordinal", 1000),
        ("unreadable_ordinal", 400),
        ("column_of_another_city", 6000),
        ("name_of_another_city", 1200),
        ("affiliation", 4000),
        ("branch", 4000),
    ],
)
def test_what_contradicts_a_real_name_is_never_accepted_for_it(ground: Any, kind: str, least: int) -> None:
    make = Contradiction(ground.listed).kinds()[kind]
    asked = [(row, variant) for row, one in enumerate(ground.listed) if (variant := make(one)) is not None]
    answers = match_names([name for _, (name, _) in asked], ground.master, places=[place for _, (_, place) in asked])
    assert len(asked) >= least
    accepted = [one for one, answer in zip(asked, answers, strict=True) if answer.row == one[0]]
    assert accepted == []


def test_the_contradictions_would_be_accepted_without_them(ground: Any) -> None:
    answers = match_names(
        [one.name for one in ground.listed], ground.master, places=[one.place for one in ground.listed]
    )
    accepted = sum(answer.decision is Decision.ACCEPT and answer.row == row for row, answer in enumerate(answers))
    assert accepted / len(answers) >= 0.98
