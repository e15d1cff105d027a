"""Background work: planned changes of the territory tree take effect on their day."""

import logging
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from yaomai.kit.access import current_actor
from yaomai.kit.jobs import JobHandle, job, periodic
from yaomai.organization.services import emergencies_expire_due, territory_apply_due


@periodic("5 0 * * *", reason=_("Planned changes of territories take effect on their day"))
@job("organization.apply_territory_changes", label=_("Changes of the territory tree"), coalesce=True, atomic=False)
def apply_territory_changes(*, job: JobHandle) -> dict[str, Any]:
    """Carry out every planned change whose day has come."""
    applied, failed = territory_apply_due(actor=current_actor(), now=timezone.now())
    for change, error in failed:
        logging.getLogger(__name__).error("territory change %s cannot take effect: %s", change, error.code)
    return {"applied": len(applied), "failed": len(failed)}


@periodic("*/5 * * * *", reason=_("Emergency power ends by time"))
@job("organization.expire_emergencies", label=_("End of emergency powers"), coalesce=True)
def expire_emergencies(*, job: JobHandle) -> dict[str, Any]:
    """Write down every emergency power whose time is up."""
    return {"expired": emergencies_expire_due(actor=current_actor(), now=timezone.now())}
