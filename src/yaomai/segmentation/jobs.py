"""Background work of segmentation."""

from datetime import date
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from yaomai.commerce.panels import first_month
from yaomai.kit.jobs import JobHandle, job, periodic
from yaomai.segmentation.services.changes import tiers_return
from yaomai.segmentation.services.running import tiers_compute
from yaomai.segmentation.services.signals import signals_find


# Not atomic: the run must be seen while it works, and its files are whole or absent whatever happens.
@job("segmentation.compute", label=_("Tiers"), exclusive_by="segmentation.compute", atomic=False)
def compute_tiers(*, job: JobHandle, as_of: str) -> dict[str, Any]:
    """Compute all schemes as of a day."""
    run = tiers_compute(actor=job.actor, as_of=date.fromisoformat(as_of), job=job)
    return {"url": reverse("segmentation:run", args=[run.pk])}


@periodic("30 4 2 * *", reason=_("The month that ended is reviewed for signals"))
@job("segmentation.signals", label=_("Monthly review of signals"))
def find_signals(*, job: JobHandle) -> dict[str, Any]:
    """Find the movers of the month before."""
    month = first_month(timezone.localdate(), 1)
    return {"found": signals_find(actor=job.actor, month=month, now=timezone.now())}


@periodic("20 0 * * *", reason=_("Decided tiers whose time is over"))
@job("segmentation.return", label=_("End of decided tiers"))
def return_tiers(*, job: JobHandle) -> dict[str, Any]:
    """Let decided tiers end whose time is over."""
    return {"changed": tiers_return(actor=job.actor, now=timezone.now())}
