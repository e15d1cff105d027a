"""What approvals bring to 今日: what waits for a decision, and what was rejected."""

from datetime import datetime

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yaomai.kit import inbox
from yaomai.kit.access import Actor

MOST = 20


def register() -> None:
    """Register the kinds and what is computed."""
    decide = inbox.register_kind(
        "approvals.decide", label=gettext_lazy("Approvals"), icon="checklist", rank=12, action=gettext_lazy("Look")
    )
    inbox.register_kind(
        "approvals.answer", label=gettext_lazy("Answers to your requests"), icon="arrow-back-up", rank=25
    )

    def items(actor: Actor, now: datetime) -> list[inbox.Item]:
        from yaomai.kit.approvals.selectors import open_steps

        if actor.person_id is None:
            return []
        steps = open_steps(actor, on=timezone.localdate(now)).select_related("request").order_by("due_at", "pk")
        return [
            inbox.Item(
                kind=decide,
                title=_("%(title)s waits for your decision") % {"title": step.request},
                reason=f"{step.request.requested_by_label}：{step.request.reason}",
                url=reverse("approvals:request_detail", args=[step.request_id]),
                money=step.request.amount,
                due_at=step.due_at,
                since=step.request.created_at,
            )
            for step in steps[:MOST]
        ]

    inbox.register_provider(items)
