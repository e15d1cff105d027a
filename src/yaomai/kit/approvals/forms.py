"""Forms of approvals."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from yaomai.kit.approvals.registry import directory
from yaomai.kit.ui.widgets import DateInput


class DelegationForm(forms.Form):
    """Let a colleague decide in one's place; `but` is the person who asks."""

    deputy_id = forms.TypedChoiceField(label=_("Colleague"), coerce=int)
    valid_from = forms.DateField(label=_("First day"), initial=timezone.localdate, widget=DateInput())
    valid_to = forms.DateField(label=_("Last day"), widget=DateInput())
    reason = forms.CharField(label=_("Reason"), max_length=200)

    def __init__(self, *args: Any, but: int | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = [(pk, name) for pk, name in directory().colleagues().items() if pk != but]
        self.fields["deputy_id"].choices = [("", _("Choose")), *names]  # type: ignore[attr-defined]
