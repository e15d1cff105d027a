"""Forms of this room's own screens."""

from django import forms
from django.utils.translation import gettext_lazy as _

from yaomai.planning.models import MissedReason


class MissedForm(forms.Form):
    """Why something did not happen."""

    reason = forms.ChoiceField(label=_("Why not"), choices=MissedReason.choices, widget=forms.RadioSelect)
    note = forms.CharField(
        label=_("Note"), max_length=300, required=False, help_text=_("Needed only for another reason.")
    )


class NoteForm(forms.Form):
    """A reason in words."""

    note = forms.CharField(label=_("Reason"), max_length=300, widget=forms.Textarea(attrs={"rows": 2}))
