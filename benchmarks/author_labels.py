"""Labelled publications: an invented world in which it is known who wrote what, with the traps that real lists have.

Common surnames and given names, so that pinyin is shared by many; two people of one name in one hospital, some of them
not in our list; people who moved; affiliations with and without department, in Chinese and English; initials. Our list
holds only a part of those who publish, as a company's list does: a right answer is often "nobody of ours".
"""

import random
from dataclasses import dataclass

from yaomai.engine.authors import Mention, Person

SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文"
GIVEN = (
    "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超霞平刚玲华飞红鹏宇浩慧建国志文海燕春梅晓东雪婷嘉俊子轩思佳欣怡博雅宁辉斌波英健"
)
DEPARTMENTS = (
    "心血管内科",
    "内分泌科",
    "神经内科",
    "呼吸内科",
    "消化内科",
    "肾内科",
    "血液科",
    "风湿免疫科",
    "肿瘤科",
    "普通外科",
    "骨科",
    "药学部",
)
CITIES = ("江城", "临海", "安平", "云州", "东陵", "南浦", "北川", "西京", "明州", "宁远", "长宁", "广德")


@dataclass(frozen=True, slots=True)
class Author:
    """Somebody who publishes: in our list or not."""

    id: int
    name: str
    hospital: int
    department: str
    former: int | None
    is_ours: bool


@dataclass(frozen=True, slots=True)
class World:
    """Everybody, the names of hospitals, and publications: mentions with the id of who wrote them."""

    authors: tuple[Author, ...]
    hospitals: dict[int, tuple[str, ...]]
    works: tuple[tuple[tuple[Mention, int], ...], ...]

    def people(self) -> list[Person]:
        """Return our list, as the matcher takes it."""
        return [
            Person(
                each.id, each.name, frozenset({each.hospital} | ({each.former} if each.former is not None else set())),
                (each.department,),
            )
            for each in self.authors if each.is_ours
        ]  # fmt: skip


def build(*, people: int = 6_000, works: int = 4_000, seed: int = 7) -> World:
    """Return the world; surnames are as unequal as in life, the first of the list a hundred times the last."""
    chance = random.Random(seed)
    hospitals = {
        number: (f"{city}市{kind}", f"{kind[:2]}{city}" if number % 3 else f"{city}{kind}")
        for number, (city, kind) in enumerate(
            (city, kind) for city in CITIES for kind in ("第一人民医院", "中心医院", "中医院", "第二人民医院")
        )
    }
    weights = [1 / (rank + 2) for rank in range(len(SURNAMES))]
    authors = []
    for pk in range(1, people + 1):
        hospital = chance.randrange(len(hospitals))
        name = chance.choices(SURNAMES, weights)[0] + "".join(chance.choices(GIVEN, k=chance.choice((1, 2, 2))))
        former = chance.randrange(len(hospitals)) if chance.random() < 0.06 else None
        authors.append(Author(pk, name, hospital, chance.choice(DEPARTMENTS), former, chance.random() < 0.45))
    # The hardest case of all: the same name in the same hospital, another department, often not in our list.
    for pk, twin in enumerate(chance.sample(authors, people // 40), people + 1):
        others = [each for each in DEPARTMENTS if each != twin.department]
        authors.append(Author(pk, twin.name, twin.hospital, chance.choice(others), None, chance.random() < 0.4))
    teams: dict[tuple[int, str], list[Author]] = {}
    for each in authors:
        teams.setdefault((each.hospital, each.department), []).append(each)
    return World(tuple(authors), hospitals, tuple(_work(chance, authors, teams, hospitals) for _number in range(works)))


def _work(
    chance: random.Random,
    authors: list[Author],
    teams: dict[tuple[int, str], list[Author]],
    hospitals: dict[int, tuple[str, ...]],
) -> tuple[tuple[Mention, int], ...]:
    first = chance.choice(authors)
    team = teams[first.hospital, first.department]
    writing = {first.id: first} | {each.id: each for each in chance.sample(team, min(len(team), chance.randint(0, 4)))}
    writing |= {each.id: each for each in chance.sample(authors, chance.choice((0, 0, 1, 2)))}
    style = chance.choices(("chinese", "pinyin", "reversed", "initials"), (50, 22, 13, 15))[0]
    shows_department = chance.random() < 0.65
    return tuple((_printed(chance, each, style, hospitals, shows_department), each.id) for each in writing.values())


def _printed(
    chance: random.Random, author: Author, style: str, hospitals: dict[int, tuple[str, ...]], shows_department: bool
) -> Mention:
    at = author.former if author.former is not None and chance.random() < 0.3 else author.hospital
    place = chance.choice(hospitals[at])
    if chance.random() < 0.1:
        place = ""
    department = author.department if shows_department and place else ""
    if style == "chinese":
        return Mention(author.name, f"{place}{department}")
    from pypinyin import lazy_pinyin

    surname, given = lazy_pinyin(author.name[0])[0].title(), "".join(lazy_pinyin(author.name[1:])).title()
    if style == "initials":
        return Mention(
            f"{surname} {''.join(part[0].upper() for part in lazy_pinyin(author.name[1:]))}", f"{place}{department}"
        )
    # English journals print English addresses, which name no hospital as our list does; some print both.
    affiliation = f"{place}{department}" if chance.random() < 0.6 else "Department of Medicine, General Hospital, China"
    return Mention(f"{given} {surname}" if style == "reversed" else f"{surname}, {given}", affiliation)
