"""Value of customers from their orders: how time grows, against the library `lifetimes`, and memory.

python -m benchmarks customer_value [--customers 1000000] [--lines 50000000] [--library PYTHON]

--library names a Python that has lifetimes (archived; it needs setuptools < 81), run beside on the same log of a tenth.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import duckdb
from figures import Figure, report, times

DAYS = 1095
OURS = """
import json, resource, sys, time
begun = time.perf_counter()
from pathlib import Path
from yaomai.engine.customer_base.logs import opened
from yaomai.engine.customer_base.valuing import value
with opened(Path(sys.argv[1]), {"customer": "customer", "date": "date", "amount": "amount"}) as log:
    found = value(log)
print(json.dumps({"seconds": time.perf_counter() - begun, "rows": found.table.num_rows, **found.summary["parameters"],
                  "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2}))
"""
LIBRARY = """
import json, sys, time
begun = time.perf_counter()
import pandas as pd
from lifetimes import BetaGeoFitter, GammaGammaFitter
from lifetimes.utils import summary_data_from_transaction_data
lines = pd.read_parquet(sys.argv[1])
lines["amount"] = lines["amount"].astype(float)
base = summary_data_from_transaction_data(lines, "customer", "date", "amount", freq="D", freq_multiplier=7)
fitter = BetaGeoFitter().fit(base["frequency"], base["recency"], base["T"])
fitter.conditional_probability_alive(base["frequency"], base["recency"], base["T"])
expected = fitter.conditional_expected_number_of_purchases_up_to_time(52.14, base["frequency"], base["recency"], base["T"])
known = base[(base["frequency"] > 0) & (base["monetary_value"] > 0)]
spending = GammaGammaFitter().fit(known["frequency"], known["monetary_value"])
worth = spending.conditional_expected_average_profit(base["frequency"], base["monetary_value"]) * expected
print(json.dumps({"seconds": time.perf_counter() - begun, "rows": len(worth), **fitter.params_.to_dict()}))
"""


def write_log(path: Path, *, customers: int, lines: int) -> None:
    """Write orders of customers with rates of their own, many of whom stop; about `lines` lines in all."""
    per_customer = lines // customers
    duckdb.execute(f"""
        COPY (
            WITH c AS (
                SELECT i AS customer, (hash(i, 1) % 365)::INTEGER AS first,
                       ((hash(i, 2) % 10007) / 10007.0) AS u, ((hash(i, 3) % 10007) / 10007.0) AS v
                FROM range({customers}) AS r(i)
            ), spans AS (
                SELECT customer, first, (-ln(1 - u * 0.999) * {per_customer} + 1)::INTEGER AS orders,
                       CASE WHEN v < 0.4 THEN ({DAYS} - first) * v / 0.4 ELSE {DAYS} - first END AS lasts
                FROM c
            )
            SELECT customer::BIGINT AS customer,
                   DATE '2023-01-01' + (first + CASE WHEN n = 0 THEN 0 ELSE lasts * ((hash(customer, n) % 100003) / 100003.0) END)::INTEGER
                       AS date,
                   ((2000 + hash(customer, 5) % 100000 + hash(customer, n, 6) % 30000) / 100.0)::DECIMAL(16, 2) AS amount
            FROM spans, LATERAL (SELECT unnest(range(orders)) AS n)
        ) TO '{path}' (FORMAT parquet, COMPRESSION zstd)""")


def run(python: str, program: str, path: Path) -> dict[str, float]:
    """Run a program in a process of its own; return what it printed."""
    done = subprocess.run([python, "-c", program, str(path)], capture_output=True, text=True, check=True)
    found: dict[str, float] = json.loads(done.stdout.strip().splitlines()[-1])
    print(found)
    return found


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--customers", type=int, default=1_000_000)
    parser.add_argument("--lines", type=int, default=50_000_000)
    parser.add_argument("--library")
    asked = parser.parse_args()
    found: list[Figure] = []
    with tempfile.TemporaryDirectory(prefix="yaomai-value-") as folder:
        small, large = Path(folder) / "small.parquet", Path(folder) / "large.parquet"
        write_log(small, customers=asked.customers // 10, lines=asked.lines // 10)
        write_log(large, customers=asked.customers, lines=asked.lines)
        tenth, whole = run(sys.executable, OURS, small), run(sys.executable, OURS, large)
        work = f"value of {asked.customers:,} customers from {asked.lines:,} lines"
        found.append(times(f"{work}, against a tenth of both", whole["seconds"] / tenth["seconds"], 12))
        peak = whole["peak"]
        found.append(Figure(f"peak memory of the {work}", f"{peak:.2f} GiB", "≤ 4 GiB", peak <= 4))
        if asked.library:
            library = run(asked.library, LIBRARY, small)
            ratio = library["seconds"] / tenth["seconds"]
            label = f"value of {asked.customers // 10:,} customers, lifetimes against ours"
            found.append(Figure(label, f"{ratio:.1f} ×", "≥ 2 ×", ratio >= 2))
    sys.exit(0 if report(found) else 1)


if __name__ == "__main__":
    main()
