"""How often customers order and when they stop: one family of models, fitted by maximum likelihood.

While a customer is active, the time between two orders is Erlang-k with a rate of its own, Gamma(r, alpha) over
customers; after each order it stops for good with a probability of its own, Beta(a, b). k = 1 is the Poisson process:
BG/NBD when nobody stops right after the first order, MBG/NBD when that can happen too. k > 1: orders come more regularly.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.optimize import OptimizeResult, minimize
from scipy.special import betaln, gammaln, psi

from yaomai.engine.customer_base.histories import History, Numbers, Patterns

MOST_SAMPLED: Final = 20_000
LARGEST: Final = 12.0
"""Bound of the logarithm of a parameter: beyond it nothing more is told apart."""
STARTS: Final = ((0.5, 5.0, 1.0, 2.0), (1.0, 1.0, 1.0, 1.0), (2.0, 20.0, 0.3, 3.0))


@dataclass(frozen=True, slots=True)
class Model:
    """A member of the family: k stages between two orders, and whether the first order can be the last."""

    name: str
    k: int
    at_first: bool


MODELS: Final = {
    model.name: model
    for model in (
        Model("bg_nbd", 1, False),
        Model("mbg_nbd", 1, True),
        Model("bg_cnbd_2", 2, False),
        Model("mbg_cnbd_2", 2, True),
        Model("mbg_cnbd_3", 3, True),
    )
}
DEFAULT: Final = "bg_nbd"


@dataclass(frozen=True, slots=True)
class Fitted:
    """The parameters of a model (rates per week) and its log-likelihood."""

    model: Model
    r: float
    alpha: float
    a: float
    b: float
    log_likelihood: float
    converged: bool

    @property
    def at_bound(self) -> tuple[str, ...]:
        """Name the parameters that the log does not determine: they ran to the end of their range."""
        pairs = zip(["r", "alpha", "a", "b"], (self.r, self.alpha, self.a, self.b), strict=True)
        return tuple(name for name, value in pairs if abs(math.log(value)) > LARGEST - 0.01)


def fit(model: Model, patterns: Patterns, *, near: Fitted | None = None) -> Fitted:
    """Fit a model; the best of several starts, found on a sample first where there are many histories.

    Args:
        near: the same model fitted to nearly the same log: its parameters are the only start.
    """
    sample = _Likelihood(model, patterns.sample(MOST_SAMPLED))
    starts = STARTS if near is None else ((near.r, near.alpha, near.a, near.b),)
    found = [_minimized(sample, np.log(start), 1e-9) for start in starts]
    best = min(found, key=lambda each: float(each.fun))
    whole = _Likelihood(model, patterns)
    result = _minimized(whole, best.x, 1e-13)
    r, alpha, a, b = (float(value) for value in np.exp(result.x))
    return Fitted(model, r, alpha, a, b, -float(result.fun) * whole.total, bool(np.abs(result.jac).max() < 1e-3))


def regularity(model: Model, history: History) -> float:
    """Return what the likelihood of a model lacks to be compared with those of another k (no parameter is in it)."""
    if model.k == 1 or history.log_intervals is None:
        return 0.0
    return float((model.k - 1) * history.log_intervals.sum() - history.repeats.sum() * gammaln(model.k))


def _minimized(likelihood: "_Likelihood", start: Numbers, tolerance: float) -> OptimizeResult:
    return minimize(
        likelihood,
        start,
        jac=True,
        method="L-BFGS-B",
        bounds=[(-LARGEST, LARGEST)] * 4,
        options={"ftol": tolerance, "gtol": 1e-8, "maxiter": 500, "maxcor": 20},
    )


class _Likelihood:
    """Mean negative log-likelihood and its gradient in the logarithms of the parameters."""

    def __init__(self, model: Model, patterns: Patterns) -> None:
        self.k, self.first = model.k, int(model.at_first)
        self.weight = patterns.count / patterns.count.sum()
        self.total = float(patterns.count.sum())
        self.numbers, self.place = np.unique(patterns.repeats, return_inverse=True)
        self.recency, self.age = patterns.recency, patterns.age
        self.silence = np.where(patterns.age > patterns.recency, patterns.age - patterns.recency, np.nan)
        self.log_silence = np.where(np.isnan(self.silence), -np.inf, np.log(self.silence))
        self.can_stop = patterns.repeats + self.first > 0

    def __call__(self, theta: Numbers) -> tuple[float, Numbers]:
        r, alpha, a, b = np.exp(theta)
        shape = r + self.k * self.numbers
        stops = self.numbers + self.first
        log_age, log_recency = np.log(alpha + self.age), np.log(alpha + self.recency)
        with np.errstate(divide="ignore"):
            ratio = np.where(stops > 0, a / np.where(stops > 0, b + stops - 1, 1.0), 0.0)
            dead = (np.log(ratio) + gammaln(shape))[self.place] - shape[self.place] * log_recency
        alive = [
            (gammaln(shape + j) - math.lgamma(j + 1))[self.place]
            - (shape + j)[self.place] * log_age
            + (j * self.log_silence if j else 0.0)
            for j in range(self.k)
        ]
        log_sum = dead
        for term in alive:
            log_sum = np.logaddexp(log_sum, term)
        common = r * math.log(alpha) - gammaln(r) + betaln(a, b + stops) - betaln(a, b)
        value = -float(self.weight @ (log_sum + common[self.place]))

        share_dead = np.exp(dead - log_sum)
        by_r = share_dead * (psi(shape)[self.place] - log_recency)
        by_alpha = share_dead * shape[self.place] / (alpha + self.recency)
        for j, term in enumerate(alive):
            share = np.exp(term - log_sum)
            by_r += share * (psi(shape + j)[self.place] - log_age)
            by_alpha += share * (shape + j)[self.place] / (alpha + self.age)
        together = psi(a + b) - psi(a + b + stops)
        last = np.where(stops > 0, 1 / np.where(stops > 0, b + stops - 1, 1.0), 0.0)
        by_b = psi(b + stops) - psi(b) + together
        gradient = np.array(
            [
                math.log(alpha) - psi(r) + self.weight @ by_r,
                r / alpha - self.weight @ by_alpha,
                self.weight @ (together[self.place] + share_dead / a),
                self.weight @ (by_b[self.place] - share_dead * last[self.place]),
            ]
        )
        return value, -gradient * np.exp(theta)


def fits(names: Sequence[str], patterns: Patterns) -> dict[str, Fitted]:
    """Fit several models."""
    return {name: fit(MODELS[name], patterns) for name in names}
