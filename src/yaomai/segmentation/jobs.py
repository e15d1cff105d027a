"""Background work of segmentation."""

from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from yaomai.kit.jobs import JobHandle, job
from yaomai.segmentation.services.running import tiers_compute


# Not atomic: the run must be seen while it works, and its files are whole or absent whatever happens.
@job("segmentation.compute", label=_("Tiers"), exclusive_by="segmentation.compute", atomic=False)
def compute_tiers(*, job: JobHandle, as_of: str) -> dict[str, Any]:
    """Compute all schemes as of a day."""
    run = tiers_compute(actor=job.actor, as_of=date.fromisoformat(as_of), job=job)
    return {"url": reverse("segmentation:run", args=[run.pk])}
