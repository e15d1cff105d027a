"""Lists of customer outlooks and churn alerts."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yaomai.customers.models import Institution
from yaomai.insights.models import ChurnAlert, Outlook
from yaomai.insights.models.outlook import ACTING
from yaomai.insights.outlook import presenting
from yaomai.kit.access import Actor
from yaomai.kit.runs.selectors import run_in_force
from yaomai.kit.surfaces import Column, Panel, Surface, View, extend, register
from yaomai.kit.surfaces.filters import Filter
from yaomai.organization.models import Territory
from yaomai.segmentation import KIND as TIERS
from yaomai.segmentation import selectors as tiers
from yaomai.segmentation.models import Subject, TierAssignment
from yaomai.segmentation.panels import LEADING


def _scheme() -> tiers.Scheme | None:
    return tiers.scheme_named(run_in_force(TIERS), LEADING[Subject.INSTITUTION], "institution")


def _tiers(rows: Sequence[Any]) -> Mapping[int, Any]:
    """Return the tier of the leading scheme of each row's institution."""
    scheme = _scheme()
    if scheme is None:
        return {}
    held = tiers.tiers_of("institution", [row.institution_id for row in rows])
    found = {row.pk: held.get(row.institution_id, {}).get(scheme.name) for row in rows}
    return {pk: scheme.chip(each.tier) for pk, each in found.items() if each is not None}


def _tier_choices() -> list[tuple[str, str]]:
    scheme = _scheme()
    return [(tier.name, scheme.tier_label(tier.name)) for tier in scheme.spec.tiers] if scheme is not None else []


def _holds(names: list[str]) -> Q:
    held = TierAssignment.unscoped.filter(
        scheme=LEADING[Subject.INSTITUTION], tier__in=names, valid_to=None, institution=OuterRef("institution")
    )
    return Q(Exists(held))


def _reasons(row: Any) -> str:
    return "；".join(presenting.reason_texts(row.reasons))


def _risk(row: Any) -> str:
    return presenting.chance(row.p_away)


def _active(row: Outlook) -> str:
    return presenting.chance(row.p_active)


def _value_span(row: Outlook) -> str:
    return presenting.span(row.value_low, row.value_high)


def _next_span(row: Outlook) -> str:
    return presenting.days_span(row, timezone.localdate())


def _within(keys: list[int]) -> Q:
    """Return the customers of territories and of all below them."""
    paths = Territory.objects.filter(pk__in=keys).values_list("path", flat=True)
    found = Q(pk__in=[])
    for path in paths:
        found |= Q(institution__territory__path__startswith=path)
    return found


def _calls(is_wanted: bool) -> Q:
    acting = Q(alert__in=[each.value for each in ACTING])
    return acting if is_wanted else ~acting


_KIND = Filter("institution__kind", label=gettext_lazy("Kind"), kind="choice", choices=tuple(Institution.Kind.choices))
_TERRITORY = Filter("territory", label=gettext_lazy("Territory"), kind="relation", related=Territory, condition=_within)
_TIER = Filter("tier", label=gettext_lazy("Tier"), kind="choice", choices=_tier_choices, condition=_holds)


@register
class OutlookSurface(Surface):
    model = Outlook
    slug = "outlook"
    section = "insights"
    columns = (
        "institution",
        Column("tier", label=gettext_lazy("Tier"), kind="tier", load=_tiers),
        Column("value", kind="short_money"),
        Column("value_span", label=gettext_lazy("80 % between"), value=_value_span),
        Column("p_away", kind="text", value=_risk, sortable=True),
        "next_on",
        "alert",
        Column("reasons_said", label=gettext_lazy("Reasons"), value=_reasons),
        Column("p_active", kind="text", value=_active, sortable=True, is_default=False),
        Column("next_span", label=gettext_lazy("Next order between"), value=_next_span, is_default=False),
        Column("purchases", kind="short_money", is_default=False),
        Column("past_year", kind="short_money", is_default=False),
        Column("value_before", kind="short_money", is_default=False),
        Column("expected_orders", kind="number", is_default=False),
        Column("last_on", is_default=False),
        Column("days_silent", is_default=False),
        Column("doubt", is_default=False),
        Column("institution__territory", label=gettext_lazy("Territory"), is_default=False),
    )
    filters = (
        "alert",
        _TIER,
        _KIND,
        _TERRITORY,
        "p_away",
        "value",
        "next_on",
        "last_on",
        "institution",
        "doubt",
        Filter("calls", label=gettext_lazy("Calls for action"), kind="flag", condition=_calls),
    )
    order = ("-value", "-id")
    panels = (Panel("facts", fields=("institution", "value", "p_away", "next_on", "alert")),)


@register
class ChurnAlertSurface(Surface):
    model = ChurnAlert
    slug = "churn-alerts"
    section = "insights"
    columns = (
        "institution",
        Column("tier", label=gettext_lazy("Tier"), kind="tier", load=_tiers),
        "level",
        Column("reasons_said", label=gettext_lazy("Reasons"), value=_reasons),
        Column("money", kind="short_money"),
        Column("p_away", kind="text", value=_risk, sortable=True),
        "state",
        "owner",
        "last_on",
        Column("opened_on", is_default=False),
        Column("cause", is_default=False),
        Column("note", sortable=False, is_default=False),
        Column("ordered_on", is_default=False),
        Column("decided_by", is_default=False),
        Column("decided_at", is_default=False),
    )
    filters = (
        "state",
        "level",
        "owner",
        _TIER,
        "cause",
        _KIND,
        _TERRITORY,
        "institution",
        "money",
        "opened_on",
        "ordered_on",
    )
    order = ("-money", "-id")
    panels = (Panel("facts", fields=("institution", "level", "state", "money", "last_on")),)


def outlook_views(_actor: Actor) -> Iterable[View]:
    """Return the ready lists of outlooks: who calls for action, who should order within a month."""
    yield View(_("Call for action"), "calls=1")
    yield View(_("Should order within 30 days"), f"next_on_to={timezone.localdate() + timedelta(days=30)}&calls=0")


def alert_views(_actor: Actor) -> Iterable[View]:
    """Return the ready lists of alerts: what waits, what was contacted, and where it was settled."""
    yield View(str(ChurnAlert.State.OPEN.label), "state=open")
    yield View(str(ChurnAlert.State.CONTACTED.label), "state=contacted")
    yield View(_("Settled"), "state=won_back&state=lost&state=false_alarm&state=returned")


def register_views() -> None:
    """Add the ready lists."""
    extend(Outlook, views=(outlook_views,))
    extend(ChurnAlert, views=(alert_views,))
