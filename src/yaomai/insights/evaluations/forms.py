"""Forms of improvements."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from yaomai.insights.evaluations.measuring import ALL, UNTIERED
from yaomai.insights.evaluations.presenting import tier_names
from yaomai.insights.models import Improvement, ImprovementCheck
from yaomai.kit.surfaces.forms import form_class
from yaomai.kit.ui.widgets import DateInput

ANSWERED = ("cause", "cause_text", "kind", "action", "responsible", "due_on", "recheck_on")


def answer_form(
    improvement: Improvement, data: Any = None, *, proposed: dict[str, Any] | None = None
) -> forms.BaseForm:
    """Return the form of an answer; the review of a strategy needs no cause."""
    initial = {name: getattr(improvement, name) for name in ANSWERED}
    initial |= {name: value for name, value in (proposed or {}).items() if not initial.get(name)}
    form = form_class(Improvement, ANSWERED)(data, initial=initial)
    form.fields["action"].widget = forms.Textarea(attrs={"rows": 2})
    form.fields["cause_text"].widget = forms.Textarea(attrs={"rows": 2})
    form.fields["kind"].required = True
    if improvement.trigger in Improvement.STRATEGIC:
        form.fields["kind"].label = pgettext_lazy("strategy", "Decision")
        form.fields["action"].label = pgettext_lazy("strategy", "What is decided, and why")
        form.fields["action"].help_text = _("To keep the strategy, choose no action and say why.")
    return form


class ProblemForm(forms.Form):
    """A problem that people saw."""

    problem = forms.CharField(
        label=pgettext_lazy("improvement", "Problem"), max_length=300, widget=forms.Textarea(attrs={"rows": 2})
    )
    measure = forms.ChoiceField(
        label=pgettext_lazy("improvement", "Measured by"), choices=Improvement.Measure.choices,
        help_text=_("This figure is measured again at the re-check."),
    )  # fmt: skip
    tier = forms.ChoiceField(label=_("Tier"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["tier"].choices = [  # type: ignore[attr-defined]
            (name, label) for name, label in tier_names().items() if name != UNTIERED
        ] or [(ALL, _("All customers"))]


class DoneForm(forms.Form):
    """What was carried out."""

    note = forms.CharField(
        label=pgettext_lazy("improvement", "What was carried out"), max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
    )  # fmt: skip
    done_on = forms.DateField(
        label=pgettext_lazy("improvement", "Carried out on"), required=False, widget=DateInput(),
        help_text=_("Empty: today."),
    )  # fmt: skip


class ConclusionForm(forms.Form):
    """What a re-check says to people."""

    conclusion = forms.ChoiceField(
        label=pgettext_lazy("re-check", "Conclusion"), choices=ImprovementCheck.Conclusion.choices,
        widget=forms.RadioSelect,
    )  # fmt: skip
    note = forms.CharField(label=_("Why"), max_length=500, widget=forms.Textarea(attrs={"rows": 2}))
    recheck_on = forms.DateField(
        label=pgettext_lazy("improvement", "Re-check on"), required=False, widget=DateInput(),
        help_text=_("Of one that is re-checked later."),
    )  # fmt: skip
