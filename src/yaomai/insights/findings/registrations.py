"""What effect studies and signals in purchases tell the mechanisms below and the rooms beneath."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yaomai.customers import merging
from yaomai.customers import panels as customer_panels
from yaomai.customers.models import Institution
from yaomai.customers.panels import Signal
from yaomai.insights.findings import policies  # noqa: F401 — declarations
from yaomai.insights.models import EffectStudy, PurchaseSignal
from yaomai.insights.signals.presenting import TONES, sentence
from yaomai.kit.access import Actor, register_rights
from yaomai.kit.acts.rows import local_day
from yaomai.kit.inbox import Item, register_kind, register_provider
from yaomai.kit.inbox.registry import kind_of
from yaomai.kit.surfaces import SelectionPage, extend
from yaomai.kit.surfaces.surface import View
from yaomai.kit.ui import navigation
from yaomai.organization import wall

STUDY, SIGNAL = "insights.effectstudy", "insights.purchasesignal"
MOST_COUNTED = 200
DAYS_AHEAD = 7


def register() -> None:
    """Register rights, the wall, screens, pages, nudges and references."""
    register_rights(STUDY, label=gettext_lazy("Effect studies"), verbs=("view", "create", "edit", "archive", "export"))
    register_rights(SIGNAL, label=gettext_lazy("Signals in purchases"), verbs=("view", "run", "review", "export"))
    # X2: both are made of purchases.
    wall.withhold(f"{STUDY}:*", f"{SIGNAL}:*")
    screens = (
        (gettext_lazy("Did it help?"), "effectstudy_list", f"{STUDY}:view"),
        (gettext_lazy("Signals in purchases"), "purchasesignal_list", f"{SIGNAL}:view"),
    )
    for order, (label, name, right) in enumerate(screens, 20):
        navigation.register(
            section="insights",
            tab=gettext_lazy("Effects and signals"),
            label=label,
            url_name=f"insights:{name}",
            order=order,
            right=right,
        )
    page = SelectionPage(gettext_lazy("Did it help?"), "insights:effectstudy_new", f"{STUDY}:create", "chart-line")
    extend(Institution, pages=(page,))
    extend(PurchaseSignal, views=(_signal_views,))
    customer_panels.register_signals("institution", open_signals)
    register_kind("insights.signals", label=gettext_lazy("Signals in purchases"), icon="activity", rank=23)
    register_kind("insights.effect", label=gettext_lazy("Did it help?"), icon="chart-line", rank=45)
    register_provider(signals_to_review)
    register_provider(studies_due)
    merging.register_reference(PurchaseSignal, "institution", unless=["product", "kind", "month"])


def _signal_views(_actor: Actor) -> Iterable[View]:
    yield View(str(PurchaseSignal.State.OPEN.label), "state=open")
    yield View(str(PurchaseSignal.State.WORKING.label), "state=working")


def open_signals(institution: Institution, actor: Actor, _today: date) -> Iterable[Signal]:
    """Say on the customer's page which signals wait, to those who may see them."""
    if not actor.may(f"{SIGNAL}:view"):
        return
    rows = PurchaseSignal.objects.filter(institution=institution, state=PurchaseSignal.State.OPEN).select_related(
        "product"
    )
    for row in rows.order_by("-money", "-pk")[:3]:
        tone: Any = TONES[row.kind]
        yield Signal(
            text=row.get_kind_display(), reason=sentence(row),
            url=reverse("insights:purchasesignal_detail", args=[row.pk]), action=_("Look into it"), tone=tone, weight=72,
        )  # fmt: skip


def signals_to_review(actor: Actor, _now: datetime) -> list[Item]:
    """Say to whoever covers the customers how many signals wait, and which concerns most money."""
    if not actor.may(f"{SIGNAL}:review"):
        return []
    rows: Any = PurchaseSignal.objects.filter(state=PurchaseSignal.State.OPEN).allowed(f"{SIGNAL}:review")
    first = rows.select_related("institution").order_by("-money", "-id").first()
    if first is None:
        return []
    count = rows.order_by()[: MOST_COUNTED + 1].values("pk").count()
    counted = count if count <= MOST_COUNTED else _("more than %(count)s") % {"count": MOST_COUNTED}
    return [
        Item(
            kind=kind_of("insights.signals"),
            title=_("%(count)s signals in purchases to look into") % {"count": counted},
            reason=_("Most money: %(name)s, %(signal)s.")
            % {"name": first.institution, "signal": first.get_kind_display()},
            url=f"{reverse('insights:purchasesignal_list')}?state=open",
            money=first.money,
        )
    ]


def studies_due(actor: Actor, now: datetime) -> list[Item]:
    """Say which own studies are to be looked at again."""
    if not actor.may(f"{STUDY}:create") or actor.person_id is None:
        return []
    today = local_day(now)
    rows = EffectStudy.objects.filter(
        made_by=actor.person_id, archived_at=None, recheck_on__lte=today + timedelta(days=DAYS_AHEAD)
    )
    return [
        Item(
            kind=kind_of("insights.effect"),
            title=_("Look again: %(name)s") % {"name": row.name},
            reason=_("Last answer: %(verdict)s") % {"verdict": row.get_verdict_display() or _("being computed")},
            url=reverse("insights:effectstudy_detail", args=[row.pk]),
            due_at=timezone.make_aware(datetime.combine(row.recheck_on, time(18))),
            is_overdue=row.recheck_on < today,
        )
        for row in rows.order_by("recheck_on", "pk")[:5]
    ]
