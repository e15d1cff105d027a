"""Forms beyond those of the surfaces; they check, services write."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from yaomai.catalog.models import Division
from yaomai.customers import profile, splitting
from yaomai.customers.approach import said
from yaomai.customers.models import (
    Affiliation,
    ContactPoint,
    CustomerType,
    Department,
    Institution,
    InstitutionName,
    Professional,
)
from yaomai.customers.policies import ProfilePolicy
from yaomai.kit.access import Actor
from yaomai.kit.policies.selectors import policy_on
from yaomai.kit.surfaces.filters import RemoteSelectOne, options_url
from yaomai.kit.ui.widgets import DateInput


class FactForm(forms.Form):
    """One profile field with where its value comes from."""

    source = forms.CharField(
        label=_("Source"), max_length=200, help_text=_("Visit, telephone, website, colleague …"),
        widget=forms.TextInput(attrs={"list": "fact-sources", "autocomplete": "off"}),
    )  # fmt: skip
    source_kind = forms.ChoiceField(label=_("Kind of source"), required=False)
    seen = forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput())
    insists = forms.BooleanField(required=False, widget=forms.HiddenInput())

    def __init__(self, *args: Any, field: profile.ProfileField, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        made: Any = self._value_field(field)
        made.label, made.help_text = field.label, field.help
        kinds: Any = self.fields["source_kind"]
        policy, _version = policy_on(ProfilePolicy, on=timezone.localdate())
        kinds.choices = [("", "—"), *((each.name, said(each.label)) for each in policy.sources)]
        self.fields = {"value": made} | {
            name: self.fields[name] for name in ("source", "source_kind", "seen", "insists")
        }

    def _value_field(self, field: profile.ProfileField) -> forms.Field:
        if field.kind is profile.Kind.TEXT:
            return forms.CharField(
                required=False, max_length=profile.LONGEST_TEXT, widget=forms.Textarea(attrs={"rows": 3})
            )
        if field.kind is profile.Kind.CHOICE:
            return forms.ChoiceField(required=False, choices=[("", "—"), *field.options()])
        return forms.MultipleChoiceField(required=False, choices=field.options(), widget=forms.CheckboxSelectMultiple)


class NameForm(forms.Form):
    """Another name of an institution."""

    name = forms.CharField(label=_("Name"), max_length=200)
    kind = forms.ChoiceField(
        label=_("Kind"),
        choices=[choice for choice in InstitutionName.Kind.choices if choice[0] != InstitutionName.Kind.MERGED],
    )


class ContactForm(forms.Form):
    """A way to reach somebody."""

    kind = forms.ChoiceField(label=_("Kind"), choices=ContactPoint.Kind.choices)
    value = forms.CharField(
        label=_("Number or address"), max_length=100, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    source = forms.CharField(label=_("Source"), max_length=200, required=False)


class RevealForm(forms.Form):
    """Why contact data is needed in clear."""

    reason = forms.CharField(
        label=_("Reason"), min_length=4, max_length=200,
        help_text=_("It is kept in the trail together with your name."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )  # fmt: skip


class WorkplaceForm(forms.Form):
    """Where a professional works from a day on."""

    institution = forms.ModelChoiceField(label=_("Institution"), queryset=Institution.unscoped.none())
    department = forms.CharField(label=_("Department"), max_length=100, required=False)
    position = forms.CharField(
        label=_("Post held"), max_length=Affiliation._meta.get_field("position").max_length, required=False
    )
    is_primary = forms.BooleanField(label=_("Primary workplace"), required=False, initial=True)
    valid_from = forms.DateField(label=_("Valid from"), widget=DateInput())

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["institution"] = forms.ModelChoiceField(
            label=_("Institution"),
            queryset=Institution.objects.filter(archived_at=None),
            widget=RemoteSelectOne(options_url(Institution)),
        )
        self.order_fields(["institution", "department", "position", "is_primary", "valid_from"])

    def clean(self) -> dict[str, Any]:
        """Return the department of that name in the chosen institution."""
        values: dict[str, Any] = super().clean() or {}
        name, institution = (values.get("department") or "").strip(), values.get("institution")
        values["department"] = None
        if name and institution is not None:
            values["department"] = Department.objects.filter(
                institution=institution, name=name, archived_at=None
            ).first()
            if values["department"] is None:
                self.add_error(
                    "department", _("This institution has no department of this name. Create it there first.")
                )
        return values


class LeaveForm(forms.Form):
    """The first day on which a workplace holds no more."""

    valid_to = forms.DateField(label=_("Left on"), widget=DateInput())


class TypeMarkForm(forms.Form):
    """What a professional matters for, with source and reason."""

    customer_type = forms.ChoiceField(label=_("Customer type"), choices=CustomerType.choices)
    reason = forms.CharField(
        label=_("Reason"), max_length=500, help_text=_("What shows it: offices, patients treated, a seat that decides."),
        widget=forms.Textarea(attrs={"rows": 2}),
    )  # fmt: skip
    source = forms.CharField(
        label=_("Source"), max_length=200, help_text=_("Visit, telephone, website, colleague …"),
    )  # fmt: skip
    valid_from = forms.DateField(label=_("Valid from"), widget=DateInput())


class ReasonForm(forms.Form):
    """Why something is not done."""

    reason = forms.CharField(label=_("Reason"), max_length=300, widget=forms.Textarea(attrs={"rows": 2}))


class SheetForm(forms.Form):
    """A filled key account sheet, and where its answers come from."""

    file = forms.FileField(label=_("File"), help_text=_("The sheet as Excel (.xlsx) or Word (.docx)."))
    source = forms.CharField(label=_("Source"), max_length=200, initial=_("Key account sheet"))


class TypeEndForm(forms.Form):
    """Why a mark no longer holds."""

    reason = forms.CharField(label=_("Reason"), max_length=500, widget=forms.Textarea(attrs={"rows": 2}))


class MergeSearchForm(forms.Form):
    """The other row of a merge."""

    def __init__(self, *args: Any, model: type[Institution] | type[Professional], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["other"] = forms.ModelChoiceField(
            label=_("Merge with"),
            queryset=model.objects.allowed(model.right("merge")).filter(archived_at=None),
            widget=RemoteSelectOne(options_url(model)),
        )


class SplitForm(forms.Form):
    """What becomes an institution of its own, from which day, and what follows."""

    name = forms.CharField(label=_("Name of the new institution"), max_length=200)
    day = forms.DateField(
        label=_("From"), widget=DateInput(), help_text=_("What was before this day stays where it is.")
    )
    address = forms.CharField(label=_("Address"), max_length=300, required=False)
    departments = forms.MultipleChoiceField(
        label=_("Departments that follow"), required=False, widget=forms.CheckboxSelectMultiple,
        help_text=_("Everybody who works in them follows."),
    )  # fmt: skip
    people = forms.MultipleChoiceField(
        label=_("Other people who follow"), required=False, widget=forms.SelectMultiple(attrs={"data-search": ""}),
    )  # fmt: skip

    def __init__(self, *args: Any, institution: Institution, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chosen: Any = self.fields["departments"]
        rows = Department.objects.filter(institution=institution, archived_at=None).order_by("name")
        chosen.choices = [(row.pk, row.name) for row in rows]
        self.fields["division"] = forms.ModelChoiceField(
            label=_("Place"), queryset=Division.objects.all(), required=False,
            widget=RemoteSelectOne(options_url(Division)), help_text=_("Empty: the same place."),
        )  # fmt: skip
        self.order_fields(["name", "day", "division"])
        working = Affiliation.objects.filter(institution=institution, valid_to=None).select_related(
            "professional", "department"
        )
        people: Any = self.fields["people"]
        people.choices = [
            (row.professional_id, " · ".join(filter(None, (row.professional.name, row.department and row.department.name, row.position))))
            for row in working.order_by("professional__name", "pk")
        ]  # fmt: skip
        self.parts = [part for part in splitting.parts() if actor.may(part.right)]
        for part in self.parts:
            if choices := part.choices(institution):
                self.fields[part.name] = forms.MultipleChoiceField(
                    label=str(part.label), help_text=str(part.help), choices=choices, required=False,
                    widget=forms.CheckboxSelectMultiple,
                )  # fmt: skip

    def following(self) -> dict[str, list[int]]:
        """Return what is chosen of other rooms, by part."""
        given = self.cleaned_data
        return {part.name: [int(each) for each in given.get(part.name, ())] for part in self.parts}
