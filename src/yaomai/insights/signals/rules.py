"""When a price is outlying: pure, without a database."""

from dataclasses import dataclass
from functools import lru_cache
from math import exp, log, log1p
from typing import Final

MONEY_A_YEAR: Final = 12
"""A level that moved concerns so many months."""
_NORMAL: Final = 1.4826
"""Median deviation in that of a normal distribution."""
_LEAST_SCATTER: Final = 0.01
"""Prices set by contract do not scatter at all: one percent stands for rounding."""
_HEAVY: Final = 6
"""Degrees of freedom of the t distribution after which what is ordinary scatters, as in `yaomai.engine.anomalies`."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """Between which prices of a product ordinarily lie; `scatter` in logarithms."""

    usual: float
    low: float
    high: float
    scatter: float

    def score(self, price: float) -> float:
        """Return how many times the ordinary scatter a price lies away."""
        return abs(log(price / self.usual)) / self.scatter


def price_bounds(usual: float, wide: float, *, false_alarms: float, least: float) -> Bounds:
    """Return the bounds of a price.

    Args:
        usual:  the median price.
        wide:   the median of the distances to it, in logarithms.
        least:  the smallest distance that counts, as a share of the usual price.
    """
    scatter = max(_NORMAL * wide, _LEAST_SCATTER)
    far = max(_limit(false_alarms) * scatter, log1p(least))
    return Bounds(usual, usual * exp(-far), usual * exp(far), scatter)


def is_outlying(price: float, bounds: Bounds) -> bool:
    """Tell whether a price lies outside of what is ordinary."""
    return not bounds.low <= price <= bounds.high


@lru_cache(maxsize=8)
def _limit(false_alarms: float) -> float:
    from scipy import stats

    return float(stats.t.isf(false_alarms / 2, _HEAVY))
