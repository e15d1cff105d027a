"""Products in the command palette."""

from collections.abc import Iterable

from django.urls import reverse
from django.utils.translation import gettext as _

from yaomai.catalog.models import Product
from yaomai.kit.access import Actor
from yaomai.kit.search import matching
from yaomai.kit.ui.palette import CHOICES_PER_PROVIDER, Choice


def products(actor: Actor, text: str) -> Iterable[Choice]:
    """Offer the products that match the typed text."""
    if not text or not actor.may("catalog.product:view"):
        return
    for row in matching(Product.objects.filter(archived_at=None), text)[:CHOICES_PER_PROVIDER]:
        yield Choice(
            row.name, reverse("catalog:product_detail", args=[row.pk]), _("Products"), row.manufacturer, "package"
        )
