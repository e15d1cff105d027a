"""People: create, edit, deactivate, give a temporary password, end sessions."""

import secrets
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from yaomai.kit.access import Actor
from yaomai.kit.acts import Trail, act
from yaomai.kit.errors import Conflict
from yaomai.kit.search import write_vectors
from yaomai.organization.models import Holding, Person
from yaomai.organization.services import rows
from yaomai.organization.services.invariants import indispensable_held, lock_rights, require_still_held
from yaomai.organization.services.locks import unlock

EDITABLE = ("username", "name", "employee_number", "email")
# Letters and digits that nobody confuses when reading them out.
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"


class NotOneself(Conflict):
    """Nobody closes the door behind themself."""

    code = "not_oneself"
    message = _("You cannot deactivate yourself. Ask a colleague who manages people.")


@act("organization.person:create", sentence=_("%(actor)s created the person %(target)s"))
def person_create(
    *,
    actor: Actor,
    trail: Trail,
    now: datetime,
    username: str,
    name: str,
    employee_number: str = "",
    email: str = "",
) -> Person:
    """Create a person who cannot sign in until a password is set or a company identity is used.

    Raises:
        Invalid: a field is not acceptable, or the user name or employee number is taken.
    """
    person = Person(
        username=username.strip(),
        name=name.strip(),
        employee_number=employee_number.strip(),
        email=email,
        created_at=now,
    )
    person.set_unusable_password()
    rows.validated(person)
    person.save(force_insert=True)
    _index(person)
    trail.note(person, changes={field: (None, getattr(person, field)) for field in EDITABLE if getattr(person, field)})
    return person


def _index(person: Person) -> None:
    write_vectors(Person, [(person.pk, (person.name, person.username, person.employee_number))])


@act("organization.person:edit", sentence=_("%(actor)s edited the person %(target)s"))
def person_update(
    *, actor: Actor, trail: Trail, pk: int, now: datetime, changes: dict[str, Any], expected_version: int | None = None
) -> Person:
    """Change a person's names, number or address.

    Raises:
        Missing: not in scope.
        Stale: changed since it was read.
        Invalid: a field is not acceptable.
    """
    person = rows.locked(Person, pk, right="organization.person:edit", expected_version=expected_version)
    noted = rows.updated(person, changes, EDITABLE)
    _index(person)
    trail.note(person, changes=noted)
    return person


@act("organization.person:archive", sentence=_("%(actor)s deactivated the person %(target)s"))
def person_deactivate(
    *, actor: Actor, trail: Trail, pk: int, now: datetime, expected_version: int | None = None
) -> Person:
    """End a person's sessions and positions; what they did stays theirs.

    Raises:
        NotOneself: the actor is the person.
        NobodyLeft: nobody else manages people or rights.
        Stale: they are not in the version that was read.
    """
    lock_rights()
    person = rows.locked(Person, pk, right="organization.person:archive", expected_version=expected_version)
    if person.pk == actor.person_id:
        raise NotOneself
    today = timezone.localdate(now)
    held = indispensable_held(on=today)
    ended = _end_holdings(person, today)
    before, person.archived_at = person.archived_at, now
    person.sign_in_epoch += 1
    person.version += 1
    person.save(update_fields=["archived_at", "sign_in_epoch", "version"])
    require_still_held(held, on=today)
    trail.note(person, changes={"archived_at": (before, now)}, positions=ended)
    return person


def _end_holdings(person: Person, today: date) -> list[str]:
    """End the present holdings and drop those that have not begun; return the positions' titles."""
    titles = []
    for holding in Holding.unscoped.select_for_update(of=("self",)).filter(person=person).select_related("position"):
        if holding.valid_to is not None and holding.valid_to <= today:
            continue
        titles.append(holding.position.title)
        if holding.valid_from > today:
            holding.delete()
            continue
        holding.valid_to = max(today, holding.valid_from + timedelta(days=1))
        holding.save(update_fields=["valid_to"])
    return titles


@act(
    "organization.person:reactivate",
    right="organization.person:archive",
    sentence=_("%(actor)s reactivated the person %(target)s"),
)
def person_reactivate(*, actor: Actor, trail: Trail, pk: int, now: datetime) -> Person:
    """Let a person sign in again, without any position."""
    person = rows.locked(Person, pk, right="organization.person:archive")
    before, person.archived_at = person.archived_at, None
    person.version += 1
    person.save(update_fields=["archived_at", "version"])
    trail.note(person, changes={"archived_at": (before, None)})
    return person


@act(
    "organization.person:set_password",
    right="organization.person:edit",
    sentence=_("%(actor)s gave %(target)s a temporary password"),
)
def person_set_temporary_password(*, actor: Actor, trail: Trail, pk: int, now: datetime) -> str:
    """Give a new password, end all sessions and a lock, and return the password: it is shown once and kept nowhere."""
    person = rows.locked(Person, pk, right="organization.person:edit")
    password = "-".join("".join(secrets.choice(ALPHABET) for _letter in range(4)) for _group in range(4))
    person.set_password(password)
    person.must_change_password = True
    person.sign_in_epoch += 1
    person.version += 1
    person.save(update_fields=["password", "must_change_password", "sign_in_epoch", "version"])
    unlock(person)
    trail.note(person)
    return password


def people_give_passwords(*, actor: Actor, pks: Sequence[int], now: datetime) -> list[tuple[Person, str]]:
    """Give each of some people a temporary password, all or none; those who left and the actor are passed over."""
    with transaction.atomic():
        open_rows = Person.objects.filter(pk__in=pks, archived_at__isnull=True).exclude(pk=actor.person_id or 0)
        return [
            (person, person_set_temporary_password(actor=actor, pk=person.pk, now=now))
            for person in open_rows.order_by("name", "pk")
        ]
