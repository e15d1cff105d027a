"""Allocation of resources: what own months say, the split they propose, and what they cannot tell."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_safe

from yaomai.insights.allocation import reckoning
from yaomai.insights.allocation.policies import AllocationPolicy
from yaomai.insights.allocation.reckoning import SEE, Study
from yaomai.kit.access import Actor, require
from yaomai.kit.dashboards import selectors as boards
from yaomai.kit.surfaces.services import export_record
from yaomai.kit.surfaces.views import actor_of
from yaomai.kit.transfer.writing import export_response
from yaomai.kit.ui import formats
from yaomai.kit.ui.charts import Chart, Series, Tone

EXPORT = "insights.allocation:export"
STEPS = range(-30, 31, 5)


def _study(request: HttpRequest, actor: Actor) -> tuple[Study, int | None]:
    resource = reckoning.resource_named(actor, request.GET.get("resource", ""))
    place = boards.place_named(actor, request.GET.get("place", ""))
    return reckoning.study(actor=actor, resource=resource, now=timezone.now(), place=place), place


@login_required
@require_safe
def allocation_page(request: HttpRequest) -> HttpResponse:
    """Show where the next unit of a resource brings most, or why that cannot be told."""
    actor = actor_of(request)
    require(actor, SEE)
    found, place = _study(request, actor)
    query = urlencode({"resource": found.resource.code, **({"place": place} if place is not None else {})})
    context = {
        "study": found,
        "verdict": reckoning.verdict_text(found),
        "resources": reckoning.resources(actor),
        "places": boards.place_choices(actor),
        "place": place,
        "chart": _curve(found) if found.is_told else None,
        "splits": _splits(found),
        "person": _person(found),
        "rows": [_row(found, unit) for unit in found.units],
        "may_export": actor.may(EXPORT),
        "export_url": f"{reverse('insights:allocation_export')}?{query}",
        "policy_url": reverse("policies:policy_detail", args=[AllocationPolicy.name])
        if actor.may("policies.version:view")
        else "",
    }
    return render(request, "insights/allocation.html", context)


def _written(found: Study, value: float) -> str:
    return (
        formats.short_money(round(value, 2)) if found.resource.unit == "money" else formats.grouped(round(value, 1), 1)
    )


def _signed(value: float) -> str:
    text = formats.short_money(round(value))
    return f"+{text}" if value > 0 else text


def _range(ends: Sequence[float]) -> str:
    low, middle, high = ends
    return _("%(middle)s (%(low)s to %(high)s)") % {
        "middle": _signed(middle), "low": _signed(low), "high": _signed(high),
    }  # fmt: skip


def _row(found: Study, unit: reckoning.Unit) -> dict[str, Any]:
    return {
        "name": unit.name,
        "effort": _written(found, unit.effort),
        "purchases": formats.short_money(round(unit.purchases)),
        "proposed": _written(found, unit.proposed) if unit.proposed is not None else "",
        "change": formats.change(unit.change / unit.effort) if unit.change is not None and unit.effort else "",
        "marginal": _range(unit.marginal) if unit.marginal is not None else "",
    }


def _splits(found: Study) -> list[tuple[str, str]]:
    """Return what each split brings a month above today's."""
    if found.split is None:
        return []
    return [
        (_("Today's split"), "±¥0"),
        (_("Equal split"), _range(found.split.equal_gain)),
        (_("Proposed split"), _range(found.split.gain)),
    ]


def _person(found: Study) -> str:
    person = found.next_person
    if person is None:
        return ""
    return _("The next representative brings most in %(place)s: %(range)s a month, with %(visits)s visits a month as is usual.") % {
        "place": person.unit.name, "range": _range(person.brings), "visits": formats.grouped(round(person.visits, 1), 1),
    }  # fmt: skip


def _curve(found: Study) -> Chart:
    """Return what more or less effort everywhere would do to purchases, with its interval."""
    low, middle, high = found.response.ends or (0.0, 0.0, 0.0)

    def along(label: str, elasticity: float, tone: Tone) -> Series:
        values = [round((1 + step / 100) ** elasticity - 1, 4) for step in STEPS]
        return Series(label, values, tone=tone, is_dashed=tone == "muted")

    series = [
        along(_("At best"), high, "muted"), along(pgettext("allocation", "Expected"), middle, "accent"), along(pgettext("allocation", "At least"), low, "muted"),
    ]  # fmt: skip
    return Chart(
        "line", _("10%% more effort: %(range)s purchases") % {"range": reckoning.percent_range(found)},
        [f"{step:+d}%" for step in STEPS], series, unit="percent", heading=_("Change of effort"),
    )  # fmt: skip


@login_required
@require_safe
def allocation_export(request: HttpRequest) -> HttpResponseBase:
    """Answer with the territories as Excel or CSV, on record."""
    actor = actor_of(request)
    require(actor, EXPORT)
    found, _place = _study(request, actor)
    head = [
        _("Territory"), _("Effort a month"), _("Purchases a month"), pgettext("allocation", "Proposed"), _("One more brings, at least"),
        _("One more brings"), _("One more brings, at best"),
    ]  # fmt: skip
    export_record(
        actor=actor,
        right=EXPORT,
        entity=str(_("Allocation")),
        rows=len(found.units),
        query=found.resource.code,
        columns=head,
    )
    rows = [
        [unit.name, round(unit.effort, 2), round(unit.purchases, 2), None if unit.proposed is None else round(unit.proposed, 2),
         *([round(each, 2) for each in unit.marginal] if unit.marginal is not None else [None] * 3)]
        for unit in found.units
    ]  # fmt: skip
    kind = "csv" if request.GET.get("format") == "csv" else "xlsx"
    return export_response(kind, f"{_('Allocation')}-{timezone.localdate():%Y%m%d}", head, rows)
