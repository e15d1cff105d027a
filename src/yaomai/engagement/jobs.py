"""Background work of this room."""

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from yaomai.engagement import services
from yaomai.kit.jobs import JobHandle, job, periodic


@periodic("20 5 * * *", reason=_("Key accounts that have stalled since yesterday"))
@job("engagement.stalled", label=_("Looking for stalled key accounts"), exclusive_by="engagement.stalled")
def find_stalled(*, job: JobHandle) -> dict[str, Any]:
    """Nudge for accounts that stay in a stage for too long."""
    return {"stalled": services.stalled_sync(now=timezone.now())}
