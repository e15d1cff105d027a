"""How the columns of a form of file were understood last time."""

from datetime import datetime

from yaomai.kit.transfer.headers import guess
from yaomai.kit.transfer.models import ColumnMapping, Import
from yaomai.kit.transfer.reading import Table
from yaomai.kit.transfer.registry import Importer


def guessed(importer: Importer, table: Table, *, source: str) -> dict[str, int]:
    """Return column name -> position: what a person decided for this form, else the guess."""
    remembered = recalled(importer, table.fingerprint, source=source)
    return {each.column: each.index for each in guess(table.headers, importer.columns, remembered=remembered)}


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
