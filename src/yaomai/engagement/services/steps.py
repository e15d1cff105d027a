"""Next steps (D14): promised in a visit, to be done before the next one."""

import uuid as uuids
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from yaomai.customers.models import Professional
from yaomai.engagement.models import NextStep, Visit
from yaomai.engagement.policies import VisitPolicy
from yaomai.kit.access import Actor
from yaomai.kit.acts import Trail, act
from yaomai.kit.acts.rows import change, local_day, locked, save, touch
from yaomai.kit.errors import Conflict, Invalid
from yaomai.kit.policies.selectors import policy_on
from yaomai.planning.services import duty_miss, fulfil, propose_duty


class StepClosed(Conflict):
    """It was done or dropped already."""

    code = "next_step_closed"
    message = _("This was closed already: %(state)s.")


def step_note(visit: Visit, said: Mapping[str, Any], *, actor: Actor, now: datetime, policy: VisitPolicy) -> NextStep:
    """Keep a next step inside the service that reports the visit."""
    step = NextStep(
        uuid=said.get("uuid") or uuids.uuid4(), visit=visit, owner_id=actor.person_id, created_at=now, updated_at=now
    )
    due_on = said.get("due_on") or local_day(now) + timedelta(days=policy.next_days)
    change(step, {"text": said.get("text") or "", "due_on": due_on}, allowed=("text", "due_on"))
    if step.due_on < visit.on:
        raise Invalid(fields={"next_steps": [_("A next step is due after the visit.")]})
    if actor.person_id is not None and actor.may("planning.serviceduty:create"):
        first = Professional.unscoped.filter(visits=visit).order_by("pk").first()
        step.duty = propose_duty(
            actor=actor, now=now, institution=visit.institution, task=step.text, due_on=max(step.due_on, local_day(now)),
            professional=first if first is not None and first.institution_id == visit.institution_id else None,
            reference=f"engagement.visit:{visit.pk}",
        )  # fmt: skip
    save(step)
    return step


@act("engagement.nextstep:create", right="engagement.visit:edit", sentence=_("%(actor)s noted a next step: %(target)s"))
def step_add(*, actor: Actor, trail: Trail, visit: int, text: str, now: datetime, due_on: Any = None) -> NextStep:
    """Add a next step to a visit.

    Raises:
        Missing, Invalid.
    """
    policy, _version = policy_on(VisitPolicy, on=local_day(now))
    row = locked(Visit, visit)
    step = step_note(row, {"text": text, "due_on": due_on}, actor=actor, now=now, policy=policy)
    trail.note(step, changes={"text": (None, step.text), "due_on": (None, step.due_on)})
    return step


@act(
    "engagement.nextstep:update",
    right="engagement.nextstep:edit",
    sentence=_("%(actor)s changed the next step %(target)s"),
)
def step_update(
    *, actor: Actor, trail: Trail, pk: int, changes: Mapping[str, Any], now: datetime,
    expected_version: int | None = None,
) -> NextStep:  # fmt: skip
    """Change what is to be done, until when, or by whom.

    Raises:
        Missing, Stale, Invalid. StepClosed.
    """
    step = _open(pk, expected_version)
    differing = change(step, changes, allowed=("text", "due_on", "owner"))
    touch(step, now)
    save(step, fields=differing)
    trail.note(step, changes=differing)
    return step


@act(
    "engagement.nextstep:close",
    right="engagement.nextstep:edit",
    sentence=_("%(actor)s closed %(target)s: %(outcome)s"),
)
def step_close(
    *, actor: Actor, trail: Trail, pk: int, state: str, now: datetime, outcome: str = "",
    expected_version: int | None = None,
) -> NextStep:  # fmt: skip
    """Say that it is done, or why it is dropped.

    Raises:
        Missing, Stale. StepClosed. Invalid: dropped without a reason.
    """
    step = _open(pk, expected_version)
    if state not in (NextStep.State.DONE, NextStep.State.DROPPED):
        raise Invalid(fields={"state": [_("Choose from the list.")]})
    if state == NextStep.State.DROPPED and not outcome.strip():
        raise Invalid(fields={"outcome": [_("Say why it is dropped: it was promised.")]})
    step.state, step.closed_at = NextStep.State(state), now
    change(step, {"outcome": outcome[:300]}, allowed=("outcome",))
    touch(step, now)
    save(step, fields=["state", "outcome", "closed_at"])
    if step.duty is not None and step.duty.state == "open":
        if state == NextStep.State.DONE:
            fulfil(
                actor=actor,
                planned_or_duty=step.duty,
                on=local_day(now),
                reference=f"engagement.nextstep:{step.pk}",
                now=now,
            )
        elif actor.may("planning.serviceduty:edit"):
            duty_miss(actor=actor, pk=step.duty.pk, reason="other", note=step.outcome, now=now)
    trail.note(step, changes={"state": ("open", state)}, outcome=step.outcome or step.get_state_display())
    return step


def _open(pk: int, expected_version: int | None) -> NextStep:
    step = locked(NextStep, pk, expected_version=expected_version)
    if step.state != NextStep.State.OPEN:
        raise StepClosed(state=step.get_state_display())
    return step
