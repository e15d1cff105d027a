"""The queue's own housekeeping."""

from datetime import timedelta
from typing import Any

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from yaomai.kit.jobs.definitions import job, periodic
from yaomai.kit.jobs.handle import JobHandle
from yaomai.kit.jobs.models import Job, Slot

KEEP_SYSTEM = timedelta(days=7)
KEEP_PEOPLE = timedelta(days=180)
KEEP_SLOTS = timedelta(days=400)
"""Longer than any clock is ever set back."""


@periodic("40 3 * * *", reason=_("Old jobs are removed every night"))
@job("jobs.prune", label=_("Removal of old jobs"))
def prune(*, job: JobHandle) -> dict[str, Any]:
    """Remove what the system did a week ago and what people asked for half a year ago, if it ended well."""
    now = timezone.now()
    over = Job.unscoped.filter(state__in=(Job.State.DONE, Job.State.CANCELLED))
    old = Q(owner__isnull=True, finished_at__lt=now - KEEP_SYSTEM) | Q(finished_at__lt=now - KEEP_PEOPLE)
    removed, _by_model = over.filter(old).delete()
    Slot.objects.filter(at__lt=now - KEEP_SLOTS).delete()
    return {"removed": removed}
