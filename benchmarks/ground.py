"""What benchmarks stand on: a server of their own as `yaomai up` starts it, clocks, and one form of report."""

import csv
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import python_calamine as calamine
from figures import Figure, times

_TICKS = os.sysconf("SC_CLK_TCK")


@contextmanager
def installation(data: Path | None = None) -> Iterator[Path]:
    """Start the built-in PostgreSQL with the settings of `yaomai up`, migrate, and load Django; give the data folder.

    Args:
        data: a folder that is kept, so that the next run finds what this one made; without it a temporary one.
    """
    with tempfile.TemporaryDirectory(prefix="yaomai-benchmark-") as temporary:
        folder = data or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        os.environ |= {"YAOMAI_DATA": str(folder), "DJANGO_SETTINGS_MODULE": "yaomai.server.settings"}
        os.environ.pop("DATABASE_URL", None)
        from yaomai.kit import keys
        from yaomai.kit.embedded import EmbeddedPostgres

        keys.make_missing(folder)
        with EmbeddedPostgres(folder):
            import django

            django.setup()
            from django.core.management import call_command
            from django.db import connections
            from django.utils import translation

            translation.activate("zh-hans")
            call_command("migrate", verbosity=0, interactive=False)
            try:
                yield folder
            finally:
                connections.close_all()


@dataclass(slots=True)
class Clock:
    """Wall seconds and processor seconds, ours and the database's, of repeated pieces of work."""

    runs: dict[str, list[tuple[float, float]]] = field(default_factory=dict)

    def run(self, name: str, work: Callable[[], Any]) -> Any:
        """Do the work once and keep how long it took."""
        before = _processor()
        begun = time.perf_counter()
        result = work()
        wall = time.perf_counter() - begun
        self.runs.setdefault(name, []).append((wall, _processor() - before))
        return result

    def wall(self, name: str) -> float:
        """Return the median of the wall seconds."""
        return statistics.median(wall for wall, _processor_time in self.runs[name])

    def processor(self, name: str) -> float:
        """Return the median of the processor seconds."""
        return statistics.median(used for _wall, used in self.runs[name])

    def line(self, name: str, base: str, limit: float | None = None) -> str:
        """Return one line of the table: the work, its time, and both as multiples of the base."""
        wall, used = self.wall(name), self.processor(name)
        most = f"{limit:g} ×" if limit else "shown"
        return (
            f"| {name} | {wall:.3f} s ({used:.3f} s) | {wall / self.wall(base):.1f} × "
            f"({used / self.processor(base):.1f} ×) | {most} |"
        )

    def figure(self, work: str, name: str, base: str, limit: float | None = None) -> Figure:
        """Return the wall clock as a multiple of the base, and beside it the seconds and the multiple of processor time."""
        more = f"({self.wall(name):.1f} s; {self.processor(name) / self.processor(base):.1f} × of processor time)"
        return times(work, self.wall(name) / self.wall(base), limit, more=more)


HEAD = "| work | time (of processors) | of the base | at most |\n|---|---|---|---|"


def _processor() -> float:
    """Return processor seconds of this process and of its connection's backend."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (pid,) = cursor.fetchone()
    parts = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return time.process_time() + (int(parts[11]) + int(parts[12])) / _TICKS


def bare_copy(path: Path, width: int) -> None:
    """Read a workbook's first sheet or a text file and copy its cells into a table without keys: the base."""
    from django.db import connection, transaction

    rows: Sequence[Sequence[Any]]
    if path.suffix == ".csv":
        with path.open(encoding="utf-8-sig", newline="") as stream:
            rows = list(csv.reader(stream))[1:]
    else:
        with calamine.load_workbook(str(path)) as workbook:
            rows = workbook.get_sheet_by_index(0).to_python()[1:]
    columns = ", ".join(f"c{number} text" for number in range(width))
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS benchmark_bare")
        cursor.execute(f"CREATE TABLE benchmark_bare ({columns})")
        with cursor.copy("COPY benchmark_bare FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)


def load_divisions(shared: Path) -> None:
    """Bring the real provinces, cities and districts in through their importer."""
    from django.utils import timezone

    from yaomai.catalog.models import Division
    from yaomai.kit.access import system_actor
    from yaomai.kit.transfer.command import import_file

    if Division.unscoped.exists():
        return
    actor = system_actor("benchmark", "measuring")
    for name in ("provinces", "cities", "areas"):
        import_file(
            actor=actor, now=timezone.now(), path=shared / "divisions" / f"{name}.csv", importer="catalog.division"
        )


def conditions() -> str:
    """Return one line on the machine and its present load."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    load = ", ".join(f"{each:.1f}" for each in os.getloadavg())
    return f"{os.cpu_count()} cores, {memory:.0f} GiB, load {load}"
