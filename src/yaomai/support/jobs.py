"""Background work of this room."""

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from yaomai.kit.jobs import JobHandle, job, periodic
from yaomai.support import services


@periodic("*/10 * * * *", reason=_("Requests of customers whose time runs out"))
@job("support.escalate", label=_("Watching the clock of service requests"), exclusive_by="support.escalate")
def escalate(*, job: JobHandle) -> dict[str, Any]:
    """Tell whoever the policy names of requests whose time runs out."""
    return {"steps": services.requests_escalate(actor=job.actor, now=timezone.now())}
