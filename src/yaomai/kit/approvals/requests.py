"""Ask for an approval, open its steps, take it back. Called by services in the transaction of what is asked for."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from decimal import Decimal
from typing import Any

from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from yaomai.kit.access import Actor
from yaomai.kit.acts.rows import local_day
from yaomai.kit.approvals.chains import StepSpec, chain_for
from yaomai.kit.approvals.models import Decision, Request, Step
from yaomai.kit.approvals.registry import HOLDER, SUPERIOR, directory, kind_of, role_words
from yaomai.kit.errors import Conflict, Invalid
from yaomai.kit.phrases import Plain, Text, phrase
from yaomai.workdays import add_workdays

END_OF_DAY = time(18)


class NobodyDecides(Conflict):
    """The chain names somebody who is not there."""

    code = "nobody_decides"
    message = _(
        "Nobody but you could decide here (%(role)s). Fill the position first, or name somebody else in the policy of"
        " approval chains."
    )


class AlreadyAsked(Conflict):
    """The thing waits for an approval already."""

    code = "already_asked"
    message = _("This already waits for approval. Withdraw that request before you ask again.")


@dataclass(frozen=True, slots=True)
class Fact:
    """A line of the frozen copy; `before` is what holds now, when something is to change."""

    label: Text
    value: str
    before: str = ""


def ask(
    *,
    actor: Actor,
    kind: str,
    target: models.Model,
    title: Text,
    facts: Sequence[Fact],
    reason: str,
    now: datetime,
    params: Mapping[str, Plain] | None = None,
    amount: Decimal | None = None,
    tier: str = "",
    risk: str = "",
    territory_id: int | None = None,
    url: str = "",
) -> Request:
    """Put something before those whom its chain names, and return the request.

    Raises:
        Invalid: no reason.
        AlreadyAsked: a request about the same thing is open.
        NobodyDecides: a step could never be decided.
    """
    if not reason.strip():
        raise Invalid(fields={"reason": [_("Say why: whoever decides will ask.")]})
    kept = {"target_type": target._meta.label_lower, "target_id": str(target.pk)}
    if Request.unscoped.filter(kind=kind, state=Request.State.OPEN, **kept).exists():
        raise AlreadyAsked
    request = Request(
        kind=kind, territory_id=territory_id, url=url, title=phrase(title, **(params or {})), reason=reason.strip(),
        facts=[{"label": phrase(fact.label), "before": fact.before, "value": fact.value} for fact in facts],
        amount=amount, requested_by_id=actor.person_id, requested_by_label=actor.label, created_at=now, **kept,
    )  # fmt: skip
    request.digest = digest_of(request)
    chain = chain_for(kind, on=local_day(now), amount=amount, tier=tier, risk=risk)
    with transaction.atomic():
        request.save()
        _write_steps(request, chain.steps, now)
        open_next(request, now)
    return request


def digest_of(request: Request) -> str:
    """Return the SHA-256, in hexadecimal, of what is to be approved."""
    copy: dict[str, Any] = {
        name: getattr(request, name)
        for name in ("kind", "target_type", "target_id", "territory_id", "title", "facts", "reason")
    }
    copy["amount"] = None if request.amount is None else f"{request.amount:.2f}"
    return hashlib.sha256(json.dumps(copy, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def _write_steps(request: Request, specs: Sequence[StepSpec], now: datetime) -> None:
    stage = 0
    steps = []
    for number, spec in enumerate(specs, 1):
        stage += not spec.together
        step = Step(
            request=request, number=number, stage=stage, role=spec.role, everybody=spec.everybody,
            signature=spec.signature, days=spec.days, escalates_to=spec.escalates_to,
        )  # fmt: skip
        able = deciders(step, spec.role, now)
        if not able and not (spec.escalates_to and deciders(step, spec.escalates_to, now)):
            raise NobodyDecides(role=role_words().get(spec.role, spec.role))
        # Named at once: superiors are those of today, and "everybody" means those there are now.
        step.people = sorted(able) if spec.role == SUPERIOR or spec.everybody else []
        steps.append(step)
    Step.objects.bulk_create(steps)


def deciders(step: Step, role: str, now: datetime) -> frozenset[int]:
    """Return who could decide a step in a role: never who asked, nor who decided on an earlier step."""
    request, on = step.request, local_day(now)
    if role == SUPERIOR:
        found = directory().superiors(request.requested_by_id, on) if request.requested_by_id else frozenset()
    elif role == HOLDER:
        found = directory().holders_of_right(kind_of(request.kind).right, request.territory_id, on)
    else:
        found = directory().holders(role, request.territory_id, on)
    said = Decision.objects.filter(request=request).exclude(verdict=Decision.Verdict.REMARK)
    return found - {request.requested_by_id} - frozenset(said.values_list("person_id", flat=True))


def open_next(request: Request, now: datetime) -> bool:
    """Open the next stage; tells whether there was one. A step that nobody can decide goes on at once."""
    waiting = list(request.steps.filter(state=Step.State.WAITING).order_by("number"))
    for step in [step for step in waiting if step.stage == waiting[0].stage]:
        step.state = Step.State.OPEN
        due = add_workdays(local_day(now), step.days)
        step.due_at = timezone.make_aware(datetime.combine(due, END_OF_DAY))
        if step.escalates_to and not (step.people or deciders(step, step.role, now)):
            step.escalated_at = now
        step.save(update_fields=["state", "due_at", "escalated_at"])
    return bool(waiting)


def close(request: Request, state: Request.State, now: datetime) -> None:
    """End a request; what is still to be decided no longer is."""
    request.steps.filter(state__in=[Step.State.WAITING, Step.State.OPEN]).update(state=Step.State.CLOSED, closed_at=now)
    request.state, request.closed_at = state, now
    request.save(update_fields=["state", "closed_at"])


def withdraw(*, target: models.Model, kind: str, now: datetime) -> None:
    """Take back the open request about a thing, if there is one: what it asked for is gone."""
    rows = Request.unscoped.select_for_update().filter(
        kind=kind, target_type=target._meta.label_lower, target_id=str(target.pk), state=Request.State.OPEN
    )
    for request in rows:
        close(request, Request.State.WITHDRAWN, now)
