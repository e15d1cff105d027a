"""Screens of the customer value report: made from a selection of customers, looked at, taken along."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from yaomai.customers.models import Institution
from yaomai.insights import services
from yaomai.insights.models import ValueReport
from yaomai.insights.value import reckoning
from yaomai.insights.value.documents import (
    growth_of,
    listing_text,
    monthly_chart,
    next_text,
    products_text,
    reference,
    schemes_by_name,
    tier_texts,
    totals,
    value_document,
)
from yaomai.kit.access import Actor, get_visible, require, row_id
from yaomai.kit.documents.responding import respond
from yaomai.kit.errors import Missing
from yaomai.kit.surfaces.bulk import selection_of
from yaomai.kit.surfaces.lists import listing
from yaomai.kit.surfaces.services import export_record
from yaomai.kit.surfaces.surface import surface_of
from yaomai.kit.surfaces.views import actor_of
from yaomai.kit.ui import formats

PAGE = 50
VIEW, CREATE, EXPORT = (f"insights.valuereport:{verb}" for verb in ("view", "create", "export"))


@login_required
@require_POST
def report_new(request: HttpRequest) -> HttpResponse:
    """Make a report of the customers that were ticked, or of all that match the list's filters."""
    actor, now = actor_of(request), timezone.now()
    require(actor, CREATE)
    surface = surface_of(Institution)
    selection = selection_of(request, surface, actor, CREATE)
    said = _("Customers ticked in the list")
    if selection.is_all:
        asked = listing(surface, actor, request.GET)
        said = " · ".join(text for _item, text in asked.sentences()) or asked.text or _("All customers in view")
    report = services.value_report_create(
        actor=actor, now=now, pks=selection.keys, selection=said,
        title=_("%(count)s customers, %(day)s")
        % {"count": formats.grouped(len(selection.keys)), "day": f"{timezone.localdate(now):%Y-%m-%d}"},
    )  # fmt: skip
    return HttpResponseRedirect(reverse("insights:valuereport_detail", args=[report.pk]))


def _seen(report: ValueReport, actor: Actor) -> list[reckoning.Value]:
    """Return the customers of a report whose purchases its reader may see today."""
    require(actor, reckoning.PURCHASES)
    rows = reckoning.read(report.rows or [])
    held = Institution.objects.filter(pk__in=[row.institution for row in rows])
    keys = set(held.allowed(reckoning.PURCHASES).values_list("pk", flat=True))
    return [row for row in rows if row.institution in keys]


@login_required
@require_safe
def report_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a report: the sums, the months, and each customer with what to do next."""
    actor = actor_of(request)
    require(actor, VIEW)
    report = get_visible(ValueReport, pk=pk)
    if report.rows is None:
        return render(request, "insights/report_waiting.html", {"report": report, "crumbs": [(str(report), "")]})
    rows = _seen(report, actor)
    first = min(row_id(request.GET.get("from", "")) or 0, max(len(rows) - 1, 0))
    schemes = schemes_by_name()
    amount, prior, returned = totals(rows)
    context = {
        "report": report,
        "count": len(rows),
        "left_out": report.customers - len(rows),
        "amount": amount,
        "prior": prior,
        "returned": returned,
        "growth": growth_of(rows),
        "chart": monthly_chart(rows, report.as_of),
        "rows": [
            {
                "row": row,
                "growth": formats.percent(float(row.growth), 1) if row.growth is not None else "",
                "products": products_text(row),
                "tiers": tier_texts(row, schemes),
                "listing": listing_text(row),
                "next": [next_text(code, row) for code in row.next],
            }
            for row in rows[first : first + PAGE]
        ],
        "next_url": f"?from={first + PAGE}" if first + PAGE < len(rows) else "",
        "previous_url": f"?from={max(first - PAGE, 0)}" if first else "",
        "periods": report.inputs["periods"],
        "tiers_run": report.inputs.get("tiers"),
        "reference": reference(report),
        "may_export": actor.may(EXPORT),
        "crumbs": [(str(report), "")],
    }
    return render(request, "insights/report.html", context)


@login_required
@require_safe
def report_document(request: HttpRequest, pk: int, suffix: str) -> HttpResponse:
    """Answer with a report as PDF, Word or Excel, on record."""
    actor, now = actor_of(request), timezone.now()
    require(actor, EXPORT)
    report = get_visible(ValueReport, pk=pk)
    if report.rows is None:
        raise Missing
    rows = _seen(report, actor)
    document = value_document(report, rows, made_at=now, made_by=actor.label, is_paper=suffix != "xlsx")
    export_record(
        actor=actor, right=EXPORT, entity=str(report._meta.verbose_name), rows=len(rows), query=f"report={pk}",
        columns=[suffix],
    )  # fmt: skip
    return respond(document, suffix, file_name=f"{_('Customer value report')}-{report.as_of:%Y%m%d}")
