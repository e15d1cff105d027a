"""What becomes of a proposed rule when its request is decided."""

from datetime import datetime

from django.utils import timezone

from yaomai.compliance.models import Rule
from yaomai.compliance.services.rules import lock
from yaomai.kit.access import Actor
from yaomai.kit.acts.rows import local_day
from yaomai.kit.approvals.models import Request
from yaomai.kit.audit.trail import Changes


def approved(request: Request, *, actor: Actor, now: datetime) -> Changes:
    """Put it in force from its day, today at the earliest."""
    rule = _locked(request)
    rule.status, rule.approver_id, rule.decided_at = Rule.Status.APPROVED, actor.person_id, now
    rule.valid_from = max(rule.valid_from, local_day(now))
    rule.save(update_fields=["status", "approver", "decided_at", "valid_from"])
    return {"status": (Rule.Status.PROPOSED, rule.status), "valid_from": (None, rule.valid_from)}


def returned(request: Request, *, actor: Actor, now: datetime) -> Changes:
    """Give it back to its author; what is in force stays so."""
    rule = _locked(request)
    rule.status, rule.decided_at = Rule.Status.RETURNED, now
    rule.save(update_fields=["status", "decided_at"])
    return {"status": (Rule.Status.PROPOSED, rule.status)}


def is_current(request: Request) -> bool:
    """Tell whether the rule can still come into force: its last day may have passed while it waited."""
    rule = Rule.unscoped.get(pk=request.target_id)
    return rule.status == Rule.Status.PROPOSED and (rule.valid_to is None or rule.valid_to > local_day(timezone.now()))


def _locked(request: Request) -> Rule:
    rule = Rule.unscoped.get(pk=request.target_id)
    lock(rule.code)
    rule.refresh_from_db()
    return rule
