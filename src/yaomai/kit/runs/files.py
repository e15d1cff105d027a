"""The files of a run, beside the database: DATA/runs/<run>/…

A folder is complete or absent: it is written beside its place and renamed. Tables are Parquet, sorted by customer, so
that one customer's row costs one part of the file.
"""

import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from yaomai.kit.errors import Missing, Unavailable

ROW_GROUP = 50_000


class ResultsDamaged(Unavailable):
    """A file of a run is not as it was written."""

    code = "results_damaged"
    message = _(
        "The results of run %(run)s are damaged on the disk, so they are not shown. Compute them again, or restore a "
        "backup."
    )


@contextmanager
def whole(run_id: int) -> Iterator[None]:
    """Say that a file is damaged where reading it fails."""
    try:
        yield
    except (pa.ArrowException, OSError, ValueError, KeyError) as error:
        raise ResultsDamaged(run=run_id) from error


def folder(run_id: int) -> Path:
    """Return where the files of a run stand."""
    return Path(settings.DATA) / "runs" / str(run_id)


@contextmanager
def writing(run_id: int) -> Iterator[Path]:
    """Yield an empty folder that takes the run's place when the block ends well, and vanishes otherwise."""
    place = folder(run_id)
    for left in place.parent.glob(f".{run_id}.*"):  # by a process that was killed: a run has one at a time
        shutil.rmtree(left, ignore_errors=True)
    draft = place.with_name(f".{run_id}.{os.getpid()}")
    draft.mkdir(parents=True, mode=0o700)
    try:
        yield draft
        shutil.rmtree(place, ignore_errors=True)
        draft.rename(place)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def write_table(table: pa.Table, path: Path) -> None:
    """Write a table that is sorted by customer."""
    pq.write_table(table, path, compression="zstd", row_group_size=ROW_GROUP)


def existing(run_id: int, *parts: str) -> Path:
    """Return the path of a file of a run.

    Raises:
        Missing: the run has no such file.
    """
    path = folder(run_id).joinpath(*parts)
    if not path.exists():
        raise Missing
    return path


def table(run_id: int, *parts: str, columns: list[str] | None = None, keys: Sequence[int] | None = None) -> pa.Table:
    """Return a whole table, or with `keys` the rows of these customers only.

    Raises:
        Missing: the run has no such table. ResultsDamaged: it cannot be read.
    """
    path = existing(run_id, *parts)
    with whole(run_id):
        return pq.read_table(path, columns=columns, filters=None if keys is None else [("customer", "in", list(keys))])


def row(run_id: int, *parts: str, customer: int) -> dict[str, Any]:
    """Return one customer's row, reading only the part of the table in which it stands.

    Raises:
        Missing: the customer was not in the run.
    """
    path = existing(run_id, *parts)
    with whole(run_id):
        found = pq.read_table(path, filters=[("customer", "=", customer)])
    if found.num_rows == 0:
        raise Missing
    rows: list[dict[str, Any]] = found.to_pylist()
    return rows[0]
