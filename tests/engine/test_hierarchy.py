"""Forecasts by place, product and group: parts add up, errors stand beside simple methods, bad input is said in words."""

from datetime import date
from typing import Any

import numpy as np
import pytest

from yaomai.engine.forecasting.hierarchy import Node, forecast_hierarchy, months_ahead, plain

ABOVE = {"a": ("all", "a"), "b": ("all", "b")}
SEASON = np.array([1.2, 0.7, 1.0, 1.0, 0.9, 1.0, 0.9, 0.9, 1.1, 1.0, 1.1, 1.2])


def sold(periods: int = 36, seed: int = 1) -> dict[Any, dict[int, float]]:
    """Draw monthly sales with a season for two places, two products and two groups."""
    chance = np.random.default_rng(seed)
    return {
        (place, product, group): {
            number: float(size * SEASON[number % 12] * chance.lognormal(0, 0.1)) for number in range(periods)
        }
        for place, size in (("a", 1000.0), ("b", 300.0))
        for product in ("x", "y")
        for group in ("hospital", "retail")
    }


def told(lines: dict[Any, dict[int, float]], periods: int = 36) -> dict[Any, Node]:
    nodes = forecast_hierarchy(lines, ABOVE, periods=periods, last=date(2026, 10, 31), horizon=6)
    assert nodes[0].key == ("all", None, None), "a whole before its parts"
    return {node.key: node for node in nodes}


def test_parts_add_up_to_the_whole_in_every_direction() -> None:
    nodes = told(sold())
    assert len(nodes) == 3 * 3 * 3
    for place, product, group in nodes:
        whole = np.array(nodes[place, product, group].mean)
        if place == "all":
            assert whole == pytest.approx(np.sum([nodes[each, product, group].mean for each in "ab"], axis=0))
        if product is None:
            assert whole == pytest.approx(np.sum([nodes[place, each, group].mean for each in "xy"], axis=0))
        if group is None:
            kinds = ("hospital", "retail")
            assert whole == pytest.approx(np.sum([nodes[place, product, each].mean for each in kinds], axis=0))


def test_a_season_is_found_and_errors_stand_beside_simple_methods() -> None:
    top = told(sold())["all", None, None]
    expected = 4 * 1300 * SEASON[:6]
    assert np.array(top.mean) == pytest.approx(expected, rel=0.15)
    assert top.wrong["combined"] is not None and top.wrong["naive"] is not None
    assert top.wrong["combined"] < top.wrong["naive"]
    for low_80, low_95, high_80, high_95, mean in zip(
        *(top.bounds[level][0] for level in (80, 95)),
        *(top.bounds[level][1] for level in (80, 95)),
        top.mean,
        strict=True,
    ):
        assert low_95 <= low_80 <= mean <= high_80 <= high_95
    assert top.covered is not None and 0.5 < top.covered <= 1


def test_a_spike_is_not_forecast_and_is_named() -> None:
    lines = sold()
    lines["a", "x", "retail"][30] *= 1000
    nodes = told(lines)
    top = nodes["all", None, None]
    assert max(top.mean) < 10_000
    assert [(key, note.code) for key, note in top.notes] == [(("a", "x", "retail"), "spike")]
    assert "核对" in plain(top.notes[0][1])["zh"] and "check it" in plain(top.notes[0][1])["en"]


def test_what_is_over_counts_for_nothing_and_what_is_new_as_of_late() -> None:
    lines = sold()
    lines["a", "x", "retail"] = dict.fromkeys(range(20), 500.0)
    lines["b", "z", "retail"] = {33: 60.0, 34: 60.0, 35: 60.0}
    nodes = told(lines)
    over, new = nodes["a", "x", "retail"], nodes["b", "z", "retail"]
    assert over.is_rough and [note.code for _key, note in over.notes] == ["ended"] and not over.bounds
    assert "改名" in over.notes[0][1].text("zh")
    assert new.is_rough and [note.code for _key, note in new.notes] == ["short"]
    assert np.array(over.mean) == pytest.approx(np.zeros(6), abs=2) and np.array(new.mean) == pytest.approx(60, abs=2)


def test_zeros_gaps_and_months_of_returns() -> None:
    lines = sold()
    lines["a", "x", "retail"] = dict.fromkeys(range(36), 0.0)
    del lines["a", "y", "retail"][20]
    lines["b", "y", "retail"][10] = -50.0
    nodes = told(lines)
    codes = {
        key: [note.code for _key, note in nodes[key].notes] for key in nodes if None not in key and key[0] != "all"
    }
    assert codes["a", "x", "retail"] == ["zeros"]
    assert codes["a", "y", "retail"] == ["gaps"] and codes["b", "y", "retail"] == ["negative"]
    assert all(value >= 0 for node in nodes.values() for value in node.mean)


def test_too_few_months_give_no_interval_and_no_error() -> None:
    nodes = told(sold(5), periods=5)
    top = nodes["all", None, None]
    assert top.is_rough and not top.bounds and top.wrong == {"combined": None, "last_season": None, "naive": None}


def test_months_ahead_are_first_days() -> None:
    assert months_ahead(date(2026, 11, 30), 3) == [date(2026, 12, 1), date(2027, 1, 1), date(2027, 2, 1)]
