"""Screens of imports: drop a file, choose the columns, see what would happen, go, undo."""

from io import BytesIO
from tempfile import TemporaryFile
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from yaomai.kit.access import current_actor, require, row_id
from yaomai.kit.errors import Conflict, Invalid, Refused
from yaomai.kit.phrases import rendered
from yaomai.kit.transfer import errors, files, selectors, services
from yaomai.kit.transfer.forms import MappingForm, UploadForm
from yaomai.kit.transfer.models import Import
from yaomai.kit.transfer.reading import accepted
from yaomai.kit.transfer.registry import Importer, importer_named, importers_for
from yaomai.kit.transfer.template import write_template
from yaomai.kit.transfer.writing import EXCEL_TYPE, write_returned
from yaomai.kit.ui.tables import Column, Row, Table
from yaomai.kit.ui.templatetags.ui import chip

_PREVIEW_ROWS = 12
_REASONS = 5
STATES = {"applied": "good", "failed": "bad", "applying": "info", "partial": "warn"}
"""The tone in which a state is shown."""


@require_GET
def import_list(request: HttpRequest) -> HttpResponse:
    """List what can be imported, and the imports so far, newest first."""
    before = request.GET.get("before", "")
    imports = selectors.import_list(before=row_id(before))
    page = imports[: selectors.PAGE]
    following = urlencode({"before": page[-1].pk}) if len(imports) > len(page) else ""
    context = {
        "importers": importers_for(current_actor()),
        "table": _imports_table(page),
        "next_url": f"?{following}" if following else "",
    }
    return render(request, "transfer/list.html", context)


def _imports_table(rows: list[Import]) -> Table:
    known = {importer.name: str(importer.label) for importer in importers_for(current_actor())}
    return Table(
        _("Imports so far"),
        [
            Column("file", _("File")),
            Column("what", _("What")),
            Column("state", _("State")),
            Column("created", pgettext("rows", "New"), "number"),
            Column("updated", _("Changed"), "number"),
            Column("unchanged", _("Unchanged"), "number"),
            Column("refused", pgettext("rows", "Refused"), "number"),
            Column("by", _("By")),
            Column("at", _("Uploaded at"), "moment"),
        ],
        [
            Row(
                [
                    row.file_name,
                    known.get(row.importer, row.importer),
                    chip(row.get_status_display(), tone=STATES.get(row.status, "")),
                    row.created_count,
                    row.updated_count,
                    row.unchanged_count,
                    row.refused_count,
                    str(row.person or ""),
                    row.created_at,
                ],
                key=str(row.pk),
                url=reverse("transfer:import_detail", args=[row.pk]),
            )
            for row in rows
        ],
    )


def _allowed_importer(name: str) -> Importer:
    importer = importer_named(name)
    require(current_actor(), importer.right)
    return importer


@require_http_methods(["GET", "HEAD", "POST"])
def import_new(request: HttpRequest, importer: str) -> HttpResponse:
    """Ask for a file, and read it."""
    declared = _allowed_importer(importer)
    form = UploadForm(declared, request.POST or None, request.FILES or None)
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            row = _upload(declared, form.cleaned_data["file"], form.cleaned_data["source"], form.options())
        except (errors.FileRefused, Invalid, Refused) as error:
            form.refuse(error)
            status = error.status
        else:
            return redirect("transfer:import_detail", pk=row.pk)
    context = {
        "importer": declared,
        "form": form,
        "accepted": accepted(),
        "limit": files.limits().file_bytes // 1024**2,
    }
    return render(request, "transfer/new.html", context, status=status)


def _upload(importer: Importer, upload: UploadedFile, source: str, options: dict[str, Any]) -> Import:
    with files.received(upload) as path:
        row: Import = services.import_upload(
            actor=current_actor(),
            now=timezone.now(),
            importer=importer.name,
            path=path,
            file_name=upload.name or "",
            source=source,
            options=options,
        )
    return row


@require_GET
def import_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Show an import: the file as the computer reads it, its columns, what would happen or has happened."""
    row = selectors.import_get(pk=pk)
    return _detail(request, row, MappingForm(_allowed_importer(row.importer), row))


def _detail(request: HttpRequest, row: Import, form: MappingForm, status: int = 200) -> HttpResponse:
    importer = importer_named(row.importer)
    labels = {column.name: str(column.label) for column in importer.columns}
    preview, unread = None, ""
    try:
        preview = _preview(row, labels)
    except errors.FileRefused as error:
        unread = str(error)
    context = {
        "row": row,
        "tone": STATES.get(row.status, ""),
        "importer": importer,
        "form": form,
        "preview": preview,
        "unread": unread,
        "notices": [rendered(notice) for notice in row.notices],
        "problems": selectors.problems_shown(row),
        "problem_kinds": selectors.problem_kinds(row),
        "is_nothing_left": row.status == Import.Status.CHECKED
        and row.refused_count
        and not row.created_count + row.updated_count + row.unchanged_count,
        "problem_count": sum(count for _column, _code, count in row.result.get("counts", [])),
        "job": selectors.job_of(row) if row.status == Import.Status.APPLYING else None,
        "results": importer.results if row.status == Import.Status.APPLIED else None,
        "is_open": row.status in ("uploaded", "mapped", "checked", "failed"),
        "warnings": [rendered(notice) for notice in row.result.get("notices", [])],
        "kept": row.result.get("kept", []),
        "may_undo": row.status in services.UNDOABLE and current_actor().may(services.RIGHT),
        "was_undone": row.status in (Import.Status.PARTIAL, Import.Status.UNDONE) and "removed" in row.result,
        "created": _created_table(row),
        "updated": row.result.get("updated", []),
    }
    return render(request, "transfer/detail.html", context, status=status)


def _preview(row: Import, labels: dict[str, str]) -> Table:
    """Return the first rows of the file; each heading says what the column is taken for."""
    table = services.table_of(row)
    names = {index: labels.get(name, name) for name, index in row.mapping.items()}
    columns = [Column("row", _("Row"))]
    for index, (header, letters) in enumerate(zip(table.headers, table.letters, strict=True)):
        shown = f"{letters} · {header}" if header else letters
        columns.append(Column(str(index), f"{shown} → {names[index]}" if index in names else shown))
    numbers = table.row_numbers.slice(0, _PREVIEW_ROWS).to_pylist()
    lines = [Row([number, *cells]) for number, cells in zip(numbers, table.sample(_PREVIEW_ROWS), strict=True)]
    return Table(
        caption=_("The first rows as they were read"), columns=columns, rows=lines, phone="scroll", total=row.rows
    )


def _created_table(row: Import) -> Table | None:
    examples = row.result.get("created", [])
    if not examples:
        return None
    columns = [Column(str(index), header) for index, (header, _value) in enumerate(examples[0])]
    rows = [Row([value for _header, value in each]) for each in examples]
    return Table(caption=_("Examples of what is new"), columns=columns, rows=rows)


@require_POST
def import_map(request: HttpRequest, pk: int) -> HttpResponse:
    """Take over the chosen columns and check at once."""
    row = selectors.import_get(pk=pk)
    form = MappingForm(_allowed_importer(row.importer), row, request.POST)
    if not form.is_valid():
        return _detail(request, row, form, status=422)
    try:
        row = services.import_map(actor=current_actor(), now=timezone.now(), pk=pk, **form.decision())
        if row.status == Import.Status.MAPPED:
            services.import_check(actor=current_actor(), now=timezone.now(), pk=pk)
    except (Invalid, Refused) as error:
        form.refuse(error)
        return _detail(request, selectors.import_get(pk=pk), form, status=error.status)
    return redirect("transfer:import_detail", pk=pk)


@require_POST
def import_apply(request: HttpRequest, pk: int) -> HttpResponse:
    """Import."""
    row = services.import_apply(actor=current_actor(), now=timezone.now(), pk=pk)
    if row.status == Import.Status.APPLIED:
        messages.success(request, _("The file is imported."))
    return redirect("transfer:import_detail", pk=pk)


@require_http_methods(["GET", "HEAD", "POST"])
def import_undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Say what an undo would do, and take the import back."""
    row = selectors.import_get(pk=pk)
    require(current_actor(), services.RIGHT)
    if request.method != "POST":
        return _undo_asked(request, row)
    row = services.import_undo(actor=current_actor(), now=timezone.now(), pk=pk)
    if row.status == Import.Status.PARTIAL:
        messages.warning(request, _("The import is partly undone. What stays is listed below; undo it again later."))
    else:
        messages.success(request, _("The import is undone."))
    return redirect("transfer:import_detail", pk=pk)


def _undo_asked(request: HttpRequest, row: Import) -> HttpResponse:
    undone, refusal = None, ""
    try:
        with transaction.atomic():
            undone = services.undo_tried(row, current_actor(), timezone.now())
    except (Refused, Conflict) as error:
        refusal = str(error)
    context: dict[str, Any] = {"row": row, "undone": undone, "refusal": refusal}
    if undone:
        context["reasons"] = services.kept_reasons(undone)[:_REASONS]
        context["stays_all"] = bool(undone.kept) and not undone.removed and not undone.restored
    return render(request, "transfer/undo.html", context)


@require_GET
def import_returned(request: HttpRequest, pk: int) -> FileResponse:
    """Give the file back with the reasons of its refused rows."""
    row = selectors.import_get(pk=pk)
    content = TemporaryFile()  # noqa: SIM115 - the response closes it
    with transaction.atomic():
        table, problems = services.problems_of(row, current_actor(), timezone.now())
    write_returned(content, table, problems, only_refused=request.GET.get("rows") == "refused")
    content.seek(0)
    stem = row.file_name.rpartition(".")[0] or row.file_name
    name = f"{stem}-{_('errors')}.xlsx"
    return FileResponse(content, as_attachment=True, filename=name, content_type=EXCEL_TYPE)


@require_GET
def template(request: HttpRequest, importer: str) -> FileResponse:
    """Give the template workbook of an importer."""
    declared = _allowed_importer(importer)
    content = BytesIO()
    write_template(content, tuple(declared.columns), title=str(declared.label))
    content.seek(0)
    name = _("%(what)s import template.xlsx") % {"what": declared.label}
    return FileResponse(content, as_attachment=True, filename=name, content_type=EXCEL_TYPE)
