"""Forms that people fill in on paper, in Excel or in Word, declared once; `reading` reads them back.

    form = Form("customers.sheet", _("Key account sheet"), subject=str(person.uuid), fields=(
        Field("tags", _("Preference tags"), "choices", choices=TAGS, value=("price",)),
    ))

A field is recognised by its key, which the files carry hidden: rows may be moved, labels changed, the file translated.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

from django.utils.functional import Promise

Text = str | Promise
FieldKind = Literal["text", "long", "choice", "choices", "date", "number"]


@dataclass(frozen=True, slots=True)
class Field:
    """One thing to fill in.

    value:     what is known: a text, a choice's code, or the codes of several choices.
    read_only: printed for orientation and not read back.
    """

    key: str
    label: Text
    kind: FieldKind = "text"
    choices: tuple[tuple[str, Text], ...] = ()
    value: str | Sequence[str] = ""
    hint: Text = ""
    group: Text = ""
    read_only: bool = False

    @property
    def chosen(self) -> tuple[str, ...]:
        """The codes of what is chosen."""
        if isinstance(self.value, str):
            return (self.value,) if self.value else ()
        return tuple(self.value)

    def shown(self) -> str:
        """Return the value in words."""
        labels = {code: str(label) for code, label in self.choices}
        return "、".join(labels.get(code, code) for code in self.chosen)


@dataclass(frozen=True, slots=True)
class Form:
    """A form about one subject.

    name:    which form this is, `room.form`; a file of another form is refused.
    label:   how people call it.
    subject: whose form it is, as the room knows it; empty for a form that anybody may fill in for a new one.
    """

    name: str
    label: Text
    fields: tuple[Field, ...]
    subject: str = ""

    def groups(self) -> list[tuple[str, list[Field]]]:
        """Return the fields by group, in the order of declaration."""
        return [(label, list(fields)) for label, fields in groupby(self.fields, key=lambda field: str(field.group))]
