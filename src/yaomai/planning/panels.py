"""What planning adds to the page of a customer: what is owed and planned, when they can be met."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from yaomai.customers.models import Institution, Professional
from yaomai.customers.panels import Signal
from yaomai.kit.access import Actor
from yaomai.kit.ui import formats
from yaomai.planning import selectors, showing
from yaomai.planning.models import PlannedVisit, VisitState, WorkingTime

DUTY, VISIT, TIMES = "planning.serviceduty:view", "planning.plannedvisit:view", "planning.workingtime:view"
MOST = 5


def owed(customer: Institution | Professional, actor: Actor) -> Mapping[str, Any] | None:
    """Return the next duties to a customer and the visits planned for it."""
    today = timezone.localdate()
    duties = selectors.duties_of_customer(customer, until=today + timedelta(days=1))
    visits = (
        PlannedVisit.objects.filter(selectors.of_customer(customer), state=VisitState.PLANNED, day__gte=today)
        .select_related("owner", "professional", "institution").order_by("day", "starts_at", "pk")[:MOST]
    )  # fmt: skip
    rows, planned = showing.unplanned(list(duties[:MOST])), list(visits)
    if not rows and not planned:
        return None
    return {
        "rows": [row | {"is_late": row["duty"].window_to <= today} for row in rows],
        "visits": planned,
        "list_url": f"{reverse('planning:serviceduty_list')}?{'professional' if isinstance(customer, Professional) else 'institution'}={customer.pk}&state=open",
    }  # fmt: skip


def times(customer: Institution | Professional, actor: Actor) -> Mapping[str, Any] | None:
    """Return the week of a customer."""
    if isinstance(customer, Professional):
        rows = WorkingTime.objects.filter(professional=customer, institution=customer.institution_id)
        entity = "professional"
        if customer.institution_id is None:
            return None
    else:
        rows, entity = WorkingTime.objects.filter(institution=customer, professional=None), "institution"
    may_edit = actor.may("planning.workingtime:edit") and customer.archived_at is None
    held = list(rows.order_by("weekday", "half"))
    if not held and not may_edit:
        return None
    by_kind: dict[str, list[str]] = {}
    for each in held:
        by_kind.setdefault(str(each.get_kind_display()), []).append(
            f"{each.get_weekday_display()}{' ' if formats.language() == 'en' else ''}{each.get_half_display()}"
        )
    return {
        "kinds": by_kind.items(),
        "source": next((each.source for each in held if each.source), ""),
        "edit_url": reverse("planning:working_times", args=[entity, customer.pk]) if may_edit else "",
    }


def signals(customer: Institution | Professional, actor: Actor, today: date) -> Iterable[Signal]:
    """Say that something owed to a customer is overdue: all of it in one line."""
    if not actor.may(DUTY):
        return
    late = selectors.open_duties().filter(selectors.of_customer(customer), window_to__lte=today)
    rows = list(late[:4])
    if not rows:
        return
    kinds = formats.listed(dict.fromkeys(str(row.get_activity_display()) for row in rows[:3]))
    yield Signal(
        text=_("Overdue: %(kinds)s") % {"kinds": kinds},
        reason=_("since %(day)s, owed by %(name)s")
        % {"day": formats.day(rows[0].due_on, today=today), "name": rows[0].owner or _("nobody")},
        url=reverse("planning:serviceduty_detail", args=[rows[0].pk]),
        action=_("Look"), tone="warn", weight=58,
    )  # fmt: skip
