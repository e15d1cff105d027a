"""What can be approved, and who people are: both are declared by rooms above."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Protocol

from django.utils.translation import gettext_lazy as _

from yaomai.kit.access import Actor
from yaomai.kit.audit.trail import Changes
from yaomai.kit.phrases import Text

if TYPE_CHECKING:
    from yaomai.kit.approvals.chains import Chain
    from yaomai.kit.approvals.models import Request

SUPERIOR = "superior"
"""In the place of a role: whoever the asking person's position reports to."""
HOLDER = "holder"
"""In the place of a role: whoever holds the right that the kind names."""


class Outcome(Protocol):
    """What a room does once its request is decided; called in the transaction of the last decision.

    `actor` is who decided last, with the power to do what was asked for. What it returns stands in the trail's entry of
    the decision; no act of its own is needed.
    """

    def __call__(self, request: "Request", *, actor: Actor, now: datetime) -> Changes | None: ...


def _nothing(request: "Request", *, actor: Actor, now: datetime) -> Changes | None:
    """Leave everything as it is."""
    return None


@dataclass(frozen=True, slots=True)
class Kind:
    """Something that is decided by others.

    right:      whose holders a step may name instead of a role.
    chains:     who decides as long as no policy says otherwise; without any, a holder of the right.
    meaning:    what a signature states.
    is_current: tells whether what was asked for still is as it was when asked; asked again before each decision.
    """

    code: str
    label: Text
    right: str
    chains: Callable[[], "Sequence[Chain]"]
    on_approved: Outcome
    on_rejected: Outcome
    meaning: Text
    is_current: "Callable[[Request], bool]"


class Directory(Protocol):
    """Who people are."""

    def roles(self) -> Mapping[str, Text]:
        """Return the words of every role by its code."""

    def holders(self, role: str, territory_id: int | None, on: date) -> frozenset[int]:
        """Return who holds a role on a day with a reach that covers the territory (None: the whole company)."""

    def holders_of_right(self, right: str, territory_id: int | None, on: date) -> frozenset[int]:
        """Return who holds a right on a day with a reach that covers the territory (None: the whole company)."""

    def superiors(self, person_id: int, on: date) -> frozenset[int]:
        """Return whom the person's positions report to on a day."""

    def names(self, person_ids: frozenset[int]) -> Mapping[int, str]:
        """Return the names of people."""

    def colleagues(self) -> Mapping[int, str]:
        """Return everybody who may sign in, by id."""


_kinds: dict[str, Kind] = {}
_directories: list[Directory] = []
_APPROVE = _("I have read what is to be approved, and I approve it.")


def register_kind(
    code: str,
    *,
    label: Text,
    on_approved: Outcome,
    right: str = "",
    chains: "Callable[[], Sequence[Chain]] | None" = None,
    on_rejected: Outcome = _nothing,
    meaning: Text = _APPROVE,
    is_current: "Callable[[Request], bool]" = lambda _request: True,
) -> None:
    """Declare something that is decided by others; `code` is `room.entity`.

    Raises:
        ValueError: it is declared twice, or says neither a right nor chains.
    """
    if code in _kinds or not (right or chains):
        raise ValueError(f"kind of approval {code} is declared twice, or nobody decides")
    _kinds[code] = Kind(code, label, right, chains or _by_holders, on_approved, on_rejected, meaning, is_current)


def _by_holders() -> "Sequence[Chain]":
    from yaomai.kit.approvals.chains import Chain, StepSpec

    return [Chain(steps=[StepSpec(role=HOLDER)])]


def kind_of(code: str) -> Kind:
    """Return a declared kind.

    Raises:
        KeyError: there is none of this code.
    """
    return _kinds[code]


def kinds() -> dict[str, Kind]:
    """Return every kind by its code."""
    return dict(sorted(_kinds.items()))


def register_directory(found: Directory) -> None:
    """Say who people are."""
    _directories[:] = [found]


def directory() -> Directory:
    """Return what knows people.

    Raises:
        RuntimeError: no room registered one.
    """
    if not _directories:
        raise RuntimeError("no directory is registered; see yaomai.kit.approvals.register_directory")
    return _directories[0]


def role_words() -> dict[str, Text]:
    """Return the word for everybody who can be named in a step."""
    own = {SUPERIOR: _("Direct superior"), HOLDER: _("Whoever holds the right to approve")}
    return {**own, **(directory().roles() if _directories else {})}
