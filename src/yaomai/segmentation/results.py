"""What a run of the tiers wrote: its inputs and each scheme's result, beside the cut-offs (`kit.runs.files`).

<run>/<subject>/inputs.parquet
<run>/<subject>/<scheme>.parquet
<run>/<subject>/<scheme>.json      the scheme as it was, and its cut-offs
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from yaomai.engine.scorecards import SchemeSpec
from yaomai.engine.scoring import CutOffs, SchemeResult
from yaomai.kit.memo import kept
from yaomai.kit.runs import files


@dataclass(frozen=True, slots=True)
class StoredScheme:
    """A scheme as a run used it, and where it cut."""

    spec: SchemeSpec
    cutoffs: CutOffs


def write(draft: Path, subject: str, inputs: pa.Table, results: Mapping[str, SchemeResult]) -> None:
    """Write the inputs and results of one subject into a draft folder."""
    target = draft / subject
    target.mkdir(mode=0o700)
    files.write_table(inputs, target / "inputs.parquet")
    for name, result in results.items():
        files.write_table(result.table, target / f"{name}.parquet")
        stored = {"spec": result.spec.model_dump(mode="json"), "cutoffs": result.cutoffs.model_dump(mode="json")}
        (target / f"{name}.json").write_text(json.dumps(stored, ensure_ascii=False))


def scheme(run_id: int, subject: str, name: str) -> StoredScheme:
    """Return a scheme as a run used it.

    Raises:
        Missing: the run has no such scheme. ResultsDamaged: its file cannot be read.
    """
    path = files.existing(run_id, subject, f"{name}.json")
    with files.whole(run_id):
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
        Missing: the run has no such result. ResultsDamaged: it cannot be read.
    """
    return files.table(run_id, subject, f"{name}.parquet", columns=columns, keys=keys)


def row(run_id: int, subject: str, name: str, customer: int) -> dict[str, Any]:
    """Return one customer's row.

    Raises:
        Missing: the customer was not in the run. ResultsDamaged: it cannot be read.
    """
    return files.row(run_id, subject, f"{name}.parquet", customer=customer)
