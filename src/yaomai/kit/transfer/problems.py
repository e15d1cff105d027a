"""What is wrong with single values, held in columns so that 100,000 of them cost little."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
from django.utils.translation import gettext_lazy as _

from yaomai.kit.errors import Text
from yaomai.kit.transfer.reading.tables import Place, Table

MESSAGES: dict[str, Text] = {
    "required": _("Empty, but needed. Fill in a value."),
    "error_value": _("The cell shows the error %(value)s. Correct the formula in the file."),
    "number": _("“%(value)s” is not a number. Write digits only, such as 1234.5."),
    "number_ambiguous": _("“%(value)s” can be read as two different numbers. Write it without thousands separators."),
    "integer": _("“%(value)s” is not a whole number."),
    "too_large": _("“%(value)s” is too large; at most %(digits)s digits are possible."),
    "minimum": _("“%(value)s” is less than %(minimum)s."),
    "maximum": _("“%(value)s” is more than %(maximum)s."),
    "date": _("“%(value)s” is not a date. Write it as 2024-03-05."),
    "date_ambiguous": _(
        "“%(value)s” can be read as two different dates. Write it as 2024-03-05, or choose the order of day and month."
    ),
    "date_range": _("“%(value)s” is not between 1900 and 2100."),
    "month": _("“%(value)s” is not a month. Write it as 2024-03."),
    "month_ambiguous": _("“%(value)s” may be January or October. Write it as 2024-01 or 2024-10."),
    "year_missing": _("“%(value)s” has no year. Write it as 2024-03."),
    "choice": _("“%(value)s” is not one of the possible values: %(choices)s."),
    "boolean": _("“%(value)s” is neither yes nor no. Write 是 or 否."),
    "length": _("The text has more than %(length)s characters: “%(value)s”."),
    "repeated": _("Row %(row)s has the same %(key)s. Keep one of them."),
    "unknown": _("“%(value)s” was not found. Correct it, or create it first."),
    "forbidden": _("“%(value)s” exists already where you may not change it."),
    "unknown_of": _("“%(value)s” was not found. There are: %(choices)s."),
    "several": _("“%(value)s” stands for several entries. Write the code or the full name."),
    "several_of": _("“%(value)s” stands for several entries. Write the code of the right one: %(codes)s."),
}
"""Message by code; a room adds its own with `register_problem`."""


def register_problem(code: str, message: Text) -> None:
    """Declare the message of a problem that a room finds; placeholders are named, %(value)s is the cell's text."""
    MESSAGES[code] = message


@dataclass(frozen=True, slots=True)
class Problem:
    """One value that cannot be taken: where it stands, what it is, and what to do."""

    place: Place
    header: str
    column: str
    value: str
    code: str
    params: Mapping[str, Any] = field(default_factory=dict)

    @property
    def message(self) -> str:
        return str(MESSAGES[self.code]) % {"value": self.value, **self.params}


@dataclass(frozen=True, slots=True)
class _Group:
    """Problems of one column: rows of the table and, for each, a code, params and the value's text."""

    index: int | None
    column: str
    rows: Sequence[int]
    found: Sequence[tuple[str, Mapping[str, Any]]]
    values: Sequence[str]


class Problems:
    """All problems of a table, in the order of its rows when iterated."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self._groups: list[_Group] = []
        self._refused = np.zeros(table.height, bool)

    def add(
        self,
        column: str,
        index: int | None,
        rows: Sequence[int],
        found: Sequence[tuple[str, Mapping[str, Any]]],
        values: Sequence[str],
    ) -> None:
        """Add problems: `rows`, `found` and `values` are equally long; `index` is the table's column, if any."""
        if len(rows):
            self._groups.append(_Group(index, column, rows, found, values))
            self._refused[np.asarray(rows, np.int64)] = True

    @property
    def refused(self) -> np.ndarray:
        """Return for each row of the table whether it has a problem."""
        return self._refused

    @property
    def refused_count(self) -> int:
        return int(self._refused.sum())

    def __len__(self) -> int:
        return sum(len(group.rows) for group in self._groups)

    def __iter__(self) -> Iterator[Problem]:
        return self.first(len(self))

    def first(self, count: int) -> Iterator[Problem]:
        """Yield the first problems in the order of the file."""
        pairs = [
            (row, number, each) for number, group in enumerate(self._groups) for each, row in enumerate(group.rows)
        ]
        for row, number, each in sorted(pairs)[:count]:
            yield self._problem(self._groups[number], row, each)

    def _problem(self, group: _Group, row: int, each: int) -> Problem:
        code, params = group.found[each]
        header = "" if group.index is None else self.table.headers[group.index]
        return Problem(self.table.place(row, group.index), header, group.column, group.values[each], code, params)

    def noted_on(self, rows: pa.Table) -> pa.Table:
        """Return what was made of the table with all its problems as metadata, for `Context.recall`."""
        groups = [
            [each.index, each.column, list(each.rows), list(each.found), list(each.values)] for each in self._groups
        ]
        return rows.replace_schema_metadata({"problems": json.dumps(groups, default=str)})

    @classmethod
    def noted(cls, rows: pa.Table, table: Table) -> "Problems":
        """Read the problems of a table back from what was made of it."""
        problems = cls(table)
        for index, column, indices, found, values in json.loads(rows.schema.metadata[b"problems"]):
            problems.add(column, index, indices, [(code, params) for code, params in found], values)
        return problems

    def by_row(self) -> dict[int, list[Problem]]:
        """Return the problems of each refused row of the table."""
        found: dict[int, list[Problem]] = {}
        for group in self._groups:
            for each, row in enumerate(group.rows):
                found.setdefault(int(row), []).append(self._problem(group, row, each))
        return found

    def counts(self) -> list[tuple[str, str, int]]:
        """Return (column, code, how many), the most frequent first."""
        counter = Counter((group.column, code) for group in self._groups for code, _params in group.found)
        return [(column, code, count) for (column, code), count in counter.most_common()]
