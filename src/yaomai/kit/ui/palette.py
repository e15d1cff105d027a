"""The command palette: one box that finds customers, screens and actions.

A provider is a function of the actor and the typed text that returns choices, best first; it sees only what
the actor may see. Rooms register theirs in `apps.py`.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import islice

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from yaomai.kit.access import Actor
from yaomai.kit.search.readings import readings
from yaomai.kit.ui import navigation

CHOICES_PER_PROVIDER = 6
LONGEST_QUERY = 80


@dataclass(frozen=True, slots=True)
class Choice:
    """One line of the palette: what it is, where it leads, and a hint that tells namesakes apart."""

    label: str | Promise
    url: str
    group: str | Promise
    hint: str | Promise = ""
    icon: str = "chevron-right"


Provider = Callable[[Actor, str], Iterable[Choice]]
_providers: dict[str, tuple[int, Provider]] = {}


def register(provider: Provider, *, order: int = 100) -> None:
    """Ask `provider` whenever somebody types; lower orders are shown first."""
    _providers[f"{provider.__module__}.{provider.__qualname__}"] = (order, provider)


def choices(actor: Actor, query: str) -> list[Choice]:
    """Return the choices of all providers for the typed text; empty text gives actions and screens."""
    text = query.strip()[:LONGEST_QUERY]
    found: list[Choice] = []
    for _order, provider in sorted(_providers.values(), key=lambda entry: entry[0]):
        found.extend(islice(provider(actor, text), CHOICES_PER_PROVIDER))

    return found


def is_match(label: str, text: str) -> bool:
    """Tell whether the text is part of the label, of its pinyin, or of its initials."""
    wanted, written = text.casefold().replace(" ", ""), label.casefold().replace(" ", "")
    spelled = [said[0] if said else character for character, said in zip(written, readings(written), strict=True)]
    return any(wanted in spelling for spelling in (written, "".join(spelled), "".join(part[0] for part in spelled)))


def screens(actor: Actor, text: str) -> Iterable[Choice]:
    """Offer the screens whose name matches."""
    names = {section.code: section for section in navigation.SECTIONS}
    for screen in navigation.screens_for(actor):
        section = names[screen.section]
        if is_match(str(screen.label), text):
            hint = "" if str(section.label) == str(screen.label) else section.label
            yield Choice(screen.label, screen.url, _("Go to"), hint, section.icon)


def actions(actor: Actor, text: str) -> Iterable[Choice]:
    """Offer the quick actions whose name matches."""
    for action in navigation.actions_for(actor):
        if is_match(str(action.label), text):
            yield Choice(action.label, action.url, _("Start"), "", action.icon)
