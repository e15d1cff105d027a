"""Screens of signals in purchases: one signal with its reason and its triage; a look on demand."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from yaomai.commerce.panels import first_month
from yaomai.commerce.selectors import monthly_amounts
from yaomai.insights import services
from yaomai.insights.models import PurchaseSignal
from yaomai.insights.months import months_between
from yaomai.insights.signals.presenting import TONES, explained, sentence
from yaomai.kit.access import get_visible, require
from yaomai.kit.surfaces.forms import attempt
from yaomai.kit.surfaces.views import actor_of
from yaomai.kit.ui import formats
from yaomai.kit.ui.charts import Chart, Mark, Series
from yaomai.segmentation.models import TierSignal

both = require_http_methods(["GET", "HEAD", "POST"])
VIEW, REVIEW, RUN = (f"insights.purchasesignal:{verb}" for verb in ("view", "review", "run"))
PURCHASES = "commerce.salesline:view"
MONTHS = 24


class TriageForm(forms.Form):
    """What is behind a signal, what is done, what came of it."""

    cause = forms.ChoiceField(
        label=gettext_lazy("Cause"),
        required=False,
        choices=[("", gettext_lazy("Choose a cause")), *PurchaseSignal.Cause.choices],
    )
    action = forms.CharField(
        label=pgettext_lazy("signal", "What is done"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    outcome = forms.CharField(
        label=gettext_lazy("What came of it"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("Once this is said the signal is closed."),
    )  # fmt: skip


@login_required
@both
def signal_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one signal with its reason, the customer's months and the movers' review; take the triage."""
    actor = actor_of(request)
    require(actor, VIEW)
    signal = get_visible(PurchaseSignal, pk=pk)
    is_open = signal.state in (PurchaseSignal.State.OPEN, PurchaseSignal.State.WORKING)
    if request.method == "POST":
        require(actor, REVIEW)
    form = TriageForm(
        request.POST or None, initial={"cause": signal.cause, "action": signal.action, "outcome": signal.outcome}
    )
    if request.method == "POST" and form.is_valid():
        now = timezone.now()
        if request.POST.get("command") == "dismiss":
            reason = form.cleaned_data["outcome"] or form.cleaned_data["action"]
            attempt(form, lambda: services.purchase_signals_dismiss(actor=actor, pks=[pk], now=now, outcome=reason))
        else:
            attempt(form, lambda: services.purchase_signal_triage(actor=actor, pk=pk, now=now, **form.cleaned_data))
        if not form.errors:
            messages.success(request, _("Saved."))
            return HttpResponseRedirect(reverse("insights:purchasesignal_detail", args=[pk]))
    context = {
        "signal": signal,
        "says": sentence(signal),
        "tone": TONES[signal.kind],
        "why": explained(signal),
        "chart": _chart(signal) if actor.may(PURCHASES) else None,
        "movers": _movers(signal) if actor.may(PURCHASES) else [],
        "form": form,
        "may_review": is_open and actor.may(REVIEW),
        "crumbs": [(str(signal.institution), "")],
    }
    return render(request, "insights/signal.html", context, status=422 if form.errors else 200)


def _chart(signal: PurchaseSignal) -> Chart:
    """Return the customer's months around the signal, as far as there are any."""
    today = timezone.localdate()
    first = first_month(today, MONTHS)
    known = {month: amount for month, amount, _quantity in monthly_amounts(signal.institution_id, since=first)}
    months = months_between(first, first_month(today, 0))
    labels = [f"{month:%Y-%m}" for month in months]
    at = f"{signal.month:%Y-%m}"
    return Chart(
        "bar", _("Purchases of %(name)s by month") % {"name": signal.institution}, labels,
        [Series(_("Purchases"), [float(known.get(month, 0)) for month in months])], unit="money",
        marks=[Mark(at, signal.get_kind_display())] if at in labels else [], heading=_("Month"),
    )  # fmt: skip


def _movers(signal: PurchaseSignal) -> list[dict[str, Any]]:
    """Return what the monthly review of movers says of the same customer around the month."""
    rows = TierSignal.objects.filter(
        institution=signal.institution_id,
        month__gte=first_month(signal.month, 1),
        month__lte=first_month(signal.month, -1),
    ).order_by("-month", "-pk")
    return [
        {"url": reverse("segmentation:tiersignal_detail", args=[row.pk]), "month": formats.month(row.month),
         "kind": row.get_kind_display(), "state": row.get_state_display()}
        for row in rows[:5]
    ]  # fmt: skip


@login_required
@require_POST
def signals_run(request: HttpRequest) -> HttpResponse:
    """Look at the month that ended last, in the background."""
    from yaomai.insights.jobs import find_purchase_signals

    actor = actor_of(request)
    require(actor, RUN)
    month = first_month(timezone.localdate(), 1)
    find_purchase_signals.defer(actor=actor, month=f"{month:%Y-%m}")
    messages.success(
        request, _("Looking at %(month)s in the background; the signals appear here.") % {"month": formats.month(month)}
    )
    return HttpResponseRedirect(f"{reverse('insights:purchasesignal_list')}?state=open")
