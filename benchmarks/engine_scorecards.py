"""The three scorecards of professionals: the engine against SQL written by hand for DuckDB.

    python -m benchmarks engine_scorecards [--professionals 1000000] [--rounds 5]

Both read one Parquet file and give score, rank and band of everybody in each scorecard, with two threads; the results are
compared to the last digit. Loading modules is left out of both.
"""

import argparse
import statistics
import time
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import numpy as np
import pyarrow as pa
from figures import none_of, report, times
from pyarrow import parquet

from yaomai.engine.schemes import default_schemes
from yaomai.engine.scoring import evaluate

NAMES = ("prescriber_potential", "academic_influence", "decision_power")
AS_OF = date(2026, 6, 30)
INPUTS = (
    "label_match", "willingness", "office_points", "publication_points", "study_points", "guideline_points",
    "seat_points", "path_points", "voice_points",
)  # fmt: skip
# Points in hundredths, scores in millionths; who is unknown to a scorecard has no rank of its own and stands last.
_ADDED = """
SELECT customer, score / 1e6 AS score, CASE WHEN known THEN r + ties - 1 ELSE n END AS rank,
    CASE WHEN score >= {high} THEN 0 WHEN score >= {middle} THEN 1 ELSE 2 END AS band
FROM (SELECT *, rank() OVER w AS r, count(*) OVER (PARTITION BY known, score) AS ties, count(*) OVER () AS n
      FROM (SELECT customer, {score} AS score, {known} AS known FROM people) WINDOW w AS (ORDER BY known DESC, score DESC))
ORDER BY customer
"""


def _points(name: str, high: int = 100) -> str:
    return f"CASE WHEN {name} IS NULL THEN 0 ELSE least(floor({name} * 10000 / {high}), 10000)::BIGINT END"


def queries() -> dict[str, str]:
    """Give the statement of each scorecard."""
    patients = _points("department_patients", 5000)
    willing = "CASE WHEN willingness IS NULL THEN 5000 ELSE least(floor(willingness * 10000 / 100), 10000)::BIGINT END"
    # Two factors of whole hundredths multiply without a rest; the engine rounds down after each.
    product = f"(({patients}) * 10000 * ({_points('label_match')}) // 10000) * ({willing}) // 10000"
    potential = f"""
SELECT customer, score / 1e6 AS score, CASE WHEN known THEN r + ties - 1 ELSE n END AS rank,
    CASE WHEN NOT known OR r + ties - 1 > ceil(ranked * 0.5) THEN 2 WHEN r + ties - 1 > ceil(ranked * 0.2) THEN 1 ELSE 0 END AS band
FROM (SELECT *, rank() OVER w AS r, count(*) OVER (PARTITION BY known, score) AS ties, count(*) OVER () AS n,
             sum(known::INT) OVER () AS ranked
      FROM (SELECT customer, {product} AS score,
            department_patients IS NOT NULL AND label_match IS NOT NULL AS known FROM people)
      WINDOW w AS (ORDER BY known DESC, score DESC))
ORDER BY customer
"""
    found = {"prescriber_potential": potential}
    for name, parts, high, middle in (
        ("academic_influence", {"office_points": 3500, "publication_points": 2500, "study_points": 1500, "guideline_points": 2500}, 50, 20),
        ("decision_power", {"seat_points": 4500, "path_points": 3500, "voice_points": 2000}, 40, 15),
    ):  # fmt: skip
        score = " + ".join(f"{weight} * ({_points(part)})" for part, weight in parts.items())
        known = f"coalesce({', '.join(parts)}) IS NOT NULL"
        found[name] = _ADDED.format(score=score, known=known, high=high * 1_000_000, middle=middle * 1_000_000)
    return found


def write_people(path: Path, count: int) -> None:
    """Write professionals of whom half have a record of each kind."""
    chance = np.random.default_rng(7)
    columns: dict[str, pa.Array] = {"customer": pa.array(np.arange(1, count + 1))}
    patients = chance.integers(0, 8000, count).astype(float)
    columns["department_patients"] = pa.array(patients, mask=chance.random(count) < 0.5)
    for name in INPUTS:
        columns[name] = pa.array(np.round(chance.random(count) * 100, 1), mask=chance.random(count) < 0.5)
    parquet.write_table(pa.table(columns), path)


def by_engine(path: Path) -> dict[str, pa.Table]:
    """Score by the engine."""
    specs = [default_schemes()[name] for name in NAMES]
    return {name: found.table for name, found in evaluate(parquet.read_table(path), None, specs, as_of=AS_OF).items()}


def by_hand(path: Path) -> dict[str, pa.Table]:
    """Score by SQL."""
    connection = duckdb.connect(config={"threads": 2})
    connection.execute(f"CREATE TEMP TABLE people AS FROM '{path}'")
    return {name: connection.sql(query).to_arrow_table() for name, query in queries().items()}


def differing(one: dict[str, pa.Table], two: dict[str, pa.Table]) -> int:
    """Count the scores, ranks and bands that are not the same."""
    count = 0
    for name in NAMES:
        bands = one[name]["tier"].combine_chunks()
        codes = bands.indices if isinstance(bands, pa.DictionaryArray) else bands.chunk(0).indices
        count += int(
            np.sum(np.round(one[name]["score"].to_numpy() * 1e6) != np.round(two[name]["score"].to_numpy() * 1e6))
        )
        count += int(np.sum(one[name]["rank"].to_numpy() != two[name]["rank"].to_numpy()))
        count += int(np.sum(codes.to_numpy() != two[name]["band"].to_numpy()))
    return count


def main() -> None:
    """Measure both in turn and print the ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--professionals", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    asked = parser.parse_args()
    with TemporaryDirectory() as folder:
        path = Path(folder) / "people.parquet"
        write_people(path, asked.professionals)
        seconds: dict[str, list[float]] = {"engine": [], "SQL by hand": []}
        used: dict[str, list[float]] = {"engine": [], "SQL by hand": []}
        results = {}
        for _round in range(asked.rounds):
            for name, run in (("engine", by_engine), ("SQL by hand", by_hand)):
                begin, before = time.perf_counter(), time.process_time()
                results[name] = run(path)
                seconds[name].append(time.perf_counter() - begin)
                used[name].append(time.process_time() - before)
        wrong = differing(results["engine"], results["SQL by hand"])
    middle = {name: statistics.median(measured) for name, measured in seconds.items()}
    processor = {name: statistics.median(measured) for name, measured in used.items()}
    for name, value in middle.items():
        print(f"{name:12} {value:6.2f} s ({processor[name]:.2f} s of processors)")
    more = f"({processor['engine'] / processor['SQL by hand']:.2f} × of processor time)"
    people = f"{asked.professionals:,} professionals"
    found = (
        times(
            f"three scorecards of {people}, against SQL by hand",
            middle["engine"] / middle["SQL by hand"],
            1.5,
            more=more,
        ),
        none_of("scores, ranks and bands that differ then", wrong),
    )
    raise SystemExit(0 if report(found) else 1)


if __name__ == "__main__":
    main()
