"""Documents as workbooks: the text on one sheet, every table and chart on a sheet of its own; forms to fill in."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from yaomai.kit.documents import parts, wording
from yaomai.kit.documents.forms import Field, Form
from yaomai.kit.documents.parts import Document
from yaomai.kit.transfer.writing import Book

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

MARK = "yaomai-form"
KEYS, HIDDEN = 3, 5
"""The column that carries the keys of a form's fields; it and those up to `HIDDEN` are not shown."""
_FORMATS = {"money": '"¥"#,##0.00', "short_money": '"¥"#,##0', "percent": "0.0%", "number": "#,##0.####"}
_LONGEST_LIST = 255
_NAME_LENGTH = 31
_ROWS_PER_LINE = 15


def workbook(document: Document) -> bytes:
    """Return a document as an Excel file."""
    target = io.BytesIO()
    with Book(target) as book:
        _Writer(book, document).write()
    return target.getvalue()


class _Writer:
    def __init__(self, book: Book, document: Document) -> None:
        self.book, self.document = book, document
        self.names: set[str] = set()
        self.row = 0

    def write(self) -> None:
        forms = [block.form for block in self.document.walk() if isinstance(block, parts.Fields)]
        for form in forms:
            _write_form(self.book, self._sheet(str(self.document.title)), self.document, form)
        if not forms:
            self._text()
        for block in self.document.walk():
            if isinstance(block, parts.Table):
                self._table(block)
            elif isinstance(block, parts.Graph):
                self._chart(block)

    def _sheet(self, title: str) -> Worksheet:
        """Add a sheet under a name that Excel takes and that is not there yet."""
        plain = "".join("·" if character in r"[]:*?/\'" else character for character in wording.clean(title))
        plain = plain.replace("\n", " ").strip() or _("Sheet")
        name, number = plain[:_NAME_LENGTH], 1
        while name.casefold() in self.names:
            number += 1
            name = f"{plain[: _NAME_LENGTH - 4]} {number}"
        self.names.add(name.casefold())
        return self.book.workbook.add_worksheet(name)

    def _text(self) -> None:
        sheet = self._sheet(str(self.document.title))
        sheet.set_column(0, 0, 30)
        sheet.set_column(1, 1, 80)
        head, quiet = self.book.format(bold=True, font_size=14), self.book.format(font_color="#5B6B73")
        wrapped = self.book.format(text_wrap=True, valign="top")
        section = self.book.format(bold=True, font_color="#0F766E", bottom=1)
        sheet.write_string(0, 0, wording.clean(self.document.title), head)
        for number, line in enumerate((self.document.subtitle, wording.byline(self.document)), 1):
            sheet.write_string(number, 0, wording.clean(line), quiet)
        row = 4
        for label, value in _lines(self.document):
            sheet.write_string(row, 0, label, wrapped if value else section)
            sheet.write_string(row, 1, value, wrapped if value else section)
            row += 1
        sheet.write_string(row + 1, 0, wording.foot(self.document), quiet)

    def _table(self, table: parts.Table) -> None:
        sheet = self._sheet(str(table.caption) or self._section_of(table))
        self.book.header(sheet, [wording.clean(column.label) for column in table.columns])
        total = [table.total] if table.total else []
        for number, values in enumerate((*table.rows, *total), 1):
            for position, (value, column) in enumerate(zip(values, table.columns, strict=True)):
                self._cell(sheet, number, position, value, column.kind)
        sheet.freeze_panes(1, 0)
        sheet.set_column(0, max(len(table.columns) - 1, 0), 18)

    def _section_of(self, wanted: parts.Block) -> str:
        titles = [
            str(block.title)
            for block in self.document.walk()
            if isinstance(block, parts.Section) and wanted in block.blocks
        ]
        return titles[-1] if titles else _("Table")

    def _cell(self, sheet: Worksheet, row: int, column: int, value: parts.Value, kind: parts.Kind) -> None:
        if isinstance(value, Decimal | int | float) and not isinstance(value, bool):
            sheet.write_number(row, column, float(value), self.book.format(num_format=_FORMATS.get(kind, "General")))
        elif isinstance(value, date) and not isinstance(value, datetime):
            sheet.write_datetime(row, column, value, self.book.format(num_format="yyyy-mm-dd"))
        elif value is not None and value != "":
            sheet.write_string(row, column, wording.shown(value, kind), self.book.format(text_wrap=True, valign="top"))

    def _chart(self, graph: parts.Graph) -> None:
        head, rows = graph.chart.table()
        sheet = self._sheet(str(graph.chart.finding))
        self.book.header(sheet, [wording.clean(label) for label in head])
        kind: parts.Kind = {"money": "money", "percent": "percent"}.get(graph.chart.unit, "number")  # type: ignore[assignment]
        for number, row in enumerate(rows, 1):
            for position, value in enumerate(row):
                self._cell(sheet, number, position, value, kind)
        sheet.set_column(0, max(len(head) - 1, 0), 18)


def _lines(document: Document) -> Iterator[tuple[str, str]]:
    """Yield label and text of everything that is neither a table nor a chart; a section has no text."""
    for block in document.walk():
        yield from _line(block)


def _line(block: parts.Block) -> Sequence[tuple[str, str]]:
    if isinstance(block, parts.Section):
        return [(wording.clean(block.title), "")]
    if isinstance(block, parts.Paragraph):
        return [("·", wording.clean(block.text))]
    if isinstance(block, parts.Facts):
        return [(wording.clean(each.label), wording.shown(each.value, each.kind)) for each in block.facts]
    if isinstance(block, parts.Figures):
        return [
            (wording.clean(each.label), f"{wording.shown(each.value, each.kind)} {wording.clean(each.note)}".strip())
            for each in block.figures
        ]
    if isinstance(block, parts.Ranks):
        return [(wording.clean(each.scheme), wording.clean(each.label)) for each in block.ranks]
    if isinstance(block, parts.Bullets):
        return [("·", text) for text in wording.texts(block.items)]
    if isinstance(block, parts.Explained):
        return [(wording.clean(block.title) or "·", wording.clean(block.explanation.sentence))]
    return []


# Forms --------------------------------------------------------------------------------------------------------


def _write_form(book: Book, sheet: Worksheet, document: Document, form: Form) -> None:
    """Write one row a field: label, what is filled in, hint, and hidden its key."""
    sheet.set_column(0, 0, 26)
    sheet.set_column(1, 1, 60)
    sheet.set_column(2, 2, 44)
    sheet.set_column(KEYS, HIDDEN, None, None, {"hidden": True})
    sheet.write_string(0, 0, wording.clean(document.title), book.format(bold=True, font_size=14))
    for column, text in enumerate((MARK, form.name, form.subject), KEYS):
        sheet.write_string(0, column, text)
    sheet.write_string(1, 0, wording.byline(document), book.format(font_color="#5B6B73"))
    row = 2
    for label, fields in form.groups():
        sheet.write_string(row, 0, wording.clean(label), book.format(bold=True, font_color="#0F766E", bottom=1))
        row += 1
        for field in fields:
            _write_field(book, sheet, row, field)
            row += 1


def _write_field(book: Book, sheet: Worksheet, row: int, field: Field) -> None:
    labels = [wording.clean(label) for _code, label in field.choices]
    hint = wording.clean(field.hint)
    if field.kind == "choices":
        hint = " ".join(
            filter(None, (hint, _("Several, separated by “、”: %(choices)s") % {"choices": "、".join(labels)}))
        )
    if field.kind == "long":
        sheet.set_row(row, 60)
    box = book.format(border=1, border_color="#D5DDE0", text_wrap=True, valign="top", num_format="@")
    shown = book.format(text_wrap=True, valign="top", bg_color="#F3F6F7") if field.read_only else box
    sheet.write_string(row, 0, wording.clean(field.label), book.format(valign="top"))
    sheet.write_string(row, 1, wording.clean(field.shown()), shown)
    sheet.write_string(row, 2, hint, book.format(font_color="#5B6B73", text_wrap=True, valign="top"))
    if not field.read_only:
        sheet.write_string(row, KEYS, field.key)
    if field.kind == "choice" and len(",".join(labels)) <= _LONGEST_LIST:
        options: dict[str, Any] = {"validate": "list", "source": labels, "ignore_blank": True}
        sheet.data_validation(row, 1, row, 1, options)
