"""What segmentation brings to 今日: a run that waits, leading customers that fall silent or are neglected, one number."""

from datetime import datetime, time
from decimal import Decimal
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yaomai.commerce import selectors as purchases
from yaomai.commerce.columns import SILENT, silence_limit, silent_for
from yaomai.customers.models import Institution
from yaomai.engine.windows import window_starts
from yaomai.kit import inbox
from yaomai.kit.access import Actor
from yaomai.kit.acts.rows import local_day
from yaomai.kit.policies.selectors import policy_on
from yaomai.kit.runs.selectors import run_in_force, run_waiting
from yaomai.segmentation import KIND, selectors
from yaomai.segmentation.models import (
    Assessment,
    Subject,
    TierAssignment,
    TierChange,
    TierMeeting,
    TierSignal,
    TypeProposal,
)
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

SIGNALS = inbox.register_kind(
    "segmentation.signals", label=gettext_lazy("Signals"), icon="activity", rank=24, action=gettext_lazy("Show them")
)
MEETINGS = inbox.register_kind(
    "segmentation.meeting",
    label=gettext_lazy("Tier meetings"),
    icon="users-group",
    rank=22,
    action=gettext_lazy("Look"),
)
TYPES = inbox.register_kind(
    "segmentation.types", label=gettext_lazy("Type proposals"), icon="tag", rank=40, action=gettext_lazy("Show them")
)


def register() -> None:
    """Register what is computed, the number, and the first step."""
    inbox.register_provider(runs_to_publish)
    inbox.register_provider(silent_customers)
    inbox.register_provider(neglected_customers)
    inbox.register_provider(signals_to_review)
    inbox.register_provider(meetings_to_decide)
    inbox.register_provider(types_to_decide)
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
    newest = run_waiting(KIND)
    if newest is None:
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
    since = window_starts(timezone.localdate())[24]
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


def signals_to_review(actor: Actor, _now: datetime) -> list[inbox.Item]:
    """Say how many signals of the monthly review wait, and which one weighs most."""
    if not (actor.may(SALES) and actor.may("segmentation.signal:review")):
        return []
    rows = TierSignal.objects.filter(state=TierSignal.State.OPEN)
    first = rows.select_related("institution").order_by("-money", "-id").first()
    if first is None:
        return []
    return [
        inbox.Item(
            kind=SIGNALS,
            title=_("%(count)s signals of the monthly review") % {"count": _counted(rows[: MOST_COUNTED + 1].count())},
            reason=_("%(name)s weighs most: %(signal)s.")
            % {"name": first.institution, "signal": first.get_kind_display()},
            url=f"{reverse('segmentation:tiersignal_list')}?state=open",
            money=first.money,
        )
    ]


def meetings_to_decide(actor: Actor, now: datetime) -> list[inbox.Item]:
    """Say which tier meetings are open, with what is still undecided."""
    if not actor.may("segmentation.change:approve"):
        return []
    rows = TierMeeting.objects.filter(state=TierMeeting.State.OPEN).select_related("territory")
    waiting = Count("changes", filter=Q(changes__state=TierChange.State.OPEN))
    return [
        inbox.Item(
            kind=MEETINGS,
            title=_("Tier meeting %(meeting)s") % {"meeting": meeting},
            reason=_("%(count)s changes are not decided yet.") % {"count": meeting.waiting}
            if meeting.waiting
            else _("Everything is decided: it can be closed."),
            url=reverse("segmentation:tiermeeting_detail", args=[meeting.pk]),
            due_at=timezone.make_aware(datetime.combine(meeting.held_on, time(18))),
            is_overdue=meeting.held_on < local_day(now),
        )
        for meeting in rows.annotate(waiting=waiting).order_by("held_on", "pk")[:5]
    ]


def types_to_decide(actor: Actor, _now: datetime) -> list[inbox.Item]:
    """Say how many customers are proposed for a type."""
    if not actor.may("segmentation.typeproposal:approve"):
        return []
    count = TypeProposal.objects.filter(state=TypeProposal.State.OPEN)[: MOST_COUNTED + 1].count()
    if not count:
        return []
    return [
        inbox.Item(
            kind=TYPES,
            title=_("%(count)s customers may be of a type that they are not marked with") % {"count": _counted(count)},
            reason=_("The scorecards speak for it; the type decides what is talked about."),
            url=f"{reverse('segmentation:typeproposal_list')}?state=open",
        )
    ]


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
