"""Screens of segmentation: overview, schemes, runs, crosswalk, service, explanations, assessments."""

from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from yaomai.customers.models import Institution, Professional
from yaomai.kit.access import Actor, get_visible, require, row_id
from yaomai.kit.errors import Missing
from yaomai.kit.policies.schema import registered
from yaomai.kit.runs.models import Run
from yaomai.kit.runs.selectors import run_before, run_compare, run_get, run_in_force, run_list
from yaomai.kit.runs.services import NothingBefore
from yaomai.kit.surfaces.forms import attempt
from yaomai.kit.surfaces.views import actor_of
from yaomai.kit.ui.formats import listed
from yaomai.kit.ui.widgets import DateInput
from yaomai.segmentation import KIND, evaluation, explanations, selectors, services
from yaomai.segmentation.attributes import ATTRIBUTES, BY_CODE, AssessedAttribute
from yaomai.segmentation.models import Subject, TierAssignment
from yaomai.segmentation.outcomes import PAGE, Asked, outcomes
from yaomai.segmentation.policies import ServicePolicy, service_on
from yaomai.segmentation.presenting import (
    balance_table,
    changes_table,
    crosswalk_finding,
    crosswalk_rows,
    crosswalk_urls,
    distribution_finding,
    distribution_parts,
    distribution_summary,
    distribution_table,
    movement_chart,
    outcomes_table,
    run_customers_url,
    run_rows,
    scheme_url,
    score_chart,
    sizes_table,
    unassigned_said,
)
from yaomai.segmentation.simulation import changes, reads_purchases

MOST_SKIPPED = 100_000
VIEW, RUN, PUBLISH, ASSESS = (f"segmentation.tier:{verb}" for verb in ("view", "run", "publish", "assess"))


def _customer(subject: str, pk: int) -> Institution | Professional:
    if subject not in Subject.values:
        raise Missing
    return get_visible(selectors.model_of(subject), pk=pk)


def _scheme(name: str, subject: str | None = None) -> selectors.Scheme:
    found = selectors.scheme_named(selectors.latest_run(), name, subject)
    if found is None:
        raise Missing
    return found


@login_required
@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """Show how the customers in view spread over the tiers of every scheme, and what to do next."""
    actor = actor_of(request)
    require(actor, VIEW)
    run = run_in_force(KIND)
    waiting = _unpublished(run)
    found = selectors.distributions(actor=actor, run=run, service=service_on(timezone.localdate()))
    context = {
        "run": run,
        "waiting": waiting,
        "may_run": actor.may(RUN),
        "may_publish": actor.may(PUBLISH),
        "groups": [
            (subject.label, [_drawn(each) for each in found if each.customers and each.scheme.subject == subject])
            for subject in Subject
        ],
        "evaluation": evaluation.overview(actor, timezone.localdate()),
        "is_empty": not any(each.customers for each in found),
        "today": timezone.localdate(),
    }
    return render(request, "segmentation/overview.html", context)


def _drawn(found: selectors.Distribution) -> dict[str, Any]:
    """Return a distribution as a card of the overview shows it."""
    return {
        "scheme": found.scheme,
        "url": scheme_url(found.scheme),
        "finding": distribution_finding(found),
        "parts": distribution_parts(found),
        "table": distribution_summary(found),
        "customers": found.customers,
    }


def _unpublished(current: Any) -> Any:
    """Return the newest finished run that came after the one in force."""
    newest = next((run for run in run_list(kind=KIND) if run.state == "finished"), None)
    return newest if newest is not None and (current is None or newest.pk > current.pk) else None


@login_required
@require_safe
def scheme_page(request: HttpRequest, scheme: str) -> HttpResponse:
    """Show one scheme: its tiers with service and cost, what moved, and where its figures come from."""
    actor = actor_of(request)
    require(actor, VIEW)
    found = _scheme(scheme, request.GET.get("subject"))
    run = run_in_force(KIND)
    shows_money = actor.may(selectors.PURCHASES)
    distribution = next(
        each
        for each in selectors.distributions(actor=actor, run=run, service=service_on(timezone.localdate()))
        if (each.scheme.name, each.scheme.subject) == (found.name, found.subject)
    )
    moved = selectors.movements(found, since=timezone.localtime(run.published_at).date()) if run is not None else []
    context = {
        "scheme": found,
        "run": run,
        "finding": distribution_finding(distribution),
        "parts": distribution_parts(distribution),
        "table": distribution_table(distribution, shows_money=shows_money),
        "movement": movement_chart(found, moved) if any(old for old, _new, _count in moved) else None,
        "policy_url": reverse("policies:policy_detail", args=[found.policy.name]),
        "edit_url": reverse("policies:policy_edit", args=[found.policy.name])
        if actor.may("policies.version:propose")
        else "",
        "tabs": [
            {"label": Subject(each.subject).label, "url": f"?subject={each.subject}", "is_active": each == found}
            for each in selectors.schemes(run)
            if each.name == found.name
        ],
        "crumbs": [(found.title, "")],
    }
    return render(request, "segmentation/scheme.html", context)


@login_required
@require_safe
def crosswalk(request: HttpRequest) -> HttpResponse:
    """Cross two schemes: who is high in one and low in the other (B20)."""
    actor = actor_of(request)
    require(actor, VIEW)
    known = selectors.schemes(run_in_force(KIND))
    subject = request.GET.get("subject", Subject.INSTITUTION)
    mine = [each for each in known if each.subject == subject]
    if len(mine) < 2:
        raise Missing
    by_name = {each.name: each for each in mine}
    first = by_name.get(request.GET.get("first", ""), mine[0])
    second = by_name.get(request.GET.get("second", ""), next(each for each in mine if each != first))
    pairs = selectors.crosswalk(first, second)
    apart = selectors.disagreement(first, second, pairs)
    context = {
        "subject": subject,
        "subjects": Subject.choices,
        "schemes": mine,
        "first": first,
        "second": second,
        "rows": [first.tier_label(tier.name) for tier in first.spec.tiers],
        "columns": [second.tier_label(tier.name) for tier in second.spec.tiers],
        "values": crosswalk_rows(first, second, pairs),
        "urls": crosswalk_urls(first, second),
        "finding": crosswalk_finding(first, second, apart),
    }
    return render(request, "segmentation/crosswalk.html", context)


@login_required
@require_safe
def service_balance(request: HttpRequest) -> HttpResponse:
    """Show who gets less or more than the tier is owed (B21)."""
    actor = actor_of(request)
    require(actor, VIEW)
    known = selectors.schemes(run_in_force(KIND))
    found = next((each for each in known if each.key == request.GET.get("scheme")), known[0])
    sheet = selectors.balance(found, service_on(timezone.localdate()))
    context = {
        "scheme": found,
        "tabs": [
            {"label": each.title, "url": f"?scheme={each.key}", "is_active": each.key == found.key} for each in known
        ],
        "sheet": sheet,
        "under": balance_table(found, sheet.under, _("Under-served")),
        "over": balance_table(found, sheet.over, _("Over-served")),
        "policy_url": reverse("policies:policy_detail", args=[ServicePolicy.name]),
    }
    return render(request, "segmentation/service.html", context)


@login_required
@require_safe
def runs(request: HttpRequest) -> HttpResponse:
    """List the runs, newest first."""
    actor = actor_of(request)
    require(actor, VIEW)
    before = request.GET.get("before", "")
    rows = run_list(kind=KIND, before=row_id(before))
    context = {
        "table": run_rows(rows[:50]),
        "next_url": f"?before={rows[49].pk}" if len(rows) > 50 else "",
        "may_run": actor.may(RUN),
    }
    return render(request, "segmentation/runs.html", context)


@login_required
@require_POST
def request_run(request: HttpRequest) -> HttpResponse:
    """Ask for the tiers as of today and show the job."""
    job = services.tiers_request(actor=actor_of(request), as_of=timezone.localdate(), now=timezone.now())
    return HttpResponseRedirect(reverse("jobs:job_detail", args=[job.pk]))


@login_required
@require_safe
def run_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one run: what went in, what came out, and what differs from the run in force."""
    actor = actor_of(request)
    require(actor, VIEW)
    run = run_get(pk=pk)
    current = run_in_force(KIND)
    other = current if current is not None and current.pk != run.pk else None
    is_done = run.state == Run.State.FINISHED
    is_waiting = is_done and not run.is_in_force and _unpublished(current) == run
    # Sizes are those of the whole company; who sees a part of it sees the tiers of that part in lists.
    shows_sizes = is_done and actor.reach(VIEW) is None
    context = {
        "run": run,
        "current": current,
        "is_waiting": is_waiting,
        "differences": run_compare(first=other, second=run) if other else {},
        "changes": changes_table(run, changes(actor=actor, run=run, current=other)) if is_waiting and other else None,
        "sizes": sizes_table(run, _sizes(run)) if shows_sizes else None,
        "schemes": [(each.title, run_customers_url(run, each)) for each in selectors.schemes(run)] if is_done else [],
        "facts": [
            (_("As of"), run.as_of),
            (_("Started by"), run.started_by_name),
            (_("Started"), run.started_at),
            (pgettext("moment", "Published"), run.published_at),
            (_("Engine"), run.engine_version),
        ],
        "policies": [
            (registered()[name].label if name in registered() else name, name, version)
            for name, version in run.policies.items()
        ],
        "may_publish": actor.may(PUBLISH) and is_done,
        "why_not_back": _why_not_back(run) if run.is_in_force else "",
        "unassigned": unassigned_said(actor) if actor.may(PUBLISH) and is_waiting else "",
        "instead_of": current.pk if current is not None else "",
        "crumbs": [(str(run), "")],
    }
    return render(request, "segmentation/run.html", context)


@login_required
@require_safe
def run_customers(request: HttpRequest, pk: int, scheme: str) -> HttpResponse:
    """Show what a run gives single customers, with the reason, before or after it is published."""
    actor = actor_of(request)
    require(actor, VIEW)
    run = run_get(pk=pk)
    found = selectors.scheme_named(run, scheme, request.GET.get("subject")) if run.state == Run.State.FINISHED else None
    if found is None:
        raise Missing
    tiers = {tier.name: found.tier_label(tier.name) for tier in found.spec.tiers}
    tier, change = request.GET.get("tier", ""), request.GET.get("change", "")
    asked = Asked(
        tier=tier if tier in tiers else "",
        change=change if change in ("up", "down") else "",
        text=request.GET.get("q", "").strip()[:100],
        skip=min(row_id(request.GET.get("skip", "")) or 0, MOST_SKIPPED),
    )
    current = run_in_force(KIND)
    other = current if current is not None and current.pk != run.pk else None
    lines, has_more = outcomes(actor=actor, run=run, current=other, scheme=found, asked=asked)
    keep = {"subject": found.subject, "q": asked.text, "change": asked.change}
    context = {
        "run": run,
        "scheme": found,
        "asked": asked,
        "table": outcomes_table(run, found, lines, shows_held=other is not None),
        "tabs": [
            {"label": label, "url": f"?{urlencode(keep | {'tier': name})}", "is_active": name == asked.tier}
            for name, label in {"": _("All"), **tiers}.items()
        ],
        "changes": [("", _("All")), ("up", pgettext("tier", "Up")), ("down", pgettext("tier", "Down"))]
        if other
        else [],
        "next_url": f"?{urlencode(keep | {'tier': asked.tier, 'skip': asked.skip + PAGE})}" if has_more else "",
        "back": reverse("segmentation:run", args=[pk]),
        "crumbs": [(str(run), reverse("segmentation:run", args=[pk])), (found.title, "")],
    }
    return render(request, "segmentation/run_customers.html", context)


def _sizes(run: Run) -> list[tuple[selectors.Scheme, dict[str, Any]]]:
    """Return each scheme with its tiers as the run summed them up."""
    return [(found, run.result["subjects"][found.subject][found.name]) for found in selectors.schemes(run)]


@login_required
@require_POST
def publish(request: HttpRequest, pk: int) -> HttpResponse:
    """Put a run in force."""
    seen = request.POST.get("instead_of", "")
    run = services.tiers_publish(actor=actor_of(request), pk=pk, now=timezone.now(), instead_of=row_id(seen))
    messages.success(request, _("The tiers of %(run)s are in force from today.") % {"run": run})
    return HttpResponseRedirect(reverse("segmentation:overview"))


class ReasonForm(forms.Form):
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=500, widget=forms.Textarea(attrs={"rows": 3}))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def roll_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Take the run in force out of force, with a reason."""
    actor = actor_of(request)
    require(actor, PUBLISH)
    run = run_get(pk=pk)
    form = ReasonForm(request.POST or None)
    back = reverse("segmentation:run", args=[pk])
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data["reason"]
        earlier = attempt(form, lambda: services.tiers_roll_back(actor=actor, pk=pk, reason=said, now=timezone.now()))
        if not form.errors:
            messages.success(request, _("The tiers of %(run)s are in force again.") % {"run": earlier})
            return HttpResponseRedirect(reverse("segmentation:overview"))
    context = {"run": run, "form": form, "back": back, "why_not": _why_not_back(run)}
    return render(request, "segmentation/roll_back.html", context, status=422 if form.errors else 200)


def _why_not_back(run: Run) -> str:
    """Say why a run cannot be taken back, "" when it can."""
    if not run.is_in_force:
        return _("This run is not in force.")
    return "" if run_before(run) else str(NothingBefore())


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
        found = _scheme(scheme, subject)
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


class DayForm(forms.Form):
    day = forms.DateField(label=gettext_lazy("On the day"), widget=DateInput())


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
