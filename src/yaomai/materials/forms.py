"""Forms of this room's own screens; they check and save nothing."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from yaomai.catalog.models import Indication
from yaomai.kit.ui.widgets import DateInput, SearchSelect
from yaomai.materials.models import MaterialVersion

SPARE_ROWS = 2


class VersionForm(forms.ModelForm):  # type: ignore[type-arg]
    """The texts of a version."""

    class Meta:
        model = MaterialVersion
        fields = ("content", "limitations", "adverse_reactions", "sponsorship", "valid_until")
        widgets = {
            "valid_until": DateInput(), "content": forms.Textarea(attrs={"rows": 5}),
            "limitations": forms.Textarea(attrs={"rows": 3}), "adverse_reactions": forms.Textarea(attrs={"rows": 3}),
        }  # fmt: skip

    def save(self, commit: bool = True) -> Any:
        raise TypeError("forms do not save; pass cleaned_data to a service")


class ClaimForm(forms.Form):
    """One claim; an empty row says nothing."""

    text = forms.CharField(label=pgettext_lazy("materials", "Claim"), required=False, max_length=300)
    indication = forms.ModelChoiceField(
        label=_("Indication"), required=False, queryset=Indication.unscoped.none(), widget=SearchSelect
    )
    population = forms.CharField(label=_("Studied population"), required=False, max_length=200)
    source = forms.CharField(label=_("Source"), required=False, max_length=300)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["indication"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = Indication.objects.filter(archived_at=None).order_by("name")

    def said(self) -> dict[str, Any] | None:
        """Return the claim, None for an empty row."""
        return dict(self.cleaned_data) if any(self.cleaned_data.values()) else None


ClaimForms = forms.formset_factory(ClaimForm, extra=SPARE_ROWS, max_num=40, absolute_max=40)


class WithdrawForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason"), max_length=300, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Everybody who used it is told at once."),
    )  # fmt: skip
