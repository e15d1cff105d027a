"""The rows of a table as HTML. Written here and not in a template: a page of a list has a thousand cells."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from types import NoneType
from typing import Any

from django.utils.html import conditional_escape
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from yaomai.kit.ui.tables import Column, Row, Table, Tier

Write = Callable[[Any, Column], Any]
_PLAIN = frozenset({NoneType, bool, int, str, Decimal, date, datetime, Tier})


def body(table: Table, write: Write) -> SafeString:
    """Return the rows; `write` turns a value into what its column shows.

    Raises:
        ValueError: a row has more or fewer cells than columns are shown.
    """
    columns = table.shown
    starts = [_start(column) for column in columns]
    written = _Written(write)
    return SafeString("".join(part for row in table.rows for part in _row(table, row, columns, starts, written)))


def footer(table: Table, write: Write) -> SafeString:
    """Return the row of totals; empty cells stay empty.

    Raises:
        ValueError: there are more or fewer totals than columns.
    """
    parts = ["<tr>", "<td></td>" if table.is_selectable else ""]
    for number, (column, value) in enumerate(zip(table.shown, table.footer, strict=True)):
        is_empty = value is None or value == ""
        shown = "" if is_empty else conditional_escape(value if number == 0 else write(value, column))
        parts.append(f'<th scope="row">{shown}</th>' if number == 0 else f"{_start(column)}{shown}</td>")
    return SafeString("".join([*parts, "</tr>"]))


class _Written:
    """What cells show; a value that stands in many rows is written once."""

    def __init__(self, write: Write) -> None:
        self.write = write
        self.known: dict[tuple[str, type, Any], SafeString] = {}

    def __call__(self, value: Any, column: Column) -> SafeString:
        if type(value) not in _PLAIN:
            return conditional_escape(self.write(value, column))
        # With its type: 1 is not True, and safe text is not the same text unsafe.
        key = (column.kind, type(value), value)
        if key not in self.known:
            self.known[key] = conditional_escape(self.write(value, column))
        return self.known[key]


def _start(column: Column) -> str:
    """Return how a cell begins, the same in every row."""
    key, label = conditional_escape(column.key), conditional_escape(str(column.label))
    classes = ' class="ym-cell-number"' if column.is_numeric else ""
    return f'<td data-column="{key}" data-label="{label}"{classes}>'


def _row(table: Table, row: Row, columns: Sequence[Column], starts: Sequence[str], written: _Written) -> Iterator[str]:
    (column, first), *others = zip(columns, row.cells, strict=True)
    yield f'<tr class="ym-row-{row.tone}">' if row.tone else "<tr>"
    if table.is_selectable:
        label = conditional_escape(_("Select %(name)s") % {"name": first})
        yield (
            '<td class="ym-cell-check"><input type="checkbox" class="form-check-input" name="selected"'
            f' value="{conditional_escape(row.key)}" aria-label="{label}"></td>'
        )
    lead = written(first, column)
    yield f'<th scope="row" data-column="{conditional_escape(column.key)}" class="ym-cell-lead">'
    yield f'<a href="{conditional_escape(row.url)}">{lead}</a>' if row.url else lead
    yield f'<span class="ym-cell-note">{conditional_escape(str(row.note))}</span></th>' if row.note else "</th>"
    for start, (each, value) in zip(starts[1:], others, strict=True):
        yield f"{start}{written(value, each)}</td>"
    yield "</tr>"
