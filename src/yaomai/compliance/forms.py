"""Forms of this room's own screens."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from yaomai.compliance import rulebook, vocabulary
from yaomai.compliance.models import Rule
from yaomai.engine.rulebook import SEVERAL
from yaomai.kit.attachments.views import ACCEPTED
from yaomai.kit.ui.widgets import DateInput, SearchSelect

SPARE_ROWS = 2
APART = "、"


class CodesField(forms.CharField):
    """Codes in a row, apart by commas or 、."""

    def to_python(self, value: Any) -> list[str]:  # type: ignore[override]
        text = super().to_python(value) or ""
        for apart in (",", "，", ";", "；", " ", "\n"):
            text = text.replace(apart, APART)
        return [code.strip() for code in text.split(APART) if code.strip()]

    def prepare_value(self, value: Any) -> Any:
        return APART.join(value) if isinstance(value, list | tuple) else value


class RuleForm(forms.ModelForm):  # type: ignore[type-arg]
    """A rule without its condition; it checks and saves nothing."""

    code = forms.SlugField(label=_("Code"), max_length=24, help_text=_("Short and unique, such as AH-01."))
    kinds = forms.MultipleChoiceField(label=_("Acts"), widget=forms.CheckboxSelectMultiple)
    regions = CodesField(
        label=_("Territories"), required=False, help_text=_("Codes, empty for all. Those below count too.")
    )
    products = CodesField(label=_("Products"), required=False, help_text=_("Product codes, empty for all."))
    roles = CodesField(label=_("Roles"), required=False, help_text=_("Role codes, empty for all."))
    reason = forms.CharField(
        label=_("Reason"), max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Why it should change. The approver and the inspection will ask."),
    )  # fmt: skip

    class Meta:
        model = Rule
        fields = (
            "code", "pack", "level", "kinds", "text_zh", "text_en", "mend_zh", "mend_en", "source", "article", "confidence",
            "regions", "products", "roles", "valid_from", "valid_to", "reason",
        )  # fmt: skip
        widgets = {
            "valid_from": DateInput(), "valid_to": DateInput(), "text_zh": forms.Textarea(attrs={"rows": 2}),
            "text_en": forms.Textarea(attrs={"rows": 2, "lang": "en"}), "mend_en": forms.TextInput(attrs={"lang": "en"}),
        }  # fmt: skip

    def __init__(self, *args: Any, is_new: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = {*vocabulary.FORESEEN, *(kind.code for kind in vocabulary.kinds())}
        kinds = self.fields["kinds"]
        assert isinstance(kinds, forms.MultipleChoiceField)
        kinds.choices = sorted(((code, vocabulary.kind_label(code)) for code in known), key=lambda pair: pair[0])
        if not is_new:
            del self.fields["code"]

    def save(self, commit: bool = True) -> Any:
        raise TypeError("forms do not save; pass cleaned_data to a service")


def _codes(fact: str) -> dict[str, str]:
    """Return the codes of a fact's values by their words."""
    found = next((each for each in vocabulary.facts() if each.code == fact), None)
    return {str(label): code for code, label in found.choices} if found is not None else {}


class ClauseForm(forms.Form):
    """One condition: what, how compared, and with a value, a figure or another fact. An empty row says nothing."""

    fact = forms.ChoiceField(label=_("What"), required=False)
    operator = forms.ChoiceField(label=_("Comparison"), required=False)
    value = forms.CharField(label=_("Value"), required=False, max_length=500)
    figure = forms.ChoiceField(label=_("or figure of a policy"), required=False, widget=SearchSelect)
    other = forms.ChoiceField(label=_("or another fact"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        facts = [("", "–"), *((fact.code, str(fact.label)) for fact in vocabulary.facts())]
        choices: Mapping[str, Any] = {
            "fact": facts,
            "operator": [("", "–"), *((code, str(label)) for code, label in rulebook.OPERATORS.items())],
            "figure": [("", "–"), *rulebook.figure_choices()],
            "other": facts,
        }
        for name, offered in choices.items():
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = offered

    def clause(self) -> dict[str, Any] | None:
        """Return the clause as it is kept; None for an empty row."""
        said = {name: value for name, value in self.cleaned_data.items() if value}
        if not said:
            return None
        clause = {"fact": said.get("fact", ""), "operator": said.get("operator", "")}
        codes = _codes(clause["fact"])
        if "value" in said and clause["operator"] in SEVERAL:
            said["value"] = [codes.get(each, each) for each in CodesField().to_python(said["value"])]
        elif "value" in said:
            said["value"] = codes.get(said["value"], said["value"])
        return clause | {name: said[name] for name in ("value", "figure", "other") if name in said}


ClauseForms = forms.formset_factory(ClauseForm, extra=SPARE_ROWS, max_num=12, absolute_max=12)


def initial_clauses(clauses: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return kept clauses as the rows of the form, values in words."""
    rows = []
    for clause in clauses:
        words = {code: word for word, code in _codes(clause["fact"]).items()}
        value = clause.get("value")
        value = [words.get(each, each) for each in value] if isinstance(value, list) else words.get(value or "", value)
        rows.append({**clause, "value": APART.join(value) if isinstance(value, list) else value})
    return rows


class ReplayForm(forms.Form):
    """Which packs, over which acts."""

    pack = forms.MultipleChoiceField(label=_("Packs"), required=False, widget=forms.CheckboxSelectMultiple)
    start = forms.DateField(label=_("Acts from"), required=False, widget=DateInput())
    end = forms.DateField(label=_("before"), required=False, widget=DateInput())


class GiveForm(forms.Form):
    """What was given: for how much, when, what proves it."""

    spent = forms.DecimalField(label=_("Spent"), max_digits=14, decimal_places=2, min_value=Decimal("0.01"))
    given_on = forms.DateField(label=_("Given on"), widget=DateInput())
    evidence = forms.CharField(
        label=_("Evidence"), max_length=120, help_text=_("Number of the invoice or receipt; one proves one transfer.")
    )
    file = forms.FileField(
        label=_("Copy of the proof"), required=False, widget=forms.FileInput(attrs={"accept": ACCEPTED}),
        help_text=_("Photo or PDF. Place, device and author are taken out of it; what can run is refused."),
    )  # fmt: skip


class ReasonForm(forms.Form):
    reason = forms.CharField(label=_("Reason"), max_length=300, widget=forms.Textarea(attrs={"rows": 2}))


class SettleForm(forms.Form):
    note = forms.CharField(
        label=_("How it was settled"), max_length=300, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Such as paid back, refused, explained and why."),
    )  # fmt: skip
