"""Forms of this room's own screens."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from yaomai.catalog.models import Product
from yaomai.customers.models import Institution, Professional
from yaomai.engagement.models import CommunicationStage, NextStep, Stage, Visit, VisitAudit
from yaomai.kit.surfaces.filters import RemoteSelect, RemoteSelectOne, options_url
from yaomai.kit.ui.widgets import DateInput


class MoveForm(forms.Form):
    """Move to another stage."""

    stage = forms.ChoiceField(label=_("To stage"), choices=Stage.choices)
    reason = forms.CharField(
        label=_("Reason"), max_length=300, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("What was reached, or why it goes back."),
    )  # fmt: skip


# Visits ---------------------------------------------------------------------------------------------------------

MOMENT = "%Y-%m-%dT%H:%M"


def _moment_input() -> forms.DateTimeInput:
    return forms.DateTimeInput(attrs={"type": "datetime-local"}, format=MOMENT)


class ReportForm(forms.Form):
    """A report: five fields, and below them what one may add."""

    institution: Any = forms.ModelChoiceField(queryset=None, label=_("Institution"))
    contacts: Any = forms.ModelMultipleChoiceField(queryset=None, label=_("Met"))
    started_at = forms.DateTimeField(label=_("Began"), widget=_moment_input())
    content_type = forms.ChoiceField(
        label=pgettext_lazy("visit", "About"), choices=Visit.ContentType.choices, widget=forms.RadioSelect
    )
    content = forms.CharField(
        label=pgettext_lazy("visit", "What was said"), max_length=2000, widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Questions, opinions, what was agreed. No names of patients, no counts of prescriptions."),
    )  # fmt: skip
    products: Any = forms.ModelMultipleChoiceField(queryset=None, label=_("Products spoken of"), required=False)
    progress = forms.ChoiceField(label=_("Progress of the product"), required=False)
    materials: Any = forms.ModelMultipleChoiceField(queryset=None, label=_("Material shown"), required=False)
    stage = forms.ChoiceField(label=_("Stage of communication"), required=False)
    ended_at = forms.DateTimeField(label=_("Ended"), required=False, widget=_moment_input())
    place = forms.CharField(
        label=pgettext_lazy("visit", "Place"),
        max_length=100,
        required=False,
        help_text=_("Such as outpatients, third floor."),
    )
    objective = forms.CharField(label=_("Objective"), max_length=200, required=False)
    expected_result = forms.CharField(label=_("Expected result"), max_length=200, required=False)
    achieved = forms.ChoiceField(label=_("Reached"), required=False)
    result = forms.CharField(label=_("Result"), max_length=300, required=False)
    attendees: Any = forms.ModelMultipleChoiceField(
        queryset=None, label=_("Came along"), required=False, help_text=_("Colleagues who were there: a joint visit.")
    )
    step_text = forms.CharField(
        label=_("Next step"),
        max_length=200,
        required=False,
        help_text=_("What was promised, to be done before the next visit."),
    )
    step_due_on = forms.DateField(label=_("Next step by"), required=False, widget=DateInput())
    is_separate = forms.BooleanField(label=_("It was another visit"), required=False, widget=forms.HiddenInput)

    REQUIRED = ("institution", "contacts", "started_at", "content_type", "content")
    FURTHER = (
        "products", "progress", "materials", "achieved", "result", "step_text", "step_due_on", "stage", "objective",
        "expected_result", "ended_at", "place", "attendees",
    )  # fmt: skip

    def __init__(self, *args: Any, colleagues: Any, materials: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        remote: dict[str, tuple[Any, type[RemoteSelect]]] = {
            "institution": (Institution, RemoteSelectOne), "contacts": (Professional, RemoteSelect),
            "products": (Product, RemoteSelect),
        }  # fmt: skip
        for name, (model, widget) in remote.items():
            self.fields[name].widget = widget(options_url(model) or "")
            self.fields[name].queryset = model.objects.filter(archived_at=None)  # type: ignore[attr-defined]
        self.fields["attendees"].queryset = colleagues  # type: ignore[attr-defined]
        self.fields["materials"].queryset = materials  # type: ignore[attr-defined]
        for name, choices in (
            ("progress", Visit.Progress.choices), ("achieved", Visit.Achieved.choices), ("stage", CommunicationStage.choices)
        ):  # fmt: skip
            self.fields[name].choices = [("", "–"), *choices]  # type: ignore[attr-defined]

    @property
    def required_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.REQUIRED]

    @property
    def further_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.FURTHER]

    def said(self) -> dict[str, Any]:
        """Return what the service is given."""
        values = dict(self.cleaned_data)
        text, due_on = values.pop("step_text"), values.pop("step_due_on")
        values["next_steps"] = [{"text": text, "due_on": due_on}] if text else []
        return values


class CorrectForm(forms.Form):
    """What may be corrected of a report: what it says, not of whom and where."""

    started_at = forms.DateTimeField(label=_("Began"), widget=_moment_input())
    ended_at = forms.DateTimeField(label=_("Ended"), required=False, widget=_moment_input())
    content_type = forms.ChoiceField(label=pgettext_lazy("visit", "About"), choices=Visit.ContentType.choices)
    content = forms.CharField(
        label=pgettext_lazy("visit", "What was said"), max_length=2000, widget=forms.Textarea(attrs={"rows": 4})
    )
    place = forms.CharField(label=pgettext_lazy("visit", "Place"), max_length=100, required=False)
    achieved = forms.ChoiceField(label=_("Reached"), required=False, choices=[("", "–"), *Visit.Achieved.choices])
    result = forms.CharField(label=_("Result"), max_length=300, required=False)


class StepForm(forms.Form):
    """Something promised."""

    text = forms.CharField(label=_("To do"), max_length=200)
    due_on = forms.DateField(label=pgettext_lazy("visit", "By"), required=False, widget=DateInput())


class StepCloseForm(forms.Form):
    """Done, or dropped with a reason."""

    state = forms.ChoiceField(
        label=_("State"),
        choices=[each for each in NextStep.State.choices if each[0] != "open"],
        widget=forms.RadioSelect,
    )
    outcome = forms.CharField(label=_("What came of it"), max_length=300, required=False)


class ExplainForm(forms.Form):
    text = forms.CharField(label=_("How it was"), max_length=500, widget=forms.Textarea(attrs={"rows": 3}))


class DecideForm(forms.Form):
    """What an auditor decides."""

    outcome = forms.ChoiceField(label=_("Outcome"), choices=VisitAudit.Outcome.choices, widget=forms.RadioSelect)
    reason = forms.CharField(
        label=_("Reason"), max_length=300, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("What it rests on; the visitor reads it."),
    )  # fmt: skip


class CoachingForm(forms.Form):
    """What a manager noted."""

    text = forms.CharField(
        label=_("What went well, what to try"), max_length=1000, widget=forms.Textarea(attrs={"rows": 4})
    )
    listening = forms.IntegerField(label=_("Exploring and listening"), required=False, min_value=1, max_value=5)
    concerns = forms.IntegerField(label=_("Handling concerns"), required=False, min_value=1, max_value=5)
    closing = forms.IntegerField(label=_("Closing effectively"), required=False, min_value=1, max_value=5)


class CommunicationForm(forms.Form):
    stage = forms.ChoiceField(
        label=_("Stage of communication"), choices=CommunicationStage.choices, widget=forms.RadioSelect
    )
    reason = forms.CharField(label=_("What shows it"), max_length=300)


class StrategyForm(forms.Form):
    """Another strategy, and why it may work."""

    strategy = forms.ChoiceField(label=_("New strategy"), widget=forms.RadioSelect)
    reason = forms.CharField(label=_("Why it may work"), max_length=300)

    def __init__(self, *args: Any, strategies: dict[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["strategy"].choices = list(strategies.items())  # type: ignore[attr-defined]


class TakeOverForm(forms.Form):
    reference = forms.CharField(label=_("Number in pharmacovigilance"), max_length=64)


class RescueForm(forms.Form):
    file = forms.FileField(
        label=_("Rescue file"), widget=forms.ClearableFileInput(attrs={"accept": ".yaomai"}),
        help_text=_("Saved by the field app on a phone that can no longer send."),
    )  # fmt: skip
