"""Import row by row through a room's own services, where each row is a decision of its own.

Every rule, gate and entry in the trail that a form meets, a row of the file meets too. For lists of some thousands;
what comes by the hundred thousand is a `ModelImporter`.

    @register_importer
    class ThingImporter(ServiceImporter):
        name, label, right = "room.thing", _("Things"), "room.thing:import"
        model, keys = Thing, (("code",),)
        columns = (Column("code", _("Code"), required=True), Column("parent", _("Belongs to"), ColumnKind.REFERENCE))
        references = {"parent": ("code", "name")}
        create, update = staticmethod(services.thing_create), staticmethod(services.thing_update)

The dry run does all of it and takes it back. Empty cells never erase what is known.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

from django.apps import apps
from django.db import connection, transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from yaomai.kit.access import ScopedModel
from yaomai.kit.acts import Trail, act
from yaomai.kit.errors import DomainError, Invalid
from yaomai.kit.transfer import outgoing, undoing
from yaomai.kit.transfer.columns import Column, ColumnKind, column_named
from yaomai.kit.transfer.models import ImportChange
from yaomai.kit.transfer.problems import Problems, register_problem
from yaomai.kit.transfer.reading import Table
from yaomai.kit.transfer.registry import Applied, Checked, Context, Importer, Undone
from yaomai.kit.transfer.staging import concrete_field, digest, kept_columns, quoted
from yaomai.kit.transfer.values import parse

register_problem("refused", "%(reason)s")
_EXAMPLES = 5
_NAMED = 5
"""How many codes are named where a text stands for several."""
Values = dict[str, Any]
"""What a row says by column name; None where it says nothing."""


class NotThere(DomainError):
    """A cell refers to something that is not there, or to several; `is_later` when the file itself may bring it."""

    code = "transfer.not_there"

    def __init__(
        self, column: str, *, several: bool = False, is_later: bool = False, codes: Sequence[str] = ()
    ) -> None:
        """`codes` are those of the several."""
        super().__init__()
        self.column, self.several, self.is_later, self.codes = column, several, is_later, codes


@dataclass(slots=True)
class Doing:
    """What happened to the rows of a file."""

    problems: Problems
    created: dict[int, int] = field(default_factory=dict)
    """Id of a row -> position in the file; and so in the others."""
    updated: dict[int, int] = field(default_factory=dict)
    unchanged: dict[int, int] = field(default_factory=dict)
    before: dict[int, Any] = field(default_factory=dict)
    """Id of a changed row -> its columns as they were, as JSON."""
    changes: list[tuple[str, dict[str, tuple[str, str]]]] = field(default_factory=list)
    beside: list[tuple[ScopedModel, str | None]] = field(default_factory=list)
    """Rows of other models that the import made (None) or changed (what they were, as `present` returned it)."""

    def forget(self, place: int, changes: int, beside: int) -> None:
        """Forget what a row did before it was refused."""
        for rows in (self.created, self.updated, self.unchanged):
            while rows and next(reversed(rows.values())) == place:
                pk, _place = rows.popitem()
                self.before.pop(pk, None)
        del self.changes[changes:], self.beside[beside:]


def one_of(
    model: type[ScopedModel],
    lookups: Sequence[str],
    text: str,
    column: str,
    *,
    is_later: bool = False,
    of_past: bool = False,
) -> Any:
    """Return the one row in the actor's view that a text names, by the first of the lookups that finds any.

    What is archived counts only where the file tells `of_past`.

    Raises:
        NotThere: there is none, or there are several.
    """
    rows: Any = model.objects.all()
    if hasattr(model, "archived_at") and not of_past:
        rows = rows.filter(archived_at=None)
    for name in lookups:
        found = list(rows.filter(**{name: text})[:_NAMED])
        if len(found) > 1:
            codes = [row.code for row in found] if "code" in lookups else []
            raise NotThere(column, several=True, codes=[code for code in codes if code])
        if found:
            return found[0]
    raise NotThere(column, is_later=is_later)


class ServiceImporter(Importer):
    """See the module's docstring."""

    model: ClassVar[type[ScopedModel]]
    keys: ClassVar[Sequence[Sequence[str]]]
    """Columns that identify a row; the first of which a row fills every one decides."""
    fields: ClassVar[Mapping[str, str]] = {}
    """Column name -> field name, where they differ."""
    references: ClassVar[Mapping[str, Sequence[str]]] = {}
    """Reference column -> the fields of what it refers to by which a text is looked up, the surest first."""
    volatile: ClassVar[Sequence[str]] = ("updated_at", "search")
    """Fields that the system itself rewrites: a difference there is no reason to keep a row at undo."""
    child: ClassVar[str] = ""
    """The column that says whether a line brings something that belongs to the row: then a row may take several lines."""
    create: ClassVar[Callable[..., Any]]
    update: ClassVar[Callable[..., Any]]

    # --- hooks ---

    def refer(self, column: Column, text: str, values: Values) -> Any:
        """Return the row that a text means.

        Raises:
            NotThere: there is none in the actor's view, or there are several.
        """
        related: type[ScopedModel] = concrete_field(self.model, self._field(column.name)).related_model
        return one_of(related, self.references[column.name], text, column.name, is_later=related is self.model)

    def find(self, values: Values, context: Context) -> Any:
        """Return the row that a row of the file is, None when it is new."""
        for key in self.keys:
            if all(values.get(name) not in (None, "") for name in key):
                found = self.model.unscoped.filter(**{self._field(name): values[name] for name in key}).order_by("pk")
                # An archived row is the row only where no open one is.
                return max(found, key=lambda row: getattr(row, "archived_at", None) is None, default=None)
        return None

    def make(self, values: Values, context: Context, doing: Doing) -> Any:
        """Make a new row."""
        given = {self._field(name): value for name, value in values.items() if value is not None}
        return type(self).create(actor=context.actor, now=context.now, **given)

    def change(self, row: Any, changes: Values, values: Values, context: Context, doing: Doing) -> None:
        """Change a row; `changes` are by field name, `values` are all that the file says."""
        type(self).update(actor=context.actor, now=context.now, pk=row.pk, changes=changes)

    def differing(self, row: Any, values: Values) -> Values:
        """Return what a row of the file says differently, by field name."""
        own = {each.name for each in self.model._meta.concrete_fields}
        named = {self._field(name): value for name, value in values.items() if value not in (None, "")}
        return {name: value for name, value in named.items() if name in own and getattr(row, name) != value}

    def take_child(self, row: Any, values: Values, context: Context, doing: Doing) -> bool:
        """Take what a line brings to a row, and note it in `doing.beside`; tell whether anything changed."""
        raise NotImplementedError

    # --- check and apply ---

    def check(self, table: Table, context: Context) -> Checked:
        """Do all of it, and take it back."""
        with transaction.atomic():
            done = self._run(table, context)
            transaction.set_rollback(True)
        parsed = done.problems.table
        mapped = [column for column in self.columns if column.name in context.mapping]
        taken = list(done.created.values())[:_EXAMPLES]
        examples = [
            {str(column.label): record[context.mapping[column.name]] or "" for column in mapped}
            for record in parsed.records(taken)
        ]
        return Checked(
            created=len(done.created),
            updated=len(done.updated),
            unchanged=len(done.unchanged),
            problems=done.problems,
            created_examples=examples,
            updated_examples=done.changes[:_EXAMPLES],
        )

    def apply(self, checked: Checked, context: Context) -> Applied:
        """Do it, and keep beside each row what it was before."""
        done = self._run(checked.problems.table, context)
        self._record(done, context)
        return Applied(len(done.created), len(done.updated), len(done.unchanged))

    def _run(self, table: Table, context: Context) -> Doing:
        parsed = parse(table, self.columns, context.mapping, day_order=context.day_order)
        done = Doing(parsed.problems)
        names = parsed.data.column_names
        waiting = [
            (int(place), dict(zip(names, cells, strict=True)))
            for place, cells in zip(
                parsed.rows, zip(*(parsed.data.column(name).to_pylist() for name in names), strict=True), strict=True
            )
        ]
        total = len(waiting)
        while waiting:
            later = [
                (place, values, error)
                for place, values in waiting
                if (error := self._one(place, values, done, context)) is not None
            ]
            if len(later) == len(waiting):
                for place, _values, error in later:
                    self._refuse(done, place, error.column, *self._absent(error), context)
                break
            waiting = [(place, values) for place, values, _error in later]
            context.progress(total - len(waiting), total)
        return done

    def _one(self, place: int, said: Mapping[str, Any], done: Doing, context: Context) -> NotThere | None:
        """Take one row; return what it waits for, when the file itself may bring it."""
        before = len(done.changes), len(done.beside)
        try:
            with transaction.atomic():
                self._take(place, self._referred(dict(said)), done, context)
        except DomainError as error:
            done.forget(place, *before)
            return self._explain(error, place, done, context)
        return None

    def _explain(self, error: DomainError, place: int, done: Doing, context: Context) -> NotThere | None:
        """Write down why a row was refused; return what it waits for instead, when the file itself may bring it."""
        if isinstance(error, NotThere):
            if error.is_later:
                return error
            self._refuse(done, place, error.column, *self._absent(error), context)
        elif isinstance(error, Invalid):
            known = {self._field(column.name): column.name for column in self.columns}
            for name, messages in (error.fields or {"": [str(error)]}).items():
                column = known.get(name, "") or self._key_column().name
                self._refuse(done, place, column, "refused", {"reason": " ".join(map(str, messages))}, context)
        else:
            self._refuse(done, place, self._key_column().name, "refused", {"reason": str(error)}, context)
        return None

    def _absent(self, error: NotThere) -> tuple[str, Mapping[str, str]]:
        """Return the problem of a cell that means nothing, or several."""
        if error.codes:
            return "several_of", {"codes": "、".join(error.codes)}
        return ("several", {}) if error.several else column_named(tuple(self.columns), error.column).not_there()

    def _referred(self, values: Values) -> Values:
        for column in self.columns:
            text = values.get(column.name)
            if column.kind is ColumnKind.REFERENCE and text:
                values[column.name] = self.refer(column, text.strip(), values)
        return values

    def _take(self, place: int, values: Values, done: Doing, context: Context) -> None:
        row = self.find(values, context)
        if row is None:
            row = self.make(values, context, done)
            done.created[row.pk] = place
        elif not self.model.objects.filter(pk=row.pk).exists():
            # Not even that everything is as the file says may be learned of what is out of sight.
            self._refuse(done, place, self._key_column().name, "forbidden", {}, context)
            return
        else:
            first = next(
                (rows[row.pk] for rows in (done.created, done.updated, done.unchanged) if row.pk in rows), None
            )
            changes = self.differing(row, values)
            if first is not None and (changes or not self._has_child(values)):
                key, where = self._key_column(), done.problems.table.place(first).row
                self._refuse(done, place, key.name, "repeated", {"row": where, "key": str(key.label)}, context)
                return
            if first is None:
                self._take_known(place, row, changes, values, done, context)
        if self._has_child(values) and self.take_child(row, values, context, done) and row.pk in done.unchanged:
            done.updated[row.pk] = done.unchanged.pop(row.pk)

    def _has_child(self, values: Values) -> bool:
        return bool(self.child and values.get(self.child))

    def _take_known(self, place: int, row: Any, changes: Values, values: Values, done: Doing, context: Context) -> None:
        if not changes:
            done.unchanged[row.pk] = place
            return
        before = present(row, self._columns())
        shown = {name: (str(getattr(row, name, "") or ""), str(value)) for name, value in changes.items()}
        self.change(row, changes, values, context, done)
        done.before[row.pk] = before
        done.updated[row.pk] = place
        labels = {self._field(column.name): str(column.label) for column in self.columns}
        done.changes.append((str(row), {labels.get(name, name): pair for name, pair in shown.items()}))

    def _refuse(
        self, done: Doing, place: int, column: str, code: str, params: Mapping[str, Any], context: Context
    ) -> None:
        index = context.mapping.get(column)
        text = "" if index is None else done.problems.table.column(index)[place].as_py() or ""
        done.problems.add(column, index, [place], [(code, params)], [text])

    def _field(self, name: str) -> str:
        return self.fields.get(name, name)

    def _key_column(self) -> Column:
        first = self.keys[0][0]
        return next(column for column in self.columns if column.name == first)

    def _columns(self) -> list[str]:
        """Return the columns of the model that this import may change."""
        own = {each.name: str(each.column) for each in self.model._meta.concrete_fields}
        return [own[name] for column in self.columns if (name := self._field(column.name)) in own]

    def _record(self, done: Doing, context: Context) -> None:
        """Keep what the rows were, and what they are when all is done."""
        for pk in done.created:
            self._keep(self.model, pk, None, kept_columns(self.model, self._volatile_columns()), context)
        for pk, before in done.before.items():
            self._keep(self.model, pk, before, self._columns(), context)
        for row, before in done.beside:
            columns = kept_columns(type(row), ()) if before is None else _own_columns(type(row))
            self._keep(type(row), row.pk, before, columns, context)

    def _keep(
        self, model: type[ScopedModel], pk: int, before: str | None, columns: Sequence[str], context: Context
    ) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                f"""
                INSERT INTO transfer_importchange (imported_id, "table", object_id, before, digest)
                SELECT %s, %s, t.id, %s::jsonb, {digest("t", columns)}
                  FROM {quoted(model._meta.db_table)} t WHERE t.id = %s
                """,  # noqa: S608 - names of our own
                [context.import_id, model._meta.label_lower, before, pk],
            )

    # --- out and undo ---

    def lines(self, rows: Sequence[Any]) -> Iterator[Mapping[str, Any]]:
        """Yield what the rows' fields say; an importer adds what it derives."""
        yield from outgoing.field_lines(rows, self.written_columns(), self.fields)

    def undo(self, context: Context) -> Undone:
        """Take the import back, with an entry in the trail for each row that it concerns."""
        undoing.require_reach(self.model, context, self.right)
        touched = ImportChange.objects.filter(imported_id=context.import_id, table=self.model._meta.label_lower)
        created = set(touched.filter(before__isnull=True).values_list("object_id", flat=True))
        changed = set(touched.filter(before__isnull=False).values_list("object_id", flat=True))
        beside, coming, staying_beside = self._undo_beside(context, created)
        rows = {row.pk: str(row) for row in self.model.unscoped.filter(pk__in=touched.values("object_id"))}
        undone = undoing.undo(self.model, context, volatile=self._volatile_columns())
        staying = set(self.model.unscoped.filter(pk__in=rows).values_list("pk", flat=True))
        for model, pk, name in coming:
            if not model.unscoped.filter(pk=pk).exists():
                self._say(context, model, name, removed=True)
        for pk, name in rows.items():
            if pk not in staying or (pk in changed and pk not in undone.kept_ids):
                self._say(context, self.model, name, removed=pk not in staying)
        ImportChange.objects.bulk_create(staying_beside)
        return replace(
            undone,
            removed=undone.removed + beside.removed,
            restored=undone.restored + beside.restored,
            kept=[*undone.kept, *beside.kept],
        )

    def _say(self, context: Context, model: Any, name: str, *, removed: bool) -> None:
        row_take_back(actor=context.actor, entity=str(model._meta.verbose_name), row=name, removed=removed)

    def _undo_beside(
        self, context: Context, created: set[int]
    ) -> tuple[Undone, list[tuple[Any, int, str]], list[ImportChange]]:
        """Take back what the import did to rows of other models, unless somebody changed them since.

        What came with a new row goes or stays with it: returned as (model, id, name). Returned last is what is known of
        rows that stay: hidden from the undo of the new rows, and needed when it is repeated.
        """
        kept: list[tuple[str, str]] = []
        staying: list[ImportChange] = []
        removed = restored = 0
        coming: list[tuple[Any, int, str]] = []
        every = ImportChange.objects.filter(imported_id=context.import_id).exclude(table=self.model._meta.label_lower)
        for label in sorted(set(every.values_list("table", flat=True))):
            model: Any = apps.get_model(label)
            undoing.require_reach(model, context, model.right("edit"))
            since, own = undoing.changed_since(model, context), every.filter(table=label)
            made = set(own.filter(before__isnull=True).values_list("object_id", flat=True))
            parents = [each.attname for each in model._meta.concrete_fields if each.related_model is self.model]
            for row in model.unscoped.filter(pk__in=own.values("object_id")):
                pk, name = row.pk, str(row)
                if pk in since:
                    kept.append((name, gettext("changed since the import")))
                elif pk in made and any(getattr(row, parent) in created for parent in parents):
                    coming.append((model, pk, name))
                    continue
                else:
                    if pk in made:
                        row.delete()
                    removed, restored = removed + (pk in made), restored + (pk not in made)
                    self._say(context, model, name, removed=pk in made)
                if pk in made:
                    staying += own.filter(object_id=pk) if pk in since else ()
                    own.filter(object_id=pk).delete()
            undoing.restore(model, context)
        return Undone(removed, restored, kept), coming, staying

    def _volatile_columns(self) -> list[str]:
        return [
            str(each.column) for each in self.model._meta.concrete_fields if each.name in {"version", *self.volatile}
        ]


def present(row: ScopedModel, columns: Sequence[str] = ()) -> str:
    """Return what a row is now, as `before` of an `ImportChange`; every column unless some are named."""
    parts = ", ".join(f"'{column}', {quoted(column)}" for column in columns or _own_columns(type(row)))
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT jsonb_build_object({parts})::text FROM {quoted(row._meta.db_table)} WHERE id = %s",  # noqa: S608 - names of our own
            [row.pk],
        )
        (found,) = cursor.fetchone()
    return str(found)


def _own_columns(model: type[ScopedModel]) -> list[str]:
    return [str(each.column) for each in model._meta.concrete_fields if each.name != "id"]


@act(
    "transfer.row:take_back",
    right="",
    sentence=_("%(actor)s took back what an import did to “%(row)s” (%(entity)s)"),
)
def row_take_back(*, actor: Any, trail: Trail, entity: str, row: str, removed: bool) -> None:
    """Say in the trail what the undo of an import did to one row."""
    trail.note(entity=entity, row=row, removed=removed)
