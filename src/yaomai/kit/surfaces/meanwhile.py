"""What somebody else changed while a form was open: told, shown, and never overwritten unseen.

A form of an existing row carries the row's version and the values with which it was shown. When the row has another
version by the time it is sent, the three states are put side by side, field by field: seen, now, sent. What the person
left alone takes the value it has now; what both changed keeps what the person wrote, marked with the other's value;
nothing is saved until they send it again.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext as _

from yaomai.kit.access import ScopedModel
from yaomai.kit.surfaces.forms import ServiceForm

SEEN = "seen"
Values = Mapping[str, list[str]]
"""By field, as a browser sends them."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A field that somebody else changed."""

    name: str
    label: str
    before: str
    now: str
    is_contested: bool
    """The person changed it too, to something else."""


@dataclass(frozen=True, slots=True)
class Meanwhile:
    """What happened to a row while its form was open."""

    who: str
    at: datetime | None
    differences: list[Difference]

    @property
    def pairs(self) -> dict[str, tuple[str, str]]:
        return {each.label: (each.before, each.now) for each in self.differences}


def shown(form: forms.BaseForm) -> Values:
    """Return the values with which an unbound form is shown."""
    return {name: _texts(form[name].field, form[name].initial) for name in form.fields}


def sent(form: forms.BaseForm) -> Values:
    """Return the values that were sent with a bound form."""
    return {name: _texts(form[name].field, form[name].data) for name in form.fields}


def written(values: Values) -> str:
    """Return values as the form carries them."""
    return json.dumps(values, ensure_ascii=False)


def carried(data: QueryDict, present: Values) -> Values:
    """Return the values that a sent form was shown with; what it does not say is taken for what is there now."""
    try:
        said = json.loads(data.get(SEEN, ""))
    except ValueError:
        return present
    if not isinstance(said, dict):
        return present
    known = {name: [str(text) for text in texts] for name, texts in said.items() if isinstance(texts, list)}
    return {name: known.get(name, present[name]) for name in present}


def compare(form: ServiceForm, *, seen: Values, now: Values) -> list[Difference]:
    """Return what is not as it was seen, with whether the person changed it too."""
    mine = sent(form)
    return [
        Difference(
            name,
            str(form[name].label),
            _said(form.fields[name], seen[name]),
            _said(form.fields[name], now[name]),
            is_contested=mine[name] not in (seen[name], now[name]),
        )
        for name in form.fields
        if seen[name] != now[name]
    ]


def joined(data: QueryDict, differences: list[Difference], *, now: Values) -> QueryDict:
    """Return what was sent, with the present value of every field that the person left alone."""
    made = data.copy()
    for each in differences:
        if not each.is_contested:
            made.setlist(each.name, list(now[each.name]))
    return made


def last_change(row: ScopedModel) -> tuple[str, datetime | None]:
    """Return who changed the row last, and when."""
    from yaomai.kit.audit.selectors import history_of

    for line in history_of(row, limit=1):
        return line.who, line.at
    return _("Somebody"), None


def _texts(field: forms.Field, value: Any) -> list[str]:
    if isinstance(field, forms.BooleanField):
        return ["on"] if value not in (None, "", False, "false", "False") else []
    prepared = field.prepare_value(value)
    if hasattr(field.widget, "format_value") and not isinstance(prepared, list | tuple | set):
        prepared = field.widget.format_value(prepared)
    several = prepared if isinstance(prepared, list | tuple | set) else [prepared]
    texts = [str(getattr(each, "pk", each)).strip() for each in several if each not in (None, "")]
    return sorted(texts)


def _said(field: forms.Field, texts: list[str]) -> str:
    """Return values as a person reads them; of rows only those in the person's view."""
    if isinstance(field, forms.ModelChoiceField) and field.queryset is not None:
        try:
            rows = field.queryset.filter(pk__in=texts)
        except (ValueError, ValidationError):
            return ""
        return "、".join(str(row) for row in rows)
    if isinstance(field, forms.BooleanField):
        return _("Yes") if texts else _("No")
    choices = getattr(field, "choices", None)
    if choices is not None:
        labels = {str(value): str(label) for value, label in choices}
        return "、".join(labels.get(text, text) for text in texts)
    return "、".join(texts)
