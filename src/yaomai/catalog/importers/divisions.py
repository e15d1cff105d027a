"""Import of administrative divisions: what is above follows from the official code."""

from collections.abc import Mapping, Sequence
from typing import ClassVar

import pyarrow as pa
from django.db import connection
from django.utils.translation import gettext_lazy as _

from yaomai.catalog import rules
from yaomai.catalog.models import Division
from yaomai.catalog.searching import division_texts
from yaomai.kit.transfer.columns import Column
from yaomai.kit.transfer.model_importer import ModelImporter, Rows
from yaomai.kit.transfer.problems import register_problem
from yaomai.kit.transfer.registry import Applied, Checked, Context, register_importer

register_problem("catalog.code", _("“%(value)s” is not an official code: it has 2, 4, 6, 9 or 12 digits."))
register_problem(
    "catalog.above", _("What “%(value)s” belongs to is unknown. Import provinces, cities and districts first.")
)
SET_PARENTS = """
    UPDATE catalog_division d SET parent_id = p.id
      FROM transfer_staged s, catalog_division p
     WHERE d.id = s.id AND (s.is_new OR s.is_changed) AND d.parent_id IS DISTINCT FROM p.id
       AND p.code = left(d.code, CASE length(d.code) WHEN 4 THEN 2 WHEN 6 THEN 4 WHEN 9 THEN 6 WHEN 12 THEN 9 END)
"""
RENAME_BELOW = """
    UPDATE catalog_division d SET full_name = p.full_name || substr(d.full_name, length(b.full_name) + 1)
      FROM transfer_before t, LATERAL jsonb_populate_record(NULL::catalog_division, t.before) b, catalog_division p
     WHERE p.id = t.id AND d.path LIKE p.path || '_%%' AND d.full_name LIKE b.full_name || '%%'
"""


@register_importer
class DivisionImporter(ModelImporter):
    """Divisions of any level; a file may hold one level or several."""

    name = "catalog.division"
    label = _("Administrative divisions")
    results = ("catalog:division_list", _("See the divisions"))
    right = "catalog.division:import"
    model = Division
    keys: ClassVar[Sequence[Sequence[str]]] = (("code",),)
    volatile: ClassVar[Sequence[str]] = ("updated_at", "search", "parent")
    columns: ClassVar[Sequence[Column]] = (
        Column("code", _("Code"), required=True, length=12, example="990101",
               synonyms=("代码", "行政区划代码", "区划代码", "地区代码", "区域代码", "行政代码", "统计用区划代码", "code")),
        Column("name", _("Name"), required=True, length=64, example="示例区", synonyms=("名称", "区划名称", "行政区划", "行政区划名称", "单位名称", "地区名称", "地名", "全称", "name")),
    )  # fmt: skip

    def prepare(self, rows: Rows, context: Context) -> pa.Table:
        """Return the fields; refuse codes that are none, and those without anything above."""
        codes = [text.strip() for text in rows.data.column("code").to_pylist()]
        names = [text.strip() for text in rows.data.column("name").to_pylist()]
        levels = [rules.division_level(code) for code in codes]
        above = _above(codes)
        given = dict(zip(codes, names, strict=True))
        present = above.keys() | given.keys()
        orphans = [
            position
            for position, code in enumerate(codes)
            if levels[position] and rules.parent_code(code) and rules.parent_code(code) not in present
        ]
        rows.refuse("code", [position for position, level in enumerate(levels) if level is None], "catalog.code")
        rows.refuse("code", orphans, "catalog.above")
        ids = {code: pk for code, (pk, _path, _name) in above.items()}
        placed = [_placed(code, name, given, above) for code, name in zip(codes, names, strict=True)]
        return pa.table(
            {
                "code": pa.array(codes, pa.string()),
                "name": pa.array(names, pa.string()),
                "level": pa.array([level or "" for level in levels], pa.string()),
                "path": pa.array([path for path, _name in placed], pa.string()),
                "full_name": pa.array([name[:200] for _path, name in placed], pa.string()),
                "parent": pa.array([ids.get(rules.parent_code(code)) for code in codes], pa.int64()),
            }
        )

    def found_by(self, fields: pa.Table, context: Context) -> Sequence[Sequence[str]]:
        """Return what a division is found by."""
        texts = (fields.column(name).to_pylist() for name in ("name", "full_name", "code", "level"))
        return [division_texts(*each) for each in zip(*texts, strict=True)]

    def apply(self, checked: Checked, context: Context) -> Applied:
        """Write, then tie rows to what is above them in the same file, and rename what is below."""
        applied = super().apply(checked, context)
        with connection.cursor() as cursor:
            cursor.execute(RENAME_BELOW)
            cursor.execute(SET_PARENTS)
        return applied


def _above(codes: Sequence[str]) -> dict[str, tuple[int, str, str]]:
    """Return id, path and full name of the divisions above, by code."""
    wanted: set[str] = set()
    for code in codes:
        parent = rules.parent_code(code)
        while parent:
            wanted.add(parent)
            parent = rules.parent_code(parent)
    rows = Division.unscoped.filter(code__in=wanted).values_list("code", "pk", "path", "full_name")
    return {code: (pk, path, name) for code, pk, path, name in rows}


def _placed(
    code: str, name: str, given: Mapping[str, str], above: Mapping[str, tuple[int, str, str]]
) -> tuple[str, str]:
    """Return path and full name; a division of the file itself stands before one we have."""
    parent = rules.parent_code(code)
    if parent in given:
        path, full = _placed(parent, given[parent], given, above)
    else:
        _pk, path, full = above.get(parent, (0, "/", ""))
    return f"{path}{code}/", rules.full_name(full, name)
