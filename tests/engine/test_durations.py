"""Forecasts of a path of stages: estimates by hand, invariants, and what is said when little is known."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yaomai.engine.durations import Spell, remaining, survival

# The 6-MP arm of Freireich et al. (1963), weeks in remission; False: still in remission.
REMISSION = [
    *[Spell(6)] * 3, Spell(6, False), Spell(7), Spell(9, False), Spell(10), Spell(10, False), Spell(11, False), Spell(13), Spell(16),
    Spell(17, False), Spell(19, False), Spell(20, False), Spell(22), Spell(23), Spell(25, False), Spell(32, False), Spell(32, False),
    Spell(34, False), Spell(35, False),
]  # fmt: skip


def test_survival_equals_the_published_estimate() -> None:
    days, longer = survival(REMISSION)
    assert days.tolist() == [6, 7, 10, 13, 16, 22, 23]
    assert longer.round(3).tolist() == [0.857, 0.807, 0.753, 0.69, 0.627, 0.538, 0.448]


def test_a_stage_of_equal_spells_takes_what_is_left_of_them() -> None:
    found = remaining({"pharmacy": [Spell(40)] * 6}, ["pharmacy"], elapsed=10, assumed={})
    assert (found.low, found.middle, found.high) == (30, 30, 30)
    assert [(each.ended, each.is_assumed) for each in found.basis] == [(6, False)]


def test_stages_add_up() -> None:
    known = {"a": [Spell(10)] * 5, "b": [Spell(20)] * 5}
    assert remaining(known, ["a", "b"], elapsed=4, assumed={}).middle == 26


def test_too_few_cases_fall_back_to_the_assumption_and_say_so() -> None:
    found = remaining({"a": [Spell(1)] * 4}, ["a"], elapsed=0, assumed={"a": 60})
    assert found.basis[0].is_assumed
    assert 25 < found.low < 50 < found.middle < 70 < found.high < 140


def test_what_has_lasted_longer_than_any_before_is_not_said_to_be_through() -> None:
    found = remaining({"a": [Spell(10)] * 8}, ["a"], elapsed=100, assumed={})
    assert 0 < found.middle <= 100
    assert found.high > found.middle


def test_nothing_known_is_an_error() -> None:
    with pytest.raises(ValueError, match="nothing is known"):
        remaining({}, ["a"], elapsed=0, assumed={})
    with pytest.raises(ValueError, match="no stage"):
        remaining({}, [], elapsed=0, assumed={})


SPELLS = st.lists(st.builds(Spell, st.integers(0, 400), st.booleans()), max_size=30)


@given(SPELLS, SPELLS, st.integers(0, 500), st.integers(0, 3))
def test_low_middle_high_stand_in_order_and_repeat(
    first: list[Spell], second: list[Spell], elapsed: int, seed: int
) -> None:
    arguments = {"elapsed": elapsed, "assumed": {"a": 30, "b": 30}, "seed": seed}
    found = remaining({"a": first, "b": second}, ["a", "b"], **arguments)
    assert 0 <= found.low <= found.middle <= found.high
    assert found == remaining({"a": first, "b": second}, ["a", "b"], **arguments)
