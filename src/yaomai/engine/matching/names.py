"""Reading the name of an institution: place, ordinals, affiliation, branch, kind, and what is left to tell it by."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from operator import ne
from typing import Final

import yaml

from .places import CITY, COUNTY, NOWHERE, PROVINCE, Division, Gazetteer, Place, literal_prefix, place_of, short_name
from .text import split_brackets


@dataclass(frozen=True, slots=True)
class Name:
    """One way to write one institution, taken apart.

    `core` is the name without its place, with ordinals as digits and abbreviations written out; `canon` is `core`
    after the short name of the smallest place; `stem` is `core` without its kind. `own_place` is what the name
    itself says, `level` the mark (市, 县…) that it writes, `level_exists` whether such a division exists. `residue` is
    what is left of `core` without ordinals, kind and generic words: "" means that only the place tells it apart.
    `text` is the cleaned writing outside brackets; `branch_in_text` is False when the branch stood in a bracket.
    `written` is the cleaned writing before abbreviations are written out, with the branch.
    """

    written: str
    text: str
    core: str
    canon: str
    stem: str
    own_place: Place
    level: str
    level_exists: bool
    ordinals: tuple[str, ...]
    affiliated: bool
    branch: str
    kind: str
    residue: str
    branch_in_text: bool


UNREAD: Final = "?"
"""An ordinal whose character is none: 第儿人民医院."""

_DIGITS: Final = {mark: value for value, mark in enumerate("零一二三四五六七八九")} | {"〇": 0, "○": 0, "o": 0, "两": 2}
_NUMERAL: Final = "零〇一二三四五六七八九十百两\\d"
_NUMERALS: Final = frozenset("零〇一二三四五六七八九十百两0123456789")
_ORDINAL: Final = re.compile(
    rf"第([{_NUMERAL}]+)"
    rf"|(?<=附属)([一二三四五六七八九十\d]+)(?=医?院)"
    rf"|([零〇○o一二三四五六七八九\d]{{3,}}|\d+)"
    rf"|(?<![{_NUMERAL}])([一二三四五六七八九十]|十[一二三四五六])(?=(?:人民|中)?(?:医院|分院|院$|分店|分部|部$))"
)
_SHORT_AFFILIATION: Final = re.compile(rf"附([{_NUMERAL}]+)(医?院)?$")
_AFFILIATED_HOSPITAL: Final = re.compile("附院$")
_AFFILIATED_ORDINAL: Final = re.compile(r"附属第?([一二三四五六七八九十\d]+)(?:医院|院)$")
_SHORT_ORDINAL: Final = re.compile(
    rf"(?<![{_NUMERAL}第])([一二三四五六七八九十]|十[一二三四五六]|\d{{1,2}})(人民|中|附属)?(医?)院$"
)
_UNREAD_ORDINAL: Final = re.compile(r"第[^#\W\d](?=.{0,8}院$)")
_NUMBERED_AFFILIATION: Final = re.compile(r"#(\d+)附属")
_AFFILIATED: Final = re.compile(r"附属|附院|附一|附二|教学医院")
_LEVEL: Final = re.compile(
    r"(?:(省)|(市)|(县)|(区)|(旗)|(州))(?=立|直|属|级|人民|中|妇|第|一|二|三|四|五|六|七|八|九|十|\d|医院|儿童|肿瘤|"
    r"口腔|传染|精神|疾病|康复|老年|总)"
)
_UNIVERSITY: Final = re.compile(r".{0,6}?(?:大学|学院|医专|高等专科|医大|研究院|军区|科学院)")
_LEGAL: Final = re.compile(
    r"(?:医药|药业|大?药房|药店)?连锁(?:药店|药房)?(?:(?:股份|责任)?有限(?:责任)?)?公司|连锁(?:大?药房|药店|店)?$"
    r"|(?:集团)?(?:股份|责任)?有限(?:责任)?公司"
)
_FORMER: Final = re.compile(r"^(?:原名|原|曾用名|曾用|又名|别名|简称|俗称|暨|即|挂牌|加挂|含|亦称|也称)[:,]?")
_INSTITUTION: Final = re.compile(
    r"(?:医院|卫生院|保健院|防治院|附院|中心|防治所|研究所|诊所|药房|药店|[\d一二三四五]院)$"
)
_BRANCH: Final = re.compile(
    r"^(?:[东西南北中新老总]+(?:院区?|区|部|院部)|.{0,8}(?:分院|院区|分部|校区|新院|分店|门诊部?|部|院部|店))$"
)
_COUNTER: Final = re.compile("(?:门诊|住院|急诊|病房|静配)?(?:中西|中|西)?(?:药房|药库|药剂科|药剂部|药学部|库房)|门诊")
"""Where in a hospital a distributor delivers to: no branch of it."""
_NOISE: Final = re.compile(
    "民营|公立|私立|公办|民办|国营|[一二三]级|三甲|二甲|甲等|乙等|医保|定点|营利|停用|合资|外资|筹|备用|个体|股份|综合|专科|"
    "普通合伙|暂停|注销|有限|^[省市县区]级?$|^.{1,5}[省市县区州]$|^\\d*$|^[a-z0-9]+$"
)
_MAIN_BRANCH: Final = frozenset({"总院", "本部", "院本部", "本院", "主院", "主院区", "总部", "总店"})
_KINDS: Final = (
    "中西医结合医院", "妇女儿童医院", "妇女儿童中心", "妇幼保健院", "人民医院", "中医院", "中心医院", "儿童医院",
    "妇产医院", "妇产科医院", "妇儿医院", "妇科医院", "肿瘤医院", "口腔医院", "眼科医院", "骨科医院", "胸科医院",
    "传染病医院", "精神病医院", "精神卫生中心", "精神卫生保健院", "结核病医院", "皮肤病医院", "皮肤病防治院",
    "心血管病医院", "脑科医院", "肛肠医院", "康复医院", "护理院", "老年医院", "老年病医院", "职工医院", "工人医院",
    "社区卫生服务中心", "社区卫生服务站", "卫生服务中心", "卫生服务站", "中心卫生院", "卫生院", "卫生所", "卫生室",
    "医务室", "门诊部", "诊所", "疾病预防控制中心", "急救中心", "中心血站", "血站", "体检中心", "美容医院",
    "医疗美容医院", "整形医院", "疗养院", "红十字会医院", "红十字医院", "蒙医医院", "藏医医院", "维吾尔医医院",
    "民族医院", "军区总医院", "总医院", "医疗中心", "医学中心", "防治院", "防治所", "防治站", "保健所", "保健院",
    "大药房", "药房", "药店", "药业", "动物医院", "宠物医院", "兽医院", "专科医院", "立医院", "地段医院", "医院",
)  # fmt: skip
_REPAIRABLE: Final = (
    "妇幼保健计划生育服务中心", "社区卫生服务中心", "疾病预防控制中心", "社区卫生服务站", "中西医结合医院", "妇幼保健院",
    "精神卫生中心", "传染病医院", "精神病医院",
)  # fmt: skip
_KIND_WHOLE: Final = re.compile("(?:" + "|".join((*_REPAIRABLE, "卫生院", "中医院", "门诊部", "药房", "药店")) + ")$")
_ABBREVIATED_PARENT: Final = re.compile(
    rf"(人医|中心院|妇保院|附[{_NUMERAL}]院|(?<![{_NUMERAL}第])(?:十[一二三四五六]|[一二三四五六七八九十])院)"
    r"(.{1,6}(?:分院|院区|分部|门诊部|医院))$"
)
_KIND: Final = re.compile("(?:" + "|".join(sorted(_KINDS, key=len, reverse=True)) + ")$")
_MARKS: Final = "省市县区旗州盟"
_GENERIC: Final = re.compile(
    "人民|中心|医院|中医|综合|医学院|附属|职工|社区|卫生|服务|经济|技术|高新|开发|新区|第|专科|省|市|县|区|立|直属|街道|镇|乡|#[\\d?]+"
)
_BARE: Final = frozenset({"医院", "卫生院", "中心医院", "总医院", "药房", "大药房", "药店", "诊所", "门诊部", "中心"})


@cache
def _abbreviations() -> list[tuple[re.Pattern[str], dict[str, str]]]:
    text = resources.files(__package__).joinpath("abbreviations.yaml").read_text(encoding="utf-8")
    rules: list[tuple[re.Pattern[str], dict[str, str]]] = []
    for section, pattern in (("beginnings", "^(?:{})(?!学)"), ("anywhere", "(?:{})"), ("endings", "(?:{})$")):
        words: dict[str, str] = yaml.safe_load(text)[section]
        longest_first = "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
        rules.append((re.compile(pattern.format(longest_first)), words))
    return rules


def read_name(text: str, gazetteer: Gazetteer) -> list[Name]:
    """Read a cleaned name: itself first, then the other names that it carries in brackets or strung together."""
    outside, inside = split_brackets(text)
    branch = ""
    others: list[str] = []
    beside = NOWHERE
    for part in inside:
        bare = _FORMER.sub("", part)
        if _COUNTER.fullmatch(bare):
            continue
        if _BRANCH.match(bare) and not (_INSTITUTION.search(bare) and len(bare) > 6):
            branch = branch or bare
        elif _INSTITUTION.search(bare) and len(bare) >= 4 and "定点" not in bare:
            others.append(bare)
        elif gazetteer.named(bare):
            beside = place_of(gazetteer.named(bare))
        elif bare and not _NOISE.search(bare):
            # an unknown remark may be a branch (龙岗): better a person looks than that it is passed over
            branch = branch or bare
    names = [*_unstring(outside, gazetteer), *others]
    found = [_read(names[0], branch, beside, gazetteer)]
    for other in names[1:]:
        name = _read(other, branch, NOWHERE, gazetteer)
        if all(name.canon != known.canon for known in found):
            found.append(name)
    return found


def _unstring(text: str, gazetteer: Gazetteer) -> list[str]:
    """Split 甲市第一医院乙市人民医院 where the second name begins with a place of its own."""
    end = text.find("医院")
    while 0 < end < len(text) - 6:
        head, tail = text[: end + 2], text[end + 2 :]
        if tail.endswith(("医院", "保健院", "附院", "中心", "防治院")) and not _BRANCH.match(tail):
            place, divisions = gazetteer.prefix(tail.removeprefix("原"))
            strong = place and (divisions[0].level < COUNTY or place == divisions[0].name)
            if strong or tail.startswith(("中国人民解放军", "解放军")) or literal_prefix(tail):
                return [head, *_unstring(tail.removeprefix("原"), gazetteer)]
        end = text.find("医院", end + 1)
    return [text]


def _read(text: str, branch: str, beside: Place, gazetteer: Gazetteer) -> Name:
    written = text + branch
    head, early_branch = _split_after_abbreviation(text)
    text = _expand(_repair_kind(head))
    text, legal_branch = _split_legal(text)
    place, level, rest = _split_place(text, gazetteer)
    found = _LEVEL.match(rest)
    if found and (bare := rest[found.end() :]) and bare != "中心":
        level, rest = found.group(), bare
    level_exists = place.level != COUNTY or bool(gazetteer.named(short_name(place.finest) + level))
    rest, tail = _split_branch(rest)
    bracketed = bool(branch)
    branch = branch or early_branch or legal_branch or tail
    rest, kind_unsaid = _write_out(rest)
    numbers: list[str] = []
    rest = _NUMBERED_AFFILIATION.sub(r"附属#\1", _number_ordinals(rest, numbers))
    branch = _number_ordinals(branch, [])
    if branch in _MAIN_BRANCH:
        branch = ""
    kind = _KIND.search(rest)
    stem = rest[: kind.start()] if kind else rest
    core = rest + branch
    return Name(
        written=written,
        text=text + early_branch,
        core=core,
        canon=short_name(place.finest) + core,
        stem=stem + branch,
        own_place=place.completed(beside) if place else beside,
        level=level,
        level_exists=level_exists,
        ordinals=tuple(sorted(numbers)),
        affiliated=bool(_AFFILIATED.search(rest)),
        branch=branch,
        kind=kind.group() if kind and not kind_unsaid else "",
        residue=_GENERIC.sub("", stem),
        branch_in_text=not bracketed,
    )


def _split_after_abbreviation(text: str) -> tuple[str, str]:
    """Split 市一院江山分院 after the abbreviated hospital, which does not say 医院."""
    found = _ABBREVIATED_PARENT.search(text)
    return (text[: found.end(1)], found.group(2)) if found else (text, "")


def _write_out(rest: str) -> tuple[str, bool]:
    """Write 附一院 and 一院 in full; say also whether the kind of hospital (人民, 中…) was left out."""
    if "附" in rest:
        rest = _SHORT_AFFILIATION.sub(r"附属第\1医院", rest)
        rest = _AFFILIATED_HOSPITAL.sub("附属医院", rest)
        rest = _AFFILIATED_ORDINAL.sub(r"附属第\1医院", rest)
    shortened = _SHORT_ORDINAL.search(rest)
    if not shortened:
        return rest, False
    numeral, kind, hospital = shortened.groups()
    return f"{rest[: shortened.start()]}第{numeral}{kind or ''}医院", not (kind or hospital)


def _repair_kind(rest: str) -> str:
    """Mend one wrong character in a long word that can be nothing else: 社区卫生服务肿心."""
    if _KIND_WHOLE.search(rest):
        return rest
    for word in _REPAIRABLE:
        start = len(rest) - len(word)
        # the wrong character is among the last two, or it is not
        near = start >= 0 and (rest.endswith(word[-2:]) or rest.startswith(word[:-2], start))
        if near and sum(map(ne, rest[start:], word)) == 1:
            return rest[:start] + word
    return rest


def _expand(text: str) -> str:
    for pattern, words in _abbreviations():
        text = pattern.sub(lambda match, words=words: words[match.group()], text)  # type: ignore[misc]
    return text


def _split_legal(text: str) -> tuple[str, str]:
    found = _LEGAL.search(text)
    if not found or found.start() < 2:
        return text, ""
    tail = text[found.end() :]
    if not tail:
        return text[: found.start()], ""
    return text[: found.start()], tail


def _split_place(text: str, gazetteer: Gazetteer) -> tuple[Place, str, str]:
    """Take the places off the beginning; give them, the mark of the last (市, 县…) if written, and the rest.

    What could as well be a plain word (朝阳医院, 和平医院) stays in the name.
    """
    found: tuple[Division, ...] = ()
    rest, level = text, ""
    while rest:
        name, divisions = gazetteer.prefix(rest, found)
        if not name or not _is_place(name, divisions, rest[len(name) :]):
            skipped = _skip_misspelt(rest, found, gazetteer)
            if not skipped:
                break
            rest = skipped
            continue
        if not found or divisions[0].level >= found[0].level:
            found, level = divisions, name[-1] if name != divisions[0].short else ""
        rest = rest[len(name) :]
    literal = literal_prefix(rest)
    if literal and not gazetteer.named(literal) and len(rest) - len(literal) >= 2:
        known = place_of(found)
        return Place(literal[:-1], 0, known.province, known.city), literal[-1], rest[len(literal) :]
    return place_of(found), level if level in _MARKS else "", rest


def _skip_misspelt(rest: str, found: Sequence[Division], gazetteer: Gazetteer) -> str:
    """Pass over a mark or an unknown place when a division written in full follows: 开峰市祥符区, 上海县南汇区."""
    literal = literal_prefix(rest) or (rest[0] if found and rest[0] in "市县" else "")
    after = rest[len(literal) :]
    name, divisions = gazetteer.prefix(after, found) if literal and not gazetteer.named(literal) else ("", ())
    full = bool(name) and name == divisions[0].name and name[-1] in _MARKS and len(after) - len(name) >= 2
    return after if full else ""


def _is_place(name: str, divisions: Sequence[Division], rest: str) -> bool:
    if not rest or rest[0] in "路街道" or _UNIVERSITY.match(rest):
        return False
    if (name == divisions[0].name or name != divisions[0].short) and name[-1] in _MARKS:
        return True
    level = divisions[0].level
    if rest == "医院" or (level == COUNTY and rest in _BARE):
        return False
    if level == PROVINCE or (level == CITY and len(rest) >= 4):
        return True
    return bool(_GENERIC_START.match(rest))


_GENERIC_START: Final = re.compile(
    "人民|中医|中西医|第|[一二三四五六七八九十]+(?:人民|附属|中)?医?院|妇幼|妇女|中心医院|省|市|县|区|疾病预防|社区|精神病|传染病|结核|红十字|附属|总医院|公立"
)


def _split_branch(rest: str) -> tuple[str, str]:
    """Split off what follows the first 医院: 西院, 南区, 红古分院, 门诊部."""
    end = rest.find("医院")
    if 0 <= end < len(rest) - 2:
        head, tail = rest[: end + 2], rest[end + 2 :]
        if head in _BARE or tail.startswith("管理"):
            return rest, ""
        return head, tail
    return rest, ""


def _number_ordinals(text: str, numbers: list[str]) -> str:
    """Write ordinals as #digits and add them to `numbers`; one that cannot be read is `UNREAD`."""
    if not _NUMERALS.isdisjoint(text):
        text = _ORDINAL.sub(lambda match: _ordinal(match, numbers), text)
    if "第" in text and _UNREAD_ORDINAL.search(text):
        numbers.append(UNREAD)
        text = _UNREAD_ORDINAL.sub(f"#{UNREAD}", text)
    return text


def _ordinal(match: re.Match[str], numbers: list[str]) -> str:
    digits = next(group for group in match.groups() if group)
    number = _number(digits)
    numbers.append(number)
    return f"#{number}"


def _number(digits: str) -> str:
    """Write a Chinese or Arabic numeral in digits: 十二 and 12 are "12", 三六一 is "361".

    >>> _number("二十一"), _number("九〇一"), _number("03")
    ('21', '901', '3')
    """
    if not any(mark in digits for mark in "十百"):
        return str(int("".join(str(_DIGITS.get(mark, mark)) for mark in digits)))
    total = current = 0
    for mark in digits:
        if mark == "十":
            total, current = total + (current or 1) * 10, 0
        elif mark == "百":
            total, current = total + (current or 1) * 100, 0
        else:
            current = int(mark) if mark.isascii() else _DIGITS[mark]
    return str(total + current)
