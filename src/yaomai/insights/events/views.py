"""Screens of policy events: what an event means for the customers in view, and the report of each."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from yaomai.insights.events import assessing
from yaomai.insights.events.documents import event_document, impact_document
from yaomai.insights.events.policies import EventPolicy
from yaomai.insights.events.presenting import (
    advices,
    chart,
    explained,
    finding,
    money_span,
    outcome,
    product_names,
    reference,
    regions_text,
    span,
)
from yaomai.insights.models import PolicyEvent, PolicyImpact
from yaomai.insights.services.events import require_comparable
from yaomai.kit.access import get_visible, require, row_id
from yaomai.kit.documents.responding import respond
from yaomai.kit.errors import Conflict, Missing
from yaomai.kit.policies.selectors import policy_on
from yaomai.kit.surfaces.services import export_record
from yaomai.kit.surfaces.views import actor_of

VIEW, EDIT, ASSESS = (f"insights.policyevent:{verb}" for verb in ("view", "edit", "assess"))
SEE, EXPORT = "insights.policyimpact:view", "insights.policyimpact:export"
PAGE = 50
TONES = {"below": "bad", "within": "", "above": "good", "": ""}


def _impacts(event: PolicyEvent) -> Any:
    rows = PolicyImpact.objects.filter(event=event).select_related("institution", "event")
    return rows.order_by("-at_risk", "-base", "pk")


@login_required
@require_safe
def event_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Show an event, what it means for the customers in view, and, once compared, what came."""
    actor = actor_of(request)
    require(actor, VIEW)
    event = get_visible(PolicyEvent, pk=pk)
    sees = actor.may(SEE)
    context: dict[str, Any] = {
        "event": event,
        "regions": regions_text(event),
        "products": list(assessing.affected_products(event).values()),
        "price": span(event.price_low, event.price_high),
        "volume": span(event.volume_low, event.volume_high),
        "sees": sees,
        "may_assess": actor.may(ASSESS) and event.archived_at is None,
        "may_compare": actor.may(ASSESS)
        and event.assessed_on is not None
        and event.effective_on < timezone.localdate(),
        "may_edit": actor.may(EDIT) and event.archived_at is None,
        "may_archive": actor.may("insights.policyevent:archive") and event.archived_at is None,
        "may_export": actor.may(EXPORT) and event.assessed_on is not None,
        "crumbs": [(str(event), "")],
    }
    if sees and event.assessed_on is not None:
        context |= _assessed(event, row_id(request.GET.get("from", "")) or 0)
    return render(request, "insights/event.html", context)


def _assessed(event: PolicyEvent, first: int) -> dict[str, Any]:
    policy, _version = policy_on(EventPolicy, on=timezone.localdate())
    found = assessing.totals(PolicyImpact.objects.filter(event=event))
    rows = list(_impacts(event)[first : first + PAGE + 1])
    names = product_names(rows)
    months = rows[0].months if rows else None
    return {
        "found": found,
        "says": finding(found),
        "outcome": outcome(found, months) if event.compared_on is not None and months else "",
        "after": money_span(found["low"], found["high"]),
        "is_stale": assessing.is_stale(event),
        "chart": chart(rows) if not first else None,
        "rows": [
            {"row": row, "range": money_span(row.low, row.high), "advice": advices(policy, row.advice),
             "why": explained(row, names), "tone": TONES[row.standing]}
            for row in rows[:PAGE]
        ],
        "months": event.inputs["months"],
        "reference": reference(event),
        "next_url": f"?from={first + PAGE}" if len(rows) > PAGE else "",
        "previous_url": f"?from={max(first - PAGE, 0)}" if first else "",
    }  # fmt: skip


@login_required
@require_POST
def event_assess(request: HttpRequest, pk: int) -> HttpResponse:
    """Have worked out what an event means for every customer, in the background."""
    from yaomai.insights.jobs import assess_event

    actor = actor_of(request)
    require(actor, ASSESS)
    get_visible(PolicyEvent, pk=pk)
    assess_event.defer(actor=actor, event=pk)
    messages.success(request, _("The impact is being worked out; reload the page in a minute."))
    return HttpResponseRedirect(reverse("insights:policyevent_detail", args=[pk]))


@login_required
@require_POST
def event_compare(request: HttpRequest, pk: int) -> HttpResponse:
    """Hold what came against the range, in the background; what speaks against it is told at once."""
    from yaomai.insights.jobs import compare_event

    actor = actor_of(request)
    require(actor, ASSESS)
    try:
        require_comparable(get_visible(PolicyEvent, pk=pk), today=timezone.localdate())
    except Conflict as error:
        messages.error(request, str(error))
    else:
        compare_event.defer(actor=actor, event=pk)
        messages.success(request, _("The comparison is being worked out; reload the page in a minute."))
    return HttpResponseRedirect(reverse("insights:policyevent_detail", args=[pk]))


@login_required
@require_safe
def impact_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what an event means for one customer, and what to do."""
    actor = actor_of(request)
    require(actor, SEE)
    impact = _impact(pk)
    policy, _version = policy_on(EventPolicy, on=timezone.localdate())
    context = {
        "impact": impact,
        "event": impact.event,
        "range": money_span(impact.low, impact.high),
        "expected": money_span(impact.expected_low, impact.expected_high),
        "tone": TONES[impact.standing],
        "advice": advices(policy, impact.advice),
        "why": explained(impact, product_names([impact])),
        "may_export": actor.may(EXPORT),
        "crumbs": [(str(impact.event), reverse("insights:policyevent_detail", args=[impact.event_id])),
                   (str(impact.institution), "")],
    }  # fmt: skip
    return render(request, "insights/impact.html", context)


def _impact(pk: int) -> PolicyImpact:
    rows = PolicyImpact.objects.select_related("institution", "event")
    found: PolicyImpact | None = rows.filter(pk=pk).first()
    if found is None:
        raise Missing
    return found


@login_required
@require_safe
def event_document_view(request: HttpRequest, pk: int, suffix: str) -> HttpResponse:
    """Answer with the impact report of an event as PDF, Word or Excel, on record."""
    actor, now = actor_of(request), timezone.now()
    require(actor, EXPORT)
    event = get_visible(PolicyEvent, pk=pk)
    if event.assessed_on is None:
        raise Missing
    rows = list(_impacts(event))
    policy, _version = policy_on(EventPolicy, on=timezone.localdate(now))
    document = event_document(event, rows, policy=policy, made_at=now, made_by=actor.label, is_paper=suffix != "xlsx")
    export_record(
        actor=actor, right=EXPORT, entity=str(_("Policy impact report")), rows=len(rows), query=f"event={pk}",
        columns=[suffix],
    )  # fmt: skip
    return respond(document, suffix, file_name=f"{_('Policy impact report')}-{event.title}")


@login_required
@require_safe
def impact_document_view(request: HttpRequest, pk: int, suffix: str) -> HttpResponse:
    """Answer with the report of one customer; `?for=customer` without what is ours alone."""
    actor, now = actor_of(request), timezone.now()
    require(actor, EXPORT)
    impact = _impact(pk)
    policy, _version = policy_on(EventPolicy, on=timezone.localdate(now))
    document = impact_document(
        impact, policy=policy, made_at=now, made_by=actor.label, is_for_customer=request.GET.get("for") == "customer"
    )
    export_record(
        actor=actor, right=EXPORT, entity=str(_("Policy impact report")), rows=1, query=f"impact={pk}", columns=[suffix]
    )
    return respond(document, suffix, file_name=f"{_('Policy impact report')}-{impact.institution.name}")
