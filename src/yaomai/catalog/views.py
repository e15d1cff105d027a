"""Screens beyond those of the surfaces."""

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from yaomai.catalog.forms import StandingForm
from yaomai.catalog.models import Product
from yaomai.catalog.services import product_standing_set
from yaomai.kit.access import get_visible, require
from yaomai.kit.surfaces.small_forms import small_form
from yaomai.kit.surfaces.views import actor_of


def standing_new(request: HttpRequest, pk: int) -> HttpResponse:
    """Record a reimbursement class or central procurement from a day on."""
    actor = actor_of(request)
    product = get_visible(Product, pk=pk)
    require(actor, "catalog.product:edit")
    form = StandingForm(request.POST or None, initial={"valid_from": timezone.localdate()})
    return small_form(
        request,
        form,
        title=_("Record a standing"),
        note=str(product),
        back=reverse("catalog:product_detail", args=[pk]),
        write=lambda _said: product_standing_set(actor=actor, pk=pk, now=timezone.now(), **form.values()),
    )
