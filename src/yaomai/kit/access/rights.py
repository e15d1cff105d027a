"""The registry of rights: what there is to allow, grouped as an administrator reads it."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

VERBS: dict[str, Promise] = {
    "view": _("View"),
    "create": _("Create"),
    "edit": _("Edit"),
    "archive": _("Archive"),
    "import": _("Import"),
    "export": _("Export"),
    "merge": _("Merge"),
    "reveal": _("Reveal personal data"),
    "review": _("Review"),
    "run": _("Run"),
    "propose": _("Propose"),
    "approve": _("Approve"),
    "withdraw": _("Withdraw"),
    "publish": _("Publish"),
    "verify": _("Verify"),
    "manage": _("Manage"),
    "assess": _("Assess"),
    "erase": _("Erase persons"),
    "compute": _("Compute over all rows"),
}


@dataclass(frozen=True, slots=True)
class Entity:
    """One kind of thing and the verbs that can be allowed on it."""

    code: str
    label: Promise | str
    verbs: tuple[str, ...]

    @property
    def room(self) -> str:
        return self.code.split(".", 1)[0]

    @property
    def rights(self) -> list[str]:
        return [f"{self.code}:{verb}" for verb in self.verbs]


_entities: dict[str, Entity] = {}


def register(code: str, *, label: Promise | str, verbs: Sequence[str]) -> None:
    """Declare the verbs of `room.entity`. Called from a room's `apps.py`."""
    unknown = set(verbs) - set(VERBS)
    if unknown:
        raise ValueError(f"unknown verbs {sorted(unknown)} for {code}; add them to VERBS with a label")
    _entities[code] = Entity(code, label, tuple(verbs))


def entities() -> list[Entity]:
    """Return all registered entities in the order of registration."""
    return list(_entities.values())


def known(right: str) -> bool:
    """Tell whether the right was registered."""
    code, _colon, verb = right.partition(":")
    return code in _entities and verb in _entities[code].verbs


def every_right() -> frozenset[str]:
    """Return every registered right."""
    return frozenset(right for entity in _entities.values() for right in entity.rights)
