"""What the 360° page of an institution or professional is made of. Rooms above add theirs in `apps.py`:

    panels.register("institution", "below", name="purchases", title=_("Purchases"), order=20,
                    template="commerce/panels/purchases.html", load=purchases_of, right="commerce.sale:view")
    panels.register_signals("institution", silence_of)      # (row, actor, today) -> Iterable[Signal]
    panels.register_events("institution", sales_of)         # (row, actor, limit) -> Iterable[Event]

`load(row, actor)` returns the template's `data`, or None when there is nothing to say.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, Literal, get_args

from django.utils import timezone
from django.utils.functional import Promise

from yaomai.customers.models import Institution, Professional
from yaomai.customers.profile import Entity
from yaomai.kit.access import Actor

Slot = Literal["left", "middle", "below", "right"]
"""The columns of the page; what stands below in the middle one, and on the right, is fetched once the page is there."""
SLOTS: Final[tuple[Slot, ...]] = get_args(Slot)
Text = Promise | str
Load = Callable[[Any, Actor], Mapping[str, Any] | None]


@dataclass(frozen=True, slots=True)
class Panel:
    """A part of the page; without a title it draws its own frame."""

    name: str
    slot: Slot
    template: str
    load: Load
    title: Text = ""
    order: int = 100
    right: str = ""
    is_open: bool = True


@dataclass(frozen=True, slots=True)
class Signal:
    """Something that matters now: what, why, what to do. The heaviest stands first."""

    text: str
    reason: str = ""
    url: str = ""
    action: str = ""
    tone: Literal["info", "good", "warn", "bad"] = "info"
    weight: int = 50


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened, at a moment or on a day."""

    at: datetime | date
    title: str
    text: str = ""
    icon: str = "point"
    tone: str = ""
    url: str = ""
    who: str = ""


@dataclass(frozen=True, slots=True)
class Action:
    """Something to begin for a customer from a page of another room, such as taking a request during a visit."""

    label: Text
    url: str
    icon: str = "plus"


Signals = Callable[[Any, Actor, date], Iterable[Signal]]
Events = Callable[[Any, Actor, int], Iterable[Event]]
Actions = Callable[[Institution, Professional | None, Actor], Iterable[Action]]

_panels: dict[tuple[Entity, str], Panel] = {}
_signals: dict[Entity, list[Signals]] = {}
_events: dict[Entity, list[Events]] = {}
_actions: list[Actions] = []


def register(
    entity: Entity,
    slot: Slot,
    *,
    name: str,
    template: str,
    load: Load,
    title: Text = "",
    order: int = 100,
    right: str = "",
    is_open: bool = True,
) -> None:
    """Put a panel on the page of an entity; the same name again replaces it."""
    _panels[entity, name] = Panel(name, slot, template, load, title, order, right, is_open)


def register_signals(entity: Entity, provider: Signals) -> None:
    """Let a room say what matters now."""
    _signals.setdefault(entity, []).append(provider)


def register_events(entity: Entity, provider: Events) -> None:
    """Let a room add to the timeline."""
    _events.setdefault(entity, []).append(provider)


def register_actions(provider: Actions) -> None:
    """Let a room offer what to begin for an institution, and somebody there, on pages of other rooms."""
    _actions.append(provider)


def actions_about(institution: Institution, professional: Professional | None, actor: Actor) -> list[Action]:
    """Return what rooms offer to begin for a customer."""
    return [action for provider in _actions for action in provider(institution, professional, actor)]


def panels_of(
    entity: Entity, row: Any, actor: Actor, slots: Sequence[Slot] = SLOTS, *, name: str = ""
) -> dict[Slot, list[tuple[Panel, Mapping[str, Any]]]]:
    """Return the loaded panels by slot, in their order, or the one of a name."""
    found: dict[Slot, list[tuple[Panel, Mapping[str, Any]]]] = {slot: [] for slot in slots}
    chosen = [
        panel
        for (owner, known), panel in _panels.items()
        if owner == entity and panel.slot in slots and name in ("", known)
    ]
    for panel in sorted(chosen, key=lambda each: each.order):
        if panel.right and not actor.may(panel.right):
            continue
        data = panel.load(row, actor)
        if data is not None:
            found[panel.slot].append((panel, data))
    return found


def signals_of(entity: Entity, row: Any, actor: Actor, today: date) -> list[Signal]:
    """Return what matters now, the heaviest first."""
    found = [signal for provider in _signals.get(entity, ()) for signal in provider(row, actor, today)]
    return sorted(found, key=lambda signal: -signal.weight)


def events_of(entity: Entity, row: Any, actor: Actor, limit: int) -> list[Event]:
    """Return what happened, newest first."""
    found = [event for provider in _events.get(entity, ()) for event in provider(row, actor, limit)]
    return sorted(found, key=_moment, reverse=True)[:limit]


def _moment(event: Event) -> datetime:
    if isinstance(event.at, datetime):
        return event.at
    return datetime.combine(event.at, datetime.min.time(), timezone.get_current_timezone())
