"""Administrative divisions, and finding them at the beginning of names and in address-like text."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Final

import yaml

PROVINCE, CITY, COUNTY = 1, 2, 3

_PEOPLES: Final = (
    "蒙古族|蒙古|回族|藏族|维吾尔族|维吾尔|苗族|彝族|壮族|布依族|朝鲜族|满族|侗族|瑶族|白族|土家族|哈尼族|"
    "哈萨克族|哈萨克|傣族|黎族|傈僳族|佤族|畲族|拉祜族|水族|东乡族|纳西族|景颇族|柯尔克孜族|柯尔克孜|土族|"
    "达斡尔族|仫佬族|羌族|布朗族|撒拉族|毛南族|仡佬族|锡伯族|普米族|塔吉克族|塔吉克|怒族|俄罗斯族|鄂温克族|"
    "保安族|裕固族|独龙族|鄂伦春族|各族"
)
_SUFFIX: Final = re.compile(
    rf"(?:(?:{_PEOPLES})*自治(?:区|州|县|旗)|特别行政区|地区|林区|省|市|县|区|盟|左旗|右旗|旗)$"
)
_NOT_A_DIVISION: Final = frozenset({"市辖区", "县", "省直辖县级行政区划", "自治区直辖县级行政区划"})
_LITERAL: Final = re.compile(r"[^\d第市县区旗院]{1,5}(?:自治县|自治旗|县|市|区|旗)")
_NO_LITERAL: Final = frozenset(
    {"社区", "军区", "校区", "厂区", "矿区", "林区", "小区", "园区", "新区", "发区", "地区", "城市"}
)


def short_name(name: str) -> str:
    """Drop the suffix (省, 市, 苗族自治州…) unless one character alone would remain."""
    short = _SUFFIX.sub("", name)
    return short if len(short) >= 2 else name


@dataclass(frozen=True, slots=True)
class Division:
    """One division; `path` holds the codes of province, city and county, "" below its own level.

    `key` is the short name, or the full name where a larger division has the same short name.
    """

    name: str
    short: str
    key: str
    level: int
    path: tuple[str, str, str]
    province: str
    city: str


@dataclass(frozen=True, slots=True)
class Place:
    """A place as far as it is known.

    Short names, "" where unknown; the full name where a larger division has the same short one. `finest` is the
    smallest division named, `level` its level, 0 for one that the gazetteer does not know. A name shared by several
    divisions of one level (宝山区) has a province and city only if all agree.
    """

    finest: str = ""
    level: int = 0
    province: str = ""
    city: str = ""

    def __bool__(self) -> bool:
        return bool(self.finest)

    @property
    def shared(self) -> bool:
        """Whether several known divisions bear this name and nothing says which is meant."""
        return self.level > 0 and not self.province

    @property
    def county(self) -> str:
        """The county, or a literal that no gazetteer knows; "" for a larger place."""
        return self.finest if self.level in {0, COUNTY} else ""

    def agrees(self, other: "Place") -> bool:
        """Say whether neither province nor city contradict."""
        return (not self.province or not other.province or self.province == other.province) and (
            not self.city or not other.city or self.city == other.city
        )

    def completed(self, other: "Place") -> "Place":
        """Fill in what is unknown from another statement about the same institution; where they differ, keep own."""
        if not self.finest:
            return other
        if not self.agrees(other):
            return self
        finer = other.level > self.level > 0
        return Place(
            other.finest if finer else self.finest,
            other.level if finer else self.level,
            self.province or other.province,
            self.city or other.city,
        )


NOWHERE: Final = Place()


class Gazetteer:
    """Divisions by full and short name.

    >>> gazetteer = Gazetteer([("32", "江苏省", ""), ("3201", "南京市", "32")])
    >>> gazetteer.locate("江苏 南京").city
    '南京'
    """

    def __init__(self, rows: Iterable[tuple[str, str, str]]) -> None:
        """Take rows of code, full name and code of the parent ("" for a province), parents first."""
        self._by_name: dict[str, tuple[Division, ...]] = {}
        for division in _divisions(rows):
            for name in _spellings(division):
                self._by_name[name] = (*self._by_name.get(name, ()), division)
        lengths: dict[str, set[int]] = {}
        for name in self._by_name:
            lengths.setdefault(name[:2], set()).add(len(name))
        self._lengths = {beginning: sorted(some, reverse=True) for beginning, some in lengths.items()}

    def named(self, text: str) -> tuple[Division, ...]:
        """Give every division with exactly this full or short name."""
        return self._by_name.get(text, ())

    def prefix(self, text: str, within: Sequence[Division] = ()) -> tuple[str, tuple[Division, ...]]:
        """Give the longest name of a division that begins `text`, with the divisions it can be.

        With `within`, only divisions inside (or around) one of those count.
        """
        for length in self._lengths.get(text[:2], ()):
            found = self._by_name.get(text[:length])
            if found and within:
                found = tuple(
                    one for one in found if any(_nested(one, other) or _nested(other, one) for other in within)
                )
            if found:
                return text[:length], found
        return "", ()

    def locate(self, text: str) -> Place:
        """Find the place that a free text such as 江苏省-南京市 or 南京鼓楼区 names; `NOWHERE` if none."""
        found: tuple[Division, ...] = ()
        position = 0
        while position < len(text):
            name, here = self.prefix(text[position:], found)
            if name:
                finer = tuple(one for one in here if not found or one.level >= found[0].level)
                found = finer or found
                position += len(name)
            else:
                position += 1
        return place_of(found)


def _divisions(rows: Iterable[tuple[str, str, str]]) -> list[Division]:
    listed = list(rows)
    levels: dict[str, int] = {}
    highest: dict[str, int] = {}
    for code, name, parent_code in listed:
        levels[code] = level = levels.get(parent_code, 0) + 1
        highest[short_name(name)] = min(level, highest.get(short_name(name), level))
    found: dict[str, Division] = {}
    for code, name, parent_code in listed:
        parent = found.get(parent_code)
        level = levels[code]
        if level > COUNTY:
            continue
        path = list(parent.path) if parent else ["", "", ""]
        path[level - 1] = code
        codes = (path[0], path[1], path[2])
        if parent and name in _NOT_A_DIVISION:
            found[code] = Division(name, "", "", level, codes, parent.province, "")
            continue
        short = short_name(name)
        # 吉安 is the city; its county of the same name is only ever 吉安县
        key = name if level > highest[short] else short
        city = key if level == CITY else (parent.city if parent else "")
        found[code] = Division(name, short, key, level, codes, parent.province if parent else key, city)
    return [division for division in found.values() if division.short]


def _spellings(division: Division) -> set[str]:
    """Give the ways to write a division: 恩施土家族苗族自治州, 恩施自治州, 恩施州, 恩施."""
    found = {division.name, division.short}
    autonomous = re.search("自治([区州县旗])$", division.name)
    if autonomous:
        found |= {f"{division.short}自治{autonomous.group(1)}", f"{division.short}{autonomous.group(1)}"}
        found.discard(f"{division.short}区")
    return found


def _nested(inner: Division, outer: Division) -> bool:
    return inner.path[: outer.level] == outer.path[: outer.level]


def place_of(divisions: Sequence[Division]) -> Place:
    """Say what divisions of one name have in common; a plain 西安 is the city, not a district of that name."""
    if not divisions:
        return NOWHERE
    level = min(one.level for one in divisions)
    meant = [one for one in divisions if one.level == level]
    provinces = {one.province for one in meant}
    cities = {one.city for one in meant}
    return Place(
        finest=meant[0].key,
        level=level,
        province=provinces.pop() if len(provinces) == 1 else "",
        city=cities.pop() if len(cities) == 1 else "",
    )


def literal_prefix(text: str) -> str:
    """Give a leading 某某县, 某某市, 某某区 that no gazetteer knows, "" if there is none."""
    found = _LITERAL.match(text)
    if not found or len(found.group()) < 3 or found.group()[-2:] in _NO_LITERAL:
        return ""
    return found.group()


@cache
def default_gazetteer() -> Gazetteer:
    """Give the provinces and prefectures that are shipped."""
    text = resources.files(__package__).joinpath("divisions.yaml").read_text(encoding="utf-8")
    rows: list[tuple[str, str, str]] = []
    for number, (province, cities) in enumerate(yaml.safe_load(text).items(), 11):
        rows.append((str(number), province, ""))
        rows += [(f"{number}{city:02d}", name, str(number)) for city, name in enumerate((cities or "").split(), 1)]
    return Gazetteer(rows)
