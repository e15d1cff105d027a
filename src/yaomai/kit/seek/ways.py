"""The ways to the keys of the first rows, each one subquery."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from django.contrib.postgres.expressions import ArraySubquery
from django.core.exceptions import EmptyResultSet
from django.db import connections
from django.db.models import ForeignKey, Func, OuterRef, Q, QuerySet
from django.db.models.expressions import Col, OrderBy, RawSQL
from django.db.models.lookups import In
from django.db.models.sql.datastructures import BaseTable

from yaomai.kit.seek.estimates import Estimate
from yaomai.kit.seek.statistics import statistics_of

FEW: Final = 10_000
"""As many rows are read in ten or twenty milliseconds, in any order."""
Statement = tuple[str, Sequence[Any]]

# Statements are put together from what Django compiled and from numbers; every value stays a parameter.
# ruff: noqa: S608, S611


class First(NamedTuple):
    """The keys of the first rows, for `pk__in`; there may be some more among them."""

    keys: Any
    total: int | None = None
    """How many rows there are, where all had to be found to know the first."""


def first_keys(
    queryset: QuerySet[Any], order: Sequence[OrderBy], *, most: int, estimate: Estimate, start: Q | None = None
) -> First:
    """Return the keys of the first `most` rows.

    Args:
        queryset: the rows, in any order.
        estimate: what the planner says of all of them, whatever the page.
        start: a condition that all of them meet and that begins a walk where the page begins.
    """
    try:
        path = min(_paths(queryset, order), key=lambda each: each.reading(most, estimate.rows))
        if not 0 < path.reading(most, estimate.rows) <= min(FEW, estimate.cost):
            return _first_gathered(queryset, order, most)
        if path.parts > 1:
            return First(_by_part(queryset, order, most, path.condition).values("pk"))
        walk = _walked(queryset, order, most=most, start=start, within=path.condition)
        return First(first_of([statement(walk), _gathered(queryset, order, most)], most))
    except EmptyResultSet:
        return First([], 0)


def first_of(ways: Sequence[Statement], enough: int) -> RawSQL:
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


def statement(queryset: QuerySet[Any, Any], *, any_of: int | None = None) -> Statement:
    """Return the SQL of a queryset and its values; of `any_of` rows of it.

    The number of these is not told to the planner, which would bet on meeting them soon in a table read row by row.
    """
    sql, parameters = queryset.query.get_compiler(queryset.db).as_sql()
    return (sql, parameters) if any_of is None else (f"{sql} LIMIT (SELECT {any_of:d})", parameters)


# Walked -----------------------------------------------------------------------------------------------------------


def sampled(queryset: QuerySet[Any], order: Sequence[OrderBy], *, most: int) -> QuerySet[Any, Any]:
    """Return the keys of up to `most` rows among ten thousand of those that lie where the queryset's rows do."""
    path = min(_paths(queryset, order), key=lambda each: each.rows)
    return _walked(queryset, order if path.parts == 1 else (), most=most, start=None, within=path.condition)


def _walked(
    queryset: QuerySet[Any], order: Sequence[OrderBy], *, most: int, start: Q | None, within: In | None
) -> QuerySet[Any, Any]:
    """Return the keys of up to `most` rows among the first ten thousand in an order, of the table or within a part."""
    rows = queryset.model._base_manager.filter(start or Q()).order_by(*order)[:FEW]
    if within is not None:
        rows.query.where.add(within, rows.query.where.default)
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


# Gathered ---------------------------------------------------------------------------------------------------------


def _first_gathered(queryset: QuerySet[Any], order: Sequence[OrderBy], most: int) -> First:
    """Find all, count them and return the first."""
    sql, parameters = _gathered(queryset, order, most, shown="key, (SELECT count(*) FROM found)")
    with connections[queryset.db].cursor() as cursor:
        cursor.execute(sql, parameters)
        found = cursor.fetchall()
    return First([key for key, _total in found], found[0][1] if found else 0)


def _gathered(queryset: QuerySet[Any], order: Sequence[OrderBy], most: int, *, shown: str = "key") -> Statement:
    """Write: find all, then sort. Materialized, so that a walk in the order is no way to find them."""
    columns = {f"by_{number}": term.expression for number, term in enumerate(order)}
    sql, parameters = statement(queryset.order_by().annotate(**columns).values_list("pk", *columns))
    terms = ", ".join(f"{name}{_direction(term)}" for name, term in zip(columns, order, strict=True))
    return (
        f"WITH found(key, {', '.join(columns)}) AS MATERIALIZED ({sql}) SELECT {shown} FROM found"
        f" ORDER BY {terms} LIMIT {most:d}",
        parameters,
    )


def _direction(term: OrderBy) -> str:
    nulls = " NULLS FIRST" if term.nulls_first else " NULLS LAST" if term.nulls_last else ""
    return f"{' DESC' if term.descending else ''}{nulls}"


# By part ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Path:
    """An index in which rows stand in order: of the whole table, or of each of the parts that a condition names."""

    condition: In | None
    parts: int
    rows: float
    """Of all parts together."""

    def reading(self, most: int, matches: int) -> float:
        """Return how many rows are read until each part has given its first `most`."""
        return min(self.rows, self.parts * most * self.rows / max(matches, 1))


def _paths(queryset: QuerySet[Any], order: Sequence[OrderBy]) -> list[_Path]:
    """Return the paths: of places if there are any, for their rows stand together in every other path."""
    statistics = statistics_of(queryset)
    indexed = _indexed_parts(queryset, order)
    places, others = [], [_Path(None, 1, statistics.rows)]
    for condition in queryset.query.where.children:
        if isinstance(condition, In) and isinstance(condition.lhs, Col) and isinstance(condition.rhs, list):
            field, parts = condition.lhs.target, len(condition.rhs)
            path = _Path(condition, parts, statistics.column(field.column).share(condition.rhs) * statistics.rows)
            if field.name in indexed and isinstance(field, ForeignKey):
                places.append(path)
            elif field.name in indexed and parts == 1:
                others.append(path)
    return places or others


def _by_part(queryset: QuerySet[Any], order: Sequence[OrderBy], most: int, condition: Any) -> QuerySet[Any]:
    """Return the first rows of each part, then the first of these."""
    field = condition.lhs.target
    within = queryset.all()
    within.query.where.children.remove(condition)
    within = within.filter(**{field.name: OuterRef("pk")}).order_by(*order).values("pk")[:most]
    keys = field.related_model._base_manager.filter(pk__in=condition.rhs).values_list(
        Func(ArraySubquery(within), function="unnest"), flat=True
    )
    rows: QuerySet[Any] = queryset.model._base_manager.filter(pk__in=keys).order_by(*order)[:most]
    return rows


def _indexed_parts(queryset: QuerySet[Any], order: Sequence[OrderBy]) -> set[str]:
    """Return the columns that begin an index which goes on in this order, forwards or backwards."""
    if any(term.nulls_first or term.nulls_last for term in order):
        return set()
    names = [_name(term, queryset) for term in order]
    forwards = [f"{'-' if term.descending else ''}{name}" for term, name in zip(order, names, strict=True)]
    backwards = [f"{'' if term.descending else '-'}{name}" for term, name in zip(order, names, strict=True)]
    indexes = queryset.model._meta.indexes
    return {index.fields[0] for index in indexes if index.fields[1:] in (forwards, backwards)}


def _name(term: OrderBy, queryset: QuerySet[Any]) -> str:
    """Return the column of a term as indexes name it: an F, for lists are ordered by columns."""
    name = str(term.expression.name)  # type: ignore[union-attr]
    return str(queryset.model._meta.pk.name) if name == "pk" else name
