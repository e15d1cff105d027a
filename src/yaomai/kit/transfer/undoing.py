"""Take an import back: restore values, remove rows, and say of what stays why it stays."""

# ruff: noqa: S608 - identifiers are quoted and come from models; values are parameters

from collections.abc import Sequence
from typing import Any

from django.apps import apps
from django.db import connection, models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yaomai.kit.access import ScopedModel
from yaomai.kit.errors import Refused
from yaomai.kit.transfer.models import ImportChange
from yaomai.kit.transfer.registry import Context, Undone
from yaomai.kit.transfer.staging import digest, kept_columns, quoted

_REMOVABLE = "transfer_removable"
_CHANGES = "transfer_importchange"
NAMED = 100
"""So many of the kept rows are named; all are counted."""


class UndoOutOfReach(Refused):
    """Rows of the import lie by now where the user has no right."""

    code = "transfer.undo_out_of_reach"
    message = gettext_lazy(
        "%(count)s rows of this import lie outside your area by now. Nothing was undone; ask somebody who reaches them."
    )


def require_reach(model: type[ScopedModel], context: Context, right: str) -> None:
    """Refuse to take back what happened to rows that moved away from the user, or the user from them."""
    condition = model.scope.filter(model, context.actor, right)
    if condition is None:
        return
    touched = ImportChange.objects.filter(imported_id=context.import_id, table=model._meta.label_lower)
    rows = model.unscoped.filter(pk__in=touched.values("object_id"))
    outside = rows.exclude(pk__in=model.unscoped.filter(condition).values("pk")).count()
    if outside:
        raise UndoOutOfReach(count=outside)


def _run(statement: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, list(values))
        return list(cursor.fetchall()) if cursor.description else []


Passing = Sequence[tuple[type[models.Model], str]]
"""Tables of rows that are computed anew at any time, and the condition, as SQL on `o`, of those that hold nothing back."""


def undo(model: type[models.Model], context: Context, *, volatile: Sequence[str], passing: Passing = ()) -> Undone:
    """Undo an import into a model and the rows that came with it, within the present transaction."""
    restored, kept = restore(model, context)
    _list_removable(context)
    kept_created = _keep_changed(model, volatile)
    kept_created |= _keep_referenced(model, passing)
    _remove_passing(model, passing)
    _remove_children(model, context)
    removed = _remove(model)
    connection.check_constraints()
    _forget_removed(model, context)
    every = {**kept, **kept_created}
    names = _names(model, list(every))
    reasons = [(names.get(pk, ""), reason) for pk, reason in every.items()]
    return Undone(removed=removed, restored=restored, kept=reasons, kept_ids=frozenset(every))


def _names(model: type[models.Model], ids: Sequence[int]) -> dict[int, str]:
    return {row.pk: str(row) for row in model._base_manager.filter(pk__in=ids[:NAMED])}


def _forget_removed(model: type[models.Model], context: Context) -> None:
    """Forget what an import created and that is gone: the rest can be taken back later."""
    for label in {model._meta.label_lower, *(label for (label,) in _run(f"SELECT DISTINCT label FROM {_REMOVABLE}"))}:
        table = quoted(apps.get_model(label)._meta.db_table)
        _run(
            f"""
            DELETE FROM {_CHANGES} c WHERE c.imported_id = %s AND c."table" = %s AND c.before IS NULL
            AND NOT EXISTS (SELECT 1 FROM {table} t WHERE t.id = c.object_id)
            """,
            [context.import_id, label],
        )


def restore(model: type[models.Model], context: Context) -> tuple[int, dict[int, str]]:
    """Give changed rows their former values where nobody changed these values since."""
    table, label = quoted(model._meta.db_table), model._meta.label_lower
    columns = _changed_columns(context.import_id, label)
    if not columns:
        return 0, {}
    same = f"{digest('t', columns)} = c.digest"
    changed = _run(
        f"""
        SELECT t.id FROM {_CHANGES} c JOIN {table} t ON t.id = c.object_id
        WHERE c.imported_id = %s AND c."table" = %s AND c.before IS NOT NULL AND NOT {same} ORDER BY t.id
        """,
        [context.import_id, label],
    )
    names = {field.column for field in model._meta.concrete_fields}
    assignments = [f"{quoted(column)} = p.{quoted(column)}" for column in columns]
    assignments += ["version = t.version + 1"] if "version" in names else []
    values: list[Any] = []
    if "updated_at" in names:
        assignments.append("updated_at = %s")
        values.append(context.now)
    restored = _run(
        f"""
        UPDATE {table} t SET {", ".join(assignments)}
        FROM {_CHANGES} c, LATERAL jsonb_populate_record(NULL::{table}, c.before) p
        WHERE t.id = c.object_id AND c.imported_id = %s AND c."table" = %s AND c.before IS NOT NULL AND {same}
        RETURNING t.id
        """,
        [*values, context.import_id, label],
    )
    forget(model, context, [pk for (pk,) in restored])
    return len(restored), {pk: _("changed since the import") for (pk,) in changed}


def forget(model: type[models.Model], context: Context, ids: Sequence[int]) -> None:
    """Forget what an import did to rows on which it is taken back."""
    _run(
        f'DELETE FROM {_CHANGES} WHERE imported_id = %s AND "table" = %s AND object_id = ANY(%s)',
        [context.import_id, model._meta.label_lower, list(ids)],
    )


def _changed_columns(import_id: int, label: str) -> list[str]:
    found = _run(
        f"""
        SELECT jsonb_object_keys(before) FROM (
            SELECT before FROM {_CHANGES} WHERE imported_id = %s AND "table" = %s AND before IS NOT NULL LIMIT 1
        ) first
        """,
        [import_id, label],
    )
    return [name for (name,) in found]


def changed_since(model: type[models.Model], context: Context, changed: Sequence[str] = ()) -> set[int]:
    """Return which rows of an import are not any more what it left behind.

    Args:
        changed: the columns that count for changed rows; every one when none is named.
    """
    label, table = model._meta.label_lower, quoted(model._meta.db_table)
    everything = kept_columns(model, ())
    found: set[int] = set()
    for is_created, columns in (
        (True, everything),
        (False, list(changed) or [each for each in everything if each != "id"]),
    ):
        found |= {
            pk
            for (pk,) in _run(
                f"""
                SELECT t.id FROM {_CHANGES} c JOIN {table} t ON t.id = c.object_id
                WHERE c.imported_id = %s AND c."table" = %s AND (c.before IS NULL) = %s
                AND c.digest <> {digest("t", columns)}
                """,
                [context.import_id, label, is_created],
            )
        }
    return found


def _list_removable(context: Context) -> None:
    _run(f"DROP TABLE IF EXISTS {_REMOVABLE}")
    _run(
        f"""
        CREATE TEMPORARY TABLE {_REMOVABLE} ON COMMIT DROP AS
        SELECT "table" AS label, object_id AS id, digest FROM {_CHANGES} WHERE imported_id = %s AND before IS NULL
        """,
        [context.import_id],
    )
    _run(f"CREATE UNIQUE INDEX ON {_REMOVABLE} (label, id)")
    _run(f"ANALYZE {_REMOVABLE}")


def _keep_changed(model: type[models.Model], volatile: Sequence[str]) -> dict[int, str]:
    found = _run(
        f"""
        DELETE FROM {_REMOVABLE} m USING {quoted(model._meta.db_table)} t
        WHERE m.label = %s AND t.id = m.id AND {digest("t", kept_columns(model, volatile))} <> m.digest
        RETURNING m.id
        """,
        [model._meta.label_lower],
    )
    return {pk: _("changed since the import") for (pk,) in sorted(found)}


def _references(model: type[models.Model]) -> list[tuple[type[models.Model], Any]]:
    """Return the models and foreign keys that point to a model."""
    return [
        (relation.related_model, relation.field)
        for relation in model._meta.get_fields(include_hidden=True)
        if isinstance(relation, models.ManyToOneRel | models.OneToOneRel) and relation.field.concrete
    ]


def _keep_referenced(model: type[models.Model], passing: Passing) -> dict[int, str]:
    """Keep rows that a row points to which does not go too; a kept row may keep others, so repeat until quiet."""
    kept: dict[int, str] = {}
    while True:
        before = len(kept)
        for other, field in _references(model):
            kept |= _keep_for(model, other, field, dict(passing).get(other, "false"))
        if len(kept) == before:
            return kept


def _remove_passing(model: type[models.Model], passing: Passing) -> None:
    """Remove what was computed of rows that go."""
    conditions = dict(passing)
    for other, field in _references(model):
        if other in conditions:
            _run(
                f"DELETE FROM {quoted(other._meta.db_table)} o USING {_REMOVABLE} m"
                f" WHERE m.label = %s AND o.{quoted(field.column)} = m.id AND {conditions[other]}",
                [model._meta.label_lower],
            )


def _keep_for(model: type[models.Model], other: type[models.Model], field: Any, passes: str) -> dict[int, str]:
    primary = quoted(str(other._meta.pk.column))
    found = _run(
        f"""
        DELETE FROM {_REMOVABLE} m
        WHERE m.label = %s AND EXISTS (
            SELECT 1 FROM {quoted(other._meta.db_table)} o
            WHERE o.{quoted(field.column)} = m.id AND NOT ({passes})
            AND NOT EXISTS (SELECT 1 FROM {_REMOVABLE} n WHERE n.label = %s AND n.id::text = o.{primary}::text)
        )
        RETURNING m.id
        """,
        [model._meta.label_lower, other._meta.label_lower],
    )
    return {pk: _("used by: %(what)s") % {"what": other._meta.verbose_name} for (pk,) in sorted(found)}


def _remove_children(model: type[models.Model], context: Context) -> None:
    """Remove what came with rows that are not kept; what came with a kept row stays with it."""
    labels = [
        label for (label,) in _run(f"SELECT DISTINCT label FROM {_REMOVABLE}") if label != model._meta.label_lower
    ]
    for label in labels:
        child = apps.get_model(label)
        parents = [field.column for field in child._meta.concrete_fields if field.related_model is model]
        stays = " OR ".join(_came_with_kept(parent) for parent in parents)
        _run(
            f"""
            DELETE FROM {quoted(child._meta.db_table)} t USING {_REMOVABLE} m
            WHERE m.label = %s AND t.id = m.id AND NOT ({stays or "false"})
            """,
            [label, *[context.import_id, model._meta.label_lower, model._meta.label_lower] * len(parents)],
        )


def _came_with_kept(parent: str) -> str:
    """Return the condition that a child's parent was created by the same import and is kept."""
    return f"""
        EXISTS (
            SELECT 1 FROM {_CHANGES} c
            WHERE c.imported_id = %s AND c."table" = %s AND c.before IS NULL AND c.object_id = t.{quoted(parent)}
            AND NOT EXISTS (SELECT 1 FROM {_REMOVABLE} n WHERE n.label = %s AND n.id = t.{quoted(parent)})
        )
        """


def _remove(model: type[models.Model]) -> int:
    found = _run(
        f"""
        DELETE FROM {quoted(model._meta.db_table)} t USING {_REMOVABLE} m
        WHERE m.label = %s AND t.id = m.id RETURNING t.id
        """,
        [model._meta.label_lower],
    )
    return len(found)
