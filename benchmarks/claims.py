"""Anomalies over ledger lines against the same questions written in SQL by hand, and against isolation forest.

python -m benchmarks claims [--lines 5000000] [--rounds 1] [--forest 500000]
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import claims_data
import figures
import numpy as np
import pyarrow as pa
from pyarrow import parquet
from sklearn.ensemble import IsolationForest

from yaomai.engine.backends import connected
from yaomai.engine.claims.lines import standard_lines
from yaomai.engine.claims.settings import Settings
from yaomai.engine.claims.sweeping import line_scores, sweep

HERE = Path(__file__).parent


def speed(lines: pa.Table, rounds: int, folder: Path) -> figures.Figure:
    """Sweep the lines, and send the ten statements to DuckDB, in turns; the quickest round of each counts."""
    file, worth = folder / "lines.parquet", folder / "worth.parquet"
    parquet.write_table(lines, file)
    parquet.write_table(claims_data.values_of(lines), worth)
    statements = [
        part for part in (HERE / "claims_by_hand.sql").read_text(encoding="utf-8").split(";") if "SELECT" in part
    ]
    assert len(statements) == 10

    def ours() -> int:
        with connected() as connection:
            table = standard_lines(connection.read_parquet(str(file)))
            return sweep(table, Settings(), values=connection.read_parquet(str(worth))).num_rows

    def theirs() -> int:
        with connected() as connection:
            raw: Any = connection.con
            raw.execute(f"CREATE VIEW lines AS FROM read_parquet('{file}')")
            raw.execute(f"CREATE VIEW worth AS FROM read_parquet('{worth}')")
            return sum(raw.execute(statement).to_arrow_table().num_rows for statement in statements)

    taken: dict[str, list[tuple[float, float]]] = {"ours": [], "by hand": []}

    def run(name: str, work: Callable[[], int]) -> int:
        wall, used = time.perf_counter(), time.process_time()
        result = work()
        taken[name].append((time.perf_counter() - wall, time.process_time() - used))
        return result

    for _round in range(rounds):
        hits, found = run("ours", ours), run("by hand", theirs)
    # Rings name both lines of a pair; everything else names the same lines.
    assert abs(hits - found) < 0.1 * found, (hits, found)
    (wall, used), (wall_by_hand, used_by_hand) = (
        tuple(statistics.median(column) for column in zip(*taken[name], strict=True)) for name in ("ours", "by hand")
    )
    more = (
        f"({lines.num_rows:,} lines, {hits:,} hits; {wall:.1f} s, by hand {wall_by_hand:.1f} s;"
        f" processor {used / used_by_hand:.2f} ×)"
    )
    return figures.times("anomalies in claims, against DuckDB SQL by hand", wall / wall_by_hand, 3, more=more)


def precision(number: int, folder: Path) -> list[figures.Figure]:
    """Rank lines among which wrongs are planted; count the planted ones in the first k, k being how many there are."""
    lines, wrong, _kinds = claims_data.lines_of(number, seed=11)
    file = folder / "planted.parquet"
    parquet.write_table(lines, file)
    with connected() as connection:
        hits = sweep(standard_lines(connection.read_parquet(str(file))), Settings())
    ranked = np.array([int(line) for line in line_scores(hits)["line"].to_pylist()])
    forest = np.argsort(IsolationForest(random_state=0).fit(_features(lines)).score_samples(_features(lines)))
    k = int(wrong.sum())
    told = []
    for share, said in ((1, "k = all planted"), (10, "k = a tenth of them")):
        first = k // share
        ours, theirs = wrong[ranked[:first]].sum() / first, wrong[forest[:first]].mean()
        shown = f"{ours:.3f}, isolation forest {theirs:.3f} ({said}; {k:,} planted in {number:,} lines)"
        work = "precision at k of planted anomalies, against isolation forest with its defaults"
        told.append(figures.Figure(work, shown, "above", bool(ours > theirs)))
    return told


def _features(lines: pa.Table) -> np.ndarray:
    """Return what an analyst would hand to the forest: amounts, times, and how often things occur together."""
    frame = lines.to_pandas()
    day = frame["day"].astype("datetime64[ns]")
    frame["weekday"], frame["number"] = day.dt.weekday, day.dt.day_of_year
    frame["minute"] = frame["entered_at"].dt.hour * 60 + frame["entered_at"].dt.minute
    frame["is_round"] = (frame["amount"] % 100 == 0).astype(int)
    frame["is_meal"] = (frame["form"] == "meal").astype(int)
    for name, keys in {
        "of_invoice": ["invoice"], "of_person_day": ["person", "day"], "of_pair": ["person", "recipient"],
        "of_same": ["day", "recipient", "form", "amount"],
    }.items():  # fmt: skip
        frame[name] = frame.groupby(keys)["amount"].transform("size")
    columns = [
        "amount",
        "weekday",
        "number",
        "minute",
        "is_round",
        "is_meal",
        "of_invoice",
        "of_person_day",
        "of_pair",
        "of_same",
    ]
    return frame[columns].to_numpy(float)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--lines", type=int, default=5_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--forest", type=int, default=500_000)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="yaomai-claims-") as folder:
        lines, _wrong, _kinds = claims_data.lines_of(chosen.lines)
        told = [speed(lines, chosen.rounds, Path(folder)), *precision(chosen.forest, Path(folder))]
    raise SystemExit(0 if figures.report(told) else 1)


if __name__ == "__main__":
    main()
