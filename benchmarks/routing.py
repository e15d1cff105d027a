"""Routes: gaps to the best known costs of published instances, every route checked independently; greedy and plain PyVRP beside.

python -m benchmarks routing [--shared FOLDER] [--only pvrp|solomon] [--names p01,p02] [--seconds-periodic 60] [--seconds-windows 30]

FOLDER holds `routing/pvrp` and `routing/vrptw` with the instances and a BKS.csv each; without it nothing is measured.
"""

import argparse
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Any

from figures import Figure, report
from tests.engine.routes import PVRP, SOLOMON, best_known, problems_of_periodic, problems_of_windows

from yaomai.engine.routing import Instance, Routing, read_periodic, read_windows, solve_routing
from yaomai.engine.routing.joint import Joint, Plan
from yaomai.engine.routing.patterns import PatternSearch


@dataclass(frozen=True)
class Gap:
    """One instance: gaps in parts of the best known cost."""

    name: str
    ours: float
    direct: float | None
    greedy: float | None
    vehicles: int
    wrong: int


def measure(
    paths: list[Path],
    read: Callable[[Path], Instance],
    check: Callable[[Path, dict[str, Any]], list[str]],
    seconds: float,
    known: dict[str, float],
    *,
    is_compared: bool,
    workers: int | None = None,
) -> list[Gap]:
    """Route each instance, and beside it by a greedy planner, and by PyVRP alone with the same time."""
    gaps = []
    for path in paths:
        instance, best = read(path), known[path.stem]
        found = solve_routing(instance, seconds=seconds, workers=workers)
        wrong = check(path, found.as_dict())
        greedy = direct = None
        if is_compared:
            first = PatternSearch(instance, 1)
            greedy = Routing(instance, first.plan(), 0).cost / best - 1 if not first.best.absent else None
            plan = _directly(instance, first, seconds)
            direct = Routing(instance, plan, 0).cost / best - 1 if plan else None
        gap = Gap(path.stem, found.cost / best - 1, direct, greedy, found.vehicles, len(wrong))
        shown = [f"{value:+.2%}" if value is not None else "–" for value in (gap.ours, gap.direct, gap.greedy)]
        print(f"{path.stem}: {found.cost:.2f} best known {best} gap {shown[0]}, PyVRP alone {shown[1]}, greedy {shown[2]},"
              f" {found.vehicles} vehicles, {found.seconds:.1f} s, {wrong or 'feasible'}", flush=True)  # fmt: skip
        gaps.append(gap)
    return gaps


def _directly(instance: Instance, greedy: PatternSearch, seconds: float) -> Plan | None:
    """Call PyVRP alone, the days of stops that need several being those a greedy planner chose: it knows no combinations."""
    chosen = [None] * len(instance.stops) if instance.is_interchangeable else greedy.chosen()
    return Joint(instance, chosen).solve(seconds, 1)


def figures_of(work: str, gaps: list[Gap], mean: float, worst: float | None) -> list[Figure]:
    """Return the rows of the table."""
    if not gaps:
        return []
    found = fmean(gap.ours for gap in gaps)
    greatest = max(gap.ours for gap in gaps)
    rows = [
        Figure(f"{work}: mean gap to the best known, {len(gaps)} instances", f"{found:.2%}", f"≤ {mean:.0%}", found <= mean),
        Figure(f"{work}: worst gap", f"{greatest:.2%}", *((f"≤ {worst:.0%}", greatest <= worst) if worst else ())),
        Figure(f"{work}: infeasible by an independent check", str(sum(bool(g.wrong) for g in gaps)), "0", not any(g.wrong for g in gaps)),
    ]  # fmt: skip
    for title, values in (
        ("PyVRP alone", [gap.direct for gap in gaps if gap.direct is not None]),
        ("a greedy planner", [gap.greedy for gap in gaps if gap.greedy is not None]),
    ):
        if values:
            rows.append(Figure(f"{work}: mean gap of {title}", f"{fmean(values):.2%}"))
    return rows


def main() -> None:
    """Measure what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, default=os.environ.get("YAOMAI_SHARED_DATA"))
    parser.add_argument("--only", choices=("pvrp", "solomon"))
    parser.add_argument("--names", default="")
    parser.add_argument("--seconds-periodic", type=float, default=60)
    parser.add_argument("--seconds-windows", type=float, default=30)
    parser.add_argument("--compare", action="store_true", help="also a greedy planner and PyVRP alone: twice the time")
    parser.add_argument("--workers", type=int, help="searches side by side; two when nothing is said")
    options = parser.parse_args()
    if not options.shared or not Path(options.shared, PVRP).is_dir():
        print("nothing measured: no published instances (--shared or YAOMAI_SHARED_DATA)")
        return
    names = [name for name in options.names.split(",") if name]
    rows: list[Figure] = []
    begun = time.perf_counter()
    for kind, folder, read, check, seconds, limits in (
        ("pvrp", PVRP, read_periodic, problems_of_periodic, options.seconds_periodic, (0.02, 0.05)),
        ("solomon", SOLOMON, read_windows, problems_of_windows, options.seconds_windows, (0.01, None)),
    ):
        if options.only in (None, kind):
            known = best_known(Path(options.shared, folder))
            paths = sorted(path for path in Path(options.shared, folder).iterdir() if path.stem in known)
            paths = [path for path in paths if not names or path.stem in names]
            gaps = measure(paths, read, check, seconds, known, is_compared=options.compare, workers=options.workers)
            rows += figures_of(f"routes, {kind}, {seconds:g} s", gaps, *limits)
    print(f"{time.perf_counter() - begun:.0f} s in all")
    if not report(rows):
        raise SystemExit(1)


if __name__ == "__main__":
    main()
