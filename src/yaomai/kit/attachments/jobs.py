"""Nightly tidying."""

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from yaomai.kit.attachments import services
from yaomai.kit.jobs import JobHandle, job, periodic


@periodic("55 3 * * *", reason=_("What nobody attached is not kept"))
@job("attachments.tidy", label=_("Removal of files that nothing speaks of"))
def tidy(*, job: JobHandle) -> dict[str, Any]:
    """Delete contents that no row speaks of."""
    return dict(services.remove_leftovers(now=timezone.now()))
