"""What must move when two rows become one. Rooms declare it in their `apps.py`:

    merging.register_reference(SalesLine, "institution", moved=mark_months_changed)
    merging.register_staying(Visit, "institution_at_the_time")

A test walks every foreign key to a row that can be merged and fails when it is neither. Whoever writes such a row
holds what it points at (`hold`), so that no merge passes between the look and the write.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypedDict

from django.db import connection, models
from django.db.models import Exists, OuterRef, Q

from yaomai.kit.access import get_visible

Moved = Callable[[int, int, Sequence[int]], None]
BATCH = 20_000


class Move(TypedDict):
    """Rows of one reference that went from one row to another."""

    reference: str
    old: int
    new: int
    rows: list[int]


@dataclass(frozen=True, slots=True)
class Reference:
    """A foreign key whose rows move.

    unless: rows for which the winner has one with the same values of these fields stay with the loser,
            among the rows that meet `among`: the fields of a unique constraint and its condition. With `among`
            alone the winner may have one such row in all.
    moved:  called with (old, new, row ids) in the transaction of a merge and of its undoing.
    """

    model: type[models.Model]
    column: str
    unless: tuple[str, ...] = ()
    among: Mapping[str, Any] = field(default_factory=dict)
    moved: Moved | None = None

    @property
    def name(self) -> str:
        return f"{self.model._meta.label_lower}.{self.column}"

    def rows(self, pk: int) -> models.QuerySet[Any]:
        """Return the rows that point at a row."""
        return self.model._base_manager.filter(**{self.column: pk})

    def movable(self, old: int, new: int) -> models.QuerySet[Any]:
        """Return the rows that can move from one row to another."""
        rows = self.rows(old)
        if self.model is self.model._meta.get_field(self.column).related_model:
            rows = rows.exclude(pk=new)
        if not self.unless and not self.among:
            return rows
        same = {name: OuterRef(name) for name in self.unless}
        taken = Exists(self.rows(new).filter(**self.among, **same))
        return rows.exclude(Q(**self.among) & taken) if self.among else rows.exclude(taken)

    def point(self, pks: Sequence[int], *, old: int, new: int) -> list[int]:
        """Let rows that still point at `old` point at `new`; return which did."""
        done: list[int] = []
        for start in range(0, len(pks), BATCH):
            some = self.rows(old).filter(pk__in=pks[start : start + BATCH])
            here = sorted(some.values_list("pk", flat=True))
            self.model._base_manager.filter(pk__in=here).update(**{self.column: new})
            done += here
        if done and self.moved is not None:
            self.moved(old, new, done)
        return done


_references: dict[str, Reference] = {}
_staying: set[str] = set()


def register_reference(
    model: type[models.Model],
    field: str,
    *,
    unless: Sequence[str] = (),
    among: Mapping[str, Any] | None = None,
    moved: Moved | None = None,
) -> None:
    """Declare a foreign key to an institution, department or professional whose rows move in a merge."""
    reference = Reference(model, field, tuple(unless), among or {}, moved)
    _references[reference.name] = reference


def register_staying(model: type[models.Model], *fields: str) -> None:
    """Declare foreign keys whose rows stay with the row they were written for."""
    _staying.update(f"{model._meta.label_lower}.{name}" for name in fields)


def references_to(model: type[models.Model]) -> list[Reference]:
    """Return what moves when two rows of a model become one."""
    return [each for each in _references.values() if each.model._meta.get_field(each.column).related_model is model]


def undeclared(model: type[models.Model]) -> list[str]:
    """Return the foreign keys to a model that are declared neither as moving nor as staying."""
    pointing = [
        f"{relation.related_model._meta.label_lower}.{relation.field.name}"
        for relation in model._meta.get_fields(include_hidden=True)
        if isinstance(relation, models.ManyToOneRel)
    ]
    return sorted(name for name in pointing if name not in _references and name not in _staying)


def hold(model: type[models.Model], pks: Iterable[int]) -> dict[int, int]:
    """Keep rows from being merged until the transaction ends; return where each stands by now: itself, or its winner.

    Waits for merges that are under way. Locks in the order of keys, as a merge does.
    """
    standing = {pk: pk for pk in pks}
    asked: set[int] = set()
    while waiting := sorted(set(standing.values()) - asked):
        asked.update(waiting)
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT id, merged_into_id FROM {connection.ops.quote_name(model._meta.db_table)}"  # noqa: S608
                " WHERE id = ANY(%s) ORDER BY id FOR KEY SHARE",
                [waiting],
            )
            winners = {pk: winner for pk, winner in cursor.fetchall() if winner is not None}
        standing = {pk: winners.get(now, now) for pk, now in standing.items()}
    return standing


def standing(row: Any) -> Any:
    """Return the row, kept from being merged until the transaction ends; its winner when it was merged meanwhile.

    Raises:
        Missing: the winner is out of reach.
    """
    now = hold(type(row), [row.pk])[row.pk]
    return row if now == row.pk else get_visible(type(row), pk=now)


def move(model: type[models.Model], *, old: int, new: int) -> list[Move]:
    """Move everything that points at `old`; return what moved."""
    moves: list[Move] = []
    for reference in references_to(model):
        pks = sorted(reference.movable(old, new).values_list("pk", flat=True))
        done = reference.point(pks, old=old, new=new)
        if done:
            moves.append(Move(reference=reference.name, old=old, new=new, rows=done))
    return moves


def move_back(moves: Sequence[Move]) -> None:
    """Undo moves, the last first; rows that went elsewhere meanwhile stay there."""
    for done in reversed(moves):
        reference = _references.get(done["reference"])
        if reference is not None:
            reference.point(done["rows"], old=done["new"], new=done["old"])
