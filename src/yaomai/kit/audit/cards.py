"""What the trail brings to boards: what is done in the system, and what is refused."""

from datetime import timedelta
from decimal import Decimal

from django.db.models import Count
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yaomai.kit.audit.models import Entry
from yaomai.kit.audit.sentences import act_title
from yaomai.kit.dashboards.links import leads_to
from yaomai.kit.dashboards.registry import Asked, Card, Piece, Reading, register_card

RECENT = timedelta(days=7)


def register() -> None:
    """Register the card."""
    register_card(
        Card(
            key="audit.refused", label=gettext_lazy("Acts refused in seven days"), right="audit.entry:view",
            good_when="down", question=gettext_lazy("Acts that somebody tried and the system refused."),
            compute=_refused, parts_label=gettext_lazy("By act"), order=730,
            next_step=leads_to(gettext_lazy("See the trail"), "audit:entry_list", query="outcome=refused"),
        )
    )  # fmt: skip


def _refused(asked: Asked) -> Reading:
    rows = Entry.objects.filter(at__gte=asked.now - RECENT, outcome=Entry.Outcome.REFUSED).order_by()
    found = sorted(rows.values_list("code").annotate(count=Count("pk")), key=lambda pair: (-pair[1], pair[0]))
    parts = [Piece(act_title(code), Decimal(count)) for code, count in found[:10]]
    said = _("Most often: %(act)s") % {"act": act_title(found[0][0])} if found else _("None.")
    return Reading(Decimal(sum(count for _code, count in found)), parts=parts, reason=said, as_of=asked.now)
