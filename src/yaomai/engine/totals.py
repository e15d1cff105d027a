"""Sums per customer that grow month by month: added once in a full run, rolled on by one month in an incremental one.

All sums are whole numbers (money in cents), so a rolled sum equals the added one exactly.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from yaomai.engine.metrics import METRIC_TYPES
from yaomai.engine.population import money_in_cents

Integers = npt.NDArray[np.int64]

WINDOWS: Final[Mapping[str, tuple[str, int, int | None]]] = {
    "frequency": ("orders", 0, None),
    "monetary": ("amount", 0, None),
    "orders_12m": ("orders", 0, 12),
    "active_months_12m": ("active", 0, 12),
    "amount_12m": ("amount", 0, 12),
    "amount_prior_12m": ("amount", 12, 24),
    "amount_3m": ("amount", 0, 3),
    "amount_prior_3m": ("amount", 3, 6),
    "quantity_12m": ("quantity", 0, 12),
    "margin_12m": ("margin", 0, 12),
}
"""By metric: what is added, from which month back (0 is the month of `as_of`) to before which (None: ever)."""

MASK_MONTHS: Final = 12
_NEVER: Final = {"first_on": np.iinfo(np.int32).max, "last_on": np.iinfo(np.int32).min}
_MONEY: Final = ("amount", "margin")
_EPOCH: Final = date(1970, 1, 1)


@dataclass(frozen=True)
class Month:
    """One month's lines as one row per customer, as numbers.

    customers: ascending; sums: orders, active, amount and margin in cents, quantity; days: first_on and last_on, days
    since 1970 of the first and last order; masks: by name, one bit per product or product line ordered.
    """

    customers: pa.Array
    sums: Mapping[str, Integers]
    days: Mapping[str, npt.NDArray[np.int32]]
    masks: Mapping[str, Integers]

    @classmethod
    def from_table(cls, table: pa.Table) -> "Month":
        """Read (some of) the columns that `yaomai.engine.monthly` makes of a month."""
        sums = {
            name: money_in_cents(table.column(name)) if name in _MONEY else _integers(table.column(name))
            for name in ("orders", "amount", "quantity", "margin")
            if name in table.column_names
        }
        if "orders" in sums:
            sums["active"] = (sums["orders"] > 0).astype(np.int64)
        days = {name: _days(table.column(name), never) for name, never in _NEVER.items() if name in table.column_names}
        masks = {name: _integers(table.column(name)) for name in table.column_names if "_mask_" in name}
        return cls(table.column("customer").combine_chunks(), sums, days, masks)


@dataclass
class Totals:
    """The running sums of all customers so far, in ascending order of customer."""

    customers: pa.Array
    columns: dict[str, npt.NDArray[Any]] = field(default_factory=dict)
    masks: dict[str, Integers] = field(default_factory=dict)
    _found: tuple[pa.Array, Integers] | None = None

    @classmethod
    def empty(cls, customer_type: pa.DataType, line_columns: Collection[str]) -> "Totals":
        """Begin with nobody, and with the sums that lines with these columns have."""
        sources = {"orders", "active", *line_columns}
        columns: dict[str, npt.NDArray[Any]] = {name: np.empty(0, np.int32) for name in _NEVER}
        columns |= {name: np.empty(0, np.int64) for name, (source, *_) in WINDOWS.items() if source in sources}
        return cls(pa.array([], customer_type), columns)

    @classmethod
    def from_table(cls, table: pa.Table) -> "Totals":
        """Read what `to_table` wrote."""
        names = [name for name in table.column_names if name != "customer"]
        columns = {name: table.column(name).to_numpy().copy() for name in names}
        return cls(table.column("customer").combine_chunks(), columns)

    def to_table(self) -> pa.Table:
        """Give all but the masks, for the state of the next run."""
        return pa.table({"customer": self.customers, **self.columns})

    def add(self, month: Month, periods: Mapping[str, int]) -> None:
        """Add a month: `periods` says by metric how often (1 entering a window, -1 leaving it)."""
        places = self._places(month.customers)
        for metric, sign in periods.items():
            if metric in self.columns:
                self.columns[metric][places] += sign * month.sums[WINDOWS[metric][0]]

    def extend(self, month: Month) -> None:
        """Take a month's first and last order days."""
        places = self._places(month.customers)
        first, last = self.columns["first_on"], self.columns["last_on"]
        first[places] = np.minimum(first[places], month.days["first_on"])
        last[places] = np.maximum(last[places], month.days["last_on"])

    def cover(self, month: Month) -> None:
        """Take a month's products and product lines."""
        places = self._places(month.customers)
        for name, mask in month.masks.items():
            column = self.masks.setdefault(name, np.zeros(len(self.customers), np.int64))
            column[places] |= mask

    def metrics(self, *, as_of: date, has_products: bool, has_lines: bool) -> pa.Table:
        """Complete the sums to the table of `yaomai.engine.metrics`, in order of customer."""
        today = (as_of - _EPOCH).days
        first, last = self.columns["first_on"], self.columns["last_on"]
        ordered = last != _NEVER["last_on"]
        whole = {name: self.columns.get(name) for name in WINDOWS}
        for name, prefix, present in (
            ("products_12m", "product", has_products),
            ("product_lines_12m", "product_line", has_lines),
        ):
            whole[name] = self._count(prefix) if present else None
        quarter, before = self.columns["amount_3m"], self.columns["amount_prior_3m"]
        year, last_year = self.columns["amount_12m"], self.columns["amount_prior_12m"]
        margin, orders = whole["margin_12m"], self.columns["frequency"]
        arrays: dict[str, pa.Array] = {
            "first_on": _dates(first, ordered),
            "last_on": _dates(last, ordered),
            "recency_days": pa.array(np.where(ordered, today - last, 0).astype(np.int32), mask=~ordered),
            "tenure_days": pa.array(np.where(ordered, today - first, 0).astype(np.int32), mask=~ordered),
            "growth_monthly": _ratio(quarter - before, 3 * before),
            "growth_yearly": _ratio(year - last_year, last_year),
            "margin_rate": self._column(None, "float64") if margin is None else _ratio(margin, year),
            "interval_days": _ratio(last.astype(np.int64) - first, orders - 1),
        }
        for name, kind in METRIC_TYPES.items():
            if name not in arrays:
                arrays[name] = self._column(whole[name], kind)
        return pa.table({"customer": self.customers, **{name: arrays[name] for name in METRIC_TYPES}})

    def _column(self, values: npt.NDArray[Any] | None, kind: str) -> pa.Array:
        target = pa.decimal128(18, 2) if kind.startswith("decimal") else pa.type_for_alias(kind)
        if values is None:
            return pa.nulls(len(self.customers), target)
        if pa.types.is_decimal(target):
            return _money(values)
        return pa.array(values.astype(target.to_pandas_dtype()))

    def _count(self, prefix: str) -> npt.NDArray[Any]:
        words = [mask for name, mask in self.masks.items() if name.rpartition("_mask_")[0] == prefix]
        counted = np.zeros(len(self.customers), np.int32)
        for word in words:
            counted += np.bitwise_count(word)
        return counted

    def _places(self, keys: pa.Array) -> Integers:
        """Find customers, first making room for new ones; the answer is kept for the next question on a month."""
        if self._found is None or self._found[0] is not keys:
            self._found = (keys, self._positions_with_room(keys))
        return self._found[1]

    def _positions_with_room(self, keys: pa.Array) -> Integers:
        places = _positions(self.customers, keys)
        if places is not None:
            return places
        self.customers, kept, places = _merged(self.customers, keys)
        for name, column in self.columns.items():
            self.columns[name] = _spread(column, kept, _NEVER.get(name, 0))
        self.masks = {name: _spread(mask, kept, 0) for name, mask in self.masks.items()}
        return places


def _positions(customers: pa.Array, keys: pa.Array) -> Integers | None:
    """Give the places of keys in ascending customers; None when one is not there."""
    if pa.types.is_integer(customers.type):
        have, wanted = customers.to_numpy(), keys.to_numpy()
        if not len(wanted):
            return np.empty(0, np.int64)
        if not len(have) or wanted[-1] > have[-1]:
            return None
        places = np.searchsorted(have, wanted)
        return places if np.array_equal(have[places], wanted) else None
    found = pc.index_in(keys, value_set=customers)
    return None if found.null_count else found.to_numpy().astype(np.int64)


def _merged(customers: pa.Array, keys: pa.Array) -> tuple[pa.Array, npt.NDArray[np.bool_], Integers]:
    """Give the ascending union of two ascending keys, where in it the customers are, and the places of the keys."""
    if pa.types.is_integer(customers.type):
        have, wanted = customers.to_numpy(), keys.to_numpy()
        before = np.searchsorted(have, wanted)
        new = np.searchsorted(have, wanted, side="right") == before
        places = before + np.cumsum(new) - new
        kept = np.ones(len(have) + int(np.count_nonzero(new)), bool)
        kept[places[new]] = False
        union = np.empty(len(kept), have.dtype)
        union[kept] = have
        union[places] = wanted
        return pa.array(union), kept, places
    texts = pc.unique(pa.concat_arrays([customers, keys]))
    texts = texts.take(pc.sort_indices(texts))
    found = _positions(texts, keys)
    assert found is not None
    return texts, pc.is_in(texts, value_set=customers).to_numpy(zero_copy_only=False), found


def _spread(column: npt.NDArray[Any], kept: npt.NDArray[np.bool_], fill: int) -> npt.NDArray[Any]:
    wider = np.full(len(kept), fill, column.dtype)
    wider[kept] = column
    return wider


def _integers(column: pa.ChunkedArray) -> Integers:
    numbers: Integers = pc.fill_null(column, 0).to_numpy().astype(np.int64, copy=False)
    return numbers


def _days(column: pa.ChunkedArray, never: int) -> npt.NDArray[np.int32]:
    days: npt.NDArray[np.int32] = pc.fill_null(column.cast(pa.int32()), never).to_numpy()
    return days


def _dates(days: npt.NDArray[np.int32], known: npt.NDArray[np.bool_]) -> pa.Array:
    return pa.array(np.where(known, days, 0).astype(np.int32), mask=~known).cast(pa.date32())


def _money(cents: Integers) -> pa.Array:
    """Write cents as decimal128(18, 2): each is the low half of its 128 bits, its sign the high half."""
    halves = np.empty((len(cents), 2), np.int64)
    halves[:, 0] = cents
    halves[:, 1] = cents >> 63
    return pa.Array.from_buffers(pa.decimal128(18, 2), len(cents), [None, pa.py_buffer(halves)])


def _ratio(part: npt.NDArray[Any], base: npt.NDArray[Any]) -> pa.Array:
    known = base > 0
    return pa.array(np.divide(part, base, out=np.zeros(len(base)), where=known), mask=~known)
