"""What attachments can belong to: rooms say which rows carry files, and who may add one."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Q

from yaomai.kit.access import Actor, Scope, ScopedModel
from yaomai.kit.errors import Missing, Refused


@dataclass(frozen=True, slots=True)
class Carrier:
    """A model whose rows carry files.

    verb:      whoever may do this to the row may attach to it.
    is_final:  the row proves something by now: its files stay.
    takes:     the row still takes files; what was approved with its files takes no others.
    is_unique: one file proves one row only; the same one on a second row is refused.
    """

    model: type[ScopedModel]
    verb: str
    is_final: Callable[[Any], bool]
    takes: Callable[[Any], bool]
    is_unique: bool


_carriers: dict[str, Carrier] = {}
Inspection = Callable[[ScopedModel, str, bytes], Refused | None]
_inspections: list[Inspection] = []


def register_inspection(inspection: Inspection) -> None:
    """Let a room refuse files wherever they are attached: it is asked with the row, what the file is (its ending), and
    its bytes.
    """
    if inspection not in _inspections:
        _inspections.append(inspection)


def require_lawful(row: ScopedModel, suffix: str, content: bytes) -> None:
    """Ask every room.

    Raises:
        Refused: what a room answered.
    """
    for inspection in _inspections:
        if (refusal := inspection(row, suffix, content)) is not None:
            raise refusal


def register_carrier(
    model: type[ScopedModel],
    *,
    verb: str = "edit",
    is_final: Callable[[Any], bool] = lambda _row: False,
    takes: Callable[[Any], bool] = lambda _row: True,
    is_unique: bool = False,
    order: int = 150,
) -> None:
    """Let rows of a model carry files, listed on their page."""
    from yaomai.kit.attachments.panels import panel
    from yaomai.kit.surfaces.surface import Panel, extend

    _carriers[model._meta.label_lower] = Carrier(model, verb, is_final, takes, is_unique)
    extend(model, panels=[Panel("attachments", template="attachments/panel.html", load=panel, order=order)])


def carrier_of(label: str) -> Carrier:
    """Return what was declared of a model.

    Raises:
        Missing: its rows carry no files.
    """
    if label not in _carriers:
        raise Missing
    return _carriers[label]


def labels() -> list[str]:
    """Return the models whose rows carry files."""
    return sorted(_carriers)


@dataclass(frozen=True, slots=True)
class WithCarrier(Scope):
    """A file reaches whoever reaches the row that carries it."""

    def filter(self, model: type[ScopedModel], actor: Actor, right: str) -> Q | None:
        verb, found = right.partition(":")[2], Q(pk__in=[])
        for label, carrier in _carriers.items():
            needed = carrier.model.right(carrier.verb if verb != "view" else "view")
            inner = carrier.model.scope.filter(carrier.model, actor, needed)
            rows = carrier.model.unscoped.filter(pk=OuterRef("carrier_id"))
            found |= Q(carrier=label) & Q(Exists(rows if inner is None else rows.filter(inner)))
        return found
