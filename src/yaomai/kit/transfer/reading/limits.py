"""How much a file may hold before it is refused."""

from dataclasses import dataclass

MEGABYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds that protect the machine; every one has a clear refusal."""

    file_bytes: int = 200 * MEGABYTE
    unpacked_bytes: int = 2048 * MEGABYTE
    unpacking_ratio: int = 300
    """Largest ratio of unpacked to packed bytes for anything that unpacks beyond `ratio_floor_bytes`."""
    ratio_floor_bytes: int = 64 * MEGABYTE
    nested_bytes: int = 512 * MEGABYTE
    """Largest file inside a .gz or .zip: it is unpacked in memory, several times over while it is read."""
    archive_entries: int = 5_000
    rows: int = 5_000_000
    columns: int = 1_000
    cells: int = 50_000_000
    """Largest rectangle around the cells of a sheet: 48 columns as long as a sheet can be."""
    cell_characters: int = 32_767
    """What a cell of a spreadsheet can hold."""


DEFAULT_LIMITS = Limits()
