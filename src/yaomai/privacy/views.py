"""Screens of this room beyond the lists."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from yaomai.customers import erasing
from yaomai.kit.access import Actor, get_visible, require
from yaomai.kit.documents.responding import respond
from yaomai.kit.surfaces.forms import attempt
from yaomai.kit.surfaces.services import export_record
from yaomai.kit.surfaces.small_forms import small_form
from yaomai.kit.surfaces.views import actor_of
from yaomai.kit.ui.tables import Column, Row, Table
from yaomai.privacy import copies, retention, services
from yaomai.privacy.forms import AnswerForm, RunForm
from yaomai.privacy.models import PersonConsent, RetentionRun, SubjectRequest

both = require_http_methods(["GET", "HEAD", "POST"])
EDIT, ERASE, EXPORT = (SubjectRequest.right(verb) for verb in ("edit", "erase", "export"))
RUN = "privacy.retention:run"


def _close(
    request: HttpRequest, pk: int, *, right: str, title: str, done: str, work: Any, note: str = ""
) -> HttpResponse:
    actor = actor_of(request)
    require(actor, right)
    row = get_visible(SubjectRequest, pk=pk)
    return small_form(
        request, AnswerForm(request.POST or None), title=title, note=note or str(row), done=done,
        back=reverse("privacy:subjectrequest_detail", args=[pk]),
        write=lambda said: work(actor=actor, pk=pk, now=timezone.now(), **said),
    )  # fmt: skip


@login_required
@both
def request_answer(request: HttpRequest, pk: int) -> HttpResponse:
    """Answer a request."""
    return _close(
        request, pk, right=EDIT, title=pgettext("privacy", "Answer"), done=_("Answered."), work=services.request_answer
    )


@login_required
@both
def request_refuse(request: HttpRequest, pk: int) -> HttpResponse:
    """Refuse a request with its reason."""
    return _close(request, pk, right=EDIT, title=pgettext("privacy", "Refuse"), done=_("Refused, with the reason."),
                  work=services.request_refuse)  # fmt: skip


@login_required
@both
def request_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Withdraw every consent of a person."""
    return _close(request, pk, right=EDIT, title=_("Withdraw every consent"), done=_("Every consent is withdrawn."),
                  work=services.request_withdraw)  # fmt: skip


@login_required
@both
def request_restrict(request: HttpRequest, pk: int) -> HttpResponse:
    """Restrict what is kept of a person."""
    return _close(request, pk, right=EDIT, title=_("Restrict"), done=_("Restricted: only stored from now on."),
                  work=services.request_restrict)  # fmt: skip


@login_required
@both
def request_erase(request: HttpRequest, pk: int) -> HttpResponse:
    """Erase a person, or restrict where a law wants them kept."""
    row = get_visible(SubjectRequest, pk=pk)
    holds = erasing.holds_of(row.professional, timezone.localdate())
    note = (
        _("A law wants this person kept until %(day)s: it is restricted now and erased then.") % {"day": holds[0].until}
        if holds
        else _("This cannot be undone. Profile, contacts, ties and every name in the trail go; totals stay.")
    )
    return _close(request, pk, right=ERASE, title=_("Erase"), done=_("Done as the law allows."), work=services.request_erase,
                  note=note)  # fmt: skip


@login_required
@require_safe
def request_copy(request: HttpRequest, pk: int, suffix: str) -> HttpResponse:
    """Send what is kept of the person, on record."""
    return copy_of(actor_of(request), pk, suffix)


def copy_of(actor: Actor, pk: int, suffix: str) -> HttpResponse:
    """Return what is kept of a person as PDF, Word, Excel or JSON."""
    require(actor, EXPORT)
    row = get_visible(SubjectRequest, pk=pk)
    document = (
        copies.as_document(row.professional, made_by=actor.label, now=timezone.now()) if suffix != "json" else None
    )
    export_record(
        actor=actor, right=EXPORT, entity=_("What we keep of you"), rows=1, query=f"request={pk}", columns=[suffix]
    )
    if document is None:
        response: HttpResponse = JsonResponse(
            copies.as_json(row.professional), json_dumps_params={"ensure_ascii": False, "indent": 1}
        )
        response["Content-Disposition"] = f'attachment; filename="copy-{pk}.json"'
        response["Cache-Control"] = "no-store"
        return response
    return respond(document, suffix, file_name=f"{_('What we keep of you')}-{pk}")


@login_required
@require_POST
def consent_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Withdraw one consent."""
    services.consent_withdraw(actor=actor_of(request), pk=pk, now=timezone.now())
    messages.success(request, _("The consent is withdrawn."))
    return HttpResponseRedirect(reverse("privacy:personconsent_detail", args=[get_visible(PersonConsent, pk=pk).pk]))


@login_required
@both
def retention_page(request: HttpRequest) -> HttpResponse:
    """Show what is over its time today; when sent, delete it."""
    actor = actor_of(request)
    require(actor, RetentionRun.right("view"))
    on = timezone.localdate()
    due = [(kind, kind.due(on)) for kind in retention.kinds()]
    total = sum(len(rows) for _kind, rows in due)
    form = RunForm(request.POST or None, initial={"expected": total})
    if request.method == "POST" and form.is_valid():
        run = attempt(form, lambda: services.retention_run(actor=actor, now=timezone.now(), **form.cleaned_data))
        if run is not None:
            messages.success(request, _("Deleted, and counted again: nothing is left of it."))
            return HttpResponseRedirect(reverse("privacy:retention"))
    labels = {kind.code: str(kind.label) for kind in retention.kinds()}
    runs = [
        Row(cells=(run.run_at, run.run_by, run.reason,
                   "；".join(f"{labels.get(code, code)} {done}" for code, (_found, done, _left) in run.counts.items() if done) or "0",
                   sum(left for _found, _done, left in run.counts.values())))
        for run in RetentionRun.objects.select_related("run_by").order_by("-pk")[:20]
    ]  # fmt: skip
    context = {
        "due": [{"label": str(kind.label), "count": len(rows), "examples": [words for _key, words in rows[:5]]} for kind, rows in due],
        "total": total,
        "form": form,
        "may_run": actor.may(RUN),
        "runs": Table(
            caption=_("Earlier runs"),
            columns=[Column("at", _("Run at"), "moment"), Column("by", _("Run by")), Column("why", _("Reason")),
                     Column("what", _("Deleted")), Column("left", _("Left"), "number")],
            rows=runs,
        ) if runs else None,
    }  # fmt: skip
    return render(request, "privacy/retention.html", context, status=422 if form.errors else 200)
