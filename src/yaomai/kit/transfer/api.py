"""REST endpoints of imports: upload, choose columns, check, import, undo."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import File, Form, Router, Schema, Status
from ninja.files import UploadedFile
from pydantic import Field

from yaomai.kit.access import current_actor
from yaomai.kit.transfer import files, selectors, services
from yaomai.kit.transfer.columns import Column
from yaomai.kit.transfer.models import Import
from yaomai.kit.transfer.registry import Importer, importers_for

router = Router(tags=["transfer.import"])


class ColumnOut(Schema):
    """A column that can be imported."""

    name: str
    label: str
    kind: str
    required: bool

    @staticmethod
    def resolve_label(column: Column) -> str:
        return str(column.label)


class ImporterOut(Schema):
    """What can be imported."""

    name: str
    label: str
    columns: list[ColumnOut]

    @staticmethod
    def resolve_label(importer: Importer) -> str:
        return str(importer.label)


class ProblemOut(Schema):
    """A value that cannot be taken, where it stands, and what to do."""

    sheet: str
    row: int
    cell: str
    header: str
    column: str
    value: str
    code: str
    message: str


class ImportOut(Schema):
    """An import."""

    id: int
    importer: str
    source: str
    file_name: str
    sha256: str
    status: str
    rows: int
    created_count: int
    updated_count: int
    unchanged_count: int
    refused_count: int
    removed_count: int = Field(description="Rows that an undo removed")
    restored_count: int = Field(description="Rows that an undo set back")
    kept_count: int = Field(description="Rows that an undo left as they are")
    headers: list[str]
    mapping: dict[str, int]
    problems: list[ProblemOut]
    created_at: datetime
    applied_at: datetime | None
    undone_at: datetime | None

    @staticmethod
    def resolve_removed_count(row: Import) -> int:
        return int(row.result.get("removed", 0))

    @staticmethod
    def resolve_restored_count(row: Import) -> int:
        return int(row.result.get("restored", 0))

    @staticmethod
    def resolve_kept_count(row: Import) -> int:
        return int(row.result.get("kept_count", 0))

    @staticmethod
    def resolve_problems(row: Import) -> list[dict[str, Any]]:
        return [
            {
                "sheet": each.place.sheet,
                "row": each.place.row,
                "cell": each.place.cell,
                "header": each.header,
                "column": each.column,
                "value": each.value,
                "code": each.code,
                "message": each.message,
            }
            for each in selectors.problems_shown(row)
        ]


class UploadIn(Schema):
    """What goes with the file."""

    importer: str
    source: str = Field("", max_length=120)


class MappingIn(Schema):
    """Which column of the file means what."""

    mapping: dict[str, int] = Field(description="Column name -> position of the file's column, from 0")
    day_order: str = Field("unknown", pattern="^(unknown|month_first|day_first)$")
    options: dict[str, str] | None = Field(None, description="What the importer asks for besides the file")


@router.get(
    "/importers/",
    response=list[ImporterOut],
    operation_id="transfer_importer_list",
    summary="What can be imported, and its columns",
)
def list_importers(request: HttpRequest) -> Any:
    """List what can be imported."""
    return importers_for(current_actor())


@router.get(
    "/imports/", response=list[ImportOut], operation_id="transfer_import_list", summary="Your imports, the newest first"
)
def list_imports(request: HttpRequest, before: int | None = None) -> Any:
    """List imports, newest first; `before` is the id of the last one of the page before."""
    return selectors.import_list(before=before)[: selectors.PAGE]


@router.post(
    "/imports/", response={201: ImportOut}, operation_id="transfer_import_upload", summary="Upload a file to import"
)
def upload(request: HttpRequest, body: Form[UploadIn], file: File[UploadedFile]) -> Any:
    """Upload a file; its columns are guessed."""
    with files.received(file) as path:
        row = services.import_upload(
            actor=current_actor(),
            now=timezone.now(),
            importer=body.importer,
            path=path,
            file_name=file.name or "",
            source=body.source,
        )
    return Status(201, row)


@router.get(
    "/imports/{int:pk}",
    response=ImportOut,
    operation_id="transfer_import_get",
    summary="One import: what was found in the file and what was done",
)
def get_import(request: HttpRequest, pk: int) -> Any:
    """Get one import."""
    return selectors.import_get(pk=pk)


@router.put(
    "/imports/{int:pk}/mapping",
    response=ImportOut,
    operation_id="transfer_import_map",
    summary="Say which columns mean what",
)
def map_columns(request: HttpRequest, pk: int, body: MappingIn) -> Any:
    """Choose which column of the file means what."""
    return services.import_map(
        actor=current_actor(), now=timezone.now(), pk=pk, mapping=body.mapping, day_order=body.day_order,
        options=body.options,
    )  # fmt: skip


@router.post(
    "/imports/{int:pk}/check",
    response=ImportOut,
    operation_id="transfer_import_check",
    summary="Check what an import would do, without writing",
)
def check(request: HttpRequest, pk: int) -> Any:
    """See what the import would do."""
    return services.import_check(actor=current_actor(), now=timezone.now(), pk=pk)


@router.post(
    "/imports/{int:pk}/apply",
    response=ImportOut,
    operation_id="transfer_import_apply",
    summary="Import what was checked",
)
def apply(request: HttpRequest, pk: int) -> Any:
    """Import; large files go on in the background (status `applying`)."""
    return services.import_apply(actor=current_actor(), now=timezone.now(), pk=pk)


@router.post(
    "/imports/{int:pk}/undo", response=ImportOut, operation_id="transfer_import_undo", summary="Undo an import"
)
def undo(request: HttpRequest, pk: int) -> Any:
    """Take an import back."""
    return services.import_undo(actor=current_actor(), now=timezone.now(), pk=pk)
