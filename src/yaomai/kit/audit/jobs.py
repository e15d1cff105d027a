"""Background work on the trail."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from yaomai.kit.access import current_actor
from yaomai.kit.audit import services
from yaomai.kit.audit.checkpoints import checkpoint
from yaomai.kit.jobs import JobHandle, job, periodic


@job("audit.verify", label=_("Verification of the trail"), exclusive_by="audit.verify", coalesce=True)
def verify_trail(*, job: JobHandle) -> dict[str, Any]:
    """Verify the whole trail on behalf of whoever asked."""
    result = services.trail_verify(actor=current_actor())
    return {"entries": result.entries, "findings": len(result.findings), "url": reverse("audit:verify")}


@periodic("*/10 * * * *", reason=_("So that the trail before this moment cannot be rewritten unnoticed"))
@job("audit.checkpoint", label=_("Checkpoint of the trail"), coalesce=True)
def write_checkpoint(*, job: JobHandle) -> dict[str, Any]:
    """Write the chain's end to the checkpoint file."""
    return {"sequence": checkpoint()["sequence"]}
