"""The ways to the keys of the first rows, each one subquery."""

from collections.abc import Sequence
from typing import Any, Final

from django.contrib.postgres.expressions import ArraySubquery
from django.core.exceptions import EmptyResultSet
from django.db.models import F, ForeignKey, Func, Model, OuterRef, Q, QuerySet
from django.db.models.expressions import Col, OrderBy, RawSQL
from django.db.models.lookups import In
from django.db.models.sql.datastructures import BaseTable

FEW: Final = 10_000
"""As many rows are read in some ten milliseconds, in any order."""
_MOST_PARTS: Final = 200


# Statements are put together from what Django compiled and from numbers; every value stays a parameter.
# ruff: noqa: S608, S611


def first_keys(
    queryset: QuerySet[Any], order: Sequence[OrderBy], *, most: int, about: int, start: Q | None = None
) -> Any:
    """Return the keys of the first `most` rows, for `pk__in`; there may be some more among them.

    Args:
        queryset: the rows, in any order.
        about: how many rows there are, as `estimated` says.
        start: a condition that all of them meet and that begins a walk where the page begins.
    """
    try:
        if about <= FEW:
            return RawSQL(*_gathered(queryset, order, most))
        if (found := _by_part(queryset, order, most)) is not None:
            return found.values("pk")
        return first_of(
            [statement(walked(queryset, order, most=most, start=start)), _gathered(queryset, order, most)], most
        )
    except EmptyResultSet:
        return []


def first_of(ways: Sequence[tuple[str, Sequence[Any]]], enough: int) -> RawSQL:
    """Return the keys that the first way finds, and what the next ones find while there are fewer than `enough`.

    A way that is not needed is not begun: its condition is known before its first row.
    """
    names = [f"way_{number}" for number in range(len(ways))]
    tables: list[str] = []
    parameters: list[Any] = []
    for number, (sql, values) in enumerate(ways):
        before = " + ".join(f"(SELECT count(*) FROM {name})" for name in names[:number])
        condition = f" WHERE {before} < {enough:d}" if before else ""
        tables.append(f"{names[number]}(key) AS MATERIALIZED (SELECT * FROM ({sql}) found{condition})")
        parameters += values
    union = " UNION ALL ".join(f"SELECT key FROM {name}" for name in names)
    return RawSQL(f"WITH {', '.join(tables)} {union}", parameters)


def walked(
    queryset: QuerySet[Any], order: Sequence[OrderBy], *, most: int, start: Q | None = None
) -> QuerySet[Any, Any]:
    """Return the keys of up to `most` rows among the first ten thousand of the table in an order."""
    rows = queryset.model._base_manager.filter(start or Q()).order_by(*order)[:FEW]
    found = queryset.order_by(*order).values("pk")[:most]
    alias = found.query.get_initial_alias()
    assert alias is not None
    found.query.alias_map[alias] = _Walk(queryset.model._meta.db_table, alias, rows)
    return found


class _Walk(BaseTable):
    """A table of which only some rows are read: they stand in its place in FROM."""

    def __init__(self, table_name: str, alias: str, rows: QuerySet[Any]) -> None:
        super().__init__(table_name, alias)  # type: ignore[arg-type]
        self.alias = alias
        self.rows = rows

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        """Write `(SELECT …) alias`."""
        sql, parameters = self.rows.query.get_compiler(connection=connection).as_sql()
        return f"({sql}) {compiler.quote_name_unless_alias(self.alias)}", tuple(parameters)

    def relabeled_clone(self, change_map: dict[str, str]) -> "_Walk":  # type: ignore[override]
        """Return the same under the alias that a subquery gives it."""
        return _Walk(self.table_name, change_map.get(self.alias, self.alias), self.rows)


def statement(queryset: QuerySet[Any, Any]) -> tuple[str, tuple[Any, ...]]:
    """Return the SQL of a queryset and its values."""
    return queryset.query.get_compiler(queryset.db).as_sql()


def _gathered(queryset: QuerySet[Any], order: Sequence[OrderBy], most: int) -> tuple[str, tuple[Any, ...]]:
    """Write: find all, then sort. Materialized, so that a walk in the order is no way to find them."""
    columns = {f"by_{number}": term.expression for number, term in enumerate(order)}
    sql, parameters = statement(queryset.order_by().annotate(**columns).values_list("pk", *columns))
    terms = ", ".join(f"{name}{_direction(term)}" for name, term in zip(columns, order, strict=True))
    return (
        f"WITH found(key, {', '.join(columns)}) AS MATERIALIZED ({sql}) SELECT key FROM found"
        f" ORDER BY {terms} LIMIT {most:d}",
        parameters,
    )


def _direction(term: OrderBy) -> str:
    nulls = " NULLS FIRST" if term.nulls_first else " NULLS LAST" if term.nulls_last else ""
    return f"{' DESC' if term.descending else ''}{nulls}"


def _by_part(queryset: QuerySet[Any], order: Sequence[OrderBy], most: int) -> QuerySet[Any] | None:
    """Return the first rows of each part, when the rows are those of several parts and an index orders each."""
    condition = _parts(queryset, order)
    if condition is None:
        return None
    field = condition.lhs.target
    within = queryset.all()
    within.query.where.children.remove(condition)
    within = within.filter(**{field.name: OuterRef("pk")}).order_by(*order).values("pk")[:most]
    keys = field.related_model._base_manager.filter(pk__in=condition.rhs).values_list(
        Func(ArraySubquery(within), function="unnest"), flat=True
    )
    rows: QuerySet[Any] = queryset.model._base_manager.filter(pk__in=keys).order_by(*order)[:most]
    return rows


def _parts(queryset: QuerySet[Any], order: Sequence[OrderBy]) -> Any:
    """Return the condition that names the parts: the last that an index serves, for it was added last."""
    indexed = _indexed_parts(queryset.model, order)
    found = None
    for condition in queryset.query.where.children:
        if isinstance(condition, In) and isinstance(condition.lhs, Col) and condition.lhs.target.name in indexed:
            several = not isinstance(condition.rhs, list | tuple | set | frozenset) or len(condition.rhs) <= _MOST_PARTS
            found = condition if several else found
    return found


def _indexed_parts(model: type[Model], order: Sequence[OrderBy]) -> set[str]:
    """Return the foreign keys that begin an index which goes on in this order, forwards or backwards."""
    if any(term.nulls_first or term.nulls_last for term in order):
        return set()
    forwards = [f"{'-' if term.descending else ''}{_name(term)}" for term in order]
    backwards = [f"{'' if term.descending else '-'}{_name(term)}" for term in order]
    starts = {index.fields[0] for index in model._meta.indexes if index.fields[1:] in (forwards, backwards)}
    return {field.name for field in model._meta.concrete_fields if isinstance(field, ForeignKey)} & starts


def _name(term: OrderBy) -> str:
    return str(term.expression.name)  # type: ignore[union-attr]  # an F: lists are ordered by columns
