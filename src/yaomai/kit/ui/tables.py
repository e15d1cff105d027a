"""What `{% table %}` draws: columns, rows and bulk actions, already decided by the caller."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from django.http import HttpRequest
from django.utils.functional import Promise

Text = str | Promise
Kind = Literal["text", "number", "money", "short_money", "percent", "date", "moment", "relative", "tier", "check"]
NUMERIC: frozenset[str] = frozenset({"number", "money", "short_money", "percent"})
COOKIE = "columns"
"""The columns chosen for the tables of an address: their keys with "." between them."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column. `sort_url` makes its heading a link; `sorted` says how the list is sorted by it now."""

    key: str
    label: Text
    kind: Kind = "text"
    sort_url: str = ""
    sorted: Literal["", "ascending", "descending"] = ""
    is_hidden: bool = False
    """Offered by the chooser, not drawn: rows have no cell for it."""
    hint: Text = ""

    @property
    def is_numeric(self) -> bool:
        return self.kind in NUMERIC


@dataclass(frozen=True, slots=True)
class Tier:
    """A tier as a chip shows it: rank 1 is the highest of `of`."""

    label: str
    rank: int
    of: int
    scheme: Text = ""
    why_url: str = ""

    def __str__(self) -> str:
        return str(self.label)


@dataclass(frozen=True, slots=True)
class Row:
    """A row: one value per column that is not hidden; `url` makes the first cell a link; `note` is a second, quieter line."""

    cells: Sequence[Any]
    key: str = ""
    url: str = ""
    note: Text = ""
    tone: Literal["", "good", "warn", "bad", "muted"] = ""


@dataclass(frozen=True, slots=True)
class BulkAction:
    """Something to do with the selected rows; posts `selected` (row keys) to `url`."""

    label: Text
    url: str
    icon: str = ""
    confirm: Text = ""
    is_danger: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A table. With a `name` its columns can be chosen; see `chosen`."""

    caption: Text
    columns: Sequence[Column]
    rows: Sequence[Row]
    name: str = ""
    bulk: Sequence[BulkAction] = ()
    phone: Literal["cards", "scroll"] = "cards"
    total: int | None = None
    every: Text = ""
    """What to call all rows that match, when this page shows a part: they can be chosen too and post `all=on`."""
    footer: Sequence[Any] = field(default_factory=tuple)

    @property
    def shown(self) -> list[Column]:
        """The columns that are drawn."""
        return [column for column in self.columns if not column.is_hidden]

    @property
    def is_selectable(self) -> bool:
        return bool(self.bulk)


def chosen(request: HttpRequest, usual: Sequence[str]) -> frozenset[str]:
    """Return the keys of the columns that this browser wants to see here; the usual ones until it says."""
    kept = request.COOKIES.get(COOKIE)
    return frozenset(usual if kept is None else kept.split("."))
