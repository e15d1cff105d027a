"""Requests of customers: taken with a clock, worked on, resolved, confirmed or reopened (C6, C12)."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from yaomai.catalog.models import Product
from yaomai.customers.models import Institution, Professional
from yaomai.kit.access import Actor, get_visible
from yaomai.kit.acts import Trail, act
from yaomai.kit.acts.rows import change, local_day, locked, save, touch
from yaomai.kit.errors import Conflict, Invalid
from yaomai.organization.models import Person
from yaomai.organization.selectors import has_active_filing
from yaomai.planning.models import Activity
from yaomai.planning.services.laying import Holders
from yaomai.planning.services.owners import customers_of
from yaomai.support import rules
from yaomai.support.models import ServiceRequest
from yaomai.support.policies import ServicePolicy
from yaomai.support.selectors import service_policy, tiers_held
from yaomai.support.services.telling import AGAIN, NEW, hush, tell

State = ServiceRequest.State
FIELDS = ("channel", "words", "product")
SHORTEST = 2


class OtherState(Conflict):
    """It stands elsewhere by now."""

    code = "service_request_state"
    message = _("This request stands elsewhere by now: %(state)s.")


def nearest(request: ServiceRequest, role: str, *, now: datetime) -> int | None:
    """Return who of a role answers for a request; of what is about orders nobody with an active filing (X2)."""
    activity = Activity.SALES_REPORT if request.is_order else Activity.FOLLOW_UP
    path = request.territory.path if request.territory is not None else ""
    return Holders.on(local_day(now)).owner(role, activity, path, request.institution_id)


def _owned(request: ServiceRequest, owner: Person | None, actor: Actor, policy: ServicePolicy, now: datetime) -> None:
    """Set who answers for it: the one named, else the actor who serves, else whoever serves the territory.

    Raises:
        Invalid: who is named has left, or is filed and it is about an order.
    """
    if owner is None:
        serves = any(grant.role == policy.role for grant in actor.grants)
        request.owner_id = actor.person_id if serves else nearest(request, policy.role, now=now)
        return
    person = Person.unscoped.filter(pk=owner.pk, archived_at=None).first()
    if person is None:
        raise Invalid(fields={"owner": [_("Whoever has left cannot do it.")]})
    if request.is_order and has_active_filing(person.pk, on=local_day(now)):
        raise Invalid(fields={"owner": [_("%(name)s has an active filing and may have nothing to do with orders. Leave it to service.") % {"name": person.name}]})  # fmt: skip
    request.owner_id = person.pk


def _timed(request: ServiceRequest, kind: str, policy: ServicePolicy, started_at: datetime) -> None:
    """Set what follows from the kind and the customer's tiers: hours, whether it comes first, when who hears of it.

    Raises:
        Invalid: no such kind.
    """
    known = policy.kind(kind)
    if known is None:
        raise Invalid(fields={"kind": [_("Choose from the list.")]})
    held = tiers_held(request.institution_id)
    request.kind, request.is_order = kind, known.is_order
    request.first_tier = next(
        (f"{scheme}/{tier}" for scheme, tier in held if known.is_order and (scheme, tier) in policy.first), ""
    )
    request.hours = rules.hours_of(known.hours, [row.hours for row in policy.tiers if (row.scheme, row.tier) in held])
    request.due_at = started_at + timedelta(hours=request.hours)
    request.steps_done = 0
    reckon_step(request, policy)


def reckon_step(request: ServiceRequest, policy: ServicePolicy) -> None:
    """Set when the next step of escalation is due; none is while the clock stands still."""
    stands = request.state == State.WAITING and policy.stops_waiting
    following = None if stands or not request.is_unresolved else next(iter(policy.steps[request.steps_done :]), None)
    request.next_step_at = None if following is None else rules.step_at(
        due_at=request.due_at, hours=request.hours, percent=following.percent
    )  # fmt: skip


def _made(
    actor: Actor, now: datetime, policy: ServicePolicy, *, institution: Institution, kind: str, words: str, taken_at: datetime,
    professional: Professional | None, product: Product | None, owner: Person | None, channel: str,
) -> tuple[ServiceRequest, dict[str, Any]]:  # fmt: skip
    place, person = customers_of(institution, professional)
    request = ServiceRequest(
        institution=place, professional=person, territory=place.territory, taken_at=taken_at, taken_by_id=actor.person_id,
        created_at=now, updated_at=now,
    )  # fmt: skip
    if len(words.strip()) < SHORTEST:
        raise Invalid(fields={"words": [_("Say in a few words what the customer wants.")]})
    seen = get_visible(Product, pk=product.pk) if product is not None else None
    changes = change(request, {"channel": channel, "words": words, "product": seen}, allowed=FIELDS)
    _timed(request, kind, policy, taken_at)
    _owned(request, owner, actor, policy, now)
    return request, {name: changes[name] for name in changes if name != "words"}


@act("support.request:create", sentence=_("%(actor)s took %(target)s; %(owner)s answers for it"))
def request_take(
    *, actor: Actor, trail: Trail, now: datetime, institution: Institution, kind: str, words: str,
    channel: str = ServiceRequest.Channel.HOTLINE, professional: Professional | None = None,
    product: Product | None = None, owner: Person | None = None,
) -> ServiceRequest:  # fmt: skip
    """Take what a customer asks for; its clock begins now, and whoever answers for it hears of it.

    Raises:
        Missing, Archived. Invalid: by field.
    """
    policy = service_policy(local_day(now))
    request, changes = _made(
        actor, now, policy, institution=institution, kind=kind, words=words, taken_at=now, professional=professional,
        product=product, owner=owner, channel=channel,
    )  # fmt: skip
    save(request)
    tell(request, NEW, now=now, owner=request.owner_id, who=actor.label)
    trail.note(
        request, changes={"kind": (None, kind), "due_at": (None, request.due_at), **changes}, owner=_name(request)
    )
    return request


@act(
    "support.request:bring_in",
    right="support.request:import",
    sentence=_("%(actor)s brought in %(target)s from the earlier system"),
)
def request_bring_in(
    *, actor: Actor, trail: Trail, now: datetime, institution: Institution, kind: str, words: str, taken_at: datetime,
    channel: str = ServiceRequest.Channel.HOTLINE, professional: Professional | None = None,
    product: Product | None = None, owner: Person | None = None, taken_by: Person | None = None, resolution: str = "",
    resolved_at: datetime | None = None, confirmed_at: datetime | None = None,
) -> ServiceRequest:  # fmt: skip
    """Bring in a request as another system kept it; one that was not resolved there is open here, with its clock.

    Raises:
        Missing, Archived. Invalid: by field; the moments do not follow each other.
    """
    if not taken_at <= (resolved_at or taken_at) <= (confirmed_at or resolved_at or taken_at) <= now:
        raise Invalid(
            fields={"resolved_at": [_("It was taken, then resolved, then confirmed, and all of it lies behind us.")]}
        )
    if confirmed_at is not None and resolved_at is None:
        raise Invalid(fields={"resolved_at": [_("Say when it was resolved.")]})
    policy = service_policy(local_day(now))
    request, changes = _made(
        actor, now, policy, institution=institution, kind=kind, words=words, taken_at=taken_at, professional=professional,
        product=product, owner=owner, channel=channel,
    )  # fmt: skip
    request.taken_by = taken_by
    if resolved_at is not None:
        request.state = State.CONFIRMED if confirmed_at is not None else State.RESOLVED
        request.resolved_at, request.confirmed_at = resolved_at, confirmed_at
        request.resolution = resolution.strip() or str(_("As the earlier system kept it."))
    # What is long overdue is told once, not once for every step that passed in the earlier system.
    late = [
        step
        for step in policy.steps
        if rules.step_at(due_at=request.due_at, hours=request.hours, percent=step.percent) <= now
    ]
    request.steps_done = max(len(late) - 1, 0)
    reckon_step(request, policy)
    save(request)
    trail.note(request, changes={"kind": (None, kind), "state": (None, request.state), **changes})
    return request


def _name(request: ServiceRequest) -> str:
    return str(request.owner or _("nobody"))


@act("support.request:update", right="support.request:edit", sentence=_("%(actor)s changed %(target)s"))
def request_update(
    *, actor: Actor, trail: Trail, pk: int, changes: Mapping[str, Any], now: datetime,
    expected_version: int | None = None,
) -> ServiceRequest:  # fmt: skip
    """Correct what was taken, or give it to somebody else; another kind has its own hours, from when it was taken.

    Raises:
        Missing, Stale. OtherState: it is resolved. Invalid: by field.
    """
    request = _in(pk, expected_version, *ServiceRequest.UNRESOLVED)
    policy = service_policy(local_day(now))
    wanted = dict(changes)
    differing: dict[str, Any] = {}
    before = {name: getattr(request, name) for name in ("kind", "owner", "professional", "institution")}
    if wanted.get("institution", request.institution) != request.institution:
        raise Invalid(fields={"institution": [_("Another customer's request is taken anew.")]})
    wanted.pop("institution", None)
    if "professional" in wanted:
        _place, request.professional = customers_of(request.institution, wanted.pop("professional"))
    if wanted.get("kind", request.kind) != request.kind:
        _timed(request, wanted["kind"], policy, request.taken_at)
    wanted.pop("kind", None)
    if "owner" in wanted or before["kind"] != request.kind:
        _owned(request, wanted.pop("owner", request.owner), actor, policy, now)
    differing = {
        name: (str(held), str(getattr(request, name)))
        for name, held in before.items()
        if held != getattr(request, name)
    }
    differing |= change(request, wanted, allowed=FIELDS)
    touch(request, now)
    save(
        request,
        fields=[
            *FIELDS,
            "kind",
            "owner",
            "professional",
            "is_order",
            "first_tier",
            "hours",
            "due_at",
            "steps_done",
            "next_step_at",
        ],
    )
    if "owner" in differing:
        hush(request, now=now)
        tell(request, NEW, now=now, owner=request.owner_id, who=actor.label)
    trail.note(request, changes={name: pair for name, pair in differing.items() if name != "words"})
    return request


def _in(pk: int, expected_version: int | None, *states: str) -> ServiceRequest:
    """Return a request, locked, that is in one of some states.

    Raises:
        Missing, Stale. OtherState.
    """
    request = locked(ServiceRequest, pk, expected_version=expected_version)
    if request.state not in states:
        raise OtherState(state=request.get_state_display())
    return request


def _went(
    request: ServiceRequest, state: str, trail: Trail, now: datetime, *fields: str, **said: Any
) -> ServiceRequest:
    """Put a request into another state; the clock that stood still runs on."""
    policy = service_policy(local_day(now))
    before = request.state
    if before == State.WAITING and policy.stops_waiting and request.waiting_since is not None:
        request.due_at += now - request.waiting_since
    request.state = state
    request.waiting_since = now if state == State.WAITING else None
    request.waits_for = request.waits_for if state == State.WAITING else ""
    reckon_step(request, policy)
    touch(request, now)
    save(request, fields=["state", "due_at", "waiting_since", "waits_for", "next_step_at", *fields])
    if not request.is_unresolved:
        hush(request, now=now)
    trail.note(request, changes={"state": (before, state)}, **said)
    return request


@act("support.request:start", right="support.request:edit", sentence=_("%(actor)s is working on %(target)s"))
def request_start(
    *, actor: Actor, trail: Trail, pk: int, now: datetime, expected_version: int | None = None
) -> ServiceRequest:
    """Begin, or go on after the customer has answered; what nobody answers for is the actor's from now on.

    Raises:
        Missing, Stale. OtherState.
    """
    request = _in(pk, expected_version, State.OPEN, State.WAITING)
    if request.owner_id is None:
        request.owner_id = actor.person_id
    return _went(request, State.WORKING, trail, now, "owner")


@act(
    "support.request:wait",
    right="support.request:edit",
    sentence=_("%(actor)s asked the customer about %(target)s: %(waits_for)s"),
)
def request_wait(
    *, actor: Actor, trail: Trail, pk: int, waits_for: str, now: datetime, expected_version: int | None = None
) -> ServiceRequest:
    """Say what the customer is asked for; without it nobody can go on.

    Raises:
        Missing, Stale. OtherState. Invalid: nothing is said.
    """
    request = _in(pk, expected_version, State.OPEN, State.WORKING)
    if not waits_for.strip():
        raise Invalid(fields={"waits_for": [_("Say what is waited for.")]})
    change(request, {"waits_for": waits_for}, allowed=("waits_for",))
    return _went(request, State.WAITING, trail, now, waits_for=request.waits_for)


@act("support.request:resolve", right="support.request:edit", sentence=_("%(actor)s resolved %(target)s"))
def request_resolve(
    *, actor: Actor, trail: Trail, pk: int, resolution: str, now: datetime, expected_version: int | None = None
) -> ServiceRequest:
    """Say how it was put right; the clock stops.

    Raises:
        Missing, Stale. OtherState. Invalid: nothing is said.
    """
    request = _in(pk, expected_version, *ServiceRequest.UNRESOLVED)
    if len(resolution.strip()) < SHORTEST:
        raise Invalid(fields={"resolution": [_("Say how it was put right; the customer hears the same.")]})
    change(request, {"resolution": resolution}, allowed=("resolution",))
    request.resolved_at = now
    if request.owner_id is None:
        request.owner_id = actor.person_id
    return _went(request, State.RESOLVED, trail, now, "resolution", "resolved_at", "owner")


@act(
    "support.request:confirm",
    right="support.request:edit",
    sentence=_("%(actor)s heard from the customer that %(target)s is put right"),
)
def request_confirm(
    *, actor: Actor, trail: Trail, pk: int, now: datetime, expected_version: int | None = None
) -> ServiceRequest:
    """Keep that the customer is content.

    Raises:
        Missing, Stale. OtherState.
    """
    request = _in(pk, expected_version, State.RESOLVED)
    request.confirmed_at = now
    return _went(request, State.CONFIRMED, trail, now, "confirmed_at")


@act("support.request:reopen", right="support.request:edit", sentence=_("%(actor)s reopened %(target)s: %(reason)s"))
def request_reopen(
    *, actor: Actor, trail: Trail, pk: int, reason: str, now: datetime, expected_version: int | None = None
) -> ServiceRequest:
    """Take it up again because the customer is not content; its hours begin anew.

    Raises:
        Missing, Stale. OtherState. Invalid: nothing is said.
    """
    request = _in(pk, expected_version, State.RESOLVED, State.CONFIRMED)
    if not reason.strip():
        raise Invalid(fields={"reason": [_("Say what the customer is not content with.")]})
    request.resolved_at = request.confirmed_at = None
    request.reopened += 1
    request.steps_done = 0
    request.due_at = now + timedelta(hours=request.hours)
    _went(
        request,
        State.WORKING,
        trail,
        now,
        "resolved_at",
        "confirmed_at",
        "reopened",
        "steps_done",
        reason=reason.strip()[:300],
    )
    tell(request, AGAIN, now=now, owner=request.owner_id, why=reason.strip()[:300])
    return request
