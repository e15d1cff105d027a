"""What policies bring to 今日: versions that wait for their day, and those sent back to their author."""

from datetime import datetime
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yaomai.kit import inbox
from yaomai.kit.access import Actor
from yaomai.kit.policies.models import Version

MOST = 20
STATUS = Version.Status


def register() -> None:
    """Register the kind and what is computed."""
    kind = inbox.register_kind(
        "policies.decide", label=gettext_lazy("Policies"), icon="scale", rank=15, action=gettext_lazy("Look")
    )

    def items(actor: Actor, _now: datetime) -> list[inbox.Item]:
        waiting = _waiting_for(actor)
        if waiting is None:
            return []
        versions = Version.objects.filter(waiting).order_by("created_at", "pk")
        return [
            inbox.Item(
                kind=kind,
                title=_title(version),
                reason=version.reason,
                url=reverse("policies:version_detail", args=[version.pk]),
                since=version.created_at,
            )
            for version in versions[:MOST]
        ]

    inbox.register_provider(items)


def _waiting_for(actor: Actor) -> Q | None:
    """Return which versions wait for an actor besides approval; None without any right."""
    found: list[Any] = []
    if actor.may(Version.right("publish")):
        found.append(Q(status=STATUS.APPROVED))
    if actor.may(Version.right("propose")) and actor.person_id is not None:
        mine = {"author_id": actor.person_id}
        again = Version.unscoped.filter(
            **mine, name=OuterRef("name"), applies_to=OuterRef("applies_to"), number__gt=OuterRef("number")
        )
        found.append(Q(status=STATUS.RETURNED, **mine) & ~Exists(again))
    return reduce(or_, found) if found else None


def _title(version: Version) -> str:
    values = {"version": version}
    if version.status == STATUS.APPROVED:
        return _("%(version)s is approved and waits for its day") % values
    return _("%(version)s was returned to you") % values
