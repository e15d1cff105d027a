"""统方: no count of what a doctor prescribes enters, by whatever act or file."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache, reduce
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from django.apps import apps
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from yaomai.compliance import attached
from yaomai.customers.models import Professional
from yaomai.engine.prescriptions import HINTS, UNSEEN, Sheet, counts_by_doctor, heads_doctors, is_doctor, states_count
from yaomai.kit.access import ScopedModel
from yaomai.kit.errors import Refused
from yaomai.kit.transfer.errors import FileRefused
from yaomai.kit.transfer.reading import Table, read_table

FILING_MEASURES = "《医药代表备案管理办法（试行）》第十三条：不得参与统计医生个人开具的药品处方数量"
NINE_PROHIBITIONS = "《加强医疗卫生行风建设“九不准”》：不准为商业目的统方"
CITATIONS = (f"{FILING_MEASURES}（MR4）", f"{NINE_PROHIBITIONS}（X1）")
SAMPLE_ROWS = 200
DOCTOR_SHARE = 0.05
"""A column of which so many distinct values name doctors is taken for one of doctors."""


class PrescriptionCount(Refused):
    """The table counts prescriptions by individual doctors (统方)."""

    code = "prescription_count"
    message = _(
        "This table counts what individual doctors prescribe (seen in: %(columns)s). The law forbids to collect, "
        "count or use such figures, so nothing was taken in. Delete what does so, or ask for figures of the whole "
        "hospital or department."
    )

    def __init__(self, columns: Sequence[str]) -> None:
        super().__init__(citations=CITATIONS, columns="、".join(dict.fromkeys(columns)))


class PrescriptionCountStated(Refused):
    """A text says how much a doctor prescribes (统方)."""

    code = "prescription_count"
    message = _(
        "A count of what a doctor prescribes may not be recorded (统方). Describe habits and reasons in words, without"
        " quantities; volumes come from the sales flow of the institution."
    )

    def __init__(self) -> None:
        super().__init__(citations=CITATIONS)


# Every act ------------------------------------------------------------------------------------------------------


def prescription_text_gate(code: str, arguments: Mapping[str, Any]) -> Refused | None:
    """Refuse every act whose texts state how much a doctor prescribes, wherever they would be kept."""
    texts = [text for text in _texts(arguments) if states_count(text, about_doctor=True)]
    if any(states_count(text, about_doctor=False) for text in texts) or (texts and _is_about_doctor(code, arguments)):
        return PrescriptionCountStated()
    return None


def _is_about_doctor(code: str, arguments: Mapping[str, Any]) -> bool:
    """Tell whether an act has to do with a doctor: it is given one, or changes what belongs to one."""
    entity = code.partition(":")[0]
    if entity == "customers.professional" or arguments.get("subject") == "professional":
        return True
    return any(map(_holds_doctor, arguments.values())) or any(
        _belongs_to_doctor(model, keys)
        for name, value in arguments.items()
        if (keys := _keys(value))
        for model in _models(entity, name)
    )


def _holds_doctor(value: Any) -> bool:
    if isinstance(value, QuerySet):
        return value.model is Professional
    if isinstance(value, Mapping):
        return any(map(_holds_doctor, value.values()))
    if isinstance(value, list | tuple | set):
        return any(map(_holds_doctor, value))
    if isinstance(value, Professional) and value._state.adding:  # stands for a row that the service reads itself
        return _belongs_to_doctor(Professional, [value.pk])
    return isinstance(value, Professional) and value.profession == Professional.Profession.PHYSICIAN


def _keys(value: Any) -> list[int]:
    values = value if isinstance(value, list | tuple | set) else [value]
    return [each for each in values if isinstance(each, int) and not isinstance(each, bool)]


def _models(entity: str, name: str) -> Sequence[type[ScopedModel]]:
    """Return what an argument holds ids of: `pk` of the act's own entity, others by the name of a model beside it."""
    wanted = entity if name in ("pk", "pks") else f"{entity.partition('.')[0]}.{name}"
    return _by_entity().get(wanted, ())


@cache
def _by_entity() -> dict[str, list[type[ScopedModel]]]:
    found: dict[str, list[type[ScopedModel]]] = {}
    for model in apps.get_models():
        if issubclass(model, ScopedModel):
            for entity in {model._meta.label_lower, model.right("").rstrip(":")}:
                found.setdefault(entity, []).append(model)
    return found


def _belongs_to_doctor(model: type[ScopedModel], keys: Sequence[int]) -> bool:
    """Tell whether one of some rows names a physician."""
    physician = Professional.Profession.PHYSICIAN
    if model is Professional:
        return Professional.unscoped.filter(pk__in=keys, profession=physician).exists()
    names = [
        field.name
        for field in model._meta.get_fields()
        if field.related_model is Professional and (field.many_to_one or field.many_to_many) and not field.auto_created
    ]
    rows = model.unscoped.filter(pk__in=keys)
    return any(rows.filter(**{f"{name}__profession": physician}).exists() for name in names)


def _texts(value: Any) -> Iterator[str]:
    """Yield the texts of an act's arguments, however deep."""
    waiting = [value]
    while waiting:
        here = waiting.pop()
        if isinstance(here, str):
            yield here
        elif isinstance(here, Mapping):
            waiting += here.values()
        elif isinstance(here, list | tuple | set):
            waiting += here


# Every import ---------------------------------------------------------------------------------------------------


def prescription_count_guard(_importer: Any, table: Table) -> Refused | None:
    """Refuse every file in which a sheet is a count of prescriptions by doctor."""
    for each in (table, *table.beside):
        found = counts_by_doctor(_sheet(each))
        if found:
            return PrescriptionCount(found)
    return None


def _sheet(table: Table) -> Sheet:
    """Return what the rule looks at: the first rows, and from the whole table what may matter."""
    distinct = [_distinct(column) for column in table.rows.columns]
    doctors = {index for index, values in enumerate(distinct) if _share_of_doctors(values) >= DOCTOR_SHARE}
    names = table.sheets.dictionary.to_pylist()
    return Sheet(
        headings=table.headers,
        rows=[*table.sample(SAMPLE_ROWS), *_heading_rows(table, distinct)],
        cells=[
            (heading, text)
            for heading, values in zip(table.headers, distinct, strict=True)
            for text in values.filter(pc.match_substring_regex(values, HINTS)).to_pylist()
        ],
        doctors=frozenset(doctors),
        context=(table.name, *names, *table.titles, *(each.text for each in table.left_out[:SAMPLE_ROWS])),
    )


def _distinct(column: pa.ChunkedArray) -> pa.Array:
    """Return the distinct values, half-width and without unseen characters, so that a search can find words."""
    values = pc.unique(column).drop_null()
    return pc.replace_substring_regex(pc.utf8_normalize(values, form="NFKC"), UNSEEN, "")


def _share_of_doctors(values: pa.Array) -> float:
    likely = values.filter(pc.match_substring_regex(values, r"(医生|医师|大夫|主任|教授|醫生|醫師)$|^(?i:dr)\b"))
    return sum(map(is_doctor, likely.to_pylist())) / len(values) if len(values) else 0.0


def _heading_rows(table: Table, distinct: Sequence[pa.Array]) -> list[tuple[str | None, ...]]:
    """Return rows further down that look like headings of another table, each with the row beneath."""
    masks = []
    for column, values in zip(table.rows.columns, distinct, strict=True):
        likely = values.filter(pc.less_equal(pc.utf8_length(values), 12))
        likely = likely.filter(
            pc.match_substring_regex(likely, r"(?i)医生|医师|大夫|醫|doctor|prescriber|physician|hcp")
        )
        words = [word for word in likely.to_pylist() if heads_doctors(word)]
        if words:
            masks.append(pc.fill_null(pc.is_in(column, pa.array(words, pa.string())), False))
    if not masks:
        return []
    found = pc.indices_nonzero(reduce(pc.or_, masks)).to_pylist()[:SAMPLE_ROWS]
    wanted = [row for index in found for row in (index, index + 1) if row < table.height]
    return list(table.records(wanted))


# Every attachment -----------------------------------------------------------------------------------------------


def prescription_file_gate(row: ScopedModel, suffix: str, content: bytes) -> Refused | None:
    """Refuse to attach a workbook, PDF, Word or PowerPoint file that counts by doctor, or whose text nobody can read.

    The room of integrity takes it: there it proves what somebody did wrong.
    """
    if row._meta.app_label == "integrity":
        return None
    if suffix == "xlsx":
        return _in_workbook(content)
    return _in_document(row, suffix, content) if suffix in attached.TABLES_AND_TEXTS else None


def _in_workbook(content: bytes) -> Refused | None:
    with NamedTemporaryFile(prefix="yaomai-attached-", suffix=".xlsx") as file:
        file.write(content)
        file.flush()
        try:
            table = read_table(Path(file.name))
        except FileRefused:  # no table in it: a form, a drawing, nothing
            return None
    return prescription_count_guard(None, table)


def _in_document(row: ScopedModel, suffix: str, content: bytes) -> Refused | None:
    try:
        found = attached.read(suffix, content)
    except (attached.Unreadable, attached.TooMuchText) as refusal:
        return refusal
    for headings, *lines in found.tables:
        if columns := counts_by_doctor(Sheet(headings=headings, rows=lines[:SAMPLE_ROWS])):
            return PrescriptionCount(columns)
    is_about_doctor = _belongs_to_doctor(type(row), [row.pk])
    if any(states_count(text, about_doctor=is_about_doctor) for text in dict.fromkeys(found.texts)):
        return PrescriptionCountStated()
    return next(filter(None, map(_in_workbook, found.workbooks)), None)
