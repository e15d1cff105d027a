"""What evaluations tell the mechanisms below: rights, the wall, screens, views, 今日, boards."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from yaomai.insights.evaluations import (
    policies,  # noqa: F401 — declarations
    presenting,
    selectors,
)
from yaomai.insights.models import Evaluation, Improvement
from yaomai.kit.access import Actor, register_rights
from yaomai.kit.acts.rows import local_day
from yaomai.kit.dashboards.links import leads_to
from yaomai.kit.dashboards.registry import Asked, Card, Piece, Reading, register_card
from yaomai.kit.inbox import Item, register_kind, register_provider
from yaomai.kit.inbox.registry import kind_of
from yaomai.kit.surfaces import extend
from yaomai.kit.surfaces.surface import View
from yaomai.kit.ui import navigation
from yaomai.organization import wall
from yaomai.organization.models import Territory

EVALUATION, IMPROVEMENT = "insights.evaluation", "insights.improvement"
DAYS_AHEAD = 7
State = Improvement.State


def register() -> None:
    """Register all of it."""
    register_rights(
        EVALUATION, label=pgettext_lazy("record", "Evaluations"), verbs=("view", "create", "edit", "approve", "export")
    )
    register_rights(IMPROVEMENT, label=pgettext_lazy("record", "Improvements"), verbs=("view", "edit", "export"))
    # X2, X6: figures, problems and measures are made of purchases; a filed rep gets plans and duties, not these.
    wall.withhold(f"{EVALUATION}:*", f"{IMPROVEMENT}:*")
    tab = pgettext_lazy("record", "Evaluations")
    screens = (
        (pgettext_lazy("record", "Evaluations"), "evaluation_list", f"{EVALUATION}:view"),
        (gettext_lazy("Improvements and strategy"), "improvement_list", f"{IMPROVEMENT}:view"),
    )
    for order, (label, name, right) in enumerate(screens, 18):
        navigation.register(
            section="insights", tab=tab, label=label, url_name=f"insights:{name}", order=order, right=right
        )
    extend(Improvement, views=(_views,))
    register_kind(
        "insights.evaluation", label=pgettext_lazy("record", "Evaluations"), icon="report-analytics", rank=30,
        action=gettext_lazy("Write it"),
    )  # fmt: skip
    register_kind(
        "insights.improvement", label=pgettext_lazy("record", "Improvements"), icon="tool", rank=20,
        action=gettext_lazy("Next step"),
    )  # fmt: skip
    register_kind(
        "insights.strategy", label=gettext_lazy("Strategy reviews"), icon="route", rank=19,
        action=pgettext_lazy("strategy", "Decide"),
    )  # fmt: skip
    register_provider(evaluations_open)
    register_provider(improvements_due)
    register_provider(improvements_late)
    register_card(
        Card(
            key="insights.improvements", label=gettext_lazy("Improvements that wait"), right=f"{IMPROVEMENT}:view",
            good_when="down",
            question=gettext_lazy("Problems without an answer, measures being carried out, and re-checks to conclude."),
            parts_label=gettext_lazy("By step"), compute=_waiting, order=715,
            next_step=leads_to(gettext_lazy("See what waits"), "insights:improvement_list", query="state=open"),
        )
    )  # fmt: skip


def _views(_actor: Actor) -> Iterable[View]:
    for state in (State.OPEN, State.PLANNED, State.DONE):
        yield View(str(state.label), f"state={state.value}")
    yield View(str(_("Strategy reviews")), "strategic=1")


def _waiting(asked: Asked) -> Reading:
    rows: Any = Improvement.objects.filter(state__in=Improvement.PENDING)
    if asked.place is not None:
        path = Territory.unscoped.filter(pk=asked.place).values_list("path", flat=True).first()
        rows = rows.filter(territory__path__startswith=path) if path else rows.none()
    found = dict(rows.order_by().values_list("state").annotate(count=Count("pk")))
    late = rows.filter(
        Q(state=State.DONE, recheck_on__lt=asked.today)
        | Q(state__in=(State.OPEN, State.PLANNED), due_on__lt=asked.today)
    )
    count = late.count()
    return Reading(
        Decimal(sum(found.values())),
        parts=[Piece(str(state.label), Decimal(found[state.value])) for state in State if state.value in found],
        reason=_("%(count)s of them are overdue.") % {"count": count} if count else "",
        as_of=asked.now,
    )


def _at(day: date | None) -> datetime | None:
    return timezone.make_aware(datetime.combine(day, time(18))) if day is not None else None


def evaluations_open(actor: Actor, now: datetime) -> list[Item]:
    """Say which own evaluations are to be written and closed."""
    if not actor.may(f"{EVALUATION}:edit"):
        return []
    waiting = dict(
        Improvement.objects.filter(state=State.OPEN, evaluation__state=Evaluation.State.OPEN).order_by()
        .values_list("evaluation").annotate(count=Count("pk"))
    )  # fmt: skip
    return [
        Item(
            kind=kind_of("insights.evaluation"),
            title=_("%(title)s %(period)s") % {"title": presenting.title(row), "period": presenting.period(row)},
            subject=str(row.territory),
            reason=_("%(count)s anomalies wait for an answer.") % {"count": waiting[row.pk]}
            if row.pk in waiting
            else _("Every anomaly is answered: write what was learned and close it.")
            if row.figures is not None
            else _("Its figures are being computed."),
            url=reverse("insights:evaluation_detail", args=[row.pk]),
        )
        for row in selectors.own_evaluations(actor)
    ]


def _item(row: Improvement, reason: str, due: date | None) -> Item:
    is_strategic = row.trigger in Improvement.STRATEGIC
    return Item(
        kind=kind_of("insights.strategy" if is_strategic else "insights.improvement"),
        title=row.action if row.state == State.PLANNED and row.action else presenting.problem(row),
        reason=reason,
        url=reverse("insights:improvement_detail", args=[row.pk]),
        subject=str(row.territory),
        due_at=_at(due),
    )


def improvements_due(actor: Actor, now: datetime) -> list[Item]:
    """Say what a person carries out, decides or concludes, and why."""
    if not actor.may(f"{IMPROVEMENT}:edit"):
        return []
    items = []
    for row in selectors.mine(actor, until=local_day(now) + timedelta(days=DAYS_AHEAD)):
        if row.state == State.DONE:
            items.append(_item(row, _("Measured again: say whether it worked."), row.recheck_on))
        elif row.state == State.OPEN:
            items.append(_item(row, _("%(count)s customers are affected: decide whether the strategy still holds.")
                               % {"count": row.customers or 0}, row.due_on))  # fmt: skip
        else:
            items.append(_item(row, _("Against: %(problem)s") % {"problem": presenting.problem(row)}, row.due_on))
    return items


def improvements_late(actor: Actor, now: datetime) -> list[Item]:
    """Tell whoever answers for it what is overdue with others."""
    if not actor.may(f"{IMPROVEMENT}:edit"):
        return []
    return [
        _item(row, _("Overdue with %(name)s: ask what holds it up.") % {"name": row.responsible or "–"}, row.due_on)
        for row in selectors.escalated(actor, today=local_day(now))
    ]
