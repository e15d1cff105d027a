"""What segmentation adds to customers: tiers on the page, and columns, filters and ready views in lists."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils.functional import lazy
from django.utils.translation import gettext as _

from yaomai.customers.models import CustomerType, Institution, Professional
from yaomai.customers.panels import Signal
from yaomai.kit.access import Actor
from yaomai.kit.runs.selectors import run_in_force
from yaomai.kit.surfaces import Column, View
from yaomai.kit.surfaces.filters import Filter
from yaomai.kit.ui import formats
from yaomai.kit.ui.tables import Tier as TierChip
from yaomai.segmentation import KIND, selectors
from yaomai.segmentation.inputs import applies
from yaomai.segmentation.models import Subject, TierAssignment, TierChange, TierSignal
from yaomai.segmentation.policies import SCHEME_POLICIES, SchemePolicy

VIEW = "segmentation.tier:view"
# The scheme whose tier stands in lists from the start, by subject.
LEADING = {Subject.INSTITUTION: "four_tiers", Subject.PROFESSIONAL: "kol_levels"}


def tiers_panel(subject: str) -> Any:
    """Return the loader of the panel that shows a customer's tier in every scheme, side by side (B20)."""

    def load(row: Institution | Professional, _actor: Actor) -> Mapping[str, Any]:
        held = selectors.tiers_of(subject, [row.pk]).get(row.pk, {})
        rows: list[tuple[selectors.Scheme, TierChip, TierAssignment]] = []
        upper: list[str] = []
        lower: list[str] = []
        for scheme in selectors.schemes(run_in_force(KIND)) if held else []:
            assignment = held.get(scheme.name)
            if assignment is None or scheme.subject != subject:
                continue
            why = reverse("segmentation:explain", args=[subject, row.pk, scheme.name])
            rows.append((scheme, scheme.chip(assignment.tier, why_url=why), assignment))
            names = [tier.name for tier in scheme.spec.tiers]
            place = names.index(assignment.tier) / max(len(names) - 1, 1) if assignment.tier in names else 0.5
            (upper if place == 0 else lower if place == 1 else []).append(scheme.label)
        return {"rows": rows, "upper": upper, "lower": lower, "subject": subject, "customer": row}

    return load


def tier_columns(subject: str) -> list[Column]:
    """Return one column per scheme of a subject; all of them together cost a page two queries."""
    load = _loader(subject)
    return [
        Column(
            f"tier_{policy.scheme}",
            label=lazy(_scheme_label, str)(policy),
            kind="tier",
            after="name",
            load=load,
            part=policy.scheme,
            right=VIEW,
            is_default=policy.scheme == LEADING[Subject(subject)],
        )
        for policy in SCHEME_POLICIES
        if applies(policy().spec, subject)
    ]


def _scheme_label(policy: type[SchemePolicy]) -> str:
    return policy().spec.label.in_language(selectors.language())


def _loader(subject: str) -> Any:
    def load(rows: Any) -> dict[int, dict[str, TierChip]]:
        schemes = {each.name: each for each in selectors.schemes(run_in_force(KIND)) if each.subject == subject}
        held = selectors.tiers_of(subject, [row.pk for row in rows])
        return {
            customer: {name: schemes[name].chip(found.tier) for name, found in tiers.items() if name in schemes}
            for customer, tiers in held.items()
        }

    return load


def tier_filters(subject: str) -> list[Filter]:
    """Return one filter per scheme of a subject."""
    return [
        Filter(
            f"tier_{policy.scheme}",
            label=lazy(_scheme_label, str)(policy),
            kind="choice",
            choices=_choices(policy),
            condition=_condition(subject, policy.scheme),
            right=VIEW,
        )
        for policy in SCHEME_POLICIES
        if applies(policy().spec, subject)
    ]


def tier_views(subject: str) -> Any:
    """Return the provider of a ready list: the customers of the best tier of the scheme that leads."""

    def views(actor: Actor) -> Iterable[View]:
        scheme = LEADING[Subject(subject)]
        found = selectors.scheme_named(run_in_force(KIND), scheme, subject) if actor.may(VIEW) else None
        if found is not None:
            best = found.spec.tiers[0]
            yield View(found.tier_label(best.name), f"tier_{scheme}={best.name}")

    return views


def signal_views(_actor: Actor) -> Iterable[View]:
    """Return the ready lists of signals: what waits, and where a fast upgrade is called for."""
    yield View(_("To review"), "state=open")
    yield View(_("Fast upgrade possible"), "state=open&upgrade=1")


def change_views(_actor: Actor) -> Iterable[View]:
    """Return the ready lists of tier changes: what waits, and what holds by decision."""
    yield View(str(TierChange.State.OPEN.label), "state=open")
    yield View(str(TierChange.State.ACCEPTED.label), "state=accepted")


def type_views(_actor: Actor) -> Iterable[View]:
    """Return the ready lists of proposed types: what waits, by type."""
    for kind in CustomerType:
        yield View(str(kind.label), f"state=open&customer_type={kind.value}")


def _choices(policy: type[SchemePolicy]) -> Any:
    def choices() -> list[tuple[str, str]]:
        tiers = policy().spec.tiers
        return [(tier.name, tier.label.in_language(selectors.language())) for tier in tiers]

    return choices


def _condition(subject: str, scheme: str) -> Any:
    def condition(tiers: list[str]) -> Q:
        held = TierAssignment.unscoped.filter(
            scheme=scheme, tier__in=tiers, valid_to__isnull=True, **{f"{subject}_id": OuterRef("pk")}
        )
        return Q(Exists(held))

    return condition


def open_signals(institution: Institution, actor: Actor, _today: date) -> Iterable[Signal]:
    """Say which signals of the monthly review wait, to those who see purchases."""
    if not actor.may(selectors.PURCHASES):
        return
    rows = TierSignal.objects.filter(institution=institution, state=TierSignal.State.OPEN)
    for row in rows.order_by("-money", "-pk")[:3]:
        yield Signal(
            text=_("%(signal)s in %(month)s") % {"signal": row.get_kind_display(), "month": formats.month(row.month)},
            reason=_("About %(money)s a year.") % {"money": formats.short_money(row.money)},
            url=reverse("segmentation:tiersignal_detail", args=[row.pk]),
            action=_("Look into it"),
            tone="good" if row.kind == TierSignal.Kind.PURCHASES_ROSE else "warn",
            weight=70,
        )
