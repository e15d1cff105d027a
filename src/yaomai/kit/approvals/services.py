"""Decide on requests, remark, take back, and let another decide."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from yaomai.kit import inbox
from yaomai.kit.access import Actor, get_visible
from yaomai.kit.acts import Trail, act
from yaomai.kit.acts.rows import local_day
from yaomai.kit.approvals import requests, selectors
from yaomai.kit.approvals.chains import DelegationPolicy
from yaomai.kit.approvals.models import Decision, Delegation, Request, Step
from yaomai.kit.approvals.registry import directory, kind_of, kinds
from yaomai.kit.errors import Conflict, Invalid, Missing, Refused
from yaomai.kit.phrases import phrase
from yaomai.kit.policies.selectors import policy_on

ANSWER = "approvals.answer"


class OwnRequest(Refused):
    """Whoever asked may not decide, nor may a deputy in their place."""

    code = "four_eyes"
    message = _("You asked for this, so somebody else decides.")


class NotYours(Refused):
    """No step that is open waits for this person."""

    code = "approval_not_yours"
    message = _("No open step of this request waits for you.")


class Closed(Conflict):
    """The request is decided or withdrawn."""

    code = "approval_closed"
    message = _("This request is closed: %(state)s.")


class Unsigned(Refused):
    """The step needs a signature."""

    code = "approval_unsigned"
    message = _("This step is signed: decide on the screen and type your password when asked.")


class Overtaken(Conflict):
    """What was asked for has changed meanwhile."""

    code = "approval_overtaken"
    message = _("What was asked for has changed since. Reject the request, and let it be asked anew.")


class Tampered(Refused):
    """The frozen copy is not what was asked for: somebody changed it behind the product's back."""

    code = "approval_tampered"
    message = _("This request was altered in the database. Decide nothing, and tell the audit administrator.")


def _locked(pk: int) -> Request:
    get_visible(Request, pk=pk)
    request: Request = Request.unscoped.select_for_update().get(pk=pk)
    if request.state != Request.State.OPEN:
        raise Closed(state=request.get_state_display())
    return request


def _decide(
    actor: Actor,
    pk: int,
    verdict: Decision.Verdict,
    comment: str,
    signed_at: datetime | None,
    now: datetime,
) -> tuple[Request, Step]:
    """Write a decision on the first open step that is the actor's."""
    request = _locked(pk)
    if requests.digest_of(request) != request.digest:
        raise Tampered
    if actor.person_id is None or actor.person_id == request.requested_by_id:
        raise OwnRequest
    on = local_day(now)
    step = selectors.open_steps(actor, on=on).filter(request=request).order_by("number").first()
    seat = selectors.seat_for(step, actor, on=on) if step is not None else None
    if step is None or seat is None:
        raise NotYours
    policy, _version = policy_on(DelegationPolicy, on=on)
    is_signed = signed_at is not None and now - signed_at <= timedelta(minutes=policy.signature_minutes)
    if step.signature and not is_signed:
        raise Unsigned
    meaning = kind_of(request.kind).meaning if verdict == Decision.Verdict.APPROVE else ""
    try:
        with transaction.atomic():
            Decision.objects.create(
                request=request, step=step, person_id=actor.person_id, requester_id=request.requested_by_id,
                on_behalf_of_id=seat.person_id if seat.is_deputy else None, verdict=verdict, comment=comment.strip(),
                meaning=phrase(meaning), signed_at=signed_at if is_signed else None, digest=request.digest, at=now,
            )  # fmt: skip
    except IntegrityError as error:
        raise NotYours from error
    return request, step


@act("approvals.request:approve", right="", sentence=_("%(actor)s approved: %(target)s"))
def request_approve(
    *,
    actor: Actor,
    trail: Trail,
    pk: int,
    now: datetime,
    comment: str = "",
    signed_at: datetime | None = None,
) -> Request:
    """Approve the step that waits for the actor; with the last one, what was asked for is done.

    Args:
        signed_at: when the actor last typed the password.

    Raises:
        OwnRequest, NotYours, Closed, Unsigned, Overtaken, Tampered: see each.
    """
    request, step = _decide(actor, pk, Decision.Verdict.APPROVE, comment, signed_at, now)
    kind = kind_of(request.kind)
    if not kind.is_current(request):
        raise Overtaken
    if not step.everybody or _all_approved(step):
        step.state, step.closed_at = Step.State.APPROVED, now
        step.save(update_fields=["state", "closed_at"])
    changes: dict[str, Any] = {"step": (None, step.number)}
    if not request.steps.filter(state=Step.State.OPEN).exists() and not requests.open_next(request, now):
        requests.close(request, Request.State.APPROVED, now)
        changes |= kind.on_approved(request, actor=_by_approval(actor, request), now=now) or {}
    trail.note(request, changes=changes, digest=request.digest, comment=comment)
    return request


def _by_approval(actor: Actor, request: Request) -> Actor:
    """Return the decider with the power to do what was asked for: they read the copy, whatever else they may see."""
    return replace(actor, is_system=True, reason=str(request))


def _all_approved(step: Step) -> bool:
    """Tell whether everybody named has approved, themselves or by a deputy."""
    given = step.decisions.filter(verdict=Decision.Verdict.APPROVE).values_list("person_id", "on_behalf_of_id")
    return set(step.people) <= {behalf or person for person, behalf in given}


@act("approvals.request:reject", right="", sentence=_("%(actor)s rejected: %(target)s (%(comment)s)"))
def request_reject(
    *, actor: Actor, trail: Trail, pk: int, comment: str, now: datetime, signed_at: datetime | None = None
) -> Request:
    """Reject the request with a reason, which whoever asked is told.

    Raises:
        Invalid: no reason. OwnRequest, NotYours, Closed, Unsigned, Tampered: see each.
    """
    if not comment.strip():
        raise Invalid(fields={"comment": [_("Say why, so that whoever asked knows what to change.")]})
    request, step = _decide(actor, pk, Decision.Verdict.REJECT, comment, signed_at, now)
    step.state, step.closed_at = Step.State.REJECTED, now
    step.save(update_fields=["state", "closed_at"])
    requests.close(request, Request.State.REJECTED, now)
    done = kind_of(request.kind).on_rejected(request, actor=_by_approval(actor, request), now=now) or {}
    changes = {"step": (None, step.number), **done}
    trail.note(request, changes=changes, digest=request.digest, comment=comment.strip())
    if request.requested_by_id is not None:
        inbox.nudge_upsert(
            kind=ANSWER, key=f"approvals.answer:{request.pk}", owner_id=request.requested_by_id, now=now,
            title=_("A request of yours was rejected"), reason=_("%(who)s: %(comment)s"),
            params={"who": actor.label, "comment": comment.strip()[:300]}, url=request.url, target=request,
        )  # fmt: skip
    return request


@act("approvals.request:remark", right="", sentence=_("%(actor)s remarked on: %(target)s"))
def request_remark(*, actor: Actor, trail: Trail, pk: int, comment: str, now: datetime) -> Request:
    """Say something about a request without deciding.

    Raises:
        Invalid: nothing said. Closed: it is decided.
    """
    if not comment.strip():
        raise Invalid(fields={"comment": [_("Write what you want to say.")]})
    request = _locked(pk)
    if actor.person_id is None:
        raise NotYours
    Decision.objects.create(
        request=request, person_id=actor.person_id, requester_id=request.requested_by_id, comment=comment.strip(),
        verdict=Decision.Verdict.REMARK, digest=request.digest, at=now,
    )  # fmt: skip
    trail.note(request, changes={"remark": (None, comment.strip())})
    return request


@act("approvals.request:withdraw", right="", sentence=_("%(actor)s withdrew: %(target)s"))
def request_withdraw(*, actor: Actor, trail: Trail, pk: int, now: datetime) -> Request:
    """Take one's own request back.

    Raises:
        Missing: it is not the actor's. Closed: it is decided.
    """
    request = _locked(pk)
    if actor.person_id is None or request.requested_by_id != actor.person_id:
        raise Missing
    requests.close(request, Request.State.WITHDRAWN, now)
    kind = kinds().get(request.kind)  # a room that is gone must not keep its requests open
    done = kind.on_rejected(request, actor=_by_approval(actor, request), now=now) if kind else None
    trail.note(request, changes={"state": (Request.State.OPEN, request.state), **(done or {})})
    return request


@act("approvals.delegation:create", right="", sentence=_("%(actor)s lets %(deputy)s decide: %(target)s"))
def delegation_create(
    *, actor: Actor, trail: Trail, deputy_id: int, valid_from: date, valid_to: date, reason: str, now: datetime
) -> Delegation:
    """Let a colleague decide in one's place from–to; what they ask for themselves they still cannot decide.

    Raises:
        Invalid: by field.
    """
    problems: dict[str, list[object]] = {}
    policy, _version = policy_on(DelegationPolicy, on=local_day(now))
    names = directory().colleagues()
    if actor.person_id is None:
        raise Missing
    if deputy_id not in names or deputy_id == actor.person_id:
        problems["deputy_id"] = [_("Choose a colleague.")]
    if valid_from < local_day(now):
        problems["valid_from"] = [_("Choose today or a later day.")]
    if valid_to < valid_from:
        problems["valid_to"] = [_("The last day lies before the first.")]
    elif (valid_to - valid_from).days >= policy.longest:
        problems["valid_to"] = [_("A delegation lasts %(days)s days at most.") % {"days": policy.longest}]
    if not reason.strip():
        problems["reason"] = [_("Say why: the delegation stands in the trail.")]
    if problems:
        raise Invalid(fields=problems)  # type: ignore[arg-type]
    row = Delegation.unscoped.create(
        person_id=actor.person_id, deputy_id=deputy_id, valid_from=valid_from, valid_to=valid_to,
        reason=reason.strip()[:200], created_at=now,
    )  # fmt: skip
    changes = {"valid_from": (None, valid_from), "valid_to": (None, valid_to)}
    trail.note(row, changes=changes, deputy=names[deputy_id], reason=row.reason)
    return row


@act("approvals.delegation:end", right="", sentence=_("%(actor)s ended the delegation %(target)s"))
def delegation_end(*, actor: Actor, trail: Trail, pk: int, now: datetime) -> Delegation:
    """End a delegation that one gave.

    Raises:
        Missing: it is not the actor's, or it has ended.
    """
    get_visible(Delegation, pk=pk)
    row = Delegation.unscoped.select_for_update().get(pk=pk)
    if row.person_id != actor.person_id or row.ended_at is not None:
        raise Missing
    row.ended_at = now
    row.save(update_fields=["ended_at"])
    trail.note(row, changes={"ended_at": (None, now)})
    return row
