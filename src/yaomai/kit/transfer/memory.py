"""How the columns of a form of file were understood last time."""

from datetime import datetime

from yaomai.kit.transfer.columns import ColumnKind
from yaomai.kit.transfer.headers import Certainty, guess
from yaomai.kit.transfer.models import ColumnMapping, Import
from yaomai.kit.transfer.reading import Table
from yaomai.kit.transfer.registry import Importer

COUNTED = 500
"""Rows that are looked at to tell whether a column only counts them."""


def guessed(importer: Importer, table: Table, *, source: str) -> dict[str, int]:
    """Return column name -> position: what a person decided for this form, else the guess.

    A column that only counts the rows (编号 1, 2, 3 …) is no code, whatever its header says.
    """
    remembered = recalled(importer, table.fingerprint, source=source)
    found = guess(table.headers, importer.columns, remembered=remembered)
    texts = {column.name for column in importer.columns if column.kind is ColumnKind.TEXT}
    return {
        each.column: each.index
        for each in found
        if each.certainty is Certainty.REMEMBERED or each.column not in texts or not _counts_rows(table, each.index)
    }


def _counts_rows(table: Table, index: int) -> bool:
    values = table.column(index).slice(0, COUNTED).to_pylist()
    return len(values) > 2 and values == [str(number) for number in range(1, len(values) + 1)]


def recalled(importer: Importer, fingerprint: str, *, source: str) -> dict[str, str]:
    """Return header -> column name as last decided: for this form and source, this form, or this source."""
    rows = ColumnMapping.objects.filter(importer=importer.name)
    same_form = rows.filter(fingerprint=fingerprint).order_by("-used_at")
    found = same_form.filter(source=source).first() or same_form.first()
    if found is None and source:
        found = rows.filter(source=source).order_by("-used_at").first()
    return dict(found.columns) if found else {}


def remember(importer: Importer, row: Import, *, now: datetime) -> None:
    """Keep what a person decided."""
    names = {index: name for name, index in row.mapping.items()}
    ColumnMapping.objects.update_or_create(
        importer=importer.name,
        source=row.source,
        fingerprint=row.fingerprint,
        defaults={
            "columns": {header: names.get(index, "") for index, header in enumerate(row.headers) if header},
            "used_at": now,
        },
    )
