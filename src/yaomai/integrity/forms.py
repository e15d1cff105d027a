"""Forms of this room's own screens."""

from django import forms
from django.utils.translation import gettext_lazy as _

from yaomai.integrity.models import Case, Report
from yaomai.kit.ui.widgets import SearchSelect
from yaomai.organization.models import Person


class CloseForm(forms.Form):
    """What a case was."""

    outcome = forms.ChoiceField(label=_("Outcome"), choices=[("", "–"), *Case.Outcome.choices])
    note = forms.CharField(
        label=_("What it was"), max_length=4000, widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("What you looked at, what the person said, what was done."),
    )  # fmt: skip


class ReasonForm(forms.Form):
    reason = forms.CharField(label=_("Reason"), max_length=300, widget=forms.Textarea(attrs={"rows": 2}))


class TextForm(forms.Form):
    text = forms.CharField(
        label=_("Message"), max_length=20_000, widget=forms.Textarea(attrs={"rows": 8}),
        help_text=_("Do not ask who it is. Ask for what can be proved without the writer."),
    )  # fmt: skip


class KeepForm(forms.Form):
    person = forms.ModelChoiceField(
        Person.unscoped.none(), label=_("Person"), widget=SearchSelect,
        help_text=_("Somebody whose part in it came to light. This cannot be undone."),
    )  # fmt: skip

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        people = self.fields["person"]
        assert isinstance(people, forms.ModelChoiceField)
        people.queryset = Person.unscoped.filter(archived_at=None).order_by("name", "pk")


class OutcomeForm(forms.Form):
    """What came of a report."""

    outcome = forms.ChoiceField(label=_("Outcome"), choices=[("", "–"), *Report.Outcome.choices])
    measures = forms.CharField(
        label=_("Measures"), max_length=20_000, widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("Who is held to account and how, what is mended. The writer does not read this."),
    )  # fmt: skip
