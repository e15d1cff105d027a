"""Sales and customer files as people have them, turned into standard tables; everything that is wrong is named."""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import reduce
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from yaomai.engine.columns import Source
from yaomai.engine.files.problems import InputProblem
from yaomai.engine.inputs import Attribute
from yaomai.engine.metrics import OPTIONAL_COLUMNS, REQUIRED_COLUMNS
from yaomai.engine.prescriptions import names_count
from yaomai.engine.scorecards import SchemeSpec
from yaomai.spellings import DayOrder

LINE_COLUMNS: Final = (*REQUIRED_COLUMNS, *OPTIONAL_COLUMNS)

_MESSAGES: Final[dict[str, tuple[str, str]]] = {
    "prescriptions": (
        "{file} 的列“{column}”像是按医生统计的处方量（统方），法规禁止使用（医药代表备案管理办法）。请删除该列后再试",
        "{file}: the column “{column}” looks like a count of prescriptions (统方), which the law forbids"
        " (医药代表备案管理办法). Delete the column and try again",
    ),
    "map_form": (
        "映射“{text}”写法不对。请写成 customer=客户列,date=日期列,amount=金额列",
        "Cannot read the mapping “{text}”. Write it like customer=COLUMN,date=COLUMN,amount=COLUMN",
    ),
    "map_unknown": (
        "映射中的“{name}”不是可用的名称。可用：{names}",
        "The mapping names “{name}”, which is not used. Known names: {names}",
    ),
    "map_absent": (
        "映射缺少“{name}”。请写明它在文件中是哪一列，例如 {name}=列名",
        "The mapping lacks “{name}”. Say which column it is, like {name}=COLUMN",
    ),
    "customer_column": (
        "{file} 中找不到客户列。请把该列命名为“{column}”或“customer”。现有列：{columns}",
        "{file} has no customer column. Name it “{column}” or “customer”. Its columns are: {columns}",
    ),
    "customer_twice": (
        "{file} 第 {row} 行的客户“{value}”重复出现。每个客户只能有一行",
        "{file}, row {row}: the customer “{value}” appears again. Each customer has one row",
    ),
    "as_of": (
        "“{text}”不是日期。请写成 --as-of 2026-06-30",
        "“{text}” is not a date. Write it like --as-of 2026-06-30",
    ),
    "scheme_unknown": (
        "没有方案“{name}”。可用：{names}；或给出 .yaml 文件",
        "There is no scheme “{name}”. Known: {names}; or give a .yaml file",
    ),
    "no_lines": (
        "{file} 中截至 {as_of} 没有任何销售记录。请检查日期列或 --as-of",
        "{file} has no sales lines up to {as_of}. Check the date column or --as-of",
    ),
}


class SourceProblem(InputProblem):
    """Sales or customers that cannot be used."""

    messages = _MESSAGES


@dataclass(frozen=True)
class SalesFile:
    """Sales lines in standard columns, the last day in them, and how many incomplete rows were left out."""

    lines: pa.Table
    last_day: date | None
    skipped: int
    totals: int = 0
    """Rows that sum others, left out."""


def parse_mapping(text: str, known: Sequence[str], required: Sequence[str] = REQUIRED_COLUMNS) -> dict[str, str]:
    """Read `name=column,name=column`; a column with a comma is written in double quotes.

    Raises:
        SourceProblem: not of that form, a name that is not among `known`, or one of `required` is absent.
    """
    mapping: dict[str, str] = {}
    for part in next(csv.reader([text], skipinitialspace=True), []):
        name, equals, column = part.partition("=")
        name, column = name.strip(), column.strip().strip('"')
        if not equals or not name or not column:
            raise SourceProblem("map_form", text=part)
        if name not in known:
            raise SourceProblem("map_unknown", name=name, names=", ".join(known))
        mapping[name] = column
    for name in required:
        if name not in mapping:
            raise SourceProblem("map_absent", name=name)
    return mapping


def read_sales(
    path: Path,
    mapping: Mapping[str, str],
    *,
    sheet: str | None = None,
    order: DayOrder = DayOrder.UNKNOWN,
    skip_incomplete: bool = False,
    required: Sequence[str] = REQUIRED_COLUMNS,
) -> SalesFile:
    """Read sales lines; `mapping` gives the file's column for customer, date and amount, and for what else it has.

    Rows that are blank in all mapped columns are no lines, nor are those that sum others and notes. A row without what is `required` (customer, date and amount)
    is an error, or left out and counted.

    Raises:
        FileProblem: the file or a value in it cannot be read; file, row, column and value are named.
        SourceProblem: a mapped column counts prescriptions.
    """
    for column in mapping.values():
        if names_count(column):
            raise SourceProblem("prescriptions", file=path, column=column)
    source = Source.read(path, sheet).only_lines([mapping[name] for name in required if name in mapping])
    columns: dict[str, pa.ChunkedArray] = {}
    for name, column in mapping.items():
        if name in ("customer", "product", "product_line"):
            columns[name] = source.identity(column)
        elif name == "date":
            columns[name] = source.date(column, order)
        elif name == "quantity":
            columns[name] = pc.round(source.number(column), round_mode="half_towards_infinity").cast(pa.int64())
        else:
            columns[name] = source.money(column)
    lines = pa.table({name: columns[name] for name in LINE_COLUMNS if name in columns})
    blank = _every([pc.is_null(column) for column in lines.columns])
    complete = _every([pc.is_valid(lines[name]) for name in required])
    incomplete = pc.invert(pc.or_(blank, complete))
    skipped = pc.sum(incomplete).as_py() or 0
    if skipped and not skip_incomplete:
        first = pc.index(incomplete, True).as_py()
        absent = next(name for name in required if not lines[name][first].is_valid)
        raise source.problem("no_value", first, mapping[absent], rows=skipped)
    lines = lines.filter(complete)
    return SalesFile(lines, pc.max(lines["date"]).as_py(), skipped, source.totals)


def _every(flags: list[pa.ChunkedArray]) -> pa.ChunkedArray:
    return reduce(pc.and_, flags)


def read_customers(
    path: Path,
    *,
    customer_column: str,
    mapping: Mapping[str, str],
    specs: Sequence[SchemeSpec],
    sheet: str | None = None,
) -> pa.Table:
    """Read the attributes that schemes ask for: columns named as in the scheme, by its labels, or by `mapping`.

    Raises:
        FileProblem: the file or a value in it cannot be read.
        SourceProblem: no customer column, a customer twice, or a column that counts prescriptions.
    """
    source = Source.read(path, sheet)
    names = source.table.column_names
    for column in names:
        if names_count(column):
            raise SourceProblem("prescriptions", file=path, column=column)
    found = next((name for name in (customer_column, "customer") if name in names), None)
    if found is None:
        raise SourceProblem("customer_column", file=path, column=customer_column, columns="、".join(names))
    columns = {"customer": source.identity(found)}
    for attribute in _attributes(specs):
        candidates = (mapping.get(attribute.name), attribute.name, attribute.label.zh, attribute.label.en)
        column = next((name for name in candidates if name in names), None)
        if column is None and attribute.name in mapping:
            column = mapping[attribute.name]
        if column is not None and column != found:
            columns[attribute.name] = _attribute_column(source, column, attribute)
    table = pa.table(columns)
    _require_keys(source, found, table)
    return table.filter(pc.is_valid(table["customer"]))


def same_keys(lines: pa.Table, customers: pa.Table) -> tuple[pa.Table, pa.Table]:
    """Give both tables with customers of one type: as text where one file has numbers and the other text."""
    if lines.schema.field("customer").type == customers.schema.field("customer").type:
        return lines, customers
    return _with_text_keys(lines), _with_text_keys(customers)


def _with_text_keys(table: pa.Table) -> pa.Table:
    return table.set_column(table.column_names.index("customer"), "customer", table["customer"].cast(pa.string()))


def attribute_names(specs: Sequence[SchemeSpec]) -> tuple[str, ...]:
    """Name the attributes that schemes ask for beyond the metrics."""
    return tuple(attribute.name for attribute in _attributes(specs))


def _attributes(specs: Sequence[SchemeSpec]) -> tuple[Attribute, ...]:
    found = {attribute.name: attribute for spec in specs for attribute in spec.attributes}
    return tuple(found.values())


def _attribute_column(source: Source, column: str, attribute: Attribute) -> pa.ChunkedArray:
    if attribute.unit == "money":
        return source.money(column)
    if attribute.unit in ("text", "tags", "flag"):
        return source.text(column)
    return source.number(column)


def _require_keys(source: Source, column: str, table: pa.Table) -> None:
    """Refuse a row with attributes and no customer, and a customer in two rows."""
    keys = table["customer"].to_pylist()
    seen: set[object] = set()
    for index, key in enumerate(keys):
        if key is None and any(table[name][index].is_valid for name in table.column_names):
            raise source.problem("no_value", index, column, rows=table["customer"].null_count)
        if key is not None and key in seen:
            raise SourceProblem("customer_twice", file=source.file, row=source.row(index), value=key)
        seen.add(key)
