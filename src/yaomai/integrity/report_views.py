"""Reports as their handlers see them; how they are kept from those whom they are about is in the scope of the model."""

import base64
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from yaomai.integrity import services
from yaomai.integrity.forms import KeepForm, OutcomeForm, TextForm
from yaomai.integrity.models import Enclosure, Report
from yaomai.kit.access import get_visible, require
from yaomai.kit.surfaces.small_forms import small_form
from yaomai.kit.surfaces.views import actor_of
from yaomai.kit.ui.tables import Column, Row, Table

both = require_http_methods(["GET", "HEAD", "POST"])
VIEW, EDIT = Report.right("view"), Report.right("edit")
TONES = {"received": "warn", "accepted": "info", "closed": ""}


@login_required
@require_safe
def report_list(request: HttpRequest) -> HttpResponse:
    """Show the reports in view: by day, and within a day by their random numbers."""
    require(actor_of(request), VIEW)
    rows = [
        Row(
            cells=(row.number, row.get_category_display(), row.received_on, row.get_state_display(),
                   row.get_outcome_display(), row.handler),
            url=reverse("integrity:report_detail", args=[row.pk]),
        )
        for row in Report.objects.select_related("handler").order_by("-received_on", "number")
    ]  # fmt: skip
    columns = [
        Column("number", _("Number")), Column("category", _("What it is about")), Column("on", _("Received on"), "date"),
        Column("state", _("State")), Column("outcome", _("Outcome")), Column("handler", _("Handled by")),
    ]  # fmt: skip
    table = Table(caption=_("Anonymous reports"), columns=columns, rows=rows) if rows else None
    return render(request, "integrity/reports.html", {"table": table, "address": reverse("speak_up:home")})


@login_required
@require_safe
def report_detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show one report with its conversation and evidence."""
    actor = actor_of(request)
    require(actor, VIEW)
    row = get_visible(Report, pk=pk)
    is_mine = row.handler_id is not None and row.handler_id == actor.person_id
    is_open = row.state != Report.State.CLOSED
    may_edit = actor.may(EDIT)
    context = {
        "row": row,
        "tone": TONES[row.state],
        "thread": list(row.messages.order_by("number").prefetch_related("enclosures")),
        "kept_from": [str(person) for person in row.kept_from.order_by("name", "pk")],
        "may_accept": may_edit and is_open and not is_mine,
        "may_handle": may_edit and is_open and is_mine,
        "crumbs": [(row.number, "")],
    }
    return render(request, "integrity/report.html", context)


@login_required
@require_safe
def enclosure(request: HttpRequest, pk: UUID, file: UUID) -> HttpResponse:
    """Send one piece of evidence."""
    require(actor_of(request), VIEW)
    found = get_visible(Enclosure, pk=file, message__report_id=get_visible(Report, pk=pk).pk)
    response = HttpResponse(base64.b64decode(found.sealed), content_type=f"{found.kind}; charset=utf-8")
    suffix = "jpg" if found.kind == "image/jpeg" else "txt"
    response.headers["Content-Disposition"] = f'attachment; filename="evidence.{suffix}"'
    return response


@login_required
@require_POST
def report_accept(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take a report on."""
    services.report_accept(actor=actor_of(request), pk=pk, now=timezone.now())
    return HttpResponseRedirect(reverse("integrity:report_detail", args=[pk]))


def _form(request: HttpRequest, pk: UUID, form: Any, *, title: str, done: str, work: Any) -> HttpResponse:
    actor = actor_of(request)
    require(actor, EDIT)
    row = get_visible(Report, pk=pk)
    return small_form(
        request, form, title=title, note=row.number, back=reverse("integrity:report_detail", args=[pk]), done=done,
        write=lambda said: work(actor=actor, pk=pk, now=timezone.now(), **said),
    )  # fmt: skip


@login_required
@both
def report_reply(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Write to the writer."""
    return _form(request, pk, TextForm(request.POST or None), title=_("Write to the writer"),
                 done=_("The writer reads it with the code."), work=services.report_reply)  # fmt: skip


@login_required
@both
def report_keep(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Keep a report from one more person."""
    return _form(request, pk, KeepForm(request.POST or None), title=_("Keep it from somebody"),
                 done=_("This person does not see the report."), work=services.report_keep)  # fmt: skip


@login_required
@both
def report_close(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Say what came of a report."""
    return _form(request, pk, OutcomeForm(request.POST or None), title=_("Close the report"),
                 done=_("Closed. The writer reads the outcome; it is deleted when its time is over."),
                 work=services.report_close)  # fmt: skip
