"""What engagement brings to 今日: institutions of a key tier that nobody has put on the board yet."""

from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from yaomai.engagement import selectors
from yaomai.kit.access import Actor
from yaomai.kit.acts.rows import local_day
from yaomai.kit.inbox import Item
from yaomai.kit.inbox.registry import kind_of
from yaomai.kit.surfaces.pages import limited_count

MOST_COUNTED = 200


def to_gather(actor: Actor, now: datetime) -> list[Item]:
    """Say how many institutions of a key tier are not on the board."""
    if not actor.may("engagement.keyaccount:create"):
        return []
    count = limited_count(selectors.not_on_board(actor, today=local_day(now)), MOST_COUNTED)
    if not count:
        return []
    shown = str(count) if count <= MOST_COUNTED else _("more than %(count)s") % {"count": MOST_COUNTED}
    return [
        Item(
            kind=kind_of("engagement.board"),
            title=_("%(count)s institutions of key tiers are not on the board") % {"count": shown},
            reason=_("Their tier makes them key accounts; nobody works on them as such yet."),
            url=reverse("engagement:board"),
        )
    ]
