"""Who hears of a request through 今日."""

from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from yaomai.kit.inbox import nudge_upsert, nudges_sync
from yaomai.support.models import ServiceRequest

KIND = "support.request"
TITLE = _("Service request of %(customer)s")
NEW = _("Taken by %(who)s; to be resolved within %(hours)s hours (C6).")
AGAIN = _("The customer is not content: %(why)s")
RUNNING = _("%(percent)s %% of its %(hours)s hours have passed and it is not resolved (C6).")


def tell(
    request: ServiceRequest, reason: Any, *, now: datetime, key: str = "owner", owner: int | None = None, **params: Any
) -> None:
    """Nudge somebody about a request; without an owner whoever may work on requests there."""
    nudge_upsert(
        kind=KIND, now=now, key=f"{KIND}:{request.pk}:{key}", reopen=True, title=TITLE, reason=reason,
        params={"customer": str(request.institution), "hours": request.hours, **params}, target=request,
        url=reverse("support:servicerequest_detail", args=[request.pk]), due_at=request.due_at, owner_id=owner,
        right="" if owner else ServiceRequest.right("edit"), territory_id=None if owner else request.territory_id,
    )  # fmt: skip


def hush(request: ServiceRequest, *, now: datetime) -> None:
    """End every nudge about a request."""
    nudges_sync(kind=KIND, causes=[], now=now, prefix=f"{KIND}:{request.pk}:")
