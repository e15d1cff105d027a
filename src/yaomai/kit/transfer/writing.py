"""Write tables people open in Excel, WPS or LibreOffice: exports, templates, and the returned workbook with reasons.

Text never becomes a formula: in workbooks it is stored as text and marked with the quote prefix, in CSV an
apostrophe is put before it (and taken away again by `reading`). Numbers, also negative ones, stay numbers.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryFile
from typing import TYPE_CHECKING, Any, BinaryIO, Self

from django.http import FileResponse, StreamingHttpResponse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

from yaomai.kit.errors import Text
from yaomai.kit.transfer.columns import Column, ColumnKind
from yaomai.kit.transfer.problems import Problems
from yaomai.kit.transfer.reading.tables import Table

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

EXCEL_ROWS = 1_048_576
EXCEL_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_EXCEL_CHARACTERS = 32_767
_FORMULA_START = re.compile(r"^[=+\-@\t\r＝＋－＠]")
_NUMBER = re.compile(r"^[+-]?\d[\d,]*(\.\d+)?%?$")
_FLUSH_BYTES = 1 << 16
_EXACT_DIGITS = 15
"""A spreadsheet keeps 15 digits of a number; longer ones are written as text."""

Target = Path | BinaryIO


@dataclass(frozen=True, slots=True)
class Heading:
    """A column of an export: its label and how its values are shown."""

    label: Text
    kind: ColumnKind = ColumnKind.TEXT
    places: int = 2


def headings(columns: Iterable[Column]) -> list[Heading]:
    """Return the headings of declared columns."""
    return [Heading(column.label, column.kind, column.places) for column in columns]


def neutralised(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula when it opens a CSV; numbers stay as they are."""
    if _FORMULA_START.match(text) and not _NUMBER.match(text):
        return f"'{text}"
    return text


# --- CSV ---


def csv_chunks(columns: Sequence[Heading], rows: Iterable[Sequence[Any]]) -> Iterator[bytes]:
    """Yield a CSV file in pieces: UTF-8 with byte order mark, as Excel needs it for Chinese."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    buffer.write("\ufeff")
    writer.writerow([neutralised(str(column.label)) for column in columns])
    kinds = [column.kind for column in columns]
    for row in rows:
        writer.writerow([csv_text(value, kind) for value, kind in zip(row, kinds, strict=True)])
        if buffer.tell() >= _FLUSH_BYTES:
            yield buffer.getvalue().encode()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue().encode()


def local(moment: datetime) -> datetime:
    """Return a moment as the clock on the wall showed it, in whole seconds: as screens say it."""
    aware = timezone.is_aware(moment)
    return (timezone.make_naive(moment) if aware else moment).replace(microsecond=0)


def csv_text(value: Any, kind: ColumnKind) -> str:
    """Return a value as it stands in a CSV cell."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, datetime):
        return local(value).strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(value, date):
        return value.strftime("%Y-%m") if kind is ColumnKind.MONTH else value.isoformat()
    if isinstance(value, int | float):
        return str(value)
    return neutralised(str(value))


def write_csv(target: Target, columns: Sequence[Heading], rows: Iterable[Sequence[Any]]) -> None:
    """Write a CSV file."""
    if isinstance(target, Path):
        with target.open("wb") as stream:
            stream.writelines(csv_chunks(columns, rows))
    else:
        target.writelines(csv_chunks(columns, rows))


# --- workbooks ---


class Book:
    """A workbook being written row by row, with the formats of this house."""

    def __init__(self, target: Target) -> None:
        options = {
            "constant_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "nan_inf_to_errors": True,
        }
        import xlsxwriter

        self.workbook = xlsxwriter.Workbook(target, options)
        self._formats: dict[tuple[tuple[str, Any], ...], Format] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.workbook.close()

    def format(self, **properties: Any) -> Format:
        """Return the format with these properties, made once."""
        key = tuple(sorted(properties.items()))
        if key not in self._formats:
            self._formats[key] = self.workbook.add_format(properties)
        return self._formats[key]

    def header(self, sheet: Worksheet, labels: Sequence[str], *, required: Sequence[bool] = (), row: int = 0) -> None:
        """Write the header row; required columns are marked by a star and a colour."""
        plain = self.format(bold=True, bg_color="#E6F2F2", bottom=1, valign="vcenter")
        needed = self.format(bold=True, bg_color="#0F766E", font_color="#FFFFFF", bottom=1, valign="vcenter")
        for index, label in enumerate(labels):
            is_required = bool(required) and required[index]
            sheet.write_string(row, index, f"*{label}" if is_required else label, needed if is_required else plain)

    def write(
        self, sheet: Worksheet, row: int, column: int, value: Any, kind: ColumnKind, places: int, **look: Any
    ) -> None:
        """Write one value in its column's format; `look` adds to the format."""
        if value is None or value == "":
            if look:
                sheet.write_blank(row, column, None, self.format(**look))
        elif isinstance(value, bool):
            sheet.write_string(row, column, _("Yes") if value else _("No"), self._styled(look))
        elif isinstance(value, int | float | Decimal) and _fits(value):
            pattern = _number_format(kind, places)
            sheet.write_number(
                row, column, value, self.format(num_format=pattern, **look) if pattern else self._styled(look)
            )
        elif isinstance(value, datetime):
            sheet.write_datetime(row, column, local(value), self.format(num_format="yyyy-mm-dd hh:mm:ss", **look))
        elif isinstance(value, date):
            pattern = "yyyy-mm" if kind is ColumnKind.MONTH else "yyyy-mm-dd"
            sheet.write_datetime(row, column, value, self.format(num_format=pattern, **look))
        else:
            self._write_text(sheet, row, column, str(value), look)

    def _write_text(self, sheet: Worksheet, row: int, column: int, text: str, look: dict[str, Any]) -> None:
        text = text[:_EXCEL_CHARACTERS]
        if _FORMULA_START.match(text):
            look = {"quote_prefix": True, **look}
        sheet.write_string(row, column, text, self._styled(look))

    def _styled(self, look: dict[str, Any]) -> Format | None:
        return self.format(**look) if look else None


def _fits(value: float | Decimal) -> bool:
    return len(str(value).replace("-", "").replace(".", "").lstrip("0")) <= _EXACT_DIGITS or isinstance(value, float)


def _number_format(kind: ColumnKind, places: int) -> str:
    return f"#,##0.{'0' * places}" if kind is ColumnKind.DECIMAL and places else ""


def write_workbook(
    target: Target, columns: Sequence[Heading], rows: Iterable[Sequence[Any]], *, sheet_name: str = ""
) -> None:
    """Write a workbook; rows beyond a sheet's limit continue on another sheet."""
    with Book(target) as book:
        remaining = iter(rows)
        pages = 0
        while True:
            pages += 1
            sheet = book.workbook.add_worksheet(_sheet_name(sheet_name, pages))
            _lay_out(sheet, columns)
            book.header(sheet, [str(column.label) for column in columns])
            if not _fill(book, sheet, columns, remaining):
                return


def _sheet_name(name: str, page: int) -> str:
    bare = re.sub(r"[\[\]:*?/\\']", " ", name).strip()[:25] or "Sheet"
    return bare if page == 1 else f"{bare} {page}"


def _lay_out(sheet: Worksheet, columns: Sequence[Heading]) -> None:
    for index, column in enumerate(columns):
        sheet.set_column(index, index, max(12, min(32, 2 * len(str(column.label)) + 4)))
    sheet.freeze_panes(1, 0)


def _fill(book: Book, sheet: Worksheet, columns: Sequence[Heading], rows: Iterator[Sequence[Any]]) -> bool:
    """Write rows until the sheet is full; tell whether it is."""
    number = 0
    for number, row in enumerate(rows, 1):
        for index, (value, column) in enumerate(zip(row, columns, strict=True)):
            if value is not None:
                book.write(sheet, number, index, value, column.kind, column.places)
        if number == EXCEL_ROWS - 1:
            break
    if columns:
        sheet.autofilter(0, 0, number, len(columns) - 1)
    return number == EXCEL_ROWS - 1


# --- answers to a browser ---


def export_response(
    kind: str, stem: str, labels: Sequence[str], rows: Iterable[Sequence[Any]]
) -> FileResponse | StreamingHttpResponse:
    """Return rows as a download, "csv" or "xlsx"; they are written as they come and never all held in memory."""
    columns = [Heading(label) for label in labels]
    if kind == "csv":
        response = StreamingHttpResponse(csv_chunks(columns, rows), content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = content_disposition_header(True, f"{stem}.csv") or ""
        return response
    content = TemporaryFile()  # noqa: SIM115 - the response closes it
    write_workbook(content, columns, rows, sheet_name=stem)
    content.seek(0)
    return FileResponse(content, as_attachment=True, filename=f"{stem}.xlsx", content_type=EXCEL_TYPE)


# --- the returned workbook ---


def reason_header() -> str:
    """Return the header of the column that says why a row was refused."""
    return _("Reason of error")


def write_returned(target: Target, table: Table, problems: Problems, *, only_refused: bool = False) -> None:
    """Write the rows of an uploaded table again, with a reason beside each refused one and its cells coloured.

    The workbook can be corrected and uploaded as it is: the reason's column is ignored by the import.
    """
    by_row = problems.by_row()
    indices = sorted(by_row) if only_refused else range(table.height)
    names = [header or letters for header, letters in zip(table.headers, table.letters, strict=True)]
    with Book(target) as book:
        sheet = book.workbook.add_worksheet(_sheet_name(_("Result"), 1))
        sheet.set_column(0, 0, 60)
        sheet.set_column(1, len(names), 18)
        sheet.freeze_panes(1, 1)
        book.header(sheet, [reason_header(), *names])
        last = 0
        for last, (index, row) in enumerate(zip(indices, table.records(indices), strict=True), 1):
            _returned_row(book, sheet, last, row, by_row.get(index, []), table)
            if last == EXCEL_ROWS - 1:
                break
        sheet.autofilter(0, 0, last, len(names))


def _returned_row(
    book: Book, sheet: Worksheet, number: int, row: Sequence[str | None], found: Sequence[Any], table: Table
) -> None:
    wrong = {problem.place.letters for problem in found}
    if found:
        reasons = "；".join(f"{problem.header} {problem.place.cell}: {problem.message}".strip() for problem in found)
        book.write(sheet, number, 0, reasons, ColumnKind.TEXT, 0, font_color="#B42318", text_wrap=True)
    for index, value in enumerate(row):
        look = {"bg_color": "#FEE4E2"} if table.letters[index] in wrong else {}
        if value is not None or look:
            book.write(sheet, number, index + 1, value, ColumnKind.TEXT, 0, **look)
