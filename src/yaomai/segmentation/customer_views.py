"""Screens of one customer: why it has its tier, which tiers it held, and how it was assessed."""

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
from django.views.decorators.http import require_http_methods, require_safe

from yaomai.customers.models import Institution, Professional
from yaomai.kit.access import Actor, get_visible, require, row_id
from yaomai.kit.errors import Missing
from yaomai.kit.runs.models import Run
from yaomai.kit.runs.selectors import run_get, run_in_force
from yaomai.kit.surfaces.forms import attempt
from yaomai.kit.surfaces.views import actor_of
from yaomai.kit.ui.formats import listed
from yaomai.kit.ui.widgets import DateInput
from yaomai.segmentation import KIND, explanations, selectors, services
from yaomai.segmentation.attributes import ATTRIBUTES, BY_CODE, AssessedAttribute
from yaomai.segmentation.models import Subject, TierAssignment
from yaomai.segmentation.presenting import (
    score_chart,
)
from yaomai.segmentation.simulation import reads_purchases

VIEW, ASSESS = "segmentation.tier:view", "segmentation.tier:assess"


def _customer(subject: str, pk: int) -> Institution | Professional:
    if subject not in Subject.values:
        raise Missing
    return get_visible(selectors.model_of(subject), pk=pk)


@login_required
@require_safe
def explain(request: HttpRequest, subject: str, pk: int, scheme: str) -> HttpResponse:
    """Show why a customer has its tier: as a page, or in a dialog."""
    actor = actor_of(request)
    require(actor, VIEW)
    customer = _customer(subject, pk)
    chosen = row_id(request.GET.get("run", ""))
    if chosen is not None:
        run, since, change = run_get(pk=chosen), None, None
        found = selectors.scheme_named(run, scheme, subject) if run.state == Run.State.FINISHED else None
        if found is None:
            raise Missing
    else:
        assignment = (
            TierAssignment.objects.filter(scheme=scheme, valid_to__isnull=True, **{f"{subject}_id": pk})
            .select_related("run", "change__decided_by")
            .first()
        )
        if assignment is None:
            raise Missing
        # The run in force confirmed the tier last, whichever run first gave it.
        run, since = run_in_force(KIND) or assignment.run, assignment.valid_from
        change = assignment.change
        found = selectors.scheme_in_use(scheme, subject)
    shows_purchases = selectors.sees_purchases(customer)
    card = explanations.explanation(
        run_id=run.pk,
        subject=subject,
        scheme=scheme,
        customer=pk,
        policy=selectors.policy_reference(run, found),
        shows_purchases=shows_purchases,
    )
    scored = selectors.score_history(found, pk) if shows_purchases or not reads_purchases(found.spec) else []
    context = {
        "evidence": explanations.evidence(spec=found.spec, subject=subject, customer=pk, as_of=run.as_of),
        "history": score_chart(found, scored) if len(scored) > 1 else None,
        "crumbs": [(str(customer), reverse(f"customers:{subject}_detail", args=[pk])), (found.label, "")],
        "customer": customer,
        "scheme": found,
        "explanation": card,
        "since": since,
        "change": change,
        "decided": found.tier_label(change.tier) if change is not None else "",
        "may_propose": actor.may("segmentation.change:propose") and chosen is None,
        "run": run,
        "subject": subject,
    }
    return render(request, "segmentation/explain.html", context)


class DayForm(forms.Form):
    day = forms.DateField(label=gettext_lazy("On the day"), widget=DateInput())


@login_required
@require_safe
def history(request: HttpRequest, subject: str, pk: int) -> HttpResponse:
    """Show the tiers a customer held, and those of a chosen day."""
    actor = actor_of(request)
    require(actor, VIEW)
    customer = _customer(subject, pk)
    form = DayForm(request.GET or None)
    day = form.cleaned_data["day"] if form.is_bound and form.is_valid() else None
    known = {each.name: each for each in selectors.schemes(run_in_force(KIND)) if each.subject == subject}
    context = {
        "customer": customer,
        "subject": subject,
        "form": form,
        "day": day,
        "on_day": [
            (known[name], known[name].chip(row.tier), row)
            for name, row in selectors.tiers_on(subject, pk, day).items()
            if name in known
        ]
        if day
        else [],
        "rows": [
            (known[row.scheme], known[row.scheme].chip(row.tier), row)
            for row in selectors.history(subject, pk)
            if row.scheme in known
        ],
        "back": reverse(f"customers:{subject}_detail", args=[pk]),
    }
    return render(request, "segmentation/history.html", context)


class AssessmentForm(forms.Form):
    """One judgement: the attribute decides how the value is entered."""

    def __init__(self, subject: str, data: Any = None, initial: Any = None) -> None:
        super().__init__(data, initial=initial)
        choices = [(each.code, each.label) for each in ATTRIBUTES if subject in each.subjects]
        self.fields["attribute"] = forms.ChoiceField(label=gettext_lazy("Attribute"), choices=choices)
        self.fields["value"] = forms.CharField(
            label=gettext_lazy("Value"),
            max_length=200,
            help_text=gettext_lazy("Points from 0 to 100 by the scale beside; tags separated by commas."),
        )
        self.fields["source"] = forms.CharField(
            label=gettext_lazy("Source"),
            max_length=200,
            help_text=gettext_lazy("A conversation, a document, a ranking …"),
        )
        self.fields["assessed_on"] = forms.DateField(label=gettext_lazy("Assessed on"), widget=DateInput())


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def assess(request: HttpRequest, subject: str, pk: int) -> HttpResponse:
    """Show a customer's assessments with their scales and sources, and record a new one."""
    actor = actor_of(request)
    require(actor, VIEW)
    customer = _customer(subject, pk)
    today = timezone.localdate()
    form = AssessmentForm(
        subject, request.POST or None, {"assessed_on": today, "attribute": request.GET.get("attribute")}
    )
    here = reverse("segmentation:assess", args=[subject, pk])
    if request.method == "POST" and form.is_valid() and _recorded(form, actor, subject, pk):
        messages.success(request, _("Recorded. It counts from the next run on."))
        return HttpResponseRedirect(here)
    present = selectors.assessments(subject, pk)
    context = {
        "customer": customer,
        "rows": [
            (each, present.get(each.code), _written(each, present)) for each in ATTRIBUTES if subject in each.subjects
        ],
        "form": form if actor.may(ASSESS) else None,
        "back": reverse(f"customers:{subject}_detail", args=[pk]),
    }
    return render(request, "segmentation/assess.html", context, status=422 if form.errors else 200)


def _written(attribute: AssessedAttribute, present: dict[str, Any]) -> str:
    row = present.get(attribute.code)
    if row is None:
        return ""
    labels = {code: str(label) for code, label in BY_CODE[attribute.code].tags}
    return listed(labels.get(tag, tag) for tag in row.value) if attribute.unit == "tags" else str(row.value)


def _recorded(form: AssessmentForm, actor: Actor, subject: str, pk: int) -> bool:
    said = form.cleaned_data
    attempt(
        form,
        lambda: services.assessment_record(actor=actor, subject=subject, customer=pk, now=timezone.now(), **said),
    )
    return not form.errors
