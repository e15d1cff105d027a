"""Metrics from one file of lines per month, at the cost of the months that changed.

A month's lines are reduced by DuckDB to one row per customer; these rows are added up by `yaomai.engine.totals`. With a
state folder, reduced months and running sums are kept: one more month costs that month and a roll of the sums; a
corrected month is reduced anew and all sums are added again. The result is always that of `customer_metrics` on all
lines, to the last digit.

The state folder holds `manifest.json`, which names every other file in it and is replaced last and at once: a run that
dies leaves the former state, and files that no manifest names are removed by the next run.
"""

import fcntl
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import ibis
import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import parquet

from yaomai.engine.metrics import breadth, customer_metrics, sales_lines
from yaomai.engine.totals import MASK_MONTHS, WINDOWS, Month, Totals
from yaomai.engine.windows import is_month_end, window_starts

FORMAT: Final = 1
_BITS: Final = 60
_MOST_WORDS: Final = 10
_ROLL_AT_MOST: Final = 6


@dataclass(frozen=True)
class MonthFile:
    """The lines of one calendar month: its first day, its Parquet files, and a fingerprint that changes with them."""

    month: date
    paths: tuple[str, ...]
    fingerprint: str


class LinesOutsideMonth(ValueError):
    """A month's files hold lines of another month."""


def monthly_metrics(
    connection: Any,
    months: Sequence[MonthFile],
    *,
    as_of: date,
    state: Path | None = None,
    columns: Mapping[str, str] | None = None,
) -> pa.Table:
    """Compute the metrics of all customers from monthly files; `columns` as in `sales_lines`.

    The state is used and renewed when `as_of` is the last day of a month; for other days all lines are read.

    Shape: as `customer_metrics`, in order of customer.

    Raises:
        LinesOutsideMonth: a file holds lines of another month.
        KeyError: a column is missing (see `sales_lines`).
    """
    past = sorted((month for month in months if month.month <= as_of), key=lambda month: month.month)
    if not past:
        raise ValueError(f"no month up to {as_of}")
    if not is_month_end(as_of):
        lines = _lines(connection, [path for month in past for path in month.paths], columns)
        return customer_metrics(lines, as_of=as_of).order_by("customer").to_pyarrow()
    if state is None:
        with TemporaryDirectory(prefix="yaomai-engine-") as folder:
            return _Run(connection, past, as_of, Path(folder), columns, keep=False).metrics()
    with _locked(state):
        return _Run(connection, past, as_of, state, columns, keep=True).metrics()


@ibis.udf.scalar.builtin(name="bit_count")  # type: ignore[untyped-decorator]
def _bit_count(value: int) -> int:  # type: ignore[empty-body]
    """Count the bits that are set (a function of the engine)."""


def _lines(connection: Any, paths: Sequence[str], columns: Mapping[str, str] | None) -> ir.Table:
    return sales_lines(connection.read_parquet(list(paths)), columns)


def _index(month: date) -> int:
    return month.year * 12 + month.month


class _Run:
    """One computation with its state."""

    def __init__(
        self,
        connection: Any,
        months: Sequence[MonthFile],
        as_of: date,
        folder: Path,
        columns: Mapping[str, str] | None,
        *,
        keep: bool,
    ) -> None:
        self.connection = connection
        self.as_of = as_of
        self.folder = folder
        self.mapping = columns
        self.keep = keep
        self.months = {_index(month.month): month for month in months}
        self.last = _index(as_of)
        self.shape = list(_lines(connection, months[-1].paths, columns).columns)
        self.manifest = self._read_manifest()
        self.codes: dict[str, dict[Any, int]] = {
            name: {value: bit for bit, value in enumerate(self.manifest["codes"][name])}
            for name in ("product", "product_line")
        }
        self.newest: dict[int, Month] = {}

    def metrics(self) -> pa.Table:
        totals = self._rolled() or self._added()
        words = {name: -(-len(codes) // _BITS) for name, codes in self.codes.items()}
        countable = max(words.values()) <= _MOST_WORDS
        if countable and not totals.masks:
            for back in range(MASK_MONTHS):
                month = self._month(self.last - back, ["_mask_"])
                if month is not None:
                    totals.cover(month)
        result = totals.metrics(
            as_of=self.as_of,
            has_products=countable and "product" in self.shape,
            has_lines=countable and "product_line" in self.shape,
        )
        if not countable:
            result = self._with_counted_breadth(result)
        if self.keep:
            self._write_state(totals)
        return result

    # --- sums ---

    def _added(self) -> Totals:
        """Add up all months from nothing."""
        totals: Totals | None = None
        for index in sorted(self.months):
            month = self._month(index)
            if month is None:
                continue
            totals = totals or Totals.empty(month.customers.type, self.shape)
            back = self.last - index
            entering = {
                name: 1 for name, (_, start, end) in WINDOWS.items() if start <= back and (end is None or back < end)
            }
            totals.add(month, entering)
            totals.extend(month)
            if back < MASK_MONTHS:
                totals.cover(month)
            self.newest.clear()
        assert totals is not None
        return totals

    def _rolled(self) -> Totals | None:
        """Roll the sums of the last run on to this month; None when months before it have changed or it is too old."""
        kept = self.manifest.get("totals")
        if kept is None:
            return None
        through = int(kept["through"])
        known = {str(index): month.fingerprint for index, month in self.months.items() if index <= through}
        if known != kept["months"] or not 0 <= self.last - through <= _ROLL_AT_MOST:
            return None
        totals = Totals.from_table(parquet.read_table(self.folder / kept["file"]))
        for index in range(through + 1, self.last + 1):
            for back, changes in _rolls().items():
                month = self._month(index - back, sorted({WINDOWS[name][0] for name in changes}))
                if month is not None:
                    totals.add(month, changes)
            newest = self._month(index)
            if newest is not None:
                totals.extend(newest)
        return totals

    def _with_counted_breadth(self, result: pa.Table) -> pa.Table:
        """Count products from the lines themselves when there are too many for bit masks."""
        start = window_starts(self.as_of)[12]
        paths = [path for month in self.months.values() if month.month >= start for path in month.paths]
        counted = breadth(_lines(self.connection, paths, self.mapping), start).to_pyarrow()
        places = pc.index_in(result.column("customer"), value_set=counted.column("customer").combine_chunks())
        for name in counted.column_names[1:]:
            values = pc.fill_null(counted.column(name).take(places), 0).cast(pa.int32())
            result = result.set_column(result.column_names.index(name), name, values)
        return result

    # --- months ---

    def _month(self, index: int, wanted: Sequence[str] = ()) -> Month | None:
        """Give a reduced month from memory, from the state (there only the wanted columns), or from its lines."""
        if index not in self.months:
            return None
        if index in self.newest:
            return self.newest[index]
        source = self.months[index]
        kept = self.manifest["months"].get(str(index))
        if kept is not None and kept["fingerprint"] == source.fingerprint:
            return Month.from_table(_read(self.folder / kept["file"], wanted))
        table = self._reduce(source)
        if self.keep:
            name = f"month-{index}-{os.urandom(4).hex()}.parquet"
            _write(table, self.folder / name)
            self.manifest["months"][str(index)] = {"fingerprint": source.fingerprint, "file": name}
        self.newest[index] = Month.from_table(table)
        return self.newest[index]

    def _reduce(self, source: MonthFile) -> pa.Table:
        lines = _lines(self.connection, source.paths, self.mapping)
        days = lines.aggregate(first=lines["date"].min(), last=lines["date"].max()).to_pyarrow().to_pylist()[0]
        if days["first"] is not None and {_index(days["first"]), _index(days["last"])} != {_index(source.month)}:
            raise LinesOutsideMonth(f"{source.month:%Y-%m}: lines from {days['first']} to {days['last']}")
        self._learn(lines)
        ordered = lines["amount"] >= 0
        lines = lines.mutate(ordered=ordered)
        for name, codes in self.codes.items():
            if name in lines.columns and codes and -(-len(codes) // _BITS) <= _MOST_WORDS:
                lines = lines.left_join(_code_table(name, codes), name)
        parts = _reduction(lines)
        table: pa.Table = lines.group_by("customer").agg(**parts).to_pyarrow()
        return table.take(pc.sort_indices(table.column("customer")))

    def _learn(self, lines: ir.Table) -> None:
        """Give a bit to each product and product line not seen before."""
        names = [name for name in self.codes if name in lines.columns]
        if not names:
            return
        pairs = lines.select(*names).distinct().to_pyarrow()
        for name in names:
            codes = self.codes[name]
            for value in sorted(set(pairs.column(name).to_pylist()) - {None} - codes.keys()):
                codes[value] = len(codes)

    # --- state ---

    def _read_manifest(self) -> dict[str, Any]:
        fresh = {
            "format": FORMAT,
            "shape": self.shape,
            "columns": dict(self.mapping or {}),
            "codes": {"product": [], "product_line": []},
            "months": {},
        }
        try:
            manifest = json.loads((self.folder / "manifest.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return fresh
        same = all(manifest.get(name) == fresh[name] for name in ("format", "shape", "columns"))
        whole = same and all((self.folder / file).is_file() for file in _files(manifest))
        return manifest if whole else fresh

    def _write_state(self, totals: Totals) -> None:
        name = f"totals-{self.last}-{os.urandom(4).hex()}.parquet"
        _write(totals.to_table(), self.folder / name)
        self.manifest["codes"] = {name: list(codes) for name, codes in self.codes.items()}
        self.manifest["totals"] = {
            "through": self.last,
            "file": name,
            "months": {str(index): month.fingerprint for index, month in self.months.items()},
        }
        pending = self.folder / "manifest.json.new"
        pending.write_text(json.dumps(self.manifest, ensure_ascii=False), encoding="utf-8")
        os.replace(pending, self.folder / "manifest.json")
        named = {*_files(self.manifest), "manifest.json", "lock"}
        for path in self.folder.iterdir():
            if path.name not in named:
                path.unlink()


def _reduction(lines: ir.Table) -> dict[str, ir.Value]:
    """Say how a month's lines become one row per customer."""
    ordered = lines["ordered"]
    day = ibis.literal(1, "int64") << lines["date"].day().cast("int64")
    parts: dict[str, ir.Value] = {
        "amount": lines["amount"].sum().cast("decimal(18,2)"),
        "orders": _bit_count(day.bit_or(where=ordered).fill_null(0)).cast("int32"),
        "first_on": lines["date"].min(where=ordered),
        "last_on": lines["date"].max(where=ordered),
    }
    if "quantity" in lines.columns:
        parts["quantity"] = lines["quantity"].sum().cast("int64")
    if "margin" in lines.columns:
        parts["margin"] = lines["margin"].sum().cast("decimal(18,2)")
    for name in lines.columns:
        if "_mask_" in name:
            parts[name] = lines[name].bit_or(where=ordered)
    return parts


def _code_table(name: str, codes: Mapping[Any, int]) -> ir.Table:
    """Give each value its bit, in the words `<name>_mask_0`, `<name>_mask_1`, …"""
    words = -(-len(codes) // _BITS)
    columns: dict[str, Any] = {name: list(codes)}
    for word in range(words):
        columns[f"{name}_mask_{word}"] = [1 << bit % _BITS if bit // _BITS == word else 0 for bit in codes.values()]
    return ibis.memtable(pa.table(columns))


def _rolls() -> dict[int, dict[str, int]]:
    """Say by months back which sums a month enters (1) and leaves (-1) when the windows move by one month."""
    rolls: dict[int, dict[str, int]] = {}
    for name, (_, start, end) in WINDOWS.items():
        rolls.setdefault(start, {})[name] = 1
        if end is not None:
            rolls.setdefault(end, {})[name] = -1
    return rolls


def _files(manifest: Mapping[str, Any]) -> Iterator[str]:
    for month in manifest.get("months", {}).values():
        yield month["file"]
    if "totals" in manifest:
        yield manifest["totals"]["file"]


def _read(path: Path, wanted: Sequence[str]) -> pa.Table:
    """Read the customers and the columns whose names hold a wanted word (all when none is wanted)."""
    file = parquet.ParquetFile(path)
    parts = ["orders" if part == "active" else part for part in wanted]
    names = [name for name in file.schema_arrow.names if any(part in name for part in parts)]
    return file.read(["customer", *names] if wanted else None)


def _write(table: pa.Table, path: Path) -> None:
    parquet.write_table(table, path, compression="lz4", use_dictionary=False, write_statistics=False)


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Let one run at a time use a state folder."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
