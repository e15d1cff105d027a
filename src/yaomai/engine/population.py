"""The customers of one evaluation in memory: their inputs as exact numbers and texts, and who is worse than whom.

Lines are many and are reduced by DuckDB or Spark; customers are few enough (a million take 200 MB) to be ranked here,
once per input for all schemes, with whole numbers only: the result is the same on every engine and machine.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from yaomai.engine.inputs import METRICS

Integers = npt.NDArray[np.int64]
Numbers = npt.NDArray[Any]
Flags = npt.NDArray[np.bool_]

CENTS: Final = 100
_SUMS: Final = frozenset(
    (
        "frequency",
        "monetary",
        "orders_12m",
        "active_months_12m",
        "amount_12m",
        "amount_prior_12m",
        "amount_3m",
        "amount_prior_3m",
        "quantity_12m",
        "margin_12m",
        "products_12m",
        "product_lines_12m",
    )
)
_TRUE: Final = ("1", "true", "yes", "y", "是", "有", "√")


@dataclass(frozen=True)
class Values:
    """One numeric input: `numbers` (money in cents as int64), and which of them are known."""

    numbers: Numbers
    known: Flags


@dataclass(frozen=True)
class Texts:
    """One text input: for each customer a code into `vocabulary`, -1 where unknown."""

    codes: npt.NDArray[np.int32]
    vocabulary: tuple[str, ...]


class Population:
    """All customers of metrics and master data, in ascending order of `customer`.

    metrics: `customer` and the columns of `yaomai.engine.metrics.METRIC_TYPES`, all null for a customer without lines,
    whose sums count as zero.
    customers: `customer` and any attributes; a customer of the lines that is not among them has unknown attributes.

    Raises:
        ValueError: a customer appears twice in a table, or is null.
    """

    def __init__(self, metrics: pa.Table, customers: pa.Table | None = None) -> None:
        keys = _keys(metrics, "metrics")
        if customers is not None:
            others = _keys(customers, "customers").cast(keys.type)
            everyone = pc.unique(pa.concat_arrays([keys, others]))
        else:
            everyone = keys
        self.customers: pa.Array = _sorted(everyone)
        self.size = len(self.customers)
        self._metrics = _aligned(metrics, keys, self.customers)
        self._attributes = None if customers is None else _aligned(customers, others, self.customers)
        self.has_lines: Flags = self._with_lines(keys)
        self._values: dict[tuple[str, bool], Values] = {}
        self._texts: dict[str, Texts] = {}
        self._worse: dict[tuple[str, bool, bool], Integers] = {}

    def values(self, name: str, *, money: bool = False) -> Values:
        """Give a numeric input; all unknown when no table has it."""
        key = (name, money)
        if key not in self._values:
            self._values[key] = self._read(name, money=money)
        return self._values[key]

    def texts(self, name: str) -> Texts:
        """Give a text input; all unknown when no table has it."""
        if name not in self._texts:
            column = self._column(name)
            self._texts[name] = Texts(np.full(self.size, -1, np.int32), ()) if column is None else _encoded(column)
        return self._texts[name]

    def compared(self, name: str, *, money: bool = False) -> Flags:
        """Tell whose values are compared with each other: known ones, but not the zero sums of those without lines.

        Else a long list of institutions that buy nothing would put all buyers side by side at the top.
        """
        known = self.values(name, money=money).known
        return known & self.has_lines if name in _SUMS else known

    def worse(self, name: str, *, money: bool, lower_is_better: bool) -> Integers:
        """Count for each customer the compared customers with a worse value (only meaningful where known)."""
        key = (name, money, lower_is_better)
        if key not in self._worse:
            values = self.values(name, money=money)
            numbers = -values.numbers if lower_is_better else values.numbers
            self._worse[key] = _count_below(numbers, self.compared(name, money=money))
        return self._worse[key]

    @cached_property
    def seniority(self) -> Integers:
        """Order among equal scores: 0 for the largest `amount_12m`; equal amounts in order of customer."""
        seniority = np.empty(self.size, np.int64)
        seniority[self._by_amount] = np.arange(self.size)
        return seniority

    @cached_property
    def senior_amounts(self) -> Integers:
        """The amounts of twelve months in cents, in order of seniority."""
        amounts: Integers = self.values("amount_12m", money=True).numbers[self._by_amount]
        return amounts

    @cached_property
    def _by_amount(self) -> Integers:
        return np.argsort(-self.values("amount_12m", money=True).numbers, kind="stable")

    @cached_property
    def amounts(self) -> dict[str, int]:
        """Sum `amount_12m` in cents: "" of all customers, else of an institution type."""
        amount = self.values("amount_12m", money=True).numbers
        kinds = self.texts("institution_type")
        sums = {"": int(amount.sum())}
        for code, kind in enumerate(kinds.vocabulary):
            sums[kind] = int(amount[kinds.codes == code].sum())
        return sums

    def inputs(self, names: Sequence[str]) -> pa.Table:
        """Give what an explanation reads: the inputs of `names` that some table has, in order of customer."""
        columns = {name: self._column(name) for name in ("monetary", *names)}
        present = {name: column for name, column in columns.items() if column is not None}
        return pa.table(present) if present else pa.table({"customer": self.customers})

    def _with_lines(self, keys: pa.Array) -> Flags:
        """Tell whose metrics come from lines: a net amount is known of all of those, and of nobody else."""
        if "monetary" in self._metrics.column_names:
            return _flags(self._metrics.column("monetary").is_valid())
        return np.ones(self.size, bool) if len(keys) == self.size else _flags(pc.is_in(self.customers, keys))

    def _column(self, name: str) -> pa.ChunkedArray | None:
        for table in (self._attributes, self._metrics):
            if table is not None and name != "customer" and name in table.column_names:
                return table.column(name)
        return None

    def _read(self, name: str, *, money: bool) -> Values:
        if name == "share":
            return self._share(np.zeros(self.size, np.int32), 1)
        if name == "channel_share":
            kinds = self.texts("institution_type")
            return self._share(kinds.codes, len(kinds.vocabulary))
        column = self._column(name)
        if column is None:
            return Values(np.zeros(self.size), np.zeros(self.size, bool))
        values = _numbers(column, money=money)
        if name in _SUMS and name in METRICS and values.known.any():
            return Values(values.numbers, values.known | ~self.has_lines)
        return values

    def _share(self, groups: npt.NDArray[np.int32], count: int) -> Values:
        amount = self.values("amount_12m", money=True).numbers
        grouped = groups >= 0
        totals = np.bincount(groups[grouped], weights=amount[grouped], minlength=max(count, 1))
        total = np.where(grouped, totals[groups], 0.0)
        known = total > 0
        return Values(np.divide(amount, total, out=np.zeros(self.size), where=known), known)


def _keys(table: pa.Table, name: str) -> pa.Array:
    keys = table.column("customer").combine_chunks()
    if keys.null_count:
        raise ValueError(f"{name}: a row has no customer")
    return keys


def _sorted(keys: pa.Array) -> pa.Array:
    if len(keys) > 1 and not pc.all(pc.less(keys[:-1], keys[1:])).as_py():
        keys = keys.take(pc.sort_indices(keys))
        if not pc.all(pc.less(keys[:-1], keys[1:])).as_py():
            raise ValueError("a customer appears more than once")
    return keys


def _aligned(table: pa.Table, keys: pa.Array, everyone: pa.Array) -> pa.Table:
    if keys.equals(everyone):
        return table
    if pc.count_distinct(keys).as_py() != len(keys):
        raise ValueError("a customer appears more than once")
    return table.take(pc.index_in(everyone, value_set=keys))


def with_zero_sums(inputs: Mapping[str, object]) -> dict[str, object]:
    """Give one customer's inputs with the sums of no lines as 0, when it has none."""
    if inputs.get("monetary", 0) is not None:
        return dict(inputs)
    return {name: 0 if value is None and name in _SUMS else value for name, value in inputs.items()}


def _flags(array: pa.Array | pa.ChunkedArray) -> Flags:
    flags: Flags = array.to_numpy(zero_copy_only=False)
    return flags


def _numbers(column: pa.ChunkedArray, *, money: bool) -> Values:
    array = column.combine_chunks()
    if isinstance(array, pa.ChunkedArray):
        array = pa.concat_arrays(array.chunks) if array.num_chunks else pa.array([], column.type)
    known = np.ones(len(array), bool) if not array.null_count else _flags(array.is_valid())
    kind = array.type
    if pa.types.is_dictionary(kind):
        array, kind = array.dictionary_decode(), kind.value_type
    if pa.types.is_decimal(kind) and kind.scale == 2 and money:
        return Values(np.where(known, _unscaled(array), 0), known)
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        array = pc.cast(pc.if_else(pc.is_in(array, pa.array(_TRUE, kind)), "1", _zero_for_false(array)), "float64")
    if pa.types.is_integer(kind) and not money:
        return Values(array.fill_null(0).to_numpy(zero_copy_only=False).astype(np.int64), known)
    numbers = array.cast(pa.float64()).fill_null(0).to_numpy(zero_copy_only=False)
    return Values(np.rint(numbers * CENTS).astype(np.int64) if money else numbers, known)


def money_in_cents(column: pa.ChunkedArray) -> Integers:
    """Give money as whole cents, 0 where unknown."""
    cents: Integers = _numbers(column, money=True).numbers
    return cents


def _zero_for_false(array: pa.Array) -> pa.Array:
    """Write words for no as "0"; other texts stay, and fail the cast when they are no number."""
    no = pa.array(("0", "false", "no", "n", "否", "无"), array.type)
    return pc.if_else(pc.is_in(array, no), "0", array)


def _unscaled(array: pa.Array) -> Integers:
    """Read decimals as their whole number of cents from the low half of their 128 bits."""
    halves = np.frombuffer(array.buffers()[1], np.int64)
    return halves[2 * array.offset : 2 * (array.offset + len(array)) : 2]


def _encoded(column: pa.ChunkedArray) -> Texts:
    array = column.combine_chunks()
    if pa.types.is_list(array.type) or pa.types.is_large_list(array.type):
        array = pc.binary_join(array, ";")
    if not pa.types.is_dictionary(array.type):
        array = pc.dictionary_encode(array.cast(pa.string()))
    if isinstance(array, pa.ChunkedArray):
        array = array.unify_dictionaries().combine_chunks()
    codes = array.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int32)
    return Texts(codes, tuple("" if text is None else str(text) for text in array.dictionary.to_pylist()))


def _count_below(numbers: Numbers, known: Flags) -> Integers:
    """Count for each number the known ones below it, by counting when few are different, else by sorting."""
    candidates = numbers if known.all() else numbers[known]
    if not len(candidates):
        return np.zeros(len(numbers), np.int64)
    low, high = candidates.min(), candidates.max()
    if candidates.dtype == np.int64 and int(high) - int(low) <= 4 * len(candidates):
        below = np.concatenate(([0], np.cumsum(np.bincount(candidates - low))[:-1]))
        return below[np.clip(numbers - low, 0, high - low)].astype(np.int64)
    if len(candidates) < len(numbers):
        return np.searchsorted(np.sort(candidates), numbers, side="left").astype(np.int64)
    order = np.argsort(numbers)
    ordered = numbers[order]
    firsts = np.flatnonzero(np.concatenate(([True], ordered[1:] != ordered[:-1])))
    counts = np.empty(len(numbers), np.int64)
    counts[order] = np.repeat(firsts, np.diff(np.append(firsts, len(numbers))))
    return counts


def tag_codes(texts: Texts, wanted: Sequence[str]) -> Flags:
    """Say for each entry of the vocabulary whether it is, or lists (by ; , 、 or |), one of the wanted words."""
    words = set(wanted)
    marks = str.maketrans(dict.fromkeys(",，、|；", ";"))
    return np.array(
        [
            text in words or bool(words & {part.strip() for part in text.translate(marks).split(";")})
            for text in texts.vocabulary
        ],
        bool,
    )
