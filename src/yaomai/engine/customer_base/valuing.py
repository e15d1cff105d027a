"""What each customer of a log is worth: parameters, value with interval, and how right the models were."""

import math
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

import numpy as np
import pyarrow as pa

from yaomai.engine.customer_base.histories import WEEK, History, Numbers, Patterns
from yaomai.engine.customer_base.judging import Comparison, compared
from yaomai.engine.customer_base.logs import Log
from yaomai.engine.customer_base.ordering import DEFAULT, MODELS, Fitted, fit
from yaomai.engine.customer_base.outlook import HIGH, LOW, outlook
from yaomai.engine.customer_base.problems import LogProblem, said, warning
from yaomai.engine.customer_base.spending import Spending, amount_interval, expected_amount, fit_spending

FEWEST_REPEATS: Final = 20
FEW_REPEATS: Final = 100
OUTLIER: Final = 100
CORRELATED: Final = 0.3
BEST: Final = "best"


@dataclass(frozen=True, slots=True)
class Valued:
    """One row per customer, and a summary of plain values for JSON."""

    table: pa.Table
    summary: dict[str, Any]


def value(
    log: Log,
    *,
    until: date | None = None,
    holdout_days: int = 0,
    horizon_days: int = 365,
    model: str = DEFAULT,
    language: str = "zh",
) -> Valued:
    """Value every customer as of `until`; the `holdout_days` after it are not seen, only used to judge the models.

    Without `until` it is the last day of the log, less the days held out. `model` is one of `MODELS`, or "best": the one
    proposed by the days held out.

    Shape: customer, orders, first_on, last_on, p_active, p_order (an order within the horizon), expected_orders with
    _low and _high (80 % of customers lie between them), and with amounts expected_amount (per order), value (of the
    horizon, undiscounted) with _low and _high; in order of customer.

    Raises:
        LogProblem: the log allows no conclusion, or there is nothing after `until` to hold out.
    """
    until = until or log.last_day - timedelta(days=holdout_days)
    warnings = [warning("skipped", language, rows=f"{log.skipped:,}")] if log.skipped else []
    if holdout_days and until >= log.last_day:
        raise LogProblem("holdout_beyond", until=until, last=log.last_day)
    held = min(holdout_days, (log.last_day - until).days)
    if held < holdout_days:
        warnings.append(warning("short_holdout", language, last=log.last_day, days=held))
    history = log.history(until=until, holdout_days=held, with_intervals=held > 0)
    require_repeats(history, until)
    patterns = Patterns.of(history)
    comparison = None
    if held:
        fitted = {name: fit(each, patterns) for name, each in MODELS.items()}
        comparison = compared(list(fitted.values()), history, patterns, days=held)
        model = comparison.proposed if model == BEST else model
        chosen = fitted[model]
    else:
        chosen = fit(_model(model), patterns)
    spending = fit_spending(history.repeats, history.mean_amount) if "amount" in log.lines.columns else None
    table, totals = _table(chosen, spending, history, patterns, horizon_days)
    warnings += doubts(chosen, history, language)
    warnings += _doubts_of_amounts(spending, history, language, has_amounts="amount" in log.lines.columns)
    span = (until - log.first_day).days
    if horizon_days > span:
        warnings.append(warning("horizon", language, days=horizon_days, span=span))
    summary = _summary(log, until, history, chosen, spending, comparison, held) | {
        "horizon_days": horizon_days, "total": totals, "warnings": warnings
    }  # fmt: skip
    return Valued(table, summary)


def _model(name: str) -> Any:
    if name == BEST:
        raise LogProblem("holdout_needed")
    if name not in MODELS:
        raise LogProblem("model_unknown", name=name, names=", ".join((*MODELS, BEST)))
    return MODELS[name]


def require_repeats(history: History, until: date) -> None:
    """Refuse a log from which nothing follows.

    Raises:
        LogProblem: all orders on one day, or too few customers with a second one.
    """
    found = int((history.repeats > 0).sum())
    if not found and (history.first_on == history.first_on[0]).all():
        raise LogProblem("one_day", day=history.first_on[0])
    if found < FEWEST_REPEATS:
        raise LogProblem("few_repeats", until=until, found=found, needed=FEWEST_REPEATS)


def doubts(fitted: Fitted, history: History, language: str) -> list[dict[str, str]]:
    """Say what keeps the parameters from being certain."""
    found = []
    repeats = int((history.repeats > 0).sum())
    if fitted.a / (fitted.a + fitted.b) < 1e-4:
        found.append(warning("none_stop", language))
    elif fitted.at_bound:
        found.append(warning("at_bound", language, names=said(fitted.at_bound, language)))
    if repeats < FEW_REPEATS:
        found.append(warning("few", language, found=repeats))
    return found


def _doubts_of_amounts(
    spending: Spending | None, history: History, language: str, *, has_amounts: bool
) -> list[dict[str, str]]:
    if spending is None:
        return [warning("no_spending", language)] if has_amounts else []
    found = []
    if abs(spending.correlation) > CORRELATED:
        found.append(warning("correlated", language, correlation=f"{spending.correlation:+.2f}"))
    if math.isnan(spending.mean):
        found.append(warning("no_mean", language))
    means = history.mean_amount
    largest, middle = int(np.nanargmax(means)), float(np.nanmedian(means))
    if means[largest] > OUTLIER * middle:
        times = f"{means[largest] / middle:,.0f}"
        found.append(warning("outlier", language, customer=history.customers[largest].as_py(), times=times))
    return found


def _table(
    fitted: Fitted, spending: Spending | None, history: History, patterns: Patterns, horizon_days: int
) -> tuple[pa.Table, dict[str, float]]:
    ahead, place = outlook(fitted, patterns, weeks=horizon_days / WEEK), patterns.place
    expected = ahead.expected[place]
    columns: dict[str, Any] = {
        "customer": history.customers,
        "orders": history.repeats + 1,
        "first_on": pa.array(history.first_on, pa.date32()),
        "last_on": pa.array(history.last_on, pa.date32()),
        "p_active": ahead.active[place],
        "p_order": ahead.any_order[place],
        "expected_orders": expected,
        "expected_orders_low": ahead.low[place],
        "expected_orders_high": ahead.high[place],
    }
    totals = {"expected_orders": float(expected.sum())}
    if spending is not None:
        amount = expected_amount(spending, history.repeats, history.mean_amount)
        low, high = amount_interval(
            spending, history.repeats, history.mean_amount, any_order=ahead.any_order[place], expected=expected,
            squared=ahead.squared[place], shares=(LOW, HIGH),
        )  # fmt: skip
        worth = amount * expected
        for name, numbers in (
            ("expected_amount", amount), ("value", worth), ("value_low", low), ("value_high", high)
        ):  # fmt: skip
            columns[name] = _money(numbers)
        totals["value"] = round(float(np.nansum(worth)), 2)
    return pa.table(columns), totals


def _money(numbers: Numbers) -> pa.Array:
    return pa.array(np.round(numbers, 2), pa.float64(), mask=~np.isfinite(numbers))


def parameters(fitted: Fitted) -> dict[str, float]:
    """Give the parameters by name."""
    return {"r": fitted.r, "alpha": fitted.alpha, "a": fitted.a, "b": fitted.b}


def _summary(
    log: Log, until: date, history: History, fitted: Fitted, spending: Spending | None,
    comparison: Comparison | None, held: int,
) -> dict[str, Any]:  # fmt: skip
    found: dict[str, Any] = {
        "until": str(until),
        "customers": len(history),
        "repeat_customers": int((history.repeats > 0).sum()),
        "lines": log.rows,
        "model": fitted.model.name,
        "unit": "week",
        "parameters": parameters(fitted),
        "log_likelihood": fitted.log_likelihood,
        "converged": fitted.converged,
    }
    if spending is not None:
        found["spending"] = {
            "model": "gamma_gamma",
            "parameters": {"p": spending.p, "q": spending.q, "gamma": spending.gamma},
            "log_likelihood": spending.log_likelihood,
            "customers": spending.customers,
            "correlation": spending.correlation,
            "mean": None if math.isnan(spending.mean) else spending.mean,
        }
    if comparison is not None:
        period = {"from": str(until + timedelta(days=1)), "to": str(until + timedelta(days=held)), "days": held}
        found["holdout"] = period | comparison.plain()
    return found
