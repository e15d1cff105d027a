"""Adverse events that somebody heard of: reported at once, taken over in time (PV7)."""

import uuid as uuids
from datetime import datetime, timedelta
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from yaomai.catalog.models import Product
from yaomai.compliance.wording import PATIENTS
from yaomai.customers import merging
from yaomai.customers.models import Institution, Professional
from yaomai.engagement.models import AdverseEvent
from yaomai.engagement.policies import AdversePolicy
from yaomai.kit.access import Actor, get_visible
from yaomai.kit.acts import Trail, act
from yaomai.kit.acts.rows import change, local_day, locked, save, touch
from yaomai.kit.errors import Conflict, Invalid
from yaomai.kit.inbox import nudge_close, nudge_upsert
from yaomai.kit.policies.selectors import policy_on

KIND = "engagement.adverse"
FIELDS = ("what", "severity", "age_group", "learned_at")
TOLERANCE = timedelta(minutes=10)


class SentBefore(Conflict):
    """The report is there already."""

    code = "adverse_sent_before"
    message = _("This report arrived already. Nothing was saved a second time.")


class TakenOver(Conflict):
    """Somebody took it over already."""

    code = "adverse_taken_over"
    message = _("%(who)s has taken this over already.")


@act(
    "engagement.adverseevent:create",
    right="safety.adverseevent:create",
    sentence=_("%(actor)s reported an adverse event: %(target)s"),
)
def adverse_report(
    *, actor: Actor, trail: Trail, now: datetime, product: Product, what: str, learned_at: datetime,
    uuid: uuids.UUID | None = None, institution: Institution | None = None, professional: Professional | None = None,
    **fields: Any,
) -> AdverseEvent:  # fmt: skip
    """Report that a patient was harmed, as soon as one hears of it.

    Raises:
        SentBefore. Missing. Invalid: by field; who the patient is may not be said (PV8).
    """
    policy, _version = policy_on(AdversePolicy, on=local_day(now))
    wanted = uuid or uuids.uuid4()
    known = AdverseEvent.unscoped.filter(uuid=wanted).first()
    if known is not None:
        if known.person_id == actor.person_id:
            raise SentBefore
        raise Invalid(fields={"uuid": [_("This number belongs to another report. Write the report anew.")]})
    if learned_at > now + TOLERANCE:
        raise Invalid(fields={"learned_at": [_("This moment is still to come. Check the clock of the phone.")]})
    if any(pattern.search(what) for pattern in PATIENTS):
        raise Invalid(fields={"what": [_("Leave out who the patient is: age group and signs are enough.")]})
    place = merging.standing(get_visible(Institution, pk=institution.pk)) if institution is not None else None
    event = AdverseEvent(
        uuid=wanted, person_id=actor.person_id, product=get_visible(Product, pk=product.pk), institution=place,
        professional=merging.standing(get_visible(Professional, pk=professional.pk)) if professional is not None else None,
        due_at=learned_at + timedelta(hours=policy.hand_over_hours), created_at=now, updated_at=now,
    )  # fmt: skip
    changes = change(event, {"what": what, "learned_at": learned_at, **fields}, allowed=FIELDS)
    save(event)
    nudge_upsert(
        kind=KIND, now=now, key=f"{KIND}:{event.pk}", title=_("Adverse event to be taken over: %(product)s"),
        reason=_("Heard of by %(who)s; to be taken over within %(hours)s hours of that (PV7)."),
        params={"product": str(event.product), "who": actor.label, "hours": policy.hand_over_hours},
        url=reverse("engagement:adverseevent_detail", args=[event.pk]), right="safety.adverseevent:review", target=event, due_at=event.due_at,
    )  # fmt: skip
    trail.note(event, changes={name: changes[name] for name in changes if name != "what"})
    return event


@act(
    "engagement.adverseevent:take_over", right="safety.adverseevent:review",
    sentence=_("%(actor)s took the adverse event %(target)s over as %(reference)s"),
)  # fmt: skip
def adverse_take_over(
    *, actor: Actor, trail: Trail, pk: int, reference: str, now: datetime, expected_version: int | None = None
) -> AdverseEvent:
    """Take an event over into pharmacovigilance, under the number that it has there.

    Raises:
        Missing, Stale. TakenOver. Invalid: no number.
    """
    event = locked(AdverseEvent, pk, verb="review", expected_version=expected_version)
    if event.taken_over_at is not None:
        raise TakenOver(who=str(event.taken_over_by or ""))
    if not reference.strip():
        raise Invalid(fields={"reference": [_("Give the number under which it is worked on.")]})
    event.taken_over_at, event.taken_over_by_id = now, actor.person_id
    change(event, {"reference": reference}, allowed=("reference",))
    touch(event, now)
    save(event, fields=["taken_over_at", "taken_over_by", "reference"])
    nudge_close(key=f"{KIND}:{event.pk}", now=now)
    trail.note(event, changes={"taken_over_at": (None, now)}, reference=event.reference)
    return event
