"""Background work of this room."""

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from yaomai.influence import services
from yaomai.kit.jobs import JobHandle, job, periodic


@periodic("40 2 * * *", reason=_("The network of the day"))
@job("influence.network", label=_("Computing the network of influence"), coalesce=True)
def compute_network(*, job: JobHandle) -> dict[str, Any]:
    """Compute where everybody stands by the ties of today."""
    count = services.network_compute(actor=job.actor, now=timezone.now())
    return {"count": count, "url": "/influence/network/"}
