"""Allocation: planted elasticities are found, none where there is none, and the split is the best within its limits."""

import numpy as np
import pytest
from numpy.typing import NDArray

from yaomai.engine.allocation import Response, response, split

Floats = NDArray[np.float64]


def panel(
    seed: int, *, elasticity: float = 0.3, units: int = 30, months: int = 24, follows: float = 0.0, varies: float = 0.4
) -> tuple[Floats, Floats]:
    """Draw units of different size with seasons; effort moves at random, or (`follows`) after what was bought."""
    chance = np.random.default_rng(seed)
    size = chance.lognormal(10, 0.8, (units, 1))
    season = 0.2 * np.sin(2 * np.pi * np.arange(months + 3) / 12)
    effort = chance.lognormal(2.5, 0.5, (units, 1)) * np.exp(chance.normal(0, varies, (units, months + 3)))
    shock = np.zeros((units, months + 3))
    noise = chance.normal(0, 0.15, (units, months + 3))
    for month in range(1, months + 3):
        shock[:, month] = 0.6 * shock[:, month - 1] + noise[:, month]
    if follows:
        effort[:, 1:] *= np.exp(follows * shock[:, :-1])
    felt = np.lib.stride_tricks.sliding_window_view(effort, 3, axis=1).mean(axis=2)
    bought = size * np.exp(season + shock)[:, 2:] * (1 + felt) ** elasticity
    return bought[:, :months], effort[:, 2 : 2 + months]


def test_a_planted_elasticity_lies_within_its_interval_as_often_as_it_says() -> None:
    found = [response(*panel(seed, elasticity=0.3)) for seed in range(100)]
    inside = sum(each.low is not None and each.high is not None and each.low <= 0.3 <= each.high for each in found)
    assert 83 <= inside <= 97, inside
    assert sum(each.verdict == "told" for each in found) >= 85
    assert abs(float(np.mean([each.elasticity for each in found if each.elasticity is not None])) - 0.3) < 0.03


def test_nothing_is_told_where_effort_does_nothing() -> None:
    told = sum(response(*panel(seed, elasticity=0.0)).verdict == "told" for seed in range(200))
    assert told <= 16, f"{told} of 200: at 90 % one side in twenty is chance"


def test_effort_that_follows_purchases_is_not_taken_for_its_cause() -> None:
    found = [response(*panel(seed, elasticity=0.0, follows=3.0, units=60)).verdict for seed in range(60)]
    assert found.count("told") <= 6, found
    assert found.count("follows") >= 40, found


@pytest.mark.parametrize(
    ("made", "verdict"),
    [
        ({"months": 8}, "few_months"), ({"units": 4}, "few_units"), ({"varies": 0.0}, "no_variation"),
    ],
)  # fmt: skip
def test_too_little_is_said_to_be_too_little(made: dict[str, int], verdict: str) -> None:
    found = response(*panel(1, **made))
    assert found.verdict == verdict and found.elasticity is None


def test_months_before_any_effort_and_units_that_never_bought_do_not_count() -> None:
    bought, effort = panel(2, months=30)
    effort[:, :20] = 0
    assert response(bought, effort).verdict == "few_months"
    bought[5:] = 0
    assert response(bought, panel(2, months=30)[1]).verdict == "few_units"
    assert response(np.zeros((10, 24)), np.zeros((10, 24))).verdict == "few_months"


def test_what_is_no_panel_is_refused() -> None:
    with pytest.raises(ValueError, match="shape"):
        response(np.ones((3, 4)), np.ones((3, 5)))
    with pytest.raises(ValueError, match="numbers"):
        response(np.full((8, 24), np.nan), np.ones((8, 24)))
    with pytest.raises(ValueError, match="elasticity"):
        split(np.ones(3), np.ones(3), Response("uncertain", 3, 24))


TOLD = Response("told", 20, 24, 0.3, 0.1, 0.5)


def test_the_split_keeps_the_whole_and_the_limits_and_beats_any_other() -> None:
    chance = np.random.default_rng(3)
    purchases, effort = chance.lognormal(10, 1, 20), chance.lognormal(2.5, 0.6, 20)
    found = split(purchases, effort, TOLD, limit=0.3)
    assert abs(found.proposed.sum() - effort.sum()) < 1e-6 * effort.sum()
    assert (found.proposed >= 0.7 * effort - 1e-9).all() and (found.proposed <= 1.3 * effort + 1e-9).all()
    low, middle, high = found.gain
    assert low <= middle <= high and middle > 0

    def brings(chosen: Floats) -> float:
        return float((purchases * ((1 + chosen) / (1 + effort)) ** 0.3).sum())

    best = brings(found.proposed)
    for _trial in range(500):
        step = chance.normal(0, 0.2, 20) * effort
        other = np.clip(found.proposed + step - step.mean(), 0.7 * effort, 1.3 * effort)
        other *= effort.sum() / other.sum()
        if (other >= 0.7 * effort).all() and (other <= 1.3 * effort).all():
            assert brings(other) <= best + 1e-6 * best
    assert (
        found.gain[1] >= found.equal_gain[1] or (found.equal < 0.7 * effort).any() or (found.equal > 1.3 * effort).any()
    )
    assert np.allclose(found.marginal[:, 1], 0.3 * purchases / (1 + effort))


def test_a_split_of_nothing_is_nothing() -> None:
    found = split(np.array([10.0, 20.0]), np.zeros(2), TOLD)
    assert found.proposed.tolist() == [0, 0] and found.gain == (0, 0, 0)
