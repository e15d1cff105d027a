"""The SQL of an import into a model: match, compare, write, all rows at once.

Names of tables and columns come from models; values never become part of a statement.
"""

# ruff: noqa: S608 - identifiers are quoted and come from models; values are parameters

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from uuid import uuid4

import numpy as np
import pyarrow as pa
from django.contrib.postgres.indexes import GinIndex
from django.db import connection, models
from django.db.models.fields import NOT_PROVIDED

from yaomai.kit.transfer.registry import Context
from yaomai.kit.transfer.staging import column_type, concrete_field, digest, kept_columns, next_id, quoted, stage

STAGED = "transfer_staged"
DERIVED = "transfer_derived"
BEFORE = "transfer_before"
CHILDREN = "transfer_children"
BOOKKEEPING = frozenset({"row", "id", "several", "forbidden", "is_new", "is_changed"})
_LATER = " of the file"
_CHANGES = "transfer_importchange"


def later_column(column: str) -> str:
    """Return the staged column with the texts of a reference that means another row of the file."""
    return f"{column}{_LATER}"


def is_bookkeeping(column: str) -> bool:
    """Tell whether a staged column is no column of the model."""
    return column in BOOKKEEPING or column.endswith(_LATER)


class State(NamedTuple):
    """How a staged row compares with the database. `first_row` is the first staged row that is the same thing."""

    row: int
    id: int | None
    several: bool
    forbidden: bool
    first_row: int
    differs: bool


def _run(statement: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, list(values))
        return list(cursor.fetchall()) if cursor.description else []


def staged_columns() -> list[str]:
    """Return the columns of the staged rows."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {STAGED} LIMIT 0")
        return [each.name for each in cursor.description or ()]


def _subquery(rows: models.QuerySet[Any]) -> tuple[str, tuple[Any, ...]]:
    """Return the SQL of the rows' keys."""
    statement, values = rows.order_by().values("pk").query.sql_with_params()
    return statement, tuple(values)


def _is_text(model: type[models.Model], column: str) -> bool:
    field = next(field for field in model._meta.concrete_fields if field.column == column)
    return isinstance(field, models.CharField | models.TextField)


def _given(model: type[models.Model], alias: str, column: str) -> str:
    """Return the condition that a column holds something."""
    name = f"{alias}.{quoted(column)}"
    return f"({name} IS NOT NULL AND {name} <> '')" if _is_text(model, column) else f"({name} IS NOT NULL)"


def match(
    model: type[models.Model], existing: models.QuerySet[Any], key: Sequence[str], stronger: Sequence[str]
) -> None:
    """Give staged rows without a match the id of the existing row with the same key.

    A weaker key does not match where both sides have a stronger one: there they are different things.
    """
    table = quoted(model._meta.db_table)
    inner, values = _subquery(existing)
    conditions = [f"t.{quoted(column)} = r.{quoted(column)}" for column in key]
    conditions += [_given(model, "r", column) for column in key]
    conditions += [f"NOT ({_given(model, 'r', column)} AND {_given(model, 't', column)})" for column in stronger]
    _run(
        f"""
        UPDATE {STAGED} s SET id = m.id, several = m.found > 1
        FROM (
            SELECT r.row, min(t.id) AS id, count(*) AS found
            FROM {STAGED} r JOIN {table} t ON {" AND ".join(conditions)}
            WHERE r.id IS NULL AND t.id IN ({inner})
            GROUP BY r.row
        ) m
        WHERE m.row = s.row
        """,
        values,
    )


def forbid(model: type[models.Model], allowed: models.QuerySet[Any]) -> None:
    """Mark staged rows whose match is out of the actor's reach."""
    inner, values = _subquery(allowed)
    _run(f"UPDATE {STAGED} SET forbidden = id IS NOT NULL AND id NOT IN ({inner})", values)


def states(
    model: type[models.Model], keys: Sequence[Sequence[str]], staged: Sequence[str], written: Sequence[str]
) -> list[State]:
    """Return how each staged row compares, in the order of the file."""
    table = quoted(model._meta.db_table)
    cases = []
    for number, key in enumerate(keys):
        if all(column in staged for column in key):
            given = " AND ".join(_given(model, "r", column) for column in key)
            parts = ", ".join(f"r.{quoted(column)}" for column in key)
            one_text = len(key) == 1 and _is_text(model, key[0])
            said = f"'{number} ' || {parts}" if one_text else f"jsonb_build_array({number}, {parts})::text"
            cases.append(f"WHEN {given} THEN {said}")
    identity = f"CASE {' '.join(cases)} ELSE '#' || r.row END" if cases else "'#' || r.row"
    found = _run(
        f"""
        SELECT r.row, r.id, coalesce(r.several, false), coalesce(r.forbidden, false),
            min(r.row) OVER (PARTITION BY coalesce('=' || r.id, {identity}) COLLATE "C"),
            {_differs(written, staged)}
        FROM {STAGED} r LEFT JOIN {table} t ON t.id = r.id
        ORDER BY r.row
        """
    )
    return list(map(State._make, found))


def _differs(columns: Sequence[str], staged: Sequence[str] = ()) -> str:
    """Return the condition that a staged row would change its match; an empty cell changes nothing."""
    parts = [f"r.{quoted(each)} IS NOT NULL" for each in staged if each.endswith(_LATER)]
    parts += [f"(r.{each} IS NOT NULL AND t.{each} IS DISTINCT FROM r.{each})" for each in map(quoted, columns)]
    return f"({' OR '.join(parts)})" if parts else "false"


def differences(
    model: type[models.Model], columns: Sequence[str], rows: Sequence[int]
) -> list[tuple[int, dict[str, tuple[str, str]]]]:
    """Return id and {column: (before, after)} of staged rows, as text."""
    if not rows or not columns:
        return []
    pairs = ", ".join(f"t.{quoted(each)}::text, r.{quoted(each)}::text" for each in columns)
    table = quoted(model._meta.db_table)
    found = _run(
        f"SELECT r.id, {pairs} FROM {STAGED} r JOIN {table} t ON t.id = r.id WHERE r.row = ANY(%s) ORDER BY r.row",
        [list(rows)],
    )
    result = []
    for row in found:
        changes = {
            column: (row[1 + 2 * place] or "", row[2 + 2 * place])
            for place, column in enumerate(columns)
            if row[2 + 2 * place] is not None and row[1 + 2 * place] != row[2 + 2 * place]
        }
        result.append((row[0], changes))
    return result


# --- write ---


def begin(
    model: type[models.Model], refused: Sequence[int], written: Sequence[str], own: Mapping[str, Sequence[str]]
) -> list[tuple[int, int, bool]]:
    """Drop refused rows and give new rows their ids; return position, id and is new of those that will be written.

    Args:
        own: column of a reference to the same model -> columns that name the row it means.
    """
    table = quoted(model._meta.db_table)
    _run(f"DELETE FROM {STAGED} WHERE row = ANY(%s)", [list(refused)])
    for mark in ("is_new", "is_changed"):
        _run(f"ALTER TABLE {STAGED} ADD {mark} boolean NOT NULL DEFAULT false")
    _run(f"UPDATE {STAGED} SET is_new = true, id = {next_id(model)} WHERE id IS NULL")
    for column, named_by in own.items():
        for name in named_by:
            _point(column, name)
    _run(f"UPDATE {STAGED} r SET is_changed = true FROM {table} t WHERE t.id = r.id AND {_differs(written)}")
    return [(*row,) for row in _run(f"SELECT row, id, is_new FROM {STAGED} WHERE is_new OR is_changed ORDER BY row")]


def _point(column: str, name: str) -> None:
    """Let references mean the one staged row that has their text in a column."""
    staged = staged_columns()
    if {later_column(column), name} <= set(staged):
        _run(
            f"""
            UPDATE {STAGED} r SET {quoted(column)} = m.id
            FROM (SELECT {quoted(name)} AS name, min(id) AS id FROM {STAGED} GROUP BY 1 HAVING count(*) = 1) m
            WHERE m.name = r.{quoted(later_column(column))} AND r.{quoted(column)} IS NULL
            """
        )


def add_derived(derived: Mapping[str, pa.Array], types: Mapping[str, str], written: Sequence[int]) -> None:
    """Stage derived columns beside the written rows."""
    columns: dict[str, Any] = {"row": pa.array(written, pa.int32()), **derived}
    stage(DERIVED, {"row": "integer", **{column: types[column] for column in derived}}, pa.table(columns))


def _value(column: str, derived: set[str]) -> str:
    return f"d.{quoted(column)}" if column in derived else f"r.{quoted(column)}"


def update(model: type[models.Model], columns: Sequence[str], derived: set[str], context: Context) -> None:
    """Update and record the changed rows for which derived columns are staged."""
    table = quoted(model._meta.db_table)
    names = {field.column for field in model._meta.concrete_fields}
    kept = ", ".join(f"'{column}', t.{quoted(column)}" for column in columns)
    _run(f"DROP TABLE IF EXISTS {BEFORE}")
    _run(
        f"""
        CREATE TEMPORARY TABLE {BEFORE} ON COMMIT DROP AS
        SELECT t.id, jsonb_build_object({kept}) AS before
        FROM {table} t JOIN {STAGED} r ON r.id = t.id JOIN {DERIVED} d ON d.row = r.row WHERE r.is_changed
        """
    )
    assignments = [f"{quoted(column)} = coalesce({_value(column, derived)}, t.{quoted(column)})" for column in columns]
    values: list[Any] = []
    if "version" in names:
        assignments.append("version = t.version + 1")
    if "updated_at" in names:
        assignments.append("updated_at = %s")
        values.append(context.now)
    _run(
        f"""
        UPDATE {table} t SET {", ".join(assignments)}
        FROM {STAGED} r JOIN {DERIVED} d ON d.row = r.row
        WHERE t.id = r.id AND r.is_changed
        """,
        values,
    )
    _run(
        f"""
        INSERT INTO {_CHANGES} (imported_id, "table", object_id, before, digest)
        SELECT %s, %s, t.id, b.before, {digest("t", columns)}
        FROM {table} t JOIN {BEFORE} b ON b.id = t.id
        """,
        [context.import_id, model._meta.label_lower],
    )


def insert(
    model: type[models.Model], columns: Sequence[str], derived: set[str], context: Context, volatile: Sequence[str]
) -> None:
    """Insert and record the new rows for which derived columns are staged."""
    names, expressions, values = ["id"], ["r.id"], []
    for field in model._meta.concrete_fields:
        column = str(field.column)
        if column == "id":
            continue
        expression, taken = _default(field, context)
        if column in columns:
            given = _value(column, derived)
            if field.null or not expression:
                expression, taken = given, []
            else:
                expression = f"coalesce({given}, {expression})"
        if expression:
            names.append(column)
            expressions.append(expression)
            values += taken
    source = f"""
        SELECT {", ".join(expressions)}
        FROM {STAGED} r JOIN {DERIVED} d ON d.row = r.row WHERE r.is_new ORDER BY r.row
    """
    _insert_recorded(model, names, source, values, context, volatile)


def _insert_recorded(
    model: type[models.Model],
    names: Sequence[str],
    source: str,
    values: Sequence[Any],
    context: Context,
    volatile: Sequence[str],
) -> None:
    """Insert rows and record each of them with its digest, in one statement."""
    kept = kept_columns(model, volatile)
    _run(
        f"""
        WITH created AS (
            INSERT INTO {quoted(model._meta.db_table)} ({", ".join(map(quoted, names))}) {source}
            RETURNING {", ".join(map(quoted, kept))}
        )
        INSERT INTO {_CHANGES} (imported_id, "table", object_id, before, digest)
        SELECT %s, %s, created.id, NULL, {digest("created", kept)} FROM created
        """,
        [*values, context.import_id, model._meta.label_lower],
    )


def let_wait() -> None:
    """Let what this transaction writes wait before it enters GIN indexes, all of it: they are read meanwhile."""
    _run("SET LOCAL gin_pending_list_limit = '1GB'")


def enter_waiting(model: type[models.Model]) -> None:
    """Merge what a bulk write left waiting before GIN indexes, so that the next search is as fast as ever."""
    for index in model._meta.indexes:
        if isinstance(index, GinIndex):
            _run("SELECT gin_clean_pending_list(%s::regclass)", [quoted(index.name)])


def written_outside(allowed: models.QuerySet[Any]) -> int:
    """Return how many written rows are not among the allowed ones."""
    inner, values = _subquery(allowed)
    found = _run(
        f"SELECT count(*) FROM {STAGED} WHERE (is_new OR is_changed) AND id NOT IN ({inner})",
        values,
    )
    return int(found[0][0])


def _default(field: "models.Field[Any, Any]", context: Context) -> tuple[str, list[Any]]:
    """Return the SQL, with its values, of what a field holds when nothing is given; "" leaves it to the database."""
    if field.name in ("created_at", "updated_at"):
        return "%s", [context.now]
    if field.default is uuid4:
        return "gen_random_uuid()", []
    if field.db_default is not NOT_PROVIDED or (field.null and field.default is NOT_PROVIDED):
        return "", []
    value = field.get_db_prep_save(field.get_default(), connection)
    if value is None:
        return "", []
    return f"%s::{column_type(field)}", [value]


def write_children(
    model: type[models.Model], parent: str, key: Sequence[str], rows: pa.Table, ids: pa.Array, context: Context
) -> None:
    """Insert rows that belong to written ones, unless their parent has one of the same key; `ids` are the parents'."""
    if rows.num_rows == 0:
        return
    fields = {name: concrete_field(model, name) for name in rows.column_names if name != "row"}
    columns = {
        "row": pa.array(np.arange(rows.num_rows, dtype=np.int32)),
        "parent": ids.take(rows.column("row").combine_chunks()),
        **{field.column: rows.column(name) for name, field in fields.items()},
    }
    types = {"row": "integer", "parent": "bigint", **{each.column: column_type(each) for each in fields.values()}}
    stage(CHILDREN, types, pa.table(columns))
    parent_column = concrete_field(model, parent).column
    key_columns = [concrete_field(model, name).column for name in key]
    same = " AND ".join(f"t.{quoted(each)} = c.{quoted(each)}" for each in key_columns)
    _run(
        f"""
        DELETE FROM {CHILDREN} c USING {quoted(model._meta.db_table)} t
        WHERE t.{quoted(parent_column)} = c.parent AND {same}
        """
    )
    parts = ", ".join(["parent", *map(quoted, key_columns)])
    _run(
        f"""
        DELETE FROM {CHILDREN} c USING (
            SELECT row, row_number() OVER (PARTITION BY {parts} ORDER BY row) AS turn FROM {CHILDREN}
        ) e
        WHERE e.row = c.row AND e.turn > 1
        """
    )
    _insert_children(model, parent_column, [field.column for field in fields.values()], context)


def _insert_children(model: type[models.Model], parent: str, columns: Sequence[str], context: Context) -> None:
    names, expressions = [parent], ["c.parent"]
    values: list[Any] = []
    for field in model._meta.concrete_fields:
        column = str(field.column)
        if column in ("id", parent):
            continue
        expression, taken = (f"c.{quoted(column)}", []) if column in columns else _default(field, context)
        if expression:
            names.append(column)
            expressions.append(expression)
            values += taken
    source = f"SELECT {', '.join(expressions)} FROM {CHILDREN} c ORDER BY c.row"
    _insert_recorded(model, names, source, values, context, ())
