"""The key account sheet: download it blank or filled, read a filled one in after a look at what it changes, undo."""

import tempfile
from pathlib import Path
from typing import Any

from django.core import signing
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from yaomai.customers import profile, services, sheet
from yaomai.customers.forms import SheetForm
from yaomai.customers.models import Professional
from yaomai.customers.views import row_of, url_of
from yaomai.kit.access import require
from yaomai.kit.documents import reading
from yaomai.kit.documents.responding import FORMATS, respond
from yaomai.kit.errors import Conflict, Invalid, Missing
from yaomai.kit.surfaces.services import export_record
from yaomai.kit.surfaces.views import actor_of

SALT = "customers.sheet"


def sheet_blank(request: HttpRequest, suffix: str) -> HttpResponse:
    """Return a blank sheet."""
    actor = actor_of(request)
    require(actor, Professional.right("view"))
    if suffix not in FORMATS:
        raise Missing
    document = sheet.document_of(None, actor, now=timezone.now())
    return respond(document, suffix, file_name=str(sheet.LABEL))


def sheet_file(request: HttpRequest, pk: int, suffix: str) -> HttpResponse:
    """Return the sheet of a person with what is known; that it left is on record."""
    actor = actor_of(request)
    right = Professional.right("export")
    rows: Any = Professional.objects.all()
    row = rows.allowed(right).select_related("institution", "department").filter(pk=pk).first()
    if row is None or suffix not in FORMATS:
        raise Missing
    export_record(actor=actor, right=right, entity=str(sheet.LABEL), rows=1, query="", columns=[])
    return respond(sheet.document_of(row, actor, now=timezone.now()), suffix, file_name=f"{sheet.LABEL}-{row}")


def sheet_read(request: HttpRequest, pk: int) -> HttpResponse:
    """Read a filled sheet: first show what it would change, then do it, then offer to take it back."""
    actor = actor_of(request)
    row = row_of("professional", pk)
    require(actor, row.right("edit"))
    context: dict[str, Any] = {"row": row, "back": url_of(row), "form": SheetForm(), "problems": [], "token": ""}
    if request.method == "POST":
        try:
            if "undo" in request.POST:
                services.sheet_undo(actor=actor, pk=pk, facts=_opened(request.POST["undo"], row), now=timezone.now())
                return HttpResponseRedirect(url_of(row, "#profile"))
            if "token" in request.POST:
                said = _opened(request.POST["token"], row)
                answers = {code: tuple(pair) for code, pair in said["answers"].items()}
                made = services.sheet_take(
                    actor=actor, pk=pk, answers=answers, source=said["source"], now=timezone.now()
                )
                done = urlencode({"done": _sealed(row, made)})
                return HttpResponseRedirect(f"{reverse('customers:sheet_read', args=[pk])}?{done}")
            _look(request, row, context)
        except Invalid as error:
            context["problems"] = _problems(error)
        except Conflict as error:
            context["problems"] = [("", str(error))]
    elif "done" in request.GET:
        facts = _opened(request.GET["done"], row)
        context |= {"done": request.GET["done"], "count": len(facts)}
    return render(request, "customers/sheet.html", context, status=422 if context["problems"] else 200)


def _look(request: HttpRequest, row: Any, context: dict[str, Any]) -> None:
    """Read the file of a request and put what it would change into the context."""
    form = SheetForm(request.POST, request.FILES)
    context["form"] = form
    if not form.is_valid():
        return
    with tempfile.NamedTemporaryFile() as file:
        for chunk in form.cleaned_data["file"].chunks():
            file.write(chunk)
        file.flush()
        found = sheet.differences(row, reading.read(Path(file.name), sheet.form_of(row)))
    source = form.cleaned_data["source"]
    answers = {each.field.code: [each.value, each.seen] for each in found}
    context |= {
        "differences": found,
        "is_read": True,
        "token": _sealed(row, {"answers": answers, "source": source}) if found else "",
    }


def _sealed(row: Any, value: Any) -> str:
    return signing.dumps([row.pk, value], salt=SALT, compress=True)


def _opened(text: str, row: Any) -> Any:
    """Return what was sealed for this row within the last hour.

    Raises:
        Missing: it was sealed for another row, changed, or is too old.
    """
    try:
        pk, value = signing.loads(text, salt=SALT, max_age=3600)
    except signing.BadSignature as error:
        raise Missing from error
    if pk != row.pk:
        raise Missing
    return value


def _problems(error: Invalid) -> list[tuple[str, str]]:
    if not error.fields:
        return [("", str(error))]
    found = []
    for code, texts in error.fields.items():
        field = profile.field("professional", code)
        found += [(str(field.label) if field else "", str(text)) for text in texts]
    return found or [("", _("The file cannot be used."))]
