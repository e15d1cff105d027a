"""Forms beyond those of the surfaces."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from yaomai.kit.surfaces.filters import RemoteSelectOne, options_url
from yaomai.kit.ui.widgets import DateInput, SearchSelect
from yaomai.organization.models import Person, Position, Territory


class HoldingForm(forms.Form):
    """Who holds a position, from when, until when."""

    person = forms.ModelChoiceField(queryset=Person.unscoped.none(), label=pgettext_lazy("organization", "Person"))
    position = forms.ModelChoiceField(
        queryset=Position.unscoped.none(), label=pgettext_lazy("organization", "Position")
    )
    valid_from = forms.DateField(label=_("From"), widget=DateInput)
    valid_to = forms.DateField(
        label=_("Until"),
        required=False,
        widget=DateInput,
        help_text=_("The first day on which it is over; empty: open."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, model in (("person", Person), ("position", Position)):
            chosen = forms.ModelChoiceField(
                queryset=model.objects.all(), label=self.fields[name].label, widget=RemoteSelectOne(options_url(model))
            )
            self.fields[name] = chosen


class FactorsForm(forms.Form):
    """Why a second factor is to be removed, and how it is known who asks."""

    reason = forms.CharField(
        label=_("Reason"), max_length=300, help_text=_("Such as: telephone lost, reported on 3 March.")
    )
    identity = forms.CharField(
        label=_("How the identity was checked"), max_length=300,
        help_text=_("In person with the staff card, or by a call to the number on file; never by a message alone."),
    )  # fmt: skip


class DayForm(forms.Form):
    """A day on which something ends."""

    valid_to = forms.DateField(label=_("Ends on"), widget=DateInput, help_text=_("The first day on which it is over."))


class TerritoryChangeForm(forms.Form):
    """What changes about a territory, and from when."""

    effective_on = forms.DateField(label=_("From"), widget=DateInput)
    name = forms.CharField(label=_("New name"), max_length=64, required=False)
    parent = forms.ModelChoiceField(
        queryset=Territory.unscoped.none(), label=_("New place"), required=False, empty_label=_("stays where it is"),
        widget=SearchSelect,
    )  # fmt: skip
    closes = forms.BooleanField(label=_("It closes on that day"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = Territory.objects.allowed("organization.territory:edit").order_by("path")
        self.fields["parent"].queryset = choices  # type: ignore[attr-defined]


class TokenForm(forms.Form):
    """A program that is to act in one's name."""

    name = forms.CharField(
        label=_("What it is for"),
        max_length=64,
        help_text=_("The program that will use it, such as the data warehouse."),
    )
    expires_on = forms.DateField(label=_("Valid until"), widget=DateInput)
    is_read_only = forms.BooleanField(label=_("It only reads"), required=False, initial=True)
