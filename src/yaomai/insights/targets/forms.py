"""Forms of this room's own screens."""

from django import forms
from django.utils.translation import gettext_lazy as _

from yaomai.insights.models import Quadrant, TargetItem
from yaomai.kit.ui.widgets import DateInput


class SaveForm(forms.Form):
    """Save what is on screen as a dated list."""

    name = forms.CharField(label=_("Name of the list"), max_length=80)
    quadrants = forms.MultipleChoiceField(
        label=_("Quadrants"), choices=Quadrant.choices, initial=[Quadrant.BREAKTHROUGH],
        widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip
    review_on = forms.DateField(label=_("Review by"), widget=DateInput())


class ReviewForm(forms.Form):
    """Keep a hospital or drop it."""

    decision = forms.ChoiceField(
        label=_("Decision"), choices=[each for each in TargetItem.Decision.choices if each[0] != "open"],
        widget=forms.RadioSelect,
    )  # fmt: skip
    reason = forms.CharField(label=_("Reason"), max_length=300, widget=forms.Textarea(attrs={"rows": 2}))
    review_on = forms.DateField(
        label=_("Next review"), required=False, widget=DateInput(), help_text=_("Of one that is kept.")
    )
