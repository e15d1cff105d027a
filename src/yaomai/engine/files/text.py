"""Text files of columns: CSV and the like in UTF-8, UTF-16 or GB18030, also packed by gzip."""

import codecs
import csv
import gzip
import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Final

import pyarrow as pa
import pyarrow.csv as arrow_csv

from yaomai.engine.files.cells import column_names
from yaomai.engine.files.headers import LOOKED_AT, header_of
from yaomai.engine.files.problems import UNPACKED_LIMIT, FileProblem

_BLOCK: Final = 1 << 20
_DELIMITERS: Final = ",\t;|"


def read_text(path: Path) -> pa.Table:
    """Read all columns as text, null for empty; titles above the header are passed over.

    Raises:
        FileProblem: no known encoding, no header, or a row with more or fewer columns than the header.
    """
    encoding = _encoding(path)
    with _rows(path, encoding) as (rows, delimiter):
        header, before, _rows_of_header = _header(rows, path)
    columns = column_names(header)
    bad: list[Any] = []

    def refuse(row: Any) -> str:
        bad.append(row)
        return "error"

    try:
        with _open(path) as stream:
            return arrow_csv.read_csv(
                stream,
                arrow_csv.ReadOptions(
                    column_names=[str(position) for position in range(len(columns))],
                    skip_rows=before,
                    encoding="utf-8" if encoding == "utf-8-sig" else encoding,
                    use_threads=False,  # only then does an invalid row know its number
                ),
                arrow_csv.ParseOptions(delimiter=delimiter, newlines_in_values=True, invalid_row_handler=refuse),
                arrow_csv.ConvertOptions(
                    column_types={str(position): pa.string() for position in range(len(columns))},
                    strings_can_be_null=True,
                    null_values=[""],
                ),
            ).rename_columns(columns)
    except pa.ArrowInvalid as error:
        if not bad:
            raise FileProblem("damaged", file=path, detail=str(error).splitlines()[0]) from error
        raise FileProblem(
            "ragged_row",
            file=path,
            row=bad[0].number or "?",
            found=bad[0].actual_columns,
            expected=bad[0].expected_columns,
        ) from error


def row_of_text(path: Path, index: int) -> int:
    """Give the number of the row, as a spreadsheet shows it, of data row `index`."""
    with _rows(path, _encoding(path)) as (rows, _delimiter):
        _names, _line, before = _header(rows, path)
    with _rows(path, _encoding(path)) as (rows, _delimiter):
        seen = -1
        for number, row in enumerate(rows, 1):
            seen += number > before and bool(row)
            if seen == index:
                return number
    return index + 2


def write_text(table: pa.Table, partial: Path, *, kind: str, packed: bool) -> None:
    """Write CSV (tabs for `.tsv`) in UTF-8 without a byte order mark."""
    with gzip.open(partial, "wb") if packed else partial.open("wb") as stream:
        # pyarrow 26 writes bytes that are not there before the rows of a table whose first chunk is empty.
        arrow_csv.write_csv(
            table.combine_chunks(),
            stream,
            arrow_csv.WriteOptions(delimiter="\t" if kind == ".tsv" else ",", quoting_style="needed"),
        )


def _open(path: Path) -> IO[bytes]:
    return gzip.open(path, "rb") if path.suffix.lower() == ".gz" else path.open("rb")  # type: ignore[return-value]


def _encoding(path: Path) -> str:
    """Find the encoding by decoding all of it: a guess from the beginning fails on the first late Chinese name."""
    try:
        with _open(path) as stream:
            head = stream.read(4)
        if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return "utf-16"
        for encoding in ("utf-8-sig", "gb18030"):
            if _decodes(path, encoding):
                return encoding
    except (EOFError, gzip.BadGzipFile) as error:
        raise FileProblem("damaged", file=path, detail=type(error).__name__) from error
    raise FileProblem("encoding", file=path)


def _decodes(path: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    read = 0
    try:
        with _open(path) as stream:
            while block := stream.read(_BLOCK):
                read += len(block)
                if read > UNPACKED_LIMIT and path.suffix.lower() == ".gz":
                    raise FileProblem("too_large", file=path, limit=UNPACKED_LIMIT // 1024**3)
                decoder.decode(block)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


@contextmanager
def _rows(path: Path, encoding: str) -> Iterator[tuple[Iterator[list[str]], str]]:
    """Give the rows as lists of cells ([] for a blank line), and the delimiter, which the first line shows."""
    with _open(path) as stream, io.TextIOWrapper(stream, encoding=encoding, newline="") as text:
        first = next((line for line in text if not _is_blank([line])), "")
        tabs = Path(path.name.lower().removesuffix(".gz")).suffix == ".tsv"
        delimiter = "\t" if tabs else max(_DELIMITERS, key=first.count)
    with _open(path) as stream, io.TextIOWrapper(stream, encoding=encoding, newline="") as text:
        yield csv.reader(text, delimiter=delimiter), delimiter


def _header(rows: Any, path: Path) -> tuple[list[object], int, int]:
    """Give the names of the columns, and how many lines, and how many rows, end with the header."""
    lead: list[list[str]] = []
    lines: list[int] = []
    filled = 0
    try:
        for row in rows:
            lead.append([] if _is_blank(row) else row)
            lines.append(rows.line_num)
            filled += bool(lead[-1])
            if filled == LOOKED_AT:
                break
    except csv.Error as error:
        raise FileProblem("damaged", file=path, detail=str(error)) from error
    found = header_of(lead)
    if found is None:
        raise FileProblem("empty", file=path)
    names, before = found
    return names, lines[before - 1], before


def _is_blank(cells: Sequence[str]) -> bool:
    return not any(cell.strip(" \t\r\n" + _DELIMITERS) for cell in cells)
