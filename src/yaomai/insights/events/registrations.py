"""What policy events tell the mechanisms below and the rooms beneath."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta

from django.db.models import Count, Sum
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from yaomai.customers import merging
from yaomai.customers import panels as customer_panels
from yaomai.customers.models import Institution
from yaomai.customers.panels import Signal
from yaomai.insights.events.policies import EventPolicy
from yaomai.insights.events.presenting import money_span
from yaomai.insights.models import PolicyEvent, PolicyImpact
from yaomai.kit.access import Actor, register_rights
from yaomai.kit.acts.rows import local_day
from yaomai.kit.inbox import Item, register_kind, register_provider
from yaomai.kit.inbox.registry import kind_of
from yaomai.kit.policies.selectors import policy_on
from yaomai.kit.ui import formats, navigation
from yaomai.organization import wall

EVENT, IMPACT = "insights.policyevent", "insights.policyimpact"
MOST = 3
DAYS_AFTER = 90
"""So long after it took effect an event still stands on the customer's page."""


def register() -> None:
    """Register rights, the wall, screens, nudges and references."""
    register_rights(
        EVENT,
        label=gettext_lazy("Policy events"),
        verbs=("view", "create", "edit", "archive", "assess", "import", "export"),
    )
    register_rights(IMPACT, label=gettext_lazy("Impacts of policy events"), verbs=("view", "export"))
    # X2: what an event says is public; what it means for customers is made of purchases.
    wall.withhold(f"{EVENT}:assess", f"{IMPACT}:*")
    screens = (
        (gettext_lazy("Policy events"), "policyevent_list", f"{EVENT}:view"),
        (gettext_lazy("Affected customers"), "policyimpact_list", f"{IMPACT}:view"),
    )
    for order, (label, name, right) in enumerate(screens, 22):
        navigation.register(
            section="insights",
            tab=gettext_lazy("Policy events"),
            label=label,
            url_name=f"insights:{name}",
            order=order,
            right=right,
        )
    customer_panels.register_signals("institution", affected)
    register_kind("insights.event", label=gettext_lazy("Policy events"), icon="scale", rank=21)
    register_provider(events_ahead)
    register_provider(events_to_assess)
    merging.register_reference(PolicyImpact, "institution", unless=["event"])


def affected(institution: Institution, actor: Actor, today: date) -> Iterable[Signal]:
    """Say on the customer's page which events are ahead or new, to those who see its purchases."""
    if not actor.may(f"{IMPACT}:view"):
        return
    policy, _version = policy_on(EventPolicy, on=today)
    rows = PolicyImpact.objects.filter(
        institution=institution, event__archived_at=None, event__effective_on__gte=today - timedelta(days=DAYS_AFTER),
        event__effective_on__lte=today + timedelta(days=policy.notice_days),
    ).select_related("event")  # fmt: skip
    for row in rows.order_by("-at_risk", "-pk")[:MOST]:
        yield Signal(
            text=_("%(event)s, from %(day)s")
            % {"event": row.event, "day": formats.day(row.event.effective_on, today=today)},
            reason=_("%(base)s a year becomes %(range)s.")
            % {"base": formats.short_money(row.base), "range": money_span(row.low, row.high)},
            url=reverse("insights:policyimpact_detail", args=[row.pk]), action=pgettext("advice", "What to do"), tone="warn", weight=75,
        )  # fmt: skip


def events_ahead(actor: Actor, now: datetime) -> list[Item]:
    """Say to whoever covers affected customers which events take effect soon, and what is at risk."""
    if not actor.may(f"{IMPACT}:view"):
        return []
    today = local_day(now)
    policy, _version = policy_on(EventPolicy, on=today)
    rows = (
        PolicyImpact.objects.filter(
            event__archived_at=None, event__effective_on__gte=today,
            event__effective_on__lte=today + timedelta(days=policy.notice_days),
        )
        .order_by()
        .values("event", "event__title", "event__effective_on")
        .annotate(count=Count("pk"), risk=Sum("at_risk"))
        .order_by("event__effective_on", "event")[:MOST]
    )  # fmt: skip
    return [
        Item(
            kind=kind_of("insights.event"),
            title=_("%(event)s: %(count)s of your customers are affected")
            % {"event": row["event__title"], "count": row["count"]},
            reason=_("Talk to them before it takes effect; the report of each is ready."),
            url=reverse("insights:policyevent_detail", args=[row["event"]]),
            money=row["risk"],
            due_at=timezone.make_aware(datetime.combine(row["event__effective_on"], time(18))),
        )
        for row in rows
    ]


def events_to_assess(actor: Actor, now: datetime) -> list[Item]:
    """Say which events nobody has assessed: a change of policy is reason to look at the strategy (J14)."""
    if not actor.may(f"{EVENT}:assess"):
        return []
    rows = PolicyEvent.objects.filter(archived_at=None, assessed_on=None, effective_on__gte=local_day(now))
    return [
        Item(
            kind=kind_of("insights.event"),
            title=_("Assess %(event)s") % {"event": row.title},
            reason=_("Nobody knows yet which customers it concerns; then look whether the strategy still holds."),
            url=reverse("insights:policyevent_detail", args=[row.pk]),
            due_at=timezone.make_aware(datetime.combine(row.effective_on, time(18))),
        )
        for row in rows.order_by("effective_on", "pk")[:MOST]
    ]
