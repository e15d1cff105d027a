"""Tables: doctors in one place, quantities of medicine in another."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from yaomai.engine.prescriptions.texts import states_count
from yaomai.engine.prescriptions.words import (
    PRESCRIPTION_WORDS,
    heads_doctors,
    is_doctor,
    is_person,
    label,
    names_count,
    names_doctor,
    says_count_by_doctor,
)

_MEASURE: Final = re.compile(
    r"(?<!用法)用量|[消损]?耗量?$|销量|纯销|销售(?:数量|额|金额)|数量|总量|盒|[支片瓶袋件箱粒张笔]数|金额|药费|药占比|ddds?|领用|出库|贡献"
    r"|产出|上量|剂量合计|需求量|份额|占比|^(?:数|量|次数|合计|总计|小计|值|累计|本月|上月|支|瓶|片|张)$"
    r"|^(?:sl|shuliang|yl|yongliang|xl|xiaoliang|je|jine|hs|heshu|zs)$"
)
# Beside a doctor these measure too, unless they are known to be innocent.
_MEASURE_BESIDE_DOCTORS: Final = re.compile(
    r"[数量额次费和支盒瓶片张笔方]$|收入|费用|增长|季度|产值|业绩|^值$|处方值|处方$|西药|中药"
)
_MEASURE_WORDS: Final = frozenset(
    [
        "rx",
        "trx",
        "nrx",
        "nbrx",
        "quantity",
        "qty",
        "amount",
        "volume",
        "box",
        "boxes",
        "unit",
        "units",
        "pack",
        "packs",
        "script",
        "scripts",
        "prescription",
        "prescriptions",
        "sales",
        "dispensed",
        "sold",
        "ddd",
        "ddds",
        "vials",
        "rxvol",
        "fills",
        "claims",
        "clms",
        "dose",
        "doses",
        "suply",
        "count",
        "total",
    ]
)
# Figures that may stand beside a doctor.
_INNOCENT: Final = re.compile(
    r"患者|病人|人数|人次|门诊|急诊|床|论文|文献|sci|影响|评分|得分|积分|学分|分数|手术|拜访|参会|讲课|会议|邀请|培训|年龄|年限|工龄|电话|手机|联系|邮"
    r"|微信|qq|证|生日|出生|日期|时间|年份|学历|等级|级别|排序|序号|编号|编码|工号|号源|退号|挂号|号序|问诊|粉丝|好评|满意|依从|随访|带教|研究|项目数"
    r"|教学|班次|优先|经度|纬度|区划|代码|学时|编制|指数|被引|引用|劳务|讲课|课酬|酬|咨询费|差旅|餐|住宿|支付|报销|赞助|税|邮编"
)
_INNOCENT_WORDS: Final = frozenset(
    [
        "visit",
        "visits",
        "paper",
        "papers",
        "publication",
        "publications",
        "citation",
        "citations",
        "year",
        "years",
        "age",
        "phone",
        "mobile",
        "tel",
        "score",
        "index",
        "bed",
        "beds",
        "patient",
        "patients",
        "meeting",
        "meetings",
        "date",
        "id",
        "code",
        "no",
        "rank",
        "level",
        "segment",
        "payment",
        "payments",
        "fee",
        "fees",
        "honorarium",
        "zip",
        "postal",
        "fax",
        "telephone",
        "address",
        "license",
        "licence",
    ]
)
_PRODUCT: Final = re.compile(r"药品|品名|产品|商品|品规|通用名|品种|药名|ypmc|drug|product|medicine|brand")
_PERSON: Final = re.compile(r"^(?:姓名|名字|工号|人员|人员姓名|客户姓名|name)$")
_MEDICAL: Final = re.compile(r"职称|执业|擅长")
"""What is noted of doctors, not of one's own staff."""
_LISTS_DOCTORS: Final = re.compile(r"职称|专业|科室|职务|擅长|执业")
_CONTACT: Final = re.compile(
    r"联系人|收货人|业务员|代表|采购|经办|负责人|法人|法定|院长|签|审核|开票|制单|保管|受理|讲|报告|科主任|药剂"
)
_NUMBER: Final = re.compile(r"^[-+]?(?:\d{1,5}|\d{1,3}(?:[,，]\d{3})+)(?:\.\d+)?%?$")
"""A figure; longer ones are codes and telephone numbers."""
_MOST_INNER_HEADINGS: Final = 50
_LONGEST_INDICATOR: Final = 12
_LONGEST_TITLE: Final = 30


@dataclass(frozen=True, slots=True)
class Sheet:
    """What is known of a table.

    rows:    its first rows, and others that look like headings, as texts.
    cells:   (heading, text) of further cells that may speak of prescriptions.
    doctors: positions of columns of which a good part names doctors.
    context: name of the file, names of sheets, titles above and notes beneath.
    """

    headings: Sequence[str]
    rows: Sequence[Sequence[str | None]] = ()
    cells: Sequence[tuple[str, str]] = ()
    doctors: frozenset[int] = frozenset()
    context: Sequence[str] = ()


def counts_by_doctor(sheet: Sheet) -> list[str]:
    """Return the headings and titles that make a table a count of prescriptions by doctor; empty if it is none.

    One text may say so by itself; or a column names doctors while another measures medicine, whether the doctors
    stand in rows, as headings of their own, or in cells.
    """
    direct = [text for text in (*sheet.headings, *sheet.context) if text and says_count_by_doctor(text)]
    if direct:
        return direct
    return _by_columns(sheet.headings, sheet.rows, sheet.doctors) or _by_inner_headings(sheet) or _by_cells(sheet)


def _values(rows: Sequence[Sequence[str | None]], index: int) -> list[str]:
    return [row[index] or "" for row in rows if index < len(row) and row[index]]


def _is_numeric(values: Sequence[str]) -> bool:
    return bool(values) and sum(bool(_NUMBER.match(value.strip())) for value in values) * 2 >= len(values)


def _is_measure(heading: str, values: Sequence[str], *, beside_doctors: bool) -> bool:
    """Tell whether a column measures medicine. Beside doctors every figure does that is not known to be innocent."""
    bare, words = label(heading)
    if names_count(heading) or words & PRESCRIPTION_WORDS:
        return True
    if _INNOCENT.search(bare) or words & _INNOCENT_WORDS:
        return False
    if _MEASURE.search(bare) or words & _MEASURE_WORDS:
        return True
    return beside_doctors and (bool(_MEASURE_BESIDE_DOCTORS.search(bare)) or _is_numeric(values))


def _names_doctors(heading: str, values: Sequence[str], *, by_values: bool) -> bool:
    bare, _words = label(heading)
    if names_doctor(heading):
        # 医师 over figures is a number of staff; a number under 医生工号 is somebody.
        return not (_is_numeric(values) and bare.endswith(("医生", "医师", "大夫", "专家")))
    if _CONTACT.search(bare):
        return False
    named = sum(map(is_doctor, values))
    return by_values or (named > 0 and named * 2 >= len(values))


def _by_columns(
    headings: Sequence[str], rows: Sequence[Sequence[str | None]], by_values: frozenset[int] = frozenset()
) -> list[str]:
    columns = [(heading, _values(rows, index)) for index, heading in enumerate(headings)]
    wide = [heading for heading, values in columns if is_doctor(heading) and (not rows or _is_numeric(values))]
    if len(wide) > 1 or (wide and rows):
        return wide
    doctors = {
        index
        for index, (heading, values) in enumerate(columns)
        if heading and _names_doctors(heading, values, by_values=index in by_values)
    }
    measures = [
        heading
        for index, (heading, values) in enumerate(columns)
        if index not in doctors and _is_measure(heading, values, beside_doctors=bool(doctors))
    ]
    if doctors and measures:
        return [*(headings[index] for index in sorted(doctors)), *measures]
    bare = [label(heading)[0] for heading in headings]
    counts = [heading for heading in headings if names_count(heading)]
    people = [heading for heading, text in zip(headings, bare, strict=True) if _PERSON.match(text)]
    products = [heading for heading, text in zip(headings, bare, strict=True) if _PRODUCT.search(text)]
    are_doctors = any(_MEDICAL.search(text) for text in bare)
    if people and (counts or ((products or are_doctors) and measures)):
        return [*people, *products, *measures]
    return []


def _by_inner_headings(sheet: Sheet) -> list[str]:
    """Look at rows that would be headings of another table: 医生 | 数量 below a harmless first row."""
    looked = 0
    for number, row in enumerate(sheet.rows):
        texts = [cell or "" for cell in row]
        if any(_NUMBER.match(text) for text in texts) or looked == _MOST_INNER_HEADINGS:
            continue
        if any(text and heads_doctors(text) for text in texts):
            looked += 1
            found = _by_columns(texts, sheet.rows[number + 1 :])
            if found:
                return found
    return []


def _by_cells(sheet: Sheet) -> list[str]:
    """Look for counts in the cells: as an indicator beside people, or as a sentence."""
    columns = [(heading, _values(sheet.rows, index)) for index, heading in enumerate(sheet.headings)]
    lists_doctors = any(names_doctor(heading) for heading in sheet.headings) or (
        any(_PERSON.match(label(heading)[0]) for heading in sheet.headings)
        and any(_LISTS_DOCTORS.search(heading) for heading in sheet.headings)
    )
    has_figures = any(_is_numeric(values) for _heading, values in columns)
    has_people = lists_doctors or any(
        sum(is_doctor(value) or is_person(value) for value in values) * 2 >= len(values)
        for heading, values in columns
        if values and not _CONTACT.search(label(heading)[0])
    )
    cells = [(heading, value) for heading, values in columns for value in values]
    for heading, text in dict.fromkeys([*cells, *sheet.cells]):
        says = (has_figures and len(text) <= _LONGEST_TITLE and not text.isascii() and says_count_by_doctor(text)) or (
            has_figures and has_people and len(text) <= _LONGEST_INDICATOR and names_count(text)
        )
        if says or states_count(text, about_doctor=lists_doctors):
            return [heading]
    return []
