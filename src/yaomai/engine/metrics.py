"""Customer metrics from sales lines: one row per customer, the same expression on DuckDB and on Spark.

A *line* is one position of one delivery: customer, date, amount, and if known quantity, margin (money earned), product
and product line. What the metrics mean:

- Lines after `as_of` do not exist. A line with a negative amount is a *return*: it lowers money and quantity and is
  never an order, so it moves neither recency nor frequency. An *order day* is a day with a line that is no return.
- A window of n months ends with `as_of` and begins the day after the same day n months earlier; a last day of a month
  counts as the last day of any month. With `as_of` 2026-06-30 the twelve months are 2025-07-01 to 2026-06-30.
- Money is added as DECIMAL, never as floating point, so the order of the lines changes nothing. Ratios are one division
  of exact numbers.

Method: recency, frequency and monetary value after Hughes, Strategic Database Marketing (1994).
"""

from collections.abc import Mapping
from datetime import date
from typing import Final

import ibis
import ibis.expr.types as ir

from yaomai.engine.windows import is_month_end, window_starts

REQUIRED_COLUMNS: Final = ("customer", "date", "amount")
OPTIONAL_COLUMNS: Final = ("quantity", "margin", "product", "product_line")
MONEY_TYPE: Final = "decimal(18,2)"

_BREADTH: Final = {"products_12m": "product", "product_lines_12m": "product_line"}

METRIC_TYPES: Final[Mapping[str, str]] = {
    "first_on": "date",
    "last_on": "date",
    "recency_days": "int32",
    "tenure_days": "int32",
    "frequency": "int32",
    "monetary": MONEY_TYPE,
    "orders_12m": "int32",
    "active_months_12m": "int32",
    "amount_12m": MONEY_TYPE,
    "amount_prior_12m": MONEY_TYPE,
    "amount_3m": MONEY_TYPE,
    "amount_prior_3m": MONEY_TYPE,
    "quantity_12m": "int64",
    "margin_12m": MONEY_TYPE,
    "products_12m": "int32",
    "product_lines_12m": "int32",
    "growth_monthly": "float64",
    "growth_yearly": "float64",
    "margin_rate": "float64",
    "interval_days": "float64",
}
"""The columns after `customer`, and their types.

| column | meaning | unit |
|---|---|---|
| first_on, last_on | first and last order day | date |
| recency_days, tenure_days | from the last, from the first order day to `as_of` | days |
| frequency | order days, ever | days |
| monetary | net amount, ever | money |
| orders_12m, active_months_12m | order days, months (ending like `as_of`) with one, in twelve months | days, months |
| amount_12m, amount_prior_12m | net amount of twelve months, of the twelve before | money |
| amount_3m, amount_prior_3m | net amount of three months, of the three before | money |
| quantity_12m, margin_12m | net quantity, net margin of twelve months | pieces, money |
| products_12m, product_lines_12m | different products and product lines ordered in twelve months | count |
| growth_monthly | (amount_3m - amount_prior_3m) / (3 amount_prior_3m): mean change per month | ratio |
| growth_yearly | (amount_12m - amount_prior_12m) / amount_prior_12m | ratio |
| margin_rate | margin_12m / amount_12m | ratio |
| interval_days | mean days between two order days | days |

Null where it cannot be known: no order day; a base of zero or less; a column that the lines do not have.
"""


def sales_lines(table: ir.Table, columns: Mapping[str, str] | None = None) -> ir.Table:
    """Give lines their standard names and types; `columns` maps a standard name to the name in `table`.

    Raises:
        KeyError: customer, date or amount is not there, or a mapped column does not exist.
    """
    mapping = dict(columns or {})
    for name in (*REQUIRED_COLUMNS, *OPTIONAL_COLUMNS):
        if name not in mapping and name in table.columns:
            mapping[name] = name
    absent = [name for name in REQUIRED_COLUMNS if name not in mapping]
    absent += [column for column in mapping.values() if column not in table.columns]
    if absent:
        raise KeyError(f"sales lines lack {', '.join(absent)}; they have {', '.join(table.columns)}")
    wanted = {"date": "date", "amount": MONEY_TYPE, "margin": MONEY_TYPE, "quantity": "int64"}
    cast = {}
    for name, column in mapping.items():
        value = table[column]
        kind = wanted.get(name)
        cast[name] = value if kind is None or _holds(value, kind) else value.cast(kind)
    return table.select(**cast)


def customer_metrics(lines: ir.Table, *, as_of: date) -> ir.Table:
    """Compute the metrics of every customer in `lines` (see `sales_lines`), as one lazy expression.

    Shape: one row per customer, `customer` and the columns of `METRIC_TYPES`.
    """
    past = lines.filter(lines["date"] <= ibis.literal(as_of))
    is_order = past["amount"] >= 0
    day = {
        "amount": past["amount"].sum(),
        "ordered": is_order.cast("int32").max(),
        "quantity": past["quantity"].sum() if "quantity" in lines.columns else ibis.null("int64"),
        "margin": past["margin"].sum() if "margin" in lines.columns else ibis.null(MONEY_TYPE),
    }
    days = past.group_by("customer", "date").agg(**day)
    ordered = days["ordered"] == 1
    starts = window_starts(as_of)
    recent = days["date"] >= ibis.literal(starts[12])
    month = days["date"].year() * 12 + days["date"].month()
    if not is_month_end(as_of):
        month = month + (days["date"].day() > as_of.day).cast("int32")
    totals = days.group_by("customer").agg(
        first_on=days["date"].min(where=ordered),
        last_on=days["date"].max(where=ordered),
        frequency=ordered.cast("int32").sum(),
        monetary=days["amount"].sum(),
        orders_12m=(ordered & recent).cast("int32").sum(),
        active_months_12m=month.nunique(where=ordered & recent),
        amount_12m=days["amount"].sum(where=recent),
        amount_prior_12m=days["amount"].sum(where=_between(days["date"], starts[24], starts[12])),
        amount_3m=days["amount"].sum(where=days["date"] >= ibis.literal(starts[3])),
        amount_prior_3m=days["amount"].sum(where=_between(days["date"], starts[6], starts[3])),
        quantity_12m=days["quantity"].sum(where=recent),
        margin_12m=days["margin"].sum(where=recent),
    )
    return with_ratios(_with_breadth(totals, past, starts[12]), lines.columns, as_of=as_of)


def with_ratios(totals: ir.Table, line_columns: tuple[str, ...], *, as_of: date) -> ir.Table:
    """Complete summed metrics by what follows from them, in the order and types of `METRIC_TYPES`.

    Sums of what the lines (with columns `line_columns`) have are zero for a customer without any in the window.
    """
    today = ibis.literal(as_of)
    known = {
        name: totals[name].fill_null(0)
        for name, source in (
            ("orders_12m", "amount"),
            ("active_months_12m", "amount"),
            ("amount_12m", "amount"),
            ("amount_prior_12m", "amount"),
            ("amount_3m", "amount"),
            ("amount_prior_3m", "amount"),
            ("quantity_12m", "quantity"),
            ("margin_12m", "margin"),
            ("products_12m", "product"),
            ("product_lines_12m", "product_line"),
        )
        if source in line_columns
    }
    whole = totals.mutate(**known)
    amount, prior = _cents(whole["amount_12m"]), _cents(whole["amount_prior_12m"])
    quarter, prior_quarter = _cents(whole["amount_3m"]), _cents(whole["amount_prior_3m"])
    span = whole["last_on"].delta(whole["first_on"], unit="day").cast("float64")
    complete = whole.mutate(
        recency_days=today.delta(whole["last_on"], unit="day"),
        tenure_days=today.delta(whole["first_on"], unit="day"),
        growth_monthly=_ratio(quarter - prior_quarter, prior_quarter * 3),
        growth_yearly=_ratio(amount - prior, prior),
        margin_rate=_ratio(_cents(whole["margin_12m"]), amount),
        interval_days=_ratio(span, (whole["frequency"] - 1).cast("float64")),
    )
    return complete.select("customer", **{name: complete[name].cast(kind) for name, kind in METRIC_TYPES.items()})


def breadth(lines: ir.Table, start: date) -> ir.Table:
    """Count by customer the different products and product lines ordered since `start`, as far as the lines say.

    Shape: customer, products_12m, product_lines_12m (the one without a column is absent).
    """
    ordered = lines.filter(lines["date"] >= ibis.literal(start), lines["amount"] >= 0)
    return ordered.group_by("customer").agg(
        **{name: ordered[column].nunique() for name, column in _BREADTH.items() if column in lines.columns}
    )


def _with_breadth(totals: ir.Table, past: ir.Table, start: date) -> ir.Table:
    present = [name for name, column in _BREADTH.items() if column in past.columns]
    absent = {name: ibis.null("int32") for name in _BREADTH if name not in present}
    if not present:
        return totals.mutate(**absent)
    joined = totals.left_join(breadth(past, start), "customer")
    return joined.select(*totals.columns, *present).mutate(**absent)


def _between(day: ir.DateColumn, start: date, end: date) -> ir.BooleanValue:
    return (day >= ibis.literal(start)) & (day < ibis.literal(end))


def _cents(money: ir.NumericValue) -> ir.NumericValue:
    """Give money as a whole number of cents: float64 holds it exactly up to 90 trillion yuan."""
    return (money * 100).cast("int64").cast("float64")


def _ratio(part: ir.NumericValue, base: ir.NumericValue) -> ir.NumericValue:
    return ibis.ifelse(base > 0, part / base, ibis.null("float64"))


def _holds(value: ir.Value, kind: str) -> bool:
    """Say whether `value` fits `kind` as it is; a narrower decimal is added exactly without a cast."""
    have = value.type()
    return bool(have == ibis.dtype(kind)) or bool(
        kind == MONEY_TYPE and have.is_decimal() and have.scale == 2 and have.precision <= 18
    )
