"""Metrics and all schemes on Spark and on DuckDB, row for row (needs the extra `spark`).

python benchmarks/engine_spark.py [--customers 100000] [--lines 2000000]
"""

import argparse
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa
from engine_data import month_of, write_customers, write_lines
from figures import none_of, report, times
from pyarrow import parquet

from yaomai.engine.backends import connected
from yaomai.engine.metrics import customer_metrics, sales_lines
from yaomai.engine.schemes import default_schemes
from yaomai.engine.scoring import evaluate

MONTHS = 36


def metrics(engine: str, paths: list[str]) -> tuple[pa.Table, float]:
    """Compute the metrics on an engine; gives them in order of customer, and the seconds taken."""
    with connected(engine) as connection:
        started = time.perf_counter()
        lines = sales_lines(connection.read_parquet(paths if engine == "duckdb" else str(Path(paths[0]).parent)))
        as_of = month_of(MONTHS - 1).replace(day=28)
        table = customer_metrics(lines, as_of=as_of).order_by("customer").to_pyarrow()
        return table.combine_chunks(), time.perf_counter() - started


def main() -> None:
    """Make the data, run both, compare."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", type=int, default=100_000)
    parser.add_argument("--lines", type=int, default=2_000_000)
    options = parser.parse_args()
    with TemporaryDirectory(prefix="yaomai-bench-") as name:
        folder = Path(name) / "lines"
        folder.mkdir()
        paths = [
            str(path) for path in write_lines(folder, customers=options.customers, lines=options.lines, months=MONTHS)
        ]
        customers = parquet.read_table(write_customers(Path(name), customers=options.customers))
        (ours, seconds), (theirs, spark_seconds) = metrics("duckdb", paths), metrics("spark", paths)
    as_of = month_of(MONTHS - 1).replace(day=28)
    specs = list(default_schemes().values())
    one, other = (evaluate(table, customers, specs, as_of=as_of) for table in (ours, theirs))
    wrong = sum(row != twin for row, twin in zip(ours.to_pylist(), theirs.to_pylist(), strict=True))
    tables = sum(one[scheme].table != other[scheme].table for scheme in one)
    size = f"{ours.num_rows:,} customers, {options.lines:,} lines"
    holds = report(
        [
            none_of(f"Spark on the same machine, {size}: rows of metrics that differ from DuckDB", wrong),
            none_of("… schemes that differ", tables),
            times("… time against DuckDB", spark_seconds / seconds),
        ]
    )
    sys.exit(0 if holds else 1)


if __name__ == "__main__":
    main()
