"""The list of files that are the mirror now: one small JSON file, replaced as a whole."""

import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any, BinaryIO

import pyarrow as pa
from django.conf import settings

from yaomai.kit.warehouse.dataset import Dataset

FORMAT = 1


@dataclass(frozen=True, slots=True)
class MonthFile:
    """The facts of a month: an immutable file named by its content; no file when there are no facts."""

    month: date
    counter: int
    rows: int
    file: str = ""
    sha256: str = ""
    bytes: int = 0


@dataclass(frozen=True, slots=True)
class Manifest:
    """The mirror of a dataset as of one moment of the database.

    version: grows by one with every replacement. retired: files that left, with the moment they did.
    """

    dataset: str
    version: int
    schema: str
    as_of: datetime
    months: tuple[MonthFile, ...] = ()
    retired: dict[str, datetime] = field(default_factory=dict)

    def by_month(self) -> dict[date, MonthFile]:
        return {entry.month: entry for entry in self.months}


def folder(dataset: Dataset) -> Path:
    """Return the dataset's folder, made when missing."""
    path = Path(settings.DATA) / "warehouse" / dataset.name
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    return path


def schema_fingerprint(dataset: Dataset) -> str:
    """Return a text that changes when columns, types, selection or order do."""
    parts = [str(FORMAT), pa.schema(dataset.schema).to_string(), dataset.sql, *dataset.order]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def load(dataset: Dataset) -> Manifest | None:
    """Return the manifest, or None when there is none that this declaration can use."""
    try:
        said = json.loads((folder(dataset) / "manifest.json").read_text())
        if said["schema"] != schema_fingerprint(dataset):
            return None
        return Manifest(
            dataset=said["dataset"],
            version=said["version"],
            schema=said["schema"],
            as_of=datetime.fromisoformat(said["as_of"]),
            months=tuple(
                MonthFile(**entry | {"month": date.fromisoformat(entry["month"])}) for entry in said["months"]
            ),
            retired={name: datetime.fromisoformat(at) for name, at in said["retired"].items()},
        )
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        # Damaged or of an older format: the facts are in the database, the mirror is made again.
        return None


def save(dataset: Dataset, manifest: Manifest) -> None:
    """Replace the manifest; after a crash there is the old one or this one, whole."""
    with atomic_file(folder(dataset) / "manifest.json") as file:
        file.write(json.dumps(asdict(manifest), default=_plain, indent=1).encode())


def _plain(value: Any) -> str:
    if isinstance(value, date | datetime):
        return value.isoformat()
    raise TypeError(type(value).__name__)


@contextmanager
def atomic_file(path: Path) -> Iterator[BinaryIO]:
    """Write a file beside its place, make it durable, then move it there; nothing is left when writing fails."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with temporary.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def sync_folder(path: Path) -> None:
    """Make renames in the folder durable."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
