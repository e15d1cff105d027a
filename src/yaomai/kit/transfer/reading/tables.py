"""The shapes that reading hands over: a grid as it stands in the file, and a table found in it."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import pyarrow as pa

from yaomai.kit.errors import Text

Range = tuple[int, int, int, int]
"""First row, first column, last row, last column of a merged area, counted from 0."""


def column_letters(index: int) -> str:
    """Return a column's letters as a spreadsheet shows them: 0 is A, 26 is AA."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


@dataclass(frozen=True, slots=True)
class Grid:
    """One sheet as text cells: equally long string columns, null where a cell is empty.

    `first_column` is the sheet's column in which the grid starts; rows start at the sheet's first.
    `delimited` says that the grid was cut at separators, so that a cell too many is a broken row.
    """

    sheet: str
    columns: tuple[pa.ChunkedArray, ...]
    first_column: int = 0
    merged: tuple[Range, ...] = ()
    delimited: bool = False

    @property
    def height(self) -> int:
        return len(self.columns[0]) if self.columns else 0

    def head(self, count: int) -> list[tuple[str | None, ...]]:
        """Return the first rows, row by row."""
        return list(zip(*(column.slice(0, count).to_pylist() for column in self.columns), strict=True))

    def rows(self, start: int, stop: int) -> list[tuple[str | None, ...]]:
        """Return some rows, row by row."""
        length = max(stop - start, 0)
        return list(zip(*(column.slice(start, length).to_pylist() for column in self.columns), strict=True))


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A row that is in the file but not in the table, and why: total, header or note."""

    sheet: str
    row: int
    reason: str
    text: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where a value stands: sheet, row and column as the spreadsheet shows them."""

    sheet: str
    row: int
    letters: str = ""

    @property
    def cell(self) -> str:
        return f"{self.letters}{self.row}"


@dataclass(frozen=True, slots=True)
class Table:
    """A table found in a file: named string columns, null where empty, and where each row stands.

    `rows` holds one string column per header, named "0", "1", … in order (headers may be empty or strange);
    `row_numbers` (int32) and `sheets` (dictionary of strings) have one value per row.
    """

    name: str
    headers: tuple[str, ...]
    letters: tuple[str, ...]
    rows: pa.Table
    row_numbers: pa.Array
    sheets: pa.DictionaryArray
    header_row: int
    left_out: tuple[LeftOut, ...] = ()
    notices: tuple[tuple[Text, dict[str, object]], ...] = field(default=())
    titles: tuple[str, ...] = ()
    """What stands above the header."""
    beside: tuple["Table", ...] = ()
    """Tables of other sheets, which were left out."""

    @property
    def height(self) -> int:
        return int(self.rows.num_rows)

    @property
    def fingerprint(self) -> str:
        """Return what makes two files "the same form": a digest of the headers in order."""
        return hashlib.sha256("\x1f".join(self.headers).encode()).hexdigest()

    def column(self, index: int) -> pa.ChunkedArray:
        return self.rows.column(index)

    def place(self, row: int, column: int | None = None) -> Place:
        """Return where the table's row (from 0) and column stand in the file."""
        letters = "" if column is None else self.letters[column]
        return Place(self.sheets[row].as_py(), self.row_numbers[row].as_py(), letters)

    def sample(self, count: int = 20) -> list[tuple[str | None, ...]]:
        """Return the first rows, row by row."""
        return list(zip(*(column.slice(0, count).to_pylist() for column in self.rows.columns), strict=True))

    def records(self, indices: Sequence[int]) -> Iterator[tuple[str | None, ...]]:
        """Return the rows at the given positions, row by row."""
        taken = self.rows.take(pa.array(indices, pa.int64()))
        return zip(*(column.to_pylist() for column in taken.columns), strict=True)

    def filter(self, kept: pa.Array) -> "Table":
        """Return the table with the rows where the boolean array is true."""
        return Table(
            name=self.name,
            headers=self.headers,
            letters=self.letters,
            rows=self.rows.filter(kept),
            row_numbers=self.row_numbers.filter(kept),
            sheets=self.sheets.filter(kept),
            header_row=self.header_row,
            left_out=self.left_out,
            notices=self.notices,
        )
