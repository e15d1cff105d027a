"""Sheets of .xlsx and .xls workbooks as grids of text, read by calamine."""

import struct
import zlib
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import Any
from xml.etree import ElementTree

import pyarrow as pa
import pyarrow.compute as pc
import python_calamine as calamine

from yaomai.kit.transfer import errors
from yaomai.kit.transfer.reading import compound
from yaomai.kit.transfer.reading.cell_marks import Marks, xls_marks, xlsx_marks
from yaomai.kit.transfer.reading.containers import Kind, Opened
from yaomai.kit.transfer.reading.limits import Limits
from yaomai.kit.transfer.reading.tables import Grid
from yaomai.spellings import UNSEEN

_CHUNK_ROWS = 20_000
_EXACT_WHOLE = 1e15
"""Whole numbers below this are exact in a cell and are written without an exponent."""
BLANK = " \t\r\n\v\f\u00a0\u202f\u205f\u2060\u3000\ufeff" + "".join(map(chr, range(0x2000, 0x200C)))
"""Characters that look like nothing at the ends of a cell."""


def read_grids(opened: Opened, limits: Limits, *, sheet: str | None = None) -> Iterator[Grid]:
    """Yield the visible sheets that hold anything.

    Raises:
        errors.FileRefused: the workbook is damaged, protected, or holds uncalculated formulas.
    """
    marks = _marks(opened)
    try:
        with calamine.load_workbook(str(opened.path) if opened.path else opened.stream) as workbook:
            for metadata in _chosen(workbook, sheet):
                page = workbook.get_sheet_by_name(metadata.name)
                if page.end is not None:
                    yield _grid(page, metadata.name, marks.get(metadata.name, {}), limits)
    except calamine.PasswordError:
        raise errors.PasswordProtected from None
    except (calamine.CalamineError, OSError, ValueError):
        raise errors.FileDamaged from None


def _marks(opened: Opened) -> dict[str, Marks]:
    opened.stream.seek(0)
    try:
        if opened.kind is Kind.XLSX:
            return xlsx_marks(opened.stream, opened.marked_parts)
        return xls_marks(opened.stream.read())
    except (LookupError, ValueError, struct.error, ElementTree.ParseError, zlib.error):
        # Also where a part says that it is written in an encoding that does not exist, or in one of several bytes.
        raise errors.FileDamaged from None
    except compound.Malformed:
        raise errors.FileTruncated from None
    finally:
        opened.stream.seek(0)


def _chosen(workbook: calamine.CalamineWorkbook, sheet: str | None) -> Iterator[calamine.SheetMetadata]:
    pages = [each for each in workbook.sheets_metadata if each.typ == calamine.SheetTypeEnum.WorkSheet]
    if any(each.typ == calamine.SheetTypeEnum.MacroSheet for each in workbook.sheets_metadata):
        raise errors.MacroWorkbook
    if sheet is None:
        yield from (each for each in pages if each.visible == calamine.SheetVisibleEnum.Visible)
        return
    chosen = [each for each in pages if each.name == sheet]
    if not chosen:
        raise errors.SheetMissing(sheet=sheet, sheets="、".join(each.name for each in pages))
    yield from chosen


def _grid(page: calamine.CalamineSheet, name: str, marks: Marks, limits: Limits) -> Grid:
    start, end = page.start or (0, 0), page.end or (0, 0)
    width = end[1] - start[1] + 1
    if width > limits.columns:
        raise errors.TooManyColumns(sheet=name, count=width, limit=limits.columns)
    if end[0] >= limits.rows:
        raise errors.TooManyRows(limit=limits.rows)
    chunks: list[list[pa.Array]] = [[] for _column in range(width)]
    rows = page.iter_rows()
    first = 0
    while block := list(islice(rows, _CHUNK_ROWS)):
        _apply(marks, block, first, start[1])
        for chunk, cells in zip(chunks, zip(*block, strict=True), strict=True):
            texts = as_text(cells)
            require_short(texts, name, first, limits)
            chunk.append(texts)
        first += len(block)
    merged = tuple((top, left, bottom, right) for (top, left), (bottom, right) in page.merged_cell_ranges or ())
    columns = tuple(pa.chunked_array(chunk, pa.string()) for chunk in chunks)
    return Grid(sheet=name, columns=columns, first_column=start[1], merged=merged)


def _apply(marks: Marks, block: list[list[Any]], first: int, left: int) -> None:
    """Write the error texts into the cells that the reader left empty."""
    if not marks:
        return
    for offset, row in enumerate(block):
        for column, text in marks.get(first + offset, {}).items():
            if 0 <= column - left < len(row):
                row[column - left] = text


def as_text(cells: Sequence[Any]) -> pa.Array:
    """Return cells as trimmed text, null where nothing is left: 2.0 is "2", dates are ISO, booleans TRUE, FALSE."""
    kinds = set(map(type, cells))
    if kinds == {str}:
        texts = pa.array(cells, pa.string())
    elif kinds == {date}:
        return pc.cast(pa.array(cells, pa.date32()), pa.string())
    elif kinds == {float} and max(map(abs, cells)) < _EXACT_WHOLE:
        return pc.cast(pa.array(cells, pa.float64()), pa.string())
    else:
        texts = pa.array([_TEXT[type(cell)](cell) for cell in cells], pa.string())
    return trimmed(texts)


def require_short(texts: pa.Array, sheet: str, first: int, limits: Limits) -> None:
    """Refuse a cell beyond what a spreadsheet holds; `first` is the row (from 0) of the first text."""
    longest = pc.max(pc.binary_length(texts)).as_py() or 0
    if longest > limits.cell_characters:
        place = pc.index(pc.greater(pc.utf8_length(texts), limits.cell_characters), True).as_py()
        if place >= 0:
            raise errors.CellTooLong(sheet=sheet, row=first + place + 1, limit=limits.cell_characters)


def trimmed(texts: pa.Array) -> pa.Array:
    """Return texts without what nobody sees, nor blanks at their ends; null where nothing is left."""
    together = pc.binary_join(pa.ListArray.from_arrays([0, len(texts)], pc.fill_null(texts, "")), "")
    if pc.any(pc.match_substring_regex(together, UNSEEN)).as_py():
        texts = pc.replace_substring_regex(texts, UNSEEN, "")
    texts = pc.utf8_trim(texts, characters=BLANK)
    return pc.if_else(pc.equal(texts, ""), pa.scalar(None, pa.string()), texts)


def _number(value: float) -> str:
    if abs(value) < 1e21 and value.is_integer():
        return str(int(value))
    return repr(value)


def _moment(value: datetime) -> str:
    if value.time() == time.min:
        return value.date().isoformat()
    return value.isoformat(sep=" ", timespec="seconds")


_TEXT: dict[type, Any] = {
    str: str,
    float: _number,
    int: str,
    bool: lambda value: "TRUE" if value else "FALSE",
    date: date.isoformat,
    datetime: _moment,
    time: lambda value: value.isoformat(timespec="seconds"),
    timedelta: str,
}
