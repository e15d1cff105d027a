"""What a file says of a row, in the words that its import understands: the way out of every importer."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db import models

from yaomai.kit.transfer.columns import Column, ColumnKind

BETWEEN = "、"
"""Between several values in one cell."""


def field_lines(rows: Sequence[Any], columns: Sequence[Column], fields: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    """Yield for each row what its own fields say: column name -> value; columns without a field are left out.

    Args:
        fields: column name -> field name, where they differ.
    """
    if not rows:
        return
    chosen = {
        column.name: (column, name)
        for column in columns
        if _is_field(type(rows[0]), name := fields.get(column.name, column.name))
    }
    related = [name for column, name in chosen.values() if column.kind is ColumnKind.REFERENCE]
    models.prefetch_related_objects(rows, *related)
    for row in rows:
        yield {name: value(row, field, column) for name, (column, field) in chosen.items()}


def _is_field(model: type[models.Model], name: str) -> bool:
    try:
        return isinstance(model._meta.get_field(name), models.Field)
    except FieldDoesNotExist:
        return False


def value(row: Any, field: str, column: Column) -> Any:
    """Return the value of a field as a file says it: choices by their label, references by what identifies them."""
    found = getattr(row, field)
    if column.kind is ColumnKind.REFERENCE:
        return reference(found)
    if column.choices:
        return next((str(choice.label) for choice in column.choices if choice.value == found), found)
    display = getattr(row, f"get_{field}_display", None)
    return (display() if found else "") if display is not None else found


def reference(row: Any) -> str:
    """Return how a file names another row: by its code where it has one, else by its name."""
    if row is None:
        return ""
    return next(filter(None, (getattr(row, name, "") for name in ("code", "username", "name"))), "") or str(row)
