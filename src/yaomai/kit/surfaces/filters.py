"""Filters of a list: one declaration gives the form field, the condition, the sentence and the REST parameter."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from typing import Any

from django import forms
from django.db import models
from django.db.models import Q
from django.http import QueryDict
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from yaomai.kit.access import row_id
from yaomai.kit.errors import Invalid
from yaomai.kit.surfaces.columns import field_at
from yaomai.kit.ui import formats

MOST_VALUES = 50


@dataclass(frozen=True, slots=True)
class Filter:
    """One filter. `name` is a model field or path; with `condition` it may be any name.

    kind: "choice" (several of a few), "relation" (several of many, searched remotely), "range" (from–to of
    dates or numbers), "flag" (yes or no). Left empty, the field decides.
    """

    name: str
    label: Promise | str = ""
    kind: str = ""
    choices: tuple[tuple[str, Promise | str], ...] | Callable[[], Any] = ()
    condition: Callable[[Any], Q] | None = None
    right: str = ""
    related: type[models.Model] | None = None
    is_date: bool = False
    is_moment: bool = False
    """Asked for by days, of which the last one counts to its end."""


def _archived(chosen: bool) -> Q:
    return Q(archived_at__isnull=not chosen)


ARCHIVED = Filter("archived", label=_("Archived"), kind="flag", condition=_archived)
"""Of every model that can be archived: without it the archived rows are left out (see `lists`)."""


def resolve_filter(model: type[models.Model], declared: Filter | str) -> Filter:
    """Return the filter complete from the model's field."""
    item = Filter(declared) if isinstance(declared, str) else declared
    field = field_at(model, item.name)
    if field is None:
        if item.condition is None and not item.kind:
            raise ValueError(f"filter {item.name!r} of {model.__name__} names no field and has no condition")
        return item
    kind, choices, related = item.kind, item.choices, item.related
    if not kind:
        if field.is_relation:
            kind = "relation"
        elif field.choices:
            kind = "choice"
        elif isinstance(field, models.BooleanField):
            kind = "flag"
        else:
            kind = "range"
    if kind == "flag" and item.condition is None and not isinstance(field, models.BooleanField):
        raise ValueError(f"filter {item.name!r} of {model.__name__} asks a field that is no yes or no")
    if kind == "choice" and not choices and field.choices:
        choices = tuple((str(value), label) for value, label in field.flatchoices)
    if kind == "relation" and related is None:
        related = field.related_model  # type: ignore[assignment]
    label = item.label or capfirst(field.verbose_name)
    is_date = isinstance(field, models.DateField)
    is_moment = isinstance(field, models.DateTimeField)
    return replace(item, label=label, kind=kind, choices=choices, related=related, is_date=is_date, is_moment=is_moment)


def parameters(item: Filter) -> list[str]:
    """Return the query parameters the filter reads."""
    return [f"{item.name}_from", f"{item.name}_to"] if item.kind == "range" else [item.name]


class RemoteSelect(forms.SelectMultiple):
    """A select over rows that holds the chosen ones only and searches the rest on the server (see kit.ui.widgets)."""

    def __init__(self, url: str) -> None:
        super().__init__(attrs={"data-search-url": url})

    def optgroups(self, name: str, value: Any, attrs: Any = None) -> Any:
        chosen = {str(item) for item in value if item not in ("", None)}
        queryset = getattr(self.choices, "queryset", None)
        if queryset is not None:
            keys = [item for item in chosen if row_id(item) is not None]
            rows = queryset.filter(pk__in=keys[:MOST_VALUES]) if keys else queryset.none()
            options = [
                self.create_option(name, row.pk, str(row), True, number, attrs=attrs) for number, row in enumerate(rows)
            ]
            return [(None, options, 0)]
        return super().optgroups(name, value, attrs)


class RemoteSelectOne(RemoteSelect):
    """The same for one value."""

    allow_multiple_selected = False

    def optgroups(self, name: str, value: Any, attrs: Any = None) -> Any:
        """Begin with choosing nothing: without it the browser would send the only choice, chosen or not."""
        groups = super().optgroups(name, value, attrs)
        is_chosen = any(option["selected"] for _label, options, _number in groups for option in options)
        return [(None, [self.create_option(name, "", "–", not is_chosen, 0, attrs=attrs)], 0), *groups]

    def build_attrs(self, base_attrs: Any, extra_attrs: Any = None) -> Any:
        attrs = super().build_attrs(base_attrs, extra_attrs)
        attrs.pop("multiple", None)
        return attrs

    def get_context(self, name: str, value: Any, attrs: Any) -> Any:
        context = super().get_context(name, value, attrs)
        context["widget"]["attrs"].pop("multiple", None)
        return context

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        return data.get(name)

    def format_value(self, value: Any) -> Any:
        return [] if value in (None, "") else [str(value)]


def options_url(model: type[models.Model]) -> str:
    """Return where the options of a model are searched, or "" when it has no surface."""
    try:
        return reverse(f"{model._meta.app_label}:{model._meta.model_name}_options")
    except NoReverseMatch:
        return ""


def form_fields(item: Filter) -> dict[str, forms.Field]:
    """Return the form fields of a filter, by query parameter."""
    if item.kind == "range":
        make = forms.DateField if item.is_date else forms.DecimalField
        widget: Callable[[], forms.Widget] = (
            (lambda: forms.DateInput(attrs={"type": "date"}))
            if item.is_date
            else (lambda: forms.NumberInput(attrs={"step": "any"}))
        )
        return {
            f"{item.name}_from": make(
                required=False, label=_("%(field)s from") % {"field": item.label}, widget=widget()
            ),
            f"{item.name}_to": make(required=False, label=_("%(field)s to") % {"field": item.label}, widget=widget()),
        }
    if item.kind == "flag":
        choices = [("", "–"), ("1", _("Yes")), ("0", _("No"))]
        return {item.name: forms.ChoiceField(choices=choices, required=False, label=str(item.label))}
    if item.kind == "relation":
        assert item.related is not None
        return {
            item.name: forms.ModelMultipleChoiceField(
                queryset=item.related._default_manager.all(),
                required=False,
                label=item.label,
                widget=RemoteSelect(options_url(item.related)),
            )
        }
    choices = item.choices() if callable(item.choices) else list(item.choices)
    return {
        item.name: forms.MultipleChoiceField(
            choices=choices,
            required=False,
            label=str(item.label),
            widget=forms.SelectMultiple(attrs={"data-search": ""}),
        )
    }


def _moment(day: date | None, clock: time) -> datetime | None:
    return None if day is None else timezone.make_aware(datetime.combine(day, clock))


def condition(item: Filter, values: Mapping[str, Any]) -> Q | None:
    """Return the condition of the cleaned values, or None when the filter is not used."""
    if item.kind == "range":
        low, high = values.get(f"{item.name}_from"), values.get(f"{item.name}_to")
        if low in (None, "") and high in (None, ""):
            return None
        if item.condition is not None:
            return item.condition((low, high))
        if item.is_moment:
            low, high = _moment(low, time.min), _moment(high, time.max)
        found = Q()
        if low not in (None, ""):
            found &= Q(**{f"{item.name}__gte": low})
        if high not in (None, ""):
            found &= Q(**{f"{item.name}__lte": high})
        return found
    value = values.get(item.name)
    if value in (None, "", []) or (hasattr(value, "__len__") and not value):
        return None
    if item.kind == "flag":
        chosen = value == "1"
        return item.condition(chosen) if item.condition is not None else Q(**{item.name: chosen})
    if item.condition is not None:
        return item.condition(value)
    if item.kind == "relation":
        return Q(**{f"{item.name}__in": [row.pk for row in value]})
    return Q(**{f"{item.name}__in": list(value)})


def sentence(item: Filter, values: Mapping[str, Any]) -> str:
    """Return the filter in words: "三甲、三乙", "2026-01-01 – 2026-06-30", or "" when it is not used."""
    if item.kind == "range":
        low, high = values.get(f"{item.name}_from"), values.get(f"{item.name}_to")
        if low in (None, "") and high in (None, ""):
            return ""
        return f"{item.label}: {_written(low)} – {_written(high)}"
    value = values.get(item.name)
    if value in (None, "", []) or (hasattr(value, "__len__") and not value):
        return ""
    if item.kind == "flag":
        return f"{item.label}: {_('Yes') if value == '1' else _('No')}"
    if item.kind == "relation":
        return formats.listed(str(row) for row in value)
    choices = item.choices() if callable(item.choices) else item.choices
    labels = {str(key): str(label) for key, label in choices}
    return formats.listed(labels.get(str(key), str(key)) for key in value)


def _written(value: Any) -> str:
    if value in (None, ""):
        return "…"
    return formats.grouped(value) if not hasattr(value, "isoformat") else value.isoformat()


def form(items: list[Filter], data: QueryDict) -> forms.Form:
    """Return the bound form of filters."""
    fields = {name: field for item in items for name, field in form_fields(item).items()}
    form_class = type("FilterForm", (forms.Form,), fields)
    return form_class(data, use_required_attribute=False)


def cleaned(items: list[Filter], data: QueryDict) -> dict[str, Any]:
    """Return the values asked for.

    Raises:
        Invalid: a value cannot be read; a list never ignores a filter it was asked for.
    """
    asked = form(items, data)
    if not asked.is_valid():
        raise Invalid(
            _("A filter could not be understood: %(names)s. Remove it and choose again."),
            fields={name: [str(each) for each in messages] for name, messages in asked.errors.items()},
            names=", ".join(str(asked.fields[name].label) for name in asked.errors if name in asked.fields),
        )
    return asked.cleaned_data
