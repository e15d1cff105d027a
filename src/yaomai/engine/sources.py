"""Sales and customer files as people have them, turned into standard tables; everything that is wrong is named."""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from yaomai.engine.files import (
    FileProblem,
    date_column,
    filled_column,
    money_column,
    number_column,
    read_table,
    text_column,
)
from yaomai.engine.inputs import Attribute
from yaomai.engine.metrics import OPTIONAL_COLUMNS, REQUIRED_COLUMNS
from yaomai.engine.prescriptions import names_count
from yaomai.engine.scorecards import SchemeSpec

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
    "no_lines": (
        "{file} 中截至 {as_of} 没有任何销售记录。请检查日期列或 --as-of",
        "{file} has no sales lines up to {as_of}. Check the date column or --as-of",
    ),
}


class SourceProblem(ValueError):
    """Input that cannot be used; `code` and `params` say why, `render` says it in Chinese or English."""

    def __init__(self, code: str, **params: object) -> None:
        self.code = code
        self.params = params
        super().__init__(self.render("en"))

    def render(self, language: str = "zh") -> str:
        """Say what is wrong and how to mend it; `language` is "zh" or "en"."""
        chinese, english = _MESSAGES[self.code]
        return (chinese if language.startswith("zh") else english).format(**self.params)


@dataclass(frozen=True)
class SalesFile:
    """Sales lines in standard columns, and the last day in them."""

    lines: pa.Table
    last_day: date | None


def parse_mapping(text: str, known: Sequence[str]) -> dict[str, str]:
    """Read `name=column,name=column`; a column with a comma is written in double quotes.

    Raises:
        SourceProblem: not of that form, or a name that is not among `known`.
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
    for name in REQUIRED_COLUMNS:
        if name not in mapping:
            raise SourceProblem("map_absent", name=name)
    return mapping


def read_sales(path: Path, mapping: Mapping[str, str]) -> SalesFile:
    """Read sales lines; `mapping` gives the file's column for customer, date and amount, and for what else it has.

    Raises:
        FileProblem: the file or a value in it cannot be read; file, row, column and value are named.
        SourceProblem: a mapped column counts prescriptions.
    """
    table = read_table(path)
    columns: dict[str, pa.ChunkedArray] = {}
    for name, column in mapping.items():
        if names_count(column):
            raise SourceProblem("prescriptions", file=path, column=column)
        if name in ("customer", "product", "product_line"):
            values = _identity(table, column, path)
        elif name == "date":
            values = date_column(table, column, file=path)
        elif name == "quantity":
            values = number_column(table, column, file=path).cast(pa.int64(), safe=False)
        else:
            values = money_column(table, column, file=path)
        columns[name] = filled_column(values, column, file=path) if name in REQUIRED_COLUMNS else values
    lines = pa.table({name: columns[name] for name in LINE_COLUMNS if name in columns})
    return SalesFile(lines, pc.max(lines.column("date")).as_py())


def read_customers(
    path: Path,
    *,
    customer_column: str,
    customer_type: pa.DataType,
    mapping: Mapping[str, str],
    specs: Sequence[SchemeSpec],
) -> pa.Table:
    """Read the attributes that schemes ask for: columns named as in the scheme, by its labels, or by `mapping`.

    Raises:
        FileProblem: the file or a value in it cannot be read.
        SourceProblem: no customer column, a customer twice, or a column that counts prescriptions.
    """
    table = read_table(path)
    for column in table.column_names:
        if names_count(column):
            raise SourceProblem("prescriptions", file=path, column=column)
    found = next((name for name in (customer_column, "customer") if name in table.column_names), None)
    if found is None:
        names = "、".join(table.column_names)
        raise SourceProblem("customer_column", file=path, column=customer_column, columns=names)
    keys = filled_column(_identity(table, found, path), found, file=path)
    _require_unique(keys, path)
    columns = {"customer": keys if keys.type == customer_type else keys.cast(customer_type)}
    for attribute in _attributes(specs):
        candidates = (mapping.get(attribute.name), attribute.name, attribute.label.zh, attribute.label.en)
        column = next((name for name in candidates if name in table.column_names), None)
        if column is not None and column != found:
            columns[attribute.name] = _attribute_column(table, column, attribute, path)
        elif attribute.name in mapping:
            raise FileProblem(
                "missing_column",
                file=path,
                column=mapping[attribute.name],
                columns="、".join(table.column_names),
            )
    return pa.table(columns)


def attribute_names(specs: Sequence[SchemeSpec]) -> tuple[str, ...]:
    """Name the attributes that schemes ask for beyond the metrics."""
    return tuple(attribute.name for attribute in _attributes(specs))


def _attributes(specs: Sequence[SchemeSpec]) -> tuple[Attribute, ...]:
    found = {attribute.name: attribute for spec in specs for attribute in spec.attributes}
    return tuple(found.values())


def _attribute_column(table: pa.Table, column: str, attribute: Attribute, path: Path) -> pa.ChunkedArray:
    if attribute.unit == "money":
        return money_column(table, column, file=path)
    if attribute.unit in ("text", "tags", "flag"):
        return text_column(table, column, file=path)
    return number_column(table, column, file=path)


def _identity(table: pa.Table, column: str, path: Path) -> pa.ChunkedArray:
    """Give identifiers as whole numbers when the file has them so, else as text."""
    if column in table.column_names and pa.types.is_integer(table.schema.field(column).type):
        return table.column(column).cast(pa.int64())
    return text_column(table, column, file=path)


def _require_unique(keys: pa.ChunkedArray, path: Path) -> None:
    if pc.count_distinct(keys).as_py() == len(keys):
        return
    seen: set[object] = set()
    for row, value in enumerate(keys.to_pylist(), 2):
        if value in seen:
            raise SourceProblem("customer_twice", file=path, row=row, value=value)
        seen.add(value)
