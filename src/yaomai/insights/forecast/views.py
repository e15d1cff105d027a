"""Screens of sales forecasts: how wrong they were, what is expected, its parts, and signs of stock."""

from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from yaomai.insights import services
from yaomai.insights.forecast import presenting, selectors
from yaomai.insights.forecast.policies import ForecastPolicy
from yaomai.insights.models.forecasts import Forecast, Group, StockSign
from yaomai.insights.outlook.presenting import both
from yaomai.insights.services.forecast import KIND
from yaomai.kit.access import Actor, get_visible, require, row_id
from yaomai.kit.documents.responding import respond
from yaomai.kit.runs.selectors import run_in_force
from yaomai.kit.surfaces.services import export_record
from yaomai.kit.surfaces.views import actor_of
from yaomai.kit.ui import formats

VIEW, RUN, EXPORT = (f"insights.forecast:{verb}" for verb in ("view", "run", "export"))
SIGNS = 10


@login_required
@require_safe
def forecast_page(request: HttpRequest) -> HttpResponse:
    """Show the forecast of a territory, product and group in view: its errors first."""
    actor = actor_of(request)
    require(actor, VIEW)
    run = run_in_force(KIND)
    territory, product, group = (request.GET.get(name, "") for name in ("territory", "product", "group"))
    rows: Any = Forecast.objects.select_related("territory", "product")
    tops = selectors.tops()
    place = next((each for each in tops if str(each.territory_id or "") == territory), None)
    if place is None and row_id(territory) is not None:
        place = rows.filter(territory=row_id(territory), product=None, group="").first()
    place = place or (tops[0] if tops else None)
    context: dict[str, Any] = {
        "run": run,
        "ask_url": reverse("insights:forecast_request") if actor.may(RUN) else "",
        "may_export": actor.may(EXPORT),
        "crumbs": [],
    }
    if run is None or place is None:
        context["problem"] = both(run.result["problem"]) if run is not None and "problem" in run.result else ""
        return render(request, "insights/forecast_none.html", context)
    own = rows.filter(territory=place.territory_id)
    row = own.filter(product=row_id(product), group=group if group in Group.values else "").first() or place
    keep = {"territory": place.territory_id or "", "product": row.product_id or "", "group": row.group}
    context |= {
        "row": row,
        "place": place,
        "verdict": presenting.verdict(row),
        "finding": presenting.finding(row),
        "chart": None if row.is_rough else presenting.chart(row),
        "notes": [both(note) for note in row.notes[:8]],
        "covered": formats.percent(row.covered, 0) if row.covered is not None else "",
        "places": [(each.territory_id or "", str(each.territory or _("Without a territory"))) for each in selectors.known()],
        "products": [(each.product_id, str(each.product)) for each in own.filter(group="").exclude(product=None).order_by("-ahead")],
        "groups": Group.choices,
        "keep": keep,
        "parts": _parts(rows, row, keep),
        "signs": StockSign.objects.select_related("institution", "product").order_by("-money", "pk")[:SIGNS],
        "policy_url": reverse("policies:policy_detail", args=[ForecastPolicy.name]),
        "until": run.result.get("until"),
    }  # fmt: skip
    return render(request, "insights/forecast.html", context)


def _parts(rows: Any, row: Forecast, keep: dict[str, Any]) -> list[tuple[str, list[dict[str, Any]]]]:
    """Return what a whole is made of, by product, by group and by territory; each adds up to it."""
    here = rows.filter(territory=row.territory_id)
    found = []
    if row.product_id is None:
        own = here.filter(group=row.group).exclude(product=None)
        found.append((_("By product"), _lines(own, lambda each: str(each.product), "product", "product_id", keep)))
    if not row.group:
        own = here.filter(product=row.product_id).exclude(group="")
        found.append((_("By group"), _lines(own, lambda each: each.get_group_display(), "group", "group", keep)))
    below = rows.filter(product=row.product_id, group=row.group, territory__parent=row.territory_id).exclude(
        territory=None
    )
    found.append(
        (_("By territory"), _lines(below, lambda each: str(each.territory), "territory", "territory_id", keep))
    )
    return [(title, lines) for title, lines in found if lines]


def _lines(rows: Any, label: Any, name: str, field: str, keep: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        presenting.part(each, label(each), f"?{urlencode(keep | {name: getattr(each, field)})}")
        for each in rows.order_by("-ahead", "pk")[:50]
    ]


@login_required
@require_safe
def forecast_document(request: HttpRequest, pk: int, suffix: str) -> HttpResponse:
    """Answer with a forecast and its data as PDF, Word or Excel, on record."""
    actor, now = actor_of(request), timezone.now()
    require(actor, EXPORT)
    row = get_visible(Forecast, pk=pk)
    made = presenting.document(row, row.run, made_at=now, made_by=actor.label)
    export_record(
        actor=actor, right=EXPORT, entity=str(row._meta.verbose_name), rows=len(row.months), query=f"forecast={pk}",
        columns=[suffix],
    )  # fmt: skip
    return respond(made, suffix, file_name=f"{_('Sales forecast')}-{row.run.as_of:%Y%m%d}")


@login_required
@require_POST
def request_forecast(request: HttpRequest) -> HttpResponse:
    """Ask for a run as of today and show the job."""
    actor: Actor = actor_of(request)
    job = services.forecast_request(actor=actor, as_of=timezone.localdate(), now=timezone.now())
    return HttpResponseRedirect(reverse("jobs:job_detail", args=[job.pk]))
