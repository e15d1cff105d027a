"""Forms of this room."""

from django import forms
from django.utils.translation import gettext_lazy as _


class AnswerForm(forms.Form):
    answer = forms.CharField(
        label=_("What the person is told"), max_length=4000, widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("Plain words: what was done, what was not and why, whom they may turn to."),
    )  # fmt: skip


class RunForm(forms.Form):
    reason = forms.CharField(label=_("Reason"), max_length=200)
    expected = forms.IntegerField(widget=forms.HiddenInput, required=False)
