"""What kinds of runs there are, and whose rights hold for them."""

from dataclasses import dataclass

from yaomai.kit.phrases import Text


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of run. `entity` carries its rights: `entity:view`, `entity:run`, `entity:publish`."""

    code: str
    label: Text
    entity: str

    def right(self, verb: str) -> str:
        return f"{self.entity}:{verb}"


_kinds: dict[str, Kind] = {}


def register_kind(code: str, *, label: Text, entity: str = "runs.run") -> Kind:
    """Declare a kind. With an `entity` of its own a room decides who may see, start and publish these runs."""
    if code in _kinds:
        raise ValueError(f"kind of run {code} is declared twice")
    _kinds[code] = Kind(code, label, entity)
    return _kinds[code]


def kind_of(code: str) -> Kind:
    """Return a declared kind.

    Raises:
        KeyError: there is none of this code.
    """
    return _kinds[code]


def kinds() -> list[Kind]:
    """Return every kind in the order of declaration."""
    return list(_kinds.values())


def forget(code: str) -> None:
    """Take a declaration back."""
    _kinds.pop(code, None)
