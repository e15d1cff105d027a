"""What rooms bring: sources that are kept as totals, cards to look at, goals, and the boards that roles start with."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal

from yaomai.kit.access import Actor
from yaomai.kit.dashboards.periods import Period, Window
from yaomai.kit.explain import Explanation
from yaomai.kit.phrases import Text

Unit = Literal["number", "money", "percent"]
Sql = str | Callable[[date], tuple[str, Mapping[str, Any]]]


@dataclass(frozen=True, slots=True)
class Source:
    """SQL that returns month (its first day), place (id or null), part (text), amount, count; nothing twice.

    It is given `%(start)s` and `%(end)s`, the first day of the first month and the day after the last one, and
    `%(today)s`. As a function of today it returns the SQL and further parameters. Without history it is told of this
    month only, and earlier months stay as they were found.
    """

    name: str
    label: Text
    sql: Sql
    has_history: bool = True


@dataclass(frozen=True, slots=True)
class Sum:
    """What is added up of a source: one of its columns, of some parts or all."""

    source: str
    column: Literal["amount", "count"] = "count"
    parts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Asked:
    """Who looks at what: `places` are the ids whose totals add up to what the right reaches, (0,) the whole company."""

    actor: Actor
    today: date
    now: datetime
    period: Period
    window: Window
    place: int | None = None
    """The place that was chosen, None all in reach."""
    places: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Goal:
    """What is to be reached, and who said so."""

    value: Decimal
    origin: Text
    url: str = ""


@dataclass(frozen=True, slots=True)
class Link:
    """Where to go next, and what for."""

    label: Text
    url: str


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a number: of a place (`place` is its id) or of a kind, now and before."""

    label: str
    value: Decimal | None
    before: Decimal | None = None
    place: int | None = None
    weight: Decimal = Decimal(0)
    """How much it moved the whole, in the unit of the card."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a card says. Texts are in the reader's language."""

    value: Decimal | None
    before: Decimal | None = None
    months: Sequence[date] = ()
    series: Sequence[Decimal | None] = ()
    parts: Sequence[Piece] = ()
    places: Sequence[Piece] = ()
    reason: str = ""
    goal: Goal | None = None
    next_step: Link | None = None
    as_of: datetime | None = None
    note: str = ""
    """What a reader must know before believing it, such as that a month is still missing."""
    explanation: Explanation | None = None


@dataclass(frozen=True, slots=True)
class Card:
    """One number on a board: read from totals (`of`, divided by `over`), or of something small and computed at once.

    shape:     a sum of months, their mean, or a level as it stands at the end of each.
    against:   what it is compared with: the period before, or the same months of the year before.
    good_when: whether more is better; "" neither.
    parts:     names for the parts of its source, in their order, or `is_ranked` by size; without it they are not told apart.
    goal:      a figure of a policy; goals of people come from `register_goals`.
    next_step: what to do about it, of the question and the reading.
    """

    key: str
    label: Text
    right: str
    question: Text
    unit: Unit = "number"
    of: Sum | None = None
    over: Sum | None = None
    shape: Literal["sum", "mean", "level"] = "sum"
    against: Literal["before", "year"] = "before"
    good_when: Literal["up", "down", ""] = "up"
    parts: Callable[[Sequence[str]], Mapping[str, str]] | None = None
    parts_label: Text = ""
    is_ranked: bool = False
    goal: Callable[[Asked], Goal | None] | None = None
    next_step: Callable[[Asked, Reading], Link | None] | None = None
    compute: Callable[[Asked], Reading | None] | None = None
    order: int = 100

    @property
    def sources(self) -> frozenset[str]:
        return frozenset(each.source for each in (self.of, self.over) if each is not None)


@dataclass(frozen=True, slots=True)
class StartingBoard:
    """The board that somebody in a role starts with."""

    role: str
    cards: tuple[str, ...]


Goals = Callable[[Asked, frozenset[str]], Mapping[str, Goal]]


@dataclass(slots=True)
class _Registered:
    sources: dict[str, Source] = field(default_factory=dict)
    cards: dict[str, Card] = field(default_factory=dict)
    goals: list[Goals] = field(default_factory=list)
    boards: dict[str, StartingBoard] = field(default_factory=dict)


_all = _Registered()


def register_source(source: Source) -> Source:
    """Bring a source.

    Raises:
        ValueError: there is one of this name.
    """
    if source.name in _all.sources:
        raise ValueError(f"source {source.name} is declared twice")
    _all.sources[source.name] = source
    return source


def register_card(card: Card) -> Card:
    """Bring a card.

    Raises:
        ValueError: there is one of this key, or it has neither a source nor a computation, or both.
    """
    if card.key in _all.cards:
        raise ValueError(f"card {card.key} is declared twice")
    if (card.of is None) == (card.compute is None):
        raise ValueError(f"card {card.key} needs either a source or a computation")
    _all.cards[card.key] = card
    return card


def register_goals(goals: Goals) -> None:
    """Let a room above say the goals of cards: of the question and the keys that are asked, in one go."""
    if goals not in _all.goals:
        _all.goals.append(goals)


def register_boards(*boards: StartingBoard) -> None:
    """Say what roles start with."""
    _all.boards.update({board.role: board for board in boards})


def sources() -> dict[str, Source]:
    """Return every source by its name."""
    return dict(_all.sources)


def cards() -> dict[str, Card]:
    """Return every card by its key, in their order."""
    return dict(sorted(_all.cards.items(), key=lambda pair: (pair[1].order, pair[0])))


def goals() -> list[Goals]:
    """Return what says goals."""
    return list(_all.goals)


def starting_boards() -> dict[str, StartingBoard]:
    """Return the boards that roles start with, by role."""
    return dict(_all.boards)
