"""Single methods, each for a block of series of one length at once (series × periods in, series × horizon out).

`exponential`: additive Holt-Winters with a damped trend (Gardner and McKenzie, 1985), of the logarithm where all values are
positive; its parameters are those of a grid with the least squared error. `theta`: Assimakopoulos and Nikolopoulos (2000) as
simple exponential smoothing with half the slope of a line (Hyndman and Billah, 2003), after seasonal adjustment.
"""

from itertools import product
from typing import Any, Final

import numpy as np
import numpy.typing as npt

Block = npt.NDArray[Any]

LEVELS: Final = (0.05, 0.1, 0.2, 0.35, 0.5, 0.7, 0.9)
TRENDS: Final = ((0.0, 0.0), (0.02, 0.98), (0.1, 0.98), (0.1, 0.9))
SEASONS: Final = (0.0, 0.05, 0.15, 0.35)
_STRONG: Final = 1.645


def last_season(values: Block, horizon: int, season: int) -> Block:
    """Repeat the last season (with season 1 the last value)."""
    season = season if season <= values.shape[1] else 1
    return np.take(values[:, -season:], np.arange(horizon) % season, axis=1)


def exponential(values: Block, horizon: int, season: int) -> Block:
    """Smooth level, damped trend and season."""
    positive: Block = np.asarray((values > 0).all(axis=1))
    work = np.where(positive[:, None], np.log(np.where(values > 0, values, 1.0)), values)
    season = season if values.shape[1] >= 2 * season else 1
    found = _smoothed(work, horizon, season)
    return np.where(positive[:, None], np.exp(np.clip(found, -50, 50)), found)


def _smoothed(work: Block, horizon: int, season: int) -> Block:
    count, length = work.shape
    seasons = SEASONS if season > 1 else (0.0,)
    grid = np.array([(level, *trend, each) for level, trend, each in product(LEVELS, TRENDS, seasons)])
    alpha, beta, phi, gamma = (grid[:, number] for number in range(4))
    usual = _seasonal_means(work, season)
    states = np.repeat(usual[:, None, :], len(grid), axis=1)
    level = np.repeat((work[:, :season] - usual).mean(axis=1)[:, None], len(grid), axis=1)
    trend, squared = np.zeros_like(level), np.zeros_like(level)
    for period in range(length):
        place = period % season
        ahead = level + phi * trend
        error = work[:, period, None] - ahead - states[:, :, place]
        if period >= season:
            squared += error**2
        level = ahead + alpha * error
        trend = phi * trend + alpha * beta * error
        states[:, :, place] += gamma * (1 - alpha) * error
    best, rows = squared.argmin(axis=1), np.arange(count)
    level, trend, states, damped = level[rows, best], trend[rows, best], states[rows, best], phi[best]
    found, slope, power = np.empty((count, horizon)), np.zeros(count), np.ones(count)
    for step in range(horizon):
        power = power * damped
        slope = slope + power
        found[:, step] = level + slope * trend + states[:, (length + step) % season]
    return found


def _seasonal_means(work: Block, season: int) -> Block:
    """Give the mean deviation of each place in the season from the mean of its season, adding up to 0."""
    whole = work.shape[1] // season
    folded = work[:, : whole * season].reshape(len(work), whole, season)
    means = (folded - folded.mean(axis=2, keepdims=True)).mean(axis=1)
    centred: Block = means - means.mean(axis=1, keepdims=True)
    return centred


def theta(values: Block, horizon: int, season: int) -> Block:
    """Smooth the seasonally adjusted series and add half the slope of its line."""
    length = values.shape[1]
    season = season if length >= 2 * season else 1
    seasonal = _is_seasonal(values, season) if season > 1 else np.zeros(len(values), bool)
    positive: Block = np.asarray((values > 0).all(axis=1))
    work = np.where(positive[:, None], np.log(np.where(values > 0, values, 1.0)), values)
    effect = np.where(seasonal[:, None], _seasonal_means(_without_line(work), season), 0.0)
    places = np.arange(length + horizon) % season
    plain = work - effect[:, places[:length]]
    plain = np.where(positive[:, None], np.exp(np.where(positive[:, None], plain, 0.0)), plain)
    slope = _slope(plain)
    alphas = np.linspace(0.05, 0.95, 19)
    level = np.repeat(plain[:, :1], len(alphas), axis=1)
    squared = np.zeros_like(level)
    for period in range(1, length):
        error = plain[:, period, None] - level
        squared += error**2
        level = level + alphas * error
    best = squared.argmin(axis=1)
    rows = np.arange(len(values))
    rest = (1 - (1 - alphas[best]) ** length) / alphas[best]
    steps = np.arange(horizon)
    found = level[rows, best, None] + slope[:, None] / 2 * (steps + rest[:, None])
    added = effect[:, places[length:]]
    return np.where(positive[:, None], np.maximum(found, 0) * np.exp(added), found + added)


def _slope(values: Block) -> Block:
    time = np.arange(values.shape[1]) - (values.shape[1] - 1) / 2
    found: Block = values @ time / (time**2).sum()
    return found


def _without_line(values: Block) -> Block:
    time = np.arange(values.shape[1]) - (values.shape[1] - 1) / 2
    return values - _slope(values)[:, None] * time


def _is_seasonal(values: Block, season: int) -> Block:
    """Say whether the autocorrelation at the season stands out, as in the M3 and M4 competitions."""
    centred = _without_line(values)
    centred = centred - centred.mean(axis=1, keepdims=True)
    power: Block = np.asarray((centred**2).sum(axis=1))
    safe = np.where(power > 0, power, 1.0)
    lags = [(centred[:, lag:] * centred[:, :-lag]).sum(axis=1) / safe for lag in range(1, season + 1)]
    spread = np.sqrt((1 + 2 * sum(each**2 for each in lags[:-1])) / values.shape[1])
    return np.abs(lags[-1]) > _STRONG * spread
