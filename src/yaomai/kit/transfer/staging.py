"""Bulk rows on their way between Arrow and PostgreSQL: temporary tables filled by COPY."""

import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.csv as arrow_csv
from django.db import connection, models


def column_type(field: "models.Field[Any, Any]") -> str:
    """Return the type of the field's column in the database."""
    kind = field.db_type(connection)
    if kind is None:
        raise ValueError(f"{field.name} has no column")
    return kind


def concrete_field(model: type[models.Model], name: str) -> Any:
    """Return a field of the model that has a column."""
    field = model._meta.get_field(name)
    if not isinstance(field, models.Field):
        raise TypeError(f"{model.__name__}.{name} has no column")
    return field


def stage(name: str, types: Mapping[str, str], rows: pa.Table) -> None:
    """Make a temporary table, dropped at the end of the transaction, and fill it.

    Args:
        types: column -> database type; `rows` has a column of each of these names.
    """
    definitions = ", ".join(f"{quoted(column)} {kind}" for column, kind in types.items())
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS {quoted(name)}")
        cursor.execute(f"CREATE TEMPORARY TABLE {quoted(name)} ({definitions}) ON COMMIT DROP")
    copy_in(name, list(types), rows)
    with connection.cursor() as cursor:
        # The planner needs to know how many rows there are, and nothing of their content.
        cursor.execute(f"ANALYZE {quoted(name)} (row)")


def copy_in(name: str, columns: Sequence[str], rows: pa.Table) -> None:
    """Append rows to a table by COPY; null is NULL, an empty text stays an empty text."""
    statement = f"COPY {quoted(name)} ({', '.join(map(quoted, columns))}) FROM STDIN (FORMAT csv)"
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        copy.write(as_csv(rows.select(list(columns))))


def as_csv(rows: pa.Table) -> bytes:
    """Return rows as COPY reads them: values quoted, null as nothing."""
    if rows.num_rows == 0:
        return b""
    sink = io.BytesIO()
    options = arrow_csv.WriteOptions(include_header=False, quoting_style="all_valid")
    # pyarrow 26 writes bytes that are not there before the rows of a table whose first chunk is empty.
    arrow_csv.write_csv(rows.combine_chunks(), sink, options)
    return sink.getvalue()


def digest(alias: str, columns: Iterable[str]) -> str:
    """Return the SQL of a digest over a row's values in these columns."""
    values = ", ".join(f"{alias}.{quoted(column)}" for column in sorted(columns))
    return f"md5(ROW({values})::text)::uuid"


def kept_columns(model: type[models.Model], volatile: Iterable[str]) -> list[str]:
    """Return the columns that tell whether somebody changed a row."""
    return [str(field.column) for field in model._meta.concrete_fields if field.column not in set(volatile)]


def next_id(model: type[models.Model]) -> str:
    """Return the SQL of a new id; the sequence is looked up once, not for every row."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_get_serial_sequence(%s, 'id')", [quoted(model._meta.db_table)])
        (sequence,) = cursor.fetchone()
    return f"nextval('{sequence}'::regclass)"


def quoted(name: str) -> str:
    """Return an identifier as SQL; names come from models and declarations only, never from a file."""
    return str(connection.ops.quote_name(name))
