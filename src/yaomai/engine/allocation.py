"""Where the next unit of effort brings most: a response curve learned from own months, and a split under limits.

Purchases y of unit i in month t answer to effort x (the mean of this month and those before it, as far as `lag` reaches):

    log y = a_i + b_t + e · log(1 + x) + noise

What is steady in a unit (a_i) and common to a month (b_t) is taken out first, so that large units and seasons teach
nothing; e is the elasticity. Its interval is by unit (cluster-robust, Student's t with units − 1 degrees of freedom).
Effort that comes later must not explain what was bought before: when it does, effort follows purchases, and no claim
is made (placebo on leads; Granger 1969, Angrist and Pischke 2009, 5.2). What moves both in the same month, such as a
campaign of one territory, cannot be told apart from effort: a split is a proposal to try, not a proof. Pure functions
of plain arrays.
"""

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Verdict = Literal["told", "few_units", "few_months", "no_variation", "follows", "uncertain", "nothing"]
LEAST_SPREAD: Final = 0.05
"""Standard deviation of log effort, after units and months are taken out, below which nothing can be learned."""
MOST_ELASTIC: Final = 0.95
"""A curve must bend, or everything would go to one unit."""
FLOOR: Final = 0.01
"""Of a unit's mean: months without any purchase are taken as this much, a logarithm has none of nothing."""


@dataclass(frozen=True, slots=True)
class Response:
    """What more effort brought: `elasticity` with its interval, None where nothing can be said, as `verdict` says why."""

    verdict: Verdict
    units: int
    months: int
    elasticity: float | None = None
    low: float | None = None
    high: float | None = None
    lead: float | None = None
    """The same for effort that came later: near 0 where effort does not follow purchases."""

    @property
    def ends(self) -> tuple[float, float, float] | None:
        """Return (low, middle, high), None where nothing was learned."""
        if self.low is None or self.elasticity is None or self.high is None:
            return None
        return self.low, self.elasticity, self.high


@dataclass(frozen=True, slots=True)
class Split:
    """Effort a month by unit, in the order given: today's, an equal one, the proposed one; what each brings a month.

    gain, equal_gain: (low, middle, high) of what the proposed and the equal split bring above today's.
    marginal:         (low, middle, high) by unit: what one more unit of effort a month brings there.
    """

    today: Floats
    equal: Floats
    proposed: Floats
    gain: tuple[float, float, float]
    equal_gain: tuple[float, float, float]
    marginal: Floats


def response(
    purchases: Floats, effort: Floats, *, lag: int = 3, confidence: float = 0.9, least_units: int = 6,
    least_months: int = 12,
) -> Response:  # fmt: skip
    """Return what effort brought in a panel.

    Args:
        purchases, effort: units × months, oldest first, not negative; the same shape.
        lag: months over which effort works, this one included.

    Raises:
        ValueError: the shapes differ, or a value is no number.
    """
    if purchases.shape != effort.shape or purchases.ndim != 2:
        raise ValueError("purchases and effort must be units × months of the same shape")
    if not (np.isfinite(purchases).all() and np.isfinite(effort).all()):
        raise ValueError("purchases and effort must be numbers")
    # Units that never bought, and months before anybody made an effort, say nothing about the curve.
    purchases, effort = np.maximum(purchases, 0), np.maximum(effort, 0)
    is_bought = purchases.sum(axis=1) > 0
    begun = np.flatnonzero(effort[is_bought].sum(axis=0) > 0)
    first = int(begun[0]) if begun.size else effort.shape[1]
    purchases, effort = purchases[is_bought, first:], effort[is_bought, first:]
    units, months = purchases.shape
    if months < least_months:
        return Response("few_months", units, months)
    if units < least_units:
        return Response("few_units", units, months)
    felt = _felt(effort, lag)
    told = np.log(np.maximum(purchases, FLOOR * purchases.mean(axis=1, keepdims=True)))[:, lag - 1 :]
    found = _fit(told, [np.log1p(felt)], confidence)
    if found is None:
        return Response("no_variation", units, months)
    middle, low, high = found[0]
    # Present effort with that of the months to come: what lies ahead must add nothing.
    ahead = _fit(told[:, :-lag], [np.log1p(felt[:, lag:]), np.log1p(felt[:, :-lag])], confidence)
    lead = ahead[0] if ahead is not None else None
    shown = None if lead is None else lead[0]
    if lead is not None and lead[1] > 0:
        return Response("follows", units, months, middle, low, high, shown)
    if high <= 0:
        return Response("nothing", units, months, middle, low, high, shown)
    return Response("told" if low > 0 else "uncertain", units, months, middle, low, high, shown)


def _felt(effort: Floats, lag: int) -> Floats:
    """Return the mean effort of each month and those before it; the first `lag` − 1 months have none."""
    return np.lib.stride_tricks.sliding_window_view(effort, lag, axis=1).mean(axis=2)


def _within(values: Floats) -> Floats:
    """Take out what is steady in a unit and common to a month."""
    centred: Floats = values - values.mean(axis=1, keepdims=True) - values.mean(axis=0, keepdims=True) + values.mean()
    return centred


def _fit(told: Floats, causes: list[Floats], confidence: float) -> list[tuple[float, float, float]] | None:
    """Return (middle, low, high) of each cause; None where the first hardly varies."""
    from scipy.stats import t

    units = told.shape[0]
    if told.shape[1] < 2:
        return None
    y, x = _within(told), np.stack([_within(cause) for cause in causes])
    if x[0].std() < LEAST_SPREAD:
        return None
    flat = x.reshape(len(causes), -1)
    inverse = np.linalg.pinv(flat @ flat.T)
    beta = inverse @ (flat @ y.ravel())
    rest = y - np.tensordot(beta, x, axes=1)
    scores = np.einsum("kut,ut->uk", x, rest)
    spread = np.sqrt(np.diag(inverse @ (scores.T @ scores) @ inverse) * units / max(units - 1, 1))
    reach = float(t.ppf(0.5 + confidence / 2, max(units - 1, 1)))
    return [
        (float(each), float(each - reach * wide), float(each + reach * wide))
        for each, wide in zip(beta, spread, strict=True)
    ]


def split(purchases: Floats, effort: Floats, found: Response, *, limit: float = 0.3) -> Split:
    """Return how the same effort in all would bring most, no unit changed by more than a share of what it has.

    Args:
        purchases, effort: by unit, a month, of late.
        limit: the largest change of a unit's effort, as a share.

    Raises:
        ValueError: `found` tells no elasticity.
    """
    if found.verdict != "told" or found.elasticity is None or found.low is None or found.high is None:
        raise ValueError("without an elasticity there is nothing to split by")
    low, middle, high = (min(max(each, 0.0), MOST_ELASTIC) for each in (found.low, found.elasticity, found.high))
    total = float(effort.sum())
    proposed = _best(purchases, effort, middle, limit)
    equal = np.full_like(effort, total / max(len(effort), 1))

    def gain(chosen: Floats) -> tuple[float, float, float]:
        ends = [float((purchases * (((1 + chosen) / (1 + effort)) ** each - 1)).sum()) for each in (low, middle, high)]
        return min(ends), ends[1], max(ends)

    slope = purchases / (1 + effort)
    return Split(
        effort,
        equal,
        proposed,
        gain(proposed),
        gain(equal),
        np.stack([each * slope for each in (low, middle, high)], axis=1),
    )


def _best(purchases: Floats, effort: Floats, elasticity: float, limit: float) -> Floats:
    """Return the split where the next unit of effort brings the same everywhere, within the limits (bisection)."""
    least, most = effort * (1 - limit), effort * (1 + limit)
    total = float(effort.sum())
    if total <= 0 or not len(effort):
        return effort.copy()
    weight = (np.maximum(purchases, 1e-9) / (1 + effort) ** elasticity) ** (1 / (1 - elasticity))
    bottom, top = 0.0, float((1 + most).max() / weight.min())
    chosen = effort
    for _step in range(200):
        price = (bottom + top) / 2
        chosen = np.clip(price * weight - 1, least, most)
        if chosen.sum() > total:
            top = price
        else:
            bottom = price
    best: Floats = chosen
    return best
