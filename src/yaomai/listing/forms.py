"""Forms of this room's own screens."""

from typing import Any

from django import forms
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from yaomai.customers.models import Professional
from yaomai.kit.surfaces.filters import RemoteSelectOne
from yaomai.kit.ui.widgets import DateInput
from yaomai.listing.models import Process, Seat, Stage, StageHolder, Stance


class PersonForm(forms.ModelForm):  # type: ignore[type-arg]
    """A form that names a professional; it checks and saves nothing."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["professional"] = forms.ModelChoiceField(
            queryset=Professional.objects.all(),
            label=_("Professional"),
            widget=RemoteSelectOne(reverse("customers:professional_options")),
        )
        self.order_fields(["professional"])

    def save(self, commit: bool = True) -> Any:
        raise TypeError("forms do not save; pass cleaned_data to a service")


class SeatForm(PersonForm):
    class Meta:
        model = Seat
        fields = ("role", "voice", "valid_from", "valid_to", "source")
        labels = {"valid_from": _("Member from"), "valid_to": _("Member to")}
        widgets = {"valid_from": DateInput(), "valid_to": DateInput()}


class HolderForm(PersonForm):
    class Meta:
        model = StageHolder
        fields = ("stage", "voice", "valid_from", "source")
        widgets = {"valid_from": DateInput()}


class StanceForm(PersonForm):
    class Meta:
        model = Stance
        fields = ("value", "voice", "reason", "source", "recorded_on")
        widgets = {"recorded_on": DateInput()}


class EndForm(forms.Form):
    valid_to = forms.DateField(label=_("Last day"), widget=DateInput())


class MoveForm(forms.Form):
    """Move to another stage, forward or back."""

    stage = forms.ChoiceField(label=_("To stage"), choices=Stage.choices)
    on = forms.DateField(label=_("On"), widget=DateInput())
    note = forms.CharField(label=_("Note"), max_length=500, required=False, help_text=_("Needed for a return."))


class CloseForm(forms.Form):
    outcome = forms.ChoiceField(label=_("Outcome"), choices=Process.Outcome.choices)
    on = forms.DateField(label=_("On"), widget=DateInput())
    note = forms.CharField(label=_("Note"), max_length=500, required=False)
