"""What planning brings to 今日: duties grouped into a line each, visits without a report, the compliance of the quarter."""

from datetime import date, datetime, time, timedelta

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from yaomai.customers.models import Institution
from yaomai.kit.access import Actor
from yaomai.kit.acts.rows import local_day
from yaomai.kit.inbox import Item
from yaomai.kit.inbox.registry import Number, kind_of
from yaomai.kit.ui import formats
from yaomai.planning import rules, selectors, tracking
from yaomai.planning.models import DutyState, PlannedVisit, ServiceDuty, VisitState

DUTY, VISIT = "planning.serviceduty:view", "planning.plannedvisit:view"
LOOK_BACK = timedelta(days=60)


def due(actor: Actor, now: datetime) -> list[Item]:
    """Return one line for what is overdue, one for what is due soon, one for visits that wait for their report."""
    if actor.person_id is None or not actor.may(DUTY):
        return []
    today = local_day(now)
    policy = selectors.cadence_policy(today)
    mine = ServiceDuty.objects.filter(owner=actor.person_id, state=DutyState.OPEN)
    late = mine.filter(window_to__lte=today)
    soon = mine.filter(
        window_to__gt=today, window_to__lte=today + timedelta(days=policy.soon_days + 1), window_from__lte=today
    )
    items = []
    if count := late.count():
        first = late.select_related("institution", "professional").order_by("window_to", "pk")[0]
        items.append(Item(
            kind=kind_of("planning.duty"),
            title=_("%(count)s service duties are overdue") % {"count": count},
            reason=_("The longest: %(name)s, %(what)s") % {"name": first.customer, "what": first.get_activity_display()},
            url=reverse("planning:due"),
            due_at=_evening(first.due_on), is_overdue=True,
        ))  # fmt: skip
    if count := soon.count():
        first = soon.select_related("institution", "professional").order_by("window_to", "pk")[0]
        items.append(Item(
            kind=kind_of("planning.duty"),
            title=_("%(count)s service duties are due within %(days)s days") % {"count": count, "days": policy.soon_days},
            reason=_("First: %(name)s, %(what)s") % {"name": first.customer, "what": first.get_activity_display()},
            url=reverse("planning:due"), due_at=_evening(first.due_on),
        ))  # fmt: skip
    waiting = PlannedVisit.objects.filter(
        owner=actor.person_id, state=VisitState.PLANNED, day__lt=today, day__gte=today - LOOK_BACK
    )
    if count := waiting.count():
        items.append(Item(
            kind=kind_of("planning.visit"),
            title=_("%(count)s past visits have no report") % {"count": count},
            reason=_("Report them, or say why they did not happen."),
            url=f"{reverse('planning:plannedvisit_list')}?owner={actor.person_id}&state=planned&day_to={today - timedelta(days=1)}",
        ))  # fmt: skip
    return items


def nobodys(actor: Actor, now: datetime) -> list[Item]:
    """Tell whoever may assign duties how many are owed by nobody."""
    if not actor.may("planning.serviceduty:manage"):
        return []
    today = local_day(now)
    rows = ServiceDuty.objects.filter(
        owner=None, state=DutyState.OPEN, window_from__lte=today + timedelta(days=14), window_to__gt=today
    )
    count = rows[:201].count()
    if not count:
        return []
    shown = str(count) if count <= 200 else _("more than %(count)s") % {"count": 200}
    return [
        Item(
            kind=kind_of("planning.duty"),
            title=_("%(count)s service duties are owed by nobody") % {"count": shown},
            reason=_("Nobody holds the role where these customers are. Fill the position, or give them to somebody."),
            url=f"{reverse('planning:serviceduty_list')}?unowned=1&state=open",
        )
    ]


def callbacks_short(actor: Actor, now: datetime) -> list[Item]:
    """Tell who is short of callbacks when the month is half over (C14)."""
    today = local_day(now)
    policy = selectors.cadence_policy(today)
    if actor.person_id is None or not actor.may("planning.callback:create") or today.day < policy.callbacks_from:
        return []
    made = tracking.callbacks([actor.person_id], today=today).get(actor.person_id, 0)
    if made >= policy.callbacks or not Institution.objects.exists():  # a new company has nobody to call yet
        return []
    last = rules.next_month(today.replace(day=1)) - timedelta(days=1)
    return [
        Item(
            kind=kind_of("planning.callback"),
            title=_("%(count)s callbacks to go this month") % {"count": policy.callbacks - made},
            reason=_("%(made)s of %(goal)s made; those most at risk stand first (C14).") % {"made": made, "goal": policy.callbacks},
            url=reverse("planning:callbacks"), due_at=_evening(last),
        )
    ]  # fmt: skip


def _evening(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time(18)))


def rate(actor: Actor, now: datetime) -> Number | None:
    """Return how many of one's duties of the quarter were done."""
    if actor.person_id is None or not actor.may(DUTY):
        return None
    today = local_day(now)
    since, until = tracking.quarter_of(today)
    found = tracking.total(ServiceDuty.objects.filter(owner=actor.person_id), since=since, until=until, today=today)
    if found.rate is None:
        return None
    return Number(
        label=_("Service duties done this quarter"), value=formats.percent(found.rate, 0),
        reason=_("%(done)s of %(due)s, %(late)s of them late")
        % {"done": found.on_time + found.late, "due": found.due, "late": found.late},
        url=reverse("planning:due"), progress=found.rate,
    )  # fmt: skip
