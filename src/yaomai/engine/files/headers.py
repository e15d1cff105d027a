"""Find the header of a table as people make them: below a title, over one or two rows with merged cells."""

import re
from collections.abc import Sequence

LOOKED_AT = 12
"""Rows at the beginning among which the header is."""
_VALUE = re.compile(r"^[-+(]?[\d.,/:%¥年月日\s-]+\)?$")


def header_of(rows: Sequence[Sequence[object]]) -> tuple[list[object], int] | None:
    """Return the names of the columns and how many rows end with the header; None when every row is blank.

    A single cell above a wider row is a title. Where cells of the header are merged, the row beneath names the
    columns: 商品信息 over 规格 and 批号 gives 商品信息 规格 and 商品信息 批号.
    """
    first = next((index for index, row in enumerate(rows) if _filled(row)), None)
    if first is None:
        return None
    while len(_filled(rows[first])) == 1 and any(len(_filled(row)) > 1 for row in rows[first + 1 :]):
        first += 1
        while not _filled(rows[first]):
            first += 1
    header = list(rows[first])
    beneath = list(rows[first + 1]) if first + 1 < len(rows) else []
    if not _continues(header, beneath):
        return header, first + 1
    return _joined(header, beneath), first + 2


def _filled(row: Sequence[object]) -> list[int]:
    return [position for position, cell in enumerate(row) if not _is_empty(cell)]


def _is_empty(cell: object) -> bool:
    return cell is None or not str(cell).strip()


def _continues(header: Sequence[object], beneath: Sequence[object]) -> bool:
    """Tell whether the row beneath names columns: it holds only labels, some of them under a merged cell."""
    filled = _filled(beneath)
    names = set(_filled(header))
    under_merged = [position for position in filled if position not in names and any(each < position for each in names)]
    return bool(under_merged) and all(
        isinstance(beneath[position], str) and not _VALUE.match(str(beneath[position]).strip()) for position in filled
    )


def _joined(header: Sequence[object], beneath: Sequence[object]) -> list[object]:
    names: list[object] = []
    above = ""
    for position in range(max(len(header), len(beneath))):
        own = header[position] if position < len(header) else ""
        below = beneath[position] if position < len(beneath) else ""
        if not _is_empty(own):
            above = str(own)
        if _is_empty(below):
            names.append(own)
        else:
            names.append(f"{above} {below}" if above else below)
    return names
