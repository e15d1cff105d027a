"""Find the table in a grid: titles above, header of one to three rows, totals between, notes beneath."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from django.utils.translation import gettext_lazy as _

from yaomai.kit.errors import Text
from yaomai.kit.transfer import errors
from yaomai.kit.transfer.reading import shapes
from yaomai.kit.transfer.reading.tables import Grid, LeftOut, Range, Table, column_letters
from yaomai.spellings import ends_as_sum, reads_as_note, sums_others

Row = Sequence[str | None]
Known = Callable[[str], bool]
"""Tells whether a text is a column name that the importer expects."""

HEAD_ROWS = 60
_HEADER_ROWS = 3
_NOTE_ROWS = 40
_EXCEL_ROWS = (65_536, 1_048_576)
_SPACE = r"[\s\x{a0}\x{3000}]*"  # to RE2, \s is ASCII alone
_MAYBE_TOTAL = (
    rf"(?i)(合{_SPACE}计|总{_SPACE}计|小{_SPACE}计|累{_SPACE}计|汇{_SPACE}总|共{_SPACE}计"
    rf"|totals?|合计数|合计金额|合计数量){_SPACE}[:：]?$"
)


def nothing_known(_text: str) -> bool:
    return False


@dataclass(frozen=True, slots=True)
class Header:
    """Header rows from `first` to `last` (from 0), and the joined name of each grid column."""

    first: int
    last: int
    names: tuple[str, ...]


def find_table(
    grid: Grid,
    *,
    name: str,
    known: Known = nothing_known,
    header_row: int | None = None,
    has_header: bool = True,
) -> Table:
    """Return the table in the grid.

    Args:
        known: tells an expected column name; two of them in a row make it the header.
        header_row: the last header row as the person counts, when the search went wrong.
        has_header: False when the first row is data; columns are then named by their letters.

    Raises:
        errors.HeaderNotFound, errors.DuplicateHeaders, errors.NoRows, errors.RaggedRow
    """
    head = grid.head(HEAD_ROWS if header_row is None else max(HEAD_ROWS, header_row + 20))
    header = _no_header(head) if not has_header else _find_header(grid, head, known, header_row)
    if header is None:
        raise errors.HeaderNotFound(sheet=grid.sheet)
    used = _used_columns(grid, header)
    _require_distinct(grid, header, used)
    body = pa.table(
        [grid.columns[index].slice(header.last + 1) for index in used],
        names=[str(n) for n in range(len(used))],
    )
    kept, left_out = _split(grid, header, body)
    if not kept.any():
        raise errors.NoRows(sheet=grid.sheet)
    numbers = np.flatnonzero(kept).astype(np.int32) + np.int32(header.last + 2)
    if grid.delimited:
        _require_straight(header, used, body, kept)
    whole = bool(kept.all())
    return Table(
        name=name,
        headers=tuple(header.names[index] for index in used),
        letters=tuple(column_letters(grid.first_column + index) for index in used),
        rows=body if whole else body.filter(pa.array(kept)),
        row_numbers=pa.array(numbers),
        sheets=pa.DictionaryArray.from_arrays(pa.array(np.zeros(len(numbers), np.int32)), pa.array([grid.sheet])),
        header_row=header.last + 1,
        left_out=tuple(left_out),
        notices=_notices(grid),
        titles=_titles(head, header),
    )


def _titles(head: Sequence[Row], header: Header) -> tuple[str, ...]:
    return tuple(dict.fromkeys(cell for row in head[: header.first] for cell in row if cell))


def _notices(grid: Grid) -> tuple[tuple[Text, dict[str, object]], ...]:
    if grid.delimited or grid.height not in _EXCEL_ROWS:
        return ()
    full = _("Sheet “%(sheet)s” is full to its last row (%(rows)s). Rows may be missing: export the data in parts.")
    return ((full, {"sheet": grid.sheet, "rows": grid.height}),)


# --- header ---


def _no_header(head: list[tuple[str | None, ...]]) -> Header | None:
    first = next((index for index, row in enumerate(head) if any(row)), None)
    return None if first is None else Header(first, first - 1, ("",) * len(head[first]))


def _find_header(grid: Grid, head: Sequence[Row], known: Known, header_row: int | None) -> Header | None:
    if header_row is not None:
        last = header_row - 1
        return _joined(grid, head, last, last) if 0 <= last < len(head) and any(head[last]) else None
    usual = _usual_width(head)
    for index, row in enumerate(head):
        if _filled(row) and _is_header(head, index, usual, known):
            last = _last_header_row(grid, head, index, known)
            return _joined(grid, head, index, last)
    return None


def _filled(row: Row) -> int:
    return sum(cell is not None for cell in row)


def _usual_width(head: Sequence[Row]) -> int:
    """Return how many cells a row of the table usually has: the upper quartile of the filled counts."""
    counts = sorted(filled for filled in map(_filled, head) if filled)
    return counts[len(counts) * 3 // 4] if counts else 0


def _is_header(head: Sequence[Row], index: int, usual: int, known: Known) -> bool:
    cells = [cell for cell in head[index] if cell is not None]
    if sum(known(shapes.header_text(cell)) for cell in cells) >= min(2, usual):
        return True
    if usual < 2 or len(cells) < max(2, (usual + 1) // 2):
        return False
    names = sum(shapes.is_label(cell) or shapes.is_year(cell) for cell in cells)
    if names < len(cells) * 0.6:
        return False
    for_header, against = _contrast(head, index)
    return for_header >= against


def _contrast(head: Sequence[Row], index: int) -> tuple[int, int]:
    """Count columns of values with a label in this row, and with a value in this row."""
    labels = values = 0
    for column, cell in enumerate(head[index]):
        beneath = [row[column] for row in head[index + 1 :] if column < len(row) and row[column] is not None]
        if cell is None or not beneath:
            continue
        if sum(shapes.is_value(each) for each in beneath if each) >= len(beneath) * 0.7:
            if shapes.is_value(cell) and not (
                shapes.is_year(cell) and not all(map(shapes.is_year, filter(None, beneath)))
            ):
                values += 1
            else:
                labels += 1
    return labels, values


def _last_header_row(grid: Grid, head: Sequence[Row], first: int, known: Known) -> int:
    last = first
    while last - first + 1 < _HEADER_ROWS and last + 1 < len(head) and _continues(grid, head, last, known):
        last += 1
    return last


def _continues(grid: Grid, head: Sequence[Row], last: int, known: Known) -> bool:
    """Tell whether the row after `last` still belongs to the header."""
    row, below = head[last], head[last + 1]
    cells = [cell for cell in below if cell is not None]
    if not cells or not all(shapes.is_label(cell) or shapes.is_year(cell) for cell in cells):
        return False
    spans = [area for area in grid.merged if area[0] <= last <= area[2] and area[3] > area[1]]
    if any(below[column] for area in spans for column in _grid_columns(grid, area) if column < len(below)):
        return True
    down = [area for area in grid.merged if area[0] <= last < area[2] and area[3] == area[1]]
    if down:
        return True
    gaps = [column for column, cell in enumerate(row) if cell is None and below[column] is not None]
    if not gaps or sum(cell is not None for cell in row) < 1:
        return False
    labels, values = _contrast(head, last + 1)
    return (labels > values and labels > 0) or all(known(shapes.header_text(below[column] or "")) for column in gaps)


def _grid_columns(grid: Grid, area: Range) -> range:
    return range(max(area[1] - grid.first_column, 0), area[3] - grid.first_column + 1)


def _joined(grid: Grid, head: Sequence[Row], first: int, last: int) -> Header:
    width = len(grid.columns)
    parts: list[list[str]] = [[] for _column in range(width)]
    for index in range(first, last + 1):
        for column, cell in enumerate(_spread(grid, head, index, last)):
            text = shapes.header_text(cell) if cell else ""
            if text and (not parts[column] or parts[column][-1] != text):
                parts[column].append(text)
    return Header(first, last, tuple(" ".join(each) for each in parts))


def _spread(grid: Grid, head: Sequence[Row], index: int, last: int) -> list[str | None]:
    """Repeat an upper header over the columns it spans: by its merged area, or by the gaps to its right."""
    row = list(head[index])
    if index == last:
        return row
    for area in grid.merged:
        if area[0] == index and area[3] > area[1]:
            columns = [column for column in _grid_columns(grid, area) if column < len(row)]
            for column in columns:
                row[column] = row[columns[0]]
    if grid.merged:
        return row
    below = head[index + 1]
    for column in range(1, len(row)):
        if row[column] is None and below[column] is not None and below[column - 1] is not None:
            row[column] = row[column - 1]
    return row


def _used_columns(grid: Grid, header: Header) -> list[int]:
    """Return the columns that have a name, or data without a name."""
    return [
        index
        for index, column in enumerate(grid.columns)
        if header.names[index] or column.slice(header.last + 1).null_count < len(column) - header.last - 1
    ]


def _require_distinct(grid: Grid, header: Header, used: Sequence[int]) -> None:
    places: dict[str, list[str]] = {}
    for index in used:
        if header.names[index]:
            places.setdefault(header.names[index], []).append(column_letters(grid.first_column + index))
    for name, letters in places.items():
        if len(letters) > 1:
            raise errors.DuplicateHeaders(
                header=name, letters="、".join(letters), sheet=grid.sheet, row=header.last + 1
            )


def _require_straight(header: Header, used: Sequence[int], body: pa.Table, kept: np.ndarray) -> None:
    """Refuse a text table in which a row has more cells than the header: its values have slipped."""
    named = [position for position, index in enumerate(used) if header.names[index]]
    if not named:
        return
    for position in range(named[-1] + 1, len(used)):
        extra = np.flatnonzero(kept & _mask(pc.is_valid(body.column(position))))
        if len(extra):
            raise errors.RaggedRow(row=int(extra[0]) + header.last + 2, found=position + 1, expected=named[-1] + 1)


# --- rows ---


def _mask(values: pa.ChunkedArray | pa.Array) -> np.ndarray:
    array = values.combine_chunks() if isinstance(values, pa.ChunkedArray) else values
    return np.asarray(pc.fill_null(array, False).to_numpy(zero_copy_only=False), dtype=bool)


def _split(grid: Grid, header: Header, body: pa.Table) -> tuple[np.ndarray, list[LeftOut]]:
    """Return which rows are data, and the rows that are totals, repeated headers or notes."""
    filled = np.zeros(body.num_rows, np.int32)
    maybe_total = np.zeros(body.num_rows, bool)
    for column in body.columns:
        filled += _mask(pc.is_valid(column))
        maybe_total |= _mask(pc.match_substring_regex(column, _MAYBE_TOTAL))
    kept = filled > 0
    left_out: list[LeftOut] = []
    usual = int(np.percentile(filled[kept], 75)) if kept.any() else 0

    def leave(row: int, reason: str, cells: Row) -> None:
        kept[row] = False
        text = " ".join(cell for cell in cells if cell)[:200]
        left_out.append(LeftOut(grid.sheet, row + header.last + 2, reason, text))

    for row in np.flatnonzero(maybe_total).tolist():
        cells = _cells(body, row)
        if is_totals_row(cells, usual):
            leave(row, "total", cells)
    for row in _repeated_headers(header, body, kept):
        leave(row, "header", _cells(body, row))
    for row in _notes(body, kept, filled, usual):
        leave(row, "note", _cells(body, row))
    return kept, sorted(left_out, key=lambda each: each.row)


def _cells(body: pa.Table, row: int) -> list[str | None]:
    return [column[row].as_py() for column in body.columns]


def is_totals_row(cells: Row, usual: int) -> bool:
    """Tell whether a row sums others: it is called so in one of its first cells, and some cells are empty."""
    texts = [cell for cell in cells if cell is not None]
    if any(sums_others(text) for text in texts[:3]):
        return True
    return len(texts) < usual and any(ends_as_sum(text) for text in texts[:3])


def _repeated_headers(header: Header, body: pa.Table, kept: np.ndarray) -> list[int]:
    """Return rows that repeat the header, as printed pages do."""
    names = [name for name in header.names if name]
    if len(names) < 2 or body.num_columns < 2:
        return []
    same = kept.copy()
    for column, name in zip(body.columns[:2], names[:2], strict=False):
        same &= _mask(pc.equal(column, name))
    return [int(row) for row in np.flatnonzero(same)]


def _notes(body: pa.Table, kept: np.ndarray, filled: np.ndarray, usual: int) -> list[int]:
    """Return the lines under the table: from the end upwards, sparse rows that read as notes or stand apart."""
    found: list[int] = []
    rows = np.flatnonzero(filled > 0)[::-1][:_NOTE_ROWS]
    few = max(1, usual // 3)
    for position, row in enumerate(rows):
        if not kept[row]:
            continue
        cells = [cell for cell in _cells(body, int(row)) if cell]
        above = rows[position + 1] if position + 1 < len(rows) else -1
        apart = row - above > 1 or not kept[above]
        is_note = reads_as_note(cells[0]) and usual > 1
        if filled[row] > max(few, usual - 1) or not (is_note or (usual >= 3 and filled[row] <= few and apart)):
            break
        found.append(int(row))
    return found
