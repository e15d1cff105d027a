"""Bring the mirror up to date: each changed month → Arrow → Parquet, then the manifest as a whole.

Everything is read in one REPEATABLE READ transaction, so the new manifest is the database as of one moment even
while imports go on. A crash at any moment leaves the old manifest with its files.
"""

import hashlib
import io
import logging
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pyarrow as pa
import pyarrow.parquet as parquet
from procrastinate.contrib.django.utils import connector_params

from yaomai.kit.warehouse import manifest as manifests
from yaomai.kit.warehouse.arrow import arrow_cursor, bound, read_table, select
from yaomai.kit.warehouse.changes import compact, counters
from yaomai.kit.warehouse.dataset import Dataset
from yaomai.kit.warehouse.manifest import Manifest, MonthFile

log = logging.getLogger(__name__)
GRACE = timedelta(hours=48)
"""How long files that left the manifest stay for the snapshots that still read them."""
STRAY_SECONDS = 24 * 3600
"""Age at which files that no manifest ever named, from a crash, are removed."""


def refresh(*datasets: Dataset) -> dict[str, Manifest]:
    """Bring datasets up to date, all as of the same moment; return their manifests.

    Raises:
        OSError: the disk is full, say; the mirror is as it was.
    """
    return _build(datasets, everything=False)


def rebuild(*datasets: Dataset, months: Iterable[date] | None = None) -> dict[str, Manifest]:
    """Make files anew from the database: those of `months`, or all of them."""
    wanted = None if months is None else frozenset(months)
    return _build(datasets, everything=wanted is None, months=wanted or frozenset())


def _build(
    datasets: Sequence[Dataset], *, everything: bool, months: frozenset[date] = frozenset()
) -> dict[str, Manifest]:
    built = {}
    with _reader(datasets) as reader:
        moment = reader.execute("SELECT now()").fetchone()
        assert moment is not None
        for dataset in datasets:
            built[dataset.name] = _bring_up(reader, dataset, moment[0], everything, months)
    for dataset in datasets:
        compact(dataset)
    return built


@contextmanager
def _reader(datasets: Sequence[Dataset]) -> Iterator[psycopg.Connection[Any]]:
    """Lock the datasets against other builders, then read them all as of one moment."""
    with psycopg.connect(**connector_params(), autocommit=True) as reader:
        for name in sorted(dataset.name for dataset in datasets):
            reader.execute("SELECT pg_advisory_lock(hashtextextended(%s, 11))", [f"warehouse:{name}"])
        # The snapshot is taken by the first query after BEGIN: after every lock is held.
        reader.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        yield reader
        reader.execute("COMMIT")


def _bring_up(
    reader: psycopg.Connection[Any], dataset: Dataset, moment: datetime, everything: bool, months: frozenset[date]
) -> Manifest:
    old = manifests.load(dataset)
    said = counters(reader, dataset)
    have = {} if old is None or everything else old.by_month()
    if old is None or everything:
        stale = _all_months(reader, dataset) | said.keys()
    else:
        stale = {month for month, counter in said.items() if month not in have or have[month].counter != counter}
        stale |= {month for month in have if have[month].counter and month not in said}
        stale |= months | _lost(dataset, have)
    if old is not None and not stale:
        return old
    fresh = {entry.month: entry for entry in _write_months(reader, dataset, sorted(stale), said)}
    new = _replaced(dataset, old, have | fresh, moment)
    manifests.save(dataset, new)
    _collect(dataset, new, moment)
    return new


def _lost(dataset: Dataset, have: dict[date, MonthFile]) -> set[date]:
    """Return the months whose file is not there."""
    place = manifests.folder(dataset)
    return {month for month, entry in have.items() if entry.file and not (place / entry.file).exists()}


def _all_months(reader: psycopg.Connection[Any], dataset: Dataset) -> set[date]:
    query = f"SELECT DISTINCT date_trunc('month', \"{dataset.month_column}\")::date FROM ({dataset.sql}) facts"  # noqa: S608
    rows = reader.execute(query, {"start": "-infinity", "end": "infinity"}).fetchall()
    return {row[0] for row in rows if row[0] is not None}


def _write_months(
    reader: psycopg.Connection[Any], dataset: Dataset, months: Sequence[date], said: dict[date, int]
) -> list[MonthFile]:
    """Read month after month; while the database sends one, the one before is written."""
    waiting: Future[MonthFile] | None = None
    written = []
    with ThreadPoolExecutor(max_workers=1) as writer, arrow_cursor(reader) as cursor:
        query = select(reader, dataset)
        for month in months:
            following = (month + timedelta(days=31)).replace(day=1)
            table = read_table(cursor, dataset, bound(reader, query, start=month, end=following))
            if waiting is not None:
                written.append(waiting.result())
            waiting = writer.submit(_write_month, dataset, month, table, said.get(month, 0))
        if waiting is not None:
            written.append(waiting.result())
    return written


def _write_month(dataset: Dataset, month: date, table: pa.Table, counter: int) -> MonthFile:
    if table.num_rows == 0:
        return MonthFile(month=month, counter=counter, rows=0)
    sink = io.BytesIO()
    parquet.write_table(table, sink, compression="zstd")
    content = sink.getbuffer()
    digest = hashlib.sha256(content).hexdigest()
    name = f"{month:%Y-%m}.{digest[:16]}.parquet"
    with manifests.atomic_file(manifests.folder(dataset) / name) as file:
        file.write(content)
    return MonthFile(month, counter, table.num_rows, name, digest, len(content))


def _replaced(dataset: Dataset, old: Manifest | None, months: dict[date, MonthFile], moment: datetime) -> Manifest:
    """Return the next manifest; files that leave it are remembered until their grace is over."""
    kept = {entry.file for entry in months.values()}
    retired = {} if old is None else {name: at for name, at in old.retired.items() if name not in kept}
    for entry in () if old is None else old.months:
        if entry.file and entry.file not in kept:
            retired.setdefault(entry.file, moment)
    return Manifest(
        dataset=dataset.name,
        version=1 if old is None else old.version + 1,
        schema=manifests.schema_fingerprint(dataset),
        as_of=moment,
        months=tuple(months[month] for month in sorted(months) if months[month].file or months[month].counter),
        retired={name: at for name, at in retired.items() if moment - at < GRACE},
    )


def _collect(dataset: Dataset, current: Manifest, moment: datetime) -> None:
    """Remove files whose grace is over, and what a crash left behind."""
    named = {entry.file for entry in current.months} | current.retired.keys() | {"manifest.json"}
    for path in manifests.folder(dataset).iterdir():
        if path.name not in named and _age(path) > STRAY_SECONDS:
            path.unlink(missing_ok=True)


def _age(path: Path) -> float:
    return time.time() - path.stat().st_mtime
