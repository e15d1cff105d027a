"""Forms of this room's own screens."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from yaomai.catalog.models import Product
from yaomai.customers.models import Institution, Professional
from yaomai.kit.surfaces.filters import RemoteSelect, RemoteSelectOne, options_url
from yaomai.support.models import ServiceRequest, kind_choices


class TakeForm(forms.Form):
    """A request: five fields, and below them what one may add."""

    institution: Any = forms.ModelChoiceField(queryset=None, label=_("Institution"))
    kind = forms.ChoiceField(label=_("Kind"), choices=kind_choices, widget=forms.RadioSelect)
    words = forms.CharField(
        label=_("What the customer says"), max_length=2000, widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("In their words: which order, what happened, what they want. No names of patients."),
    )  # fmt: skip
    channel = forms.ChoiceField(label=_("Came by"), choices=ServiceRequest.Channel.choices)
    product: Any = forms.ModelChoiceField(queryset=None, label=_("Product"), required=False)
    professional: Any = forms.ModelChoiceField(queryset=None, label=_("Who asks"), required=False)
    owner: Any = forms.ModelChoiceField(
        queryset=None, label=_("Responsible"), required=False, empty_label="–",
        help_text=_("Left empty: who serves the territory of this customer."),
    )  # fmt: skip

    FIRST = ("institution", "kind", "words", "channel", "product")
    FURTHER = ("professional", "owner")

    def __init__(self, *args: Any, servers: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        remote: dict[str, tuple[Any, type[RemoteSelect]]] = {
            "institution": (Institution, RemoteSelectOne), "product": (Product, RemoteSelectOne),
            "professional": (Professional, RemoteSelectOne),
        }  # fmt: skip
        for name, (model, widget) in remote.items():
            self.fields[name].widget = widget(options_url(model) or "")
            self.fields[name].queryset = model.objects.filter(archived_at=None)  # type: ignore[attr-defined]
        self.fields["owner"].queryset = servers  # type: ignore[attr-defined]

    @property
    def first_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.FIRST]

    @property
    def further_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.FURTHER]


class WaitForm(forms.Form):
    waits_for = forms.CharField(
        label=_("What the customer is asked for"), max_length=300,
        help_text=_("Such as the number of the order, a photo of the package."),
    )  # fmt: skip


class ResolveForm(forms.Form):
    resolution = forms.CharField(
        label=_("How it was put right"), max_length=2000, widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("What was found and done, and what the customer was told."),
    )  # fmt: skip


class ReopenForm(forms.Form):
    reason = forms.CharField(label=_("What the customer is not content with"), max_length=300)
