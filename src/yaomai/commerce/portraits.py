"""What commerce puts into the portrait: what the institution buys; never anything of a single person."""

from collections.abc import Sequence

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yaomai.commerce import panels, selectors
from yaomai.customers import portrait
from yaomai.customers.models import Institution, Professional
from yaomai.engine.windows import window_starts
from yaomai.kit.access import Actor
from yaomai.kit.documents.parts import Block, Fact, Facts, Paragraph
from yaomai.kit.ui import formats

PRODUCTS = 5


def register() -> None:
    """Put purchases into both portraits."""
    portrait.register("institution", name="purchases", title=gettext_lazy("Purchases"), order=25, blocks=purchases,
                      right=panels.VIEW)  # fmt: skip
    portrait.register("professional", name="purchases", title=gettext_lazy("Purchases of the institution"), order=50,
                      blocks=purchases_at, right=panels.VIEW)  # fmt: skip


def purchases_at(professional: Professional, actor: Actor) -> Sequence[Block]:
    """Return what the institution buys where a person works."""
    return purchases(professional.institution, actor) if professional.institution is not None else []


def purchases(institution: Institution, _actor: Actor) -> Sequence[Block]:
    """Return twelve months against the twelve before, the last purchase, and the products that count."""
    today = timezone.localdate()
    years = selectors.years_of(institution.pk, today=today)
    if not (years.amount or years.before):
        return []
    before = _("%(amount)s in the twelve before") % {"amount": formats.short_money(years.before)}
    change = f"{years.change:+.1%}" if years.change is not None else ""
    facts = (
        Fact(_("Twelve months"), years.amount, "short_money", note=" · ".join(filter(None, (change, before)))),
        Fact(_("Last purchase"), selectors.last_purchase(institution.pk), "date"),
    )
    since = window_starts(today)[12]
    told = [
        f"{row['product__name'] or _('Not assigned to a product')} {formats.short_money(row['amount'])}"
        for row in selectors.amounts_by_product(institution.pk, since=since)[:PRODUCTS]
    ]
    blocks: list[Block] = [Facts(facts)]
    if told:
        blocks.append(Paragraph(_("Products of twelve months: %(products)s") % {"products": "；".join(told)}))
    return blocks
