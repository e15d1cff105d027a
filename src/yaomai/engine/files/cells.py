"""Cells of any file as text."""

from collections.abc import Sequence
from datetime import datetime, time


def column_names(cells: Sequence[object]) -> list[str]:
    """Give each column its name without blanks around or doubled inside; an empty one gets its number."""
    return [
        " ".join("" if cell is None else str(cell).split()) or f"column_{position}"
        for position, cell in enumerate(cells, 1)
    ]


def plain_text(value: object) -> str | None:
    """Write a value as text: whole numbers keep no decimal point, midnight is no time of day."""
    if value is None or value != value:
        return None
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time.min else value.isoformat(sep=" ")
    return str(value)
