"""The secret address of a calendar feed: made, renewed, revoked; only its digest is kept."""

import hashlib
import secrets
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from yaomai.kit.access import Actor
from yaomai.kit.acts import Trail, act
from yaomai.kit.errors import Missing
from yaomai.planning.models import CalendarFeed


def digest_of(secret: str) -> str:
    """Return what is kept of a secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


@act(
    "planning.plannedvisit:feed",
    right="planning.plannedvisit:view",
    sentence=_("%(actor)s made a new address for the calendar on the phone"),
)
def feed_create(*, actor: Actor, trail: Trail, now: datetime) -> str:
    """Return a new secret; an address that was given before no longer works.

    Raises:
        Missing: no person acts.
    """
    if actor.person_id is None:
        raise Missing
    secret = secrets.token_urlsafe(24)
    feed, _new = CalendarFeed.unscoped.update_or_create(
        person_id=actor.person_id, defaults={"digest": digest_of(secret), "created_at": now, "read_at": None}
    )
    trail.note(feed)
    return secret


@act(
    "planning.plannedvisit:feed_revoke",
    right="planning.plannedvisit:view",
    sentence=_("%(actor)s revoked the address of the calendar on the phone"),
)
def feed_revoke(*, actor: Actor, trail: Trail, now: datetime) -> bool:
    """Let the address that was given work no longer; tells whether there was one."""
    count, _rows = CalendarFeed.unscoped.filter(person=actor.person_id).delete()
    trail.note(changes={"feed": (bool(count), False)})
    return bool(count)
