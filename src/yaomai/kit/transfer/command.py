"""Import a file in one go, as the command line does: upload, columns, check, apply."""

from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from django.utils.translation import gettext_lazy as _

from yaomai.kit.access import Actor
from yaomai.kit.errors import Invalid
from yaomai.kit.transfer import services
from yaomai.kit.transfer.models import Import
from yaomai.kit.transfer.registry import importer_named


class UnknownHeaders(Invalid):
    code = "transfer.unknown_headers"
    message = _("These columns are not in the file: %(headers)s. The file has: %(present)s.")


class UnknownColumns(Invalid):
    code = "transfer.unknown_columns"
    message = _("This kind has no columns %(names)s. Its columns are: %(present)s.")


def import_file(
    *,
    actor: Actor,
    now: datetime,
    path: Path,
    importer: str,
    source: str = "",
    columns: Mapping[str, str] | None = None,
    options: Mapping[str, Any] | None = None,
    day_order: str = "unknown",
    only_check: bool = False,
    step: Callable[[str], None] = lambda _name: None,
) -> Import:
    """Import a file through the same steps as the screens; large files are still applied at once.

    Args:
        columns: column name -> header of the file, where the guess is wrong.
        only_check: stop before anything is written.
        step: called with "upload", "check", "apply" when each begins.

    Raises:
        errors.FileRefused, Refused: as the steps do. Invalid: a needed column is not recognised.
    """
    step("upload")
    row: Import = services.import_upload(
        actor=actor, now=now, importer=importer, path=path, file_name=path.name, source=source, options=options
    )
    mapping = {**row.mapping, **_positions(row, columns or {})}
    services.import_map(actor=actor, now=now, pk=row.pk, mapping=mapping, day_order=day_order)
    step("check")
    row = services.import_check(actor=actor, now=now, pk=row.pk)
    if only_check:
        return row
    step("apply")
    return services.import_apply(actor=actor, now=now, pk=row.pk, wait=True)


def _positions(row: Import, columns: Mapping[str, str]) -> dict[str, int]:
    declared = importer_named(row.importer)
    strange = [name for name in columns if name not in {column.name for column in declared.columns}]
    if strange:
        raise UnknownColumns(names="、".join(strange), present=" ".join(column.name for column in declared.columns))
    unknown = [header for header in columns.values() if header not in row.headers]
    if unknown:
        raise UnknownHeaders(headers="、".join(unknown), present="、".join(filter(None, row.headers)))
    return {name: row.headers.index(header) for name, header in columns.items()}
