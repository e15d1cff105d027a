"""Forms of this room's own screens."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from yaomai.customers.models import Institution, Professional
from yaomai.kit.surfaces.filters import RemoteSelectOne, options_url
from yaomai.kit.ui.widgets import DateInput
from yaomai.organization.models import Person
from yaomai.planning.models import Absence, Callback, Half, MissedReason, Replan


class MissedForm(forms.Form):
    """Why something did not happen."""

    reason = forms.ChoiceField(label=_("Why not"), choices=MissedReason.choices, widget=forms.RadioSelect)
    note = forms.CharField(
        label=_("Note"), max_length=300, required=False, help_text=_("Needed only for another reason.")
    )


class CallbackForm(forms.Form):
    """A callback: three fields, and below them what one may add."""

    institution: Any = forms.ModelChoiceField(queryset=None, label=_("Institution"))
    outcome = forms.ChoiceField(label=_("Outcome"), choices=Callback.Outcome.choices, widget=forms.RadioSelect)
    words = forms.CharField(
        label=_("What the customer said"), max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Briefly, in their words. No names of patients, no counts of prescriptions."),
    )  # fmt: skip
    professional: Any = forms.ModelChoiceField(queryset=None, label=_("Spoken with"), required=False, empty_label="–")
    next_step = forms.CharField(
        label=_("Next step"), max_length=200, required=False, help_text=_("Becomes a duty of yours.")
    )
    next_on = forms.DateField(label=_("Next step by"), required=False, widget=DateInput())

    FIRST = ("institution", "outcome", "words")
    FURTHER = ("professional", "next_step", "next_on")

    def __init__(self, *args: Any, people: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, model in (("institution", Institution), ("professional", Professional)):
            self.fields[name].queryset = model.objects.filter(archived_at=None)  # type: ignore[attr-defined]
            self.fields[name].widget = RemoteSelectOne(options_url(model) or "")
        if people is not None:
            self.fields["professional"] = forms.ModelChoiceField(
                queryset=people, label=_("Spoken with"), required=False, empty_label="–"
            )

    @property
    def first_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.FIRST]

    @property
    def further_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.FURTHER]


class NoteForm(forms.Form):
    """A reason in words."""

    note = forms.CharField(label=_("Reason"), max_length=300, widget=forms.Textarea(attrs={"rows": 2}))


class MoveForm(forms.Form):
    """Another half-day."""

    day = forms.DateField(label=_("Day"), widget=DateInput())
    half = forms.ChoiceField(label=_("Half-day"), choices=Half.choices, widget=forms.RadioSelect)
    reason = forms.CharField(
        label=_("Reason"), max_length=300, required=False, help_text=_("Needed where something breaks.")
    )


class PlanForm(forms.Form):
    """A plan to be computed."""

    owner = forms.ModelChoiceField(label=_("For whom"), queryset=Person.unscoped.none(), required=False)
    everybody = forms.BooleanField(
        label=_("Everybody whom I plan for"), required=False,
        help_text=_("One plan each, one after the other; whose plan is being computed already is left out."),
    )  # fmt: skip
    begins_on = forms.DateField(label=_("From"), widget=DateInput())
    last_on = forms.DateField(label=_("To"), widget=DateInput(), help_text=_("A year at most."))
    reason = forms.CharField(
        label=_("Reason"), max_length=300, required=False,
        help_text=_("Why it is planned anew: the market, feedback, how sales go."),
    )  # fmt: skip


class SubmitForm(forms.Form):
    """What whoever decides should know."""

    reason = forms.CharField(label=_("Reason"), max_length=300, widget=forms.Textarea(attrs={"rows": 2}))


class ReplanForm(forms.Form):
    """What happened, and how far visits may move."""

    kind = forms.ChoiceField(label=_("What has happened"), choices=Replan.Kind.choices, widget=forms.RadioSelect)
    horizon = forms.ChoiceField(
        label=_("Plan again"), widget=forms.RadioSelect, initial="week",
        choices=[("day", _("the rest of the day")), ("week", _("the rest of the week")), ("quarter", _("the rest of the quarter"))],
    )  # fmt: skip
    days = forms.IntegerField(label=_("For how many days"), min_value=1, max_value=92, initial=1)
    reason = forms.CharField(label=_("Reason"), max_length=300, required=False)


class CalendarFileForm(forms.Form):
    """A calendar file with leave or meetings."""

    kind = forms.ChoiceField(
        label=_("It holds"), widget=forms.RadioSelect, initial="meeting",
        choices=[(kind.value, kind.label) for kind in Absence.Kind if kind in ("leave", "meeting", "training")],
    )  # fmt: skip
    file = forms.FileField(
        label=_("Calendar file (.ics)"),
        help_text=_("As calendars on phones and computers export them; the coming year is read."),
    )


class DayForm(forms.Form):
    """A half-day for a duty: one of those that are free, or any other."""

    slot = forms.ChoiceField(label=_("Free half-days"), required=False, widget=forms.RadioSelect)
    day = forms.DateField(label=_("Another day"), required=False, widget=DateInput())
    half = forms.ChoiceField(
        label=_("Half-day"), choices=Half.choices, required=False, initial="am", widget=forms.RadioSelect
    )

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or {}
        if not values.get("slot") and values.get("day") is None:
            self.add_error("day", _("Choose a half-day, or say another day."))
        return values
