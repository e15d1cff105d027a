"""Forms of this room's own screens."""

from django import forms
from django.utils.translation import gettext_lazy as _

from yaomai.integrity.models import Case


class CloseForm(forms.Form):
    """What a case was."""

    outcome = forms.ChoiceField(label=_("Outcome"), choices=[("", "–"), *Case.Outcome.choices])
    note = forms.CharField(
        label=_("What it was"), max_length=4000, widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("What you looked at, what the person said, what was done."),
    )  # fmt: skip


class ReasonForm(forms.Form):
    reason = forms.CharField(label=_("Reason"), max_length=300, widget=forms.Textarea(attrs={"rows": 2}))
