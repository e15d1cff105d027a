"""Workbooks: any that Excel or LibreOffice writes are read, `.xlsx` is written."""

import lzma
import zipfile
import zlib
from collections.abc import Sequence
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import python_calamine as calamine
import xlsxwriter

from yaomai import extents
from yaomai.engine.files.cells import column_names, plain_text
from yaomai.engine.files.headers import LOOKED_AT, header_of
from yaomai.engine.files.problems import UNPACKED_LIMIT, FileProblem

ROW_LIMIT: Final = 1_048_576
CELL_LIMIT: Final = 60_000_000
"""Cells between the first and the last; the reader takes about a hundred bytes for each."""
_EXACT: Final = 10**15
"""Whole numbers from here on lose digits in Excel, which keeps fifteen: they are written as text."""


def read_excel(path: Path, sheet: str | None) -> pa.Table:
    """Read a sheet, the first one without `sheet`; titles above the header are passed over.

    Columns are int64, float64, bool, date32, timestamp or text, whichever holds every cell.

    Raises:
        FileProblem: no workbook, a password, no such sheet, several sheets with rows and none named, no header, or
            cells beside the header's columns.
    """
    rows = _rows(path, sheet)
    header, before = _header(rows, path)
    width = len(header)
    for index, row in enumerate(rows[before:], before + 1):
        if any(cell != "" for cell in row[width:]):
            raise FileProblem("ragged_row", file=path, row=index, found=len(row), expected=width)
    body = [[*row[:width], *[""] * (width - len(row))] for row in rows[before:]]
    while body and all(cell == "" for cell in body[-1]):
        body.pop()
    columns = zip(*body, strict=True) if body else [()] * width
    return pa.table([_column(cells) for cells in columns], names=column_names(header))


def row_of_excel(path: Path, sheet: str | None, index: int) -> int:
    """Give the number of the row, as Excel shows it, of data row `index`."""
    return _header(_rows(path, sheet), path)[1] + index + 1


def write_excel(table: pa.Table, partial: Path) -> None:
    """Write one sheet with a frozen header; text is always text, never a formula."""
    options = {"constant_memory": True, "nan_inf_to_errors": True}
    with xlsxwriter.Workbook(str(partial), options) as workbook:
        page = workbook.add_worksheet()
        bold = workbook.add_format({"bold": True})
        formats: dict[type, Any] = {
            date: workbook.add_format({"num_format": "yyyy-mm-dd"}),
            datetime: workbook.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"}),
        }
        page.freeze_panes(1, 0)
        for column, name in enumerate(table.column_names):
            page.write_string(0, column, name, bold)
        row = 1
        for batch in table.to_batches(max_chunksize=10_000):
            for cells in zip(*(values.to_pylist() for values in batch.columns), strict=True):
                for column, value in enumerate(cells):
                    _write_cell(page, row, column, value, formats)
                row += 1


def _write_cell(page: Any, row: int, column: int, value: object, formats: dict[type, Any]) -> None:
    if value is None:
        return
    if isinstance(value, bool):
        page.write_boolean(row, column, value)
    elif isinstance(value, int | float | Decimal) and -_EXACT < value < _EXACT:
        page.write_number(row, column, value)
    elif isinstance(value, date):
        page.write_datetime(row, column, value, formats[type(value)])
    else:
        page.write_string(row, column, str(value))


def _rows(path: Path, sheet: str | None) -> list[list[Any]]:
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > UNPACKED_LIMIT:
                raise FileProblem("too_large", file=path, limit=UNPACKED_LIMIT // 1024**3)
            _require_near(archive, path)
    try:
        with calamine.load_workbook(str(path)) as workbook:
            name = sheet or _only_sheet(workbook, path)
            if name not in workbook.sheet_names:
                raise FileProblem("no_sheet", file=path, sheet=name, sheets="、".join(workbook.sheet_names))
            rows: list[list[Any]] = workbook.get_sheet_by_name(name).to_python(skip_empty_area=False)
            return rows
    except calamine.PasswordError as error:
        raise FileProblem("password", file=path) from error
    except (calamine.CalamineError, OSError) as error:
        raise FileProblem("damaged", file=path, detail=str(error) or type(error).__name__) from error


def _require_near(archive: zipfile.ZipFile, path: Path) -> None:
    """Refuse cells that lie too far apart: the reader makes room for all between them."""
    try:
        for name in archive.namelist():
            extent = extents.at_most(archive, name, cells=CELL_LIMIT)
            if extent.cells > CELL_LIMIT:
                raise FileProblem("far_cell", file=path, cell=extent.last)
    except (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, NotImplementedError, RuntimeError) as error:
        raise FileProblem("damaged", file=path, detail=str(error) or type(error).__name__) from error


def _only_sheet(workbook: Any, path: Path) -> str:
    """Give the sheet that has rows; which of several is meant is not guessed."""
    names: list[str] = workbook.sheet_names
    if len(names) > 1:
        filled = [name for name in names if workbook.get_sheet_by_name(name).height > 1]
        if len(filled) > 1:
            raise FileProblem("several_sheets", file=path, sheets="、".join(filled))
        names = filled or names
    return names[0]


def _header(rows: Sequence[Sequence[Any]], path: Path) -> tuple[list[object], int]:
    """Give the names of the columns, and how many rows end with the header."""
    lead = next((index for index, row in enumerate(rows) if any(cell != "" for cell in row)), 0)
    found = header_of(rows[: lead + LOOKED_AT])
    if found is None:
        raise FileProblem("empty", file=path)
    names, before = found
    while names and names[-1] == "":
        names.pop()
    return names, before


def _column(cells: Sequence[object]) -> pa.Array:
    """Choose the narrowest type that holds every cell; text when they are mixed."""
    values = [None if cell == "" else cell for cell in cells]
    kinds = {type(value) for value in values if value is not None}
    if kinds and kinds <= {int, float}:
        numbers = [None if value is None else float(value) for value in values]  # type: ignore[arg-type]
        whole = all(number is None or (number.is_integer() and abs(number) < 2**63) for number in numbers)
        return pa.array(numbers, pa.float64()).cast(pa.int64()) if whole else pa.array(numbers, pa.float64())
    if kinds == {bool}:
        return pa.array(values, pa.bool_())
    if kinds and kinds <= {date, datetime}:
        midnight = all(not isinstance(value, datetime) or value.time() == time.min for value in values)
        return pa.array(values, pa.date32() if midnight else pa.timestamp("us"))
    return pa.array([plain_text(value) for value in values], pa.string())
