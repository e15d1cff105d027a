"""What this room brings to 今日: requests whose clock runs."""

from datetime import datetime, time

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yaomai.kit import inbox
from yaomai.kit.access import Actor
from yaomai.kit.acts.rows import local_day
from yaomai.kit.inbox.registry import kind_of
from yaomai.privacy.models import SubjectRequest


def register() -> None:
    """Register kinds and what is computed."""
    inbox.register_kind("privacy.request", label=gettext_lazy("requests of data subjects"), icon="shield-lock", rank=8)
    inbox.register_provider(requests_waiting)


def requests_waiting(actor: Actor, now: datetime) -> list[inbox.Item]:
    """Return the requests that wait, the earliest due first; whoever took an erasure is not asked to do it."""
    right = SubjectRequest.right("edit")
    if not actor.may(right):
        return []
    waiting = (
        SubjectRequest.objects.allowed(right).filter(state=SubjectRequest.State.OPEN).select_related("professional")
    )
    mine = waiting.exclude(kind=SubjectRequest.Kind.DELETE, taken_by=actor.person_id)
    return [
        inbox.Item(
            kind=kind_of("privacy.request"),
            title=str(row),
            reason=_("The law gives people an answer in time (PIPL 50)."),
            url=reverse("privacy:subjectrequest_detail", args=[row.pk]),
            subject=str(row.professional),
            due_at=timezone.make_aware(datetime.combine(row.due_on, time(18))),
            is_overdue=row.due_on < local_day(now),
        )
        for row in mine.order_by("due_on", "pk")[:10]
    ]
