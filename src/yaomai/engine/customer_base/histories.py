"""Order histories: one row per customer from sales lines, the same expression on DuckDB and on Spark.

An *order day* is a day with a line that is no return (as in `yaomai.engine.metrics`). Lines after `until` are not seen,
but for two columns that count what came in the days held out.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

import ibis
import ibis.expr.types as ir
import numpy as np
import numpy.typing as npt
import pyarrow as pa

Numbers = npt.NDArray[Any]
Counts = npt.NDArray[np.int64]

WEEK: Final = 7
"""Days per unit of time: rates are per week, as in the literature."""


def histories(lines: ir.Table, *, until: date, holdout_days: int = 0, with_intervals: bool = False) -> ir.Table:
    """Give the history of every customer that ordered up to `until`, as one lazy expression.

    Args:
        lines: customer, date and, if known, amount (returns are negative).
        with_intervals: also log_intervals, the sum of the logarithms of the weeks between two order days, which the
            likelihoods of models of different regularity need to be compared.

    Shape: customer, first_on, last_on, orders (order days), total (net amount), first_amount (net amount of the first
    order day), held_orders and held_amount (order days and net amount of the `holdout_days` after `until`).
    """
    has_amount = "amount" in lines.columns
    seen = lines.filter(lines["date"] <= ibis.literal(until + timedelta(days=holdout_days)))
    amount = seen["amount"] if has_amount else ibis.literal(0, "decimal(18,2)")
    ordered = (seen["amount"] >= 0).cast("int32").max() if has_amount else ibis.literal(1, "int32")
    days = seen.group_by("customer", "date").agg(amount=amount.sum(), ordered=ordered)
    before = days["date"] <= ibis.literal(until)
    is_order = (days["ordered"] == 1) & before
    found = days.group_by("customer").agg(
        first_on=days["date"].min(where=is_order),
        last_on=days["date"].max(where=is_order),
        orders=is_order.cast("int64").sum(),
        total=days["amount"].sum(where=before),
        first_amount=days["amount"].argmin(days["date"], where=is_order),
        held_orders=((days["ordered"] == 1) & ~before).cast("int64").sum(),
        held_amount=days["amount"].sum(where=~before),
    )
    found = found.filter(found["orders"] > 0)
    if not with_intervals:
        return found
    kept = days.filter(is_order)
    earlier = kept["date"].lag(1).over(ibis.window(group_by="customer", order_by="date"))
    gaps = kept.mutate(gap=kept["date"].delta(earlier, unit="day"))
    logs = gaps.group_by("customer").agg(log_intervals=(gaps["gap"].cast("float64") / WEEK).ln().sum())
    return found.left_join(logs, "customer").drop("customer_right")


@dataclass(frozen=True, slots=True)
class History:
    """The histories of many customers as arrays: `repeats` (order days after the first), and in days `recency` (from
    the first to the last) and `age` (from the first to `until`)."""

    customers: pa.ChunkedArray
    repeats: Counts
    recency: Counts
    age: Counts
    repeat_amount: Numbers
    """Net amount of all but the first order day, in yuan."""
    held_orders: Counts
    held_amount: Numbers
    log_intervals: Numbers | None
    first_on: npt.NDArray[np.datetime64]
    last_on: npt.NDArray[np.datetime64]

    @classmethod
    def of(cls, table: pa.Table, *, until: date) -> "History":
        """Read the result of `histories`, in order of customer."""

        def numbers(name: str) -> Numbers:
            return np.nan_to_num(table[name].cast(pa.float64()).to_numpy().astype(float))

        first = table["first_on"].cast(pa.date32()).to_numpy().astype("datetime64[D]")
        last = table["last_on"].cast(pa.date32()).to_numpy().astype("datetime64[D]")
        return cls(
            customers=table["customer"],
            repeats=table["orders"].to_numpy().astype(np.int64) - 1,
            recency=(last - first).astype(np.int64),
            age=(np.datetime64(until) - first).astype(np.int64),
            repeat_amount=numbers("total") - numbers("first_amount"),
            held_orders=table["held_orders"].to_numpy().astype(np.int64),
            held_amount=numbers("held_amount"),
            log_intervals=numbers("log_intervals") if "log_intervals" in table.column_names else None,
            first_on=first,
            last_on=last,
        )

    def __len__(self) -> int:
        return len(self.repeats)

    @property
    def mean_amount(self) -> Numbers:
        """Net amount per repeated order day; NaN without one, or where returns took all."""
        mean = self.repeat_amount / np.where(self.repeats > 0, self.repeats, np.nan)
        return np.where(mean > 0, mean, np.nan)


@dataclass(frozen=True, slots=True)
class Patterns:
    """The different histories that occur, so that equal ones are computed once; times in weeks."""

    repeats: Counts
    recency: Numbers
    age: Numbers
    count: Counts
    place: Counts
    """Of each customer, which of the patterns is its own."""

    @classmethod
    def of(cls, history: History) -> "Patterns":
        """Find the different histories."""
        span = int(history.age.max(initial=0)) + 1
        keys = (history.repeats * span + history.recency) * span + history.age
        found, place, count = np.unique(keys, return_inverse=True, return_counts=True)
        rest, age = np.divmod(found, span)
        repeats, recency = np.divmod(rest, span)
        return cls(repeats, recency / WEEK, age / WEEK, count, place)

    def sample(self, size: int, seed: int = 0) -> "Patterns":
        """Give about `size` of the patterns, with their counts."""
        if len(self.repeats) <= size:
            return self
        taken = np.sort(np.random.default_rng(seed).choice(len(self.repeats), size, replace=False))
        return Patterns(
            self.repeats[taken], self.recency[taken], self.age[taken], self.count[taken], np.empty(0, np.int64)
        )
