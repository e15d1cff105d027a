"""REST: read policies, propose, publish, roll back; approving is an operation of approvals."""

from datetime import date, datetime
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router, Schema, Status

from yaomai.kit import approvals
from yaomai.kit.access import current_actor, get_visible, require
from yaomai.kit.errors import Missing
from yaomai.kit.policies import selectors, services
from yaomai.kit.policies.models import Version
from yaomai.kit.policies.schema import registered

router = Router(tags=["policies"])


class PolicyOut(Schema):
    name: str
    label: str
    version: int | None
    valid_from: date | None
    document: dict[str, Any]


class VersionOut(Schema):
    id: int
    name: str
    number: int
    applies_to: str
    status: str
    reason: str
    valid_from: date | None
    created_at: datetime
    document: dict[str, Any]
    request_id: int | None
    """The approval request it waits for, or that decided on it."""


class ProposalIn(Schema):
    document: dict[str, Any]
    reason: str
    applies_to: str = ""


class ReasonIn(Schema):
    reason: str


class PublicationIn(Schema):
    valid_from: date


def _policy_out(standing: selectors.Standing) -> PolicyOut:
    current = standing.current
    return PolicyOut(
        name=standing.policy.name,
        label=str(standing.policy.label),
        version=current.number if current else None,
        valid_from=current.valid_from if current else None,
        document=standing.document,
    )


@router.get(
    "/", response=list[PolicyOut], summary="Every policy and the figures in force", operation_id="policies_policy_list"
)
def policy_list(request: HttpRequest) -> list[PolicyOut]:
    return [_policy_out(standing) for standing in selectors.standings(on=timezone.localdate())]


@router.get(
    "/{name}",
    response=PolicyOut,
    summary="One policy and the figures in force on a day",
    operation_id="policies_policy_get",
)
def policy_get(request: HttpRequest, name: str, on: date | None = None) -> PolicyOut:
    for standing in selectors.standings(on=on or timezone.localdate()):
        if standing.policy.name == name:
            return _policy_out(standing)
    raise Missing


@router.get(
    "/{name}/versions/",
    response=list[VersionOut],
    summary="Every version of a policy, newest first",
    operation_id="policies_version_list",
)
def version_list(request: HttpRequest, name: str) -> list[Version]:
    require(current_actor(), Version.right("view"))
    if name not in registered():
        raise Missing
    return [_out(version) for version in selectors.versions_of(registered()[name])]


def _out(version: Version) -> Version:
    """Add what the answer says besides the row."""
    request = approvals.standing(version)
    version.request_id = request.pk if request is not None else None  # type: ignore[attr-defined]
    return version


@router.get("/versions/{version_id}", response=VersionOut, summary="One version", operation_id="policies_version_get")
def version_get(request: HttpRequest, version_id: int) -> Version:
    return _out(get_visible(Version, pk=version_id))


@router.post(
    "/{name}/versions/",
    response={201: VersionOut},
    summary="Propose a version",
    operation_id="policies_version_propose",
)
def version_propose(request: HttpRequest, name: str, proposal: ProposalIn) -> Status:
    version = services.version_propose(
        actor=current_actor(),
        name=name,
        document=proposal.document,
        reason=proposal.reason,
        applies_to=proposal.applies_to,
        now=timezone.now(),
    )
    return Status(201, _out(version))


@router.post(
    "/versions/{version_id}/publish",
    response=VersionOut,
    summary="Put an approved version in force",
    operation_id="policies_version_publish",
)
def version_publish(request: HttpRequest, version_id: int, publication: PublicationIn) -> Version:
    return _out(
        services.version_publish(
            actor=current_actor(), version_id=version_id, valid_from=publication.valid_from, now=timezone.now()
        )
    )


@router.post(
    "/versions/{version_id}/roll-back",
    response=VersionOut,
    summary="Put an earlier version in force again",
    operation_id="policies_version_roll_back",
)
def version_roll_back(request: HttpRequest, version_id: int, said: ReasonIn) -> Version:
    return _out(
        services.version_roll_back(actor=current_actor(), version_id=version_id, reason=said.reason, now=timezone.now())
    )
