"""Other tiers by decision: proposed, decided by an approval (at once) or in the meeting, in effect as dated periods."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, cast

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from yaomai.customers.models import Institution, Professional
from yaomai.kit import approvals
from yaomai.kit.access import Actor
from yaomai.kit.acts import Trail, act
from yaomai.kit.acts.rows import local_day
from yaomai.kit.approvals.models import Decision, Request
from yaomai.kit.audit.trail import Changes
from yaomai.kit.errors import Conflict, Invalid, Missing, Refused
from yaomai.kit.policies.selectors import policy_on
from yaomai.kit.runs.selectors import run_in_force
from yaomai.kit.ui import formats
from yaomai.segmentation import KIND, results, selectors
from yaomai.segmentation.models import Subject, TierAssignment, TierChange, TierMeeting
from yaomai.segmentation.policies import ReviewPolicy, ServicePolicy
from yaomai.segmentation.services.telling import tell_owners, tell_proposer

APPROVAL = "segmentation.change"
LONGEST = 500
State = TierChange.State


class NoTierYet(Conflict):
    """A customer that no run has classified has no tier to change."""

    code = "no_tier_yet"
    message = _("%(customer)s has no tier in this scheme yet; publish a run in which it takes part first.")


class ChangeWaits(Conflict):
    """Of two proposals about one tier nobody could say which holds."""

    code = "change_waits"
    message = _("A change of this tier is proposed already and waits for its decision.")


class OwnProposal(Refused):
    """Whoever proposed may not decide."""

    code = "four_eyes"
    message = _("You proposed this, so somebody else decides.")


class NotYours(Refused):
    """Only whoever proposed takes it back."""

    code = "change_not_yours"
    message = _("Only whoever proposed it may withdraw it.")


class ChangeDecided(Conflict):
    """What is decided can not be taken back."""

    code = "change_decided"
    message = _("%(change)s is closed: %(state)s.")


class Overtaken(Conflict):
    """The customer has another tier by now."""

    code = "tier_overtaken"
    message = _("The tier of %(customer)s has changed since; reject this and propose it anew.")


def service_of(scheme: str, tier: str, on: date) -> dict[str, Any]:
    """Return what a tier is served with, as it is kept with a decision; empty when the policy says nothing."""
    policy, version = policy_on(ServicePolicy, on=on)
    found = policy.of(scheme, tier)
    if found is None:
        return {}
    return {**found.model_dump(mode="json"), "version": version.number if version is not None else None}


def _target(subject: str, customer: int) -> Institution | Professional:
    if subject not in Subject.values:
        raise Missing
    model: Any = Institution if subject == Subject.INSTITUTION else Professional
    found: Institution | Professional | None = (
        model.objects.allowed("segmentation.change:propose").filter(pk=customer).first()
    )
    if found is None:
        raise Missing
    return found


@act(
    "segmentation.change:propose",
    sentence=_("%(actor)s proposed another tier for %(target)s in %(scheme)s: %(before)s → %(after)s (%(reason)s)"),
)
def change_propose(
    *, actor: Actor, trail: Trail, subject: str, customer: int, scheme: str, tier: str, reason: str, now: datetime,
    is_fast: bool = False,
) -> TierChange:  # fmt: skip
    """Propose another tier; see `proposed`."""
    change = proposed(actor, subject, customer, scheme=scheme, tier=tier, reason=reason, is_fast=is_fast, now=now)
    trail.note(change, **selectors.change_words(change), reason=change.reason)
    return change


def proposed(
    actor: Actor, subject: str, customer: int, *, scheme: str, tier: str, reason: str, now: datetime,
    is_fast: bool = False, signal: int | None = None,
) -> TierChange:  # fmt: skip
    """Propose another tier: for the meeting that is open around the customer or else the next one, or at once by approval.

    Raises:
        Missing: no such customer in reach, or no such scheme.
        Invalid: no such tier, the same tier, or no reason.
        NoTierYet, ChangeWaits: see each.
        NobodyDecides: nobody else could approve (only at once).
    """
    target = _target(subject, customer)
    found = selectors.scheme_named(run_in_force(KIND), scheme, subject)
    if found is None:
        raise Missing
    held = TierAssignment.unscoped.filter(scheme=scheme, valid_to=None, **{subject: target}).first()
    if held is None:
        raise NoTierYet(customer=str(target))
    wrong: dict[str, list[Any]] = {}
    if found.tier(tier) is None:
        wrong["tier"] = [_("Choose from the list.")]
    elif tier == held.tier:
        wrong["tier"] = [_("This is the tier it has.")]
    if not 0 < len(reason.strip()) <= LONGEST:
        wrong["reason"] = [_("Say it in 1 to %(most)s characters.") % {"most": LONGEST}]
    if wrong:
        raise Invalid(fields=wrong)
    if TierChange.unscoped.filter(scheme=scheme, closed_at=None, **{subject: target}).exists():
        raise ChangeWaits
    source = TierChange.Source.REQUEST if signal is None else TierChange.Source.SIGNAL
    change = TierChange(
        scheme=scheme, tier_before=held.tier, tier=tier, source=source, is_fast=is_fast, reason=reason.strip(),
        signal_id=signal, proposed_by_id=actor.person_id, proposed_at=now,
        meeting=None if is_fast else _meeting_around(target),
        service=service_of(scheme, tier, local_day(now)), **{subject: target},
    )  # fmt: skip
    try:
        with transaction.atomic():
            change.save(force_insert=True)
    except IntegrityError as error:  # a colleague proposed in between
        raise ChangeWaits from error
    if is_fast:
        _ask(actor, change, found, now)
    return change


def _meeting_around(target: Institution | Professional) -> TierMeeting | None:
    """Return the open meeting on whose agenda a proposal comes: that of the nearest territory around the customer."""
    territory = target.territory
    around = [] if territory is None else [int(pk) for pk in territory.path.strip("/").split("/")]
    rows = TierMeeting.unscoped.select_for_update(of=("self",)).filter(
        state=TierMeeting.State.OPEN, territory__in=around
    )
    meetings = {meeting.territory_id: meeting for meeting in rows.order_by("-held_on", "-pk")}
    return next((meetings[pk] for pk in reversed(around) if pk in meetings), None)


def _ask(actor: Actor, change: TierChange, scheme: selectors.Scheme, now: datetime) -> None:
    """Put the change before those who may decide, with the resources that it triggers."""
    before = selectors.service_words(service_of(change.scheme, change.tier_before, local_day(now)))
    after = selectors.service_words(change.service)
    approvals.ask(
        actor=actor, kind=APPROVAL, target=change, title=_("%(customer)s: %(scheme)s %(before)s → %(after)s"),
        params={
            "customer": str(change.customer), "scheme": scheme.label, "before": scheme.tier_label(change.tier_before),
            "after": scheme.tier_label(change.tier),
        },
        facts=[
            approvals.Fact(_("Tier"), scheme.tier_label(change.tier), scheme.tier_label(change.tier_before)),
            *(approvals.Fact(label, then, now_) for (label, then), (_label, now_) in zip(after, before, strict=True)),
        ],
        reason=change.reason, territory_id=change.customer.territory_id,
        url=reverse("segmentation:tierchange_detail", args=[change.pk]), now=now,
    )  # fmt: skip


def is_current(request: Request) -> bool:
    """Tell whether the customer still has the tier that the change begins from."""
    change = TierChange.unscoped.get(pk=request.target_id)
    return _held(change) is not None and change.closed_at is None


def _held(change: TierChange, *, lock: bool = False) -> TierAssignment | None:
    rows = TierAssignment.unscoped.filter(
        scheme=change.scheme, tier=change.tier_before, valid_to=None, **{f"{change.subject}_id": change.customer.pk}
    )
    found: TierAssignment | None = (rows.select_for_update() if lock else rows).first()
    return found


def approved(request: Request, *, actor: Actor, now: datetime) -> Changes:
    """Put a change in effect that was approved."""
    change = TierChange.unscoped.select_for_update().get(pk=request.target_id)
    _said(change, State.ACCEPTED, _comment(request), actor, now)
    take_effect(change, now)
    tell_proposer(change, now)
    return {"tier": (change.tier_before, change.tier), "held_until": (None, change.held_until)}


def rejected(request: Request, *, actor: Actor, now: datetime) -> Changes:
    """End a change that was rejected, or taken back by whoever asked."""
    change = TierChange.unscoped.select_for_update().get(pk=request.target_id)
    if request.state == Request.State.WITHDRAWN:
        _end(change, State.WITHDRAWN, "", actor, now)
    else:
        _end(change, State.REJECTED, _comment(request), actor, now)
    return {"state": (State.OPEN, change.state)}


def _end(change: TierChange, state: str, reason: str, actor: Actor, now: datetime) -> None:
    """Close a change that never takes effect."""
    _said(change, state, reason, actor, now)
    change.closed_at = now
    change.save()


def _comment(request: Request) -> str:
    last = Decision.objects.filter(request=request).exclude(verdict=Decision.Verdict.REMARK).order_by("-pk").first()
    return last.comment[:LONGEST] if last is not None else ""


def _said(change: TierChange, state: str, reason: str, actor: Actor, now: datetime) -> None:
    change.state, change.decision = state, reason
    change.decided_by_id, change.decided_at = actor.person_id, now


def take_effect(change: TierChange, now: datetime) -> None:
    """Close the period of the tier before and open one of the new tier, held for as long as the policy says.

    Raises:
        Overtaken: the customer has another tier by now.
    """
    day = local_day(now)
    held = _held(change, lock=True)
    if held is None:
        raise Overtaken(customer=str(change.customer))
    policy, _version = policy_on(ReviewPolicy, on=day)
    change.effective_on, change.held_until = day, _months_later(day, policy.hold_months)
    change.service, change.closed_at = service_of(change.scheme, change.tier, day), now
    change.save()
    held.valid_to = day
    held.save(update_fields=["valid_to"])
    TierAssignment.unscoped.create(
        scheme=change.scheme, tier=change.tier, institution_id=change.institution_id,
        professional_id=change.professional_id, run_id=held.run_id, valid_from=day, change=change,
        held_until=change.held_until,
    )  # fmt: skip
    tell_owners(change, now)


def hold(change: TierChange, now: datetime) -> None:
    """Keep a tier that the meeting did not give up: against the run that would have changed it for as long as a decision
    holds, otherwise until the night, when the run in force has its way again.
    """
    day = local_day(now)
    policy, _version = policy_on(ReviewPolicy, on=day)
    until = _months_later(day, policy.hold_months) if change.source == TierChange.Source.RUN else day
    held = _held(change, lock=True)
    if held is not None and (held.held_until is None or held.held_until < until):
        held.held_until = until
        held.save(update_fields=["held_until"])


def overtake(actor: Actor, now: datetime) -> int:
    """Close the proposals on no agenda whose customers have another tier by now; return how many."""
    same = TierAssignment.unscoped.filter(
        Q(institution=OuterRef("institution")) | Q(professional=OuterRef("professional")),
        scheme=OuterRef("scheme"), tier=OuterRef("tier_before"), valid_to=None,
    )  # fmt: skip
    rows = TierChange.unscoped.select_for_update(of=("self",)).filter(~Exists(same), closed_at=None, meeting=None)
    count = 0
    for change in rows.order_by("pk"):
        _end(change, State.OVERTAKEN, "", actor, now)
        if change.is_fast:
            approvals.withdraw(target=change, kind=APPROVAL, now=now)
        count += 1
    return count


@act(
    "segmentation.change:withdraw",
    right="segmentation.change:propose",
    sentence=_("%(actor)s withdrew the proposed tier of %(target)s in %(scheme)s: %(before)s → %(after)s"),
)
def change_withdraw(*, actor: Actor, trail: Trail, pk: int, now: datetime) -> TierChange:
    """Take one's own proposal back while nobody has decided on it.

    Raises:
        Missing, NotYours, ChangeDecided: see each.
    """
    rows = TierChange.objects.all().allowed("segmentation.change:propose")
    change = rows.select_for_update(of=("self",)).filter(pk=pk).first()
    if change is None:
        raise Missing
    if actor.person_id is None or change.proposed_by_id != actor.person_id:
        raise NotYours
    if change.state != State.OPEN:
        raise ChangeDecided(change=str(change), state=change.get_state_display())
    if change.is_fast:
        approvals.withdraw(target=change, kind=APPROVAL, now=now)
    if change.meeting_id is not None:
        hold(change, now)
        change.meeting = None
    _end(change, State.WITHDRAWN, "", actor, now)
    trail.note(change, changes={"state": (State.OPEN, State.WITHDRAWN)}, **selectors.change_words(change))
    return cast(TierChange, change)


def _months_later(day: date, months: int) -> date:
    at = day.year * 12 + day.month - 1 + months
    first = date(at // 12, at % 12 + 1, 1)
    following = date(first.year + first.month // 12, first.month % 12 + 1, 1)
    return first.replace(day=min(day.day, (following - first).days))


@act(
    "segmentation.change:decide",
    right="segmentation.change:approve",
    sentence=_("%(actor)s decided in the meeting on %(count)s tier changes (%(verdict)s): %(reason)s"),
)
def changes_decide(
    *, actor: Actor, trail: Trail, meeting: int, pks: Sequence[int], accept: bool, reason: str, now: datetime
) -> int:
    """Accept or reject changes on the agenda of an open meeting; they take effect when it is closed.

    Raises:
        Missing: a change is not on this agenda in reach. Invalid: no reason. OwnProposal: see there.
    """
    reason = reason.strip()
    if not 0 < len(reason) <= LONGEST:
        raise Invalid(fields={"reason": [_("Say it in 1 to %(most)s characters.") % {"most": LONGEST}]})
    # The meeting first, as closing it does: what is decided while it closes would come too late for its record.
    if TierMeeting.unscoped.select_for_update().filter(pk=meeting, state=TierMeeting.State.OPEN).first() is None:
        raise Missing
    rows = TierChange.objects.all().allowed("segmentation.change:approve")
    chosen = list(
        rows.filter(pk__in=pks, meeting=meeting)
        .select_for_update(of=("self",))
        .select_related("institution", "professional")
        .order_by("pk")
    )
    if not chosen or len(chosen) != len(set(pks)):
        raise Missing
    state = State.ACCEPTED if accept else State.REJECTED
    for change in chosen:
        if change.proposed_by_id is not None and change.proposed_by_id == actor.person_id:
            raise OwnProposal
        _said(change, state, reason, actor, now)
    TierChange.unscoped.bulk_update(chosen, ["state", "decision", "decided_by", "decided_at"], batch_size=1000)
    trail.note(
        chosen[0] if len(chosen) == 1 else None, changes={"customers": (None, formats.listed(chosen))},
        count=len(chosen), verdict=State(state).label, reason=reason,
    )  # fmt: skip
    return len(chosen)


@act(
    "segmentation.change:return",
    right="segmentation.tier:publish",
    sentence=_("%(actor)s let %(count)s decided tiers end: the tiers of the run in force hold again"),
)
def tiers_return(*, actor: Actor, trail: Trail, now: datetime) -> int:
    """End the hold of decided tiers whose time is over; return how many went back to another tier."""
    day, run = local_day(now), run_in_force(KIND)
    on_agenda = TierChange.unscoped.filter(
        Q(institution=OuterRef("institution")) | Q(professional=OuterRef("professional")),
        scheme=OuterRef("scheme"), closed_at=None, meeting__isnull=False,
    )  # fmt: skip
    ended = TierAssignment.unscoped.select_for_update().filter(~Exists(on_agenda), valid_to=None, held_until__lte=day)
    count = 0
    given: dict[tuple[str, str], Mapping[int, str]] = {}
    for held in ended.order_by("pk"):
        subject = Subject.INSTITUTION.value if held.institution_id is not None else Subject.PROFESSIONAL.value
        customer = held.institution_id or held.professional_id
        if run is None or customer is None:
            continue
        key = (subject, held.scheme)
        if key not in given:
            given[key] = _tiers(run.pk, *key)
        tier = given[key].get(customer)
        if tier is None or tier == held.tier:
            held.held_until = None
            held.save(update_fields=["held_until"])
            continue
        held.valid_to = day
        held.save(update_fields=["valid_to"])
        TierAssignment.unscoped.create(
            scheme=held.scheme, tier=tier, run=run, valid_from=day, institution_id=held.institution_id,
            professional_id=held.professional_id,
        )  # fmt: skip
        count += 1
    trail.note(count=count)
    return count


def _tiers(run: int, subject: str, scheme: str) -> Mapping[int, str]:
    try:
        table = results.table(run, subject, scheme, ["customer", "tier"])
    except Missing:
        return {}
    return dict(zip(table["customer"].to_pylist(), table["tier"].to_pylist(), strict=True))
