"""The column that search reads, its index, and writing it."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import connections, models, router
from django.db.models.sql.compiler import SQLCompiler

from .tokens import vector

__all__ = ["SearchVectorField", "search_index", "write_vectors"]

_BATCH = 2_000


@SearchVectorField.register_lookup
class HasLexemes(models.Lookup):
    """`search__lexemes=query`: the tsquery as it is written; `to_tsquery` would drop the marks of our lexemes."""

    lookup_name = "lexemes"
    prepare_rhs = False

    def get_db_prep_lookup(self, value: Any, connection: Any) -> tuple[str, Any]:
        """Pass the text on: the column's own type is a tsvector."""
        return "%s", [value]

    def as_sql(self, compiler: SQLCompiler, connection: Any) -> tuple[str, list[Any]]:  # type: ignore[override]
        """Write `column @@ 'query'::tsquery`."""
        left, left_parameters = self.process_lhs(compiler, connection)
        right, right_parameters = self.process_rhs(compiler, connection)
        return f"{left} @@ {right}::tsquery", [*left_parameters, *right_parameters]


@SearchVectorField.register_lookup
class RechecksLexemes(HasLexemes):
    """The same where the index has already chosen: the planner neither uses it for the index nor trusts its share."""

    lookup_name = "lexemes_rechecked"

    def as_sql(self, compiler: SQLCompiler, connection: Any) -> tuple[str, list[Any]]:  # type: ignore[override]
        """Write `COALESCE(column @@ 'query'::tsquery, false)`."""
        condition, parameters = super().as_sql(compiler, connection)
        return f"COALESCE({condition}, false)", parameters


def search_index(name: str, field: str = "search") -> GinIndex:
    """Give the index of a search column.

    New entries wait in a short list (setting gin_pending_list_limit), in a long one while an import writes.
    """
    return GinIndex(fields=[field], name=name)


def write_vectors(
    model: type[models.Model], rows: Iterable[tuple[int, Sequence[str]]], *, field: str = "search"
) -> int:
    """Write what rows are found by: pairs of key and texts (the name first); give their number.

    One statement per 2,000 rows, in key order so that two writers do not lock each other out.
    """
    connection = connections[router.db_for_write(model)]
    quoted = connection.ops.quote_name
    table, column, key = quoted(model._meta.db_table), quoted(field), quoted(str(model._meta.pk.column))
    statement = (
        f"UPDATE {table} AS target SET {column} = found.vector::tsvector "  # noqa: S608, names of our own models
        f"FROM unnest(%s::bigint[], %s::text[]) AS found(key, vector) WHERE target.{key} = found.key"
    )
    written = 0
    with connection.cursor() as cursor:
        for batch in _batches(sorted(rows, key=lambda row: row[0])):
            cursor.execute(statement, [[key for key, _ in batch], [vector(*texts) for _, texts in batch]])
            written += cursor.rowcount
    return written


def _batches(rows: Sequence[tuple[int, Sequence[str]]]) -> Iterator[list[tuple[int, Sequence[str]]]]:
    iterator = iter(rows)
    while batch := list(islice(iterator, _BATCH)):
        yield batch
