"""Customers in the command palette."""

from collections.abc import Iterable

from django.urls import reverse
from django.utils.translation import gettext as _

from yaomai.customers.models import Institution, Professional
from yaomai.kit.access import Actor
from yaomai.kit.search import matching
from yaomai.kit.ui.palette import CHOICES_PER_PROVIDER, Choice


def institutions(actor: Actor, text: str) -> Iterable[Choice]:
    """Offer the institutions in view that match the typed text."""
    if not text or not actor.may("customers.institution:view"):
        return
    rows = matching(Institution.objects.filter(archived_at=None), text).select_related("division")
    for row in rows[:CHOICES_PER_PROVIDER]:
        hint = row.division.full_name if row.division else ""
        yield Choice(
            row.name,
            reverse("customers:institution_detail", args=[row.pk]),
            _("Institutions"),
            hint,
            "building-hospital",
        )


def professionals(actor: Actor, text: str) -> Iterable[Choice]:
    """Offer the professionals in view that match the typed text."""
    if not text or not actor.may("customers.professional:view"):
        return
    rows = matching(Professional.objects.filter(archived_at=None), text).select_related("institution")
    for row in rows[:CHOICES_PER_PROVIDER]:
        hint = row.institution.name if row.institution else ""
        yield Choice(
            row.name, reverse("customers:professional_detail", args=[row.pk]), _("Professionals"), hint, "user"
        )
