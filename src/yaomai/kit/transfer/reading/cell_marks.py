"""Error values and never-calculated formulas of a workbook, which the fast reader reports as empty cells."""

import posixpath
import re
import struct
import zipfile
from collections.abc import Iterator
from typing import BinaryIO
from xml.etree import ElementTree

from yaomai.kit.transfer.errors import CellsFarApart, FormulaNotCalculated
from yaomai.kit.transfer.reading import compound
from yaomai.kit.transfer.reading.tables import column_letters

Marks = dict[int, dict[int, str]]
"""Row -> column -> error text, both counted from 0 at A1."""

_BLOCK = 4 << 20
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_CELL = re.compile(rb"<(?:\w+:)?c\b([^>]*[^/>])>(.*?)</(?:\w+:)?c>", re.DOTALL)
_REFERENCE = re.compile(rb'\br="([A-Z]{1,3})(\d+)"')
_VALUE = re.compile(rb"<(?:\w+:)?v[^>]*>([^<]*)<")
_FORMULA = re.compile(rb"<(?:\w+:)?f[\s/>]")
_RESULT = re.compile(rb"<(?:\w+:)?(?:v|t)(?:\s[^>]*)?>[^<]")
_BIFF_RUN = 0x00BD
_BIFF_CELLS = frozenset((0x0006, 0x00D6, 0x00FD, 0x0203, 0x0204, 0x0205, 0x027E, _BIFF_RUN))
_BIFF_ERRORS = {
    0x00: "#NULL!",
    0x07: "#DIV/0!",
    0x0F: "#VALUE!",
    0x17: "#REF!",
    0x1D: "#NAME?",
    0x24: "#NUM!",
    0x2A: "#N/A",
}


def xlsx_marks(stream: BinaryIO, marked_parts: frozenset[str]) -> dict[str, Marks]:
    """Return the error cells by sheet name.

    Raises:
        FormulaNotCalculated: a formula has no stored result.
    """
    if not marked_parts:
        return {}
    found: dict[str, Marks] = {}
    with zipfile.ZipFile(stream) as archive:
        for sheet, part in _sheet_parts(archive).items():
            if part in marked_parts:
                found[sheet] = _part_marks(archive, part, sheet)
    return found


def _sheet_parts(archive: zipfile.ZipFile) -> dict[str, str]:
    """Return the part that holds each sheet. Parts with entities were refused before, so parsing is safe."""
    relations = {
        each.get("Id"): posixpath.normpath(posixpath.join("/xl", each.get("Target", ""))).lstrip("/")
        for each in ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))  # noqa: S314
    }
    workbook = ElementTree.fromstring(archive.read("xl/workbook.xml"))  # noqa: S314
    sheets = (each for each in workbook.iter() if each.tag.rpartition("}")[2] == "sheet")
    return {each.get("name", ""): relations.get(each.get(_RELATION), "") for each in sheets}


def _part_marks(archive: zipfile.ZipFile, part: str, sheet: str) -> Marks:
    marks: Marks = {}
    uncalculated: list[str] = []
    for attributes, body in _marked_cells(archive, part):
        reference = _REFERENCE.search(attributes)
        if reference is None:
            continue
        if b't="e"' in attributes:
            value = _VALUE.search(body)
            row, column = int(reference[2]) - 1, _column_index(reference[1].decode())
            marks.setdefault(row, {})[column] = value[1].decode("utf-8", "replace") if value else "#N/A"
        elif b't="str"' not in attributes and _FORMULA.search(body) and not _RESULT.search(body):
            uncalculated.append((reference[1] + reference[2]).decode())
    if uncalculated:
        raise FormulaNotCalculated(sheet=sheet, cell=uncalculated[0], count=len(uncalculated))
    return marks


def _marked_cells(archive: zipfile.ZipFile, part: str) -> Iterator[tuple[bytes, bytes]]:
    """Read a sheet in blocks that end at the end of a row."""
    rest = b""
    with archive.open(part) as stream:
        while block := stream.read(_BLOCK):
            text = rest + block
            end = max(text.rfind(b"</row>"), text.rfind(b":row>")) + 6
            rest = text[end:] if end > 6 else text
            if end > 6:
                yield from _cells_of_interest(text[:end])
    yield from _cells_of_interest(rest)


def _cells_of_interest(text: bytes) -> Iterator[tuple[bytes, bytes]]:
    if b"<f" not in text and b":f" not in text and b't="e"' not in text:
        return
    for match in _CELL.finditer(text):
        yield match[1], match[2]


def _column_index(letters: str) -> int:
    index = 0
    for letter in letters:
        index = index * 26 + ord(letter) - 64
    return index - 1


def xls_marks(content: bytes) -> dict[str, Marks]:
    """Return the error cells of a BIFF8 workbook by sheet name (source: [MS-XLS] BoolErr, Formula, BoundSheet8).

    Raises:
        CellsFarApart: a cell stands where no cell of such a workbook can.
    """
    container = compound.CompoundFile(content)
    stream = container.stream("Workbook" if "Workbook" in container.entries else "Book")
    names: dict[int, str] = {}
    found: dict[str, Marks] = {}
    sheet = ""
    offset = 0
    while offset + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, offset)
        body = offset + 4
        if kind == 0x0085:
            start, text = _bound_sheet(stream[body : body + length])
            names[start] = text
        elif kind == 0x0809:
            sheet = names.get(offset, "")
        elif kind in _BIFF_CELLS and max(stream[body + 3], stream[body + length - 1] if kind == _BIFF_RUN else 0) > 2:
            # Of 65,536 rows, so many columns are what `Limits.cells` allows; a sheet of this kind has 256.
            row, column = struct.unpack_from("<HH", stream, body)
            raise CellsFarApart(cell=f"{column_letters(column)}{row + 1}")
        elif kind in (0x0205, 0x0006) and sheet:
            mark = _biff_error(kind, stream, body)
            if mark is not None:
                row, column = struct.unpack_from("<HH", stream, body)
                found.setdefault(sheet, {}).setdefault(row, {})[column] = mark
        offset = body + length
    return found


def _bound_sheet(record: bytes) -> tuple[int, str]:
    start, count, wide = struct.unpack_from("<I2xBB", record)
    text = record[8:]
    return start, text[: count * 2].decode("utf-16-le", "replace") if wide & 1 else text[:count].decode("latin-1")


def _biff_error(kind: int, stream: bytes, body: int) -> str | None:
    if kind == 0x0205:
        code, is_error = stream[body + 6], stream[body + 7]
        return _BIFF_ERRORS.get(code, "#N/A") if is_error else None
    result = stream[body + 6 : body + 14]
    if result[6:8] == b"\xff\xff" and result[0] == 2:
        return _BIFF_ERRORS.get(result[2], "#N/A")
    return None
