"""Forms of the import screens."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from yaomai.kit.errors import DomainError, Invalid, Refused
from yaomai.kit.transfer.columns import Column, ColumnKind
from yaomai.kit.transfer.models import Import
from yaomai.kit.transfer.reading.tables import column_letters
from yaomai.kit.transfer.registry import Importer
from yaomai.kit.ui.widgets import SearchSelect
from yaomai.spellings import DayOrder

_OPTION = "option_"
_COLUMN = "column_"


class _Refusable(forms.Form):
    def refuse(self, error: DomainError) -> None:
        """Show a refusal of the service in place."""
        fields = error.fields if isinstance(error, Invalid) else {}
        for name, texts in fields.items():
            field = next((each for each in (f"{_COLUMN}{name}", f"{_OPTION}{name}", name) if each in self.fields), None)
            self.add_error(field, [str(text) for text in texts])
        if not fields:
            self.add_error("file" if "file" in self.fields else None, str(error))
        if isinstance(error, Refused):
            for citation in error.citations:
                self.add_error(None, citation)


class UploadForm(_Refusable):
    """A file, whose it is, and what the importer asks for besides."""

    file = forms.FileField(label=_("File"))
    source = forms.CharField(
        label=_("Source"),
        max_length=120,
        required=False,
        help_text=_("Whose files these are, such as a company's name. Its columns are remembered."),
    )

    def __init__(self, importer: Importer, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for column in importer.options:
            self.fields[f"{_OPTION}{column.name}"] = _option_field(column)

    def options(self) -> dict[str, Any]:
        """Return what was given besides the file."""
        return {
            name.removeprefix(_OPTION): value for name, value in self.cleaned_data.items() if name.startswith(_OPTION)
        }


def _option_field(column: Column) -> forms.Field:
    shared: dict[str, Any] = {"label": column.label, "required": column.required, "help_text": column.hint}
    if column.choices:
        choices = [("", "—"), *((each.value, each.label) for each in column.choices)]
        return forms.ChoiceField(choices=choices, **shared)
    if column.listed is not None:
        listed = [("", "—"), *((each, each) for each in column.listed())]
        return forms.ChoiceField(choices=listed, widget=SearchSelect, **shared)
    if column.kind is ColumnKind.INTEGER:
        return forms.IntegerField(**shared)
    return forms.CharField(max_length=column.length or 200, **shared)


class MappingForm(_Refusable):
    """Which column of the file means what, and how the file is read."""

    day_order = forms.ChoiceField(
        label=_("Dates like 3/5/2024"),
        required=False,
        choices=[
            (DayOrder.UNKNOWN.value, _("Refuse them: they can be read in two ways")),
            (DayOrder.MONTH_FIRST.value, _("Month first: 5 March")),
            (DayOrder.DAY_FIRST.value, _("Day first: 3 May")),
        ],
    )
    header_row = forms.IntegerField(
        label=_("Header row"), required=False, min_value=1, max_value=1000,
        help_text=_("Empty: it is found by itself."),
    )  # fmt: skip
    no_header = forms.BooleanField(label=_("The first row is data already"), required=False)
    sheet = forms.CharField(
        label=_("Sheet"), required=False, max_length=100, help_text=_("Empty: all sheets that have these columns.")
    )

    def __init__(self, importer: Importer, row: Import, data: Any = None) -> None:
        initial = {
            "day_order": row.options.get("day_order", DayOrder.UNKNOWN.value),
            "header_row": row.options.get("header_row"),
            "no_header": row.options.get("has_header") is False,
            "sheet": row.options.get("sheet", ""),
        }
        super().__init__(data, initial=initial)
        choices = [
            ("", _("Not in the file")),
            *((str(index), _shown(index, header)) for index, header in enumerate(row.headers)),
        ]
        for column in importer.options:
            self.fields[f"{_OPTION}{column.name}"] = _option_field(column)
            self.initial[f"{_OPTION}{column.name}"] = row.options.get(column.name, "")
        for column in importer.columns:
            self.fields[f"{_COLUMN}{column.name}"] = forms.ChoiceField(
                label=str(column.label),
                choices=choices,
                required=False,
                help_text=_("Needed") if column.required else "",
                initial=str(row.mapping.get(column.name, "")),
            )

    def column_fields(self) -> list[forms.BoundField]:
        """Return the fields that choose columns."""
        return [self[name] for name in self.fields if name.startswith(_COLUMN)]

    def option_fields(self) -> list[forms.BoundField]:
        """Return the fields that the importer asks for besides the file."""
        return [self[name] for name in self.fields if name.startswith(_OPTION)]

    def reading_fields(self) -> list[forms.BoundField]:
        """Return the fields that say how the file is read."""
        return [self[name] for name in self.fields if not name.startswith((_COLUMN, _OPTION))]

    def decision(self) -> dict[str, Any]:
        """Return the arguments of `import_map`."""
        values = self.cleaned_data
        reading: dict[str, Any] = {"header_row": values["header_row"], "sheet": values["sheet"]}
        if values["no_header"]:
            reading["has_header"] = False
        return {
            "mapping": {
                name.removeprefix(_COLUMN): int(value)
                for name, value in values.items()
                if name.startswith(_COLUMN) and value != ""
            },
            "reading": {name: value for name, value in reading.items() if value not in ("", None)},
            "day_order": values["day_order"] or DayOrder.UNKNOWN.value,
            "options": {
                name.removeprefix(_OPTION): value for name, value in values.items() if name.startswith(_OPTION)
            },
        }


def _shown(index: int, header: str) -> str:
    return f"{column_letters(index)} · {header}" if header else column_letters(index)
