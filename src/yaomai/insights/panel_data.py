"""Purchases of customers by month from the mirror, as a matrix: set-based, whatever the number of customers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from yaomai.insights.months import month_after
from yaomai.kit.warehouse import Snapshot

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Reach:
    """The whole months of which there is sales flow: the last one is over, and lines of it have come in."""

    first: date
    through: date


def reach(taken: Snapshot, *, as_of: date) -> Reach | None:
    """Return the whole months of the sales flow before a day; None when there are none."""
    over = [month for month in sorted(taken.paths) if month_after(month, 1) <= as_of]
    return Reach(over[0], over[-1]) if over else None


def monthly(
    taken: Snapshot, keys: Sequence[int], months: Sequence[date], *, measure: str, product: int | None = None
) -> "NDArray[np.float64]":
    """Return what each customer bought in each month; zero where nothing.

    Shape: customers × months, in the order given. `measure` is "amount" (yuan) or "quantity".
    """
    import ibis
    import numpy as np
    import pyarrow as pa

    from yaomai.engine.backends import arrow_table, connected

    values = np.zeros((len(keys), len(months)))
    files = taken.files(start=months[0], end=month_after(months[-1], 1)) if months else []
    if not files or not keys:
        return values
    order = np.argsort(np.array(keys, dtype=np.int64))
    ordered = np.array(keys, dtype=np.int64)[order]
    with TemporaryDirectory(prefix="yaomai-insights-") as folder, connected() as engine:
        wanted = arrow_table(engine, pa.table({"customer": pa.array(ordered)}), folder, "wanted")
        lines: Any = engine.read_parquet([str(path) for path in files])
        own = lines.semi_join(wanted, "customer").filter(
            lambda t: (t.date >= ibis.literal(months[0])) & (t.date < ibis.literal(month_after(months[-1], 1)))
        )
        if product is not None:
            own = own.filter(own["product"] == product)
        at = own.date.year() * 12 + own.date.month() - 1
        found = own.group_by("customer", at=at).agg(value=own[measure].cast("float64").sum()).to_pyarrow()
    places = {month.year * 12 + month.month - 1: place for place, month in enumerate(months)}
    rows = order[np.searchsorted(ordered, found["customer"].to_numpy())]
    columns = np.array([places.get(each, -1) for each in found["at"].to_pylist()], dtype=np.int64)
    amounts = found["value"].to_numpy()
    kept = columns >= 0
    values[rows[kept], columns[kept]] = amounts[kept]
    return values
