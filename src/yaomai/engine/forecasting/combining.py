"""Methods together, how wrong they were at earlier origins, and intervals as wide as those errors (split conformal).

At each origin the methods see nothing later. The interval of a step holds the share of earlier errors that it promises, with
the correction for few of them (Vovk, Gammerman and Shafer, 2005); errors are pooled over series, each divided by its scale, and
over neighbouring steps. The scale of a series is the mean change over a season, which also makes errors MASE (Hyndman and
Koehler, 2006).
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from yaomai.engine.forecasting.smoothing import Block, exponential, last_season, theta

METHODS: Final = {"exponential": exponential, "theta": theta, "last_season": last_season}
WEIGHTS: Final = {"exponential": 0.45, "theta": 0.45, "last_season": 0.1}
COMBINED: Final = "combined"
NAIVE: Final = "naive"
"""The last value goes on: what every method is to be better than."""
LEVELS: Final = (80, 95)
MOST_ORIGINS: Final = 24
FEWEST: Final = 6
"""Periods below which nothing is forecast."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """Of the series of one length: mean and bounds by level (series × horizon); the errors at earlier origins in
    units of the scale by method (series × origins × horizon, NaN where not yet known), and coverage by level."""

    mean: Block
    bounds: Mapping[int, tuple[Block, Block]]
    errors: Mapping[str, Block]
    coverage: Mapping[int, float]
    came: Block
    """What came at the earlier origins (series × origins × horizon), and the scale of the errors (series × origins)."""
    scale: Block

    def mase(self, method: str) -> float:
        """Return the mean absolute scaled error of a method; NaN when no origin could be tried."""
        errors = np.abs(self.errors[method])
        return float(np.nanmean(errors)) if np.isfinite(errors).any() else math.nan

    def scaled(self, method: str, row: int) -> float | None:
        """Return the mean absolute scaled error of one series; None when no origin could be tried."""
        errors = np.abs(self.errors[method][row])
        return float(np.nanmean(errors)) if np.isfinite(errors).any() else None

    def wrong(self, method: str, row: int) -> float | None:
        """Return the sum of absolute errors over the sum of what came, of one series; None where nothing came."""
        errors = np.abs(self.errors[method][row]) * self.scale[row][:, None]
        came = float(np.nansum(np.abs(self.came[row])))
        return float(np.nansum(errors)) / came if came > 0 else None


def scales(values: Block, season: int) -> Block:
    """Return the mean absolute change over a season (over one period where the series is too short or never changed)."""
    lag = season if values.shape[1] > season else 1
    found = np.abs(values[:, lag:] - values[:, :-lag]).mean(axis=1)
    single = np.abs(np.diff(values, axis=1)).mean(axis=1)
    found = np.where(found > 0, found, single)
    return np.where(found > 0, found, np.maximum(np.abs(values).mean(axis=1), 1e-9))


def together(values: Block, horizon: int, season: int) -> dict[str, Block]:
    """Forecast by every method and by their weighted mean; never below 0 where nothing ever was."""
    said = {name: method(values, horizon, season) for name, method in METHODS.items()}
    said[NAIVE] = last_season(values, horizon, 1)
    said[COMBINED] = sum((WEIGHTS[name] * said[name] for name in METHODS), np.zeros_like(said["theta"]))
    floor = np.where((values >= 0).all(axis=1), 0.0, -np.inf)[:, None]
    return {name: np.maximum(each, floor) for name, each in said.items()}


def forecast(values: Block, *, horizon: int, season: int) -> Forecast:
    """Forecast series of one length (series × periods).

    Raises:
        ValueError: fewer than `FEWEST` periods.
    """
    count, length = values.shape
    if length < FEWEST:
        raise ValueError(f"{length} periods; at least {FEWEST} are needed")
    least = min(max(2 * season + 1, FEWEST), max(length - horizon, FEWEST - 1))
    origins = list(range(length - 1, least - 1, -1))[:MOST_ORIGINS]
    errors = {name: np.full((count, len(origins), horizon), np.nan) for name in (*METHODS, NAIVE, COMBINED)}
    came, scale_of = np.full((count, len(origins), horizon), np.nan), np.empty((count, len(origins)))
    for number, origin in enumerate(origins):
        known = min(horizon, length - origin)
        scale = scales(values[:, :origin], season)[:, None]
        came[:, number, :known], scale_of[:, number] = values[:, origin : origin + known], scale[:, 0]
        for name, said in together(values[:, :origin], known, season).items():
            errors[name][:, number, :known] = (values[:, origin : origin + known] - said) / scale
    mean, scale = together(values, horizon, season)[COMBINED], scales(values, season)[:, None]
    bounds, coverage = {}, {}
    floor = np.where((values >= 0).all(axis=1), 0.0, -np.inf)[:, None]
    for level in LEVELS:
        width = _widths(np.abs(errors[COMBINED]), level / 100) * scale
        bounds[level] = (np.maximum(mean - width, floor), mean + width)
        coverage[level] = _coverage(np.abs(errors[COMBINED]), level / 100)
    return Forecast(mean, bounds, errors, coverage, came, scale_of)


def _widths(errors: Block, share: float) -> Block:
    """Return the half-width by step in units of the scale: what the share of earlier errors stayed within; steps whose
    errors are not known yet get the widest known one, and none gets less than the step before."""
    found = np.full(errors.shape[2], np.nan)
    for step in range(errors.shape[2]):
        near = errors[:, :, max(0, step - 1) : step + 2]
        known = np.sort(near[np.isfinite(near)])
        if known.size:
            rank = math.ceil((known.size + 1) * share)
            found[step] = known[min(rank, known.size) - 1] * (1 if rank <= known.size else 1.25)
    if np.isnan(found).all():
        return np.full(errors.shape[2], np.inf)
    filled = np.where(np.isnan(found), np.nanmax(found), found)
    widest: Block = np.maximum.accumulate(filled)
    return widest


def _coverage(errors: Block, share: float) -> float:
    """Return how often errors of the later half of origins stayed within the widths of the earlier half."""
    half = errors.shape[1] // 2
    if not half:
        return math.nan
    later, earlier = errors[:, :half], errors[:, half:]
    if not np.isfinite(earlier).any():
        return math.nan
    within = later <= _widths(earlier, share)
    return float(within[np.isfinite(later)].mean())
