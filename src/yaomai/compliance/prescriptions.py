"""统方: no count of what a doctor prescribes enters, by whatever act or file."""

from collections.abc import Iterator, Mapping, Sequence
from functools import reduce
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from django.utils.translation import gettext_lazy as _

from yaomai.engine.prescriptions import HINTS, UNSEEN, Sheet, counts_by_doctor, heads_doctors, is_doctor, states_count
from yaomai.kit.errors import Refused
from yaomai.kit.transfer.reading import Table

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
        "This table counts what individual doctors prescribe (columns: %(columns)s). The law forbids to collect, "
        "count or use such figures, so nothing was taken in. Delete these columns, or ask for figures of the whole "
        "hospital or department."
    )

    def __init__(self, columns: Sequence[str]) -> None:
        super().__init__(citations=CITATIONS, columns="、".join(columns))


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
    about_doctor = code.startswith("customers.professional:") or arguments.get("subject") == "professional"
    if any(states_count(text, about_doctor=about_doctor) for text in _texts(arguments)):
        return PrescriptionCountStated()
    return None


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
