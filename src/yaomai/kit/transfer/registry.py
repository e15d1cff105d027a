"""What can be imported, and what must never be: the importers that rooms declare, and the guards."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar

import pyarrow as pa

from yaomai.kit.access import Actor
from yaomai.kit.errors import Missing, Refused, Text
from yaomai.kit.transfer.columns import Column
from yaomai.kit.transfer.problems import Problems
from yaomai.kit.transfer.reading import Table
from yaomai.spellings import DayOrder

Recall = Callable[[str, Callable[[], pa.Table]], pa.Table]


def made_anew(_name: str, make: Callable[[], pa.Table]) -> pa.Table:
    """Recall nothing."""
    return make()


@dataclass(frozen=True, slots=True)
class Context:
    """On whose behalf, when and how a table is imported.

    `mapping` is column name -> position of the table's column; `options` are the importer's own; `import_id` is
    set while applying and undoing; `progress(done, total)` may be called as often as one likes. `recall(name, make)`
    returns what the check before an import made under that name when nothing was done in between, else makes it.
    """

    actor: Actor
    now: datetime
    mapping: Mapping[str, int]
    day_order: DayOrder = DayOrder.UNKNOWN
    options: Mapping[str, Any] = field(default_factory=dict)
    source: str = ""
    file_name: str = ""
    import_id: int = 0
    progress: Callable[[int, int], None] = lambda _done, _total: None
    recall: Recall = made_anew


@dataclass(slots=True)
class Checked:
    """What an import would do. Nothing has been written.

    `created_examples`: [{header: value}, …]; `updated_examples`: [(name, {header: (before, after)}), …].
    """

    created: int
    updated: int
    unchanged: int
    problems: Problems
    created_examples: list[dict[str, str]] = field(default_factory=list)
    updated_examples: list[tuple[str, dict[str, tuple[str, str]]]] = field(default_factory=list)
    notices: list[tuple[Text, dict[str, Any]]] = field(default_factory=list)
    """What a person should know before it is done."""
    plan: Any = None


@dataclass(frozen=True, slots=True)
class Applied:
    """What an import did."""

    created: int
    updated: int
    unchanged: int


@dataclass(frozen=True, slots=True)
class Undone:
    """What an undo did; `kept` are all rows that stay as they are: (name, reason), far down the list without a name.

    `kept_ids` are those of the importer's own model. What was taken back is in no `ImportChange` any more, so that an
    undo can be repeated for the rest.
    """

    removed: int
    restored: int
    kept: Sequence[tuple[str, str]] = ()
    kept_ids: frozenset[int] = frozenset()


class Importer:
    """One kind of import, declared by a room in its `importers.py` and registered with `register_importer`.

    `check` writes nothing; `apply` and `undo` write inside the transaction they are called in and nothing else.
    """

    name: ClassVar[str]
    """`room.entity`, as in the address."""
    label: ClassVar[Text]
    right: ClassVar[str]
    """What it takes to use it, such as `room.entity:import`."""
    columns: ClassVar[Sequence[Column]]
    model: ClassVar[Any] = None
    """Whose rows `lines` writes out again; None: they come out in another way."""
    options: ClassVar[Sequence[Column]] = ()
    """What is asked for besides the file; text, choices and references are offered as a field each."""
    results: ClassVar[tuple[str, Text] | None] = None
    """Where to go when the import is done: name of the address, and what is to be done or seen there."""

    def require_options(self, options: Mapping[str, Any]) -> None:
        """Refuse options that cannot be used, before the file is read.

        Raises:
            Invalid: with the field of each option that is wrong.
        """

    def check(self, table: Table, context: Context) -> Checked:
        """Return what would happen."""
        raise NotImplementedError

    def apply(self, checked: Checked, context: Context) -> Applied:
        """Do what `check` found, within the present transaction."""
        raise NotImplementedError

    def undo(self, context: Context) -> Undone:
        """Take the import `context.import_id` back, within the present transaction."""
        raise NotImplementedError

    def lines(self, rows: Sequence[Any]) -> Iterator[Mapping[str, Any]]:
        """Yield what a file says of rows of `model`, so that its import brings them back: column name -> value.

        A row may take several lines. At most one query for each reference, however many rows.
        """
        raise NotImplementedError

    @classmethod
    def written_columns(cls) -> list[Column]:
        """Return the columns that `lines` fills."""
        return [column for column in cls.columns if column.exported]


Guard = Callable[[Importer, Table], Refused | None]

_importers: dict[str, Importer] = {}
_guards: list[Guard] = []


def register_importer(importer: type[Importer]) -> type[Importer]:
    """Register an importer: class decorator.

    Raises:
        ValueError: the name is taken, or two columns have one name.
    """
    if importer.name in _importers:
        raise ValueError(f"importer {importer.name} is declared twice")
    names = [column.name for column in importer.columns]
    if len(set(names)) < len(names):
        raise ValueError(f"importer {importer.name} has two columns of one name")
    _importers[importer.name] = importer()
    return importer


def forget_importer(name: str) -> None:
    """Take a declaration back."""
    _importers.pop(name, None)


def importer_named(name: str) -> Importer:
    """Return the importer.

    Raises:
        Missing: there is none of that name.
    """
    if name not in _importers:
        raise Missing
    return _importers[name]


def every_importer() -> list[Importer]:
    """Return all importers, whoever may use them."""
    return list(_importers.values())


def importers_for(actor: Actor) -> list[Importer]:
    """Return the importers that the actor may use."""
    return [importer for importer in _importers.values() if actor.may(importer.right)]


def register_guard(guard: Guard) -> Guard:
    """Register a guard (importer, table) -> refusal or None; it runs before anything is stored."""
    if guard not in _guards:
        _guards.append(guard)
    return guard


def forget_guard(guard: Guard) -> None:
    """Take a guard back."""
    _guards.remove(guard)


def require_unguarded(importer: Importer, table: Table) -> None:
    """Let every guard look at a table.

    Raises:
        Refused: the refusal of the first guard that objects.
    """
    for guard in _guards:
        refusal = guard(importer, table)
        if refusal is not None:
            raise refusal
