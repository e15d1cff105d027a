"""What a run found, kept beside it: what the hospitals have in common, and the hospitals in order.

<run>/analysis.json     regions with their growth, how many hospitals stand where, the figures used
<run>/points.parquet    the hospitals, the best match first
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from django.db.models.expressions import RawSQL
from django.utils.translation import gettext_lazy as _
from pydantic import TypeAdapter

from yaomai.customers.models import Institution
from yaomai.insights import rules
from yaomai.insights.targets.analysis import Analysis, Focus, Point, reach
from yaomai.kit.errors import Conflict
from yaomai.kit.memo import kept
from yaomai.kit.runs import files
from yaomai.kit.runs.models import Run

KIND = "insights.quadrant"
ANALYSIS, POINTS = "analysis.json", "points.parquet"
COLUMNS = {
    "customer": pa.int64(), "grade": pa.string(), "beds": pa.int32(), "region": pa.string(), "product": pa.int64(),
    "department": pa.int16(), "patients": pa.int16(), "grade_points": pa.int16(), "quadrant": pa.string(),
    "rules": pa.list_(pa.string()),
}  # fmt: skip


@cache
def _shape() -> TypeAdapter[Analysis]:
    return TypeAdapter(Analysis)


def write(run: Run, analysis: Analysis, points: list[Point]) -> None:
    """Keep what a run found."""
    columns: dict[str, list[Any]] = {
        "customer": [point.institution for point in points],
        "grade": [point.grade for point in points],
        "beds": [point.beds for point in points],
        "region": [point.region for point in points],
        "product": [point.product for point in points],
        "department": [point.match.department for point in points],
        "patients": [point.match.patients for point in points],
        "grade_points": [point.match.grade for point in points],
        "quadrant": [point.quadrant for point in points],
        "rules": [list(point.rules) for point in points],
    }
    with files.writing(run.pk) as draft:
        (draft / ANALYSIS).write_bytes(_shape().dump_json(analysis))
        files.write_table(
            pa.table({name: pa.array(columns[name], kind) for name, kind in COLUMNS.items()}), draft / POINTS
        )


@dataclass(frozen=True, slots=True)
class Found:
    """What the last run found for the hospitals that the actor sees."""

    run: Run
    analysis: Analysis

    def points(
        self, *, quadrants: Iterable[str] = (), region: str = "", skip: int = 0, most: int
    ) -> tuple[list[Point], int]:
        """Return some of the hospitals of some quadrants ("" for none; all when none is named) and of a region, the
        best match first, and how many there are. Who has left the actor's view since then is neither shown nor counted:
        pages are full, and a list takes as many as it may. The tiles say what was found on the day of the run.
        """
        wanted: list[Any] = []
        if chosen := list(quadrants):
            wanted.append(("quadrant", "in", chosen))
        if region:
            wanted.append(("region", "=", region))
        path = files.existing(self.run.pk, POINTS)
        with files.whole(self.run.pk):
            table = pq.read_table(path, filters=wanted or None)
        names = _names(table.column("customer").to_pylist())
        table = table.filter(pc.is_in(table.column("customer"), pa.array(names, pa.int64())))
        rows = table.slice(skip, most).to_pylist()
        return [_point(row, names[row["customer"]]) for row in rows], table.num_rows


def _names(hospitals: list[int]) -> dict[int, str]:
    """Return the names of those that the actor sees; they go as one array, however many they are."""
    those = RawSQL("SELECT unnest(%s::bigint[])", [hospitals])
    seen = Institution.objects.filter(archived_at=None, merged_into=None, pk__in=those)
    return dict(seen.values_list("pk", "name"))


def _point(row: dict[str, Any], name: str) -> Point:
    return Point(
        row["customer"], name, row["grade"], row["beds"], row["region"], row["product"],
        rules.Match(row["department"], row["patients"], row["grade_points"]), row["quadrant"], tuple(row["rules"]),
    )  # fmt: skip


class NotComputed(Conflict):
    """Nobody has had it computed for these products and hospitals."""

    code = "quadrants_not_computed"
    message = _("Target hospitals are not computed yet for these products. Have them computed first, then save.")


def parameters(focus: Focus) -> dict[str, str]:
    """Return what a run is about: which products, and whose customers."""
    return {"focus": focus.key, "reach": reach()}


def last(focus: Focus) -> Found | None:
    """Return what the last run found for these products and the hospitals that the actor sees; None without one."""
    rows = Run.unscoped.filter(kind=KIND, state=Run.State.FINISHED, parameters=parameters(focus))
    run = rows.order_by("-pk").first()
    if run is None:
        return None
    path = files.existing(run.pk, ANALYSIS)
    with files.whole(run.pk):
        return Found(run, _read(path, path.stat().st_mtime_ns))


@kept(most=16)
def _read(path: Path, _written_at: int) -> Analysis:
    return _shape().validate_json(path.read_bytes())
