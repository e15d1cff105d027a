"""Criteria, stages and days, by numbers worked by hand."""

from datetime import date
from decimal import Decimal

import pytest

from yaomai.engagement import rules

CRITERIA = (
    ("profile", Decimal(50), True),
    ("people", Decimal(3), True),
    ("deciders", Decimal(1), False),
)


def test_what_is_missing_is_what_falls_short_and_only_what_is_required_holds_back() -> None:
    found = rules.checks(CRITERIA, {"profile": 49, "people": 3, "deciders": 0})
    assert [(check.measure, check.is_met) for check in found] == [
        ("profile", False), ("people", True), ("deciders", False),
    ]  # fmt: skip
    assert [check.measure for check in rules.missing(found)] == ["profile", "deciders"]
    assert [check.measure for check in rules.missing(found, required_only=True)] == ["profile"]
    assert rules.missing(rules.checks(CRITERIA, {"profile": 50, "people": 3.0, "deciders": 1})) == []


def test_what_the_reader_may_not_see_neither_holds_back_nor_shows() -> None:
    (profile, _people, _deciders) = rules.checks(CRITERIA, {"profile": None, "people": 3, "deciders": 1})
    assert (profile.value, profile.is_met) == (None, True)


def test_a_measure_that_no_room_declares_is_left_out() -> None:
    assert [check.measure for check in rules.checks(CRITERIA, {"people": 5})] == ["people"]


@pytest.mark.parametrize(
    ("stage", "target", "left"),
    [
        ("identification", "tiering", ["identification"]),
        ("identification", "communication", ["identification", "tiering", "needs"]),
        ("communication", "needs", []),
        ("cooperation", "cooperation", []),
    ],
)
def test_a_move_answers_for_every_stage_it_leaves_behind(stage: str, target: str, left: list[str]) -> None:
    assert list(rules.stages_left(stage, target)) == left


def test_neighbours_end_at_both_ends() -> None:
    assert rules.neighbour("identification", -1) == "" and rules.neighbour("cooperation", 1) == ""
    assert rules.neighbour("tiering", 1) == "needs"
    assert rules.is_forward("tiering", "needs") and not rules.is_forward("needs", "needs")


def test_stalled_begins_the_day_after_the_limit_and_zero_never() -> None:
    since = date(2026, 9, 22)  # 60 days before 21 November
    assert not rules.is_stalled(since, 60, date(2026, 11, 21))
    assert rules.is_stalled(since, 60, date(2026, 11, 22))
    assert not rules.is_stalled(since, 0, date(2030, 1, 1))
