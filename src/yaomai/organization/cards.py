"""What organization tells boards: the places, who is in a role, and a card of the filings."""

from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import Count, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yaomai.kit.dashboards import company
from yaomai.kit.dashboards.links import leads_to
from yaomai.kit.dashboards.registry import Asked, Card, Piece, Reading, register_card
from yaomai.organization.models import Filing, Holding, Territory, on_day

SOON = timedelta(days=60)


def register() -> None:
    """Register places, members and cards."""
    company.register(places=_places, members=_members)
    register_card(
        Card(
            key="organization.filings", label=gettext_lazy("Filings in force"), right="organization.filing:view",
            question=gettext_lazy("People with an active filing, and how many filings end within 60 days."),
            good_when="", compute=_filings, order=700,
            next_step=leads_to(gettext_lazy("Look at the filings"), "organization:wall"),
        )
    )  # fmt: skip


def _places() -> Iterable[company.Place]:
    rows = Territory.unscoped.values_list("pk", "name", "parent_id", "path", "code")
    # The one above is nearer to the root; an order of paths would set 100 before 99.
    ordered = sorted(rows, key=lambda row: (row[3].count("/"), row[4]))
    return [company.Place(pk, name, above) for pk, name, above, _path, _code in ordered]


def _members(role: str, on: date) -> Iterable[int]:
    held = Holding.unscoped.filter(
        on_day(on) & on_day(on, "position__"), position__role__code=role, person__archived_at__isnull=True
    )
    return held.values_list("person_id", flat=True)


def _filings(asked: Asked) -> Reading | None:
    ending = Q(valid_to__lte=asked.today + SOON)
    found = Filing.objects.filter(on_day(asked.today)).aggregate(
        people=Count("person", distinct=True), ending=Count("pk", filter=ending)
    )
    value, ends = Decimal(found["people"]), Decimal(found["ending"])
    return Reading(
        value,
        parts=[Piece(_("Filings that end within 60 days"), ends)] if ends else [],
        reason=_("%(count)s end within 60 days.") % {"count": ends} if ends else _("None ends within 60 days."),
    )
