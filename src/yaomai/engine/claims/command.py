"""`yaomai engine claims`: what looks odd in a file of expense lines."""

from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc
import yaml
from pydantic import ValidationError

from yaomai.engine.backends import arrow_table, connected
from yaomai.engine.claims.lines import OPTIONAL, REQUIRED, standard_lines
from yaomai.engine.claims.settings import Settings
from yaomai.engine.claims.sweeping import findings, sweep
from yaomai.engine.claims.wording import sentence
from yaomai.engine.columns import Source
from yaomai.engine.console import Dates, Engine, Language, say
from yaomai.engine.files import require_writable, write_table
from yaomai.engine.files.documents import parse_yaml
from yaomai.engine.files.problems import InputProblem
from yaomai.engine.sources import parse_mapping
from yaomai.spellings import DayOrder
from yaomai.workdays import is_workday

KNOWN: Final = (*REQUIRED, *OPTIONAL, "value")


class SettingsProblem(InputProblem):
    """Figures that cannot be used."""

    messages = {
        "settings": (
            "{file} 中的参数有误：{text}。可用的参数：{names}",
            "{file} has figures that cannot be used: {text}. Known: {names}",
        ),
        "no_value": (
            "{file} 第 {row} 行没有{column}。请补上后再试",
            "{file}, row {row}: no {column}. Fill it in and try again",
        ),
        "moment": (
            "{file} 第 {row} 行的时间“{value}”看不懂。请写成 2026-06-30 21:15",
            "{file}, row {row}: cannot read the time “{value}”. Write it like 2026-06-30 21:15",
        ),
    }


def claims_file(
    *,
    file: Path,
    output: Path,
    mapping: str,
    language: Language,
    settings: Path | None,
    dates: Dates | None,
    sheet: str | None,
    engine: Engine,
) -> None:
    """Write the findings over the lines of a file."""
    require_writable(output, inputs=(file, settings))
    figures = _settings(settings)
    columns = parse_mapping(mapping, KNOWN, REQUIRED)
    source = Source.read(file, sheet)
    order = DayOrder.UNKNOWN if dates is None else DayOrder(dates.value.replace("-", "_"))
    lines = _lines(source, columns, order)
    values = _values(lines) if {"institution", "value"} <= set(lines.column_names) else None
    with TemporaryDirectory(prefix="yaomai-engine-") as folder, connected(engine.value) as connection:
        table = standard_lines(arrow_table(connection, lines, folder, "lines"))
        worth = arrow_table(connection, values, folder, "values") if values is not None else None
        hits = sweep(table, figures, off_days=list(_off_days(lines)), values=worth)
    found = _told(findings(hits), language)
    write_table(found, output)
    say(
        language,
        f"{lines.num_rows:,} 行，{found.num_rows:,} 个疑点 → {output}",
        f"{lines.num_rows:,} lines, {found.num_rows:,} findings → {output}",
    )


def _settings(file: Path | None) -> Settings:
    if file is None:
        return Settings()
    try:
        return Settings.model_validate(parse_yaml(file.read_text(encoding="utf-8-sig")) or {})
    except (ValidationError, yaml.YAMLError, UnicodeDecodeError) as error:
        text = "; ".join(
            f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors()
        ) if isinstance(error, ValidationError) else str(error)  # fmt: skip
        raise SettingsProblem("settings", file=file, text=text, names=", ".join(Settings.model_fields)) from error


def _lines(source: Source, columns: dict[str, str], order: DayOrder) -> pa.Table:
    found: dict[str, pa.ChunkedArray] = {}
    for name, column in columns.items():
        if name == "day":
            found[name] = source.date(column, order)
        elif name == "amount":
            found[name] = source.money(column).cast(pa.float64())
        elif name in ("latitude", "longitude", "value"):
            found[name] = source.number(column)
        elif name == "entered_at":
            found[name] = _moments(source, column)
        else:
            found[name] = source.text(column)
    for name in REQUIRED:
        absent = pc.index(pc.is_null(found[name]), True).as_py()
        if absent >= 0:
            raise SettingsProblem("no_value", file=source.file, row=source.row(absent), column=columns[name])
    return pa.table(found)


def _moments(source: Source, column: str) -> pa.ChunkedArray:
    values = source.column(column)
    if pa.types.is_timestamp(values.type):
        return pc.local_timestamp(values) if values.type.tz else values
    texts = source.text(column)
    for index, text in enumerate(texts.to_pylist()):
        try:
            if text is not None:
                pa.scalar(text.replace("/", "-"), pa.string()).cast(pa.timestamp("s"))
        except pa.ArrowInvalid as error:
            raise SettingsProblem("moment", file=source.file, row=source.row(index), value=text) from error
    return pc.replace_substring(texts, "/", "-").cast(pa.timestamp("s"))


def _values(lines: pa.Table) -> pa.Table:
    known = lines.select(["institution", "value"]).filter(pc.is_valid(lines["institution"]))
    worth = known.group_by("institution").aggregate([("value", "max")])
    return worth.rename_columns(["institution", "value"])


def _off_days(lines: pa.Table) -> list[date]:
    """Return the days off among the days of lines."""
    if not lines.num_rows:
        return []
    first, last = pc.min(lines["day"]).as_py(), pc.max(lines["day"]).as_py()
    span = (first + timedelta(days=number) for number in range((last - first).days + 1))
    return [day for day in span if not is_workday(day)]


def _told(found: pa.Table, language: Language) -> pa.Table:
    rows = found.to_pylist()
    shown = ("detector", "person", "other", "recipient", "first_day", "last_day", "lines", "amount", "strength")
    kinds = {"first_day": pa.date32(), "last_day": pa.date32(), "lines": pa.int64(), "amount": pa.float64(),
             "strength": pa.float64()}  # fmt: skip
    columns = {name: pa.array([row[name] for row in rows], kinds.get(name, pa.string())) for name in shown}
    columns["explanation"] = pa.array([sentence(row, language.value) for row in rows], pa.string())
    columns["named"] = pa.array(["、".join(row["named"]) for row in rows], pa.string())
    return pa.table(columns)
