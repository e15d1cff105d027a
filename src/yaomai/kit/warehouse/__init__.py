"""The columnar mirror: what rooms declare of their facts, as one Parquet file a month, always of one moment.

    LINES = register(Dataset(
        name="commerce.lines",
        label=_("Sales flow"),
        schema=pa.schema([("institution_id", pa.int64()), ("territory_id", pa.int64()),
                          ("sold_on", pa.date32()), ("amount", pa.decimal128(16, 2))]),
        sql="SELECT institution_id, territory_id, sold_on, amount FROM commerce_line"
            " WHERE sold_on >= %(start)s AND sold_on < %(end)s",
        month_column="sold_on", order=("sold_on", "institution_id", "amount"),
        scope_column="territory_id", right="commerce.line:view"))

A service that changes facts says so last in its transaction: `mark_changed(LINES, [date(2026, 3, 1)])`.
`snapshot(LINES)` brings the mirror up to date and returns files that never change, with a fingerprint: the same
facts give the same fingerprint. `open_dataset(LINES, actor)` is an Ibis table of the rows that the actor may see.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from yaomai.kit.warehouse.building import rebuild, refresh
    from yaomai.kit.warehouse.changes import mark_changed
    from yaomai.kit.warehouse.dataset import Dataset, dataset_of, datasets, register
    from yaomai.kit.warehouse.reading import Snapshot, open_dataset, snapshot, snapshots, verify

__all__ = [
    "Dataset",
    "Snapshot",
    "dataset_of",
    "datasets",
    "mark_changed",
    "open_dataset",
    "rebuild",
    "refresh",
    "register",
    "snapshot",
    "snapshots",
    "verify",
]

_HOMES = {
    "Dataset": "dataset",
    "Snapshot": "reading",
    "dataset_of": "dataset",
    "datasets": "dataset",
    "mark_changed": "changes",
    "open_dataset": "reading",
    "rebuild": "building",
    "refresh": "building",
    "register": "dataset",
    "snapshot": "reading",
    "snapshots": "reading",
    "verify": "reading",
}


def __getattr__(name: str) -> Any:
    """Load on first use: the package is imported as an app before there can be models."""
    if name not in _HOMES:
        raise AttributeError(name)
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
