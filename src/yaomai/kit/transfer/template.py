"""The template workbook of an importer: headers, drop-downs, an example row, and notes that explain the columns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from yaomai.kit.transfer.columns import Column, ColumnKind
from yaomai.kit.transfer.reading.tables import column_letters
from yaomai.kit.transfer.writing import Book, Target

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

_LAST_ROW = 20_000
_LIST_CHARACTERS = 255
"""A drop-down's list inside the cell may have so many characters; longer ones stand on a hidden sheet."""
_FORMATS = {
    ColumnKind.TEXT: "@",
    ColumnKind.REFERENCE: "@",
    ColumnKind.CHOICE: "@",
    ColumnKind.BOOLEAN: "@",
    ColumnKind.MONTH: "@",
    ColumnKind.DATE: "yyyy-mm-dd",
    ColumnKind.INTEGER: "0",
}


def write_template(target: Target, columns: Sequence[Column], *, title: str) -> None:
    """Write the template of the columns; the file can be filled in Excel, WPS or LibreOffice and imported."""
    with Book(target) as book:
        sheet = book.workbook.add_worksheet(title[:25])
        notes = book.workbook.add_worksheet(_("How to fill in"))
        lists = book.workbook.add_worksheet("lists")
        lists.hide()
        sheet.freeze_panes(1, 0)
        book.header(sheet, [str(each.label) for each in columns], required=[each.required for each in columns])
        for index, column in enumerate(columns):
            pattern = _FORMATS.get(column.kind, f"0.{'0' * column.places}" if column.places else "0")
            width = max(14, min(36, 2 * len(str(column.label)) + 4, 60))
            sheet.set_column(index, index, width, book.format(num_format=pattern))
            if column.example:
                look = {"font_color": "#667085", "num_format": "@"}
                book.write(sheet, 1, index, column.example, ColumnKind.TEXT, 0, **look)
        _write_lists(sheet, lists, columns)
        _write_notes(book, notes, columns)


def _options(column: Column) -> list[str]:
    if column.kind is ColumnKind.BOOLEAN:
        return [_("Yes"), _("No")]
    if column.choices:
        return [str(choice.label) for choice in column.choices]
    return column.listed() if column.listed else []


def _write_lists(sheet: Worksheet, lists: Worksheet, columns: Sequence[Column]) -> None:
    """Give the columns their drop-downs. The hidden sheet is written row by row, as the writer needs it."""
    long: list[tuple[int, list[str]]] = []
    for index, column in enumerate(columns):
        options = _options(column)
        if options and len(",".join(options)) <= _LIST_CHARACTERS and not any("," in option for option in options):
            _add_drop_down(sheet, index, column, options)
        elif options:
            name = f"=lists!${column_letters(len(long))}$1:${column_letters(len(long))}${len(options)}"
            _add_drop_down(sheet, index, column, name)
            long.append((index, options))
    for row in range(max((len(options) for _index, options in long), default=0)):
        for place, (_index, options) in enumerate(long):
            if row < len(options):
                lists.write_string(row, place, options[row])


def _add_drop_down(sheet: Worksheet, index: int, column: Column, source: list[str] | str) -> None:
    is_reference = column.kind is ColumnKind.REFERENCE
    sheet.data_validation(
        1,
        index,
        _LAST_ROW,
        index,
        {
            "validate": "list",
            "source": source,
            "error_type": "warning" if is_reference else "stop",
            "error_title": str(column.label)[:32],
            "error_message": _("Choose one of the values in the list."),
        },
    )


def _write_notes(book: Book, notes: Worksheet, columns: Sequence[Column]) -> None:
    notes.set_column(0, 0, 24)
    notes.set_column(1, 2, 14)
    notes.set_column(3, 3, 80)
    bold = book.format(bold=True, font_size=12)
    notes.write_string(
        0,
        0,
        _("Fill in the first sheet from its second row on; the grey row is an example and is not imported."),
        bold,
    )
    notes.write_string(
        1,
        0,
        _("Columns with a star are needed; others may stay empty or be deleted. Their order does not matter."),
    )
    book.header(notes, [_("Column"), _("Needed"), _("Type"), _("What to write")], row=3)
    for row, column in enumerate(columns, 4):
        cells = (
            str(column.label),
            _("Yes") if column.required else "",
            _kind_label(column.kind),
            _explanation(column),
        )
        for index, cell in enumerate(cells):
            book.write(notes, row, index, cell, ColumnKind.TEXT, 0, text_wrap=True, valign="top")


def _kind_label(kind: ColumnKind) -> str:
    return {
        ColumnKind.TEXT: _("Text"),
        ColumnKind.REFERENCE: _("Name or code"),
        ColumnKind.INTEGER: _("Whole number"),
        ColumnKind.DECIMAL: _("Number"),
        ColumnKind.DATE: _("Date"),
        ColumnKind.MONTH: _("Month"),
        ColumnKind.CHOICE: _("Choice"),
        ColumnKind.BOOLEAN: _("Yes or no"),
    }[kind]


def _explanation(column: Column) -> str:
    parts = [str(column.hint)] if column.hint else []
    if column.kind is ColumnKind.DATE:
        parts.append(_("For example 2024-03-05 or 2024年3月5日."))
    if column.kind is ColumnKind.MONTH:
        parts.append(_("For example 2024-03 or 2024年3月."))
    if column.choices:
        shown = "、".join(str(choice.label) for choice in column.choices)
        parts.append(_("One of: %(choices)s.") % {"choices": shown})
    if column.length:
        parts.append(_("At most %(length)s characters.") % {"length": column.length})
    if column.example:
        parts.append(_("Example: %(example)s.") % {"example": column.example})
    return " ".join(parts)
