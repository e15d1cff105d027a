"""What waits too long goes to whoever the chain names for that."""

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from yaomai.kit.approvals.models import Step
from yaomai.kit.jobs.definitions import job, periodic
from yaomai.kit.jobs.handle import JobHandle


@periodic("5 * * * *", reason=_("Approvals that are late go on to the next decider"))
@job("approvals.escalate", label=_("Escalation of late approvals"))
def escalate(*, job: JobHandle) -> dict[str, Any]:
    """Let the role named for it decide, besides whoever is late."""
    now = timezone.now()
    late = Step.objects.filter(state=Step.State.OPEN, due_at__lt=now, escalated_at__isnull=True)
    return {"escalated": late.exclude(escalates_to="").update(escalated_at=now)}
