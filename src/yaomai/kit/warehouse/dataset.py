"""What a room declares of its facts."""

import re
from dataclasses import dataclass

import pyarrow as pa

from yaomai.kit.phrases import Text


@dataclass(frozen=True, slots=True)
class Dataset:
    """Facts that the engine reads.

    schema:       columns with their Arrow types; money decimal128(16, 2), days date32.
    sql:          SELECT of these columns for the half-open period %(start)s to %(end)s. A computed decimal is cast to
                  its declared scale here: more digits are refused, never rounded in silence.
    month_column: the date by which facts belong to a month.
    order:        columns that put the rows into one order, whatever order the database finds them in.
    scope_column: column with the territory id; empty when everybody with the right may see every row.
    right:        the right to see the facts, such as "commerce.line:view".
    """

    name: str
    label: Text
    schema: pa.Schema
    sql: str
    month_column: str
    order: tuple[str, ...]
    right: str
    scope_column: str = ""

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[a-z_]+\.[a-z_]+", self.name):
            raise ValueError(f"a dataset is named room.things, not {self.name!r}")
        used = {self.month_column, *self.order, *([self.scope_column] if self.scope_column else [])}
        if unknown := used - set(self.schema.names):
            raise ValueError(f"{self.name} names columns that its schema lacks: {sorted(unknown)}")
        if not self.order or not all(f"%({bound})s" in self.sql for bound in ("start", "end")):
            raise ValueError(f"{self.name} needs an order, and %(start)s and %(end)s in its sql")


_datasets: dict[str, Dataset] = {}


def register(dataset: Dataset) -> Dataset:
    """Register a dataset and return it."""
    if dataset.name in _datasets:
        raise ValueError(f"dataset {dataset.name} is declared twice")
    _datasets[dataset.name] = dataset
    return dataset


def datasets() -> list[Dataset]:
    """Return every dataset by name."""
    return [_datasets[name] for name in sorted(_datasets)]


def dataset_of(name: str) -> Dataset:
    """Return a registered dataset.

    Raises:
        KeyError: there is none of this name.
    """
    return _datasets[name]


def forget(name: str) -> None:
    """Take a declaration back."""
    _datasets.pop(name, None)
