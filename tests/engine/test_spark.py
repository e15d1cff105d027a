"""Spark computes the same rows as DuckDB."""

from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import parquet

from yaomai.engine.backends import connected
from yaomai.engine.metrics import customer_metrics, sales_lines
from yaomai.engine.schemes import default_schemes
from yaomai.engine.scoring import evaluate

LINES = """
SELECT 'c' || (hash(i, 1) % 300) AS customer,
       DATE '2024-01-01' + CAST(hash(i, 2) % 800 AS INTEGER) AS date,
       CAST((CASE WHEN hash(i, 3) % 20 = 0 THEN -1 ELSE 1 END) * CAST(hash(i, 4) % 5000000 AS BIGINT) / 100.0
            AS DECIMAL(16, 2)) AS amount,
       CAST(1 + hash(i, 5) % 50 AS BIGINT) AS quantity,
       CAST(hash(i, 6) % 1000 / 100.0 AS DECIMAL(16, 2)) AS margin,
       'p' || (hash(i, 7) % 40) AS product,
       'l' || (hash(i, 7) % 6) AS product_line
FROM range(20000) AS r(i)
"""


def metrics(connection: Any, path: Path, as_of: date) -> pa.Table:
    lines = sales_lines(connection.read_parquet(str(path)))
    table: pa.Table = customer_metrics(lines, as_of=as_of).order_by("customer").to_pyarrow()
    return table.combine_chunks()


@pytest.mark.parametrize("as_of", [date(2026, 1, 31), date(2025, 11, 15)])
def test_rows_equal_those_of_duckdb(connection: Any, tmp_path: Path, as_of: date) -> None:
    pytest.importorskip("pyspark", reason="the extra yaomai[spark] is not installed")
    path = tmp_path / "lines.parquet"
    parquet.write_table(connection.con.sql(LINES).to_arrow_table(), path)
    duckdb = metrics(connection, path, as_of)
    with connected("spark") as spark:
        other = metrics(spark, path, as_of)
    assert other.num_rows == 300
    assert other.to_pylist() == duckdb.to_pylist()
    assert other.schema.types == duckdb.schema.types
    specs = list(default_schemes().values())
    ours, theirs = (evaluate(table, None, specs, as_of=as_of) for table in (duckdb, other))
    assert all(ours[name].table == theirs[name].table for name in ours)
