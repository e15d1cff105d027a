"""Read the mirror: snapshots for the engine, scoped tables for people, and the proof that files are whole."""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from yaomai.kit.access import Actor, require
from yaomai.kit.errors import Unavailable
from yaomai.kit.warehouse import manifest as manifests
from yaomai.kit.warehouse.building import refresh
from yaomai.kit.warehouse.dataset import Dataset
from yaomai.kit.warehouse.manifest import Manifest, MonthFile

if TYPE_CHECKING:
    from ibis.expr.types import Table


class Damaged(Unavailable):
    """A file of the mirror is not as it was written."""

    code = "warehouse_damaged"
    message = _(
        "The file %(file)s of %(dataset)s is damaged and is not used. The facts themselves are safe in the database;"
        ' the job "Proof of the analytics mirror" makes it again, at the latest tonight.'
    )


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The facts as of one moment: files that never change.

    paths:       month → file; months without facts are left out.
    fingerprint: equal for equal facts.
    version:     the manifest's, growing with every change.
    """

    dataset: Dataset
    paths: dict[date, Path]
    fingerprint: str
    version: int
    as_of: datetime
    rows: int

    def files(self, *, start: date | None = None, end: date | None = None) -> list[Path]:
        """Return the files of the months that touch the half-open period."""
        return [
            path
            for month, path in sorted(self.paths.items())
            if (end is None or month < end) and (start is None or month >= start.replace(day=1))
        ]


@dataclass(frozen=True, slots=True)
class Finding:
    """A file that is not as it was written: `kind` is missing, size or content."""

    dataset: str
    month: date
    file: str
    kind: str


def snapshot(dataset: Dataset, *, fresh: bool = True) -> Snapshot:
    """Return the dataset as of now, or with `fresh=False` as it was mirrored last.

    Raises:
        Damaged: a file is not as it was written; it is named and not used.
    """
    return snapshots(dataset, fresh=fresh)[dataset.name]


def snapshots(*datasets: Dataset, fresh: bool = True) -> dict[str, Snapshot]:
    """Return several datasets as of the same moment (of their last refresh each, with `fresh=False`).

    Raises:
        Damaged: see `snapshot`.
    """
    known = {} if fresh else {dataset.name: manifests.load(dataset) for dataset in datasets}
    missing = [dataset for dataset in datasets if known.get(dataset.name) is None]
    current = {**{name: entry for name, entry in known.items() if entry is not None}, **_refreshed(missing)}
    return {dataset.name: _snapshot(dataset, current[dataset.name]) for dataset in datasets}


def _refreshed(datasets: list[Dataset]) -> dict[str, Manifest]:
    return refresh(*datasets) if datasets else {}


def _snapshot(dataset: Dataset, current: Manifest) -> Snapshot:
    for finding in _findings(dataset, current.months):
        raise Damaged(file=finding.file, dataset=str(dataset.label))
    place = manifests.folder(dataset)
    files = [entry for entry in current.months if entry.file]
    said = "\n".join([dataset.name, current.schema, *(f"{entry.month} {entry.sha256}" for entry in files)])
    return Snapshot(
        dataset=dataset,
        paths={entry.month: place / entry.file for entry in files},
        fingerprint=hashlib.sha256(said.encode()).hexdigest(),
        version=current.version,
        as_of=current.as_of,
        rows=sum(entry.rows for entry in files),
    )


def verify(*datasets: Dataset) -> list[Finding]:
    """Read every file and return those that are not as they were written."""
    found = []
    for dataset in datasets:
        current = manifests.load(dataset)
        if current is not None:
            found += _findings(dataset, current.months)
    return found


def _findings(dataset: Dataset, months: Iterable[MonthFile]) -> list[Finding]:
    place = manifests.folder(dataset)
    return [
        Finding(dataset.name, entry.month, entry.file, kind)
        for entry in months
        if entry.file and (kind := _fault(place / entry.file, entry))
    ]


def _fault(path: Path, entry: MonthFile) -> str:
    """Return what is wrong with the file; empty when nothing."""
    try:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return "missing"
    if path.stat().st_size != entry.bytes:
        return "size"
    return "" if digest == entry.sha256 else "content"


def open_dataset(dataset: Dataset, actor: Actor, *, fresh: bool = False) -> "Table":
    """Return an Ibis table of the rows that the actor may see, exactly as a list of them would show.

    Raises:
        Missing: the actor does not hold the dataset's right.
        Damaged: see `snapshot`.
    """
    import ibis

    require(actor, dataset.right)
    current = snapshot(dataset, fresh=fresh)
    backend = ibis.duckdb.connect()
    name = re.sub(r"\W", "_", dataset.name)
    if current.paths:
        table = backend.read_parquet([str(path) for path in current.files()], table_name=name)
    else:
        backend.con.register(name, dataset.schema.empty_table())
        table = backend.table(name)
    reach = actor.reach(dataset.right)
    if reach is None or not dataset.scope_column:
        return table
    return table.filter(table[dataset.scope_column].isin(sorted(reach)) if reach else ibis.literal(False))
