"""The words that prescriptions and doctors are spoken of with, in one written form."""

import re
import unicodedata
from functools import cache, lru_cache
from typing import Final

import opencc

HAN: Final = "\u3400-\u9fff"
# Characters that nobody sees: soft hyphens, zero-width marks, directions of writing, byte order marks.
UNSEEN: Final = "[\u00ad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]"
_UNSEEN: Final = re.compile(UNSEEN)
HINTS: Final = r"(?i)[处處]方|[统統][^，。；,;]{0,4}方|(?i:tong)\W{0,3}(?i:fang)|\d[oO]|(?:主任|医生|醫生|医师|醫師|大夫|教授|专家|專家)\W{0,3}\d|[开開]|[用销][药藥量]|[药藥]品|[盒瓶支箱板件包袋张張片粒]|方子|份额|占比|\brx|rx\b|script|prescri|[成%]|方量|boxe?s?\b|packs?\b|bottles?|vials?|volume|chufang|产出|產出|贡献|貢獻|给我|給我|帮我|幫我|公司做|\d\s*[人例]"
"""Only texts with one of these can say a count; in a syntax that Arrow's search (RE2) reads too."""
_BETWEEN: Final = re.compile(rf"(?<=[{HAN}\d])\s+(?=[{HAN}\d])|(?<=[{HAN}])\s+|\s+(?=[{HAN}])")
_CAMEL: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")
_NUMBERED: Final = re.compile(r"^\s*\d+\s*[.、)）]\s*")
_REMARK: Final = re.compile(r"(?:必填|选填|可选)$")
_SURNAMES: Final = frozenset(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆"
    "汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤温康施文牛樊葛邢安齐庄"
)

DOCTOR: Final = (
    r"(?:医生|医师|大夫|处方者|处方人|(?:处方)?开[具立][者人]|开方人|开处方人|开单人员?|开药人|开?医嘱人|下医嘱人|专家|教授|主治|主诊|主刀"
    r"|(?<![科院部])主任(?![医药技护委]))"
)
PRESCRIBE: Final = (
    r"(?:处方(?![药权集]|点评|审核|流转|外流|习惯|偏好|类型|资格|意愿|行为|模板|笺模)|开方|开单|开药|开立|开具|开嘱|医嘱|发药|耗药|带药"
    r"|拿药|用药(?!培训|教育|安全|指导|咨询|规范|管理|知识|考核|经验|习惯|剂量))"
)
COUNTED: Final = r"(?:增长|潜力数|数量|[笔张次份盒支片瓶袋箋笺]数|人次|总数|总量|排名|统计|明细|汇总|情况|一览|占比|份额|比例|金额|费用|数|量|额|笔|张|次|盒|支|瓶)"
AGAINST: Final = r"(?<!防)(?<!反)(?<!禁止)(?<!严禁)(?<!杜绝)(?<!不)(?<!无)"
NAMED_COUNT: Final = re.compile(
    rf"{AGAINST}统方(?!承诺|系统|软件|制度)|{PRESCRIBE}[^,;。]{{0,3}}{COUNTED}|(?:[日月周年人]|人?次)均{PRESCRIBE}|[日月周年季](?:处方|开[单方药])$"
    rf"|(?:prescription|script|rx)s?[ _-]?(?:count|volume|number|quantity|qty|total|num)"
    rf"|(?:count|number|volume|num)[ _-]?(?:of[ _-]?)?(?:prescription|script|rx)s?|\b[tn]b?rx\b"
    rf"|(?:prescription|script|rx)s?[ _-]?(?:per|each|every)[ _-]?(?:day|week|month|quarter|year)"
    rf"|chufang(?:shu|liang|zhangshu|jine)|^cf(?:sl|l|s|je)$"
)
_DIRECT: Final = re.compile(
    rf"{AGAINST}统方(?!承诺|系统|软件|制度)"
    rf"|(?:{DOCTOR}|个人)[^,;。]{{0,8}}(?:{PRESCRIBE}[^,;。]{{0,3}}{COUNTED}|用量|用药$|处方$|销量)"
    rf"|{PRESCRIBE}[^,;。]{{0,3}}{COUNTED}[^,;。]{{0,4}}(?:{DOCTOR}|个人)"
)
_NAMING: Final = re.compile(
    rf"(?<!报告){DOCTOR}的?(?:姓名|全名|简称|全称|名称|名字|名|工号|编号|编码|代码|代号|码|id|号|客户|信息)?$"
    r"|^(?:kd|kf|cf|jz|zz|mz|zr|kl|yz)(?:ys|yishi|yisheng|daifu)|^(?:ys|yishi|yisheng|daifu)(?:xm|mc|gh|bm|dm|bh|id|xingming|gonghao)"
    r"|^(?:yishi|yisheng|daifu)$"
)
_DOCTOR_WORDS: Final = frozenset(
    [
        "doctor",
        "dr",
        "doc",
        "docname",
        "physician",
        "prescriber",
        "prescribers",
        "hcp",
        "clinician",
        "practitioner",
        "consultant",
        "md",
        "kol",
        "surgeon",
        "attending",
        "npi",
    ]
)
PRESCRIPTION_WORDS: Final = frozenset(
    ["rx", "trx", "nrx", "nbrx", "prescription", "prescriptions", "script", "scripts", "prescribed"]
)
_TITLES: Final = frozenset({"主任医师", "副主任医师", "主治医师", "住院医师", "执业医师", "助理医师", "全科医生"})
_BEARER: Final = re.compile(
    rf"^(?:[{HAN}]{{1,8}}[科室])?([{HAN}])[{HAN}]{{0,3}}(?:医生|医师|大夫|主任|教授)$|^dr\b\.?\s*[a-z{HAN}]"
)


@cache
def _converter() -> opencc.OpenCC:
    return opencc.OpenCC("t2s")


_ZERO: Final = re.compile(rf"(?<=\d)[oO]+(?=\d|\b|[{HAN}])|(?<=\d)[oO]+(?=[oO]*\d)")
_DISGUISED: Final = re.compile(r"(?:统|\btong)[\W_]{0,3}[a-z]{0,2}[\W_]{0,3}(?:方|fang\b)")
"""统f方, 统-方, tong fang: the word with something in it, or in Latin letters."""


@lru_cache(8_192)
def plain(text: str) -> str:
    """Give a text half-width, simplified, lower case, without unseen characters and blanks around Chinese ones.

    A letter O within a number is the zero that it stands for, and 统方 is written as it is meant.
    """
    seen = _UNSEEN.sub("", unicodedata.normalize("NFKC", text))
    if not seen.isascii():
        seen = str(_converter().convert(seen))
    bare = _BETWEEN.sub("", " ".join(seen.split()))
    return _DISGUISED.sub("统方", _ZERO.sub(lambda found: "0" * len(found[0]), bare).lower())


@lru_cache(8_192)
def label(text: str) -> tuple[str, frozenset[str]]:
    """Give a heading's letters and characters without marks, and its Latin words one by one.

    >>> label("*医生_姓名(必填)")[0], sorted(label("hcpName")[1])
    ('医生姓名', ['hcp', 'name'])
    """
    words = plain(_CAMEL.sub(" ", _NUMBERED.sub("", unicodedata.normalize("NFKC", text))))
    bare = re.sub(r"[\W_]+", "", words)
    return _REMARK.sub("", bare), frozenset(re.findall(r"[a-z]+", words))


def names_count(text: str) -> bool:
    """Tell whether a label asks for a count of prescriptions, of whomever.

    >>> names_count("月处方量"), names_count("处方习惯及其影响因素"), names_count("处方药销量")
    (True, False, False)
    """
    bare, words = label(text)
    return bool(
        NAMED_COUNT.search(bare) or NAMED_COUNT.search(" ".join(sorted(words))) or NAMED_COUNT.search(plain(text))
    )


def says_count_by_doctor(text: str) -> bool:
    """Tell whether a heading, a sheet's name or a title says by itself that prescriptions are counted by doctor."""
    bare, words = label(text)
    if _DIRECT.search(bare):
        return True
    doctors = {word.removesuffix("s") for word in words} & _DOCTOR_WORDS
    return bool(doctors and words & PRESCRIPTION_WORDS)


def names_doctor(heading: str) -> bool:
    """Tell whether single doctors are named under a heading (and not counted, as under 医生人数)."""
    bare, words = label(heading)
    return bool(_NAMING.search(bare) or words & _DOCTOR_WORDS)


def is_doctor(value: str) -> bool:
    """Tell whether a value names a single doctor by surname: 张主任, 心内科李伟医生, Dr. Zhang; not 王大夫诊所.

    >>> is_doctor("心内科张主任"), is_doctor("王大夫诊所"), is_doctor("科主任")
    (True, False, False)
    """
    found = _BEARER.match(plain(value))
    return found is not None and (found.group(1) is None or found.group(1) in _SURNAMES)


def heads_doctors(cell: str) -> bool:
    """Tell whether a cell would be the heading of a column of doctors; their names and titles are none."""
    return names_doctor(cell) and not is_doctor(cell) and plain(cell) not in _TITLES


def is_person(value: str) -> bool:
    """Tell whether a value looks like the bare name of a Chinese person."""
    text = plain(value)
    return 2 <= len(text) <= 3 and text[0] in _SURNAMES and re.fullmatch(rf"[{HAN}]+", text) is not None
