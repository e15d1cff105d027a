"""Who is about to be lost, when each customer should order next, why, and whether such chances were right before."""

import math
from calendar import monthrange
from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any, Final

import ibis
import ibis.expr.types as ir
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from yaomai.engine.customer_base.histories import WEEK, History, Numbers, Patterns
from yaomai.engine.customer_base.judging import Comparison, calibration, compared
from yaomai.engine.customer_base.logs import Log, halves
from yaomai.engine.customer_base.ordering import MODELS, Fitted, fit
from yaomai.engine.customer_base.outlook import HIGH, LOW, next_order, outlook
from yaomai.engine.customer_base.problems import warning
from yaomai.engine.customer_base.reasons import Reason, said
from yaomai.engine.customer_base.valuing import Valued, doubts, parameters, require_repeats

CANDIDATES: Final = ("mbg_nbd", "mbg_cnbd_2", "mbg_cnbd_3")
"""Models in which also a customer with a single order can be lost."""
HALF_YEAR: Final = 182
QUARTER: Final = 91
_FARTHEST: Final = 3660
_Z: Final = 1.96


@dataclass(frozen=True, slots=True)
class Limits:
    """From when something is said. `months` without an order alert, `core_months` for core customers: the shorter wins."""

    months: int = 3
    core_months: int = 2
    fall: float = 0.3
    silent: float = 1.5
    """Times of the usual interval."""


def churn(
    log: Log,
    *,
    until: date | None = None,
    horizon_days: int = 90,
    core: Collection[Any] = frozenset(),
    contacts: ir.Table | None = None,
    limits: Limits | None = None,
    language: str = "zh",
) -> Valued:
    """Tell of every customer, as of `until` (else the last day), whether it is lost and when it should order next.

    The model is the one of `CANDIDATES` that was best at the last `horizon_days`, hidden from it; the chances it gave for
    them against what happened are the calibration.

    Args:
        core: core customers, as they are written in the log.
        contacts: customer and date of visits and calls, for the reasons.

    Shape: customer, orders, last_on, days_silent, usual_interval_days, p_lost, p_no_order (within the horizon),
    next_order_on with _from and _to (if it is still active, the day by which half, one tenth, nine tenths of such
    customers have ordered; null beyond ten years), alert ("", general, core) and reasons; the surest losses first.

    Raises:
        LogProblem: the log allows no conclusion.
    """
    limits, until = limits or Limits(), until or log.last_day
    warnings = [warning("skipped", language, rows=f"{log.skipped:,}")] if log.skipped else []
    comparison, tenths = _checked(log, until, horizon_days)
    if comparison is None:
        warnings.append(warning("no_holdout", language, days=horizon_days))
    history = log.history(until=until)
    require_repeats(history, until)
    patterns = Patterns.of(history)
    fitted = fit(MODELS[comparison.proposed if comparison else CANDIDATES[0]], patterns)
    warnings += doubts(fitted, history, language)
    table = _table(fitted, history, patterns, until, horizon_days)
    alerts = _alerts(history, until, core, limits)
    reasons = _reasons(log, history, until, contacts, limits, language)
    table = table.append_column("alert", pa.array(alerts)).append_column("reasons", pa.array(reasons))
    summary = {
        "until": str(until),
        "customers": len(history),
        "lines": log.rows,
        "horizon_days": horizon_days,
        "model": fitted.model.name,
        "unit": "week",
        "parameters": parameters(fitted),
        "log_likelihood": fitted.log_likelihood,
        "alerts": {name: alerts.count(name) for name in ("core", "general")},
        "expected_without_order": float(np.sum(table["p_no_order"].to_numpy())),
        "calibration": tenths,
        "holdout": None if comparison is None else comparison.plain(),
        "warnings": warnings,
    }
    return Valued(table.sort_by([("p_lost", "descending"), ("customer", "ascending")]), summary)


def _checked(log: Log, until: date, days: int) -> tuple[Comparison | None, list[dict[str, Any]]]:
    """Judge the candidates by the last `days` up to `until`; give what was said and what happened, by tenths."""
    before = until - timedelta(days=days)
    if (before - log.first_day).days < days or halves(log, days) is None:
        return None, []
    history = log.history(until=before, holdout_days=days, with_intervals=True)
    if (history.repeats > 0).sum() < 20:
        return None, []
    patterns = Patterns.of(history)
    fitted = {name: fit(MODELS[name], patterns) for name in CANDIDATES}
    comparison = compared(list(fitted.values()), history, patterns, days=days)
    chosen = outlook(fitted[comparison.proposed], patterns, weeks=days / WEEK)
    stayed_away = 1 - chosen.any_order[patterns.place]
    told = []
    for tenth in calibration(stayed_away, history.held_orders == 0):
        low, high = wilson(tenth.happened, tenth.customers)
        told.append(asdict(tenth) | {"happened_low": low, "happened_high": high})
    return comparison, told


def wilson(share: float, count: int) -> tuple[float, float]:
    """Return the 95 % interval of a share after Wilson (1927)."""
    whole = 1 + _Z**2 / count
    middle = share + _Z**2 / (2 * count)
    spread = _Z * math.sqrt(share * (1 - share) / count + _Z**2 / (4 * count**2))
    return (middle - spread) / whole, (middle + spread) / whole


def _table(fitted: Fitted, history: History, patterns: Patterns, until: date, horizon_days: int) -> pa.Table:
    ahead, place = outlook(fitted, patterns, weeks=horizon_days / WEEK), patterns.place
    usual = np.where(history.repeats > 0, history.recency / np.maximum(history.repeats, 1), np.nan)
    columns: dict[str, Any] = {
        "customer": history.customers,
        "orders": history.repeats + 1,
        "last_on": pa.array(history.last_on, pa.date32()),
        "days_silent": history.age - history.recency,
        "usual_interval_days": pa.array(np.round(usual, 1), mask=np.isnan(usual)),
        "p_lost": 1 - ahead.active[place],
        "p_no_order": 1 - ahead.any_order[place],
    }
    for name, share in (("next_order_on", 0.5), ("next_order_from", LOW), ("next_order_to", HIGH)):
        columns[name] = days_after(until, next_order(fitted, patterns, share=share)[place] * WEEK)
    return pa.table(columns)


def days_after(until: date, ahead: Numbers) -> pa.Array:
    far = ~(ahead <= _FARTHEST)
    days = np.datetime64(until, "D") + np.ceil(np.where(far, 0, ahead)).astype(np.int64)
    return pa.array(days, pa.date32(), mask=far)


def months_before(day: date, months: int) -> date:
    """Return the same day some months earlier, or the last one of that month.

    >>> months_before(date(2026, 5, 31), 3)
    datetime.date(2026, 2, 28)
    """
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _alerts(history: History, until: date, core: Collection[Any], limits: Limits) -> list[str]:
    general = history.last_on < np.datetime64(months_before(until, limits.months))
    if not core:
        return ["general" if each else "" for each in general]
    sooner = history.last_on < np.datetime64(months_before(until, min(limits.core_months, limits.months)))
    known = {str(each) for each in core}
    return [
        "core" if early and str(customer) in known else "general" if late else ""
        for customer, late, early in zip(history.customers.to_pylist(), general, sooner, strict=True)
    ]


def _reasons(
    log: Log, history: History, until: date, contacts: ir.Table | None, limits: Limits, language: str
) -> list[str]:
    """Say of each customer what stands out, in one text."""
    separator = "；" if language.startswith("zh") else "; "
    found = reasons_of(log.lines, history, until, contacts=contacts, limits=limits)
    return [separator.join(said(reason, language) for reason in each) for each in found]


def reasons_of(
    lines: ir.Table, history: History, until: date, *, contacts: ir.Table | None, limits: Limits
) -> list[list[Reason]]:
    """Return of each customer what stands out, the purchases first; of one of whom nothing does, that it is steady."""
    bought = _two_periods(lines, history, until, HALF_YEAR)
    met = None if contacts is None else _two_periods(contacts, history, until, QUARTER)
    silent = history.age - history.recency
    usual = history.recency / np.maximum(history.repeats, 1)
    found = []
    for number in range(len(history)):
        told: list[Reason] = []
        days, now, before = int(silent[number]), bought[0][number], bought[1][number]
        if history.repeats[number] == 0 and days > QUARTER:
            told.append(Reason("once", {"days": days}))
        elif history.repeats[number] > 1 and days > limits.silent * max(usual[number], 1):
            told.append(Reason("silent", {"days": days, "usual": round(float(usual[number]))}))
        if before > 0 and now < before * (1 - limits.fall):
            told.append(Reason("fall", {"share": float(min(1.0, 1 - now / before))}))
        if met is not None and met[0][number] < met[1][number]:
            told.append(Reason("contacts", {"now": int(met[0][number]), "before": int(met[1][number])}))
        found.append(told or [Reason("steady", {})])
    return found


def _two_periods(table: ir.Table, history: History, until: date, days: int) -> tuple[Numbers, Numbers]:
    """Give, by customer, the amount (else the number of days) of the last `days` and of as many before.

    The earlier period counts only for customers that were there all through it.
    """
    middle, start = until - timedelta(days=days), until - timedelta(days=2 * days)
    seen = table.filter((table["date"] > ibis.literal(start)) & (table["date"] <= ibis.literal(until)))
    value = (seen["amount"] if "amount" in table.columns else seen["date"].notnull()).cast("float64")
    recent = seen["date"] > ibis.literal(middle)
    found = seen.group_by("customer").agg(now=value.sum(where=recent), before=value.sum(where=~recent)).to_pyarrow()
    keys = history.customers.cast(pa.string()).to_pylist()
    place = {key: number for number, key in enumerate(keys)}
    now, before = np.zeros(len(keys)), np.zeros(len(keys))
    for customer, new, old in zip(*(found[name].to_pylist() for name in ("customer", "now", "before")), strict=True):
        number = place.get(str(customer))
        if number is not None:
            now[number], before[number] = new or 0.0, old or 0.0
    was_there: npt.NDArray[np.bool_] = history.first_on <= np.datetime64(start)
    return now, np.where(was_there, before, 0.0) if "amount" in table.columns else before
