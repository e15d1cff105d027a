"""Dynamic evaluation (B19): the value of a customer, the state of the relation, and what cooperation brought."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from django.db.models import Count, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from yaomai.commerce import selectors as purchases
from yaomai.commerce.panels import first_month
from yaomai.customers.models import Institution
from yaomai.engine.windows import window_starts
from yaomai.kit.access import Actor
from yaomai.kit.policies.selectors import policy_on
from yaomai.kit.runs.selectors import run_in_force
from yaomai.kit.ui import formats
from yaomai.listing.models import Process
from yaomai.segmentation import KIND, selectors
from yaomai.segmentation.models import Subject, TierSignal
from yaomai.segmentation.panels import LEADING
from yaomai.segmentation.policies import ReviewPolicy, ServicePolicy

RELATION = (TierSignal.Kind.SATISFACTION_FELL, TierSignal.Kind.COMPETITOR_ROSE)
RESULTS = (TierSignal.Kind.PURCHASES_ROSE, TierSignal.Kind.PURCHASES_FELL)
Tone = Literal["", "good", "warn", "bad"]


@dataclass(frozen=True, slots=True)
class Part:
    """One of the three panels: the finding, how good it is, and the facts that it rests on."""

    title: str
    finding: str
    tone: Tone
    facts: Sequence[tuple[str, Any]]


def panel(institution: Institution, actor: Actor) -> Mapping[str, Any] | None:
    """Return the three panels of an institution; None while it has no tier."""
    today = timezone.localdate()
    held = selectors.tiers_of(Subject.INSTITUTION, [institution.pk]).get(institution.pk)
    if not held:
        return None
    sees = actor.may(selectors.PURCHASES) and selectors.sees_purchases(institution)
    return {"parts": [_value(institution, held, sees, today), _relation(institution, held, today),
                      _results(institution, actor, sees, today)], "institution": institution}  # fmt: skip


def _value(institution: Institution, held: Mapping[str, Any], sees: bool, today: date) -> Part:
    scheme = selectors.scheme_named(run_in_force(KIND), LEADING[Subject.INSTITUTION], Subject.INSTITUTION)
    tier = scheme.tier_label(held[scheme.name].tier) if scheme is not None and scheme.name in held else "–"
    facts: list[tuple[str, Any]] = [(_("Tier"), tier)]
    if not sees:
        return Part(_("Customer value"), tier, "", facts)
    years = purchases.years_of(institution.pk, today=today)
    facts += [
        (_("Purchases of twelve months"), formats.short_money(years.amount)),
        (_("The year before"), formats.short_money(years.before)),
    ]
    change = years.change
    if change is None:
        return Part(_("Customer value"), _("%(tier)s, new") % {"tier": tier}, "", facts)
    policy, _version = policy_on(ReviewPolicy, on=today)
    tone: Tone = "good" if change >= policy.swing else "bad" if change <= -policy.swing else ""
    text = _("%(tier)s, purchases %(change)s on the year before")
    return Part(_("Customer value"), text % {"tier": tier, "change": formats.change(change)}, tone, facts)


def _relation(institution: Institution, held: Mapping[str, Any], today: date) -> Part:
    said = selectors.assessments(Subject.INSTITUTION, institution.pk)
    service, _version = policy_on(ServicePolicy, on=today)
    leading = held.get(LEADING[Subject.INSTITUTION])
    owed = service.of(leading.scheme, leading.tier) if leading is not None else None
    facts: list[tuple[str, Any]] = []
    tone: Tone = ""
    findings = []
    if "satisfaction" in said:
        row = said["satisfaction"]
        facts.append(
            (_("Satisfaction"), _("%(points)s of 100, %(day)s") % {"points": row.value, "day": row.assessed_on})
        )
        review, _number = policy_on(ReviewPolicy, on=today)
        tone = "good" if row.value >= review.satisfied else "bad" if row.value < review.dissatisfied else ""
        findings.append(_("satisfaction %(points)s") % {"points": row.value})
    if owed is not None and "contacts_12m" in said:
        given = said["contacts_12m"].value
        facts.append(
            (_("Contacts in twelve months"), _("%(given)s of %(owed)s owed") % {"given": given, "owed": owed.contacts})
        )
        if given < owed.contacts * service.under_served:
            tone = "bad"
            findings.append(_("fewer contacts than owed"))
    if "competitor_share" in said:
        facts.append((_("Share of competitors"), _("%(points)s of 100") % {"points": said["competitor_share"].value}))
    text = (
        formats.listed(findings)
        if findings
        else _("Nothing out of the ordinary")
        if facts
        else _("Nothing is known yet")
    )
    return Part(_("State of the relation"), text, tone, facts)


def _results(institution: Institution, actor: Actor, sees: bool, today: date) -> Part:
    processes = Process.objects.filter(institution=institution, archived_at=None).aggregate(
        listed=Count("pk", filter=Q(outcome="listed")), under_way=Count("pk", filter=Q(outcome=""))
    )
    listed, under_way = processes["listed"], processes["under_way"]
    facts: list[tuple[str, Any]] = []
    if actor.may("listing.process:view"):
        facts += [(_("Products listed"), listed), (_("On their way in"), under_way)]
    if sees:
        products = purchases.amounts_by_product(institution.pk, since=window_starts(today)[12])
        facts.append((_("Products bought in twelve months"), len(products)))
        open_signals = TierSignal.objects.filter(institution=institution, state=TierSignal.State.OPEN).count()
        facts.append((_("Signals to review"), open_signals))
        if open_signals:
            text = _("%(count)s signals to review") % {"count": open_signals}
            return Part(_("Results of cooperation"), text, "warn", facts)
    text = _("%(listed)s products listed, %(open)s on their way") % {"listed": listed, "open": under_way}
    return Part(_("Results of cooperation"), text if facts else _("Nothing is known yet"), "", facts)


def overview(actor: Actor, today: date) -> list[Part]:
    """Return the three panels over all institutions in view: counts only."""
    run = run_in_force(KIND)
    scheme = selectors.scheme_named(run, LEADING[Subject.INSTITUTION], Subject.INSTITUTION) if run is not None else None
    if scheme is None:
        return []
    since = first_month(today, 3)
    moved = selectors.movements(scheme, since=since)
    names = [tier.name for tier in scheme.spec.tiers]
    up = sum(count for old, new, count in moved if old in names and names.index(new) < names.index(old))
    down = sum(count for old, new, count in moved if old in names and names.index(new) > names.index(old))
    parts = [
        Part(
            _("Customer value"),
            _("%(up)s up, %(down)s down since %(month)s") % {"up": up, "down": down, "month": formats.month(since)},
            "",
            [(_("Scheme"), scheme.label)],
        )
    ]
    if actor.may(selectors.PURCHASES):
        waiting = TierSignal.objects.filter(state=TierSignal.State.OPEN).order_by().values_list("kind")
        counts = dict(waiting.annotate(count=Count("pk")))
        parts += [
            _waiting(_("State of the relation"), RELATION, counts),
            _waiting(_("Results of cooperation"), RESULTS, counts),
        ]
    return parts


def _waiting(title: str, kinds: Sequence[TierSignal.Kind], counts: Mapping[str, int]) -> Part:
    total = sum(counts.get(kind, 0) for kind in kinds)
    finding = _("%(count)s signals to review") % {"count": total}
    return Part(title, finding, "warn" if total else "good", [(str(kind.label), counts.get(kind, 0)) for kind in kinds])
