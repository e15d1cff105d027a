"""What becomes of a proposed rule, or of a transfer asked for, when its request is decided."""

from datetime import datetime

from django.utils import timezone

from yaomai.compliance import ledger
from yaomai.compliance.models import Outcome, Rule, Share, Transfer
from yaomai.compliance.services.rules import lock
from yaomai.kit.access import Actor, current_actor
from yaomai.kit.acts.rows import local_day, touch
from yaomai.kit.approvals.models import Request
from yaomai.kit.audit.trail import Changes


def rule_approved(request: Request, *, actor: Actor, now: datetime) -> Changes:
    """Put it in force from its day, today at the earliest."""
    rule = _locked(request)
    rule.status, rule.approver_id, rule.decided_at = Rule.Status.APPROVED, actor.person_id, now
    rule.valid_from = max(rule.valid_from, local_day(now))
    rule.save(update_fields=["status", "approver", "decided_at", "valid_from"])
    return {"status": (Rule.Status.PROPOSED, rule.status), "valid_from": (None, rule.valid_from)}


def rule_returned(request: Request, *, actor: Actor, now: datetime) -> Changes:
    """Give it back to its author; what is in force stays so."""
    rule = _locked(request)
    rule.status, rule.decided_at = Rule.Status.RETURNED, now
    rule.save(update_fields=["status", "decided_at"])
    return {"status": (Rule.Status.PROPOSED, rule.status)}


def rule_is_current(request: Request) -> bool:
    """Tell whether the rule can still come into force: its last day may have passed while it waited."""
    rule = Rule.unscoped.get(pk=request.target_id)
    return rule.status == Rule.Status.PROPOSED and (rule.valid_to is None or rule.valid_to > local_day(timezone.now()))


def _locked(request: Request) -> Rule:
    rule = Rule.unscoped.get(pk=request.target_id)
    lock(rule.code)
    rule.refresh_from_db()
    return rule


def transfer_approved(request: Request, *, actor: Actor, now: datetime) -> Changes:
    """Let it be given."""
    return _move(request, Transfer.State.APPROVED, now)


def transfer_returned(request: Request, *, actor: Actor, now: datetime) -> Changes:
    """Take it out of the accounts."""
    Share.unscoped.filter(transfer=int(request.target_id)).update(is_counted=False)
    return _move(request, Transfer.State.DROPPED, now)


def transfer_is_current(request: Request) -> bool:
    """Tell whether the rules still let it pass: an account may have grown, a rule changed, a filing ended meanwhile."""
    transfer = Transfer.unscoped.get(pk=request.target_id)
    parts = ledger.written(transfer)
    ledger.lock(transfer, [part.professional.pk for part in parts if part.professional is not None])
    found = ledger.verdicts(transfer, parts, amount=transfer.amount, actor=current_actor(), on=transfer.on)
    return transfer.state == Transfer.State.REQUESTED and ledger.gravest(found).outcome != Outcome.REFUSE


def _move(request: Request, state: Transfer.State, now: datetime) -> Changes:
    transfer = Transfer.unscoped.select_for_update().get(pk=request.target_id)
    before, transfer.state = transfer.state, state
    touch(transfer, now)
    transfer.save(update_fields=["state", "version", "updated_at"])
    return {"state": (before, state)}
