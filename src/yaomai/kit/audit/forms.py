"""What can be looked for in the trail."""

from typing import Any

from django import forms
from django.contrib.auth import get_user_model
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from yaomai.kit.audit.models import Entry
from yaomai.kit.audit.selectors import Wanted
from yaomai.kit.audit.sentences import act_choices
from yaomai.kit.ui.widgets import DateInput, SearchSelect


class EntryFilter(forms.Form):
    """The filter bar: person, act, outcome, days; a row of the system comes from its page's link."""

    person: "forms.ModelChoiceField[Any]" = forms.ModelChoiceField(
        queryset=None,
        required=False,
        label=pgettext_lazy("organization", "Person"),
        empty_label=_("Everybody"),
        widget=SearchSelect,
    )
    code = forms.ChoiceField(required=False, label=_("What happened"), widget=SearchSelect)
    outcome = forms.ChoiceField(required=False, label=_("Outcome"))
    since = forms.DateField(required=False, label=_("From"), widget=DateInput)
    until = forms.DateField(required=False, label=_("Until"), widget=DateInput)
    target_type = forms.CharField(required=False, max_length=80, widget=forms.HiddenInput)
    target_id = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = get_user_model().objects.all().order_by("name", "pk")  # type: ignore[attr-defined]
        self.fields["person"].queryset = people  # type: ignore[attr-defined]
        self.fields["code"].choices = [("", _("Everything")), *act_choices()]  # type: ignore[attr-defined]
        self.fields["outcome"].choices = [("", _("All")), *Entry.Outcome.choices]  # type: ignore[attr-defined]

    def wanted(self) -> Wanted:
        """Return what a valid form looks for."""
        said = self.cleaned_data
        return Wanted(
            actor_id=said["person"].pk if said["person"] else None,
            **{name: said[name] for name in ("code", "outcome", "target_type", "target_id", "since", "until")},
        )

    def sentences(self) -> list[tuple[str, str]]:
        """Return field and sentence of every filter in use."""
        said = self.cleaned_data
        words: dict[str, Any] = {
            "person": str(said["person"] or ""),
            "code": dict(self.fields["code"].choices).get(said["code"], said["code"]) if said["code"] else "",  # type: ignore[attr-defined]
            "outcome": Entry.Outcome(said["outcome"]).label if said["outcome"] else "",
            "since": _("from %(day)s") % {"day": said["since"]} if said["since"] else "",
            "until": _("until %(day)s") % {"day": said["until"]} if said["until"] else "",
            "target_id": _("one row: %(type)s #%(id)s") % {"type": said["target_type"], "id": said["target_id"]}
            if said["target_id"]
            else "",
        }
        return [(name, str(text)) for name, text in words.items() if text]
