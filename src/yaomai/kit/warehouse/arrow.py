"""From PostgreSQL to Arrow: ADBC's binary COPY, in the snapshot of another connection, decimals exact."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

import psycopg
import pyarrow as pa
from psycopg.conninfo import make_conninfo

from yaomai.kit.warehouse.dataset import Dataset

MOST_DIGITS = 18
"""Digits that a 64-bit integer holds."""


@contextmanager
def arrow_cursor(reader: psycopg.Connection[Any]) -> Iterator[Any]:
    """Yield an ADBC cursor that sees exactly what the reader's transaction sees."""
    from adbc_driver_postgresql import dbapi

    exported = reader.execute("SELECT pg_export_snapshot()").fetchone()
    assert exported is not None
    info = reader.info
    address = make_conninfo("", **info.get_parameters(), **({"password": info.password} if info.password else {}))
    with dbapi.connect(address) as connection, connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        cursor.execute(f"SET TRANSACTION SNAPSHOT '{exported[0]}'")
        yield cursor


def select(reader: psycopg.Connection[Any], dataset: Dataset) -> str:
    """Return the query of a period, with %(start)s and %(end)s, in the dataset's order.

    A decimal whose digits fit travels as an integer of its smallest unit, any other as text: neither is rounded.
    """
    described = reader.execute(
        f"SELECT {_names(dataset)} FROM ({dataset.sql}) facts LIMIT 0",  # noqa: S608
        {"start": "-infinity", "end": "infinity"},
    ).description
    assert described is not None
    sent = ", ".join(
        f'{_sent(field, column.precision, column.scale)} AS "{field.name}"'
        for field, column in zip(dataset.schema, described, strict=True)
    )
    order = ", ".join(f'facts."{column}"' for column in dataset.order)
    return f"SELECT {sent} FROM ({dataset.sql}) facts ORDER BY {order}"  # noqa: S608


def _names(dataset: Dataset) -> str:
    return ", ".join(f'"{name}"' for name in dataset.schema.names)


def _sent(field: pa.Field, precision: int | None, scale: int | None) -> str:
    name = f'facts."{field.name}"'
    if pa.types.is_decimal(field.type):
        if precision is None or scale is None or not _fits(field.type, precision, scale):
            return f"{name}::text"
        return f"({name} * {10**field.type.scale})::bigint"
    return f"{name}::text" if pa.types.is_string(field.type) else name


def _fits(kind: pa.DataType, precision: int, scale: int) -> bool:
    return scale <= kind.scale and precision - scale + kind.scale <= MOST_DIGITS


def bound(reader: psycopg.Connection[Any], query: str, *, start: date, end: date) -> str:
    """Return the query with its period written in: COPY takes no parameters."""
    return psycopg.ClientCursor(reader).mogrify(query, {"start": start, "end": end})


def read_table(cursor: Any, dataset: Dataset, query: str) -> pa.Table:
    """Run the query and return its rows in the dataset's schema.

    Raises:
        pyarrow.ArrowInvalid: a value does not fit its declared type.
    """
    cursor.execute(query)
    sent = cursor.fetch_arrow_table().combine_chunks()
    columns = [_received(sent.column(field.name), field.type) for field in dataset.schema]
    return pa.Table.from_arrays(columns, schema=dataset.schema)


def _received(column: pa.ChunkedArray, kind: pa.DataType) -> pa.ChunkedArray:
    if pa.types.is_decimal(kind) and pa.types.is_integer(column.type):
        return pa.chunked_array([_of_units(chunk, kind) for chunk in column.chunks], kind)
    return column.cast(kind)


def _of_units(units: pa.Array, kind: pa.DataType) -> pa.Array:
    """Return integers of the smallest unit as decimals: the same bytes under a type with a scale."""
    whole = units.cast(pa.decimal128(19, 0))
    return pa.Array.from_buffers(kind, len(whole), whole.buffers(), whole.null_count, whole.offset)
