"""Which model was right about days it had not seen: ranking, calibration, totals, against methods without a model."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from scipy.stats import rankdata

from yaomai.engine.customer_base.histories import WEEK, History, Numbers, Patterns
from yaomai.engine.customer_base.ordering import DEFAULT, Fitted, regularity
from yaomai.engine.customer_base.outlook import outlook

CLEARLY: Final = 2.0
"""Standard errors by which another model must be better to be proposed instead of the default."""
_SMALLEST: Final = 1e-6


@dataclass(frozen=True, slots=True)
class Judged:
    """How a model did in the days held out.

    auc: chance that of two customers the one that ordered had the higher chance of it; log_loss and brier: lower is
    better; calibration_error: mean distance of said and happened by tenths of the chance; mean_error: of the number of
    orders per customer; coverage: share of customers within the 80 % interval; log_likelihood: comparable between models.
    """

    model: str
    log_likelihood: float | None
    auc: float
    log_loss: float
    brier: float
    calibration_error: float
    expected_orders: float
    mean_error: float
    coverage: float | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """All models judged on the same days, and which one is proposed: the default unless another is clearly better."""

    judged: tuple[Judged, ...]
    naive: Judged
    proposed: str
    orders: int
    ordered: int

    def plain(self) -> dict[str, Any]:
        """Give it as plain values for JSON."""
        return {
            "orders": self.orders,
            "customers_that_ordered": self.ordered,
            "models": [asdict(each) for each in self.judged],
            "without_model": asdict(self.naive),
            "proposed": self.proposed,
        }


def compared(fitted: Sequence[Fitted], history: History, patterns: Patterns, *, days: int) -> Comparison:
    """Judge models by the days after `until` that `history` counts as held out."""
    ordered = history.held_orders > 0
    judged, losses = [], {}
    for each in fitted:
        ahead = outlook(each, patterns, weeks=days / WEEK)
        chance, expected = ahead.any_order[patterns.place], ahead.expected[patterns.place]
        within = (history.held_orders >= ahead.low[patterns.place]) & (
            history.held_orders <= ahead.high[patterns.place]
        )
        losses[each.model.name] = _losses(chance, ordered)
        likelihood = each.log_likelihood + regularity(each.model, history)
        judged.append(_judge(each.model.name, likelihood, chance, expected, history, float(within.mean())))
    return Comparison(
        tuple(judged),
        _without_model(history, days),
        _proposed(losses),
        int(history.held_orders.sum()),
        int(ordered.sum()),
    )


def _proposed(losses: dict[str, Numbers]) -> str:
    best = min(losses, key=lambda name: losses[name].mean())
    if DEFAULT not in losses or best == DEFAULT:
        return best
    better = losses[DEFAULT] - losses[best]
    error = better.std() / np.sqrt(len(better))
    return best if better.mean() > CLEARLY * error else DEFAULT


def _without_model(history: History, days: int) -> Judged:
    """Judge what needs no model: each customer goes on at its own rate so far."""
    rate = history.repeats / np.maximum(history.age, 1)
    return _judge("own_rate", None, 1 - np.exp(-rate * days), rate * days, history, None)


def _judge(
    name: str, likelihood: float | None, chance: Numbers, expected: Numbers, history: History, coverage: float | None
) -> Judged:
    ordered = history.held_orders > 0
    bins = calibration(chance, ordered)
    return Judged(
        model=name,
        log_likelihood=likelihood,
        auc=auc(chance, ordered),
        log_loss=float(_losses(chance, ordered).mean()),
        brier=float(((chance - ordered) ** 2).mean()),
        calibration_error=sum(each.customers * abs(each.said - each.happened) for each in bins) / max(len(chance), 1),
        expected_orders=float(expected.sum()),
        mean_error=float(np.abs(expected - history.held_orders).mean()),
        coverage=coverage,
    )


def _losses(chance: Numbers, happened: npt.NDArray[np.bool_]) -> Numbers:
    return -np.log(np.clip(np.where(happened, chance, 1 - chance), _SMALLEST, None))


def auc(score: Numbers, happened: npt.NDArray[np.bool_]) -> float:
    """Return the area under the curve of hits and false alarms; NaN when all or none happened."""
    hits = int(happened.sum())
    others = len(happened) - hits
    if not hits or not others:
        return float("nan")
    return float((rankdata(score)[happened].sum() - hits * (hits + 1) / 2) / hits / others)


@dataclass(frozen=True, slots=True)
class Tenth:
    """Customers whose chance lay between `lowest` and `highest`: the mean said, and the share of them it happened to."""

    lowest: float
    highest: float
    customers: int
    said: float
    happened: float


def calibration(chance: Numbers, happened: npt.NDArray[np.bool_]) -> list[Tenth]:
    """Compare said and happened by tenths of the chance; tenths without customers are left out."""
    place = np.clip((chance * 10).astype(np.int64), 0, 9)
    found = []
    for tenth in range(10):
        own = place == tenth
        if own.any():
            found.append(
                Tenth(
                    tenth / 10, (tenth + 1) / 10, int(own.sum()), float(chance[own].mean()), float(happened[own].mean())
                )
            )
    return found
