"""What insights brings to 今日: target hospitals of one's positions that wait for their review."""

from datetime import datetime, time, timedelta

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from yaomai.insights.targets import selectors
from yaomai.kit.access import Actor
from yaomai.kit.acts.rows import local_day
from yaomai.kit.inbox import Item
from yaomai.kit.inbox.registry import kind_of
from yaomai.kit.ui import formats

DAYS_AHEAD = 14


def reviews_due(actor: Actor, now: datetime) -> list[Item]:
    """Return one line for each list and day on which target hospitals of the actor's positions are to be reviewed."""
    if not actor.may("insights.targetitem:review"):
        return []
    today, items = local_day(now), []
    for row in selectors.due(actor, until=today + timedelta(days=DAYS_AHEAD)):
        at = timezone.make_aware(datetime.combine(row["review_on"], time(18)))
        items.append(
            Item(
                kind=kind_of("insights.review"),
                title=_("%(count)s target hospitals to review") % {"count": row["count"]},
                reason=_("Keep or drop each with its reason, by %(day)s.")
                % {"day": formats.day(row["review_on"], today=today)},
                url=reverse("insights:targetlist_detail", args=[row["target_list"]]) + "?mine=1",
                subject=row["target_list__name"],
                due_at=at,
                is_overdue=at < now,
            )
        )
    return items
