"""Screens of single changes: one signal with its answer, propose a change, one change."""

from collections.abc import Iterable
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

from yaomai.customers.models import Institution, Professional
from yaomai.kit import approvals
from yaomai.kit.access import get_visible, require, row_id
from yaomai.kit.approvals.views import panel as approval_panel
from yaomai.kit.errors import Conflict, Missing, Refused
from yaomai.kit.runs.selectors import run_in_force
from yaomai.kit.surfaces.forms import attempt
from yaomai.kit.surfaces.views import actor_of
from yaomai.kit.ui import formats
from yaomai.segmentation import KIND, selectors, services
from yaomai.segmentation.models import Subject, TierChange, TierSignal
from yaomai.segmentation.policies import FastUpgrade, ReviewPolicy
from yaomai.segmentation.presenting import moved
from yaomai.segmentation.selectors import service_words
from yaomai.segmentation.services.changes import service_of

PROPOSE, REVIEW = "segmentation.change:propose", "segmentation.signal:review"


class ChangeForm(forms.Form):
    """Which tier of which scheme, at once or in the meeting, and why."""

    def __init__(self, choices: list[tuple[str, list[tuple[str, str]]]], data: Any = None, initial: Any = None) -> None:
        super().__init__(data, initial=initial)
        self.fields["tier"] = forms.ChoiceField(
            label=gettext_lazy("Proposed tier"), choices=[("", gettext_lazy("Choose a tier")), *choices],
        )  # fmt: skip
        self.fields["is_fast"] = forms.TypedChoiceField(
            label=gettext_lazy("Who decides"), coerce=lambda text: text == "1", widget=forms.RadioSelect,
            choices=[("0", gettext_lazy("The tier meeting of the quarter")),
                     ("1", gettext_lazy("An approval, at once"))],
        )  # fmt: skip
        self.fields["reason"] = forms.CharField(
            label=gettext_lazy("Reason"), max_length=500, widget=forms.Textarea(attrs={"rows": 3})
        )


def _choices(subject: str, customer: int) -> list[tuple[str, list[tuple[str, str]]]]:
    held = selectors.tiers_of(subject, [customer]).get(customer, {})
    return [
        (
            _("%(scheme)s (now %(tier)s)")
            % {"scheme": scheme.label, "tier": scheme.tier_label(held[scheme.name].tier)},
            [
                (f"{scheme.name}.{tier.name}", scheme.tier_label(tier.name))
                for tier in scheme.spec.tiers
                if tier.name != held[scheme.name].tier
            ],
        )
        for scheme in selectors.schemes(run_in_force(KIND))
        if scheme.subject == subject and scheme.name in held
    ]


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def change_new(request: HttpRequest, subject: str, pk: int) -> HttpResponse:
    """Propose another tier for a customer; with `?signal=` because of a signal."""
    actor = actor_of(request)
    require(actor, PROPOSE)
    if subject not in Subject.values:
        raise Missing
    model: type[Institution] | type[Professional] = Institution if subject == Subject.INSTITUTION else Professional
    customer = get_visible(model, pk=pk)
    signal = _signal(request, pk) if subject == Subject.INSTITUTION else None
    rule = services.fast_upgrade(signal) if signal is not None else None
    initial = {"tier": f"{rule.scheme}.{rule.tier}" if rule else "", "is_fast": "1" if rule else "0"}
    if rule is not None and signal is not None:
        initial["reason"] = _("%(signal)s; %(origin)s") % {
            "signal": signal.get_kind_display(), "origin": formats.origin(rule.origin),
        }  # fmt: skip
    form = ChangeForm(_choices(subject, pk), request.POST or None, initial)
    if request.method == "POST" and form.is_valid():
        scheme, _dot, tier = form.cleaned_data["tier"].partition(".")
        said = {"scheme": scheme, "tier": tier, "now": timezone.now(), "is_fast": form.cleaned_data["is_fast"],
                "reason": form.cleaned_data["reason"]}  # fmt: skip
        change: Any = attempt(
            form,
            lambda: (
                services.signal_propose(actor=actor, pk=signal.pk, **said)
                if signal is not None
                else services.change_propose(actor=actor, subject=subject, customer=pk, **said)
            ),
        )
        if not form.errors:
            messages.success(request, _("Proposed. Somebody else decides."))
            return HttpResponseRedirect(reverse("segmentation:tierchange_detail", args=[change.pk]))
    context = {
        "customer": customer,
        "form": form,
        "signal": signal,
        "moved": moved(signal) if signal is not None else "",
        "rule": rule,
        "triggered": service_words(service_of(rule.scheme, rule.tier, timezone.localdate())) if rule else [],
        "back": reverse(f"customers:{subject}_detail", args=[pk]),
    }
    return render(request, "segmentation/change_new.html", context, status=422 if form.errors else 200)


def _signal(request: HttpRequest, institution: int) -> TierSignal | None:
    key = row_id(request.GET.get("signal", ""))
    if key is None:
        return None
    return get_visible(TierSignal, pk=key, institution_id=institution)


class NoteForm(forms.Form):
    note = forms.CharField(
        label=gettext_lazy("Note"), max_length=500, required=False,
        help_text=gettext_lazy("Needed when you dismiss it."),
    )  # fmt: skip


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def signal_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one signal, and settle it: reviewed, dismissed, or turned into a proposal."""
    actor = actor_of(request)
    signal = get_visible(TierSignal, pk=pk)
    form = NoteForm(request.POST or None)
    if request.method == "POST":
        require(actor, REVIEW)
        settle = services.signals_dismiss if request.POST.get("command") == "dismiss" else services.signals_review
        if form.is_valid():
            attempt(form, lambda: settle(actor=actor, pks=[pk], now=timezone.now(), note=form.cleaned_data["note"]))
        if not form.errors:
            messages.success(request, _("Saved."))
            return HttpResponseRedirect(f"{reverse('segmentation:tiersignal_list')}?state=open")
    is_open = signal.state == TierSignal.State.OPEN
    rule = services.fast_upgrade(signal) if is_open else None
    context = {
        "signal": signal,
        "rule": rule,
        "upgrade": _upgrade(rule) if rule is not None else "",
        "figures": _figures(signal),
        "form": form,
        "may_review": is_open and actor.may(REVIEW),
        "may_propose": is_open and actor.may(PROPOSE),
        "changes": _changes(TierChange.objects.filter(signal=signal)),
        "propose_url": f"{reverse('segmentation:change_new', args=[Subject.INSTITUTION, signal.institution_id])}"
        f"?signal={signal.pk}",
        "policy_url": reverse("policies:policy_detail", args=[ReviewPolicy.name]),
        "crumbs": [(str(signal.institution), "")],
    }
    return render(request, "segmentation/signal.html", context, status=422 if form.errors else 200)


def _figures(signal: TierSignal) -> list[tuple[str, str]]:
    """Return what moved, in words: money for purchases, points for what was judged."""
    if signal.kind in (TierSignal.Kind.PURCHASES_FELL, TierSignal.Kind.PURCHASES_ROSE):
        words = (_("A month before, on average of three"), _("In the month"))
        before, after = formats.money(signal.before), formats.money(signal.after)
    else:
        words = (_("Assessed before"), _("Assessed now"))
        before, after = (_("%(points)s of 100") % {"points": f"{each:f}"} for each in _plain(signal))
    return [(words[0], before), (words[1], after), (_("At stake"), formats.money(signal.money))]


def _plain(signal: TierSignal) -> tuple[Decimal, Decimal]:
    return signal.before.normalize(), signal.after.normalize()


def _upgrade(rule: FastUpgrade) -> str:
    """Return what a rule lifts from and to, in words."""
    scheme = selectors.scheme_named(run_in_force(KIND), rule.scheme, Subject.INSTITUTION)
    assert scheme is not None
    return _("%(scheme)s: %(before)s → %(after)s. Somebody else approves it, without waiting for the meeting.") % {
        "scheme": scheme.label, "before": scheme.tier_label(rule.tier_before), "after": scheme.tier_label(rule.tier),
    }  # fmt: skip


def _changes(rows: Iterable[TierChange]) -> list[dict[str, Any]]:
    """Return changes as a link says them."""
    schemes = {(found.name, found.subject): found for found in selectors.schemes(run_in_force(KIND))}
    found = []
    for row in rows:
        scheme = schemes.get((row.scheme, row.subject))
        before, after = (scheme.tier_label(tier) if scheme else tier for tier in (row.tier_before, row.tier))
        label = f"{scheme.label if scheme else row.scheme}: {before} → {after}"
        found.append({"pk": row.pk, "label": label, "state": row.get_state_display()})
    return found


@login_required
@require_safe
def change_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one change: from which tier to which, why, what it triggers, who decided."""
    actor = actor_of(request)
    change = get_visible(TierChange, pk=pk)
    scheme = selectors.scheme_named(run_in_force(KIND), change.scheme, change.subject)
    if scheme is None:
        raise Missing
    asked = approvals.standing(change) if change.is_fast else None
    context = (approval_panel(asked) if asked is not None else {}) | {
        "change": change,
        "scheme": scheme,
        "before": scheme.chip(change.tier_before),
        "after": scheme.chip(change.tier),
        "services": list(
            zip(
                service_words(service_of(change.scheme, change.tier_before, timezone.localdate())),
                service_words(change.service),
                strict=False,
            )
        ),
        "explain_url": reverse("segmentation:explain", args=[change.subject, change.customer.pk, change.scheme])
        + (f"?run={change.run_id}" if change.run_id is not None else ""),
        "signal": TierSignal.objects.filter(pk=change.signal_id).first(),
        "may_withdraw": not change.is_fast
        and change.state == TierChange.State.OPEN
        and actor.may(PROPOSE)
        and change.proposed_by_id == actor.person_id,
        "crumbs": [(str(change.customer), "")],
    }
    return render(request, "segmentation/change.html", context)


@login_required
@require_POST
def change_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Take one's own proposal back."""
    actor = actor_of(request)
    require(actor, PROPOSE)
    get_visible(TierChange, pk=pk)
    try:
        services.change_withdraw(actor=actor, pk=pk, now=timezone.now())
    except (Conflict, Refused) as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Withdrawn."))
    return HttpResponseRedirect(reverse("segmentation:tierchange_detail", args=[pk]))
