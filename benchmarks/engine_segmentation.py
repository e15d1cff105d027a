"""Metrics and all schemes: the engine against SQL written by hand, one more month, pandas and polars.

    python benchmarks/engine_segmentation.py [--customers 1000000] [--lines 50000000] [--compared-lines 10000000]

Every contestant runs in a process of its own, one after the other, with two threads; results are compared.
"""

import argparse
import importlib
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import pyarrow as pa
from engine_data import month_of, write_customers, write_lines
from engine_schemes_by_hand import scheme_queries
from figures import Figure, none_of, report, times
from pyarrow import parquet

MONTHS = 36

# Loaded before the clock starts, for every contestant; pandas by pyarrow, which asks whether it is there.
_MODULES = {
    "engine": (
        "pandas",
        "ibis.backends.duckdb",
        "yaomai.engine.backends",
        "yaomai.engine.monthly",
        "yaomai.engine.schemes",
        "yaomai.engine.scoring",
    ),
    "SQL by hand": (),
    "polars": ("polars",),
    "pandas": ("pandas",),
}


def month_end(months: int) -> date:
    """Give the last day of the first `months` months."""
    return month_of(months) - timedelta(days=1)


def engine(folder: Path, months: int, state: Path | None) -> dict[str, pa.Table]:
    """Compute by the engine, with or without a state."""
    from yaomai.engine.backends import connected
    from yaomai.engine.monthly import MonthFile, monthly_metrics
    from yaomai.engine.schemes import default_schemes
    from yaomai.engine.scoring import evaluate

    as_of = month_end(months)
    paths = sorted(folder.glob("lines-*.parquet"))[:months]
    files = [MonthFile(month_of(number), (str(path),), path.name) for number, path in enumerate(paths)]
    with connected("duckdb", threads=2) as connection:
        metrics = monthly_metrics(connection, files, as_of=as_of, state=state)
    specs = [default_schemes()[name] for name in scheme_queries()]
    results = evaluate(metrics, parquet.read_table(folder / "customers.parquet"), specs, as_of=as_of)
    return {"metrics": metrics} | {name: result.table for name, result in results.items()}


def by_hand(folder: Path, months: int) -> dict[str, pa.Table]:
    """Compute the same by hand-written SQL."""
    as_of = month_end(months)
    text = (Path(__file__).parent / "engine_by_hand.sql").read_text(encoding="utf-8")
    paths = [str(path) for path in sorted(folder.glob("lines-*.parquet"))[:months]]
    with TemporaryDirectory(dir=folder) as spill:
        connection = duckdb.connect(config={"threads": 2, "temp_directory": spill, "memory_limit": "3500MB"})
        connection.execute("SET preserve_insertion_order = false")
        connection.execute(
            text.format(
                lines=paths, customers=folder / "customers.parquet", as_of=as_of, index=12 * as_of.year + as_of.month
            )
        )
        tables = {"metrics": connection.sql("FROM metrics").to_arrow_table()}
        return tables | {name: connection.sql(query).to_arrow_table() for name, query in scheme_queries().items()}


def engine_metrics(folder: Path, months: int) -> dict[str, pa.Table]:
    """Compute only metrics by the engine."""
    from yaomai.engine.backends import connected
    from yaomai.engine.monthly import MonthFile, monthly_metrics

    paths = sorted(folder.glob("lines-*.parquet"))[:months]
    files = [MonthFile(month_of(number), (str(path),), path.name) for number, path in enumerate(paths)]
    with connected("duckdb", threads=2) as connection:
        return {"metrics": monthly_metrics(connection, files, as_of=month_end(months))}


def pandas_metrics(folder: Path, months: int) -> dict[str, pa.Table]:
    """Compute metrics by pandas."""
    import pandas as pd

    as_of = pd.Timestamp(month_end(months))
    lines = pd.concat(
        pd.read_parquet(path, dtype_backend="pyarrow").astype({"date": "datetime64[s]"})
        for path in sorted(folder.glob("lines-*.parquet"))[:months]
    )
    lines["amount"] = (lines["amount"].astype("float64") * 100).round().astype("int64")
    back = (as_of.year * 12 + as_of.month) - (lines["date"].dt.year * 12 + lines["date"].dt.month)
    lines["back"] = back
    orders = lines[lines["amount"] >= 0]
    recent = orders[orders["back"] < 12]
    by = orders.groupby("customer")
    result = pd.DataFrame(
        {
            "monetary": lines.groupby("customer")["amount"].sum(),
            "amount_12m": lines[back < 12].groupby("customer")["amount"].sum(),
            "amount_prior_12m": lines[(back >= 12) & (back < 24)].groupby("customer")["amount"].sum(),
            "amount_3m": lines[back < 3].groupby("customer")["amount"].sum(),
            "amount_prior_3m": lines[(back >= 3) & (back < 6)].groupby("customer")["amount"].sum(),
            "quantity_12m": lines[back < 12].groupby("customer")["quantity"].sum(),
            "first_on": by["date"].min(),
            "last_on": by["date"].max(),
            "frequency": orders.drop_duplicates(["customer", "date"]).groupby("customer").size(),
            "orders_12m": recent.drop_duplicates(["customer", "date"]).groupby("customer").size(),
            "active_months_12m": recent.drop_duplicates(["customer", "back"]).groupby("customer").size(),
            "products_12m": recent.drop_duplicates(["customer", "product"]).groupby("customer").size(),
            "product_lines_12m": recent.drop_duplicates(["customer", "product_line"]).groupby("customer").size(),
        }
    )
    counts = result.columns.drop(["first_on", "last_on"])
    result[counts] = result[counts].fillna(0).astype("int64")
    return {"metrics": pa.Table.from_pandas(result.sort_index().reset_index(), preserve_index=False)}


def polars_metrics(folder: Path, months: int) -> dict[str, pa.Table]:
    """Compute metrics by polars, streaming."""
    import polars as pl

    as_of = month_end(months)
    amount, day = pl.col("amount"), pl.col("date")
    back = (as_of.year * 12 + as_of.month) - (day.dt.year().cast(pl.Int32) * 12 + day.dt.month().cast(pl.Int32))
    ordered, recent = amount >= 0, pl.col("back") < 12
    bought = ordered & recent
    lazy = (
        pl.scan_parquet([str(path) for path in sorted(folder.glob("lines-*.parquet"))[:months]])
        .with_columns(back=back)
        .group_by("customer")
        .agg(
            monetary=amount.sum(),
            amount_12m=amount.filter(recent).sum(),
            amount_prior_12m=amount.filter(pl.col("back").is_between(12, 23)).sum(),
            amount_3m=amount.filter(pl.col("back") < 3).sum(),
            amount_prior_3m=amount.filter(pl.col("back").is_between(3, 5)).sum(),
            quantity_12m=pl.col("quantity").filter(recent).sum(),
            first_on=day.filter(ordered).min(),
            last_on=day.filter(ordered).max(),
            frequency=day.filter(ordered).n_unique(),
            orders_12m=day.filter(bought).n_unique(),
            active_months_12m=pl.col("back").filter(bought).n_unique(),
            products_12m=pl.col("product").filter(bought).n_unique(),
            product_lines_12m=pl.col("product_line").filter(bought).n_unique(),
        )
        .sort("customer")
    )
    return {"metrics": lazy.collect(engine="streaming").to_arrow()}


def contestants(folder: Path) -> dict[str, Callable[[], dict[str, pa.Table]]]:
    """Give what can be run, by name."""
    return {
        "engine": lambda: engine(folder, MONTHS, folder / "state"),
        "engine, one more month": lambda: engine(folder, MONTHS + 1, folder / "state"),
        "engine, all months again": lambda: engine(folder, MONTHS + 1, folder / "state-again"),
        "SQL by hand": lambda: by_hand(folder, MONTHS),
        "engine, metrics": lambda: engine_metrics(folder, MONTHS),
        "polars, metrics": lambda: polars_metrics(folder, MONTHS),
        "pandas, metrics": lambda: pandas_metrics(folder, MONTHS),
    }


def _cpu_seconds() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def run_one(name: str, folder: Path, output: Path) -> None:
    """Run a contestant, say what it took, and write what it found."""
    for module in _MODULES[name.split(",")[0]]:
        importlib.import_module(module)
    before, started = _cpu_seconds(), time.perf_counter()
    tables = contestants(folder)[name]()
    seconds = time.perf_counter() - started
    usage = resource.getrusage(resource.RUSAGE_SELF)
    figures = {
        "seconds": seconds,
        "cpu": _cpu_seconds() - before,
        "peak": usage.ru_maxrss / 1024**2,
    }
    for key, table in tables.items():
        parquet.write_table(table, output / f"{key}.parquet", compression="lz4")
    print(json.dumps(figures))


def measured(name: str, folder: Path) -> dict[str, Any]:
    """Run a contestant in its own process."""
    output = folder / name.replace(" ", "-").replace(",", "")
    output.mkdir(exist_ok=True)
    command = [sys.executable, __file__, "--only", name, "--folder", str(folder), "--output", str(output)]
    environment = {**os.environ, "POLARS_MAX_THREADS": "2", "OMP_NUM_THREADS": "2"}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    if done.returncode:
        raise SystemExit(f"{name} failed:\n{done.stderr[-3000:]}")
    figures: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    figures["output"] = output
    print(f"{name:28} {figures['seconds']:8.1f} s {figures['cpu']:8.1f} CPU s {figures['peak']:6.2f} GiB", flush=True)
    return figures


def _ratio(work: str, one: dict[str, Any], other: dict[str, Any], limit: float | None = None) -> Figure:
    """Compare the time taken, and the processor time beside it, which other work on the machine disturbs less."""
    more = f"({one['cpu'] / other['cpu']:.3f} × of processor time)"
    return times(work, one["seconds"] / other["seconds"], limit, more=more)


def differences(one: Path, other: Path, columns: str) -> int:
    """Count rows of two results that differ in `columns`."""
    query = f"SELECT count(*) FROM ((SELECT {columns} FROM '{one}') EXCEPT ALL (SELECT {columns} FROM '{other}'))"
    return int(duckdb.sql(query).fetchall()[0][0])


def compare_large(folder: Path, customers: int, lines: int) -> list[Figure]:
    """Engine against SQL by hand, and one more month against all again."""
    write_lines(folder, customers=customers, lines=lines, months=MONTHS + 1)
    write_customers(folder, customers=customers)
    hand = measured("SQL by hand", folder)
    full = measured("engine", folder)
    more = measured("engine, one more month", folder)
    again = measured("engine, all months again", folder)
    schemes = list(scheme_queries())
    wrong = sum(
        differences(
            full["output"] / f"{name}.parquet", hand["output"] / f"{name}.parquet", "customer, tier, rank, score"
        )
        for name in schemes
    )
    changed = sum(
        differences(more["output"] / f"{name}.parquet", again["output"] / f"{name}.parquet", "*")
        for name in ("metrics", *schemes)
    )
    size = f"{customers:,} customers, {lines:,} lines"
    peak = full["peak"]
    return [
        _ratio(f"metrics and {len(schemes)} schemes of {size}, against SQL by hand", full, hand, 1.3),
        none_of("… rows of the schemes that differ from SQL by hand", wrong),
        Figure("… peak memory", f"{peak:.2f} GiB (SQL by hand {hand['peak']:.2f} GiB)", "≤ 4 GiB", peak <= 4),
        _ratio("… one more month, against all months again", more, again, 0.15),
        none_of("… rows that differ then", changed),
    ]


def compare_libraries(folder: Path, customers: int, lines: int) -> list[Figure]:
    """The metrics alone against polars and pandas."""
    write_lines(folder, customers=customers, lines=lines, months=MONTHS)
    ours = measured("engine, metrics", folder)
    rows: list[Figure] = []
    for name in ("polars", "pandas"):
        theirs = measured(f"{name}, metrics", folder)
        one = ours["output"] / "metrics.parquet"
        columns = "customer, frequency, orders_12m, active_months_12m, products_12m, product_lines_12m"
        wrong = differences(one, theirs["output"] / "metrics.parquet", columns)
        rows.append(_ratio(f"metrics of {lines:,} lines, against {name}", ours, theirs))
        rows.append(none_of("… rows that differ", wrong))
    return rows


def main() -> None:
    """Make the data, run everything, print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", type=int, default=1_000_000)
    parser.add_argument("--lines", type=int, default=50_000_000)
    parser.add_argument("--compared-lines", type=int, default=10_000_000)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--only")
    parser.add_argument("--output", type=Path)
    options = parser.parse_args()
    if options.only:
        run_one(options.only, options.folder, options.output)
        return
    rows: list[Figure] = []
    with TemporaryDirectory(prefix="yaomai-bench-", dir=options.folder) as folder:
        rows += compare_large(Path(folder), options.customers, options.lines)
    with TemporaryDirectory(prefix="yaomai-bench-", dir=options.folder) as folder:
        rows += compare_libraries(Path(folder), options.customers, options.compared_lines)
    sys.exit(0 if report(rows) else 1)


if __name__ == "__main__":
    main()
