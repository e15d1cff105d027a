"""How far apart the cells of a worksheet lie: a reader makes room for every cell between the first and the last.

One value in the last corner of a sheet would take half a terabyte. So each part of a workbook is looked at before it
is read; all that is there counts, whatever the part is called.
"""

import re
from dataclasses import dataclass
from typing import IO
from zipfile import ZipFile

import numpy as np
from numpy.typing import NDArray

_BLOCK = 1 << 20
_LONGEST = 12
"""Characters of a reference that are looked at; the last cell of a sheet, XFD1048576, has ten."""
OVERLAP = 32
"""Bytes of a block that are seen again with the next one: what is cut at its end is seen whole then."""
_BEYOND = 10**10
"""Stands for the number of a row or column that is longer than any."""
_IS_SPACE = np.zeros(256, bool)
_IS_SPACE[[0x09, 0x0A, 0x0D, 0x20]] = True
_ENDS_NAME = _IS_SPACE.copy()
_ENDS_NAME[[0x2F, 0x3E]] = True
_EMPTY = re.compile(rb'<(?:\w+:)?(?:c|row)(?:\s+[\w:]+="[\w .:]*")*\s*(?:/>|></(?:\w+:)?(?:c|row)>)')
_REFERENCE = re.compile(rb"\sr\s*=\s*[\"']([A-Za-z]*)([0-9]+)")
_ROW = re.compile(rb"<(?:\w+:)?row\b")
_CELL = re.compile(rb"<(?:\w+:)?c[\s/>]")


@dataclass(slots=True)
class Extent:
    """The rectangle around cells, rows and columns counted from 1."""

    top: int = _BEYOND
    left: int = _BEYOND
    bottom: int = 0
    right: int = 0
    is_odd: bool = False
    """Whether a cell has no reference, or one that is not written as all programs write it."""

    @property
    def cells(self) -> int:
        return max(self.bottom - self.top + 1, 0) * max(self.right - self.left + 1, 0)

    @property
    def last(self) -> str:
        """Return the corner farthest from A1, as a spreadsheet calls it."""
        letters, rest = "", self.right
        while rest:
            rest, letter = divmod(rest - 1, 26)
            letters = chr(ord("A") + letter) + letters
        return f"{letters}{self.bottom}"

    def see(self, block: bytes) -> None:
        """Include the references in a block, those of empty cells too; what begins at its very end waits for the next."""
        data = np.frombuffer(block, np.uint8)
        until = len(data) - _LONGEST - 3
        if until < 2:
            return
        starts = np.flatnonzero(data[1:until] == 0x72) + 1  # r
        starts = starts[_IS_SPACE[data[starts - 1]]]
        is_plain = (data[starts + 1] == 0x3D) & (data[starts + 2] == 0x22)  # ="
        other = data[starts[~is_plain] + 1]
        cells = np.flatnonzero(data[1:until] == 0x63) + 1  # c
        cells = cells[((data[cells - 1] == 0x3C) | (data[cells - 1] == 0x3A)) & _ENDS_NAME[data[cells + 1]]]
        self.is_odd |= bool((data[cells + 2] != 0x72).any() or (_IS_SPACE[other] | (other == 0x3D)).any())
        self._include(data, starts[is_plain] + 3)

    def _include(self, data: NDArray[np.uint8], starts: NDArray[np.intp]) -> None:
        columns, rows = np.zeros(len(starts), np.int64), np.zeros(len(starts), np.int64)
        is_letter, is_digit = np.ones(len(starts), bool), np.ones(len(starts), bool)
        for place in range(_LONGEST):
            characters = data[starts + place]
            letters, digits = (characters | 0x20) - np.uint8(0x61), characters - np.uint8(0x30)
            is_letter &= letters < 26
            is_digit &= is_letter | (digits < 10)
            if not is_digit.any():
                break
            columns = np.where(is_letter, columns * 26 + letters + 1, columns)
            rows = np.where(is_digit & ~is_letter, rows * 10 + digits, rows)
        columns[is_letter], rows[is_digit] = _BEYOND, _BEYOND
        columns, rows = np.minimum(columns, _BEYOND), np.minimum(rows, _BEYOND)
        # A row has a number and no letters; a text that only looks like a reference may have neither.
        columns, rows = columns[rows > 0], rows[rows > 0]
        if len(rows):
            self.top, self.bottom = min(self.top, int(rows.min())), max(self.bottom, int(rows.max()))
            cells = columns[columns > 0]
            self.left = min(self.left, int(cells.min()) if len(cells) else 1)
            self.right = max(self.right, int(columns.max()))

    def see_odd(self, block: bytes) -> None:
        """Include the references in a block however they are spaced and quoted."""
        for letters, digits in _REFERENCE.findall(block):
            column = 0
            for letter in letters[:_LONGEST].upper():
                column = column * 26 + letter - 64
            self.right = max(self.right, min(column, _BEYOND))
            self.bottom = max(self.bottom, int(digits) if len(digits) < _LONGEST else _BEYOND)

    def end(self, block: bytes) -> None:
        """See what is left of the last block."""
        self.see(block[-OVERLAP:] + b" " * OVERLAP)


def filled(stream: IO[bytes]) -> Extent:
    """Return the rectangle around what is not empty: many programs keep empty cells for their colour.

    Where cells go without references, it is as large as it may be at most: they follow one another.
    """
    extent, rows, cells, most = Extent(), 0, 0, 0
    rest = b""
    while True:
        block = stream.read(_BLOCK)
        text = rest + block
        # A row belongs together as far as a block goes: only whole ones are known to be empty.
        end = max(text.rfind(b"</row>"), text.rfind(b":row>")) + 6 if block else len(text)
        if end <= 6 and block and len(text) < 64 * _BLOCK:
            rest = text
            continue
        text, rest = text[:end], text[end:]
        text = _EMPTY.sub(b"", _EMPTY.sub(b"", text))
        extent.see(text)
        extent.end(text)
        if extent.is_odd:
            extent.see_odd(text)
        for number, part in enumerate(_ROW.split(text)):
            rows, cells = rows + bool(number), (0 if number else cells) + len(_CELL.findall(part))
            most = max(most, cells)
        if not block:
            break
    if extent.is_odd:
        extent.top = extent.left = 1
        extent.bottom, extent.right = extent.bottom + rows, extent.right + most
    return extent


def at_most(archive: ZipFile, name: str, *, cells: int) -> Extent:
    """Return the rectangle of a part of a workbook, empty cells left out where it is larger than `cells` with them."""
    extent = Extent()
    with archive.open(name) as part:
        block = part.read(_BLOCK)
        while block:
            extent.see(block)
            following = part.read(_BLOCK)
            if not following:
                extent.end(block)
            block = block[-OVERLAP:] + following if following else b""
    if extent.cells > cells or extent.is_odd:
        with archive.open(name) as part:
            return filled(part)
    return extent
