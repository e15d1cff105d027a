"""How fast the columnar mirror is built and refreshed.

Measured in one run on one database: the first build of N facts over 36 months, the refresh after one changed
month, and for comparison psycopg's `COPY` of the same rows into memory and PostgreSQL's into /dev/null.

    DATABASE_URL=postgresql://… python benchmarks/warehouse.py --rows 5000000
"""

import argparse
import os
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yaomai.server.settings")

import django
import pyarrow as pa

django.setup()

from django.conf import settings  # noqa: E402
from django.db import connection, transaction  # noqa: E402

from yaomai.kit.warehouse import Dataset, mark_changed, rebuild, refresh, snapshot, verify  # noqa: E402

LINES = Dataset(
    name="bench.lines",
    label="Lines",
    schema=pa.schema(
        [
            ("id", pa.int64()),
            ("territory_id", pa.int64()),
            ("institution_id", pa.int64()),
            ("product_id", pa.int64()),
            ("sold_on", pa.date32()),
            ("quantity", pa.decimal128(16, 2)),
            ("amount", pa.decimal128(16, 2)),
        ]
    ),
    sql="SELECT id, territory_id, institution_id, product_id, sold_on, quantity, amount FROM bench_lines"
    " WHERE sold_on >= %(start)s AND sold_on < %(end)s",
    month_column="sold_on",
    order=("sold_on", "id"),
    scope_column="territory_id",
    right="bench.line:view",
)


def seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def prepare(rows: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS bench_lines")
        cursor.execute(
            "CREATE UNLOGGED TABLE bench_lines AS SELECT n AS id, n %% 40 AS territory_id,"
            " n %% 30011 AS institution_id, n %% 60 AS product_id,"
            " DATE '2024-01-01' + (n * 1096 / %s)::int AS sold_on, (n %% 500)::numeric(16, 2) AS quantity,"
            " ((n %% 999983) / 100.0)::numeric(16, 2) AS amount FROM generate_series(0::bigint, %s - 1) n",
            [rows, rows],
        )
        cursor.execute("CREATE INDEX ON bench_lines (sold_on, id)")
        cursor.execute("ANALYZE bench_lines")


def copy_only() -> None:
    with connection.cursor() as cursor, cursor.copy("COPY bench_lines TO STDOUT (FORMAT csv)") as copy:
        for _block in copy:
            pass


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=5_000_000)
    rows = parser.parse_args().rows
    settings.DATA = Path(tempfile.mkdtemp(prefix="yaomai-bench-"))
    prepare(rows)
    floor = seconds(copy_only)
    first = seconds(lambda: refresh(LINES))
    with transaction.atomic():
        mark_changed(LINES, [date(2026, 12, 1)])
    month = seconds(lambda: refresh(LINES))
    nothing = seconds(lambda: refresh(LINES))
    again = seconds(lambda: rebuild(LINES))
    proof = seconds(lambda: verify(LINES))
    taken = snapshot(LINES)
    size = sum(path.stat().st_size for path in taken.files()) / 1e6
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE bench_lines")
    print(f"{rows:,} rows, {len(taken.paths)} months, {size:.0f} MB of Parquet")
    print(f"COPY of everything, nothing kept   {floor:8.2f} s   1.00")
    for label, time_taken in (("first build", first), ("built again", again), ("one month changed", month),
                              ("nothing changed", nothing), ("every file proved", proof)):  # fmt: skip
        print(f"{label:34} {time_taken:8.2f} s   {time_taken / floor:.2f}   {rows / time_taken:,.0f} rows/s")


if __name__ == "__main__":
    main()
