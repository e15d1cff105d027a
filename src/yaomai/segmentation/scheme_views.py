"""Screens of the tiers in force: the overview, one scheme, two schemes crossed, service by tier."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from yaomai.kit.access import require
from yaomai.kit.errors import Missing
from yaomai.kit.runs.selectors import run_in_force, run_waiting
from yaomai.kit.surfaces.views import actor_of
from yaomai.segmentation import KIND, evaluation, selectors
from yaomai.segmentation.models import Subject
from yaomai.segmentation.policies import ServicePolicy, service_on
from yaomai.segmentation.presenting import (
    balance_table,
    crosswalk_finding,
    crosswalk_rows,
    crosswalk_urls,
    distribution_finding,
    distribution_parts,
    distribution_summary,
    distribution_table,
    movement_chart,
    scheme_url,
)

VIEW, RUN, PUBLISH = (f"segmentation.tier:{verb}" for verb in ("view", "run", "publish"))


@login_required
@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """Show how the customers in view spread over the tiers of every scheme, and what to do next."""
    actor = actor_of(request)
    require(actor, VIEW)
    run = run_in_force(KIND)
    waiting = run_waiting(KIND)
    found = selectors.distributions(actor=actor, run=run, service=service_on(timezone.localdate()))
    context = {
        "run": run,
        "waiting": waiting,
        "ask_url": reverse("segmentation:request_run") if actor.may(RUN) else "",
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


@login_required
@require_safe
def scheme_page(request: HttpRequest, scheme: str) -> HttpResponse:
    """Show one scheme: its tiers with service and cost, what moved, and where its figures come from."""
    actor = actor_of(request)
    require(actor, VIEW)
    found = selectors.scheme_in_use(scheme, request.GET.get("subject"))
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
