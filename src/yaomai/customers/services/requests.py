"""Change requests and verification: the field says what is wrong or new, a steward decides; never the same person."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from yaomai.customers import profile
from yaomai.customers.models import ChangeRequest, InstitutionRequest, ProfessionalRequest
from yaomai.customers.policies import ProfilePolicy
from yaomai.customers.services.profiles import INSTITUTION, PROFESSIONAL, Profiled, write_fact
from yaomai.kit.access import Actor, get_visible
from yaomai.kit.acts import Trail, act
from yaomai.kit.acts.rows import local_day, locked, require_open, save, touch
from yaomai.kit.errors import Conflict, Invalid, Missing, Refused
from yaomai.kit.policies.selectors import policy_on

REQUESTS: dict[profile.Entity, type[ChangeRequest]] = {
    "institution": InstitutionRequest,
    "professional": ProfessionalRequest,
}
LONGEST_REASON = 300


class OwnRequest(Refused):
    """Four eyes: nobody decides what they asked for."""

    code = "customers.own_request"
    message = _("You asked for this yourself; somebody else decides.")


class Decided(Conflict):
    code = "customers.decided"
    message = _("This request is decided already.")


def _propose(
    tables: Profiled, *, actor: Actor, trail: Trail, pk: int, field: str, value: Any, source: str, source_kind: str,
    now: datetime,
) -> ChangeRequest:  # fmt: skip
    declared = profile.field(tables.entity, field)
    if declared is None:
        raise Missing
    row = get_visible(tables.model, pk=pk)
    require_open(row)
    source = source.strip()
    if not 0 < len(source) <= LONGEST_REASON - 100:
        raise Invalid(fields={"source": [_("Say where this comes from, in at most 200 characters.")]})
    policy, _version = policy_on(ProfilePolicy, on=local_day(now))
    if source_kind and policy.source(source_kind) is None:
        raise Invalid(fields={"source_kind": [_("Choose from the list.")]})
    current = tables.facts.objects.filter(**{tables.owner: pk}, field=field, superseded_at=None).first()
    new, was = declared.clean(value), current.value if current is not None else None
    if new == was:
        raise Invalid(fields={"value": [_("This stands there already.")]})
    made: ChangeRequest = REQUESTS[tables.entity].unscoped.create(
        **{tables.owner: pk}, field=field, was=was, value=new, source=source, source_kind=source_kind,
        proposed_by_id=actor.person_id, proposed_at=now,
    )  # fmt: skip
    trail.note(row, field=declared.label, source=source, request=made.pk)
    return made


def _open(tables: Profiled, *, actor: Actor, pk: int) -> ChangeRequest:
    """Return an open request, locked, that the actor may decide."""
    model: Any = REQUESTS[tables.entity]
    rows = model.objects.allowed(tables.model.right("review"))
    found: ChangeRequest | None = rows.select_for_update(of=("self",)).filter(pk=pk).first()
    if found is None:
        raise Missing
    if found.status != ChangeRequest.Status.OPEN:
        raise Decided
    if actor.person_id is not None and found.proposed_by_id == actor.person_id:
        raise OwnRequest
    return found


def _decide(request: ChangeRequest, status: str, *, actor: Actor, reason: str, now: datetime) -> None:
    request.status, request.decided_by_id, request.decided_at = status, actor.person_id, now
    request.decision = reason
    request.save(update_fields=["status", "decided_by", "decided_at", "decision"])


def _accept(tables: Profiled, *, actor: Actor, trail: Trail, pk: int, now: datetime, reason: str) -> ChangeRequest:
    request = _open(tables, actor=actor, pk=pk)
    write_fact(
        tables, actor=actor, pk=getattr(request, tables.owner), field=request.field, value=request.value,
        source=request.source, source_kind=request.source_kind, insists=True, now=now, verb="review",
    )  # fmt: skip
    _decide(request, ChangeRequest.Status.ACCEPTED, actor=actor, reason=reason.strip()[:LONGEST_REASON], now=now)
    _note(tables, request, trail, reason)
    return request


def _reject(tables: Profiled, *, actor: Actor, trail: Trail, pk: int, now: datetime, reason: str) -> ChangeRequest:
    request = _open(tables, actor=actor, pk=pk)
    reason = reason.strip()
    if not 0 < len(reason) <= LONGEST_REASON:
        raise Invalid(fields={"reason": [_("Say it in 1 to %(most)s characters.") % {"most": LONGEST_REASON}]})
    _decide(request, ChangeRequest.Status.REJECTED, actor=actor, reason=reason, now=now)
    _note(tables, request, trail, reason)
    return request


def _note(tables: Profiled, request: ChangeRequest, trail: Trail, reason: str) -> None:
    row = tables.model.unscoped.get(pk=getattr(request, tables.owner))
    declared = profile.field(tables.entity, request.field)
    trail.note(row, field=declared.label if declared else request.field, reason=reason or "–", request=request.pk)


def _verify(tables: Profiled, *, actor: Actor, trail: Trail, pk: int, now: datetime) -> Any:
    row: Any = locked(tables.model, pk, verb="review")
    require_open(row)
    if not row.is_unverified:
        raise Conflict
    row.is_unverified = False
    touch(row, now)
    save(row, fields=["is_unverified"])
    trail.note(row, changes={"is_unverified": (True, False)})
    return row


@act(
    "customers.institution:propose",
    right="customers.institution:view",
    sentence=_("%(actor)s asked for a change of “%(field)s” of %(target)s (source: %(source)s)"),
)
def institution_change_propose(
    *, actor: Actor, trail: Trail, pk: int, field: str, value: Any, source: str, now: datetime, source_kind: str = ""
) -> ChangeRequest:
    """Ask for another value of a profile field; whoever sees the record may.

    Raises:
        Missing: no such institution in view, or no such field.
        Archived: the institution takes no changes.
        Invalid: no source, a value that does not fit, or that stands there already.
    """
    return _propose(
        INSTITUTION, actor=actor, trail=trail, pk=pk, field=field, value=value, source=source,
        source_kind=source_kind, now=now,
    )  # fmt: skip


@act(
    "customers.professional:propose",
    right="customers.professional:view",
    sentence=_("%(actor)s asked for a change of “%(field)s” of %(target)s (source: %(source)s)"),
)
def professional_change_propose(
    *, actor: Actor, trail: Trail, pk: int, field: str, value: Any, source: str, now: datetime, source_kind: str = ""
) -> ChangeRequest:
    """Ask for another value of a person's profile field; see `institution_change_propose`."""
    return _propose(
        PROFESSIONAL, actor=actor, trail=trail, pk=pk, field=field, value=value, source=source,
        source_kind=source_kind, now=now,
    )  # fmt: skip


@act(
    "customers.institution:accept",
    right="customers.institution:review",
    sentence=_("%(actor)s accepted the requested change of “%(field)s” of %(target)s"),
)
def institution_change_accept(*, actor: Actor, trail: Trail, pk: int, now: datetime, reason: str = "") -> ChangeRequest:
    """Write what was asked for into the profile.

    Raises:
        Missing: no such request in reach. Decided: it is decided. OwnRequest: the actor asked for it.
    """
    return _accept(INSTITUTION, actor=actor, trail=trail, pk=pk, now=now, reason=reason)


@act(
    "customers.professional:accept",
    right="customers.professional:review",
    sentence=_("%(actor)s accepted the requested change of “%(field)s” of %(target)s"),
)
def professional_change_accept(
    *, actor: Actor, trail: Trail, pk: int, now: datetime, reason: str = ""
) -> ChangeRequest:
    """Write what was asked for into a person's profile; see `institution_change_accept`."""
    return _accept(PROFESSIONAL, actor=actor, trail=trail, pk=pk, now=now, reason=reason)


@act(
    "customers.institution:reject",
    right="customers.institution:review",
    sentence=_("%(actor)s rejected the requested change of “%(field)s” of %(target)s (reason: %(reason)s)"),
)
def institution_change_reject(*, actor: Actor, trail: Trail, pk: int, reason: str, now: datetime) -> ChangeRequest:
    """Leave the profile as it is, and say why.

    Raises:
        Missing, Decided, OwnRequest: as for accepting. Invalid: no reason.
    """
    return _reject(INSTITUTION, actor=actor, trail=trail, pk=pk, now=now, reason=reason)


@act(
    "customers.professional:reject",
    right="customers.professional:review",
    sentence=_("%(actor)s rejected the requested change of “%(field)s” of %(target)s (reason: %(reason)s)"),
)
def professional_change_reject(*, actor: Actor, trail: Trail, pk: int, reason: str, now: datetime) -> ChangeRequest:
    """Leave a person's profile as it is, and say why; see `institution_change_reject`."""
    return _reject(PROFESSIONAL, actor=actor, trail=trail, pk=pk, now=now, reason=reason)


@act(
    "customers.institution:verify",
    right="customers.institution:review",
    sentence=_("%(actor)s verified institution %(target)s"),
)
def institution_verify(*, actor: Actor, trail: Trail, pk: int, now: datetime) -> Any:
    """Say that an institution made in the field is what it says."""
    return _verify(INSTITUTION, actor=actor, trail=trail, pk=pk, now=now)


@act(
    "customers.professional:verify",
    right="customers.professional:review",
    sentence=_("%(actor)s verified professional %(target)s"),
)
def professional_verify(*, actor: Actor, trail: Trail, pk: int, now: datetime) -> Any:
    """Say that a person made in the field is who the record says."""
    return _verify(PROFESSIONAL, actor=actor, trail=trail, pk=pk, now=now)
