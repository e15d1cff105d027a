"""In how many rows the most common lexemes are, as PostgreSQL counted them last."""

import time
from collections.abc import Mapping
from typing import Any, Final

from django.db import connections, models

_KEPT_FOR: Final = 600.0
_known: dict[tuple[str, str, str], tuple[float, Mapping[str, float]]] = {}


def common_shares(queryset: "models.QuerySet[Any]", field: str) -> Mapping[str, float]:
    """Return the shares of the common lexemes of a search column, {} before the table was analysed.

    They are kept for ten minutes in each process.
    """
    table, column = queryset.model._meta.db_table, queryset.model._meta.get_field(field).column
    key = (queryset.db, table, column)
    now = time.monotonic()
    if key not in _known or _known[key][0] < now:
        _known[key] = (now + _KEPT_FOR, _read(queryset.db, table, column))
    return _known[key][1]


def _read(alias: str, table: str, column: str) -> dict[str, float]:
    with connections[alias].cursor() as cursor:
        cursor.execute(
            "SELECT most_common_elems::text::text[], most_common_elem_freqs FROM pg_stats"
            " WHERE schemaname = current_schema() AND tablename = %s AND attname = %s",
            [table, column],
        )
        row = cursor.fetchone()
    # Behind the shares stand the least and the greatest of them.
    return dict(zip(row[0], row[1], strict=False)) if row is not None and row[0] is not None else {}
