"""Reads of customer outlooks and alerts beside their lists: sums by tier and territory, what became of alerts, what is due."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Case, Count, IntegerField, Q, Sum, Value, When
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext as _

from yaomai.customers.models import Institution
from yaomai.insights.models import ChurnAlert, Outlook
from yaomai.insights.models.outlook import ACTING
from yaomai.insights.outlook.presenting import Sum as Total
from yaomai.kit.access import Actor
from yaomai.kit.runs.selectors import run_in_force
from yaomai.organization.models import Territory
from yaomai.planning.calling import Reason
from yaomai.segmentation import KIND as TIERS
from yaomai.segmentation import selectors as tiers
from yaomai.segmentation.models import Subject
from yaomai.segmentation.panels import LEADING

_ZERO = Value(Decimal(0))
SUMS: dict[str, Any] = {
    "customers": Count("pk"),
    "purchased": Coalesce(Sum("purchases"), _ZERO),
    "worth": Coalesce(Sum("value"), _ZERO),
    "before": Coalesce(Sum("value_before"), _ZERO),
    "alerts": Count("pk", filter=Q(alert__in=[each.value for each in ACTING])),
}


def _total(label: str, row: Any, url: str = "") -> Total:
    return Total(label, row["customers"], row["purchased"], row["worth"], row["before"], row["alerts"], url)


def whole() -> Total:
    """Return the sums of all customers in view."""
    return _total(_("All customers in view"), Outlook.objects.aggregate(**SUMS))


def by_tier() -> list[Total]:
    """Return the sums by tier of the leading scheme, the best tier first."""
    scheme = tiers.scheme_named(run_in_force(TIERS), LEADING[Subject.INSTITUTION], "institution")
    if scheme is None:
        return []
    held = {"institution__tiers__scheme": scheme.name, "institution__tiers__valid_to": None}
    rows = Outlook.objects.filter(**held).order_by().values("institution__tiers__tier").annotate(**SUMS)
    found = {row["institution__tiers__tier"]: row for row in rows}
    base = reverse("insights:outlook_list")
    return [
        _total(scheme.tier_label(tier.name), found[tier.name], f"{base}?tier={tier.name}")
        for tier in scheme.spec.tiers
        if tier.name in found
    ]


def by_territory(actor: Actor) -> list[Total]:
    """Return the sums by region for those who reach the whole company, else by area; largest value first."""
    rows = list(Outlook.objects.order_by().values("institution__territory").annotate(**SUMS))
    level = Territory.Level.REGION if actor.reach("insights.outlook:view") is None else Territory.Level.AREA
    places = dict(Territory.unscoped.values_list("pk", "path"))
    tops = dict(Territory.unscoped.filter(level=level).values_list("pk", "name"))
    sums: dict[int | None, dict[str, Any]] = {}
    for row in rows:
        above = [int(part) for part in places.get(row["institution__territory"], "").split("/") if part]
        top = next((pk for pk in above if pk in tops), None)
        into = sums.setdefault(top, dict.fromkeys(SUMS, 0))
        for name in SUMS:
            into[name] += row[name]
    made = [_total(tops[top] if top is not None else _("Without a territory"), row) for top, row in sums.items()]
    return sorted(made, key=lambda each: (-each.value, each.label))


def outlook_of(institution: Institution) -> Outlook | None:
    """Return the outlook of an institution in view; None without one."""
    rows: Any = Outlook.objects.filter(institution=institution).select_related("run")
    found: Outlook | None = rows.first()
    if found is not None:
        found.institution = institution
    return found


def pending_of(institution: Institution) -> ChurnAlert | None:
    """Return the alert of an institution that waits; None without one."""
    rows: Any = ChurnAlert.objects.filter(institution=institution, state__in=ChurnAlert.PENDING)
    found: ChurnAlert | None = rows.order_by("-last_on").first()
    return found


_WEIGHT = Case(When(level="core", then=0), When(level="general", then=1), default=2, output_field=IntegerField())


def waiting(actor: Actor, *, today: date) -> Any:
    """Return the alerts that wait for the actor: open ones, and contacted ones that are to be looked at again.

    Each is one person's; what is nobody's waits for everybody who reaches it.
    """
    rows: Any = ChurnAlert.objects.all()
    due = Q(state=ChurnAlert.State.OPEN) | Q(state=ChurnAlert.State.CONTACTED, follow_up_on__lte=today)
    return (
        rows.allowed("insights.churnalert:edit")
        .filter(due, Q(owner=actor.person_id) | Q(owner=None))
        .select_related("institution")
        .order_by(_WEIGHT, "-money", "pk")
    )


def outcomes() -> Sequence[dict[str, Any]]:
    """Return, by what people said of alerts, how many there are and how many customers ordered again since."""
    rows = (
        ChurnAlert.objects.order_by()
        .values("state")
        .annotate(count=Count("pk"), again=Count("pk", filter=Q(ordered_on__isnull=False)))
    )
    found = {row["state"]: row for row in rows}
    return [
        {"label": state.label, "count": found[state]["count"], "again": found[state]["again"], "state": state.value}
        for state in ChurnAlert.State
        if state in found
    ]


CALLED_FIRST = 90


def callback_reasons(actor: Actor, today: date, most: int) -> Mapping[int, Reason]:
    """Say whom to call because they may be lost, the most at stake first (C14); nobody filed sees a word of it (X2)."""
    if not actor.may(ChurnAlert.right("view")):
        return {}
    rows = ChurnAlert.objects.filter(state__in=ChurnAlert.PENDING).order_by(_WEIGHT, "-money", "pk")
    return {
        row.institution_id: Reason(
            _("May be lost: no order for %(days)s days") % {"days": (today - row.last_on).days},
            CALLED_FIRST + 9 - min(place, 9),
        )
        for place, row in enumerate(rows[:most])
    }  # fmt: skip
