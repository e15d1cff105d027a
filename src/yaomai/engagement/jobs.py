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


@periodic("10 2 * * *", reason=_("Locations whose time is over are deleted; pictures of the day are looked at"))
@job("engagement.proofs", label=_("Looking after the proofs of visits"), exclusive_by="engagement.proofs")
def look_after_proofs(*, job: JobHandle) -> dict[str, Any]:
    """Delete locations that are no longer needed, and look at pictures that were attached on the screen."""
    now = timezone.now()
    return {"deleted": services.locations_forget(now=now), "pictures": services.photos_catch_up(now=now)}
