"""What materials bring to boards: what may be shown to customers, and for how long still."""

from datetime import timedelta
from decimal import Decimal

from django.db.models import Count, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yaomai.kit.dashboards.links import leads_to
from yaomai.kit.dashboards.registry import Asked, Card, Piece, Reading, register_card
from yaomai.materials.models import MaterialVersion

SOON = timedelta(days=60)


def register() -> None:
    """Register the card."""
    register_card(
        Card(
            key="materials.usable", label=gettext_lazy("Materials that may be shown"), right="materials.material:view",
            question=gettext_lazy("Approved versions that are usable today, and how many end within 60 days."),
            compute=_usable, order=320,
            next_step=leads_to(gettext_lazy("See the materials"), "materials:material_list"),
        )
    )  # fmt: skip


def _usable(asked: Asked) -> Reading:
    approved = MaterialVersion.objects.filter(state=MaterialVersion.State.APPROVED, valid_until__gte=asked.today)
    found = approved.aggregate(all=Count("pk"), ending=Count("pk", filter=Q(valid_until__lte=asked.today + SOON)))
    ends = Decimal(found["ending"])
    return Reading(
        Decimal(found["all"]),
        parts=[Piece(_("Usable for 60 days at most"), ends)] if ends else [],
        reason=_("%(count)s end within 60 days.") % {"count": ends} if ends else _("None ends within 60 days."),
        as_of=asked.now,
    )
