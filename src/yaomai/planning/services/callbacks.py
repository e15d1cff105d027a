"""Callbacks: recorded in a minute, they carry out the standard callback that is owed (C13, C14)."""

from datetime import date, datetime

from django.utils.translation import gettext_lazy as _

from yaomai.customers.models import Institution, Professional
from yaomai.kit.access import Actor
from yaomai.kit.acts import Trail, act
from yaomai.kit.acts.rows import change, local_day, save
from yaomai.kit.errors import Invalid
from yaomai.planning.models import Activity, Callback, DutyState, ServiceDuty
from yaomai.planning.services.duties import propose_duty
from yaomai.planning.services.fulfilling import fulfil
from yaomai.planning.services.owners import customers_of

FIELDS = ("outcome", "words", "next_step", "next_on")


@act("planning.callback:create", sentence=_("%(actor)s called back %(target)s: %(outcome)s"))
def callback_record(
    *, actor: Actor, trail: Trail, now: datetime, institution: Institution, outcome: str, words: str = "",
    professional: Professional | None = None, next_step: str = "", next_on: date | None = None,
) -> Callback:  # fmt: skip
    """Record a call back; one that reached somebody counts, and carries out the callback that the caller owes there.

    Raises:
        Missing, Archived. Invalid: by field.
    """
    place, person = customers_of(institution, professional)
    row = Callback(
        institution=place,
        professional=person,
        person_id=actor.person_id,
        on=local_day(now),
        created_at=now,
        updated_at=now,
    )
    changes = change(
        row, {"outcome": outcome, "words": words, "next_step": next_step, "next_on": next_on}, allowed=FIELDS
    )
    is_reached = outcome != Callback.Outcome.UNREACHED
    if is_reached and not row.words:
        raise Invalid(fields={"words": [_("Say briefly what the customer said.")]})
    if row.next_on is not None and row.next_on < row.on:
        raise Invalid(fields={"next_on": [_("A next step is due after the call.")]})
    row.duty = _owed(actor, row) if is_reached else None
    save(row)
    reference = f"planning.callback:{row.pk}"
    if row.duty is not None:
        fulfil(actor=actor, planned_or_duty=row.duty, on=row.on, reference=reference, now=now)
    if row.next_step and actor.person_id is not None:
        propose_duty(
            actor=actor,
            now=now,
            institution=place,
            professional=person,
            task=row.next_step,
            due_on=row.next_on,
            reference=reference,
        )
    trail.note(
        row, changes={name: changes[name] for name in changes if name != "words"}, outcome=row.get_outcome_display()
    )
    return row


def _owed(actor: Actor, row: Callback) -> ServiceDuty | None:
    """Return the open callback that the caller owes this customer, the oldest that has begun."""
    duties = ServiceDuty.unscoped.filter(
        owner=actor.person_id, institution=row.institution, activity=Activity.CALLBACK, state=DutyState.OPEN,
        window_from__lte=row.on,
    )  # fmt: skip
    found: ServiceDuty | None = (
        duties.filter(professional__in=[row.professional_id]).first() if row.professional_id else None
    )
    return found or duties.filter(professional=None).order_by("window_to", "pk").first()
