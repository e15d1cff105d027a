"""Reading and writing of tables as files: CSV (UTF-8, GB18030), Excel and Parquet, chosen by suffix."""

import codecs
import csv
import gzip
import io
import os
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from pathlib import Path
from typing import IO, Any, Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as arrow_csv
import python_calamine as calamine
import xlsxwriter
from pyarrow import parquet

from .file_problems import FileProblem

__all__ = [
    "FileProblem",
    "date_column",
    "number_column",
    "parse_date",
    "parse_number",
    "read_table",
    "text_column",
    "write_table",
]

EXCEL_SUFFIXES: Final = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")
TEXT_SUFFIXES: Final = (".csv", ".tsv", ".txt")
PARQUET_SUFFIXES: Final = (".parquet", ".pq")
EXCEL_ROW_LIMIT: Final = 1_048_576
UNPACKED_LIMIT: Final = 2 * 1024**3
_BLOCK: Final = 1 << 20


def read_table(path: Path | str, *, sheet: str | int = 0) -> pa.Table:
    """Read one table; the first row that is not blank is the header.

    CSV columns are all text (so that codes keep their leading zeros) with null for empty; Excel columns are
    int64, float64, bool, date32, timestamp or text, whichever holds every cell; Parquet keeps its types.

    Raises:
        FileProblem: the file cannot be read as a table.
    """
    path = Path(path)
    if not path.is_file():
        raise FileProblem("missing", file=path)
    kind = _kind(path)
    if kind in PARQUET_SUFFIXES:
        return _read_parquet(path)
    return _read_excel(path, sheet) if kind in EXCEL_SUFFIXES else _read_text(path)


def write_table(table: pa.Table, path: Path | str) -> None:
    """Write a table by the suffix of `path`: whole or not at all (a temporary file is renamed when complete).

    CSV is UTF-8 without a byte order mark; text in Excel is always text, never a formula.

    Raises:
        FileProblem: the suffix is unknown, or the table has more rows than Excel holds.
    """
    path = Path(path)
    kind = _kind(path)
    if kind in EXCEL_SUFFIXES and kind != ".xlsx":
        raise FileProblem("suffix", file=path)
    if kind == ".xlsx" and table.num_rows >= EXCEL_ROW_LIMIT:
        raise FileProblem("excel_rows", rows=table.num_rows)
    with _replacing(path) as partial:
        if kind in PARQUET_SUFFIXES:
            parquet.write_table(table, partial, compression="zstd")
        elif kind == ".xlsx":
            _write_excel(table, partial)
        else:
            _write_text(
                table,
                partial,
                delimiter=_delimiter_of(kind),
                packed=path.suffix.lower() == ".gz",
            )


def text_column(table: pa.Table, column: str, *, file: Path | str = "") -> pa.ChunkedArray:
    """Give a column as stripped text; whole numbers keep no decimal point, empty is null.

    Raises:
        FileProblem: there is no such column.
    """
    values = _column(table, column, file)
    if not pa.types.is_string(values.type):
        values = pa.chunked_array([pa.array([_as_text(value) for value in values.to_pylist()], pa.string())])
    trimmed = pc.utf8_trim_whitespace(values)
    return pc.if_else(pc.equal(trimmed, ""), None, trimmed)


def number_column(table: pa.Table, column: str, *, file: Path | str = "") -> pa.ChunkedArray:
    """Give a column as float64: full-width digits, thousands separators, ¥ and (1.00) for -1.00 are read.

    Raises:
        FileProblem: a value is not a number (file, row, column and value are named), or there is no such column.
    """
    values = _column(table, column, file)
    if pa.types.is_integer(values.type) or pa.types.is_floating(values.type) or pa.types.is_decimal(values.type):
        return values.cast(pa.float64(), safe=False)
    return _converted(values, column, file, "number", pa.float64(), parse_number)


def money_column(table: pa.Table, column: str, *, file: Path | str = "") -> pa.ChunkedArray:
    """Give a column as decimal128(18, 2), exactly as written; further digits are rounded half up.

    Raises:
        FileProblem: a value is not an amount (file, row, column and value are named), or there is no such column.
    """
    values = _column(table, column, file)
    if values.type in (pa.decimal128(18, 2), pa.decimal128(16, 2)):
        return values.cast(pa.decimal128(18, 2))
    return _converted(values, column, file, "number", pa.decimal128(18, 2), parse_money)


def filled_column(values: pa.ChunkedArray, column: str, *, file: Path | str = "") -> pa.ChunkedArray:
    """Give back a column in which every row has a value.

    Raises:
        FileProblem: a row has none (file, row and column are named).
    """
    if values.null_count:
        row = pc.index(pc.is_null(values), True).as_py() + 2
        raise FileProblem("no_value", file=file, row=row, column=column)
    return values


def date_column(table: pa.Table, column: str, *, file: Path | str = "") -> pa.ChunkedArray:
    """Give a column as date32: dates, timestamps, Excel day numbers, 2026-01-31, 2026/1/31, 20260131, 2026年1月31日.

    Raises:
        FileProblem: a value is not a date (file, row, column and value are named), or there is no such column.
    """
    values = _column(table, column, file)
    if pa.types.is_date(values.type) or pa.types.is_timestamp(values.type):
        return values.cast(pa.date32(), safe=False)
    return _converted(values, column, file, "date", pa.date32(), parse_date)


def parse_number(value: object) -> float:
    """Read one number as people write it.

    Raises:
        ValueError: it is none.
    """
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        return float(value)
    text = _number_text(value)
    number = float(text[:-1]) / 100 if text.endswith("%") else float(text)
    if number - number != 0:
        raise ValueError(value)
    return number


def parse_money(value: object) -> Decimal:
    """Read one amount of money as people write it, rounded half up to two digits.

    Raises:
        ValueError: it is none, or too large.
    """
    try:
        amount = value if isinstance(value, Decimal) else Decimal(_number_text(value))
        cents = amount.quantize(Decimal("0.01"), ROUND_HALF_UP)
    except InvalidOperation as error:
        raise ValueError(value) from error
    if not cents.is_finite() or abs(cents) >= Decimal(10) ** 16:
        raise ValueError(value)
    return cents


def parse_date(value: object) -> date:
    """Read one date as people write it; a time of day is dropped.

    Raises:
        ValueError: it is none.
    """
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool) and value < 100_000:
        return _EXCEL_EPOCH + timedelta(days=int(value))
    text = _as_text(value) or ""
    text = text.translate(_FULL_WIDTH).strip().translate(_DATE_MARKS).rstrip("-").split("T")[0].split(" ")[0]
    if text.isdigit() and len(text) == 8:
        return date(int(text[:4]), int(text[4:6]), int(text[6:]))
    if text.isdigit() and len(text) == 5:
        return _EXCEL_EPOCH + timedelta(days=int(text))
    year, month, day = (int(part) for part in text.split("-"))
    if year < 1000:
        raise ValueError(value)
    return date(year, month, day)


def _number_text(value: object) -> str:
    text = str(value).translate(_FULL_WIDTH).strip().replace(",", "").lstrip("¥￥").replace(" ", "")
    return "-" + text[1:-1] if text.startswith("(") and text.endswith(")") else text


_EXCEL_EPOCH: Final = date(1899, 12, 30)
_FULL_WIDTH: Final = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}
_DATE_MARKS: Final = str.maketrans({"/": "-", ".": "-", "年": "-", "月": "-", "日": None})


def _kind(path: Path) -> str:
    name = path.name.lower()
    suffix = Path(name[:-3]).suffix if name.endswith(".gz") else Path(name).suffix
    known = TEXT_SUFFIXES if name.endswith(".gz") else TEXT_SUFFIXES + EXCEL_SUFFIXES + PARQUET_SUFFIXES
    if suffix not in known:
        raise FileProblem("suffix", file=path)
    return suffix


def _column(table: pa.Table, column: str, file: Path | str) -> pa.ChunkedArray:
    if column not in table.column_names:
        raise FileProblem(
            "missing_column",
            file=file,
            column=column,
            columns="、".join(table.column_names),
        )
    return table.column(column)


def _converted(
    values: pa.ChunkedArray,
    column: str,
    file: Path | str,
    code: str,
    target: pa.DataType,
    parse: Callable[[object], object],
) -> pa.ChunkedArray:
    """Parse each distinct value once; real columns repeat few dates and amounts."""
    chunks: list[pa.Array] = []
    start = 0
    for chunk in values.chunks:
        encoded = chunk.dictionary_encode()
        parsed: list[object] = []
        for position, value in enumerate(encoded.dictionary.to_pylist()):
            if value is None or (isinstance(value, str) and not value.strip()):
                parsed.append(None)
                continue
            try:
                parsed.append(parse(value))
            except (ValueError, OverflowError):
                row = start + pc.index(encoded.indices, pa.scalar(position, encoded.indices.type)).as_py() + 2
                raise FileProblem(code, file=file, row=row, column=column, value=value) from None
        chunks.append(pa.array(parsed, target).take(encoded.indices))
        start += len(chunk)
    return pa.chunked_array(chunks, target)


def _as_text(value: object) -> str | None:
    if value is None:
        return None
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time.min else value.isoformat(sep=" ")
    return str(value)


# --- Parquet ---


def _read_parquet(path: Path) -> pa.Table:
    try:
        return parquet.read_table(path)
    except (pa.ArrowInvalid, OSError) as error:
        raise FileProblem("damaged", file=path, detail=type(error).__name__) from error


# --- text ---


def _delimiter_of(kind: str) -> str:
    return "\t" if kind == ".tsv" else ","


def _open(path: Path) -> IO[bytes]:
    return gzip.open(path, "rb") if path.suffix.lower() == ".gz" else path.open("rb")  # type: ignore[return-value]


def _encoding(path: Path) -> str:
    """Find the encoding by decoding all of it: a guess from the beginning fails on the first late Chinese name."""
    with _open(path) as stream:
        head = stream.read(4)
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    for encoding in ("utf-8-sig", "gb18030"):
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
            continue
        except (EOFError, gzip.BadGzipFile, OSError) as error:
            raise FileProblem("damaged", file=path, detail=type(error).__name__) from error
        return encoding
    raise FileProblem("encoding", file=path)


def _header(path: Path, encoding: str, kind: str) -> tuple[list[str], int, str]:
    """Give the column names, the number of lines up to and with the header, and the delimiter."""
    with (
        _open(path) as stream,
        io.TextIOWrapper(stream, encoding=encoding, newline="") as text,
    ):
        before = 0
        line = text.readline()
        while line and not line.strip(" \t\r\n,;"):
            before += 1
            line = text.readline()
        if not line:
            raise FileProblem("empty", file=path)
        delimiter = "\t" if kind == ".tsv" else max(",\t;|", key=line.count)
        lines = iter([line])

        def rest() -> Iterator[str]:
            yield from lines
            yield from text

        reader = csv.reader(rest(), delimiter=delimiter)
        names = next(reader)
        return names, before + reader.line_num, delimiter


def _read_text(path: Path) -> pa.Table:
    encoding = _encoding(path)
    names, header_lines, delimiter = _header(path, encoding, _kind(path))
    columns = _column_names(names, path)

    def refuse(row: Any) -> str:
        bad.append(row)
        return "error"

    bad: list[Any] = []
    try:
        with _open(path) as stream:
            return arrow_csv.read_csv(
                stream,
                arrow_csv.ReadOptions(
                    column_names=columns,
                    skip_rows=header_lines,
                    encoding="utf-8" if encoding == "utf-8-sig" else encoding,
                    use_threads=False,  # only then does an invalid row know its number
                ),
                arrow_csv.ParseOptions(
                    delimiter=delimiter,
                    newlines_in_values=True,
                    invalid_row_handler=refuse,
                ),
                arrow_csv.ConvertOptions(
                    column_types=dict.fromkeys(columns, pa.string()),
                    strings_can_be_null=True,
                    null_values=[""],
                ),
            )
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


def _write_text(table: pa.Table, partial: Path, *, delimiter: str, packed: bool) -> None:
    with gzip.open(partial, "wb") if packed else partial.open("wb") as stream:
        arrow_csv.write_csv(
            table,
            stream,
            arrow_csv.WriteOptions(delimiter=delimiter, quoting_style="needed"),
        )


def _column_names(cells: Sequence[object], path: Path) -> list[str]:
    names = [" ".join((_as_text(cell) or "").split()) or f"column_{position}" for position, cell in enumerate(cells, 1)]
    for name in names:
        if names.count(name) > 1:
            raise FileProblem("duplicate_column", file=path, column=name)
    return names


# --- Excel ---


def _read_excel(path: Path, sheet: str | int) -> pa.Table:
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > UNPACKED_LIMIT:
                raise FileProblem("too_large", file=path, limit=UNPACKED_LIMIT // 1024**3)
    try:
        with calamine.load_workbook(str(path)) as workbook:
            page = workbook.get_sheet_by_name(sheet) if isinstance(sheet, str) else workbook.get_sheet_by_index(sheet)
            rows = page.to_python(skip_empty_area=False)
    except calamine.PasswordError as error:
        raise FileProblem("password", file=path) from error
    except (calamine.CalamineError, OSError) as error:
        raise FileProblem("damaged", file=path, detail=str(error) or type(error).__name__) from error
    first = next(
        (index for index, row in enumerate(rows) if any(cell != "" for cell in row)),
        None,
    )
    if first is None:
        raise FileProblem("empty", file=path)
    header = list(rows[first])
    while header and header[-1] == "":
        header.pop()
    width = len(header)
    for index, row in enumerate(rows[first + 1 :], first + 2):
        if any(cell != "" for cell in row[width:]):
            raise FileProblem("ragged_row", file=path, row=index, found=len(row), expected=width)
    body = [row[:width] for row in rows[first + 1 :]]
    while body and all(cell == "" for cell in body[-1]):
        body.pop()
    columns = zip(*body, strict=True) if body else [()] * width
    return pa.table([_excel_column(cells) for cells in columns], names=_column_names(header, path))


def _excel_column(cells: Sequence[object]) -> pa.Array:
    """Choose the narrowest type that holds every cell; text when they are mixed."""
    values = [None if cell == "" else cell for cell in cells]
    kinds = {type(value) for value in values if value is not None}
    if kinds and kinds <= {int, float}:
        whole = all(value is None or float(value).is_integer() for value in values)  # type: ignore[arg-type]
        return pa.array(values, pa.int64() if whole else pa.float64())
    if kinds == {bool}:
        return pa.array(values, pa.bool_())
    if kinds and kinds <= {date, datetime}:
        midnight = all(not isinstance(value, datetime) or value.time() == time.min for value in values)
        return pa.array(values, pa.date32() if midnight else pa.timestamp("us"))
    return pa.array([_as_text(value) for value in values], pa.string())


def _write_excel(table: pa.Table, partial: Path) -> None:
    options = {"constant_memory": True, "nan_inf_to_errors": True}
    with xlsxwriter.Workbook(str(partial), options) as workbook:
        page = workbook.add_worksheet()
        bold = workbook.add_format({"bold": True})
        day = workbook.add_format({"num_format": "yyyy-mm-dd"})
        moment = workbook.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        page.freeze_panes(1, 0)
        for column, name in enumerate(table.column_names):
            page.write_string(0, column, name, bold)
        row = 1
        for batch in table.to_batches(max_chunksize=10_000):
            for cells in zip(*(values.to_pylist() for values in batch.columns), strict=True):
                for column, value in enumerate(cells):
                    if value is None:
                        continue
                    if isinstance(value, bool):
                        page.write_boolean(row, column, value)
                    elif isinstance(value, int | float | Decimal):
                        page.write_number(row, column, value)
                    elif isinstance(value, date):
                        page.write_datetime(
                            row,
                            column,
                            value,
                            moment if isinstance(value, datetime) else day,
                        )
                    else:
                        page.write_string(row, column, str(value))
                row += 1


@contextmanager
def _replacing(path: Path) -> Iterator[Path]:
    """Give a temporary path beside `path` that takes its place when the block ends well."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        yield partial
        with partial.open("rb+") as stream:
            os.fsync(stream.fileno())
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)
