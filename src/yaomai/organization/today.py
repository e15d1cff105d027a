"""What this room brings to 今日: people who wait for a position, and the first steps of a new company."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from yaomai.kit import inbox
from yaomai.kit.access import Actor
from yaomai.kit.acts.rows import local_day
from yaomai.organization.models import Holding, Person, Position, Territory, on_day, without_way_in
from yaomai.organization.separation import duties_of

MOST_NAMED = 3
MOST_COUNTED = 100


def register() -> None:
    """Register the kind, what is computed, and the first steps."""
    kind = inbox.register_kind(
        "organization.seatless", label=gettext_lazy("People without a position"), icon="user-plus", rank=40,
        action=gettext_lazy("Give a position"),
    )  # fmt: skip

    def items(actor: Actor, now: datetime) -> list[inbox.Item]:
        """Say who can sign in and do nothing: one administrator adds people, another gives them positions."""
        if not actor.may("organization.position:edit"):
            return []
        held = Holding.unscoped.filter(on_day(local_day(now)), person_id=OuterRef("pk"))
        people = Person.objects.filter(~Exists(held), archived_at__isnull=True).order_by("pk")
        found = list(people.values_list("pk", "name")[: MOST_COUNTED + 1])
        if not found:
            return []
        named = "、".join(name for _pk, name in found[:MOST_NAMED])
        return [
            inbox.Item(
                kind=kind,
                title=ngettext("%(count)s person has no position", "%(count)s people have no position", len(found))
                % {"count": len(found)},
                reason=_("They can sign in but see nothing: %(names)s") % {"names": named},
                url=f"{reverse('organization:holding_new')}?person={found[0][0]}",
            )
        ]

    inbox.register_provider(items)
    no_way_in = inbox.register_kind(
        "organization.no_way_in", label=gettext_lazy("People without a password"), icon="key", rank=41,
        action=gettext_lazy("Give first passwords"),
    )  # fmt: skip

    def people_without_password(actor: Actor, _now: datetime) -> list[inbox.Item]:
        """Say who is entered and cannot sign in; where the company's own sign-in is set up, everybody can."""
        if not actor.may(Person.right("edit")) or settings.SOCIALACCOUNT_PROVIDERS:
            return []
        count = Person.objects.filter(without_way_in()).exclude(pk=actor.person_id or 0).count()
        if not count:
            return []
        return [
            inbox.Item(
                kind=no_way_in,
                title=ngettext(
                    "%(count)s person has no way to sign in yet", "%(count)s people have no way to sign in yet", count
                ) % {"count": count},
                reason=_("Choose them in the list and give first passwords: one workbook to hand out."),
                url=f"{reverse('organization:person_list')}?no_way_in=1",
            )
        ]  # fmt: skip

    inbox.register_provider(people_without_password)
    inbox.register_step(
        "territories",
        label=gettext_lazy("Set up territories"),
        text=gettext_lazy("Company, regions, areas, districts: who sees which customers follows from them."),
        url_name="organization:tree",
        right="organization.territory:create",
        is_done=lambda _actor: Territory.unscoped.exclude(level=Territory.Level.COMPANY).exists(),
        order=1,
    )
    inbox.register_step(
        "people",
        label=gettext_lazy("Add people"),
        text=gettext_lazy("Enter your colleagues and give each a temporary password."),
        url_name="organization:person_list",
        right="organization.person:create",
        is_done=lambda _actor: Person.unscoped.count() > MOST_ADMINISTRATORS,
        order=2,
    )
    inbox.register_step(
        "positions",
        label=gettext_lazy("Make positions and fill them"),
        text=gettext_lazy("A position is a role in a territory; it gives rights to whoever holds it."),
        url_name="organization:position_list",
        right="organization.position:create",
        is_done=_has_positions,
        order=3,
    )


MOST_ADMINISTRATORS = 3
"""Those that `yaomai init` makes."""


def _has_positions(_actor: Any) -> bool:
    """Tell whether somebody holds a position that is no administrator's."""
    held = Holding.unscoped.filter(on_day(timezone.localdate())).values("position_id")
    rights = Position.unscoped.filter(pk__in=held).values_list("role__rights", flat=True).distinct()
    return any(not duties_of(each) for each in rights)
