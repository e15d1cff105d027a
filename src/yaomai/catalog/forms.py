"""Forms beyond those of the surfaces."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from yaomai.catalog.models import Product, ProductStanding
from yaomai.kit.ui.widgets import DateInput

Kind = ProductStanding.Kind
STANDINGS = [
    *((f"{Kind.REIMBURSEMENT}:{value}", label) for value, label in Product.Reimbursement.choices if value),
    (f"{Kind.CENTRAL_PROCUREMENT}:yes", _("In central procurement")),
    (f"{Kind.CENTRAL_PROCUREMENT}:no", _("Not in central procurement")),
]


class StandingForm(forms.Form):
    """A dated standing of a product."""

    standing = forms.ChoiceField(label=_("Standing"), choices=STANDINGS)
    valid_from = forms.DateField(label=_("Valid from"), widget=DateInput())
    valid_to = forms.DateField(label=_("Valid to"), required=False, widget=DateInput())
    source = forms.CharField(
        label=_("Source"), required=False, max_length=200, help_text=_("Catalogue, tender or notice.")
    )

    def values(self) -> dict[str, Any]:
        """Return the arguments of the service."""
        kind, value = self.cleaned_data["standing"].split(":")
        rest = {name: self.cleaned_data[name] for name in ("valid_from", "valid_to", "source")}
        return {"kind": kind, "value": value, **rest}
