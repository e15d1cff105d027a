"""What becomes of a version when its request is decided."""

from datetime import datetime

from yaomai.kit.access import Actor
from yaomai.kit.approvals.models import Request
from yaomai.kit.audit.trail import Changes
from yaomai.kit.policies.models import Version
from yaomai.kit.policies.services import lock


def approved(request: Request, *, actor: Actor, now: datetime) -> Changes:
    """Let it be published."""
    return _move(request, Version.Status.APPROVED, actor, now)


def returned(request: Request, *, actor: Actor, now: datetime) -> Changes:
    """Give it back to its author."""
    return _move(request, Version.Status.RETURNED, actor, now)


def _move(request: Request, status: Version.Status, actor: Actor, now: datetime) -> Changes:
    version = Version.unscoped.get(pk=request.target_id)
    lock(version.name)
    version.refresh_from_db()
    before, version.status, version.decided_at = version.status, status, now
    if status == Version.Status.APPROVED:
        version.approver_id = actor.person_id
    version.save(update_fields=["status", "approver", "decided_at"])
    return {"status": (before, status)}
