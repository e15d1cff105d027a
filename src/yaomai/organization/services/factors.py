"""A lost second factor: the system administrator asks, the security administrator decides, the person is told."""

from datetime import datetime
from typing import Any

from allauth.mfa.models import Authenticator
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from yaomai.kit import approvals, inbox
from yaomai.kit.access import Actor
from yaomai.kit.acts import Trail, act
from yaomai.kit.approvals.models import Request
from yaomai.kit.audit.trail import Changes
from yaomai.kit.errors import Conflict, Invalid, Refused
from yaomai.organization.models import Person
from yaomai.organization.services import rows

KIND = "organization.factors"
SHORTEST = 4


class NoFactor(Conflict):
    """There is nothing to remove."""

    code = "no_second_factor"
    message = _("%(name)s has no second factor.")


class OwnFactor(Refused):
    """Nobody has their own removed by asking as an administrator."""

    code = "own_second_factor"
    message = _("Remove your own second factor on your own page, or ask another administrator.")


@act(
    "organization.person:ask_factors", right="organization.person:edit",
    sentence=_("%(actor)s asked that the second factors of %(target)s be removed: %(reason)s"),
)  # fmt: skip
def factors_ask_removal(*, actor: Actor, trail: Trail, pk: int, reason: str, identity: str, now: datetime) -> Request:
    """Ask that every second factor of a person be removed, because it is lost; nothing is removed yet.

    Args:
        identity: how it was made sure that it is this person who asks.

    Raises:
        Missing. OwnFactor. NoFactor. Invalid: no reason, no check of the identity. NobodyDecides.
    """
    person = rows.locked(Person, pk, right="organization.person:edit")
    if pk == actor.person_id:
        raise OwnFactor
    problems: dict[str, list[Any]] = {}
    for name, said in (("reason", reason), ("identity", identity)):
        if len(said.strip()) < SHORTEST:
            problems[name] = [_("Write at least %(least)s characters.") % {"least": SHORTEST}]
    if problems:
        raise Invalid(fields=problems)
    kinds = sorted({str(each.Type(each.type).label) for each in Authenticator.objects.filter(user=person)})
    if not kinds:
        raise NoFactor(name=person.name)
    asked = approvals.ask(
        actor=actor, kind=KIND, target=person, title=_("Remove the second factors of %(name)s"), params={"name": person.name},
        facts=[approvals.Fact(_("Second factors"), "、".join(kinds)),
               approvals.Fact(_("How the identity was checked"), identity.strip()[:300])],
        reason=reason.strip()[:300], now=now, url=reverse("organization:person_detail", args=[pk]), risk="high",
    )  # fmt: skip
    trail.note(person, reason=reason.strip()[:300])
    return asked


def factors_removed(request: Request, *, actor: Actor, now: datetime) -> Changes:
    """Remove them, end every session, and tell the person."""
    person = Person.unscoped.select_for_update().get(pk=request.target_id)
    found = Authenticator.objects.filter(user=person)
    count = found.count()
    found.delete()
    person.sign_in_epoch += 1
    person.save(update_fields=["sign_in_epoch"])
    inbox.nudge_upsert(
        kind=KIND, key=f"{KIND}:{request.pk}", now=now, owner_id=person.pk,
        title=_("Your second factor was removed"), url=reverse("organization:me"),
        reason=_("Asked for by %(asker)s, approved by %(decider)s. Set up a new one. If you did not ask for it, tell the security administrator at once."),
        params={"asker": request.requested_by_label, "decider": actor.label},
    )  # fmt: skip
    return {"factors": (count, 0)}


def is_current(request: Request) -> bool:
    """Tell whether there still is something to remove."""
    return bool(Authenticator.objects.filter(user_id=int(request.target_id)).exists())


def register() -> None:
    """Declare who decides, and how the person is told."""
    approvals.register_kind(
        KIND, label=_("Lost second factors"), chains=_chains, on_approved=factors_removed, is_current=is_current
    )
    inbox.register_kind(KIND, label=_("Second factors"), icon="shield-lock", rank=1)


def _chains() -> list[approvals.Chain]:
    """Return who decides as long as no policy says otherwise: the duty apart from the one that asks."""
    return [approvals.Chain(steps=[approvals.StepSpec(role="security_administrator")])]
