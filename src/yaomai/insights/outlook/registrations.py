"""What customer outlooks tell the mechanisms below and the rooms beneath: rights, the wall, screens, panel, 今日."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from yaomai.customers import merging, panels
from yaomai.customers.models import Institution
from yaomai.customers.panels import Signal
from yaomai.insights.models import ChurnAlert, Outlook
from yaomai.insights.outlook import (
    policies,  # noqa: F401 — declarations
    presenting,
    selectors,
    surfaces,
)
from yaomai.insights.services.outlook import KIND
from yaomai.kit.access import Actor, register_rights
from yaomai.kit.acts.rows import local_day
from yaomai.kit.inbox import Item, register_kind, register_provider
from yaomai.kit.inbox.registry import kind_of
from yaomai.kit.runs import register_kind as register_run
from yaomai.kit.surfaces.pages import limited_count
from yaomai.kit.ui import formats, navigation
from yaomai.organization import wall
from yaomai.planning import calling

VIEW, EDIT = Outlook.right("view"), ChurnAlert.right("edit")
SHOWN = 3
"""More lines than that of one kind bury the rest of 今日."""
MOST_COUNTED = 1000
WEEK_AHEAD = 7


def register() -> None:
    """Register all of it."""
    register_rights(
        "insights.outlook", label=gettext_lazy("Customer outlooks"), verbs=("view", "export", "run", "publish")
    )
    register_rights("insights.churnalert", label=gettext_lazy("Churn alerts"), verbs=("view", "edit", "export"))
    # X2: value, loss and cycles are made of purchases.
    wall.withhold("insights.outlook:*", "insights.churnalert:*")
    register_run(KIND, label=gettext_lazy("Customer outlook"), entity="insights.outlook")
    tab = gettext_lazy("Value and loss")
    for order, (label, name, right) in enumerate(
        (
            (gettext_lazy("Customer outlooks"), "outlook_list", VIEW),
            (gettext_lazy("Churn alerts"), "churnalert_list", ChurnAlert.right("view")),
            (gettext_lazy("Sums and reliability"), "outlook_report", VIEW),
        ),
        20,
    ):
        navigation.register(
            section="insights", tab=tab, label=label, url_name=f"insights:{name}", order=order, right=right
        )
    surfaces.register_views()
    calling.register_reasons(selectors.callback_reasons)
    panels.register(
        "institution", "below", name="outlook", title=gettext_lazy("What to expect"), order=21,
        template="insights/panel_outlook.html", load=_panel, right=VIEW,
    )  # fmt: skip
    panels.register_signals("institution", _signals)
    register_kind(
        "insights.churn", label=gettext_lazy("Churn alerts"), icon="alert-triangle", rank=18,
        action=gettext_lazy("Find out why"),
    )  # fmt: skip
    register_kind(
        "insights.cycle", label=gettext_lazy("Purchase cycle"), icon="calendar-event", rank=45,
        action=gettext_lazy("Show them"),
    )  # fmt: skip
    register_provider(alerts_waiting)
    register_provider(orders_due)
    merging.register_reference(Outlook, "institution", unless=["run"])
    merging.register_reference(ChurnAlert, "institution", unless=["last_on"])


def _panel(institution: Institution, actor: Actor) -> Mapping[str, Any] | None:
    """Return the outlook of an institution for its page."""
    row = selectors.outlook_of(institution)
    if row is None:
        return None
    today = timezone.localdate()
    return {
        "row": row,
        "why": presenting.explained(row, today=today),
        "days": presenting.days_span(row, today),
        "risk": presenting.chance(row.p_away),
        "active": presenting.chance(row.p_active),
        "value_span": presenting.span(row.value_low, row.value_high),
        "reasons": presenting.reason_texts(row.reasons),
        "tone": presenting.TONES.get(row.alert, ""),
        "away_days": row.run.result["away_days"],
        "alert": selectors.pending_of(institution) if actor.may(EDIT) else None,
    }


def _signals(institution: Institution, actor: Actor, _today: date) -> Iterable[Signal]:
    """Say that an alert waits."""
    if not actor.may(EDIT):
        return
    row = selectors.pending_of(institution)
    if row is not None:
        yield Signal(
            text=str(row.get_level_display()),
            reason="；".join(presenting.reason_texts(row.reasons)),
            url=reverse("insights:churnalert_detail", args=[row.pk]),
            action=_("Record what was done"),
            tone="bad" if row.level == "core" else "warn",
            weight=75,
        )


def alerts_waiting(actor: Actor, now: datetime) -> list[Item]:
    """Return the heaviest alerts in the actor's reach, and one line for all others."""
    if not actor.may(EDIT):
        return []
    today = local_day(now)
    waiting = selectors.waiting(actor, today=today)
    rows = list(waiting[: SHOWN + 1])
    items = [
        Item(
            kind=kind_of("insights.churn"),
            title=str(row.get_level_display()),
            reason="；".join(presenting.reason_texts(row.reasons)),
            url=reverse("insights:churnalert_detail", args=[row.pk]),
            subject=str(row.institution),
            money=row.money,
        )
        for row in rows[:SHOWN]
    ]
    if len(rows) > SHOWN:
        count = limited_count(waiting, MOST_COUNTED)
        more = formats.grouped(count - SHOWN) if count <= MOST_COUNTED else f"{MOST_COUNTED:,}+"
        items.append(
            Item(
                kind=kind_of("insights.churn"),
                title=_("%(count)s more customers may be lost") % {"count": more},
                reason=_("The largest purchases first."),
                url=f"{reverse('insights:churnalert_list')}?state=open",
            )
        )
    return items


def orders_due(actor: Actor, now: datetime) -> list[Item]:
    """Return one line for the customers in reach whose cycle says that they order within a week (H5)."""
    if not actor.may(EDIT) or not actor.may(VIEW):
        return []
    today = local_day(now)
    until = today + timedelta(days=WEEK_AHEAD)
    due = Outlook.objects.filter(next_on__gte=today, next_on__lte=until)
    count = limited_count(due, MOST_COUNTED)
    if not count:
        return []
    return [
        Item(
            kind=kind_of("insights.cycle"),
            title=ngettext(
                "%(count)s customer should order this week", "%(count)s customers should order this week", count
            )
            % {"count": formats.grouped(count) if count <= MOST_COUNTED else f"{MOST_COUNTED:,}+"},
            reason=_("By their own cycle; remind them in time."),
            url=f"{reverse('insights:outlook_list')}?next_on_from={today}&next_on_to={until}&sort=next_on",
        )
    ]
