"""Columns of a list: what each shows, how it is written, how it sorts."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.utils.functional import Promise

from yaomai.kit.search import SearchVectorField
from yaomai.kit.ui.tables import Kind

Rows = Sequence[Any]
Loader = Callable[[Rows], Mapping[Any, Any]]


@dataclass(frozen=True, slots=True)
class Column:
    """One column. `name` is a field, a path ("territory__name"), or a name of its own with `value` or `load`.

    value: computes the cell from one row without a query.
    load:  computes the cells of a whole page at once: row keys -> values; at most one query.
    part:  of what a `load` that several columns share returns for a row, the value with this name.
    """

    name: str
    label: Promise | str = ""
    kind: Kind | None = None
    value: Callable[[Any], Any] | None = None
    load: Loader | None = None
    part: str = ""
    sortable: bool | None = None
    right: str = ""
    """Shown and exported only to actors with this right."""
    is_default: bool = True
    after: str = ""
    """Of a room above: the column behind which it stands; else at the end."""

    @property
    def is_computed(self) -> bool:
        return self.value is not None or self.load is not None


KINDS: "tuple[tuple[type[models.Field[Any, Any]], Kind], ...]" = (
    (models.BooleanField, "check"),
    (models.DateTimeField, "moment"),
    (models.DateField, "date"),
    (models.DecimalField, "number"),
    (models.IntegerField, "number"),
)


def resolve(model: type[models.Model], column: Column | str) -> Column:
    """Return the column complete: label, kind and sortability from the model's field.

    Raises:
        FieldDoesNotExist: the column names no field and computes nothing.
    """
    column = Column(column) if isinstance(column, str) else column
    field = field_at(model, column.name)
    if field is None:
        if not column.is_computed:
            raise FieldDoesNotExist(f"{model.__name__} has no field {column.name!r}")
        return replace(column, label=column.label or column.name, kind=column.kind or "text", sortable=False)
    usual: Kind = next((kind for base, kind in KINDS if isinstance(field, base)), "text")
    if field.name == "year":  # a name for a stretch of time, not an amount: no thousands in it
        usual = "text"
    sortable = column.sortable
    if sortable is None:
        sortable = not column.is_computed and not field.is_relation
    return replace(column, label=column.label or field.verbose_name, kind=column.kind or usual, sortable=sortable)


def field_at(model: type[models.Model], path: str) -> "models.Field[Any, Any] | None":
    """Return the concrete field at the end of a path, or None."""
    field: Any = None
    for part in path.split("__"):
        try:
            field = model._meta.get_field(part)
        except FieldDoesNotExist:
            return None
        if field.is_relation and field.related_model is not None:
            model = field.related_model
    return field if isinstance(field, models.Field) else None


def related_paths(model: type[models.Model], columns: Sequence[Column]) -> list[str]:
    """Return what `select_related` must join so that the plain columns cost no further query."""
    paths: set[str] = set()
    for column in columns:
        parts = column.name.split("__")
        field = field_at(model, column.name)
        if field is None:
            continue
        joined = parts if field.is_relation else parts[:-1]
        if joined:
            paths.add("__".join(joined))
    return sorted(paths)


def unread_paths(model: type[models.Model], joined: Sequence[str]) -> list[str]:
    """Return what rows are found by but never show, in the model and in what is joined to it."""
    found = []
    for path in ("", *joined):
        owner: Any = field_at(model, path).related_model if path else model  # type: ignore[union-attr]
        prefix = f"{path}__" if path else ""
        found += [
            f"{prefix}{field.name}" for field in owner._meta.concrete_fields if isinstance(field, SearchVectorField)
        ]
    return found


def cell(row: Any, column: Column) -> Any:
    """Return the plain value of a column for one row; choices give their label, relations their name."""
    if column.value is not None:
        return column.value(row)
    value = row
    parts = column.name.split("__")
    for part in parts[:-1]:
        value = getattr(value, part, None)
        if value is None:
            return None
    display = getattr(value, f"get_{parts[-1]}_display", None)
    if display is not None:
        # The choice that stands for "unknown" is empty: a dash says it, a word in every row would shout.
        return display() if getattr(value, parts[-1]) not in ("", None) else None
    value = getattr(value, parts[-1], None)
    return str(value) if isinstance(value, models.Model) else value


def cells(rows: Rows, columns: Sequence[Column]) -> list[list[Any]]:
    """Return the cells of a page, one list per row, with one call of each loader."""
    loaded = {load: load(rows) for load in dict.fromkeys(column.load for column in columns) if load is not None}
    labels = {column.name: _labels(type(rows[0]), column) for column in columns} if rows else {}

    def value(row: Any, column: Column) -> Any:
        if column.load is None:
            choices = labels[column.name]
            return _choice(choices, getattr(row, column.name)) if choices else cell(row, column)
        found = loaded[column.load].get(row.pk)
        return found.get(column.part) if column.part and found is not None else found

    return [[value(row, column) for column in columns] for row in rows]


def _labels(model: type[models.Model], column: Column) -> dict[Any, str]:
    """Return the labels of a column of choices in the reader's language; {} for any other column.

    As `cell` does, without the choice that stands for "unknown".
    """
    field = field_at(model, column.name) if not column.is_computed and "__" not in column.name else None
    choices = field.flatchoices if field is not None and field.choices else ()
    return {value: str(label) for value, label in choices if value not in ("", None)}


def _choice(labels: Mapping[Any, str], value: Any) -> Any:
    """Return the label of a value; one that is no choice any more is shown as it is."""
    return labels.get(value, value or None)
