"""All that is to be expected of each customer, from one reading of its log: orders, money, loss, next order, alert.

One model values, one tells losses: the first is the default unless another was clearly better at the days held out, the
second one in which also a customer with a single order can be lost. Where the log allows no model, what needs none is
still told: who has been silent for how long.
"""

import json
from collections.abc import Collection
from dataclasses import asdict, dataclass, field
from datetime import date, timedelta
from typing import Any, Final

import ibis
import ibis.expr.types as ir
import numpy as np
import pyarrow as pa

from yaomai.engine.customer_base.amounts import Amounts, Expected, fit_amounts, judge_amounts
from yaomai.engine.customer_base.histories import WEEK, History, Numbers, Patterns
from yaomai.engine.customer_base.judging import Comparison, calibration, compared
from yaomai.engine.customer_base.logs import Log
from yaomai.engine.customer_base.losing import (
    CANDIDATES,
    Limits,
    days_after,
    months_before,
    reasons_of,
    wilson,
)
from yaomai.engine.customer_base.ordering import DEFAULT, MODELS, Fitted, fit
from yaomai.engine.customer_base.outlook import HIGH, LOW, Outlook, next_order, outlook, silence
from yaomai.engine.customer_base.problems import LogProblem, warning
from yaomai.engine.customer_base.reasons import Reason
from yaomai.engine.customer_base.valuing import BEST, FEWEST_REPEATS, doubts, parameters, require_repeats

YEAR: Final = 365
SPIKE: Final = 50
"""Times the usual order of a customer from which an order is a slip until somebody has checked it."""
_FEWEST_FOR_SPIKE: Final = 4
LEAST_ACTIVE: Final = 0.5
"""A customer that has more likely stopped is not told a next order: it would hold for the case only that it has not."""
TRIED: Final = (DEFAULT, *CANDIDATES)
ALERTS: Final = ("core", "general", "overdue", "risk")


@dataclass(frozen=True, slots=True)
class Settings:
    """What is asked for. `margin` and `discount` are shares of money and per year; `away_days` is both how far ahead a loss
    is told and how many days are held out to judge it."""

    years: int = 3
    margin: float = 1.0
    discount: float = 0.0
    away_days: int = 90
    model: str = BEST
    overdue: float = 0.05
    """An order is overdue when so few of those still active would be silent for so long."""
    risk: float = 0.6
    lost_months: int = 12
    """Months without an order after which a customer counts as lost: no alert calls for action any more."""
    limits: Limits = field(default_factory=Limits)


@dataclass(frozen=True, slots=True)
class Foreseen:
    """One row per customer, and a summary of plain values for JSON."""

    table: pa.Table
    summary: dict[str, Any]


def foresee(
    log: Log, *, until: date, settings: Settings, core: Collection[Any] = frozenset(), contacts: ir.Table | None = None
) -> Foreseen:
    """Tell of every customer what is to be expected of it after `until`.

    Shape: customer, orders, first_on, last_on, days_silent, usual_days, p_active, p_away (no order within `away_days`),
    expected_orders, purchases and value with _low and _high (80 %; orders and money of a year; value is the margin of all
    years, discounted), value_before (the same a year earlier), past_year and year_before (net amounts of the twelve months
    up to `until` and before), next_on, next_from, next_to, alert ("" or one of `ALERTS`, or lost), doubt ("" or why no
    money is told: once, spike, returns, no_amounts), reasons (JSON: code and params); in order of customer.
    Chances and money are null where the log allows no model; then `summary["problem"]` says why.

    Raises:
        SourceProblem: nobody had ordered by then.
    """
    history = log.history(until=until)
    said = _Said()
    judged = _judged(log, until, settings.away_days)
    if judged is None:
        said.add("no_holdout", days=settings.away_days)
    bought = _amounts(log, history, until)
    columns: dict[str, Any] = _facts(history) | {
        "past_year": _money(bought["past_year"]), "year_before": _money(bought["year_before"])
    }  # fmt: skip
    summary: dict[str, Any] = {"until": str(until), "customers": len(history), "lines": log.rows}
    doubt = _doubts(history, bought)
    try:
        require_repeats(history, until)
    except LogProblem as problem:
        summary["problem"] = {"zh": problem.render("zh"), "en": problem.render("en")}
        columns |= _unknown(len(history))
        p_away, gap = np.full(len(history), np.nan), np.full(len(history), np.nan)
    else:
        known = _Known.of(history, settings, judged, said, within=_within(bought))
        columns |= known.columns(doubt, until)
        columns["value_before"] = _money(_before(log, history, until, settings, known))
        p_away, gap = known.p_away, known.gap
        summary |= known.summary()
    reasons = reasons_of(log.lines, history, until, contacts=contacts, limits=settings.limits)
    alerts = _alerts(history, until, core, settings, p_away=p_away, gap=gap)
    columns["alert"] = pa.array(alerts)
    columns["doubt"] = pa.array(doubt)
    columns["reasons"] = pa.array(
        [
            json.dumps(
                [asdict(each) for each in _fitting(told, alert, int(days), float(away), settings)], ensure_ascii=False
            )
            for told, alert, days, away in zip(reasons, alerts, history.age - history.recency, p_away, strict=True)
        ]
    )
    summary |= {"holdout": _holdout(judged, until, settings), "warnings": said.found}
    return Foreseen(pa.table(columns), summary)


class _Said:
    """Warnings in both languages, so that each reader reads the own."""

    def __init__(self) -> None:
        self.found: list[dict[str, str]] = []

    def add(self, code: str, **params: Any) -> None:
        self.found.append({
            "code": code, "zh": warning(code, "zh", **params)["text"], "en": warning(code, "en", **params)["text"]
        })  # fmt: skip

    def take(self, fitted: Fitted, history: History) -> None:
        both = zip(doubts(fitted, history, "zh"), doubts(fitted, history, "en"), strict=True)
        known = {each["code"] for each in self.found}
        self.found += [
            {"code": zh["code"], "zh": zh["text"], "en": en["text"]} for zh, en in both if zh["code"] not in known
        ]


@dataclass(frozen=True, slots=True)
class _Judged:
    """How every model did at the days held out, and the calibration of the one that tells losses."""

    comparison: Comparison
    fitted: dict[str, Fitted]
    losing: str
    tenths: list[dict[str, Any]]
    spending: str
    amounts: list[dict[str, Any]]


def _judged(log: Log, until: date, days: int) -> _Judged | None:
    """Hide the last `days` from all models and compare; None where too little would be left."""
    before = until - timedelta(days=days)
    if (before - log.first_day).days < days:
        return None
    history = log.history(until=before, holdout_days=days, with_intervals=True)
    if (history.repeats > 0).sum() < FEWEST_REPEATS:
        return None
    patterns = Patterns.of(history)
    fitted = {name: fit(MODELS[name], patterns) for name in TRIED}
    comparison = compared(list(fitted.values()), history, patterns, days=days)
    losses = {each.model: each.log_loss for each in comparison.judged}
    losing = comparison.proposed if comparison.proposed in CANDIDATES else min(CANDIDATES, key=losses.__getitem__)
    away = 1 - outlook(fitted[losing], patterns, weeks=days / WEEK).any_order[patterns.place]
    tenths = []
    for tenth in calibration(away, history.held_orders == 0):
        low, high = wilson(tenth.happened, tenth.customers)
        tenths.append(asdict(tenth) | {"happened_low": low, "happened_high": high})
    means = _without_spikes(history)
    amounts = fit_amounts(history.repeats, means, _within(_amounts(log, history, before)))
    proposed, told = judge_amounts(amounts, history, means) or ("", [])
    return _Judged(comparison, fitted, losing, tenths, proposed, told)


def _holdout(judged: _Judged | None, until: date, settings: Settings) -> dict[str, Any] | None:
    if judged is None:
        return None
    first = until - timedelta(days=settings.away_days - 1)
    period = {"from": str(first), "to": str(until), "days": settings.away_days, "losing": judged.losing}
    amounts = {"spending": judged.spending, "amounts": judged.amounts}
    return period | judged.comparison.plain() | amounts | {"calibration": judged.tenths}


@dataclass(frozen=True, slots=True)
class _Known:
    """What the models say."""

    history: History
    patterns: Patterns
    settings: Settings
    valuing: Fitted
    losing: Fitted
    amounts: Amounts | None
    ahead: tuple[Outlook, ...]
    """By the end of each year."""
    p_active: Numbers
    p_away: Numbers
    gap: Numbers

    @classmethod
    def of(
        cls, history: History, settings: Settings, judged: _Judged | None, said: _Said, *, within: float
    ) -> "_Known":
        patterns = Patterns.of(history)
        named = judged.comparison.proposed if judged is not None else "bg_nbd"
        before = judged.fitted if judged is not None else {}
        wanted = named if settings.model == BEST else settings.model
        valuing = fit(MODELS[wanted], patterns, near=before.get(wanted))
        chosen = valuing.model.name
        teller = chosen if chosen in CANDIDATES else judged.losing if judged is not None else CANDIDATES[0]
        losing = valuing if teller == chosen else fit(MODELS[teller], patterns, near=before.get(teller))
        said.take(losing, history)
        said.take(valuing, history)
        fitted = fit_amounts(history.repeats, _without_spikes(history), within)
        amounts = fitted.get(judged.spending if judged is not None else "") or next(iter(fitted.values()), None)
        if amounts is None:
            said.add("no_spending")
        ahead = tuple(outlook(valuing, patterns, weeks=YEAR * year / WEEK) for year in range(1, settings.years + 1))
        away = outlook(losing, patterns, weeks=settings.away_days / WEEK)
        place = patterns.place
        return cls(
            history, patterns, settings, valuing, losing, amounts, ahead, away.active[place],
            1 - away.any_order[place], silence(losing, patterns)[place],
        )  # fmt: skip

    def columns(self, doubt: list[str], until: date) -> dict[str, Any]:
        place, first = self.patterns.place, self.ahead[0]
        none = (self.history.repeats == 0) | (self.p_active < LEAST_ACTIVE)
        columns: dict[str, Any] = {
            "p_active": self.p_active,
            "p_away": self.p_away,
            "expected_orders": first.expected[place],
            "expected_orders_low": first.low[place],
            "expected_orders_high": first.high[place],
        }
        for name, share in (("next_on", 0.5), ("next_from", LOW), ("next_to", HIGH)):
            weeks = next_order(self.losing, self.patterns, share=share)[place]
            columns[name] = days_after(until, np.where(none, np.inf, weeks * WEEK))
        is_doubtful = np.array([bool(each) for each in doubt])
        for name, numbers in self.money().items():
            columns[name] = _money(np.where(is_doubtful, np.nan, numbers))
        return columns

    def money(self) -> dict[str, Numbers]:
        """Return purchases of a year and the value, each with bounds; NaN where nothing is known."""
        size = len(self.history)
        if self.amounts is None:
            return dict.fromkeys(_MONEY, np.full(size, np.nan))
        place, repeats, means = self.patterns.place, self.history.repeats, self.history.mean_amount
        per_order = self.amounts.per_order(repeats, means)
        purchases = per_order * self.ahead[0].expected[place]
        value = discounted(self.settings, [per_order * each.expected[place] for each in self.ahead])
        total = per_order * self.ahead[-1].expected[place]
        kept = np.divide(value, total, out=np.zeros(size), where=total > 0)
        low, high = self.amounts.bounds(repeats, means, self._orders(self.ahead[0]))
        value_low, value_high = self.amounts.bounds(repeats, means, self._orders(self.ahead[-1]))
        return dict(zip(_MONEY, (purchases, low, high, value, value_low * kept, value_high * kept), strict=True))

    def _orders(self, ahead: Outlook) -> Expected:
        place = self.patterns.place
        return Expected(np.maximum(ahead.any_order[place], 1e-12), ahead.expected[place], ahead.squared[place])

    def summary(self) -> dict[str, Any]:
        found: dict[str, Any] = {
            "model": self.valuing.model.name,
            "losing": self.losing.model.name,
            "unit": "week",
            "parameters": parameters(self.valuing),
            "log_likelihood": self.valuing.log_likelihood,
            "losing_parameters": parameters(self.losing),
        }
        if self.amounts is not None:
            found["amounts"] = self.amounts.plain()
        return found


_MONEY: Final = ("purchases", "purchases_low", "purchases_high", "value", "value_low", "value_high")


def discounted(settings: Settings, by_year: list[Numbers]) -> Numbers:
    """Return the margin of money that comes in within the first one, two, three … years, each year at its middle."""
    value, before = np.zeros_like(by_year[0]), np.zeros_like(by_year[0])
    for year, within in enumerate(by_year):
        value = value + (within - before) * (1 + settings.discount) ** -(year + 0.5)
        before = within
    return value * settings.margin


def _before(log: Log, history: History, until: date, settings: Settings, known: _Known) -> Numbers:
    """Return the value a year earlier, by the same models fitted to what was known then; NaN where that was too little."""
    then, found = until - timedelta(days=YEAR), np.full(len(history), np.nan)
    if (then - log.first_day).days < YEAR // 2:
        return found
    earlier = log.history(until=then)
    if (earlier.repeats > 0).sum() < FEWEST_REPEATS or known.amounts is None:
        return found
    amounts = fit_amounts(earlier.repeats, _without_spikes(earlier), _within(_amounts(log, earlier, then)))
    if known.amounts.name not in amounts:
        return found
    patterns = Patterns.of(earlier)
    fitted = fit(known.valuing.model, patterns, near=known.valuing)
    per_order = amounts[known.amounts.name].per_order(earlier.repeats, earlier.mean_amount)
    ahead = [outlook(fitted, patterns, weeks=YEAR * year / WEEK) for year in range(1, settings.years + 1)]
    value = discounted(settings, [per_order * each.expected[patterns.place] for each in ahead])
    value = np.where((earlier.repeats > 0) & np.isfinite(earlier.mean_amount), value, np.nan)
    by_customer = dict(zip(earlier.customers.to_pylist(), value.tolist(), strict=True))
    return np.array([by_customer.get(customer, np.nan) for customer in history.customers.to_pylist()])


def _without_spikes(history: History) -> Numbers:
    """Return the mean amounts without those so far above all others that they would carry the fit."""
    means = history.mean_amount
    if not np.isfinite(means).any():
        return means
    return np.where(means > SPIKE * SPIKE * np.nanmedian(means), np.nan, means)


def _amounts(log: Log, history: History, until: date) -> dict[str, Numbers]:
    """Return, by customer, the net amounts of two years, and the largest and the middle order with the number of them."""
    size = len(history)
    names = ("past_year", "year_before", "largest", "middle", "count", "variance")
    found = {name: np.full(size, np.nan) for name in names}
    if "amount" not in log.lines.columns:
        return found
    recent, start = until - timedelta(days=YEAR), until - timedelta(days=2 * YEAR)
    seen = log.lines.filter(log.lines["date"] <= ibis.literal(until))
    days = seen.group_by("customer", "date").agg(amount=seen["amount"].cast("float64").sum())
    is_order = days["amount"] > 0
    is_recent = days["date"] > ibis.literal(recent)
    rows = days.group_by("customer").agg(
        past_year=days["amount"].sum(where=is_recent),
        year_before=days["amount"].sum(where=~is_recent & (days["date"] > ibis.literal(start))),
        largest=days["amount"].max(where=is_order),
        middle=days["amount"].median(where=is_order),
        count=is_order.cast("int64").sum(),
        variance=is_order.ifelse(days["amount"], ibis.null()).ln().var(where=is_order, how="sample"),
    )
    place = {customer: number for number, customer in enumerate(history.customers.to_pylist())}
    for row in rows.to_pyarrow().to_pylist():
        number = place.get(row["customer"])
        if number is not None:
            for name in names:
                found[name][number] = np.nan if row[name] is None else float(row[name])
    found["past_year"], found["year_before"] = np.nan_to_num(found["past_year"]), np.nan_to_num(found["year_before"])
    return found


def _within(bought: dict[str, Numbers]) -> float:
    """Return the variance of the logarithms of a customer's orders, pooled over customers; NaN where it is not known."""
    freedom = np.where(np.isfinite(bought["variance"]), bought["count"] - 1, 0)
    total = float(freedom.sum())
    return float((freedom * np.nan_to_num(bought["variance"])).sum()) / total if total > 0 else np.nan


def _doubts(history: History, bought: dict[str, Numbers]) -> list[str]:
    """Return of each customer why no money is told of it, "" where it is."""
    with np.errstate(invalid="ignore"):
        is_spike = (bought["count"] >= _FEWEST_FOR_SPIKE) & (bought["largest"] > SPIKE * bought["middle"])
    no_mean, no_amount = np.isnan(history.mean_amount), np.isnan(bought["largest"])
    return [
        "no_amounts" if nothing else "once" if repeats == 0 else "spike" if spike else "returns" if lost else ""
        for repeats, spike, lost, nothing in zip(history.repeats, is_spike, no_mean, no_amount, strict=True)
    ]


def _facts(history: History) -> dict[str, Any]:
    usual = np.where(history.repeats > 0, history.recency / np.maximum(history.repeats, 1), np.nan)
    return {
        "customer": history.customers,
        "orders": history.repeats + 1,
        "first_on": pa.array(history.first_on, pa.date32()),
        "last_on": pa.array(history.last_on, pa.date32()),
        "days_silent": history.age - history.recency,
        "usual_days": pa.array(np.round(usual, 1), mask=np.isnan(usual)),
    }


def _unknown(size: int) -> dict[str, Any]:
    numbers = ("p_active", "p_away", "expected_orders", *_MONEY, "value_before")
    return (
        {name: pa.nulls(size, pa.float64()) for name in numbers}
        | {name: pa.nulls(size, pa.int64()) for name in ("expected_orders_low", "expected_orders_high")}
        | {name: pa.nulls(size, pa.date32()) for name in ("next_on", "next_from", "next_to")}
    )


def _alerts(
    history: History, until: date, core: Collection[Any], settings: Settings, *, p_away: Numbers, gap: Numbers
) -> list[str]:
    """Return the alert of each customer: the shorter of the general and the core time wins (H6, H7)."""
    limits = settings.limits

    def since(months: int) -> Any:
        return np.datetime64(months_before(until, months))

    known = set(core)
    is_core = np.array([customer in known for customer in history.customers.to_pylist()], dtype=bool)
    is_core = is_core if len(is_core) else np.zeros(0, bool)
    silent, usual = history.age - history.recency, history.recency / np.maximum(history.repeats, 1)
    overdue = (history.repeats > 1) & (gap < settings.overdue) & (silent > limits.silent * np.maximum(usual, 1))
    chosen = np.select(
        [
            history.last_on < since(settings.lost_months),
            is_core & (history.last_on < since(min(limits.core_months, limits.months))),
            history.last_on < since(limits.months),
            overdue,
            (history.repeats > 0) & (p_away >= settings.risk),
        ],
        ["lost", "core", "general", "overdue", "risk"],
        default="",
    )
    return [str(each) for each in chosen]


def _fitting(reasons: list[Reason], alert: str, silent: int, away: float, settings: Settings) -> list[Reason]:
    """Return the reasons so that they say why an alert was raised, and never that all is as usual."""
    codes = {each.code for each in reasons}
    others = [each for each in reasons if each.code != "steady"]
    if alert in ("core", "general", "lost") and not codes & {"silent", "once"}:
        return [Reason("quiet", {"days": silent}), *others]
    if alert == "risk" and not others:
        return [Reason("seldom", {"days": settings.away_days, "share": away})]
    return reasons


def _money(numbers: Numbers) -> pa.Array:
    return pa.array(np.round(numbers, 2), pa.float64(), mask=~np.isfinite(numbers))
