"""What segmentation brings to 今日: a run that waits, leading customers that fall silent or are neglected, one number."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yaomai.commerce import selectors as purchases
from yaomai.commerce.columns import SILENT, silence_limit, silent_for
from yaomai.commerce.panels import first_month
from yaomai.customers.models import Institution
from yaomai.kit import inbox
from yaomai.kit.access import Actor
from yaomai.kit.policies.selectors import policy_on
from yaomai.kit.runs.models import Run
from yaomai.kit.runs.selectors import run_in_force
from yaomai.segmentation import KIND, selectors
from yaomai.segmentation.models import Assessment, Subject, TierAssignment
from yaomai.segmentation.panels import LEADING, VIEW
from yaomai.segmentation.policies import ServicePolicy
from yaomai.segmentation.presenting import customers_url

MOST_COUNTED = 200
"""What is more is said as "more than": a line of today must cost no long scan."""
SALES = "commerce.salesline:view"

PUBLISH = inbox.register_kind(
    "segmentation.publish", label=gettext_lazy("Tiers to publish"), icon="stack-2", rank=20, action=gettext_lazy("Look"),
)  # fmt: skip
SILENT_CUSTOMERS = inbox.register_kind(
    "segmentation.silent", label=gettext_lazy("Leading customers"), icon="trending-down", rank=25,
    action=gettext_lazy("Show them"),
)  # fmt: skip
NEGLECTED = inbox.register_kind(
    "segmentation.service", label=gettext_lazy("Service"), icon="users", rank=35, action=gettext_lazy("Show them")
)


def register() -> None:
    """Register what is computed, the number, and the first step."""
    inbox.register_provider(runs_to_publish)
    inbox.register_provider(silent_customers)
    inbox.register_provider(neglected_customers)
    inbox.register_number(leading_customers, order=10)
    inbox.register_step(
        "tiers",
        label=gettext_lazy("Publish tiers"),
        text=gettext_lazy("Compute every scheme of the documents, look at the result, and put it in force."),
        url_name="segmentation:overview",
        right="segmentation.tier:run",
        is_done=lambda _actor: run_in_force(KIND) is not None,
        order=30,
    )


def runs_to_publish(actor: Actor, _now: datetime) -> list[inbox.Item]:
    """Say that a finished run waits."""
    if not actor.may("segmentation.tier:publish"):
        return []
    current = run_in_force(KIND)
    newest = Run.unscoped.filter(kind=KIND, state=Run.State.FINISHED).order_by("-pk").first()
    if newest is None or (current is not None and newest.pk <= current.pk):
        return []
    return [
        inbox.Item(
            kind=PUBLISH,
            title=_("%(run)s waits to be published") % {"run": newest},
            reason=_("Until then customers keep the tiers of the run before."),
            url=reverse("segmentation:run", args=[newest.pk]),
            since=newest.finished_at,
        )
    ]


def silent_customers(actor: Actor, _now: datetime) -> list[inbox.Item]:
    """Say how many customers of the best tier have not bought for too long, with what they used to buy."""
    scheme = _leading_scheme() if actor.may(VIEW) and actor.may(SALES) else None
    if scheme is None:
        return []
    best, days = scheme.spec.tiers[0].name, silence_limit()
    rows = Institution.objects.filter(silent_for(days), _holds(scheme, best), archived_at__isnull=True)
    found = list(rows.order_by("pk").values_list("pk", "name")[: MOST_COUNTED + 1])
    if not found:
        return []
    since = first_month(timezone.localdate(), 24)
    amounts = purchases.amounts_of([pk for pk, _name in found], since=since)
    largest = max(found, key=lambda row: amounts.get(row[0], Decimal(0)))
    return [
        inbox.Item(
            kind=SILENT_CUSTOMERS,
            title=_("%(count)s of tier %(tier)s: no purchase for %(days)s days")
            % {"count": _counted(len(found)), "tier": scheme.tier_label(best), "days": days},
            reason=_("Find out why before they are lost; the largest of them is %(name)s.") % {"name": largest[1]},
            url=f"{customers_url(scheme, best)}&{SILENT}={days}",
            money=sum(amounts.values(), Decimal(0)),
        )
    ]


def neglected_customers(actor: Actor, _now: datetime) -> list[inbox.Item]:
    """Say of the best tier with neglected customers how many there are, and who is neglected most."""
    scheme = _leading_scheme() if actor.may(VIEW) else None
    if scheme is None:
        return []
    service, _version = policy_on(ServicePolicy, on=timezone.localdate())
    for tier in scheme.spec.tiers:
        owed = service.of(scheme.name, tier.name)
        if owed is None or not owed.contacts:
            continue
        contacts = Assessment.unscoped.filter(
            institution_id=OuterRef("institution_id"), attribute="contacts_12m", superseded_at__isnull=True
        )
        few = contacts.filter(value__lt=float(owed.contacts * service.under_served))
        rows = selectors.current(Subject.INSTITUTION).filter(Exists(few), scheme=scheme.name, tier=tier.name)
        count = rows.order_by()[: MOST_COUNTED + 1].values("pk").count()
        if count:
            return [
                inbox.Item(
                    kind=NEGLECTED,
                    title=_("%(count)s of tier %(tier)s get less than they are owed")
                    % {"count": _counted(count), "tier": scheme.tier_label(tier.name)},
                    reason=_(
                        "Owed are %(owed)s contacts a year, by %(role)s; they had fewer than %(share)s %% of that."
                    )
                    % {
                        "owed": owed.contacts,
                        "role": _role(owed.owner_role),
                        "share": f"{service.under_served * 100:.0f}",
                    },
                    url=f"{reverse('segmentation:service')}?scheme={scheme.key}",
                )
            ]
    return []


def leading_customers(actor: Actor, _now: datetime) -> inbox.Number | None:
    """Return how many customers of the best tier are in view."""
    scheme = _leading_scheme() if actor.may(VIEW) else None
    if scheme is None:
        return None
    best = scheme.spec.tiers[0]
    return inbox.Number(
        label=capfirst(scheme.tier_label(best.name)),
        value=selectors.current(scheme.subject).filter(scheme=scheme.name, tier=best.name).count(),
        reason=scheme.label,
        url=customers_url(scheme, best.name),
        action=_("Show them"),
    )


def _leading_scheme() -> selectors.Scheme | None:
    run = run_in_force(KIND)
    return selectors.scheme_named(run, LEADING[Subject.INSTITUTION], Subject.INSTITUTION) if run is not None else None


def _holds(scheme: selectors.Scheme, tier: str) -> Q:
    held = TierAssignment.unscoped.filter(
        institution_id=OuterRef("pk"), scheme=scheme.name, tier=tier, valid_to__isnull=True
    )
    return Q(Exists(held))


def _counted(count: int) -> Any:
    return count if count <= MOST_COUNTED else _("more than %(count)s") % {"count": MOST_COUNTED}


def _role(code: str) -> str:
    from yaomai.organization.models import Role

    role = Role.unscoped.filter(code=code).first()
    return str(role) if role is not None else code
