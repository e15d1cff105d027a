"""What PostgreSQL counted when it last analysed a table, read once in ten minutes."""

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from django.db import connections, models

_KEPT_FOR: Final = 600.0
_known: dict[tuple[str, str], tuple[float, "TableStatistics"]] = {}


@dataclass(frozen=True, slots=True)
class ColumnStatistics:
    """In which share of the rows the most common values are, and the most common elements of an array or tsvector."""

    common: Mapping[str, float] = field(default_factory=dict)
    other: float = 0.0
    """The share of any value that is not among the common ones."""
    elements: Mapping[str, float] = field(default_factory=dict)

    def share(self, values: Iterable[Any]) -> float:
        """Return the share of the rows with one of some values."""
        return min(1.0, sum(self.common.get(str(value), self.other) for value in values))


@dataclass(frozen=True, slots=True)
class TableStatistics:
    """How many rows a table has, 0 before it was analysed, and its columns by name."""

    rows: int
    columns: Mapping[str, ColumnStatistics]

    def column(self, name: Any) -> ColumnStatistics:
        """Return a column; one that was never analysed knows of no values."""
        return self.columns.get(name, ColumnStatistics())


def statistics_of(queryset: "models.QuerySet[Any]") -> TableStatistics:
    """Return the statistics of a queryset's table."""
    key = (queryset.db, queryset.model._meta.db_table)
    now = time.monotonic()
    if key not in _known or _known[key][0] < now:
        _known[key] = (now + _KEPT_FOR, _read(*key))
    return _known[key][1]


def _read(alias: str, table: str) -> TableStatistics:
    with connections[alias].cursor() as cursor:
        cursor.execute(
            "SELECT greatest(c.reltuples, 0)::bigint, s.attname, s.n_distinct, s.null_frac,"
            " s.most_common_vals::text::text[], s.most_common_freqs,"
            " s.most_common_elems::text::text[], s.most_common_elem_freqs"
            " FROM pg_class c LEFT JOIN pg_stats s ON s.schemaname = current_schema() AND s.tablename = c.relname"
            " WHERE c.oid = to_regclass(%s)",
            [connections[alias].ops.quote_name(table)],
        )
        rows = cursor.fetchall()
    count = rows[0][0] if rows else 0
    return TableStatistics(count, {name: _column(count, *values) for _count, name, *values in rows if name})


def _column(
    rows: int, distinct: float, nulls: float, values: list[str] | None, shares: list[float] | None,
    elements: list[str] | None, element_shares: list[float] | None,
) -> ColumnStatistics:  # fmt: skip
    common = dict(zip(values or (), shares or (), strict=False))
    # A negative number of distinct values is a share of the rows.
    others = (distinct if distinct >= 0 else -distinct * rows) - len(common)
    left = max(0.0, 1.0 - nulls - sum(common.values()))
    # Behind the shares of elements stand the least and the greatest of them.
    return ColumnStatistics(
        common, left / others if others >= 1 else 0.0, dict(zip(elements or (), element_shares or (), strict=False))
    )
