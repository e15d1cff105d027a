"""What listing brings to 今日: steps that are due, and committees that meet soon."""

from datetime import datetime, time, timedelta

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from yaomai.kit.access import Actor
from yaomai.kit.acts.rows import local_day
from yaomai.kit.inbox import Item
from yaomai.kit.inbox.registry import kind_of
from yaomai.kit.ui import formats
from yaomai.listing.models import Process

DAYS_AHEAD = 7
MOST = 10


def steps_due(actor: Actor, now: datetime) -> list[Item]:
    """Return the next steps that one is responsible for and that are due within a week."""
    if not actor.may("listing.process:view") or actor.person_id is None:
        return []
    today = local_day(now)
    rows = Process.objects.filter(
        owner_id=actor.person_id, outcome="", archived_at=None, next_step_on__lte=today + timedelta(days=DAYS_AHEAD)
    ).select_related("institution", "product")
    return [_item(process, now) for process in rows.order_by("next_step_on", "pk")[:MOST]]


def _item(process: Process, now: datetime) -> Item:
    assert process.next_step_on is not None
    due = timezone.make_aware(datetime.combine(process.next_step_on, time(18)))
    day = formats.day(process.next_step_on, today=local_day(now))
    return Item(
        kind=kind_of("listing.step"),
        title=process.next_step or _("Next step of the listing"),
        reason=_("%(stage)s, due %(day)s") % {"stage": process.get_stage_display(), "day": day},
        url=reverse("listing:process_detail", args=[process.pk]),
        subject=str(process),
        due_at=due,
        is_overdue=due < now,
    )
