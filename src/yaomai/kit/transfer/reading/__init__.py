"""Read a table out of any file people really have.

    table = read_table(Path("流向.xlsx"))
    table.headers, table.rows, table.place(0)

A file is identified by its content; what cannot be read is refused with the reason and the mend. Cells come as
text exactly as they stand (`kit.transfer.values` converts them), with sheet and row beside each of them.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pyarrow as pa
from django.utils.translation import gettext_lazy as _

from yaomai.kit.errors import Text
from yaomai.kit.transfer import errors
from yaomai.kit.transfer.reading import delimited, workbooks
from yaomai.kit.transfer.reading.containers import Kind, open_file
from yaomai.kit.transfer.reading.limits import DEFAULT_LIMITS, Limits
from yaomai.kit.transfer.reading.structure import Known, find_table, nothing_known
from yaomai.kit.transfer.reading.tables import Grid, LeftOut, Place, Table

__all__ = [
    "DEFAULT_LIMITS",
    "Grid",
    "LeftOut",
    "Limits",
    "Place",
    "Table",
    "accepted",
    "read_grids",
    "read_table",
    "register_format",
]

_HEAD = 4_096
_TABLES = (".xlsx", ".xls", ".et", ".csv", ".tsv", ".txt", ".gz", ".zip")


@dataclass(frozen=True, slots=True)
class Format:
    """Files that are no tables, and how they become one: `recognises` is asked with the first bytes."""

    endings: tuple[str, ...]
    recognises: Callable[[bytes], bool]
    read: Callable[[bytes], Grid]


_formats: list[Format] = []


def register_format(
    endings: tuple[str, ...], *, recognises: Callable[[bytes], bool], read: Callable[[bytes], Grid]
) -> None:
    """Let files of another kind be imported, such as lists of references; `read` raises `errors.FileRefused`."""
    _formats.append(Format(endings, recognises, read))


def accepted() -> str:
    """Return the endings of what can be read, as a file field takes them."""
    return ",".join((*_TABLES, *(ending for each in _formats for ending in each.endings)))


def read_grids(
    path: Path, *, name: str | None = None, sheet: str | None = None, limits: Limits = DEFAULT_LIMITS
) -> list[Grid]:
    """Return the sheets of a file as they stand, empty and hidden ones left away.

    Raises:
        errors.FileRefused: what is wrong, and the mend.
    """
    other = _other_format(path, limits)
    if other is not None:
        return [other.read(path.read_bytes())]
    opened = open_file(path, name=name or path.name, limits=limits)
    with opened.stream:
        if opened.kind is Kind.TEXT:
            return [delimited.read_grid(opened, limits)]
        grids = [grid for grid in workbooks.read_grids(opened, limits, sheet=sheet) if _holds_anything(grid)]
    if not grids:
        raise errors.FileEmpty
    return grids


def _other_format(path: Path, limits: Limits) -> Format | None:
    if not path.is_file() or path.stat().st_size > limits.file_bytes:
        return None  # which is refused as any other file would be
    with path.open("rb") as file:
        head = file.read(_HEAD)
    return next((each for each in _formats if each.recognises(head)), None)


def _holds_anything(grid: Grid) -> bool:
    return any(column.null_count < len(column) for column in grid.columns)


def read_table(
    path: Path,
    *,
    name: str | None = None,
    sheet: str | None = None,
    known: Known = nothing_known,
    header_row: int | None = None,
    has_header: bool = True,
    limits: Limits = DEFAULT_LIMITS,
) -> Table:
    """Return the table of a file; sheets with the same columns are joined, others are left out with a notice.

    Args:
        name: the file's own name, when `path` is a stored copy.
        sheet: read this sheet only.
        known: tells an expected column name, which makes finding the header certain.
        header_row: the last header row, as the person counts, when the search went wrong.
        has_header: False when the first row is data.

    Raises:
        errors.FileRefused: what is wrong, and the mend.
    """
    shown = name or path.name
    tables: list[Table] = []
    failures: list[errors.FileRefused] = []
    for grid in read_grids(path, name=shown, sheet=sheet, limits=limits):
        try:
            tables.append(find_table(grid, name=shown, known=known, header_row=header_row, has_header=has_header))
        except (errors.HeaderNotFound, errors.NoRows) as error:
            failures.append(error)
    if not tables:
        raise failures[0]
    return _join(tables, failures, known)


def _join(tables: Sequence[Table], failures: Sequence[errors.FileRefused], known: Known) -> Table:
    groups: dict[tuple[str, ...], list[Table]] = {}
    for table in tables:
        groups.setdefault(table.headers, []).append(table)
    expected = {headers: sum(map(known, headers)) for headers in groups}
    _headers, chosen = max(groups.items(), key=lambda item: (expected[item[0]], sum(table.height for table in item[1])))
    beside = tuple(table for table in tables if table.headers != chosen[0].headers)
    others = [table.sheets[0].as_py() for table in beside]
    others += [str(failure.params["sheet"]) for failure in failures]
    notices = [notice for table in chosen for notice in table.notices]
    if others:
        left: Text = _("These sheets have other columns and were left out: %(sheets)s.")
        notices.append((left, {"sheets": "、".join(others)}))
    if len(chosen) == 1:
        return replace(chosen[0], notices=tuple(notices), beside=beside)
    return replace(
        chosen[0],
        rows=pa.concat_tables([table.rows for table in chosen]),
        row_numbers=pa.concat_arrays([table.row_numbers for table in chosen]),
        sheets=pa.chunked_array([table.sheets for table in chosen]).unify_dictionaries().combine_chunks(),
        left_out=tuple(row for table in chosen for row in table.left_out),
        notices=tuple(notices),
        titles=tuple(dict.fromkeys(title for table in chosen for title in table.titles)),
        beside=beside,
    )
