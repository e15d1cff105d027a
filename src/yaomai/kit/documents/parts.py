"""What a document is made of: plain frozen values, said once and rendered as PDF, Word, Excel and on screen.

Texts may be lazy; values are plain Python (Decimal, int, date, datetime, str, None) and are formatted by the renderer
as their `kind` says. Nothing here is markup: a text is shown as it stands, whatever characters it holds.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from django.utils.functional import Promise

from yaomai.kit.documents.forms import Form
from yaomai.kit.explain import Explanation, PolicyReference
from yaomai.kit.ui.charts import Chart

Text = str | Promise
Value = Decimal | int | float | str | date | datetime | Promise | None
Kind = Literal["text", "number", "money", "short_money", "percent", "date", "moment"]
Tone = Literal["", "good", "warn", "bad"]


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Running text; line breaks are kept. `quiet` is for notes, `strong` for the one sentence that counts."""

    text: Text
    look: Literal["normal", "quiet", "strong"] = "normal"


@dataclass(frozen=True, slots=True)
class Fact:
    """A label with its value, and a note such as where it comes from."""

    label: Text
    value: Value
    kind: Kind = "text"
    note: Text = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """A grid of facts."""

    facts: tuple[Fact, ...]
    columns: Literal[1, 2, 3] = 2


@dataclass(frozen=True, slots=True)
class Figure:
    """A number that a reader should take away, with what it means beside it."""

    label: Text
    value: Value
    kind: Kind = "number"
    note: Text = ""
    tone: Tone = ""


@dataclass(frozen=True, slots=True)
class Figures:
    """A row of figures."""

    figures: tuple[Figure, ...]


@dataclass(frozen=True, slots=True)
class Rank:
    """A class that somebody holds in a scheme: rank 1 of `of` is the highest, 0 is none."""

    scheme: Text
    label: Text
    rank: int
    of: int
    note: Text = ""


@dataclass(frozen=True, slots=True)
class Ranks:
    """Classes in several schemes, side by side."""

    ranks: tuple[Rank, ...]


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table; `width` is its share beside the others, 0 by its content."""

    label: Text
    kind: Kind = "text"
    width: float = 0


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of values; without any labels it has no header. `total` is a last row set apart."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[Value, ...], ...]
    total: tuple[Value, ...] = ()
    caption: Text = ""


@dataclass(frozen=True, slots=True)
class Bullets:
    """A list of sentences."""

    items: tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class Explained:
    """Why a result is what it is."""

    explanation: Explanation
    title: Text = ""


@dataclass(frozen=True, slots=True)
class Graph:
    """A chart of `kit.ui`: line, bar, stack, rank or scatter."""

    chart: Chart


@dataclass(frozen=True, slots=True)
class PageBreak:
    """What follows begins on a new page."""


@dataclass(frozen=True, slots=True)
class Signatures:
    """Lines to sign on, each with a place for the date."""

    names: tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class Fields:
    """A form, blank or filled: in Excel and Word it can be read back (`kit.documents.reading`)."""

    form: Form


@dataclass(frozen=True, slots=True)
class Beside:
    """Two stacks of blocks side by side on paper and on wide screens; `share` is the left one's part of the width."""

    left: tuple["Block", ...]
    right: tuple["Block", ...]
    share: float = 0.5


@dataclass(frozen=True, slots=True)
class Section:
    """Blocks under a heading; it stays together on a page where it can."""

    title: Text
    blocks: tuple["Block", ...]
    note: Text = ""


Block = (
    Paragraph
    | Facts
    | Figures
    | Ranks
    | Table
    | Bullets
    | Explained
    | Graph
    | PageBreak
    | Signatures
    | Fields
    | Beside
    | Section
)


@dataclass(frozen=True, slots=True)
class Document:
    """One document.

    as_of:       the day for which its figures hold.
    made_by:     who made it, made_at when: both are printed, and fix the bytes of the file.
    references:  the policies whose figures it uses; printed at the foot of every page with version and origin.
    is_compact:  set smaller, for what should stay on one page.
    watermark:   printed large and pale across every page.
    """

    title: Text
    blocks: tuple[Block, ...]
    as_of: date
    made_at: datetime
    made_by: str
    subtitle: Text = ""
    company: Text = ""
    confidentiality: Text = ""
    references: tuple[PolicyReference, ...] = ()
    watermark: Text = ""
    is_landscape: bool = False
    is_compact: bool = False

    def walk(self) -> Iterator[Block]:
        """Yield every block, containers before what they hold."""
        waiting = list(reversed(self.blocks))
        while waiting:
            block = waiting.pop()
            yield block
            if isinstance(block, Section):
                waiting.extend(reversed(block.blocks))
            elif isinstance(block, Beside):
                waiting.extend(reversed((*block.left, *block.right)))
