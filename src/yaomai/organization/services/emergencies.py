"""Emergency power (紧急授权): an administrator's role lent to a named person for some hours, before the others' eyes."""

from datetime import datetime, timedelta

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from yaomai.kit.access import Actor
from yaomai.kit.acts import Trail, act
from yaomai.kit.errors import Conflict, Invalid, Missing, Refused
from yaomai.kit.inbox import nudge_upsert
from yaomai.kit.policies.selectors import policy_on
from yaomai.organization import separation
from yaomai.organization.models import Emergency, Person, Role
from yaomai.organization.policies import EmergencyPolicy
from yaomai.organization.selectors import administrators
from yaomai.organization.services import rows
from yaomai.organization.services.invariants import lock_rights, require_separate_people

KIND = "organization.emergency"
"""The kind of nudge that tells the other administrators."""


class OnlyAdministrators(Refused):
    """The giver holds none of the three duties."""

    code = "only_administrators"
    message = _("Only a system, security or audit administrator can give emergency power.")


class NotPassedOn(Refused):
    """Who acts under emergency power would give it on."""

    code = "emergency_not_passed_on"
    message = _("Emergency power cannot be passed on. Ask an administrator who holds the position.")


class NotToOneself(Refused):
    """Somebody would give emergency power to themself."""

    code = "emergency_not_to_oneself"
    message = _("Nobody gives emergency power to themself. Ask another administrator.")


class NobodyToTell(Conflict):
    """No administrator of another duty would learn of it."""

    code = "emergency_nobody_to_tell"
    message = _(
        "No administrator of another duty is there to be told. Give such a position to somebody first: emergency power "
        "is never given unseen."
    )


class InForceAlready(Conflict):
    """The person has emergency power."""

    code = "emergency_in_force"
    message = _("%(person)s has emergency power until %(until)s. End it first.")


class Over(Conflict):
    """The emergency power has ended."""

    code = "emergency_over"
    message = _("This emergency power has ended.")


@act(
    "organization.emergency:create",
    sentence=_(
        "%(actor)s gave %(person)s the emergency power of %(role)s for %(hours)s hours: %(reason)s; told: %(told)s"
    ),
)
def emergency_give(
    *, actor: Actor, trail: Trail, now: datetime, person: Person, role: Role, hours: int, reason: str
) -> Emergency:
    """Lend an administrator's role to a person from now on, and tell the administrators of the other duties at once.

    Raises:
        OnlyAdministrators, NotPassedOn, NotToOneself: who gives, and to whom.
        Invalid: the person has left, the role is no administrator's, or the hours exceed `EmergencyPolicy`.
        InForceAlready: the person has emergency power.
        DutiesMeet: with the positions held the person would hold two duties.
        NobodyToTell: nobody of another duty is there.
    """
    lock_rights()
    own = separation.duties_of(right for grant in actor.grants for right in grant.rights)
    if not actor.is_system and not own:
        raise OnlyAdministrators
    if actor.emergency_id is not None:
        raise NotPassedOn
    if person.pk == actor.person_id:
        raise NotToOneself
    person = Person.unscoped.select_for_update().get(pk=person.pk)
    _require_fit(person, role, hours, now)
    emergency = Emergency(
        person=person, role=role, hours=hours, reason=" ".join(reason.split()), given_by_id=actor.person_id,
        given_by_label=actor.label, begins_at=now, expires_at=now + timedelta(hours=hours),
    )  # fmt: skip
    rows.validated(emergency)
    emergency.save(force_insert=True)
    person.emergency = emergency
    person.save(update_fields=["emergency"])
    require_separate_people([person.pk], on=timezone.localdate(now))
    told = _tell(emergency, actor, own, now)
    trail.note(
        emergency, person=person.name, role=str(role), hours=hours, reason=emergency.reason,
        told=[each.name for each in told],
    )  # fmt: skip
    return emergency


def _require_fit(person: Person, role: Role, hours: int, now: datetime) -> None:
    policy, _version = policy_on(EmergencyPolicy, on=timezone.localdate(now))
    if not person.is_active:
        raise Invalid(fields={"person": [_("%(name)s is deactivated.") % {"name": person.name}]})
    if len(separation.duties_of(role.rights)) != 1:
        raise Invalid(fields={"role": [_("Choose the role of a system, security or audit administrator.")]})
    if not 1 <= hours <= policy.most_hours:
        raise Invalid(fields={"hours": [_("From 1 to %(most)s hours.") % {"most": policy.most_hours}]})
    held = person.emergency
    if held is not None and held.is_in_force(now):
        raise InForceAlready(person=person.name, until=f"{timezone.localtime(held.expires_at):%Y-%m-%d %H:%M}")


def _tell(emergency: Emergency, actor: Actor, own: frozenset[str], now: datetime) -> list[Person]:
    """Put it into the inbox of every other administrator; return whom was told."""
    found = administrators(on=timezone.localdate(now))
    others = [person for person, _duties in found if person.pk not in (actor.person_id, emergency.person_id)]
    if not any(person in others and duties - own for person, duties in found):
        raise NobodyToTell
    until = f"{timezone.localtime(emergency.expires_at):%Y-%m-%d %H:%M}"
    said = {"person": emergency.person.name, "role": emergency.role.name, "giver": actor.label, "until": until}
    for person in others:
        nudge_upsert(
            kind=KIND,
            key=f"{KIND}:{emergency.pk}:{person.pk}",
            title=_("%(person)s holds the emergency power of %(role)s until %(until)s"),
            reason=_("Given by %(giver)s: %(reason)s"),
            params={**said, "reason": emergency.reason},
            url=reverse("organization:emergency_detail", args=[emergency.pk]),
            owner_id=person.pk,
            now=now,
        )
    return others


@act("organization.emergency:end", right="", sentence=_("%(actor)s ended the emergency power of %(person)s"))
def emergency_end(*, actor: Actor, trail: Trail, pk: int, now: datetime) -> Emergency:
    """End an emergency power before its time: one's own, or another's with the right to edit them.

    Raises:
        Missing: there is none that the actor may end. Over: it has ended.
    """
    emergency: Emergency | None = Emergency.unscoped.select_for_update(of=("self",)).filter(pk=pk).first()
    if emergency is None:
        raise Missing
    if emergency.person_id != actor.person_id:
        rows.locked(Emergency, pk, right="organization.emergency:edit")
    if not emergency.is_in_force(now):
        raise Over
    _close(emergency, now)
    trail.note(emergency, changes={"ended_at": (None, now)}, person=emergency.person.name)
    return emergency


@act(
    "organization.emergency:expire",
    right="organization.emergency:edit",
    sentence=_("The emergency power of %(person)s ended by time"),
)
def emergency_expire(*, actor: Actor, trail: Trail, pk: int, now: datetime) -> Emergency:
    """Write down that the time is up; the power itself ended with it, whether or not this ran.

    Raises:
        Over: it is written down already, or was ended by hand. Conflict: the time is not up.
    """
    emergency = rows.locked(Emergency, pk, right="organization.emergency:edit")
    if emergency.ended_at is not None:
        raise Over
    if now < emergency.expires_at:
        raise Conflict
    _close(emergency, emergency.expires_at)
    trail.note(emergency, changes={"ended_at": (None, emergency.expires_at)}, person=emergency.person.name)
    return emergency


def _close(emergency: Emergency, at: datetime) -> None:
    emergency.ended_at = at
    emergency.version += 1
    emergency.save(update_fields=["ended_at", "version"])
    Person.unscoped.filter(pk=emergency.person_id, emergency=emergency).update(emergency=None)


def emergencies_expire_due(*, actor: Actor, now: datetime) -> int:
    """Write down every emergency power whose time is up; return how many."""
    due = list(Emergency.objects.filter(ended_at__isnull=True, expires_at__lte=now).values_list("pk", flat=True))
    for pk in due:
        emergency_expire(actor=actor, pk=pk, now=now)
    return len(due)
