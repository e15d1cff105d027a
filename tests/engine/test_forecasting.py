"""Forecasts: single methods by hand, better together on real sales, intervals that hold what they promise."""

import csv
import os
from pathlib import Path

import numpy as np
import pytest

from yaomai.engine.forecasting.combining import COMBINED, METHODS, forecast, scales, together
from yaomai.engine.forecasting.smoothing import exponential, last_season, theta

SHARED = Path(os.environ.get("YAOMAI_SHARED_DATA", Path(__file__).parents[3] / "shared" / "data")) / "drug_sales"


def test_last_season_by_hand() -> None:
    assert last_season(np.arange(1.0, 9).reshape(1, -1), 6, 4).tolist() == [[5, 6, 7, 8, 5, 6]]


@pytest.mark.parametrize("method", [exponential, theta])
def test_what_never_changes_goes_on(method: object) -> None:
    assert method(np.full((2, 30), 7.0), 5, 12) == pytest.approx(np.full((2, 5), 7.0), rel=1e-6)  # type: ignore[operator]
    assert method(np.zeros((1, 30)), 5, 12).tolist() == [[0.0] * 5]  # type: ignore[operator]


@pytest.mark.parametrize("name", list(METHODS))
def test_a_pure_season_is_found(name: str) -> None:
    season = np.array([10, 20, 15, 30, 12, 8, 9, 25, 40, 11, 13, 17.0])
    said = METHODS[name](np.tile(season, 6).reshape(1, -1), 12, 12)
    assert said[0] == pytest.approx(season, rel=0.02)


def test_theta_of_a_line_goes_on_with_half_its_slope() -> None:
    values = np.arange(10.0, 70.0).reshape(1, -1)
    said = theta(values, 4, 1)[0]
    assert np.diff(said) == pytest.approx([0.5] * 3)
    assert said[0] == pytest.approx(69 + 0.5, abs=0.6)


def series() -> list[np.ndarray]:
    if not SHARED.is_dir():
        pytest.skip(f"no {SHARED}")
    with (SHARED / "a10.csv").open(encoding="utf-8") as stream:
        found = [np.array([float(row["value"]) for row in csv.DictReader(stream)])]
    with (SHARED / "salesmonthly.csv").open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    return [*found, *(np.array([float(row[name]) for row in rows[:-1]]) for name in rows[0] if name != "datum")]


def test_together_better_than_alone_on_real_sales() -> None:
    """Rolling origins over the last two years of nine monthly series, twelve months ahead at the most."""
    told = [forecast(each.reshape(1, -1), horizon=12, season=12) for each in series()]
    mase = {name: np.mean([each.mase(name) for each in told]) for name in (*METHODS, COMBINED)}
    assert mase[COMBINED] < min(mase[name] for name in METHODS), mase


def test_intervals_hold_what_they_promise() -> None:
    chance = np.random.default_rng(5)
    time = np.arange(96)
    level = 100 + np.cumsum(chance.normal(0, 2, (300, 96)), axis=1)
    values = level + 15 * np.sin(time * np.pi / 6 + chance.uniform(0, 6, (300, 1))) + chance.normal(0, 5, (300, 96))
    told = forecast(values[:, :84], horizon=12, season=12)
    for share, (low, high) in told.bounds.items():
        within = ((values[:, 84:] >= low) & (values[:, 84:] <= high)).mean()
        assert within == pytest.approx(share / 100, abs=0.05)
        assert told.coverage[share] == pytest.approx(share / 100, abs=0.06)
    assert (told.bounds[80][0] >= told.bounds[95][0]).all()


def test_sales_are_never_forecast_below_zero() -> None:
    chance = np.random.default_rng(6)
    values = np.maximum(chance.normal(1, 3, (20, 48)) - np.arange(48) * 0.05, 0)
    told = forecast(values, horizon=12, season=12)
    assert (told.mean >= 0).all()
    assert (told.bounds[95][0] >= 0).all()


def test_too_few_periods_are_refused() -> None:
    with pytest.raises(ValueError, match="5 periods"):
        forecast(np.ones((1, 5)), horizon=3, season=12)
    short = forecast(np.arange(1.0, 9).reshape(1, -1), horizon=12, season=12)
    assert np.isfinite(short.mean).all()


def test_no_method_sees_the_future() -> None:
    values = np.abs(np.random.default_rng(7).normal(50, 10, (3, 60)))
    changed = values.copy()
    changed[:, 50:] *= 1000
    for name, said in together(values[:, :50], 10, 12).items():
        assert np.array_equal(said, together(changed[:, :50], 10, 12)[name])
    assert scales(np.zeros((1, 30)), 12)[0] > 0
