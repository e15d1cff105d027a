"""The actor: on whose behalf the code runs."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from yaomai.kit.errors import Missing


class NoActor(RuntimeError):
    """Scoped data was asked for without anybody asking. A bug in the caller, never shown to a user."""


@dataclass(frozen=True, slots=True)
class Grant:
    """What one position allows, and how far it reaches."""

    rights: frozenset[str]
    territory_ids: frozenset[int] | None = None
    """Territories reached, subtree included; None means the whole company."""
    position_id: int | None = None
    role: str = ""
    """Code of the position's role; "" for what is lent, such as emergency power."""


@dataclass(frozen=True, slots=True)
class Actor:
    """A person with the positions held today, or a named system task with a reason."""

    person_id: int | None
    label: str
    grants: tuple[Grant, ...] = ()
    position_label: str = ""
    reason: str = ""
    is_system: bool = False
    emergency_id: int | None = None
    """The emergency power under which the person acts, with its reason above; every entry of the trail names it."""

    def may(self, right: str) -> bool:
        """Tell whether any position grants the right, wherever it reaches."""
        return self.is_system or any(right in grant.rights for grant in self.grants)

    def reach(self, right: str) -> frozenset[int] | None:
        """Return the territories in which the right holds; None is the whole company, empty is nowhere."""
        if self.is_system:
            return None
        reached: frozenset[int] = frozenset()
        for grant in self.grants:
            if right in grant.rights:
                if grant.territory_ids is None:
                    return None
                reached |= grant.territory_ids
        return reached


_current: ContextVar[Actor | None] = ContextVar("yaomai_actor", default=None)


def current_actor() -> Actor:
    """Return the actor of this request or job.

    Raises:
        NoActor: nobody is acting.
    """
    actor = _current.get()
    if actor is None:
        raise NoActor("no actor is set; use acting(...) or a system actor with a reason")
    return actor


@contextmanager
def acting(actor: Actor | None) -> Iterator[None]:
    """Run the block on behalf of `actor`; None clears it."""
    token = _current.set(actor)
    try:
        yield
    finally:
        _current.reset(token)


def system_actor(name: str, reason: str) -> Actor:
    """Return an actor for work that no person does; the trail shows the name and the reason."""
    if not reason.strip():
        raise ValueError("a system actor needs a reason")
    return Actor(person_id=None, label=name, reason=reason, is_system=True)


def require(actor: Actor, right: str) -> None:
    """Raise `Missing` unless the actor holds the right: forbidden looks like missing."""
    if not actor.may(right):
        raise Missing
