"""Background work of this room."""

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from yaomai.catalog import services
from yaomai.kit.jobs import JobHandle, job, periodic


@periodic("10 0 * * *", reason=_("Reimbursement and procurement that begin or end today"))
@job("catalog.apply_standings", label=_("Applying dated standings of products"))
def apply_standings(*, job: JobHandle) -> dict[str, Any]:
    """Bring the products into step with the day."""
    return {"changed": services.standings_apply(actor=job.actor, on=timezone.localdate())}
