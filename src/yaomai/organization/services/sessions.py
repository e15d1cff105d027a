"""What happens at the door: signing in and out, wrong passwords, lock-outs, passwords, second factors.

Written by the adapters and signals of `organization.sign_in`, in the transaction of the request.
"""

from collections.abc import Sequence
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from yaomai.kit.access import Actor
from yaomai.kit.acts import Trail, act
from yaomai.kit.errors import Missing
from yaomai.organization.models import AccessToken, Person
from yaomai.organization.services import rows

WAYS: dict[str, Promise] = {
    "password": _("password"),
    "totp": _("authenticator app"),
    "webauthn": _("passkey"),
    "recovery_codes": _("recovery codes"),
}


def _way(code: str) -> Promise | str:
    """Return what people call a way of signing in; company identities are called by their provider."""
    return WAYS.get(code, code)


@act("organization.session:start", right="", sentence=_("%(actor)s signed in (%(method)s) from %(address)s"))
def session_start(*, actor: Actor, trail: Trail, methods: Sequence[str], address: str) -> None:
    """Record that a person signed in, and in which ways."""
    trail.note(method=[_way(code) for code in methods], address=address)


@act("organization.session:end", right="", sentence=_("%(actor)s signed out"))
def session_end(*, actor: Actor, trail: Trail) -> None:
    """Record that a person signed out."""
    trail.note()


@act(
    "organization.session:fail",
    right="",
    sentence=_("Someone failed to sign in as %(username)s (%(method)s) from %(address)s"),
)
def session_fail(*, actor: Actor, trail: Trail, person: Person | None, method: str, address: str) -> None:
    """Record a wrong password or code.

    A name that nobody has is not written down: people type passwords into that field.
    """
    trail.note(person, username=person.username if person else "–", method=_way(method), address=address)


@act(
    "organization.session:lock",
    right="",
    sentence=_("Sign-in as %(username)s was locked after too many failed attempts; last from %(address)s"),
)
def session_lock(*, actor: Actor, trail: Trail, person: Person | None, address: str) -> None:
    """Record a lock-out."""
    trail.note(person, username=person.username if person else "–", address=address)


@act("organization.session:end_all", right="", sentence=_("%(actor)s ended all sessions of %(target)s"))
def session_end_all(*, actor: Actor, trail: Trail, pk: int, now: datetime) -> Person:
    """End every session of a person: one's own, or another's with the right to edit people, then their tokens too."""
    if pk != actor.person_id and not actor.may("organization.person:edit"):
        raise Missing
    person = rows.locked(Person, pk, right="organization.person:edit") if pk != actor.person_id else _own(pk)
    person.sign_in_epoch += 1
    person.save(update_fields=["sign_in_epoch"])
    if pk != actor.person_id:
        AccessToken.unscoped.filter(person=person, revoked_at__isnull=True).update(revoked_at=now)
    trail.note(person)
    return person


def _own(pk: int) -> Person:
    return Person.unscoped.select_for_update().get(pk=pk)


@act("organization.password:change", right="", sentence=_("%(actor)s changed their password"))
def password_change(*, actor: Actor, trail: Trail, person: Person, password: str, now: datetime) -> None:
    """Set one's own password: other sessions end, and a temporary one is replaced.

    Raises:
        Missing: the person is somebody else.
    """
    if person.pk != actor.person_id:
        raise Missing
    person.set_password(password)
    person.must_change_password = False
    person.save(update_fields=["password", "must_change_password"])
    # The request's person is a lazy object; the trail wants the row.
    trail.note(_own(person.pk))


@act("organization.factor:add", right="", sentence=_("%(actor)s added a sign-in factor: %(kind)s"))
def factor_add(*, actor: Actor, trail: Trail, kind: str) -> None:
    """Record a new authenticator app, passkey or set of recovery codes."""
    trail.note(kind=_way(kind))


@act("organization.factor:remove", right="", sentence=_("%(actor)s removed a sign-in factor: %(kind)s"))
def factor_remove(*, actor: Actor, trail: Trail, kind: str) -> None:
    """Record that an authenticator was removed."""
    trail.note(kind=_way(kind))


@act(
    "organization.identity:connect",
    right="",
    sentence=_("%(target)s signed in with %(provider)s for the first time; the identity was connected"),
)
def identity_connect(*, actor: Actor, trail: Trail, person: Person, provider: str) -> None:
    """Record that a company identity belongs to a person from now on."""
    trail.note(person, provider=provider)
