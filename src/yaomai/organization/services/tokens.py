"""Access tokens: make one for oneself, take it back."""

from datetime import date, datetime, timedelta
from typing import NamedTuple

from django.utils.translation import gettext_lazy as _

from yaomai.kit.access import Actor
from yaomai.kit.acts import Trail, act
from yaomai.kit.acts.rows import local_day
from yaomai.kit.errors import Conflict, Invalid, Missing
from yaomai.kit.policies.selectors import policy_on
from yaomai.organization import tokens
from yaomai.organization.models import AccessToken, Person
from yaomai.organization.policies import TokenPolicy
from yaomai.organization.services import rows


class Made(NamedTuple):
    """A new token and its secret, which is shown once and kept nowhere."""

    token: AccessToken
    secret: str


class TooMany(Conflict):
    """A person has as many open tokens as the policy allows."""

    code = "too_many_tokens"
    message = _("You have %(most)s access tokens already. Revoke one that is not used any more.")


@act(
    "organization.token:create", right="", sentence=_("%(actor)s made the access token %(name)s, valid until %(until)s")
)
def token_create(
    *, actor: Actor, trail: Trail, now: datetime, name: str, expires_on: date, is_read_only: bool = True
) -> Made:
    """Make a token for oneself.

    Raises:
        Missing: nobody is signed in.
        Invalid: no name, or a day that is past or too far away.
        TooMany: as many are open as the policy allows.
    """
    if actor.person_id is None:
        raise Missing
    today = local_day(now)
    policy, _version = policy_on(TokenPolicy, on=today)
    person = Person.unscoped.select_for_update().get(pk=actor.person_id)
    last = today + timedelta(days=policy.most_days)
    if not today < expires_on <= last:
        raise Invalid(fields={"expires_on": [_("Choose a day after today, %(last)s at the latest.") % {"last": last}]})
    is_open = AccessToken.unscoped.filter(person=person, revoked_at__isnull=True, expires_on__gt=today)
    if is_open.count() >= policy.most_tokens:
        raise TooMany(most=policy.most_tokens)
    secret = tokens.new_secret()
    token = AccessToken(
        person=person, name=name.strip(), digest=tokens.digest_of(secret), hint=secret[: tokens.SHOWN],
        is_read_only=is_read_only, expires_on=expires_on, created_at=now,
    )  # fmt: skip
    rows.validated(token)
    token.save(force_insert=True)
    trail.note(person, name=token.name, until=expires_on, reads_only=is_read_only)
    return Made(token, secret)


@act("organization.token:revoke", right="", sentence=_("%(actor)s revoked the access token %(name)s of %(target)s"))
def token_revoke(*, actor: Actor, trail: Trail, pk: int, now: datetime) -> AccessToken:
    """Take a token of one's own back: it opens nothing from now on.

    Raises:
        Missing: no such open token of one's own.
    """
    token = (
        AccessToken.unscoped.select_for_update(of=("self",))
        .select_related("person")
        .filter(pk=pk, person=actor.person_id, revoked_at__isnull=True)
        .first()
    )
    if token is None:
        raise Missing
    token.revoked_at = now
    token.save(update_fields=["revoked_at"])
    trail.note(token.person, name=token.name)
    return token
