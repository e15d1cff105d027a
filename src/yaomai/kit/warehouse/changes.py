"""Say and read which months changed."""

from collections.abc import Iterable
from datetime import date

import psycopg
from django.db import connection

from yaomai.kit.warehouse.dataset import Dataset
from yaomai.kit.warehouse.models import Change

COMPACT_ABOVE = 1000


class OutsideTransaction(RuntimeError):
    """A change was said outside the transaction that makes it. A bug in the caller."""


def mark_changed(dataset: Dataset, days: Iterable[date]) -> None:
    """Say within the writing transaction that facts of the months of these days change. Nobody waits for anybody.

    Raises:
        OutsideTransaction: there is no transaction, so a crash could lose the mark and keep the change.
    """
    if not connection.in_atomic_block:
        raise OutsideTransaction(dataset.name)
    months = sorted({day.replace(day=1) for day in days})
    Change.objects.bulk_create(Change(dataset=dataset.name, month=month) for month in months)


def counters(reader: psycopg.Connection, dataset: Dataset) -> dict[date, int]:
    """Return how often each month changed, as the reader's snapshot sees it."""
    rows = reader.execute(
        "SELECT month, sum(times)::bigint FROM warehouse_change WHERE dataset = %s GROUP BY month", [dataset.name]
    )
    return dict(rows.fetchall())


def compact(dataset: Dataset) -> None:
    """Merge the rows of each month into one; the sums stay."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM warehouse_change WHERE dataset = %s", [dataset.name])
        if cursor.fetchone()[0] <= COMPACT_ABOVE:
            return
        cursor.execute(
            """
            WITH gone AS (DELETE FROM warehouse_change WHERE dataset = %s RETURNING month, times)
            INSERT INTO warehouse_change (dataset, month, times) SELECT %s, month, sum(times) FROM gone GROUP BY month
            """,
            [dataset.name, dataset.name],
        )
