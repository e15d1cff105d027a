"""What of the sales flow may follow when a part of an institution becomes one of its own."""

from collections.abc import Sequence
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from yaomai.commerce.datasets import SALES
from yaomai.commerce.models import SalesLine, SourceName
from yaomai.commerce.services.review import months_of
from yaomai.customers import splitting
from yaomai.customers.models import Institution
from yaomai.kit.warehouse import mark_changed


def register() -> None:
    """Let names in sales flow follow."""
    splitting.register(
        "names",
        label=gettext_lazy("Names in sales flow"),
        help=gettext_lazy("Lines of these names follow from the day on, in files to come too; earlier ones stay."),
        choices=names_of,
        follow=follow,
        right="commerce.sourcename:review",
    )


def names_of(institution: Institution) -> Sequence[tuple[int, str]]:
    """Return the names that mean the institution, those with most money first."""
    rows = SourceName.unscoped.filter(institution=institution, kind=SourceName.Kind.INSTITUTION)
    return [(row.pk, _told(row)) for row in rows.select_related("distributor").order_by("-amount", "pk")]


def _told(row: SourceName) -> str:
    lines = ngettext("%(count)s line", "%(count)s lines", row.lines) % {"count": row.lines}
    owner = _("of %(distributor)s") % {"distributor": row.distributor} if row.distributor else ""
    return " · ".join(part for part in (row.name, row.place, owner, lines) if part)


def follow(origin: int, offspring: int, day: date, keys: Sequence[int]) -> int:
    """Let lines of names follow from a day; what the names meant before is kept for files with earlier lines."""
    names = list(SourceName.unscoped.select_for_update().filter(pk__in=keys, institution_id=origin).order_by("pk"))
    for name in names:
        name.former_meanings.update_or_create(until=day, defaults={"institution_id": origin})
        name.institution_id = offspring
    SourceName.unscoped.bulk_update(names, ["institution"])
    lines = SalesLine.unscoped.filter(buyer__in=names, institution_id=origin, sold_on__gte=day)
    mark_changed(SALES, months_of(lines))
    return lines.update(institution_id=offspring)
