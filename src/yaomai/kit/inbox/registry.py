"""What rooms bring to 今日: kinds of nudges, computed items, numbers, and the first steps."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from yaomai.kit.access import Actor
from yaomai.kit.phrases import Text


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of thing to do. Of two that are not overdue, the lower rank comes first."""

    code: str
    label: Text
    icon: str
    rank: int
    action: Text = ""
    """What the button says; by default "Open"."""


@dataclass(frozen=True, slots=True)
class Item:
    """A line of 今日, with texts in the reader's language. `nudge_id` is None for what was computed."""

    kind: Kind
    title: str
    reason: str
    url: str
    subject: str = ""
    """Who or what it is about."""
    money: Decimal | None = None
    due_at: datetime | None = None
    since: datetime | None = None
    nudge_id: int | None = None
    is_overdue: bool = False
    place: str = ""
    """Why it stands where it stands."""


@dataclass(frozen=True, slots=True)
class Number:
    """A card below the list; the fields are those of the `stat` component."""

    label: Text
    value: object
    goal: object = ""
    trend: float | None = None
    reason: Text = ""
    url: str = ""
    action: Text = ""
    good_when: str = "up"
    progress: float | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One of the first things to do in an empty system, shown until it is done to those who hold the right."""

    code: str
    label: Text
    text: Text
    url_name: str
    right: str
    is_done: Callable[[Actor], bool]
    order: int = 100
    args: tuple[str, ...] = ()
    """What fills the address."""


@dataclass(frozen=True, slots=True)
class ShownStep:
    """A step as one actor sees it; `is_next` marks the first that is not done."""

    step: Step
    url: str
    is_done: bool
    is_next: bool


Provider = Callable[[Actor, datetime], list[Item]]
NumberOf = Callable[[Actor, datetime], Number | None]

_kinds: dict[str, Kind] = {}
_providers: dict[str, Provider] = {}
_numbers: list[tuple[int, NumberOf]] = []
_steps: dict[str, Step] = {}


def register_kind(code: str, label: Text, icon: str, rank: int, action: Text = "") -> Kind:
    """Declare a kind of thing to do and return it."""
    if code in _kinds:
        raise ValueError(f"kind of nudge {code} is declared twice")
    _kinds[code] = Kind(code, label, icon, rank, action)
    return _kinds[code]


def register_provider(provider: Provider) -> None:
    """Bring items that are computed when the page is opened; keep it to a few indexed queries."""
    _providers[f"{provider.__module__}.{provider.__qualname__}"] = provider


def register_number(number_of: NumberOf, *, order: int = 100) -> None:
    """Bring a card; None means that it says nothing to this actor."""
    _numbers.append((order, number_of))


def register_step(
    code: str,
    *,
    label: Text,
    text: Text,
    url_name: str,
    right: str,
    is_done: Callable[[Actor], bool],
    order: int = 100,
    args: tuple[str, ...] = (),
) -> None:
    """Bring one of the first steps."""
    _steps[code] = Step(code, label, text, url_name, right, is_done, order, args)


def kind_of(code: str) -> Kind:
    """Return a declared kind.

    Raises:
        KeyError: there is none of this code.
    """
    return _kinds[code]


def kinds() -> list[Kind]:
    """Return every kind, the heaviest first."""
    return sorted(_kinds.values(), key=lambda kind: (kind.rank, kind.code))


def providers() -> dict[str, Provider]:
    """Return every provider by its name."""
    return dict(_providers)


def numbers() -> list[NumberOf]:
    """Return what computes the cards, in their order."""
    return [number_of for _order, number_of in sorted(_numbers, key=lambda pair: pair[0])]


def steps() -> list[Step]:
    """Return the first steps in their order."""
    return sorted(_steps.values(), key=lambda step: (step.order, step.code))
