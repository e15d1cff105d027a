"""Columns of a table as text, numbers, money and dates, however people wrote them; what is wrong is named."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from yaomai import spellings
from yaomai.engine.files import FileProblem, read_table, row_of
from yaomai.engine.files.cells import plain_text
from yaomai.spellings import DayOrder, NotReadable, ends_as_sum, reads_as_note, sums_others

MONEY: Final = pa.decimal128(18, 2)
LARGEST_MONEY: Final = 10**13
"""Ten trillion yuan: amounts below it add up exactly in DECIMAL(18, 2), and no line is worth more."""

_EXACT: Final = pa.decimal128(38, 9)
_PLAIN_NUMBER: Final = r"^-?\d{1,13}(\.\d{1,9})?$"
_PLAIN_DATE: Final = r"^(19|20)\d\d-(0[1-9]|1[0-2])-(0[1-9]|1\d|2[0-8])( \d\d:\d\d:\d\d)?$"
_CODES: Final = {"too_large": "number_range", "date_range": "date"}
"""What `spellings` says, as what is said of a file."""


_LIKE_TOTAL: Final = r"(?i)(计|总|汇|total)"
_NOTE_ROWS: Final = 20
_LABELS_IN: Final = 4
"""Columns in which a row that sums others says so."""


class Source:
    """A table with the file it came from, so that what is wrong can be found there."""

    def __init__(self, table: pa.Table, file: Path, sheet: str | None = None, left_out: Sequence[int] = ()) -> None:
        self.table = table
        self.file = file
        self.sheet = sheet
        self.left_out = left_out
        """Data rows of the file that sum others or are notes, and are not in the table."""

    @property
    def totals(self) -> int:
        return len(self.left_out)

    @classmethod
    def read(cls, file: Path, sheet: str | None = None) -> "Source":
        """Read a file; see `read_table`."""
        return cls(read_table(file, sheet=sheet), file, sheet)

    def row(self, index: int) -> int:
        """Give the number, in the file, of data row `index` (0 is the first)."""
        for position in self.left_out:
            index += position <= index
        return row_of(self.file, index, sheet=self.sheet)

    def only_lines(self, needed: Sequence[str]) -> "Source":
        """Return the rows that neither sum others nor are notes under the table.

        合计 sums others; 华东小计 does where a column that is needed is empty. A note is read from the end upwards.
        """
        texts = [column for column in self.table.columns[:_LABELS_IN] if pa.types.is_string(column.type)]
        suspected = _any([pc.match_substring_regex(column, _LIKE_TOTAL) for column in texts])
        left_out = sorted({*self._notes(needed), *(row for row in _true(suspected) if self._is_total(row, needed))})
        if not left_out:
            return self
        kept = np.ones(self.table.num_rows, dtype=bool)
        kept[left_out] = False
        return Source(self.table.filter(pa.array(kept)), self.file, self.sheet, left_out)

    def _notes(self, needed: Sequence[str]) -> list[int]:
        """Return the notes under the table: rows at its end that read so and lack what is needed."""
        found: list[int] = []
        for row in range(self.table.num_rows - 1, max(self.table.num_rows - _NOTE_ROWS, 0) - 1, -1):
            cells = [text for column in self.table.columns if (text := plain_text(column[row].as_py()))]
            lacks = any(not self.column(name)[row].is_valid for name in needed)
            if not cells:
                continue
            if not lacks or not (reads_as_note(cells[0]) or self._is_total(row, needed)):
                break
            found.append(row)
        return found

    def _is_total(self, row: int, needed: Sequence[str]) -> bool:
        cells = [cell for column in self.table.columns[:_LABELS_IN] if isinstance(cell := column[row].as_py(), str)]
        if any(sums_others(cell) for cell in cells):
            return True
        return any(map(ends_as_sum, cells)) and any(not self.column(name)[row].is_valid for name in needed)

    def problem(self, code: str, index: int, column: str, **params: object) -> FileProblem:
        """Make the problem with data row `index`."""
        return FileProblem(code, file=self.file, row=self.row(index), column=column, **params)

    def column(self, name: str) -> pa.ChunkedArray:
        """Give a column as it is; what stands under a merged heading is found by its own name too.

        Raises:
            FileProblem: there is none, or there are several of this name.
        """
        wanted, names = " ".join(name.split()), self.table.column_names
        found = [position for position, other in enumerate(names) if other == wanted] or [
            position for position, other in enumerate(names) if other.endswith(f" {wanted}")
        ]
        if len(found) != 1:
            code = "duplicate_column" if found else "missing_column"
            raise FileProblem(code, file=self.file, column=name, columns="、".join(self.table.column_names))
        return self.table.column(found[0])

    def text(self, name: str) -> pa.ChunkedArray:
        """Give a column as stripped text; whole numbers keep no decimal point, empty is null."""
        return _text(self.column(name))

    def identity(self, name: str) -> pa.ChunkedArray:
        """Give identifiers as int64 where the file has whole numbers, else as text: 00123 stays as it is."""
        values = self.column(name)
        kind = values.type
        return values.cast(pa.int64()) if pa.types.is_integer(kind) and kind != pa.uint64() else _text(values)

    def number(self, name: str) -> pa.ChunkedArray:
        """Give a column as float64; see `yaomai.spellings.decimal` for what is read.

        Raises:
            FileProblem: a value is not a number.
        """
        values = self.column(name)
        kind = values.type
        if pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind):
            numbers = values.cast(pa.float64(), safe=False)
            return self._finite(name, numbers)
        exact = self._read(name, _text(values), _PLAIN_NUMBER, spellings.decimal, _EXACT)
        return exact.cast(pa.string()).cast(pa.float64())  # by way of digits: Arrow's own cast is off in the last bit

    def money(self, name: str) -> pa.ChunkedArray:
        """Give a column as `MONEY`, exactly as written; further digits are rounded half up.

        Raises:
            FileProblem: a value is not an amount, or is `LARGEST_MONEY` or more.
        """
        values = self.column(name)
        if pa.types.is_floating(values.type):
            self._finite(name, values)
        texts = values if pa.types.is_decimal(values.type) and values.type.scale <= 9 else _text(values)
        if pa.types.is_decimal(texts.type) and texts.type.precision - texts.type.scale <= 29:
            exact = texts.cast(_EXACT)
        else:
            exact = self._read(name, _text(texts), _PLAIN_NUMBER, spellings.decimal, _EXACT)
        large = pc.index(pc.greater_equal(pc.abs(exact), pa.scalar(LARGEST_MONEY, _EXACT)), True).as_py()
        if large >= 0:
            raise self.problem("number_range", large, name, value=values[large].as_py())
        return pc.round(exact, 2, round_mode="half_towards_infinity").cast(MONEY)

    def date(self, name: str, order: DayOrder = DayOrder.UNKNOWN) -> pa.ChunkedArray:
        """Give a column as date32; see `yaomai.spellings.day` for what is read, a time of day is dropped.

        Without an `order`, 3/5/2026 is read as the other dates of the column are, if they can be read only one way.

        Raises:
            FileProblem: a value is not a date, or can be read in two ways.
        """
        values = self.column(name)
        if pa.types.is_timestamp(values.type) and values.type.tz:
            values = pc.local_timestamp(values)
        if pa.types.is_date(values.type) or pa.types.is_timestamp(values.type):
            return values.cast(pa.date32(), safe=False)
        texts = _text(values)
        if order is DayOrder.UNKNOWN:
            order = spellings.order_of(pc.unique(texts).to_pylist())
        return self._read(name, texts, _PLAIN_DATE, partial(spellings.day, order=order), pa.date32())

    def _read(
        self,
        name: str,
        texts: pa.ChunkedArray,
        plain: str,
        read: Callable[[str], object],
        target: pa.DataType,
    ) -> pa.ChunkedArray:
        """Convert plain spellings at once, and every other distinct one by careful reading."""
        usual = pc.fill_null(pc.match_substring_regex(texts, plain), True)
        cut = pc.utf8_slice_codeunits(texts, 0, 10) if pa.types.is_date(target) else texts
        converted = pc.if_else(usual, cut, pa.scalar(None, pa.string())).cast(target)
        if pc.all(usual).as_py() is not False:
            return converted
        rest = pc.if_else(usual, pa.scalar(None, pa.string()), texts).combine_chunks().dictionary_encode()
        parsed: list[object] = []
        for position, text in enumerate(rest.dictionary.to_pylist()):
            try:
                parsed.append(read(text))
            except NotReadable as error:
                index = pc.index(rest.indices, pa.scalar(position, rest.indices.type)).as_py()
                code = _CODES.get(error.code, error.code)
                raise self.problem(code, index, name, value=text) from None
        return pc.coalesce(converted, pa.chunked_array([pa.array(parsed, target).take(rest.indices)]))

    def _finite(self, name: str, numbers: pa.ChunkedArray) -> pa.ChunkedArray:
        """Give numbers with null for NaN, as data frames write nothing; refuse infinity."""
        numbers = pc.if_else(pc.is_nan(numbers), pa.scalar(None, numbers.type), numbers)
        infinite = pc.index(pc.is_inf(numbers), True).as_py()
        if infinite >= 0:
            raise self.problem("number", infinite, name, value=numbers[infinite].as_py())
        return numbers


def _text(values: pa.ChunkedArray) -> pa.ChunkedArray:
    if pa.types.is_dictionary(values.type):
        values = values.cast(values.type.value_type)
    if pa.types.is_large_string(values.type):
        values = values.cast(pa.string())
    if not pa.types.is_string(values.type):
        encoded = values.combine_chunks().dictionary_encode()
        texts = pa.array([plain_text(value) for value in encoded.dictionary.to_pylist()], pa.string())
        values = pa.chunked_array([texts.take(encoded.indices)])
    trimmed = pc.utf8_trim_whitespace(values)
    return pc.if_else(pc.equal(trimmed, ""), pa.scalar(None, pa.string()), trimmed)


def _any(flags: Sequence[pa.ChunkedArray]) -> pa.ChunkedArray:
    """Return in which rows any flag is set; unknown is not."""
    found = pa.chunked_array([], pa.bool_())
    for flag in flags:
        known = pc.fill_null(flag, False)
        found = known if not len(found) else pc.or_(found, known)
    return found


def _true(flags: pa.ChunkedArray) -> list[int]:
    return [int(row) for row in np.flatnonzero(np.asarray(flags, dtype=bool))]
