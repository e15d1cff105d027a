"""Acts: how any room writes.

    @act("customers.institution:create", sentence=_("%(actor)s created institution %(target)s"))
    def institution_create(*, actor: Actor, name: str, trail: Trail) -> Institution:
        institution = Institution.unscoped.create(name=name)
        trail.note(institution, changes={"name": (None, name)})
        return institution

The decorator takes from the texts what nobody sees, checks the right, asks the gates, opens the transaction, sets the
actor, and writes exactly one entry into the trail in that transaction. A form that is sent twice is done once (`kit.once`). A row that a scoped write
leaves outside the writer's scope rolls everything back. A refusal is written into the trail after the rollback. The registry is what the tests walk.
"""

import functools
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, TypeVar

from django.db import IntegrityError, models, transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from psycopg.errors import ForeignKeyViolation

from yaomai.kit import once
from yaomai.kit.access import Actor, ScopedModel, acting, require
from yaomai.kit.audit.models import Entry
from yaomai.kit.audit.trail import Changes, record
from yaomai.kit.errors import Conflict, Missing, Refused
from yaomai.spellings import printable

T = TypeVar("T")
Service = Callable[..., T]


class UnnotedAct(RuntimeError):
    """A service ended without saying what it did, or said it twice. A bug in the service."""


class GoneMeanwhile(Conflict):
    """What the act refers to was removed while it ran."""

    code = "gone_meanwhile"
    message = _(
        "Something that this refers to was removed at the same moment. Nothing was saved. Reload and try again."
    )


@dataclass(slots=True)
class Trail:
    """What a service says about itself, once."""

    actor: Actor
    right: str
    noted: bool = False
    target: models.Model | None = None
    changes: Changes = field(default_factory=dict)
    params: Mapping[str, Any] = field(default_factory=dict)

    def note(self, target: models.Model | None = None, *, changes: Changes | None = None, **params: Any) -> None:
        """Say what was done to what. `params` fill the placeholders of the act's sentence."""
        if self.noted:
            raise UnnotedAct(f"{self.right} noted twice")
        self.noted, self.target, self.changes, self.params = True, target, changes or {}, params


@dataclass(frozen=True, slots=True)
class Act:
    """A registered write."""

    code: str
    right: str
    sentence: Promise | str
    service: Callable[..., Any]


Gate = Callable[[str, Mapping[str, Any]], Refused | None]

_acts: dict[str, Act] = {}
_gates: list[Gate] = []
_running: ContextVar[bool] = ContextVar("yaomai_act_running", default=False)


def acts() -> dict[str, Act]:
    """Return every registered act by its code."""
    return dict(_acts)


def register_gate(gate: Gate) -> None:
    """Let a room refuse acts of every room: `gate(code, arguments)` is asked before each service runs."""
    if gate not in _gates:
        _gates.append(gate)


def _require_gates(code: str, arguments: Mapping[str, Any]) -> None:
    for gate in _gates:
        refusal = gate(code, arguments)
        if refusal is not None:
            raise refusal


def _printable(value: Any) -> Any:
    """Return what a service is given, its texts without what nobody sees, at any depth."""
    if isinstance(value, str):
        return printable(value)
    if type(value) is dict:
        return {_printable(name): _printable(inner) for name, inner in value.items()}
    if type(value) in (list, tuple):
        return type(value)(_printable(inner) for inner in value)
    return value


def act(code: str, *, sentence: Promise | str, right: str | None = None) -> Callable[[Service[T]], Service[T]]:
    """Make a function a write service; see the module's docstring.

    Args:
        code: what the trail calls it, `room.entity:verb`.
        sentence: translated sentence with %(actor)s, %(target)s and the noted params.
        right: the right it needs, when not `code` itself; "" needs none beyond being signed in.
    """

    def decorate(service: Service[T]) -> Service[T]:
        if code in _acts:
            raise ValueError(f"act {code} is declared twice")
        needed = code if right is None else right

        @functools.wraps(service)
        def run(*, actor: Actor, **kwargs: Any) -> T:
            outermost = not _running.get()
            kwargs = _printable(kwargs)
            token = _running.set(True)
            try:
                with acting(actor), transaction.atomic():
                    if needed:
                        require(actor, needed)
                    _require_gates(code, kwargs)
                    if outermost:
                        once.claim()
                    trail = Trail(actor=actor, right=needed)
                    result = service(actor=actor, trail=trail, **kwargs)
                    _finish(code, trail)
                return result
            except (Refused, Missing) as error:
                if outermost:
                    _record_refusal(code, actor, error)
                raise
            except IntegrityError as error:
                # References are checked when the transaction ends: what is referred to can go until then.
                if isinstance(error.__cause__, ForeignKeyViolation):
                    raise GoneMeanwhile from error
                raise
            finally:
                _running.reset(token)

        _acts[code] = Act(code, needed, sentence, run)
        return run

    return decorate


def _finish(code: str, trail: Trail) -> None:
    if not trail.noted:
        raise UnnotedAct(f"{code} did not note what it did")
    if isinstance(trail.target, ScopedModel) and trail.target.pk is not None:
        _require_in_scope(trail.target, trail.right)
    record(actor=trail.actor, code=code, target=trail.target, changes=trail.changes, params=trail.params)


def _require_in_scope(target: ScopedModel, right: str) -> None:
    """Roll back a write that leaves its row where the writer holds no right."""
    model = type(target)
    rows = model.objects.all()
    if right.startswith(f"{model.right('')}"):
        rows = rows.allowed(right)
    if not rows.filter(pk=target.pk).exists():
        raise Missing


def _record_refusal(code: str, actor: Actor, error: Refused | Missing) -> None:
    params: dict[str, Any] = {"reason": str(error)}
    if isinstance(error, Refused):
        params["citations"] = error.citations
    record(actor=actor, code=code, params=params, outcome=Entry.Outcome.REFUSED)
