"""Screens of the tier meeting: its agenda to decide on, its minutes, and the record."""

from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from yaomai.commerce import selectors as purchases
from yaomai.engine.windows import window_starts
from yaomai.kit.access import Actor, get_visible, require, row_id
from yaomai.kit.documents.responding import respond
from yaomai.kit.errors import DomainError, Missing
from yaomai.kit.runs.selectors import run_in_force
from yaomai.kit.surfaces.forms import attempt
from yaomai.kit.surfaces.views import actor_of
from yaomai.kit.ui import formats
from yaomai.segmentation import KIND, selectors, services
from yaomai.segmentation.minutes import document
from yaomai.segmentation.models import TierChange, TierMeeting
from yaomai.segmentation.services.meetings import digest_of

DECIDE = "segmentation.change:approve"


class MinutesForm(forms.Form):
    minutes = forms.CharField(
        label=gettext_lazy("Minutes"), max_length=20_000, required=False, widget=forms.Textarea(attrs={"rows": 8})
    )
    expected_version = forms.IntegerField(widget=forms.HiddenInput)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def meeting_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a meeting: its agenda to decide on, its minutes, and the record once it is closed."""
    actor = actor_of(request)
    meeting = get_visible(TierMeeting, pk=pk)
    form = MinutesForm(request.POST or None, initial={"minutes": meeting.minutes, "expected_version": meeting.version})
    if request.method == "POST":
        require(actor, "segmentation.meeting:edit")
        if form.is_valid():
            said = form.cleaned_data
            attempt(form, lambda: services.meeting_update(actor=actor, pk=pk, now=timezone.now(), **said))
            if not form.errors:
                messages.success(request, _("Saved."))
                return HttpResponseRedirect(reverse("segmentation:tiermeeting_detail", args=[pk]))
    return _meeting(request, meeting, form)


def _meeting(request: HttpRequest, meeting: TierMeeting, form: MinutesForm, error: str = "") -> HttpResponse:
    actor = actor_of(request)
    agenda = _agenda(meeting, actor)
    is_open = meeting.state == TierMeeting.State.OPEN
    undecided = sum(line["change"].state == TierChange.State.OPEN for line in agenda)
    is_own = meeting.opened_by_id is not None and meeting.opened_by_id == actor.person_id
    missing = [
        text
        for is_missing, text in (
            (undecided, _("%(count)s changes are not decided yet.") % {"count": undecided}),
            (not meeting.minutes, _("The minutes are not written yet.")),
            (is_own, _("You opened this meeting, so somebody else closes it.")),
        )
        if is_missing
    ]
    context = {
        "meeting": meeting,
        "agenda": agenda,
        "undecided": undecided,
        "is_open": is_open,
        "shows_money": actor.may(selectors.PURCHASES),
        "may_decide": is_open and actor.may(DECIDE),
        "may_edit": is_open and actor.may("segmentation.meeting:edit"),
        "may_close": is_open and actor.may("segmentation.meeting:publish"),
        "missing": missing,
        "is_whole": meeting.record is None or digest_of(meeting.record) == meeting.digest,
        "form": form,
        "error": error,
        "crumbs": [(str(meeting), "")],
    }
    return render(request, "segmentation/meeting.html", context, status=422 if form.errors or error else 200)


def _agenda(meeting: TierMeeting, actor: Actor) -> list[dict[str, Any]]:
    """Return the changes in view with what speaks for each, the most money first."""
    schemes = {(found.name, found.subject): found for found in selectors.schemes(run_in_force(KIND))}
    changes = TierChange.objects.filter(meeting=meeting).select_related(
        "institution", "professional", "proposed_by", "decided_by"
    )
    rows = [change for change in changes.order_by("pk") if (change.scheme, change.subject) in schemes]
    institutions = [row.institution_id for row in rows if row.institution_id is not None]
    today = timezone.localdate()
    year, two = (
        purchases.amounts_of(institutions, since=window_starts(today)[months]) if actor.may(selectors.PURCHASES) else {}
        for months in (12, 24)
    )
    agenda = []
    for row in rows:
        scheme = schemes[row.scheme, row.subject]
        amount = year.get(row.institution_id or 0)
        before = two.get(row.institution_id or 0, Decimal(0)) - (amount or Decimal(0))
        why = reverse("segmentation:explain", args=[row.subject, row.customer.pk, row.scheme])
        agenda.append(
            {
                "change": row,
                "scheme": scheme.label,
                "before": scheme.chip(row.tier_before),
                "after": scheme.chip(row.tier),
                "amount": amount,
                "growth": formats.change((amount - before) / before) if amount is not None and before > 0 else "",
                "url": reverse("segmentation:tierchange_detail", args=[row.pk]),
                "why_url": f"{why}?run={row.run_id}" if row.run_id is not None else why,
            }
        )
    return sorted(agenda, key=lambda line: (line["change"].state != TierChange.State.OPEN, -(line["amount"] or 0)))


@login_required
@require_POST
def meeting_decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Accept or reject the ticked changes."""
    actor = actor_of(request)
    require(actor, DECIDE)
    meeting = get_visible(TierMeeting, pk=pk)
    keys = [key for key in map(row_id, request.POST.getlist("selected")) if key is not None]
    try:
        count = services.changes_decide(
            actor=actor, meeting=pk, pks=keys, accept=request.POST.get("verdict") == "accept",
            reason=request.POST.get("reason", ""), now=timezone.now(),
        )  # fmt: skip
    except Missing:
        if keys:
            raise
        return _meeting(request, meeting, _minutes(meeting), _("Choose at least one row."))
    except DomainError as error:
        return _meeting(request, meeting, _minutes(meeting), _said(error))
    messages.success(request, _("%(count)s decided.") % {"count": count})
    return HttpResponseRedirect(reverse("segmentation:tiermeeting_detail", args=[pk]))


@login_required
@require_POST
def meeting_close(request: HttpRequest, pk: int) -> HttpResponse:
    """Close the meeting: what was accepted takes effect, the record is frozen."""
    actor = actor_of(request)
    require(actor, "segmentation.meeting:publish")
    meeting = get_visible(TierMeeting, pk=pk)
    try:
        services.meeting_close(
            actor=actor, pk=pk, now=timezone.now(), expected_version=row_id(request.POST.get("expected_version", ""))
        )
    except Missing:
        raise
    except DomainError as error:
        return _meeting(request, meeting, _minutes(meeting), _said(error))
    messages.success(request, _("Closed. The accepted tiers hold from today; the record is frozen."))
    return HttpResponseRedirect(reverse("segmentation:tiermeeting_detail", args=[pk]))


def _minutes(meeting: TierMeeting) -> MinutesForm:
    return MinutesForm(initial={"minutes": meeting.minutes, "expected_version": meeting.version})


def _said(error: DomainError) -> str:
    fields = getattr(error, "fields", {})
    return " ".join(str(text) for texts in fields.values() for text in texts) or str(error)


@login_required
@require_safe
def meeting_document(request: HttpRequest, pk: int, suffix: str) -> HttpResponse:
    """Give the record of a closed meeting as PDF, Word or Excel."""
    actor = actor_of(request)
    require(actor, "segmentation.meeting:export")
    meeting = get_visible(TierMeeting, pk=pk)
    if meeting.record is None:
        raise Missing
    held: date = meeting.held_on
    return respond(document(meeting, actor), suffix, file_name=f"{meeting.territory}-{held:%Y%m%d}")
