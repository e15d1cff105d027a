"""How much an order brings where customers differ by orders of magnitude, and which of two models was right about it.

Gamma-Gamma draws every customer towards the mean of all. Where a pharmacy and a hospital stand in one log, the mean of all says
nothing about either, and a small customer is valued like a large one. `LogNormal` draws on the scale of logarithms instead: the
mean of a customer's orders by their number, the mean of all by how little customers differ (empirical Bayes after Efron and
Morris, 1975).
"""

from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np

from yaomai.engine.customer_base.histories import Counts, History, Numbers
from yaomai.engine.customer_base.judging import CLEARLY
from yaomai.engine.customer_base.outlook import HIGH, LOW
from yaomai.engine.customer_base.spending import (
    Spending,
    amount_interval,
    bounds_of,
    expected_amount,
    fit_spending,
)

_FEWEST: Final = 20


@dataclass(frozen=True, slots=True)
class Expected:
    """What is to be expected of the number of orders: chance of any, mean, second moment; by customer."""

    any_order: Numbers
    mean: Numbers
    squared: Numbers


@dataclass(frozen=True, slots=True)
class GammaGamma:
    """The amounts of Fader and Hardie (2013)."""

    spending: Spending
    name: str = "gamma_gamma"

    def per_order(self, repeats: Counts, mean_amount: Numbers) -> Numbers:
        return expected_amount(self.spending, repeats, mean_amount)

    def bounds(self, repeats: Counts, mean_amount: Numbers, orders: Expected) -> tuple[Numbers, Numbers]:
        return amount_interval(
            self.spending, repeats, mean_amount, any_order=orders.any_order, expected=orders.mean,
            squared=orders.squared, shares=(LOW, HIGH),
        )  # fmt: skip

    def plain(self) -> dict[str, Any]:
        return {"name": self.name, "p": self.spending.p, "q": self.spending.q, "gamma": self.spending.gamma}


@dataclass(frozen=True, slots=True)
class LogNormal:
    """Mean of the logarithms, and their variance between customers and within one, from order to order."""

    mean: float
    between: float
    within: float
    name: str = "log_normal"

    def _drawn(self, repeats: Counts, mean_amount: Numbers) -> tuple[Numbers, Numbers]:
        """Return the expected logarithm of a customer's order and its variance."""
        known = (repeats > 0) & (mean_amount > 0)
        count = np.where(known, repeats, 0)
        weight = self.within / self.between
        own = np.log(np.where(known, mean_amount, 1.0))
        return (count * own + weight * self.mean) / (count + weight), self.within / (count + weight)

    def per_order(self, repeats: Counts, mean_amount: Numbers) -> Numbers:
        found: Numbers = np.exp(self._drawn(repeats, mean_amount)[0])
        return found

    def bounds(self, repeats: Counts, mean_amount: Numbers, orders: Expected) -> tuple[Numbers, Numbers]:
        middle, variance = self._drawn(repeats, mean_amount)
        amount = np.exp(middle)
        second = amount**2 * np.exp(variance) * (np.expm1(self.within) * orders.mean + orders.squared)
        return bounds_of(
            amount * orders.mean, second, any_order=orders.any_order, shares=(LOW, HIGH),
            known=np.isfinite(second),
        )  # fmt: skip

    def plain(self) -> dict[str, Any]:
        return asdict(self)


Amounts = GammaGamma | LogNormal


def fit_log_normal(repeats: Counts, mean_amount: Numbers, within: float) -> LogNormal | None:
    """Fit to the customers with repeated orders; None with fewer than two different means.

    Args:
        within: variance of the logarithms of a customer's orders, pooled.
    """
    known = (repeats > 0) & (mean_amount > 0)
    own = np.log(mean_amount[known])
    if len(own) < 2 or np.ptp(own) == 0 or not np.isfinite(within):
        return None
    within = max(within, 1e-6)
    between = max(float(own.var()) - within * float((1 / repeats[known]).mean()), 1e-3)
    return LogNormal(float(own.mean()), between, within)


def fit_amounts(repeats: Counts, mean_amount: Numbers, within: float) -> dict[str, Amounts]:
    """Fit both, by name; Gamma-Gamma only where a mean exists."""
    found: dict[str, Amounts] = {}
    spending = fit_spending(repeats, mean_amount)
    if spending is not None and np.isfinite(spending.mean):
        found["gamma_gamma"] = GammaGamma(spending)
    other = fit_log_normal(repeats, mean_amount, within)
    return found if other is None else found | {other.name: other}


def judge_amounts(
    fitted: dict[str, Amounts], history: History, mean_amount: Numbers
) -> tuple[str, list[dict[str, Any]]] | None:
    """Judge by the orders of the days held out: which model is proposed, and how far each was off.

    off: median factor between the amount per order that was told and the one that came (1.2: a fifth too high or too low);
    total: told over came, of all money. Gamma-Gamma is proposed unless the other is clearly better. None with few orders.
    """
    came = (history.held_orders > 0) & (history.held_amount > 0) & (history.repeats > 0) & np.isfinite(mean_amount)
    if came.sum() < _FEWEST or not fitted:
        return None
    per_order = history.held_amount[came] / history.held_orders[came]
    errors, told = {}, []
    for name, model in fitted.items():
        said = model.per_order(history.repeats, mean_amount)[came]
        errors[name] = np.abs(np.log(np.maximum(said, 1e-9) / per_order))
        total = float((said * history.held_orders[came]).sum() / history.held_amount[came].sum())
        told.append({"model": name, "off": float(np.exp(np.median(errors[name]))), "total": total})
    best = min(errors, key=lambda name: float(errors[name].mean()))
    usual = next(iter(fitted))
    better = errors[usual] - errors[best]
    is_clear = better.mean() > CLEARLY * better.std() / np.sqrt(len(better))
    return (best if is_clear else usual), told
