"""What engagement adds to the page of an institution."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from yaomai.customers.models import Institution
from yaomai.customers.panels import Event, Signal
from yaomai.engagement import selectors
from yaomai.engagement.models import Stage, StageMove
from yaomai.engagement.presenting import checks_shown, way
from yaomai.kit.access import Actor

VIEW = "engagement.keyaccount:view"


def stages(institution: Institution, actor: Actor) -> Mapping[str, Any] | None:
    """Return where a key account stands and what is missing; for others whether it could become one."""
    account = selectors.account_of(institution)
    if account is None:
        may_create = actor.may("engagement.keyaccount:create") and institution.archived_at is None
        return {"account": None, "institution": institution} if may_create else None
    (card,) = selectors.cards([account], today=timezone.localdate())
    return {
        "account": account,
        "card": card,
        "way": way(account.stage),
        "checks": checks_shown(card.checks),
        "may_edit": actor.may("engagement.keyaccount:edit"),
    }


def signals(institution: Institution, actor: Actor, today: date) -> Iterable[Signal]:
    """Say that a key account has stalled, or may move on."""
    account = selectors.account_of(institution) if actor.may(VIEW) else None
    if account is None:
        return
    (card,) = selectors.cards([account], today=today)
    url = reverse("engagement:keyaccount_detail", args=[account.pk])
    if card.is_stalled:
        yield Signal(
            text=_("Key account: “%(stage)s” for %(days)s days")
            % {"stage": account.get_stage_display(), "days": card.days},
            reason=_("Missing: %(missing)s") % {"missing": "、".join(each.label for each in checks_shown(card.missing))}
            if card.missing
            else _("Nothing is missing: it can move on."),
            url=url, action=_("Look"), tone="warn", weight=62,
        )  # fmt: skip
    elif card.is_ready and card.ahead:
        yield Signal(
            text=_("Key account: ready for “%(stage)s”") % {"stage": Stage(card.ahead).label},
            reason=_("What the stage asks for is there."),
            url=url, action=pgettext("key account", "Move"), tone="good", weight=45,
        )  # fmt: skip


def events(institution: Institution, actor: Actor, limit: int) -> Iterable[Event]:
    """Return the latest moves for the timeline."""
    if not actor.may(VIEW):
        return
    rows = StageMove.objects.filter(account__institution=institution, undone_at=None).select_related("moved_by")
    for move in rows.order_by("-pk")[:limit]:
        yield Event(
            at=move.moved_at,
            title=_("Key account moved to “%(stage)s”") % {"stage": move.get_after_display()},
            text=move.reason,
            icon="target-arrow",
            url=reverse("engagement:keyaccount_detail", args=[move.account_id]),
            who=str(move.moved_by) if move.moved_by else "",
        )
