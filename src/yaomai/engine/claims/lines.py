"""The columns that detectors read. What a file or room does not know is null, and the detector that needs it is silent."""

from typing import Any, Final

import ibis
import ibis.expr.types as ir

REQUIRED: Final = ("line", "person", "day", "amount")
OPTIONAL: Final = {
    "recipient": "string", "institution": "string", "form": "string", "invoice": "string", "entered_at": "timestamp",
    "latitude": "float64", "longitude": "float64", "city": "string",
}  # fmt: skip
"""What else may be known, with its type: where `entered_at` is the local time at which the line was typed."""


KEYS: Final = ("line", "person", "recipient", "institution")


def standard_lines(table: ir.Table) -> ir.Table:
    """Return the table with every column of a line, in the types that detectors expect.

    Raises:
        KeyError: a required column is missing.
    """
    if missing := [name for name in REQUIRED if name not in table.columns]:
        raise KeyError(*missing)
    known = {
        name: (table[name] if name in table.columns else ibis.null()).cast(kind) for name, kind in OPTIONAL.items()
        if name not in KEYS
    }  # fmt: skip
    keys = {name: _key(table[name] if name in table.columns else ibis.null("string")) for name in KEYS}
    blank = {name: known[name].nullif("") for name in ("form", "invoice", "city")}
    return table.select(**keys, day=table.day.cast("date"), amount=table.amount.cast("float64"), **(known | blank))


def _key(column: Any) -> Any:
    """Return whole numbers as they are, which are quicker to compare, and anything else as text."""
    return column if column.type().is_integer() else column.cast("string").nullif("")
