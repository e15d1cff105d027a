"""Difference in differences between treated units and their nearest others, adjusted for where both stood before.

Each unit is one observation: its mean after the change less its mean before. This difference is regressed on treatment, on
the level and on the trend before; errors are robust to unequal variance (HC3), so what happens within a unit over time needs
no model. Controls are the nearest few of each treated unit by level and trend (matching as preprocessing: Ho, Imai, King
and Stuart, Political Analysis 15, 2007). What must not happen is looked for among all units: an "effect" in the middle of the
time before the change, and trends that parted before it.
"""

from dataclasses import dataclass
from math import ceil
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray
from scipy import stats
from scipy.spatial import cKDTree

Values = NDArray[np.float64]
Verdict = Literal["helps", "harms", "none", "unclear", "incomparable", "few"]
FEWEST_UNITS: Final = 5
FEWEST_BEFORE: Final = 4
NEAREST: Final = 5
LEVEL: Final = 0.95
POWER: Final = 0.8
SUSPICIOUS: Final = 0.025
"""Chance below which a difference before the change counts as one; there are two looks, so 5 % together."""
LIKELY: Final = 0.2
"""The same for trends that alone, had they gone on, would explain more than half of the effect."""


@dataclass(frozen=True, slots=True)
class Difference:
    """An adjusted difference between treated and controls, with its interval and the chance of one so large by accident."""

    effect: float
    low: float
    high: float
    chance: float
    error: float


@dataclass(frozen=True, slots=True)
class Effect:
    """What came of a change."""

    difference: Difference | None
    """None when there are too few units or periods for any claim."""
    placebo: Difference | None
    """The same computed for a change that never was, halfway through the time before."""
    trend: Difference | None
    """How much the trends before differ, per period."""
    baseline: float
    """What the treated would have had without the change: mean per unit and period."""
    treated: int
    controls: int
    matched: NDArray[np.int64]
    """Rows of the controls that were compared with."""
    verdict: Verdict
    needed: int
    """Further treated units, with as many controls each, that would settle it; 0 when nothing is needed."""

    @property
    def relative(self) -> float | None:
        """Return the effect as a share of the baseline."""
        if self.difference is None or self.baseline <= 0:
            return None
        return self.difference.effect / self.baseline


def estimate(values: Values, *, treated: NDArray[np.bool_], since: int, least: float = 0.05) -> Effect:
    """Return the effect of a change that began with period `since`.

    Args:
        values: units × periods, no gaps.
        least: the smallest effect, as a share of the baseline, that would matter.
    """
    count, controls = int(treated.sum()), int((~treated).sum())
    after = values.shape[1] - since
    if min(count, controls) < FEWEST_UNITS or since < FEWEST_BEFORE or after < 1:
        own = float(values[treated].mean()) if count else 0.0
        few = max(0, FEWEST_UNITS - count)
        return Effect(None, None, None, own, count, controls, np.empty(0, np.int64), "few", few)
    matched = _nearest(values[:, :since], treated)
    rows = np.concatenate([np.flatnonzero(treated), matched])
    some, flags = values[rows], treated[rows]
    difference = _difference(some, flags, since)
    placebo, trend = _before(values[:, :since], treated)
    baseline = float(values[treated, since:].mean()) - difference.effect
    continued = trend.effect * values.shape[1] / 2
    verdict = _verdict(difference, placebo, trend, abs(baseline) * least, continued=continued)
    return Effect(
        difference, placebo, trend, baseline, count, controls, matched, verdict,
        _needed(difference, count, abs(baseline) * least) if verdict == "unclear" else 0,
    )  # fmt: skip


def _slopes(before: Values) -> Values:
    """Return the least-squares trend of each unit per period."""
    time = np.arange(before.shape[1]) - (before.shape[1] - 1) / 2
    slopes: Values = before @ time / (time @ time)
    return slopes


def _nearest(before: Values, treated: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return the controls that are among the nearest few of any treated unit by level and trend."""
    places = np.column_stack([before.mean(1), _slopes(before)])
    spread = places.std(0)
    places = places / np.where(spread > 0, spread, 1)
    others = np.flatnonzero(~treated)
    _far, near = cKDTree(places[others]).query(places[treated], k=min(NEAREST, len(others)))
    return np.asarray(np.unique(others[np.ravel(near)]), np.int64)


def _before(before: Values, treated: NDArray[np.bool_]) -> tuple[Difference, Difference]:
    """Return a placebo halfway through the time before, and how much the trends differ.

    All units are asked, not only those that were matched: among many others some look by chance as those do that were
    chosen because they were growing, and go on as all others do.
    """
    half = before.shape[1] // 2
    first, second = before[:, :half].mean(1), before[:, half:].mean(1)
    return (
        _adjusted(second - first, treated, first[:, None]),
        _adjusted(_slopes(before), treated, before.mean(1)[:, None]),
    )


def _difference(values: Values, treated: NDArray[np.bool_], since: int) -> Difference:
    before, after = values[:, :since], values[:, since:]
    known = [before.mean(1)] + ([_slopes(before)] if since >= FEWEST_BEFORE else [])
    return _adjusted(after.mean(1) - before.mean(1), treated, np.column_stack(known))


def _adjusted(outcome: Values, treated: NDArray[np.bool_], known: Values) -> Difference:
    """Regress on treatment and what is known of each unit; errors by HC3 (MacKinnon and White, 1985)."""
    known = known - known.mean(0) if known.size else known
    known = known[:, known.std(0) > 0] if known.size else known
    design = np.column_stack([np.ones(len(outcome)), treated.astype(float), known])
    inverse = np.linalg.pinv(design.T @ design)
    weights = inverse @ design.T
    left = outcome - design @ (weights @ outcome)
    leverage = np.einsum("ij,ji->i", design, weights)
    variance = (weights[1] ** 2 * (left / np.clip(1 - leverage, 1e-9, None)) ** 2).sum()
    effect, error = float(weights[1] @ outcome), float(np.sqrt(variance))
    freedom = max(1, len(outcome) - design.shape[1])
    width = float(stats.t.ppf(0.5 + LEVEL / 2, freedom)) * error
    chance = float(2 * stats.t.sf(abs(effect) / error, freedom)) if error > 0 else float(effect == 0)
    return Difference(effect, effect - width, effect + width, chance, error)


def _verdict(found: Difference, placebo: Difference, trend: Difference, matters: float, *, continued: float) -> Verdict:
    """Return what may be said; `continued` is what the trends before alone would have brought apart since."""
    if min(placebo.chance, trend.chance) < SUSPICIOUS:
        return "incomparable"
    if trend.chance < LIKELY and continued * found.effect > 0 and abs(continued) > abs(found.effect) / 2:
        return "incomparable"
    if found.low > 0:
        return "helps"
    if found.high < 0:
        return "harms"
    return "none" if max(abs(found.low), abs(found.high)) <= matters else "unclear"


def _needed(found: Difference, count: int, matters: float) -> int:
    """Return how many further treated units would show the effect seen, or the smallest that matters, with 80 % power."""
    wanted = max(abs(found.effect), matters)
    if wanted <= 0:
        return 0
    sure = float(stats.norm.ppf(0.5 + LEVEL / 2) + stats.norm.ppf(POWER))
    return max(1, ceil(count * ((sure * found.error / wanted) ** 2 - 1)))
