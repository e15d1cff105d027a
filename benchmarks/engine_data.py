"""Invented sales flow for the benchmarks of the engine: one Parquet file per month, and customers with attributes."""

from datetime import date
from pathlib import Path

import duckdb

FIRST_MONTH = (2023, 1)
PRODUCTS = 60


def month_of(number: int) -> date:
    """Give the first day of month `number` of the data."""
    return date(FIRST_MONTH[0] + number // 12, number % 12 + 1, 1)


def write_lines(folder: Path, *, customers: int, lines: int, months: int) -> list[Path]:
    """Write `lines` lines over the first 36 months, and as many a month after; few customers buy much, 2 % return."""
    connection = duckdb.connect()
    connection.execute("SET threads = 2; SET memory_limit = '2GB'")
    paths = []
    for number in range(months):
        path = folder / f"lines-{number:02}.parquet"
        connection.execute(f"""
            COPY (
                SELECT CAST(1 + floor({customers} * pow((hash(i, {number}, 1) % 1000000007) / 1000000007.0, 1.6))
                            AS BIGINT) AS customer,
                       DATE '{month_of(number)}' + CAST(hash(i, {number}, 2) % 28 AS INTEGER) AS date,
                       CAST(1 + floor(({PRODUCTS} - 1) * pow((hash(i, {number}, 3) % 1000003) / 1000003.0, 1.5))
                            AS INTEGER) AS product,
                       product // 8 AS product_line,
                       CAST(CASE WHEN hash(i, {number}, 4) % 50 = 0 THEN -1 ELSE 1 END
                            * CAST(100 + hash(i, {number}, 5) % 9990000 AS BIGINT) / 100.0 AS DECIMAL(16, 2)) AS amount,
                       CAST(1 + hash(i, {number}, 6) % 40 AS BIGINT) AS quantity
                FROM range({lines // 36}) AS r(i)
            ) TO '{path}' (FORMAT parquet, COMPRESSION zstd)""")
        paths.append(path)
    return paths


def write_customers(folder: Path, *, customers: int) -> Path:
    """Write attributes of every customer: type, influence, fit, tags."""
    path = folder / "customers.parquet"
    duckdb.execute(f"""
        COPY (
            SELECT i + 1 AS customer,
                   ['hospital', 'clinic', 'pharmacy', 'distributor', 'community_health']
                       [1 + CAST(hash(i, 11) % 5 AS INTEGER)]
                       AS institution_type,
                   CAST(hash(i, 12) % 101 AS DOUBLE) AS decision_influence,
                   CAST(hash(i, 13) % 101 AS DOUBLE) AS academic_influence,
                   CAST(hash(i, 14) % 101 AS DOUBLE) AS cooperation_depth,
                   CAST(hash(i, 15) % 101 AS DOUBLE) AS market_influence,
                   CAST(hash(i, 16) % 101 AS DOUBLE) AS pipeline_fit,
                   CASE hash(i, 17) % 100
                       WHEN 0 THEN 'procurement_core' WHEN 1 THEN 'high_margin' END AS tags
            FROM range({customers}) AS r(i)
        ) TO '{path}' (FORMAT parquet, COMPRESSION zstd)""")
    return path
