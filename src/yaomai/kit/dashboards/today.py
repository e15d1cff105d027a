"""What dashboards bring to 今日: reports that were received and not looked at yet."""

from datetime import datetime, timedelta

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yaomai.kit import inbox
from yaomai.kit.access import Actor
from yaomai.kit.dashboards.models import Delivery
from yaomai.kit.ui import formats

RECENT = timedelta(days=14)
MOST = 5


def register() -> None:
    """Register the kind and what is computed."""
    kind = inbox.register_kind(
        "dashboards.delivery", label=gettext_lazy("Report packs"), icon="report-analytics", rank=60,
        action=gettext_lazy("Read"),
    )  # fmt: skip

    def items(actor: Actor, now: datetime) -> list[inbox.Item]:
        if actor.person_id is None:
            return []
        today = timezone.localdate(now)
        rows = Delivery.objects.filter(
            receiver=actor.person_id, opened_at=None, made_at__isnull=False, day__gte=today - RECENT
        )
        return [
            inbox.Item(
                kind=kind,
                title=_("%(report)s is ready") % {"report": row.name},
                reason=_("Of %(day)s, with the figures of your own territories.")
                % {"day": formats.day(row.day, today=today)},
                url=reverse("dashboards:pack_list"),
                since=row.made_at,
            )
            for row in rows.defer("pdf", "workbook").order_by("-day", "-pk")[:MOST]
        ]

    inbox.register_provider(items)
