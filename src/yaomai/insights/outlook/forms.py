"""Forms of customer outlooks and alerts."""

from django import forms
from django.utils.translation import gettext_lazy as _

from yaomai.insights.models import ChurnAlert
from yaomai.kit.ui.widgets import DateInput

OUTCOMES = [
    (state.value, state.label)
    for state in (
        ChurnAlert.State.CONTACTED,
        ChurnAlert.State.WON_BACK,
        ChurnAlert.State.LOST,
        ChurnAlert.State.FALSE_ALARM,
    )
]


class AlertForm(forms.Form):
    """What was done about an alert, and what came of it."""

    state = forms.ChoiceField(label=_("What came of it"), choices=OUTCOMES, widget=forms.RadioSelect)
    cause = forms.ChoiceField(
        label=_("Cause"), choices=[("", _("Not known yet")), *ChurnAlert.Cause.choices], required=False,
        help_text=_("Needed once it is settled."),
    )  # fmt: skip
    note = forms.CharField(label=_("What was done about it"), max_length=500, widget=forms.Textarea(attrs={"rows": 3}))
    follow_up_on = forms.DateField(
        label=_("Look again on"), required=False, widget=DateInput(), help_text=_("Of one that was contacted.")
    )
