"""Screens of the trail."""

from datetime import datetime
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from yaomai.kit.access import current_actor, require, row_id
from yaomai.kit.audit import selectors, services
from yaomai.kit.audit.checkpoints import read_checkpoints
from yaomai.kit.audit.forms import EntryFilter
from yaomai.kit.audit.jobs import verify_trail
from yaomai.kit.audit.models import Head
from yaomai.kit.errors import Invalid

VERIFIED_AT_ONCE = 100_000
"""Entries that are verified within the request; a longer trail is a job."""


def _without(data: QueryDict, *names: str) -> str:
    kept = [(name, value) for name, value in data.items() if value and name not in (*names, "older", "newer")]
    return f"{reverse('audit:entry_list')}?{urlencode(kept)}" if kept else reverse("audit:entry_list")


def _turned(data: QueryDict, direction: str, pk: int | None) -> str:
    if pk is None:
        return ""
    base = _without(data)
    return f"{base}{'&' if '?' in base else '?'}{urlencode({direction: pk})}"


@require_GET
def entry_list(request: HttpRequest) -> HttpResponse:
    """List entries as sentences, newest first."""
    require(current_actor(), "audit.entry:view")
    form = EntryFilter(request.GET, use_required_attribute=False)
    if not form.is_valid():
        raise Invalid(fields={name: [str(text) for text in texts] for name, texts in form.errors.items()})
    page = selectors.entry_page(
        form.wanted(), older_than=row_id(request.GET.get("older", "")), newer_than=row_id(request.GET.get("newer", ""))
    )
    context = {
        "page": page,
        "form": form,
        "applied": [
            {
                "text": text,
                "remove_url": _without(request.GET, name, *(("target_type",) if name == "target_id" else ())),
            }
            for name, text in form.sentences()
        ],
        "clear_url": reverse("audit:entry_list"),
        "previous_url": _turned(request.GET, "newer", page.newer_than),
        "next_url": _turned(request.GET, "older", page.older_than),
        "head": Head.objects.get().sequence,
        "may_verify": current_actor().may("audit.entry:verify"),
    }
    return render(request, "audit/list.html", context)


@require_GET
def entry_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one entry with what changed and its proof."""
    proof = selectors.entry_proof(pk)
    target = proof.line.content["target"]
    same = {"target_type": target["type"], "target_id": target["id"]}
    context = {
        "proof": proof,
        "line": proof.line,
        "digest": bytes(proof.link.hash).hex() if proof.link else "",
        "labels": selectors.field_labels(target["type"]),
        "same_target_url": f"{reverse('audit:entry_list')}?{urlencode(same)}" if target["id"] else "",
        "crumbs": [(str(pk), "")],
    }
    return render(request, "audit/detail.html", context)


@require_http_methods(["GET", "POST"])
def verification(request: HttpRequest) -> HttpResponse:
    """Show the latest verifications, and verify now."""
    actor = current_actor()
    require(actor, "audit.entry:verify")
    head = Head.objects.get()
    if request.method == "POST":
        if head.sequence > VERIFIED_AT_ONCE:
            job = verify_trail.defer(actor=actor)
            return redirect("jobs:job_detail", job.pk)
        result = services.trail_verify(actor=actor)
        if result.intact:
            messages.success(request, _("The trail is whole."))
        else:
            messages.error(request, _("The trail was changed. Keep this machine as it is and ask your auditor."))
        return redirect("audit:verify")
    context = {
        "head": head,
        "digest": bytes(head.hash).hex(),
        "verifications": selectors.verifications(),
        "checkpoints": [
            mark | {"moment": datetime.fromisoformat(mark["at"])} for mark in reversed(read_checkpoints()[-5:])
        ],
        "may_export": actor.may("audit.entry:export"),
        "crumbs": [(_("Verification"), "")],
    }
    return render(request, "audit/verify.html", context)


@require_POST
def export(request: HttpRequest) -> HttpResponseBase:
    """Send the whole chain as JSON lines, for the offline verifier."""
    lines = services.trail_export(actor=current_actor())
    name = f"trail-{timezone.localdate():%Y%m%d}.jsonl"
    response = StreamingHttpResponse(lines, content_type="application/x-ndjson")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
