"""Accuracy and speed of name matching on public lists of Chinese hospitals with seeded damage.

Run: PYTHONPATH=src python benchmarks/matching.py [--names N]
"""

import argparse
import csv
import os
import random
import re
import time
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from pypinyin import Style, lazy_pinyin
from rapidfuzz import fuzz, process

from yaomai.engine.matching import Decision, Gazetteer, Master, Match, match_names
from yaomai.engine.matching.names import read_name
from yaomai.engine.matching.text import clean_all

SHARED = Path(os.environ.get("YAOMAI_SHARED_DATA", Path(__file__).parents[2] / "shared" / "data"))
SEED = 20260701
UNANSWERABLE = ", > 3 bear the rest"


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
    """A dirty name, the place its file gives, and the right row (None: taken out of the master list)."""

    kind: str
    name: str
    place: str | None
    row: int | None


def questions(institutions: list[Institution], count: int, missing: set[int]) -> list[Question]:
    """Damage institutions in turn with each kind; half of the files have a place column."""
    damage = Damage(institutions)
    kinds = damage.kinds()
    names = [one.name for one in institutions]
    listed = set(names)
    found: list[Question] = []
    while len(found) < count:
        kind = damage.random.choice(list(kinds))
        row = damage.random.randrange(len(institutions))
        one = institutions[row]
        text = kinds[kind](one)
        if text in listed:
            continue  # the damage made the name of another institution
        if text and unicodedata.normalize("NFKC", text).strip():
            place = one.place if damage.random.random() < 0.5 else None
            if kind == "dropped place":
                bearers = sum(name.endswith(text) for name in names)
                kind += ", own column" if place else ", ≤ 3 bear the rest" if bearers <= 3 else UNANSWERABLE
            found.append(Question(kind, text, place, None if row in missing else row))
    return found


@dataclass
class Tally:
    """Counts of one kind of damage."""

    asked: int = 0
    accepted: int = 0
    accepted_right: int = 0
    among_three: int = 0

    def add(self, question: Question, answer: Match) -> None:
        self.asked += 1
        self.among_three += question.row in {candidate.row for candidate in answer.candidates[:3]}
        if answer.decision is Decision.ACCEPT:
            self.accepted += 1
            self.accepted_right += answer.row == question.row

    def line(self, label: str) -> str:
        right = self.accepted_right / self.accepted if self.accepted else 1.0
        return (
            f"{label:<42} {self.asked:>7} {self.accepted / self.asked:>9.1%} {right:>10.2%}"
            f" {self.among_three / self.asked:>9.1%}"
        )


def measure(
    asked: list[Question], answers: list[Match], wrong: list[tuple[Question, Match]] | None = None
) -> dict[str, Tally]:
    """Count by kind, and over all ("all")."""
    tallies: dict[str, Tally] = {}
    for question, answer in zip(asked, answers, strict=True):
        column = "place column" if question.place else "no place column"
        groups = ["all", column, question.kind] if question.row is not None else ["not in the master list"]
        if question.row is not None and not question.kind.endswith(UNANSWERABLE):
            groups.append("all that say enough")
        for group in groups:
            tallies.setdefault(group, Tally()).add(question, answer)
        if wrong is not None and answer.decision is Decision.ACCEPT and answer.row != question.row:
            wrong.append((question, answer))
    return tallies


def prepare(count: int) -> tuple[list[Institution], Master, list[Question], Gazetteer]:
    """Build the master list, with one institution in ten taken out, and the questions."""
    gazetteer = load_gazetteer()
    institutions = load_institutions(gazetteer)
    missing = set(random.Random(SEED).sample(range(len(institutions)), len(institutions) // 10))
    asked = questions(institutions, count, missing)
    present = [row for row in range(len(institutions)) if row not in missing]
    position = {row: index for index, row in enumerate(present)}
    asked = [Question(one.kind, one.name, one.place, None if one.row is None else position[one.row]) for one in asked]
    listed = [institutions[row] for row in present]
    master = Master([one.name for one in listed], places=[one.place for one in listed], gazetteer=gazetteer)
    return listed, master, asked, gazetteer


def enlarged(institutions: list[Institution], count: int) -> list[Institution]:
    """Repeat the list with invented districts until it has `count` institutions."""
    marks = "东西南北中新安平宁康和兴"
    found = list(institutions)
    for number in range(count - len(institutions)):
        one = institutions[number % len(institutions)]
        twist = marks[number // len(institutions) % len(marks)] + marks[number % len(marks)]
        found.append(Institution(f"{one.city}{twist}{one.name[-8:]}", one.province, one.city, ""))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--names", type=int, default=20_000)
    parser.add_argument("--wrong", type=int, default=0, help="show so many wrong acceptances")
    arguments = parser.parse_args()

    listed, master, asked, gazetteer = prepare(arguments.names)
    wrong: list[tuple[Question, Match]] = []
    answers = match_names([one.name for one in asked], master, places=[one.place for one in asked])
    print(f"{len(listed)} institutions, {len(asked)} damaged names, divisions table given")
    print(f"{'damage':<42} {'names':>7} {'accepted':>9} {'right':>10} {'first 3':>9}")
    for label, tally in sorted(measure(asked, answers, wrong).items(), key=lambda item: -item[1].asked):
        print(tally.line(label))
    for question, answer in wrong[: arguments.wrong]:
        print(question, "→", listed[answer.candidates[0].row], [r.render() for r in answer.candidates[0].reasons])

    many = enlarged(listed, 30_000)
    started = time.process_time()
    large = Master([one.name for one in many], places=[one.place for one in many], gazetteer=gazetteer)
    built = time.process_time()
    distinct = [(one.name, one.place) for one in questions(many, 30_000, set())]
    lines = random.Random(SEED).choices(distinct, k=100_000)
    prepared = time.process_time()
    match_names([name for name, _ in lines], large, places=[place for _, place in lines])
    matched = time.process_time()
    sample = list({name for name, _ in lines})[:200]
    process.cdist(sample, [one.name for one in many], scorer=fuzz.ratio)
    compared = time.process_time()
    every = (compared - matched) * len(set(lines)) / len(sample)
    print(f"\n100,000 lines ({len(set(lines))} distinct) against {len(many)} institutions, one core:")
    print(f"  prepare the master list {built - started:.2f} s, match {matched - prepared:.2f} s")
    print(f"  rapidfuzz of all against all would take {every:.0f} s: {every / (matched - prepared):.0f} times as long")


if __name__ == "__main__":
    main()
