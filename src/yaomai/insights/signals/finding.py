"""Find what is odd in a month of sales flow: by `yaomai.engine.anomalies`, prices and returns by medians."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from yaomai.insights.findings.policies import SignalPolicy
from yaomai.insights.months import month_after, months_between
from yaomai.insights.panel_data import monthly
from yaomai.insights.signals.rules import MONEY_A_YEAR, is_outlying, price_bounds
from yaomai.kit.warehouse import Snapshot

SEASON: Final = 12
RETURNS, PRICE = "returns", "price"


@dataclass(frozen=True, slots=True)
class Odd:
    """Something odd, in yuan; of a price in yuan a unit. `score` is in times the ordinary scatter."""

    institution: int
    product: int | None
    month: date
    kind: str
    value: float
    expected: float
    low: float
    high: float
    score: float
    money: float


@dataclass(frozen=True, slots=True)
class Look:
    """What was found in a month, the most money first, and at how much was looked."""

    found: list[Odd]
    series: int
    lines: int
    false_alarms: float
    """How many of them would be expected if nothing were odd at all."""


def look(taken: Snapshot, *, month: date, policy: SignalPolicy) -> Look:
    """Look at a month of all customers; nothing is written.

    Looks at each customer's own past (surges, drops, levels that moved), at unit prices against what is usual for the
    product, and at returns against usual purchases.
    """
    from yaomai.engine.backends import connected

    files = [str(path) for path in taken.files(start=month_after(month, -SEASON), end=month_after(month, 1))]
    if month not in taken.paths:
        return Look([], 0, 0, 0.0)
    own, series = _past(taken, month, policy)
    with connected() as engine:
        prices, lines = _prices(engine.con, files, month, policy)
        returns = _returns(engine.con, files, month, policy)
    found = {(each.institution, each.product, each.kind): each for each in (*own, *returns, *prices)}
    kept = [each for each in found.values() if each.money >= policy.least_money]
    kept.sort(key=lambda each: (-each.money, each.institution, each.kind))
    return Look(kept[: policy.most], series, lines, (series + lines) * policy.false_alarms)


def _past(taken: Snapshot, month: date, policy: SignalPolicy) -> tuple[list[Odd], int]:
    """Return what breaks with the past of its customer, and how many customers have a past."""
    import numpy as np

    from yaomai.engine.anomalies.noticing import FEWEST, notice

    months = months_between(max(month_after(month, 1 - policy.months), min(taken.paths)), month)
    keys = _customers(taken, months)
    values = monthly(taken, keys, months, measure="amount")
    series: dict[Any, Any] = {}
    for key, row in zip(keys, values, strict=True):
        bought = np.flatnonzero(row)
        own = row[bought[0] :] if len(bought) else row[:0]
        if len(own) >= FEWEST:
            series[key] = own
    last = {key: len(own) - 1 for key, own in series.items()}
    odd = []
    for each in notice(series, season=SEASON, false_alarms=policy.false_alarms):
        back = last[each.series] - each.period
        is_move = each.kind in ("level_up", "level_down")
        if back >= policy.move_months if is_move else back > 0:
            continue
        kind = RETURNS if each.kind == "drop" and each.value < 0 else each.kind
        money = abs(each.value - each.expected) * (MONEY_A_YEAR if is_move else 1)
        odd.append(
            Odd(each.series, None, month_after(month, -back), kind, each.value, each.expected, each.low, each.high,
                each.score, money)
        )  # fmt: skip
    return odd, len(series)


def _customers(taken: Snapshot, months: list[date]) -> list[int]:
    from yaomai.engine.backends import connected

    files = [str(path) for path in taken.files(start=months[0], end=month_after(months[-1], 1))]
    with connected() as engine:
        rows = engine.con.execute(
            "SELECT DISTINCT customer FROM read_parquet($files) WHERE date >= $first ORDER BY customer",
            {"files": files, "first": months[0]},
        ).fetchall()
    return [row[0] for row in rows]


# Prices of twelve months by product: the usual one and how far lines lie from it, in logarithms.
_PRICES = """
WITH lines AS (
    SELECT customer, product, date, amount::DOUBLE AS amount, quantity::DOUBLE AS quantity,
           ln(amount::DOUBLE / quantity::DOUBLE) AS price
    FROM read_parquet($files)
    WHERE date >= $year AND date < $next AND amount > 0 AND quantity > 0 AND product IS NOT NULL
), usual AS (SELECT product, median(price) AS middle, count(*) AS lines FROM lines GROUP BY product),
scatter AS (
    SELECT product, any_value(usual.middle) AS middle, any_value(usual.lines) AS lines,
           median(abs(price - usual.middle)) AS wide
    FROM lines JOIN usual USING (product) GROUP BY product
)
SELECT customer, product, exp(arg_max(price, abs(price - middle))), exp(any_value(middle)), any_value(wide),
       sum(abs(amount - quantity * exp(middle))), any_value(scatter.lines), count(*)
FROM lines JOIN scatter USING (product)
WHERE date >= $month AND scatter.lines >= $fewest
GROUP BY customer, product ORDER BY customer, product
"""


def _prices(engine: Any, files: list[str], month: date, policy: SignalPolicy) -> tuple[list[Odd], int]:
    """Return customers with an outlying price of a product, and at how many lines was looked."""
    rows = engine.execute(
        _PRICES,
        {"files": files, "year": month_after(month, 1 - SEASON), "next": month_after(month, 1), "month": month,
         "fewest": policy.price_lines},
    ).fetchall()  # fmt: skip
    odd: list[Odd] = []
    least = float(policy.price_change)
    for customer, product, price, usual, wide, money, _lines, _count in rows:
        bounds = price_bounds(usual, wide, false_alarms=policy.false_alarms, least=least)
        if is_outlying(price, bounds):
            odd.append(
                Odd(customer, product, month, PRICE, price, usual, bounds.low, bounds.high, bounds.score(price), money)
            )
    return odd, sum(row[7] for row in rows)


_RETURNS = """
SELECT customer, coalesce(-sum(amount) FILTER (date >= $month AND amount < 0), 0)::DOUBLE AS returned,
       coalesce(sum(amount) FILTER (date < $month AND amount > 0), 0)::DOUBLE / $months AS usual,
       coalesce(-sum(amount) FILTER (date < $month AND amount < 0), 0)::DOUBLE / $months AS returned_before
FROM read_parquet($files) WHERE date >= $year AND date < $next GROUP BY customer HAVING returned > 0 ORDER BY customer
"""


def _returns(engine: Any, files: list[str], month: date, policy: SignalPolicy) -> list[Odd]:
    """Return customers whose returns of the month are much of what they usually buy in one."""
    rows = engine.execute(
        _RETURNS,
        {"files": files, "year": month_after(month, -SEASON), "next": month_after(month, 1), "month": month,
         "months": SEASON},
    ).fetchall()  # fmt: skip
    odd = []
    for customer, returned, usual, before in rows:
        limit = float(policy.returns_share) * usual
        if returned > limit:
            score = returned / max(usual, 1.0)
            odd.append(Odd(customer, None, month, RETURNS, returned, before, 0.0, limit, score, returned))
    return odd


def inputs_of(taken: Snapshot, seen: Look, *, policy_version: int | None) -> Mapping[str, Any]:
    """Return what went into a look, as plain JSON."""
    return {
        "sales_flow": taken.fingerprint,
        "policies": {SignalPolicy.name: policy_version},
        "series": seen.series,
        "lines": seen.lines,
        "false_alarms": round(seen.false_alarms, 1),
    }
