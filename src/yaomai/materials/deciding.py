"""What becomes of a version when its pre-approval is decided."""

from datetime import datetime

from yaomai.kit.access import Actor, current_actor
from yaomai.kit.acts.rows import local_day, touch
from yaomai.kit.approvals.models import Request
from yaomai.kit.audit.trail import Changes
from yaomai.materials import using
from yaomai.materials.models import MaterialVersion


def version_approved(request: Request, *, actor: Actor, now: datetime) -> Changes:
    """Let it be used; the version before it no longer may."""
    version = _locked(request)
    MaterialVersion.unscoped.filter(material=version.material_id, state=MaterialVersion.State.APPROVED).update(
        state=MaterialVersion.State.REPLACED, ended_at=now
    )
    return _move(version, MaterialVersion.State.APPROVED, now)


def version_returned(request: Request, *, actor: Actor, now: datetime) -> Changes:
    """Give it back to its author."""
    return _move(_locked(request), MaterialVersion.State.RETURNED, now)


def version_is_current(request: Request) -> bool:
    """Tell whether it still is what was submitted, word for word and file by file, and not forbidden meanwhile."""
    version = MaterialVersion.unscoped.filter(pk=request.target_id).first()
    if version is None or version.state != MaterialVersion.State.WAITING or version.digest != using.digest_now(version):
        return False
    on = local_day(version.updated_at)
    return using.verdict_on(version, actor=current_actor(), on=on, assume_approved=True).outcome != "refuse"


def _locked(request: Request) -> MaterialVersion:
    return MaterialVersion.unscoped.select_for_update().get(pk=request.target_id)


def _move(version: MaterialVersion, state: MaterialVersion.State, now: datetime) -> Changes:
    before, version.state, version.decided_at = version.state, state, now
    touch(version, now)
    version.save(update_fields=["state", "decided_at", "version", "updated_at"])
    return {"state": (before, state)}
