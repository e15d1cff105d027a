"""Contact data: sealed, shown masked, revealed with a reason that the trail keeps."""

from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext_lazy as _

from yaomai.customers import rules
from yaomai.customers.models import ContactPoint, Institution, InstitutionContact, Professional, ProfessionalContact
from yaomai.customers.services.profiles import measure
from yaomai.kit.access import Actor
from yaomai.kit.acts import Trail, act
from yaomai.kit.acts.rows import local_day, locked, require_open
from yaomai.kit.errors import Invalid, Missing
from yaomai.kit.vault import blind_index, mask_email, mask_phone

SHORTEST_REASON = 4
LONGEST_VALUE = 100
Kind = ContactPoint.Kind


@dataclass(frozen=True, slots=True)
class Sealable:
    """A checked contact value, ready to be stored."""

    kind: str
    value: str
    masked: str
    fingerprint: str


def prepared(kind: str, value: str) -> Sealable:
    """Check a contact value and make its mask and fingerprint.

    Raises:
        Invalid: it is not what its kind says.
    """
    value = " ".join(value.split())
    if kind not in Kind.values:
        raise Invalid(fields={"kind": [_("Choose from the list.")]})
    if not value or len(value) > LONGEST_VALUE:
        raise Invalid(fields={"value": [_("Write at most 100 characters.")]})
    if kind == Kind.EMAIL:
        try:
            validate_email(value)
        except ValidationError as error:
            raise Invalid(fields={"value": list(error.messages)}) from error
        return Sealable(kind, value, mask_email(value), blind_index(value))
    if kind in (Kind.MOBILE, Kind.PHONE):
        if kind == Kind.MOBILE and not rules.is_mobile(value):
            raise Invalid(fields={"value": [_("A mobile number has eleven digits and begins with 1.")]})
        digits = rules.phone_digits(value)
        shown = digits if kind == Kind.MOBILE else value
        return Sealable(kind, shown, mask_phone(shown), blind_index(digits))
    return Sealable(kind, value, f"{value[:1]}***{value[-1:]}" if len(value) > 4 else "***", blind_index(value))


def _add(
    row: Institution | Professional, *, kind: str, value: str, source: str, actor: Actor, now: datetime
) -> InstitutionContact | ProfessionalContact:
    sealed = prepared(kind, value)
    values = {
        "value": sealed.value,
        "masked": sealed.masked,
        "source": source.strip(),
        "recorded_by_id": actor.person_id,
        "created_at": now,
    }
    contact: InstitutionContact | ProfessionalContact
    if isinstance(row, Institution):
        contact, made = InstitutionContact.unscoped.get_or_create(
            institution=row, kind=kind, fingerprint=sealed.fingerprint, defaults=values
        )
    else:
        contact, made = ProfessionalContact.unscoped.get_or_create(
            professional=row, kind=kind, fingerprint=sealed.fingerprint, defaults=values
        )
    if not made:
        raise Invalid(fields={"value": [_("This is recorded already.")]})
    measure("institution" if isinstance(row, Institution) else "professional", [row.pk], today=local_day(now))
    return contact


def _reason(reason: str) -> str:
    reason = " ".join(reason.split())
    if len(reason) < SHORTEST_REASON:
        raise Invalid(fields={"reason": [_("Say what you need it for; the reason is kept in the trail.")]})
    return reason


@act(
    "customers.professional:contact_add",
    right="customers.professional:edit",
    sentence=_("%(actor)s added the contact %(masked)s to %(target)s"),
)
def professional_contact_add(
    *, actor: Actor, trail: Trail, pk: int, kind: str, value: str, now: datetime, source: str = ""
) -> ContactPoint:
    """Add a way to reach a person.

    Raises:
        Invalid: not what its kind says, or recorded already.
    """
    row = locked(Professional, pk)
    require_open(row)
    contact = _add(row, kind=kind, value=value, source=source, actor=actor, now=now)
    trail.note(row, changes={kind: (None, contact.masked)}, masked=contact.masked)
    return contact


@act(
    "customers.institution:contact_add",
    right="customers.institution:edit",
    sentence=_("%(actor)s added the contact %(masked)s to %(target)s"),
)
def institution_contact_add(
    *, actor: Actor, trail: Trail, pk: int, kind: str, value: str, now: datetime, source: str = ""
) -> ContactPoint:
    """Add a personal way to reach an institution, such as a shop's mobile number.

    Raises:
        Invalid: not what its kind says, or recorded already.
    """
    row = locked(Institution, pk)
    require_open(row)
    contact = _add(row, kind=kind, value=value, source=source, actor=actor, now=now)
    trail.note(row, changes={kind: (None, contact.masked)}, masked=contact.masked)
    return contact


@act(
    "customers.professional:contact_remove",
    right="customers.professional:edit",
    sentence=_("%(actor)s removed the contact %(masked)s of %(target)s"),
)
def professional_contact_remove(*, actor: Actor, trail: Trail, pk: int, contact: int, now: datetime) -> None:
    """Delete a contact for good: data that is no longer needed is not kept."""
    row = locked(Professional, pk)
    found = ProfessionalContact.unscoped.filter(professional=row, pk=contact).first()
    if found is None:
        raise Missing
    found.delete()
    measure("professional", [pk], today=local_day(now))
    trail.note(row, changes={found.kind: (found.masked, None)}, masked=found.masked)


@act(
    "customers.institution:contact_remove",
    right="customers.institution:edit",
    sentence=_("%(actor)s removed the contact %(masked)s of %(target)s"),
)
def institution_contact_remove(*, actor: Actor, trail: Trail, pk: int, contact: int, now: datetime) -> None:
    """Delete a contact for good."""
    row = locked(Institution, pk)
    found = InstitutionContact.unscoped.filter(institution=row, pk=contact).first()
    if found is None:
        raise Missing
    found.delete()
    measure("institution", [pk], today=local_day(now))
    trail.note(row, changes={found.kind: (found.masked, None)}, masked=found.masked)


@act("customers.professional:reveal", sentence=_("%(actor)s revealed the contact %(masked)s of %(target)s: %(reason)s"))
def professional_contact_reveal(*, actor: Actor, trail: Trail, pk: int, contact: int, reason: str) -> str:
    """Return a contact in clear; who asked, when and why stays in the trail.

    Raises:
        Missing: no such person or contact in reach.
        Invalid: no reason.
    """
    row = locked(Professional, pk, verb="reveal")
    found = ProfessionalContact.unscoped.filter(professional=row, pk=contact).first()
    if found is None:
        raise Missing
    trail.note(row, masked=found.masked, reason=_reason(reason), kind=found.kind)
    return found.value


@act("customers.institution:reveal", sentence=_("%(actor)s revealed the contact %(masked)s of %(target)s: %(reason)s"))
def institution_contact_reveal(*, actor: Actor, trail: Trail, pk: int, contact: int, reason: str) -> str:
    """Return a contact of an institution in clear; see `professional_contact_reveal`."""
    row = locked(Institution, pk, verb="reveal")
    found = InstitutionContact.unscoped.filter(institution=row, pk=contact).first()
    if found is None:
        raise Missing
    trail.note(row, masked=found.masked, reason=_reason(reason), kind=found.kind)
    return found.value
