"""How much an order brings: the Gamma-Gamma model, fitted by maximum likelihood.

Amounts of a customer's orders are Gamma(p, v) with a v of its own, Gamma(q, gamma) over customers; how much an order brings
does not depend on how often the customer orders, which `Spending.correlation` lets judge.
"""

import math
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize
from scipy.special import gammaincinv, gammaln, psi

from yaomai.engine.customer_base.histories import Counts, Numbers


@dataclass(frozen=True, slots=True)
class Spending:
    """Parameters, log-likelihood, how many customers they rest on, and the correlation of repeats and mean amount."""

    p: float
    q: float
    gamma: float
    log_likelihood: float
    customers: int
    correlation: float

    @property
    def mean(self) -> float:
        """Expected amount of an order of somebody not known yet; NaN where it does not exist."""
        return self.p * self.gamma / (self.q - 1) if self.q > 1 else math.nan


def fit_spending(repeats: Counts, mean_amount: Numbers) -> Spending | None:
    """Fit to the customers with repeated orders and a positive mean; None with fewer than two different means."""
    known = (repeats > 0) & (mean_amount > 0)
    x, z = repeats[known].astype(float), mean_amount[known]
    if len(z) < 2 or np.ptp(z) == 0:
        return None
    scale = float(np.median(z))
    scaled = z / scale

    def loss(theta: Numbers) -> tuple[float, Numbers]:
        p, q, gamma = np.exp(theta)
        px, whole = p * x, gamma + x * scaled
        value = (
            gammaln(px + q) - gammaln(px) - gammaln(q) + q * math.log(gamma)
            + (px - 1) * np.log(scaled) + px * np.log(x) - (px + q) * np.log(whole)
        )  # fmt: skip
        both = psi(px + q)
        gradient = [
            (x * (both - psi(px) + np.log(scaled) + np.log(x) - np.log(whole))).mean(),
            (both - psi(q) + math.log(gamma) - np.log(whole)).mean(),
            (q / gamma - (px + q) / whole).mean(),
        ]
        return -float(value.mean()), -np.array(gradient) * np.exp(theta)

    found = min(
        (
            minimize(
                loss, np.log(start), jac=True, method="L-BFGS-B", bounds=[(-12, 12)] * 3,
                options={"ftol": 1e-14, "gtol": 1e-9, "maxiter": 500},
            )
            for start in ((4.0, 4.0, 1.0), (1.0, 2.0, 1.0))
        ),
        key=lambda each: float(each.fun),
    )  # fmt: skip
    p, q, gamma = (float(value) for value in np.exp(found.x))
    log_likelihood = -float(found.fun) * len(z) - len(z) * math.log(scale)
    moves = np.ptp(x) > 0
    correlation = float(np.corrcoef(x, z)[0, 1]) if moves else 0.0
    return Spending(p, q, gamma * scale, log_likelihood, len(z), correlation)


def expected_amount(spending: Spending, repeats: Counts, mean_amount: Numbers) -> Numbers:
    """Return the expected amount per order of each customer: its own mean, drawn towards that of all."""
    known = (repeats > 0) & (mean_amount > 0)
    x = np.where(known, repeats, 0)
    shape = spending.p * x + spending.q
    total = spending.gamma + x * np.where(known, mean_amount, 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(shape > 1, spending.p * total / (shape - 1), np.nan)


def amount_interval(
    spending: Spending,
    repeats: Counts,
    mean_amount: Numbers,
    *,
    any_order: Numbers,
    expected: Numbers,
    squared: Numbers,
    shares: tuple[float, float],
) -> tuple[Numbers, Numbers]:
    """Return the bounds between which the amount of the orders to come lies.

    Zero up to the chance of no order; beyond it a gamma distribution with the mean and variance that the two models give
    together. NaN where the variance does not exist (q + p x of 2 or less).
    """
    known = (repeats > 0) & (mean_amount > 0)
    x = np.where(known, repeats, 0)
    shape = spending.p * x + spending.q
    total = spending.gamma + x * np.where(known, mean_amount, 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = spending.p * total / (shape - 1) * expected
        second = (spending.p * expected + spending.p**2 * squared) * total**2 / ((shape - 1) * (shape - 2))
    return bounds_of(mean, second, any_order=any_order, shares=shares, known=shape > 2)


def bounds_of(
    mean: Numbers, second: Numbers, *, any_order: Numbers, shares: tuple[float, float], known: Numbers
) -> tuple[Numbers, Numbers]:
    """Return the shares of a sum that is 0 when there is no order and else gamma distributed, of its first two moments.

    NaN where the moments are not known, unless the share lies below the chance of no order.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        mean, second = mean / any_order, second / any_order
        spread = second - mean**2
        form, size = mean**2 / spread, spread / mean
        bounds = []
        for share in shares:
            above = (share - (1 - any_order)) / any_order
            found = np.where(above > 0, gammaincinv(form, np.clip(above, 0, 1)) * size, 0.0)
            bounds.append(np.where(known | (above <= 0), found, np.nan))
    return bounds[0], bounds[1]
