"""Reading and writing of tables as files: CSV (UTF-8, GB18030), Excel and Parquet, chosen by suffix."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pyarrow as pa
from pyarrow import parquet

from yaomai.engine.files.excel import ROW_LIMIT, read_excel, row_of_excel, write_excel
from yaomai.engine.files.problems import FileProblem
from yaomai.engine.files.text import read_text, row_of_text, write_text

__all__ = ["FileProblem", "read_table", "require_place", "require_writable", "row_of", "write_document", "write_table"]

_EXCEL: Final = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")
_TEXT: Final = (".csv", ".tsv", ".txt")
_PARQUET: Final = (".parquet", ".pq")


def read_table(path: Path | str, *, sheet: str | None = None) -> pa.Table:
    """Read one table; titles above the header are passed over, and merged headings joined: see `headers`.

    CSV columns are all text (so that codes keep their leading zeros) with null for empty; Excel columns are
    int64, float64, bool, date32, timestamp or text, whichever holds every cell; Parquet keeps its types.

    Raises:
        FileProblem: the file cannot be read as a table.
    """
    path = Path(path)
    if not path.is_file():
        raise FileProblem("missing", file=path)
    kind = _kind(path)
    if kind in _EXCEL:
        return read_excel(path, sheet)
    return _read_parquet(path) if kind in _PARQUET else read_text(path)


def row_of(path: Path | str, index: int, *, sheet: str | None = None) -> int:
    """Give the number of the row in which data row `index` (0 is the first) stands, as a spreadsheet counts.

    Reads the file once more: for naming what is wrong. Parquet has no header; its first row is 1.
    """
    path = Path(path)
    if not path.is_file():
        return index + 2
    kind = _kind(path)
    if kind in _EXCEL:
        return row_of_excel(path, sheet, index)
    return index + 1 if kind in _PARQUET else row_of_text(path, index)


def require_writable(path: Path | str, *, inputs: tuple[Path | None, ...]) -> None:
    """Refuse an output before anything is computed for it.

    Raises:
        FileProblem: a suffix that cannot be written, a folder, or one of the inputs.
    """
    path = Path(path)
    if (kind := _kind(path)) in _EXCEL and kind != ".xlsx":
        raise FileProblem("suffix", file=path)
    require_place(path, inputs=inputs)


def require_place(path: Path, *, inputs: tuple[Path | None, ...]) -> None:
    """Refuse to write over a folder or an input, whatever the suffix.

    Raises:
        FileProblem: a folder, or one of the inputs.
    """
    if path.is_dir():
        raise FileProblem("folder", file=path)
    if path.exists() and any(one is not None and one.exists() and path.samefile(one) for one in inputs):
        raise FileProblem("own_input", file=path)


def write_table(table: pa.Table, path: Path | str) -> None:
    """Write a table by the suffix of `path`: whole or not at all (a temporary file is renamed when complete).

    CSV is UTF-8 without a byte order mark; text in Excel is always text, never a formula.

    Raises:
        FileProblem: the suffix is unknown, or the table has more rows than Excel holds.
    """
    path = Path(path)
    require_writable(path, inputs=())
    kind = _kind(path)
    if kind in _EXCEL and table.num_rows >= ROW_LIMIT:
        raise FileProblem("excel_rows", rows=table.num_rows)
    with _replacing(path) as partial:
        if kind in _PARQUET:
            parquet.write_table(table, partial, compression="zstd")
        elif kind in _EXCEL:
            write_excel(table, partial)
        else:
            write_text(table, partial, kind=kind, packed=path.suffix.lower() == ".gz")


def write_document(text: str, path: Path) -> None:
    """Write a text as UTF-8: whole or not at all."""
    with _replacing(path) as partial:
        partial.write_text(text, encoding="utf-8")


def _kind(path: Path) -> str:
    name = path.name.lower()
    suffix = Path(name.removesuffix(".gz")).suffix
    known = _TEXT if name.endswith(".gz") else _TEXT + _EXCEL + _PARQUET
    if suffix not in known:
        raise FileProblem("suffix", file=path)
    return suffix


def _read_parquet(path: Path) -> pa.Table:
    try:
        return parquet.read_table(path)
    except (pa.ArrowInvalid, OSError) as error:
        raise FileProblem("damaged", file=path, detail=type(error).__name__) from error


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
