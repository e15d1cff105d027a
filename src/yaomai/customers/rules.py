"""What follows from a name or a text alone. Pure functions; no Django.

Sources: the requirement rows named below; grades as in 医院分级管理办法 (three levels, three classes and 三级特等).
"""

import re
from collections.abc import Iterable, Sequence
from typing import Final

from yaomai.engine.matching import alias_key
from yaomai.engine.matching.text import clean_all

# Names --------------------------------------------------------------------------------------------------------

_BRACKETS: Final = re.compile(r"[（(\[【〔]([^（）()\[\]【】〔〕]*)[）)\]】〕]?")
_SEPARATORS: Final = re.compile(r"[、，,；;/|]+")
_FORMER: Final = re.compile(r"^(?:原名?|曾用名|前身为?)[:：]?\s*")
_LABEL: Final = re.compile(r"^(?:又名|别名|简称|挂牌|增挂|加挂|也称)[:：]?\s*")
_INSTITUTION: Final = re.compile(
    r"(?:医院|卫生院|保健院|防治院|疗养院|中心|诊所|门诊部|卫生所|卫生室|医务室|保健所|保健站|服务站|研究所|研究院|防治所|"
    r"防治站|药店|药房|药行|药堂|公司|医务所|急救站|血站|护理院)"
)
_BODY: Final = re.compile(r"[院所站店房部]|机构|学院")
_BRANCH: Final = re.compile(
    r"(?:院区|分院|院部|分部|病区|校区|本部|[东西南北新老本总主]院|[东西南北新老]区|分店|门店|号店|筹)$"
)
SHORTEST_ALIAS: Final = 3


def name_key(name: str) -> str:
    """Return the form under which two writings of one name are equal: width, script, brackets, case, marks.

    >>> name_key("北京 协和醫院") == name_key("北京协和医院")
    True
    """
    return alias_key(name)[:200]


def name_keys(names: Sequence[str]) -> list[str]:
    """Return `name_key` of many names at once."""
    return [cleaned.replace(",", "")[:200] for cleaned in clean_all(names)]


def institution_key(key: str, division_code: str) -> str:
    """Return what finds an institution without a code again: its name key and its place."""
    return f"{key}@{division_code}"


def split_name(text: str) -> tuple[str, list[str], list[str]]:
    """Split a written name into the name, other names and former names, which stand in brackets behind it.

    A bracket that tells a branch or a legal form apart is a part of the name and stays.

    >>> split_name("北京地坛医院（地坛医院）")
    ('北京地坛医院', ['地坛医院'], [])
    >>> split_name("省人民医院（原省立医院）")
    ('省人民医院', [], ['省立医院'])
    >>> split_name("上海瑞金医院（卢湾院区）")
    ('上海瑞金医院（卢湾院区）', [], [])
    """
    name, others, former = split_brackets(text)
    if not (others or former):
        return name, [], []
    own = name_key(name)
    return name, _distinct(others, own), _distinct(former, own)


def split_brackets(text: str) -> tuple[str, list[str], list[str]]:
    """Split as `split_name` does; other names may be the name once more."""
    others: list[str] = []
    former: list[str] = []

    def take(match: re.Match[str]) -> str:
        parts = [part.strip() for part in _SEPARATORS.split(match.group(1)) if part.strip()]
        if match.end() < len(text.rstrip()) or not parts or not all(_is_name(part) for part in parts):
            return match.group()
        for part in parts:
            bare = _LABEL.sub("", _FORMER.sub("", part))
            (former if _FORMER.match(part) else others).append(bare)
        return ""

    name = " ".join(_BRACKETS.sub(take, text).split())
    return (name, others, former) if name else (text.strip(), [], [])


def _is_name(part: str) -> bool:
    bare = _LABEL.sub("", _FORMER.sub("", part))
    if "定点" in bare:
        return False
    if _INSTITUTION.search(bare):
        return len(bare) >= SHORTEST_ALIAS
    return len(bare) > SHORTEST_ALIAS and bool(_BODY.search(bare)) and not _BRANCH.search(bare)


def _distinct(names: Iterable[str], own: str) -> list[str]:
    found: dict[str, str] = {}
    for name in names:
        key = name_key(name)
        if key and key != own:
            found.setdefault(key, name)
    return list(found.values())


# Grades and kinds ---------------------------------------------------------------------------------------------

_LEVELS: Final = {"一": "1", "二": "2", "三": "3", "1": "1", "2": "2", "3": "3", "I": "1", "II": "2", "III": "3"}
_CLASSES: Final = {"特": "S", "甲": "A", "乙": "B", "丙": "C"}
_GRADE: Final = re.compile(r"^(III|II|I|[一二三123])\s*[级級]?\s*(?:医院)?\s*[,，]?\s*([特甲乙丙]?)[等级級]?")
_GRADE_WITHIN: Final = re.compile(r"([一二三])\s*级?([特甲乙丙])等?")
_UNGRADED: Final = re.compile(r"^(?:未定级?|未评级?|未定等|未评审?|无等?级?|无评级|不定级|其他|0)$")


def grade_of(text: str, class_text: str = "") -> str | None:
    """Return the code of a written grade ("三甲" → "3A", "未定级" → "0", "" → ""), or None when it is none.

    `class_text` is the class where a file keeps it in a column of its own (三级 + 甲等).

    >>> grade_of("二级\\xa0甲等"), grade_of("三级", "甲等"), grade_of("市级")
    ('2A', '3A', None)
    >>> grade_of("3"), grade_of("综合三甲"), grade_of("12")
    ('3', '3A', None)
    """
    written = "".join(text.split()).upper()
    if not written:
        return ""
    if _UNGRADED.match(written):
        return "0"
    found = _GRADE.match(written) or _GRADE_WITHIN.search(written)
    said = any(mark in written for mark in ("级", "級", "甲", "乙", "丙", "特"))
    if found is None or not (said or written in ("1", "2", "3")):
        return None
    marks = found.group(2) or next((mark for mark in class_text if mark in _CLASSES), "")
    return _LEVELS[found.group(1)] + _CLASSES.get(marks, "")


_KINDS: Final[Sequence[tuple[str, re.Pattern[str]]]] = (
    ("community", re.compile(r"社区(?:卫生|医院|医疗)|社区.*服务[中站]|卫生服务[中站]|卫生社区")),
    ("public_health", re.compile(r"疾病预防|疾控|防疫站|中心血站|血液中心|卫生监督|急救中心|急救站|健康教育所")),
    (
        "clinic",
        re.compile(r"(?:诊所|门诊部|卫生所|医务室|医务所|卫生室|保健站|保健室|卫生站|齿科|国医馆|中医馆)(?:[（(].*)?$"),
    ),
    ("township", re.compile(r"(?:卫生院|乡镇.*分院)(?:[（(].*)?$")),
    (
        "hospital",
        re.compile(r"医院|院$|防治[所站]|妇幼|精神卫生|(?:康复|医疗|医学|临床|抢救)中心|研究所|附[一二三属]"),
    ),
    ("chain_store", re.compile(r"(?:分店|门店|[^商药]店|号店)(?:[（(].*)?$")),
    ("distributor", re.compile(r"医药.*(?:公司|集团)|药业|药品批发|医药商[业社]")),
    ("pharmacy", re.compile(r"药[店房行堂铺]|大药|药局|堂$")),
)


def kind_of(name: str) -> str:
    """Return the kind of institution that a name tells, "other" when it tells none.

    >>> kind_of("朝阳区六里屯社区卫生服务中心"), kind_of("大参林药店"), kind_of("国药控股医药有限公司")
    ('community', 'pharmacy', 'distributor')
    """
    bare = _BRACKETS.sub("", name).strip() or name
    return next((kind for kind, pattern in _KINDS if pattern.search(bare) or pattern.search(name)), "other")


_KIND_WORDS: Final[Sequence[tuple[str, re.Pattern[str]]]] = (
    ("chain_store", re.compile(r"连锁.*(?:门店|分店|药店|药房)|门店")),
    ("chain", re.compile(r"连锁")),
    ("distributor", re.compile(r"商业|经销|分销|配送|批发")),
    ("pharmacy", re.compile(r"单体|药店|药房|零售")),
    ("public_health", re.compile(r"疾控|公共卫生")),
    ("community", re.compile(r"社区")),
    ("township", re.compile(r"卫生院|乡镇")),
    ("clinic", re.compile(r"诊所|门诊|卫生室|卫生所|医务室")),
    ("hospital", re.compile(r"医院|保健院|院")),
    ("other", re.compile(r"^(?:其他|其它)$")),
)


def kind_word(text: str) -> str | None:
    """Return the kind that a column of kinds names, None when it names none.

    >>> kind_word("连锁总部"), kind_word("商业公司"), kind_word("A1.综合医院"), kind_word("城堡")
    ('chain', 'distributor', 'hospital', None)
    """
    return next((kind for kind, pattern in _KIND_WORDS if pattern.search(text.strip())), None)


_OWNERSHIP: Final[Sequence[tuple[str, re.Pattern[str]]]] = (
    ("military", re.compile(r"军|部队|武警")),
    ("joint", re.compile(r"合资|合作(?!社)|外资|港澳台")),
    ("private", re.compile(r"私|民营|民办|个体|个人")),
    ("public", re.compile(r"公立|公办|国有|集体|政府|事业|全民")),
)


def ownership_of(text: str) -> str:
    """Return the code of a written form of ownership; "other" when it is none of the known ones, "" for "".

    >>> ownership_of("国有全资"), ownership_of("私有"), ownership_of("股份合作"), ownership_of("其他")
    ('public', 'private', 'other', 'other')
    """
    written = text.strip()
    if not written:
        return ""
    if "股份" in written:
        return "other"
    return next((code for code, pattern in _OWNERSHIP if pattern.search(written)), "other")


# People -------------------------------------------------------------------------------------------------------

_TITLES: Final[Sequence[tuple[str, str]]] = (
    ("副主任医师", "associate_physician"),
    ("副主任中医师", "associate_physician"),
    ("主任医师", "chief_physician"),
    ("主任中医师", "chief_physician"),
    ("主治", "attending"),
    ("住院医", "resident"),
    ("副主任药师", "associate_pharmacist"),
    ("主任药师", "chief_pharmacist"),
    ("主管药师", "pharmacist_in_charge"),
    ("药师", "pharmacist"),
    ("药士", "pharmacist"),
    ("主任护师", "chief_nurse"),
    ("护", "nurse"),
    ("医师", "resident"),
    ("医士", "resident"),
    ("教授", "professor"),
    ("研究员", "professor"),
    ("技师", "other"),
    ("其他", "other"),
    ("其它", "other"),
    ("无", "other"),
)


def title_of(text: str) -> str | None:
    """Return the code of a written professional title, None when it is none.

    >>> title_of("主任医师、教授"), title_of("副主任药师"), title_of("院长")
    ('chief_physician', 'associate_pharmacist', None)
    """
    return next((code for word, code in _TITLES if word in text), None)


_PROFESSIONS: Final[Sequence[tuple[str, re.Pattern[str]]]] = (
    ("retail", re.compile(r"店员|店长|营业员|药店")),
    ("buyer", re.compile(r"采购|商务")),
    ("pharmacist", re.compile(r"药师|药剂|药士")),
    ("nurse", re.compile(r"护")),
    ("technician", re.compile(r"技师|技士|检验|医技")),
    ("manager", re.compile(r"院长|书记|主管|管理|院办|医保办|医务")),
    ("physician", re.compile(r"医[生师士]|大夫|临床")),
    ("other", re.compile(r"^(?:其他|其它)$")),
)


def profession_word(text: str) -> str | None:
    """Return the profession that a text names, None when it names none.

    >>> profession_word("店员"), profession_word("临床医生"), profession_word("骑士")
    ('retail', 'physician', None)
    """
    return next((code for code, pattern in _PROFESSIONS if pattern.search(text)), None)


def profession_of(title: str) -> str | None:
    """Return the profession that a title's code tells, None when it tells none.

    >>> profession_of("associate_pharmacist"), profession_of("professor")
    ('pharmacist', None)
    """
    if "physician" in title or title in ("attending", "resident"):
        return "physician"
    return next((each for each in ("pharmacist", "nurse") if each in title), None)


def sex_of(text: str) -> str | None:
    """Return the code of 男 or 女, None for anything else."""
    return {"男": "m", "女": "f", "男性": "m", "女性": "f", "M": "m", "F": "f"}.get(text.strip())


def customer_type_of(text: str) -> str | None:
    """Return the code of a customer type as the documents write it (A2), None when it is none.

    >>> customer_type_of("KOL"), customer_type_of("高处方客户"), customer_type_of("行政决策")
    ('high_influence', 'high_volume', 'decision_maker')
    """
    for word, code in (("高处方", "high_volume"), ("影响力", "high_influence"), ("KOL", "high_influence"),
                       ("决策", "decision_maker")):  # fmt: skip
        if word in text.upper():
            return code
    return None


# Contact data -------------------------------------------------------------------------------------------------

_MOBILE: Final = re.compile(r"^(?:\+?86)?(1[3-9]\d{9})$")
_BETWEEN_DIGITS: Final = re.compile(r"[\s\-－—()（）]")


def phone_digits(text: str) -> str:
    """Return the digits of a telephone number, without spaces and dashes; a leading +86 of a mobile is dropped."""
    compact = _BETWEEN_DIGITS.sub("", text)
    mobile = _MOBILE.match(compact)
    return mobile.group(1) if mobile else compact


def is_mobile(text: str) -> bool:
    """Tell whether a number is a mobile number of the mainland: it belongs to a person.

    >>> is_mobile("136 5305 5719"), is_mobile("020-81633852")
    (True, False)
    """
    return bool(_MOBILE.match(_BETWEEN_DIGITS.sub("", text)))
