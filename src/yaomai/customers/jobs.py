"""Background work of this room."""

from datetime import timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from yaomai.customers import services
from yaomai.customers.services.currents import apply_due
from yaomai.customers.services.profiles import PROFILED, measure_all
from yaomai.kit.jobs import JobHandle, job, periodic

DAYS_LOOKED_BACK = 40
"""Longer than any outage after which dated changes are still applied by themselves."""


@job("customers.find_institution_duplicates", label=_("Looking for duplicate institutions"), coalesce=True)
def find_institution_duplicates(*, job: JobHandle) -> dict[str, Any]:
    """Propose duplicates among the institutions that the asker may merge."""
    found = services.institution_duplicates_find(actor=job.actor, now=timezone.now(), job=job)
    return {"found": found, "url": "/customers/duplicates/institution/"}


@job("customers.find_professional_duplicates", label=_("Looking for duplicate professionals"), coalesce=True)
def find_professional_duplicates(*, job: JobHandle) -> dict[str, Any]:
    """Propose duplicates among the professionals that the asker may merge."""
    found = services.professional_duplicates_find(actor=job.actor, now=timezone.now(), job=job)
    return {"found": found, "url": "/customers/duplicates/professional/"}


@periodic("5 0 * * *", reason=_("Assignments and affiliations that begin or end today"))
@job("customers.apply_dates", label=_("Applying dated assignments"))
def apply_dates(*, job: JobHandle) -> dict[str, Any]:
    """Bring territories and workplaces into step with the day."""
    today = timezone.localdate()
    return {"changed": apply_due(since=today - timedelta(days=DAYS_LOOKED_BACK), on=today)}


@periodic("35 1 * * *", reason=_("Figures of the profile policy that hold from today"))
@job("customers.measure_profiles", label=_("Measuring profiles"))
def measure_profiles(*, job: JobHandle) -> dict[str, Any]:
    """Bring completeness and refresh days into step with the policy of the day."""
    today = timezone.localdate()
    return {entity: measure_all(entity, today=today) for entity in PROFILED}
