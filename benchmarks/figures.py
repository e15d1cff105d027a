"""The one table of all figures: each benchmark adds its rows, `python -m benchmarks` prints them with limit and verdict."""

import json
import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

FILE = "YAOMAI_FIGURES"
"""Names the file in which a run of all benchmarks gathers the figures."""


@dataclass(frozen=True, slots=True)
class Figure:
    """What was measured, in words; the limit, in words; and whether it is held, None where there is none."""

    work: str
    measured: str
    limit: str = ""
    holds: bool | None = None


def times(work: str, value: float, limit: float | None = None, *, more: str = "") -> Figure:
    """Return a multiple of the base, which must not be more than the limit."""
    shown = f"{value:.3f} ×" if value < 1 else f"{value:.2f} ×" if value < 10 else f"{value:.1f} ×"
    return Figure(work, f"{shown} {more}".strip(), *((f"≤ {limit:g} ×", value <= limit) if limit else ()))


def none_of(work: str, count: int) -> Figure:
    """Return a number of differences, of which there must be none."""
    return Figure(work, f"{count:,}", "0", count == 0)


def share(work: str, value: float, limit: float | None = None) -> Figure:
    """Return a share, which must not be less than the limit."""
    return Figure(work, f"{value:.2%}", *((f"≥ {limit:.1%}", value >= limit) if limit else ()))


def table(figures: Iterable[Figure]) -> str:
    """Return the figures as a table."""
    verdicts = {None: "shown", True: "holds", False: "**missed**"}
    rows = (f"| {each.work} | {each.measured} | {each.limit or '–'} | {verdicts[each.holds]} |" for each in figures)
    return "\n".join(("| work | measured | limit | verdict |", "|---|---|---|---|", *rows))


def add(path: Path, *figures: Figure) -> None:
    """Add figures to those of a run."""
    with path.open("a", encoding="utf-8") as stream:
        stream.writelines(json.dumps(asdict(each), ensure_ascii=False) + "\n" for each in figures)


def report(figures: Iterable[Figure]) -> bool:
    """Print the figures of one benchmark, add them to those of the run, and return whether all limits are held."""
    found = list(figures)
    print(f"\n{table(found)}", flush=True)
    if path := os.environ.get(FILE):
        add(Path(path), *found)
    return all(each.holds is not False for each in found)


def gathered(path: Path) -> list[Figure]:
    """Return the figures that the benchmarks of a run have added."""
    return (
        [Figure(**json.loads(line)) for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []
    )
