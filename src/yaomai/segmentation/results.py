"""The files of a run: its inputs and each scheme's result, as Parquet sorted by customer, beside the cut-offs.

    DATA/runs/<run>/<subject>/inputs.parquet
    DATA/runs/<run>/<subject>/<scheme>.parquet
    DATA/runs/<run>/<subject>/<scheme>.json      the scheme as it was, and its cut-offs

A folder is complete or absent: it is written beside its place and renamed.
"""

import json
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from yaomai.engine.scorecards import SchemeSpec
from yaomai.engine.scoring import CutOffs, SchemeResult
from yaomai.kit.errors import Missing, Unavailable
from yaomai.kit.memo import kept

ROW_GROUP = 50_000


class ResultsDamaged(Unavailable):
    """A file of a run is not as it was written."""

    code = "results_damaged"
    message = _(
        "The results of run %(run)s are damaged on the disk, so they are not shown. Compute the tiers again, or restore "
        "a backup."
    )


@contextmanager
def _whole(run_id: int) -> Iterator[None]:
    try:
        yield
    except (pa.ArrowException, OSError, ValueError, KeyError) as error:
        raise ResultsDamaged(run=run_id) from error


@dataclass(frozen=True, slots=True)
class StoredScheme:
    """A scheme as a run used it, and where it cut."""

    spec: SchemeSpec
    cutoffs: CutOffs


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


def write(draft: Path, subject: str, inputs: pa.Table, results: Mapping[str, SchemeResult]) -> None:
    """Write the inputs and results of one subject into a draft folder."""
    target = draft / subject
    target.mkdir(mode=0o700)
    _write_table(inputs, target / "inputs.parquet")
    for name, result in results.items():
        _write_table(result.table, target / f"{name}.parquet")
        stored = {"spec": result.spec.model_dump(mode="json"), "cutoffs": result.cutoffs.model_dump(mode="json")}
        (target / f"{name}.json").write_text(json.dumps(stored, ensure_ascii=False))


def _write_table(table: pa.Table, path: Path) -> None:
    pq.write_table(table, path, compression="zstd", row_group_size=ROW_GROUP)


def scheme(run_id: int, subject: str, name: str) -> StoredScheme:
    """Return a scheme as a run used it.

    Raises:
        Missing: the run has no such scheme. ResultsDamaged: its file cannot be read.
    """
    path = folder(run_id) / subject / f"{name}.json"
    if not path.exists():
        raise Missing
    with _whole(run_id):
        return _stored(path, path.stat().st_mtime_ns)


@kept(most=64)
def _stored(path: Path, _written_at: int) -> StoredScheme:
    """Read a scheme once while its file stays: every list of customers shows some."""
    stored = json.loads(path.read_text())
    return StoredScheme(SchemeSpec.model_validate(stored["spec"]), CutOffs.model_validate(stored["cutoffs"]))


def table(
    run_id: int, subject: str, name: str, columns: list[str] | None = None, *, keys: Sequence[int] | None = None
) -> pa.Table:
    """Return a whole result, or the inputs with the name "inputs"; with `keys` the rows of these customers only.

    Raises:
        Missing: the run has no such file.
    """
    path = folder(run_id) / subject / f"{name}.parquet"
    if not path.exists():
        raise Missing
    wanted = None if keys is None else [("customer", "in", list(keys))]
    with _whole(run_id):
        return pq.read_table(path, columns=columns, filters=wanted)


def row(run_id: int, subject: str, name: str, customer: int) -> dict[str, Any]:
    """Return one customer's row, reading only the part of the file in which it stands.

    Raises:
        Missing: the customer was not in the run.
    """
    path = folder(run_id) / subject / f"{name}.parquet"
    if not path.exists():
        raise Missing
    with _whole(run_id):
        found = pq.read_table(path, filters=[("customer", "=", customer)])
    if found.num_rows == 0:
        raise Missing
    rows: list[dict[str, Any]] = found.to_pylist()
    return rows[0]
