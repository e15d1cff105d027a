"""Convert a table's text columns into typed ones, by the thousand, and collect what cannot be converted.

Canonical spellings are converted by Arrow in one sweep; every other *distinct* spelling is read once by a
careful parser of `spellings.py`. So dirty columns cost little more than clean ones.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from yaomai import spellings
from yaomai.kit.transfer.columns import Column, ColumnKind
from yaomai.kit.transfer.problems import Problems
from yaomai.kit.transfer.reading.tables import Table
from yaomai.spellings import DayOrder, NotReadable

_ERROR_VALUE = r"^#(N/A|REF!|VALUE!|DIV/0!|NAME\?|NULL!|NUM!|SPILL!|CALC!|FIELD!|GETTING_DATA|UNKNOWN!|BLOCKED!)$"
_PLAIN_NUMBER = r"^-?\d{1,15}(\.\d{1,9})?$"
_ISO_DATE = r"^(19|20)\d\d-(0[1-9]|1[0-2])-(0[1-9]|1\d|2[0-8])( \d\d:\d\d:\d\d)?$"
_WIDE = "[０-９Ａ-Ｚａ-ｚ]"
_NARROWED = {
    code: code - 0xFEE0 for first, last in ("０９", "ＡＺ", "ａｚ") for code in range(ord(first), ord(last) + 1)
}
_SCALE = 9
_MOST = 2**31 - 1
"""What a whole number can hold in the database, where its column does not say less."""


@dataclass(frozen=True, slots=True)
class Parsed:
    """Typed columns for the rows without problems, and where each of these rows stands in the table.

    `data` has one column per mapped `Column` by its name: text, choice, reference string; integer int64;
    decimal decimal128(digits, places); date and month date32 (a month is its first day); boolean bool.
    """

    table: Table
    data: pa.Table
    rows: np.ndarray
    problems: Problems
    example_rows: int = 0


def parse(
    table: Table,
    columns: Sequence[Column],
    mapping: Mapping[str, int],
    *,
    day_order: DayOrder = DayOrder.UNKNOWN,
) -> Parsed:
    """Convert the mapped columns of a table.

    Args:
        mapping: column name -> index of the table's column.
        day_order: how 3/5/2024 is meant; UNKNOWN makes it a problem instead of a guess.
    """
    table, examples = without_examples(table, columns, mapping)
    problems = Problems(table)
    data: dict[str, pa.Array] = {}
    for column in columns:
        if column.name in mapping:
            index = mapping[column.name]
            data[column.name] = _convert(column, index, table, problems, day_order)
    kept = ~problems.refused
    typed = pa.table(data) if data else pa.table({})
    rows = np.flatnonzero(kept)
    return Parsed(table, typed if kept.all() else typed.filter(pa.array(kept)), rows, problems, examples)


def without_examples(table: Table, columns: Sequence[Column], mapping: Mapping[str, int]) -> tuple[Table, int]:
    """Leave out rows that are the template's example row; return how many."""
    examples = [
        (mapping[column.name], column.example) for column in columns if column.example and column.name in mapping
    ]
    if len(examples) < 2:
        return table, 0
    same = np.ones(table.height, bool)
    for index, example in examples:
        same &= np.asarray(pc.fill_null(pc.equal(table.column(index), example), False).to_numpy(), bool)
    count = int(same.sum())
    return (table.filter(pa.array(~same)), count) if count else (table, 0)


def _convert(column: Column, index: int, table: Table, problems: Problems, day_order: DayOrder) -> pa.Array:
    texts = table.column(index).combine_chunks()
    bad = pc.fill_null(pc.match_substring_regex(texts, _ERROR_VALUE), False)
    readable = pc.if_else(bad, pa.scalar(None, pa.string()), texts)
    whole = _Job(column, index, texts, problems, day_order)
    whole.refuse(bad, "error_value")
    if column.required:
        whole.refuse(pc.is_null(texts), "required")
    return _CONVERTERS[column.kind](_Job(column, index, readable, problems, day_order))


@dataclass(frozen=True, slots=True)
class _Job:
    column: Column
    index: int
    texts: pa.Array
    problems: Problems
    day_order: DayOrder

    def refuse(self, bad: pa.Array, code: str, **params: Any) -> None:
        """Add a problem for every row where the boolean array is true."""
        rows = np.flatnonzero(pc.fill_null(bad, False).to_numpy(zero_copy_only=False))
        if len(rows):
            values = [text or "" for text in self.texts.take(pa.array(rows)).to_pylist()]
            self.problems.add(self.column.name, self.index, rows.tolist(), [(code, params)] * len(rows), values)

    def read_rest(self, usual: pa.Array, read: Callable[[str], Any], kind: pa.DataType) -> pa.Array:
        """Read the rows that are not `usual`, each distinct text once; problems are added, their rows null."""
        rest = pc.filter(self.texts, pc.invert(usual)).dictionary_encode()
        results: list[Any] = []
        failures: dict[int, tuple[str, Mapping[str, Any]]] = {}
        for position, text in enumerate(rest.dictionary.to_pylist()):
            try:
                results.append(read(text))
            except NotReadable as error:
                failures[position] = (error.code, error.params)
                results.append(None)
        if failures:
            self._add_failures(usual, rest, failures)
        return pa.array(results, kind).take(rest.indices)

    def _add_failures(
        self, usual: pa.Array, rest: pa.Array, failures: Mapping[int, tuple[str, Mapping[str, Any]]]
    ) -> None:
        rows = np.flatnonzero(~np.asarray(usual.to_numpy(zero_copy_only=False), bool))
        indices = pc.fill_null(rest.indices, -1).to_numpy(zero_copy_only=False)
        bad = np.flatnonzero(np.isin(indices, list(failures)))
        codes = [failures[int(indices[each])] for each in bad]
        values = self.texts.take(pa.array(rows[bad])).to_pylist()
        self.problems.add(self.column.name, self.index, rows[bad].tolist(), codes, values)


def _merged(usual: pa.Array, converted: pa.Array, rest: pa.Array) -> pa.Array:
    """Put the results for the other rows into the gaps of the converted ones."""
    return rest if len(rest) == len(usual) else pc.replace_with_mask(converted, pc.invert(usual), rest)


def _usual(texts: pa.Array, pattern: str) -> pa.Array:
    """Return which rows Arrow can convert: empty ones, and those of the canonical spelling."""
    return pc.fill_null(pc.match_substring_regex(texts, pattern), True)


def _text(job: _Job) -> pa.Array:
    texts = job.texts
    if pc.any(pc.match_substring_regex(texts, _WIDE)).as_py():
        texts = pa.array([text and text.translate(_NARROWED) for text in texts.to_pylist()], pa.string())
    if job.column.length is not None:
        job.refuse(pc.greater(pc.utf8_length(texts), job.column.length), "length", length=job.column.length)
    return texts


def _decimal(job: _Job) -> pa.Array:
    column = job.column
    kind = pa.decimal128(38, _SCALE)
    usual = _usual(job.texts, _PLAIN_NUMBER)
    plain = pc.cast(pc.if_else(usual, job.texts, pa.scalar(None, pa.string())), kind)
    exact = _merged(usual, plain, job.read_rest(usual, spellings.decimal, kind))
    rounded = pc.round(exact, ndigits=column.places, round_mode="half_towards_infinity")
    whole_digits = column.digits - column.places
    too_large = pc.greater_equal(pc.abs(rounded), pa.scalar(Decimal(10) ** whole_digits, kind))
    job.refuse(too_large, "too_large", digits=whole_digits)
    _refuse_outside(job, rounded)
    fitting = pc.if_else(pc.fill_null(too_large, False), pa.scalar(None, kind), rounded)
    return pc.cast(fitting, pa.decimal128(column.digits, column.places))


def _integer(job: _Job) -> pa.Array:
    usual = _usual(job.texts, r"^-?\d{1,18}$")
    plain = pc.cast(pc.if_else(usual, job.texts, pa.scalar(None, pa.string())), pa.int64())
    numbers = _merged(usual, plain, job.read_rest(usual, _bounded_integer, pa.int64()))
    column = job.column
    low = -_MOST if column.minimum is None else column.minimum
    high = _MOST if column.maximum is None else column.maximum
    _refuse_outside(replace(job, column=replace(column, minimum=low, maximum=high)), numbers)
    return numbers


def _bounded_integer(text: str) -> int | None:
    """Return a whole number, no larger than Arrow holds: what is beyond is refused for that."""
    number = spellings.integer(text)
    return None if number is None else max(-(2**62), min(number, 2**62))


def _refuse_outside(job: _Job, numbers: pa.Array) -> None:
    if job.column.minimum is not None:
        job.refuse(pc.less(numbers, job.column.minimum), "minimum", minimum=job.column.minimum)
    if job.column.maximum is not None:
        job.refuse(pc.greater(numbers, job.column.maximum), "maximum", maximum=job.column.maximum)


def _date(job: _Job) -> pa.Array:
    usual = _usual(job.texts, _ISO_DATE)
    plain = pc.cast(
        pc.utf8_slice_codeunits(pc.if_else(usual, job.texts, pa.scalar(None, pa.string())), 0, 10),
        pa.date32(),
    )
    return _merged(usual, plain, job.read_rest(usual, lambda text: spellings.day(text, job.day_order), pa.date32()))


def _month(job: _Job) -> pa.Array:
    return job.read_rest(_none(job), lambda text: spellings.month(text, job.day_order), pa.date32())


def _choice(job: _Job) -> pa.Array:
    values: dict[str, str] = {}
    for choice in job.column.choices:
        for spelling in (choice.value, str(choice.label), *choice.synonyms):
            values.setdefault(spellings.folded(spelling), choice.value)
    shown = "、".join(str(choice.label) for choice in job.column.choices[:12])

    def read(text: str) -> str:
        value = values.get(spellings.folded(text))
        if value is None:
            raise NotReadable("choice", choices=shown)
        return value

    return job.read_rest(_none(job), read, pa.string())


def _boolean(job: _Job) -> pa.Array:
    return job.read_rest(_none(job), spellings.boolean, pa.bool_())


def _none(job: _Job) -> pa.Array:
    return pa.array(np.zeros(len(job.texts), bool))


_CONVERTERS: dict[ColumnKind, Callable[[_Job], pa.Array]] = {
    ColumnKind.TEXT: _text,
    ColumnKind.REFERENCE: _text,
    ColumnKind.INTEGER: _integer,
    ColumnKind.DECIMAL: _decimal,
    ColumnKind.DATE: _date,
    ColumnKind.MONTH: _month,
    ColumnKind.CHOICE: _choice,
    ColumnKind.BOOLEAN: _boolean,
}
