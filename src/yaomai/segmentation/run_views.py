"""Screens of the runs: all of them, one with what publishing it would change, its customers, and the way back."""

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

from yaomai.kit.access import require, row_id
from yaomai.kit.errors import Missing
from yaomai.kit.policies.schema import registered
from yaomai.kit.runs.models import Run
from yaomai.kit.runs.pages import facts_of, runs_page
from yaomai.kit.runs.selectors import run_before, run_compare, run_get, run_in_force, run_waiting
from yaomai.kit.runs.services import NothingBefore
from yaomai.kit.surfaces.forms import attempt
from yaomai.kit.surfaces.views import actor_of
from yaomai.segmentation import KIND, selectors, services
from yaomai.segmentation.outcomes import PAGE, Asked, outcomes
from yaomai.segmentation.presenting import (
    changes_table,
    outcomes_table,
    run_customers_url,
    sizes_table,
    unassigned_said,
)
from yaomai.segmentation.simulation import changes

MOST_SKIPPED = 100_000
VIEW, RUN, PUBLISH = (f"segmentation.tier:{verb}" for verb in ("view", "run", "publish"))


@login_required
@require_safe
def runs(request: HttpRequest) -> HttpResponse:
    """List the runs, newest first."""
    return runs_page(
        request, KIND, title=_("Runs"), reason=_("Each keeps its inputs, figures and results; history is frozen."),
        page="segmentation:run", ask="segmentation:request_run",
    )  # fmt: skip


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
    is_waiting = is_done and not run.is_in_force and run_waiting(KIND) == run
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
        "facts": facts_of(run),
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
