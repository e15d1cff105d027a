"""Forms of this room's own screens."""

from django import forms
from django.utils.translation import gettext_lazy as _

from yaomai.integrity.models import AuditItem, Case, CrisisRecord, Report
from yaomai.kit.ui.widgets import DateInput, SearchSelect
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


class NoteForm(forms.Form):
    note = forms.CharField(label=_("Note"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 2}))


class RecordForm(forms.Form):
    """A link of the chain of evidence."""

    kind = forms.ChoiceField(label=_("Kind"), choices=CrisisRecord.Kind.choices)
    text = forms.CharField(label=_("What"), max_length=20_000, widget=forms.Textarea(attrs={"rows": 5}))
    source = forms.CharField(label=_("Source"), max_length=300, required=False,
                             help_text=_("Where it comes from: paper, channel, who said it."))  # fmt: skip
    file = forms.FileField(
        label=_("File"), required=False, help_text=_("Cleaned of metadata and kept with its SHA-256; it stays.")
    )


class ReviewForm(forms.Form):
    review = forms.CharField(
        label=_("What is mended"), max_length=20_000, widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_("What went well, what did not, what is mended until when."),
    )  # fmt: skip


class HandInForm(forms.Form):
    on = forms.DateField(label=_("Handed in on"), widget=DateInput())
    reference = forms.CharField(label=_("Receipt of the authority"), max_length=120)


class MendForm(forms.Form):
    on = forms.DateField(label=_("Mended on"), widget=DateInput())
    result = forms.CharField(
        label=_("Proof of the mending"), max_length=20_000, widget=forms.Textarea(attrs={"rows": 4})
    )


class LookForm(forms.Form):
    """What was found of a drawn line."""

    result = forms.ChoiceField(label=_("Result"), choices=[("", "–"), *AuditItem.Result.choices])
    wrong_amount = forms.DecimalField(label=_("Wrong amount"), max_digits=14, decimal_places=2, min_value=0, initial=0)
    note = forms.CharField(label=_("Note"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 2}))
