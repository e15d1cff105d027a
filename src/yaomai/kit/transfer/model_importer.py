"""Import into a model: match by natural key, write by COPY and set-based SQL, undo row by row.

A room declares which columns there are and which fields make a row the same one; hooks fill what is derived:

    @register_importer
    class ThingImporter(ModelImporter):
        name, label, right = "room.thing", _("Things"), "room.thing:import"
        model = Thing
        columns = (Column("code", _("Code"), required=True), Column("name", _("Name"), required=True))
        keys = (("code",),)

Empty cells never erase what is known; columns that the file lacks are left alone. Columns of `prepare` whose name
begins with an underscore are not written: they are handed to `derive`, `found_by` and `children`, beside each row's
`_id` and `_is_new`.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa
from django.db import IntegrityError, connection, models
from django.utils.translation import gettext_lazy as _

from yaomai.kit.access import ScopedModel, system_actor
from yaomai.kit.errors import Conflict, Refused
from yaomai.kit.search import vectors
from yaomai.kit.transfer import outgoing, undoing, writes
from yaomai.kit.transfer.columns import Column, ColumnKind
from yaomai.kit.transfer.problems import Problems
from yaomai.kit.transfer.reading import Table
from yaomai.kit.transfer.registry import Applied, Checked, Context, Importer, Undone
from yaomai.kit.transfer.staging import column_type, concrete_field, stage
from yaomai.kit.transfer.values import Parsed, parse, without_examples

SEVERAL = -1
"""What `resolve` answers for a text that stands for several rows."""
_EXAMPLES = 5
_POSITION = "_position"
_FIRST, _AT_ONCE = 2_000, 8_000
_MANY = 2_000
"""From so many written rows on, the search index is finished after the import; until then a search reads a list as well."""


class OutOfReach(Refused):
    """New rows would lie where the importer's user has no right."""

    code = "transfer.out_of_reach"
    message = _("%(count)s rows lie outside the area for which you may import. Nothing was imported.")


class ChangedMeanwhile(Conflict):
    code = "transfer.changed_meanwhile"
    message = _("Somebody else changed the same rows while they were imported. Nothing was imported; try again.")


@dataclass(frozen=True, slots=True)
class Children:
    """Rows that belong to imported rows, such as other names.

    `rows` has the column "row" (position in the rows handed to the hook) and one column per field; a row whose
    `key` fields its parent already has is left out. What takes long to make is a function: a thread of its own calls
    it while the database writes the imported rows, so it computes only and asks the database nothing.
    """

    model: type[models.Model]
    parent: str
    key: tuple[str, ...]
    rows: pa.Table | Callable[[], pa.Table]

    def made(self) -> pa.Table:
        """Return the rows."""
        return self.rows() if callable(self.rows) else self.rows


class Rows:
    """The rows of a file on their way: typed columns, and a way to refuse some of them."""

    def __init__(self, parsed: Parsed, mapping: Mapping[str, int]) -> None:
        self.data = parsed.data
        self.problems: Problems = parsed.problems
        self.table = parsed.table
        self.mapping = mapping
        self.positions = parsed.rows

    def __len__(self) -> int:
        return len(self.positions)

    def refuse(
        self, column: str, positions: Iterable[int], code: str, params: Sequence[Mapping[str, Any]] = ()
    ) -> None:
        """Refuse rows by their positions in `data`; `column` names the declared column whose cell is wrong."""
        rows = [int(self.positions[each]) for each in positions]
        index = self.mapping.get(column)
        texts = [""] * len(rows)
        if index is not None:
            texts = [text or "" for text in self.table.column(index).take(pa.array(rows, pa.int64())).to_pylist()]
        found = [(code, params[each] if params else {}) for each in range(len(rows))]
        self.problems.add(column, index, rows, found, texts)

    def row_number(self, position: int) -> int:
        """Return the row's number in the file."""
        return self.table.place(int(self.positions[position])).row

    def drop_refused(self) -> np.ndarray:
        """Leave only the rows without a problem; return which were left."""
        kept: np.ndarray = ~self.problems.refused[self.positions]
        if not kept.all():
            self.data = self.data.filter(pa.array(kept))
            self.positions = self.positions[kept]
        return kept


@dataclass(frozen=True, slots=True)
class Plan:
    """The staged rows of a check, valid within its transaction."""

    rows: Rows
    fields: pa.Table
    refused: list[int]
    """Positions in `fields` that the comparison with the database refused."""


class ModelImporter(Importer):
    """See the module's docstring."""

    model: ClassVar[type[ScopedModel]]
    keys: ClassVar[Sequence[Sequence[str]]]
    """Field names that identify a row, the strongest key first; a weaker one serves where a stronger is empty."""
    fields: ClassVar[Mapping[str, str]] = {}
    """Column name -> field name, where they differ."""
    own: ClassVar[Mapping[str, Sequence[str]]] = {}
    """References that may mean another row of the same file: column -> the columns that name that row."""
    made: ClassVar[Mapping[str, Any]] = {}
    """Fields made of several columns, by label: they are shown among what changes."""
    volatile: ClassVar[Sequence[str]] = ("updated_at", "search")
    passing: ClassVar[undoing.Passing] = ()
    """What is computed of the rows and goes with them when an import is undone; see `undoing.Passing`."""
    """Fields that the system itself rewrites: a difference there is no reason to keep a row at undo."""

    # --- hooks ---

    def existing(self, context: Context) -> models.QuerySet[Any]:
        """Return the rows that a row of the file may be; also those out of the actor's sight."""
        return self.model.unscoped.all()

    def resolve(self, column: Column, texts: Sequence[str], context: Context) -> Mapping[str, int]:
        """Return the id for each text of a reference; SEVERAL when it is not unique, no entry when unknown."""
        raise NotImplementedError(column.name)

    def prepare(self, rows: Rows, context: Context) -> pa.Table:
        """Return the columns by field name, derived keys and fixed values included; may refuse rows."""
        names = [self.fields.get(name, name) for name in rows.data.column_names]
        return rows.data.rename_columns(names)

    def derive(self, fields: pa.Table, context: Context) -> Mapping[str, pa.Array]:
        """Return what only rows that are written need: field name -> values."""
        return {}

    def found_by(self, fields: pa.Table, context: Context) -> Sequence[Sequence[str]] | None:
        """Return the texts by which each written row is found, its name first, where the model is searched."""
        return None

    def children(self, fields: pa.Table, context: Context) -> Sequence[Children]:
        """Return the rows that belong to those that will be written; asked before these are."""
        return ()

    # --- check ---

    def check(self, table: Table, context: Context) -> Checked:
        """Return what would be created, changed and refused."""
        fields = context.recall("fields", lambda: self._understood(table, context))
        rows = self._rows_of(fields, table, context)
        fields = fields.drop_columns([_POSITION])
        self._stage(fields)
        self._match(context)
        states = self._states(context)
        refused = self._refuse_by_state(rows, states)
        refused |= self._refuse_orphans(rows, fields, refused)
        counted = [state for state in states if state.row not in refused]
        return Checked(
            created=sum(state.id is None for state in counted),
            updated=sum(state.id is not None and state.differs for state in counted),
            unchanged=sum(state.id is not None and not state.differs for state in counted),
            problems=rows.problems,
            created_examples=self._created_examples(rows, [state.row for state in counted if state.id is None]),
            updated_examples=self._updated_examples(
                fields, [state.row for state in counted if state.id is not None and state.differs]
            ),
            plan=Plan(rows, fields, sorted(refused)),
        )

    def _understood(self, table: Table, context: Context) -> pa.Table:
        """Return the fields of the rows without problems, their positions, and as metadata the problems."""
        rows = Rows(parse(table, self.columns, context.mapping, day_order=context.day_order), context.mapping)
        self._resolve_references(rows, context)
        rows.drop_refused()
        fields = self._with_own(self.prepare(rows, context), rows)
        fields = fields.filter(pa.array(rows.drop_refused()))
        fields = fields.append_column(_POSITION, pa.array(rows.positions, pa.int64()))
        return rows.problems.noted_on(fields)

    def _rows_of(self, fields: pa.Table, table: Table, context: Context) -> Rows:
        read, examples = without_examples(table, self.columns, context.mapping)
        problems = Problems.noted(fields, read)
        positions = fields.column(_POSITION).to_numpy()
        return Rows(Parsed(read, fields, positions, problems, examples), context.mapping)

    def _resolve_references(self, rows: Rows, context: Context) -> None:
        for column in self.columns:
            if column.kind is not ColumnKind.REFERENCE or column.name not in rows.data.column_names:
                continue
            texts = rows.data.column(column.name).combine_chunks().dictionary_encode()
            spellings = texts.dictionary.to_pylist()
            known = self.resolve(column, spellings, context) if spellings else {}
            ids = pa.array([known.get(text) for text in spellings], pa.int64()).take(texts.indices)
            missing = np.asarray(ids.is_null()) & np.asarray(texts.indices.is_valid())
            if column.name in self.own:
                # What we do not have may stand in the file itself: `_refuse_orphans` decides when its rows are known.
                later = pa.array(np.where(missing, texts.cast(pa.string()).to_numpy(zero_copy_only=False), None))
                rows.data = rows.data.append_column(_later(column.name), later.cast(pa.string()))
                missing[:] = False
            absent = np.flatnonzero(missing).tolist()
            if absent:
                code, params = column.not_there()
                rows.refuse(column.name, absent, code, [params] * len(absent))
            several = np.flatnonzero(np.asarray(ids.fill_null(0)) == SEVERAL)
            rows.refuse(column.name, several.tolist(), "several")
            place = rows.data.column_names.index(column.name)
            rows.data = rows.data.set_column(place, column.name, ids)

    def _with_own(self, fields: pa.Table, rows: Rows) -> pa.Table:
        for name in map(_later, self.own):
            if name in rows.data.column_names and name not in fields.column_names:
                fields = fields.append_column(name, rows.data.column(name))
        return fields

    def _refuse_orphans(self, rows: Rows, fields: pa.Table, refused: set[int]) -> set[int]:
        """Refuse rows that refer to a row that neither we nor the rest of the file have, or the file has twice."""
        found: set[int] = set()
        for name, named_by in self.own.items():
            if _later(name) not in fields.column_names:
                continue
            texts = fields.column(_later(name)).to_pylist()
            named = [fields.column(each).to_pylist() for each in named_by if each in fields.column_names]
            while True:
                counts = [
                    Counter(text for row, text in enumerate(column) if row not in refused | found) for column in named
                ]
                times = {
                    row: next((count[text] for count in counts if count[text]), 0)
                    for row, text in enumerate(texts)
                    if text and row not in refused | found
                }
                wrong = [row for row, count in times.items() if count != 1]
                if not wrong:
                    break
                for code, chosen in (
                    ("unknown", [row for row in wrong if times[row] == 0]),
                    ("several", [row for row in wrong if times[row] > 1]),
                ):
                    rows.refuse(name, chosen, code)
                found.update(wrong)
        return found

    def _stage(self, fields: pa.Table) -> None:
        types = {"row": "integer", "id": "bigint", "several": "boolean", "forbidden": "boolean"}
        columns: dict[str, Any] = {
            "row": pa.array(np.arange(fields.num_rows, dtype=np.int32)),
            "id": pa.nulls(fields.num_rows, pa.int64()),
            "several": pa.nulls(fields.num_rows, pa.bool_()),
            "forbidden": pa.nulls(fields.num_rows, pa.bool_()),
        }
        for name in _written_fields(fields):
            field = concrete_field(self.model, name)
            types[field.column] = column_type(field)
            columns[field.column] = fields.column(name)
        for name in self.own:
            if _later(name) in fields.column_names:
                later = writes.later_column(self._column(name))
                types[later], columns[later] = "text", fields.column(_later(name))
        stage(writes.STAGED, types, pa.table(columns))

    def _match(self, context: Context) -> None:
        """Find the existing row of each staged row, by the strongest key that both have."""
        stronger: list[str] = []
        staged = self._staged_columns()
        for key in self.keys:
            key_columns = [self._column(name) for name in key]
            if all(column in staged for column in key_columns):
                given = [column for column in stronger if column in staged]
                writes.match(self.model, self.existing(context), key_columns, given)
            stronger += key_columns
        condition = self.model.scope.filter(self.model, context.actor, self.right)
        if condition is not None:
            writes.forbid(self.model, self.model.unscoped.filter(condition))

    def _staged_columns(self) -> list[str]:
        return writes.staged_columns()

    def _column(self, name: str) -> str:
        return str(concrete_field(self.model, name).column)

    def _written_columns(self) -> list[str]:
        return [column for column in self._staged_columns() if not writes.is_bookkeeping(column)]

    def _states(self, context: Context) -> list[writes.State]:
        keys = [[self._column(name) for name in key] for key in self.keys]
        return writes.states(self.model, keys, self._staged_columns(), self._written_columns())

    def _refuse_by_state(self, rows: Rows, states: Sequence[writes.State]) -> set[int]:
        """Refuse rows that stand for several existing ones, are out of reach, or repeat another row of the file."""
        key_column = self._key_column()
        refused: set[int] = set()
        for code, chosen in (
            ("several", [state.row for state in states if state.several]),
            ("forbidden", [state.row for state in states if state.forbidden and not state.several]),
        ):
            rows.refuse(key_column.name, chosen, code)
            refused.update(chosen)
        repeated = [state for state in states if state.first_row != state.row and state.row not in refused]
        params = [{"row": rows.row_number(state.first_row), "key": str(key_column.label)} for state in repeated]
        rows.refuse(key_column.name, [state.row for state in repeated], "repeated", params)
        return refused | {state.row for state in repeated}

    def _key_column(self) -> Column:
        """Return the declared column that stands for the key in messages."""
        names = {self.fields.get(column.name, column.name): column for column in self.columns}
        for key in self.keys:
            for name in key:
                if name in names:
                    return names[name]
        return next((column for column in self.columns if column.required), self.columns[0])

    def _created_examples(self, rows: Rows, positions: Sequence[int]) -> list[dict[str, str]]:
        taken = [int(rows.positions[each]) for each in positions[:_EXAMPLES]]
        mapped = [column for column in self.columns if column.name in rows.mapping]
        return [
            {str(each.label): record[rows.mapping[each.name]] or "" for each in mapped}
            for record in rows.table.records(taken)
        ]

    def _updated_examples(
        self, fields: pa.Table, positions: Sequence[int]
    ) -> list[tuple[str, dict[str, tuple[str, str]]]]:
        labels = {self.fields.get(column.name, column.name): str(column.label) for column in self.columns}
        labels |= {name: str(label) for name, label in self.made.items()}
        shown = {self._column(name): labels[name] for name in fields.column_names if name in labels}
        found = writes.differences(self.model, list(shown), positions[:_EXAMPLES])
        names = {row.pk: str(row) for row in self.model.unscoped.filter(pk__in=[pk for pk, _changes in found])}
        words = self._words({column: [pair[column] for _pk, pair in found if column in pair] for column in shown})
        return [
            (
                names.get(pk, str(pk)),
                {
                    shown[column]: (words[column].get(before, before), words[column].get(after, after))
                    for column, (before, after) in changes.items()
                },
            )
            for pk, changes in found
        ]

    def _words(self, changes: Mapping[str, Sequence[tuple[str, str]]]) -> dict[str, dict[str, str]]:
        """Return what stored texts are called, by column: the label of a choice, the name of a row referred to."""
        words: dict[str, dict[str, str]] = {}
        for field in self.model._meta.concrete_fields:
            column = str(field.column)
            texts = {text for pair in changes.get(column, ()) for text in pair if text}
            if field.flatchoices:
                words[column] = {str(value): str(label) for value, label in field.flatchoices}
            elif isinstance(field, models.ForeignKey) and texts:
                related: Any = field.related_model
                words[column] = {str(pk): str(row) for pk, row in related._base_manager.in_bulk(texts).items()}
            else:
                words[column] = {}
        return words

    # --- out, apply and undo ---

    def lines(self, rows: Sequence[Any]) -> Iterator[Mapping[str, Any]]:
        """Yield what the rows' fields say; an importer adds what it derives."""
        yield from outgoing.field_lines(rows, self.written_columns(), self.fields)

    def apply(self, checked: Checked, context: Context) -> Applied:
        """Write the staged rows, and beside each what it was before.

        Raises:
            ChangedMeanwhile: a unique field was taken between the comparison and the write.
        """
        plan: Plan = checked.plan
        try:
            own = {self._column(name): [self._column(each) for each in by] for name, by in self.own.items()}
            writes.let_wait()
            begun = writes.begin(self.model, plan.refused, self._written_columns(), own)
            written, ids, are_new = zip(*begun, strict=True) if begun else ((), (), ())
            fields = plan.fields.take(pa.array(written, pa.int64()))
            fields = fields.append_column("_id", pa.array(ids, pa.int64()))
            fields = fields.append_column("_is_new", pa.array(are_new, pa.bool_()))
            with ThreadPoolExecutor(1) as thread:
                self._write(fields, written, context, thread)
            connection.check_constraints()
            self._require_reach(context)
        except IntegrityError:
            raise ChangedMeanwhile from None
        self._finish_indexes(len(written))
        return Applied(checked.created, checked.updated, checked.unchanged)

    def _finish_indexes(self, written: int) -> None:
        """Finish the search indexes: at once after few rows, in the background after many."""
        if written > _MANY:
            from yaomai.kit.transfer.jobs import finish_indexes

            finish_indexes.defer(
                actor=system_actor(finish_indexes.name, str(finish_indexes.label)), model=self.model._meta.label_lower
            )
        else:
            writes.enter_waiting(self.model)

    def _write(self, fields: pa.Table, written: Sequence[int], context: Context, thread: ThreadPoolExecutor) -> None:
        """Write changed rows, then new ones, a few thousand at a time, then what belongs to them.

        What finds the rows, and what belongs to them, the thread makes while others are written.
        """
        new = np.asarray(fields.column("_is_new"))
        parts = [np.flatnonzero(~new), *np.split(np.flatnonzero(new), range(_FIRST, new.sum(), _AT_ONCE))]
        texts = self.found_by(fields, context)
        ahead = thread.map(lambda part: texts and vectors(texts[each] for each in part), parts)
        children = self.children(fields, context)
        belonging = thread.map(Children.made, children)
        derived = {self._column(name): values for name, values in self.derive(fields, context).items()}
        names = {*derived} if texts is None else {*derived, self._column("search")}
        types = {column: column_type(self._field_of(column)) for column in names}
        columns = list(dict.fromkeys([*self._written_columns(), *names]))
        for part, found in zip(parts, ahead, strict=True):
            staged = {column: values.take(pa.array(part)) for column, values in derived.items()}
            if texts is not None:
                staged[self._column("search")] = pa.array(found, pa.string())
            writes.add_derived(staged, types, [written[each] for each in part])
            if part is parts[0]:
                writes.update(self.model, columns, names, context)
            else:
                writes.insert(self.model, columns, names, context, self._volatile_columns())
        parents = fields.column("_id").combine_chunks()
        for child, rows in zip(children, belonging, strict=True):
            writes.write_children(child.model, child.parent, child.key, rows, parents, context)

    def _require_reach(self, context: Context) -> None:
        """Read the written rows again in the writer's scope, as every write does."""
        condition = self.model.scope.filter(self.model, context.actor, self.right)
        if condition is not None:
            outside = writes.written_outside(self.model.unscoped.filter(condition))
            if outside:
                raise OutOfReach(count=outside)

    def _field_of(self, column: str) -> Any:
        return next(field for field in self.model._meta.concrete_fields if field.column == column)

    def _volatile_columns(self) -> list[str]:
        names = {field.name for field in self.model._meta.concrete_fields}
        return [self._column(name) for name in self.volatile if name in names]

    def undo(self, context: Context) -> Undone:
        """Restore what the import changed and remove what it created, except rows that others rely on by now."""
        undoing.require_reach(self.model, context, self.right)
        return undoing.undo(self.model, context, volatile=self._volatile_columns(), passing=self.passing)


def _later(name: str) -> str:
    """Return the column of texts that may name another row of the file."""
    return f"_later_{name}"


def _written_fields(fields: pa.Table) -> list[str]:
    return [name for name in fields.column_names if not name.startswith("_")]
