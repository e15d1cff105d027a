"""What a database holds, table by table, as counts and hashes that are equal wherever the same rows are."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql

# The text form of values must not depend on the session, the server's version or its locale.
_SESSION = (
    "SET timezone = 'UTC'; SET datestyle = 'ISO, YMD'; SET intervalstyle = 'iso_8601'; SET extra_float_digits = 3;"
    "SET bytea_output = 'hex'; SET client_encoding = 'UTF8'; SET search_path = public, pg_catalog"
)
_TABLES = """
    SELECT c.oid::int, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = 'public' AND c.relkind = 'r' ORDER BY c.relname COLLATE "C"
"""
_COLUMNS = """
    SELECT a.attname, format_type(a.atttypid, NULL), coalesce(a.attnum = ANY(i.indkey::int2[]), false)
    FROM pg_attribute a LEFT JOIN pg_index i ON i.indrelid = a.attrelid AND i.indisprimary
    WHERE a.attrelid = %s AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attname COLLATE "C"
"""
_TEXTS = {"text", "character varying", "character", "name"}


@dataclass(frozen=True)
class Table:
    """The rows of one table: how many, and the SHA-256 of all of them in the order of their key."""

    rows: int
    sha256: str


def tables(
    connection: psycopg.Connection[Any], *, progress: Callable[[int, int, str], None] | None = None
) -> dict[str, Table]:
    """Return every table of the schema `public` with count and hash, as this transaction sees them."""
    connection.execute(_SESSION)
    found = connection.execute(_TABLES).fetchall()
    result = {}
    for number, (oid, name) in enumerate(found):
        if progress:
            progress(number, len(found), name)
        result[name] = _table(connection, oid, name)
    return result


def _table(connection: psycopg.Connection[Any], oid: int, name: str) -> Table:
    columns = connection.execute(_COLUMNS, [oid]).fetchall()
    keys = [column for column in columns if column[2]] or columns
    query = sql.SQL("COPY (SELECT {columns} FROM {table} ORDER BY {keys}) TO STDOUT").format(
        columns=sql.SQL(", ").join(sql.Identifier(column[0]) for column in columns),
        table=sql.Identifier(name),
        keys=sql.SQL(", ").join(_key(column[0], column[1], primary=bool(column[2])) for column in keys),
    )
    digest = hashlib.sha256("\t".join(column[0] for column in columns).encode() + b"\n")
    with connection.cursor() as cursor:
        with cursor.copy(query) as copy:
            for block in copy:
                digest.update(block)
        return Table(rows=cursor.rowcount, sha256=digest.hexdigest())


def _key(name: str, kind: str, *, primary: bool) -> sql.Composable:
    """Return a sort key whose order is the same under every collation, also for types that have no order."""
    if kind in _TEXTS:
        return sql.SQL('{} COLLATE "C"').format(sql.Identifier(name))
    return sql.Identifier(name) if primary else sql.SQL('{}::text COLLATE "C"').format(sql.Identifier(name))


def sequences(connection: psycopg.Connection[Any]) -> dict[str, int | None]:
    """Return the last value of every sequence, None for one never used."""
    rows = connection.execute(
        "SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = 'public' ORDER BY 1"
    )
    return {row[0]: row[1] for row in rows}


def differences(
    before: dict[str, Table], after: dict[str, Table], *, ignored: frozenset[str] = frozenset()
) -> list[str]:
    """Return the names of tables that are not equal."""
    names = (before.keys() | after.keys()) - ignored
    return sorted(name for name in names if before.get(name) != after.get(name))


def sequences_behind(least: dict[str, int | None], found: dict[str, int | None]) -> list[str]:
    """Return the names of sequences that are missing or would give a number out again."""
    return sorted(name for name, value in least.items() if name not in found or (found[name] or 0) < (value or 0))
