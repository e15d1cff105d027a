"""Forms of this room's own screens."""

from django import forms
from django.utils.translation import gettext_lazy as _

from yaomai.engagement.models import Stage


class MoveForm(forms.Form):
    """Move to another stage."""

    stage = forms.ChoiceField(label=_("To stage"), choices=Stage.choices)
    reason = forms.CharField(
        label=_("Reason"), max_length=300, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("What was reached, or why it goes back."),
    )  # fmt: skip
