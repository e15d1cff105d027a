"""Forms of this room's own screens."""

from typing import Any

from django import forms
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from yaomai.customers.models import Professional
from yaomai.influence.models import Authorship, Publication
from yaomai.kit.surfaces.filters import RemoteSelectOne
from yaomai.kit.surfaces.forms import form_class


class OtherForm(forms.Form):
    """Somebody in view; not required where other answers stand beside."""

    is_required = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["professional"] = forms.ModelChoiceField(
            queryset=Professional.objects.all(),
            required=self.is_required,
            label=_("Professional"),
            widget=RemoteSelectOne(reverse("customers:professional_options")),
        )
        self.order_fields(["professional"])


class AuthorForm(OtherForm):
    """Who wrote a publication."""

    is_required = True
    role = forms.ChoiceField(label=_("Part as author"), choices=Authorship.Role.choices)


_Publication: Any = form_class(
    Publication, ("title", "journal", "year", "indexing", "doi", "pmid", "citations", "source", "evidence")
)


class WorkForm(_Publication):  # type: ignore[misc]
    """A publication of a professional, with their part in it."""

    role = forms.ChoiceField(label=_("Part as author"), choices=Authorship.Role.choices)
    field_order = ("title", "role", "journal", "year")

    def validate_unique(self) -> None:
        """Leave it to the service: a publication that is known already is taken as it is."""

    def validate_constraints(self) -> None:
        """Leave it to the service, as above."""
