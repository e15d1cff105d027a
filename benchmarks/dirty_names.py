"""Real hospital names with seeded damage, as questions to the matcher, each as sales-flow files would ask it."""

import csv
import random
import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from market import SHARED
from pypinyin import Style, lazy_pinyin

from yaomai.engine.matching import Gazetteer
from yaomai.engine.matching.names import read_name
from yaomai.engine.matching.text import clean_all

SEED = 20260701
LOCAL, PROVINCIAL = 0.9, 0.95
"""Share of a distributor's customers in its own city; of a provincial distributor's, in its own province."""


@dataclass(frozen=True)
class Institution:
    """A real name with province, city and county as its list gives them."""

    name: str
    province: str
    city: str
    county: str

    @property
    def place(self) -> str:
        return self.province + self.city + self.county

    @property
    def city_column(self) -> str:
        return self.province + self.city


def load_gazetteer() -> Gazetteer:
    """Read the divisions as a company has them in its own table."""
    rows: list[tuple[str, str, str]] = []
    for file, parent in (("provinces.csv", ""), ("cities.csv", "provinceCode"), ("areas.csv", "cityCode")):
        rows += [(row["code"], row["name"], row[parent] if parent else "") for row in _rows(f"divisions/{file}")]
    return Gazetteer(rows)


def _rows(file: str) -> list[dict[str, str]]:
    with (SHARED / file).open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def load_institutions(gazetteer: Gazetteer) -> list[Institution]:
    """Read the hospital lists; of institutions that are the same in meaning and place only the first stays."""
    every = [
        Institution(row["name"].strip(), row["province"], row["city"], row["county"])
        for row in _rows("hospitals/fever_clinics_2020.csv")
    ]
    for row in _rows("hospitals/national_first_3000.csv"):
        province, _, city = row["Hos_City"].partition("-")
        every.append(Institution(row["Hos_Name"].strip(), province, city, ""))
    kept: list[Institution] = []
    known: set[tuple[str, str, str]] = set()
    for one, cleaned in zip(every, clean_all([one.name for one in every]), strict=True):
        given = gazetteer.locate(clean_all([one.place])[0])
        names = read_name(cleaned, gazetteer)
        keys = {
            (name.core, place.province, place.city if name.residue else name.own_place.finest)
            for name in names
            for place in [name.own_place.completed(given)]
        }
        if not keys & known:
            kept.append(one)
        known |= keys
    return kept


class Damage:
    """Seeded damage as sales files show it; each method returns None where it does not apply."""

    def __init__(self, institutions: Iterable[Institution]) -> None:
        self.random = random.Random(SEED)
        characters = sorted({mark for one in institutions for mark in one.name if "\u4e00" <= mark <= "\u9fff"})
        self._characters = characters
        self._sounds: dict[str, list[str]] = {}
        for mark, sound in zip(characters, lazy_pinyin(characters, style=Style.NORMAL), strict=True):
            self._sounds.setdefault(sound, []).append(mark)

    def place(self, one: Institution) -> str | None:
        text = one.name
        for part in (one.province, one.city, one.county):
            for spelling in (part, part[:-1]):
                if len(spelling) >= 2 and text.startswith(spelling) and len(text) - len(spelling) >= 4:
                    text = text.removeprefix(spelling).removeprefix("市").removeprefix("省")
                    break
        found = re.match(r".{2,4}?[省市县区旗]", text)
        if text == one.name and found and len(text) - found.end() >= 4:
            text = text[found.end() - (self.random.random() < 0.3) :]
        return text if text != one.name else None

    def abbreviation(self, one: Institution) -> str | None:
        numeral = "[一二三四五六七八九十]"
        rules = (
            (rf"第({numeral})附属医院", r"附\1院"),
            (rf"附属第({numeral})医院", r"附\1院"),
            (rf"第({numeral})人民医院", r"\1院"),
            (rf"第({numeral})医院", r"\1院"),
            (r"妇幼保健院", "妇保院"),
            (r"社区卫生服务中心", "社区服务中心"),
            (r"中医医院", "中医院"),
            (r"人民医院", "人医"),
            (r"医科大学", "医大"),
            (r"附属医院", "附院"),
            (r"^.{2,6}大学(?=.{2,8}医院)", ""),
        )
        for pattern, short in rules:
            text = re.sub(pattern, short, one.name, count=1)
            if text != one.name:
                return text
        return None

    def bracket(self, one: Institution) -> str | None:
        if "(" in one.name or "（" in one.name:
            inside = re.search(r"[(（](.*?)(?:[)）]|$)", one.name)
            if not inside or re.search("院区|[东西南北新老]区|部$|分院|[东西南北新老]院$", inside.group(1)):
                return None
            return one.name.replace(inside.group(), "") or None
        extra = self.random.choice(["民营", "三甲", one.city or "总院", "医保定点", one.county or "公立"])
        brackets = self.random.choice(["（）", "()", "【】", "[]"])
        return f"{one.name}{brackets[0]}{extra}{brackets[1]}"

    def division_mark(self, one: Institution) -> str | None:
        found = list(re.finditer(r"(?<=[\u4e00-\u9fff]{2})[市县](?=.{3})", one.name))
        if not found:
            return None
        where = self.random.choice(found)
        other = "" if self.random.random() < 0.8 else {"市": "县", "县": "市"}[where.group()]
        return one.name[: where.start()] + other + one.name[where.end() :]

    def width(self, one: Institution) -> str | None:
        text = "".join(chr(ord(mark) + 0xFEE0) if "!" <= mark <= "~" else mark for mark in one.name)
        if text == one.name:
            middle = len(text) // 2
            text = f"　{text[:middle]} {text[middle:]} "
        return text

    def wrong_character(self, one: Institution) -> str | None:
        places = [index for index, mark in enumerate(one.name) if "\u4e00" <= mark <= "\u9fff"]
        index = self.random.choice(places)
        mark = one.name[index]
        same_sound = [other for other in self._sounds[lazy_pinyin(mark)[0]] if other != mark] if mark else []
        other = self.random.choice(same_sound if same_sound and self.random.random() < 0.6 else self._characters)
        return one.name[:index] + other + one.name[index + 1 :] if other != mark else None

    def kinds(self) -> dict[str, Callable[[Institution], str | None]]:
        return {
            "dropped place": self.place,
            "abbreviation": self.abbreviation,
            "bracket": self.bracket,
            "市/县": self.division_mark,
            "full-width, spaces": self.width,
            "one wrong character": self.wrong_character,
        }


@dataclass(frozen=True)
class Question:
    """A dirty name, where the right institution is, and the seat of the distributor whose file has the name.

    `row` is the right row of the master list, None when it was taken out of it.
    """

    kind: str
    name: str
    city: str
    county: str
    distributor: str
    row: int | None


class Distributors:
    """Seats of distributors: half of all files come from a city's own, half from one that serves its province."""

    def __init__(self, institutions: Sequence[Institution], seed: int = SEED) -> None:
        self.random = random.Random(seed)
        self._cities: dict[str, list[str]] = {}
        for one in institutions:
            cities = self._cities.setdefault(one.province, [])
            if one.city not in cities:
                cities.append(one.city)
        self._provinces = list(self._cities)

    def serving(self, one: Institution) -> str:
        """Give the seat of a distributor that sells to an institution."""
        chance = self.random.random()
        if self.random.random() < 0.5:
            city = one.city if chance < LOCAL else self.random.choice(self._cities[one.province])
            return one.province + city
        province = one.province if chance < PROVINCIAL else self.random.choice(self._provinces)
        return province + self._cities[province][0]


def questions(institutions: Sequence[Institution], count: int, missing: set[int]) -> list[Question]:
    """Damage institutions, each name in one way; institutions and kinds of damage are drawn evenly."""
    damage, distributors = Damage(institutions), Distributors(institutions)
    kinds = damage.kinds()
    names = [one.name for one in institutions]
    found: list[Question] = []
    while len(found) < count:
        kind = damage.random.choice(list(kinds))
        row = damage.random.randrange(len(institutions))
        one = institutions[row]
        text = kinds[kind](one)
        if not text or not unicodedata.normalize("NFKC", text).strip():
            continue
        if kind == "dropped place":
            bearers = sum(name.endswith(text) for name in names)
            kind += ", ≤ 3 bear the rest" if bearers <= 3 else ", > 3 bear the rest"
        right = None if row in missing else row
        found.append(Question(kind, text, one.province + one.city, one.county, distributors.serving(one), right))
    return found
