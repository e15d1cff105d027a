"""What an importer expects: its columns, declared once, used to guess headers, convert, template and export."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from yaomai.kit.errors import Text

_SHORT = 20
"""How many values are listed in words."""


class ColumnKind(StrEnum):
    """How a column's text is understood."""

    TEXT = "text"
    INTEGER = "integer"
    DECIMAL = "decimal"
    DATE = "date"
    MONTH = "month"
    CHOICE = "choice"
    BOOLEAN = "boolean"
    REFERENCE = "reference"


@dataclass(frozen=True, slots=True)
class Choice:
    """One allowed value: what is stored, what people read, and what else they write."""

    value: str
    label: Text
    synonyms: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Column:
    """A column that can be imported.

    `places` and `digits` bound a decimal; `length` bounds a text; `minimum` and `maximum` bound a number;
    a reference is text that the importer resolves, `listed` then gives the values for the template's drop-down.
    `example` fills the template's example row, which is never imported; `hint` explains the column there.
    """

    name: str
    label: Text
    kind: ColumnKind = ColumnKind.TEXT
    required: bool = False
    synonyms: tuple[str, ...] = ()
    choices: tuple[Choice, ...] = ()
    places: int = 2
    digits: int = 16
    length: int | None = None
    minimum: int | None = None
    maximum: int | None = None
    example: str = ""
    hint: Text = ""
    listed: Callable[[], list[str]] | None = None
    exported: bool = True

    def not_there(self) -> tuple[str, Mapping[str, str]]:
        """Return the problem of a reference to nothing: with all that may be written, where that is a short list."""
        listed = self.listed() if self.listed else []
        if 0 < len(listed) <= _SHORT:
            return "unknown_of", {"choices": "、".join(listed)}
        return "unknown", {}

    @property
    def spellings(self) -> tuple[str, ...]:
        """Return every declared way to write the header: label, synonyms, and the name itself."""
        return (str(self.label), *self.synonyms, self.name)


def column_named(columns: tuple[Column, ...], name: str) -> Column:
    """Return the column of that name.

    Raises:
        KeyError: there is none.
    """
    for column in columns:
        if column.name == name:
            return column
    raise KeyError(name)
