"""What this room brings to 今日: material that expires, and withdrawn material to those who used it."""

from datetime import datetime, timedelta

from django.db.models import Max
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yaomai.kit import inbox
from yaomai.kit.access import Actor
from yaomai.kit.acts.rows import local_day
from yaomai.kit.inbox.registry import kind_of
from yaomai.kit.policies.selectors import policy_on
from yaomai.kit.ui import formats
from yaomai.materials.models import Material, MaterialVersion, Use
from yaomai.materials.policies import MaterialPolicy

MOST = 10


def register() -> None:
    """Register kinds and what is computed."""
    inbox.register_kind("materials.expiring", label=gettext_lazy("Material expires"), icon="file-check", rank=30)
    inbox.register_kind("materials.withdrawn", label=gettext_lazy("Material withdrawn"), icon="file-check", rank=5)
    inbox.register_provider(expiring)
    inbox.register_provider(withdrawn)


def expiring(actor: Actor, now: datetime) -> list[inbox.Item]:
    """Return the versions in force that expire soon and that no later one follows."""
    if not actor.may(Material.right("edit")):
        return []
    today = local_day(now)
    policy, _version = policy_on(MaterialPolicy, on=today)
    soon = MaterialVersion.objects.filter(
        state="approved", valid_until__gte=today, valid_until__lte=today + timedelta(days=policy.remind_days)
    ).exclude(material__versions__state="waiting")
    return [
        inbox.Item(
            kind=kind_of("materials.expiring"),
            title=_("%(material)s expires") % {"material": version},
            reason=_("After %(day)s the gate refuses it.") % {"day": formats.day(version.valid_until, today=today)},
            url=reverse("materials:materialversion_detail", args=[version.pk]),
            subject=str(version.pk),
        )
        for version in soon.select_related("material").order_by("valid_until", "pk")[:MOST]
    ]


def withdrawn(actor: Actor, now: datetime) -> list[inbox.Item]:
    """Tell whoever used a version that it was withdrawn: it must be used no more, and what was left behind taken back."""
    if actor.person_id is None:
        return []
    policy, _version = policy_on(MaterialPolicy, on=local_day(now))
    since = local_day(now) - timedelta(days=policy.tell_days)
    used = Use.unscoped.filter(
        person_id=actor.person_id,
        on__gte=since,
        used__state="withdrawn",
        used__ended_at__gte=now - timedelta(days=policy.tell_days),
    )
    rows = used.values("used_id").annotate(last=Max("on")).order_by("-last")[:MOST]
    versions = MaterialVersion.unscoped.select_related("material").in_bulk([row["used_id"] for row in rows])
    return [
        inbox.Item(
            kind=kind_of("materials.withdrawn"),
            title=_("%(material)s was withdrawn") % {"material": versions[row["used_id"]]},
            reason=_("Use it no more; you showed it last on %(day)s. Reason: %(reason)s")
            % {"day": formats.day(row["last"], today=local_day(now)), "reason": versions[row["used_id"]].reason},
            url=reverse("materials:material_list"),
            subject=str(row["used_id"]),
        )
        for row in rows
    ]
