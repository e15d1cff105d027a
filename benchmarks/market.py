"""An invented market of any size: institutions in the real divisions of China, named as they are named there."""

import csv
import os
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

SHARED = Path(os.environ.get("YAOMAI_SHARED_DATA", Path(__file__).parents[2] / "shared" / "data"))
KINDS = (
    ("大药房", "单体药店", 22), ("社区卫生服务中心", "社区卫生服务中心", 14), ("中心卫生院", "卫生院", 10),
    ("人民医院", "医院", 10), ("中医院", "医院", 7), ("妇幼保健院", "医院", 6), ("诊所", "诊所", 9),
    ("第二人民医院", "医院", 5), ("口腔门诊部", "门诊部", 5), ("骨科医院", "医院", 3), ("康复医院", "医院", 3),
    ("疾病预防控制中心", "疾控中心", 2), ("医药有限公司", "商业公司", 4),
)  # fmt: skip
GRADES = ("三级甲等", "三级乙等", "二级甲等", "二级乙等", "一级甲等", "未定级", "")
BRANDS = "仁和安康济民益寿同德福瑞惠民百草广济长春健源永泰恒爱华康博爱瑞慈天一本草国泰众生"
SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈"
    "姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤"
)
GIVEN = (
    "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂文辉玲志建国华玉兰春梅英红海燕鹏飞俊峰浩宇欣怡子轩雨涵思"
    "远晓东立新永康德胜家豪美琳佳慧雪莹天佑一诺嘉懿梓晨"
)

TITLES = (
    ("physician", "chief_physician"), ("physician", "associate_physician"), ("physician", "attending"),
    ("physician", "resident"), ("physician", "resident"), ("pharmacist", "pharmacist_in_charge"),
    ("pharmacist", "pharmacist"), ("nurse", "nurse"), ("manager", ""), ("buyer", ""), ("retail", "other"),
)  # fmt: skip
SPECIALTIES = ("心血管", "内分泌", "神经", "消化", "呼吸", "肿瘤", "骨科", "")
CUSTOMER_TYPES = ("{high_volume}", "{high_influence}", "{decision_maker}", "{high_influence,decision_maker}")


@dataclass(frozen=True, slots=True)
class Place:
    """A district with what it lies in."""

    province: str
    city: str
    district: str
    code: str


def places() -> list[Place]:
    """Return the real districts."""

    def named(name: str) -> dict[str, str]:
        with (SHARED / "divisions" / f"{name}.csv").open(encoding="utf-8-sig") as stream:
            return {row["code"]: row["name"] for row in csv.DictReader(stream)}

    provinces, cities, areas = named("provinces"), named("cities"), named("areas")
    return [
        Place(provinces[code[:2]], cities[code[:4]], name, code)
        for code, name in areas.items()
        if code[:4] in cities and code[:2] in provinces
    ]


@dataclass(frozen=True, slots=True)
class Institution:
    """One line of a company's list of institutions."""

    code: str
    name: str
    kind: str
    grade: str
    place: Place
    address: str
    phone: str
    beds: int | None
    outpatients: int | None


def institutions(count: int, seed: int, *, first: int = 0) -> Iterator[Institution]:
    """Make institutions with distinct names; few districts have many, every fifth has another name in brackets.

    Codes are counted from `first`.
    """
    chance = random.Random(seed)
    spread = places()
    chance.shuffle(spread)
    names: set[str] = set()
    weights = [weight for _suffix, _kind, weight in KINDS]
    for number in range(first, first + count):
        suffix, kind, _weight = chance.choices(KINDS, weights)[0]
        place = spread[int(len(spread) * chance.random() ** 2)]
        name = _name(chance, place, suffix, names)
        names.add(name)
        if chance.random() < 0.2:
            name += f"（{place.district}{chance.choice(BRANDS)}{chance.choice(BRANDS)}{suffix}）"
        is_large = suffix.endswith(("医院", "保健院"))
        yield Institution(
            code=f"C{number:07d}",
            name=name,
            kind=kind,
            grade=chance.choice(GRADES) if is_large else "",
            place=place,
            address=f"{place.city}{place.district}{chance.choice(BRANDS)}{chance.choice(BRANDS)}路{chance.randint(1, 999)}号",
            phone=_phone(chance),
            beds=chance.randint(20, 1800) if is_large else None,
            outpatients=chance.randint(3, 3000) * 1000 if is_large else None,
        )


def _name(chance: random.Random, place: Place, suffix: str, taken: set[str]) -> str:
    where = chance.choice((place.district, place.city + place.district, place.district))
    plain = where + suffix
    if plain not in taken and chance.random() < 0.5:
        return plain
    while True:
        brand = "".join(chance.choices(BRANDS, k=chance.choice((2, 2, 3, 4))))
        if where + brand + suffix not in taken:
            return where + brand + suffix


def _phone(chance: random.Random) -> str:
    if chance.random() < 0.04:
        return f"139{chance.randint(0, 99999999):08d}"
    return f"0{chance.randint(21, 999)}-{chance.randint(2000000, 8999999)}"


@dataclass(frozen=True, slots=True)
class Professional:
    """One line of a company's list of professionals."""

    code: str
    name: str
    profession: str
    title: str
    specialty: str
    position: str
    customer_types: str


def professionals(count: int, seed: int, *, first: int = 0) -> Iterator[Professional]:
    """Make people with names of two and three characters, codes counted from `first`; every tenth is a key customer."""
    chance = random.Random(seed)
    for number in range(first, first + count):
        profession, title = chance.choice(TITLES)
        yield Professional(
            code=f"P{number:07d}",
            name=chance.choice(SURNAMES) + "".join(chance.choices(GIVEN, k=chance.choice((1, 2, 2)))),
            profession=profession,
            title=title,
            specialty=chance.choice(SPECIALTIES),
            position="主任" if title.startswith("chief") else "",
            customer_types=chance.choice(CUSTOMER_TYPES) if chance.random() < 0.1 else "{}",
        )
