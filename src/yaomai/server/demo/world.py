"""安衡药业, an invented company, and its invented market. Pure: the same day gives the same world.

Every name of a person, place, institution and product is made up. What is shaped like life: a few institutions buy
most, hospitals buy before holidays and in winter, some customers fade, some rise, and distributors write names as
they please.
"""

import random
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

SEED = 20260101
MONTHS = 24

PROVINCES: dict[str, tuple[str, ...]] = {
    "安东省": ("江城市", "临海市", "云浦市"),
    "东宁省": ("海陵市", "松原口市", "青岚市"),
    "北陆省": ("朔关市", "燕岭市", "河津市"),
    "西岭省": ("岷溪市", "锦屏市", "竹山市"),
    "南浦省": ("珠湾市", "榕江市", "梅川市"),
    "中渚省": ("楚泽市", "荆沙市", "洛川口市"),
}
DISTRICTS = ("城东区", "城西区", "高新区", "临港县")
# Region, its areas, and the provinces that each area serves.
REGIONS: dict[str, dict[str, tuple[str, ...]]] = {
    "华东大区": {"安东区域": ("安东省",), "东宁区域": ("东宁省",)},
    "华北大区": {"北陆区域": ("北陆省",), "西岭区域": ("西岭省",)},
    "华南大区": {"南浦区域": ("南浦省",), "中渚区域": ("中渚省",)},
}
SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦许何吕施张孔曹严华金魏陶姜谢邹喻柏水窦章云苏潘葛范彭鲁韦马苗方俞任袁柳"
GIVEN = "安宁佳明思远文博雨欣子涵志强晓燕建国丽华海峰雪梅俊杰婷婷国栋美玲永康春晖静怡立新秋实若兰承志德明颖慧书恒"
DEPARTMENTS = ("心血管内科", "内分泌科", "神经内科", "呼吸内科", "肿瘤科", "消化内科", "肾内科", "全科", "药剂科")
TITLES = ("chief_physician", "associate_physician", "attending", "resident")
HOSPITAL_PATTERNS = (
    ("{city}第一人民医院", "3A"), ("{city}第二人民医院", "3B"), ("{city}第三人民医院", "2A"), ("{city}中心医院", "3A"),
    ("{city}中医院", "3A"), ("{city}妇幼保健院", "2A"), ("{short}医学院附属医院", "3A"),
    ("{short}医学院第二附属医院", "3A"), ("{city}{district}人民医院", "2A"), ("{city}{district}中医院", "2B"),
)  # fmt: skip
BRAND_WORDS = ("康泰", "仁和堂", "百益", "同济民", "颐安", "福瑞", "惠民", "济世", "健源", "益寿", "民康", "广德")


@dataclass(frozen=True, slots=True)
class Product:
    code: str
    name: str
    generic_name: str
    specification: str
    line: str
    price: Decimal
    indication: str
    department: str
    reimbursement: str
    is_centrally_procured: bool
    approval_number: str


PRODUCTS: tuple[Product, ...] = (
    Product("AH001", "安衡平", "苯磺酸安氯平片", "5mg×28片", "心血管", Decimal("36.80"), "高血压", "心血管内科", "a", True, "国药准字H20990001"),
    Product("AH002", "安衡脂", "阿托安伐片", "20mg×14片", "心血管", Decimal("58.50"), "高胆固醇血症", "心血管内科", "b", True, "国药准字H20990002"),
    Product("AH003", "糖安宁", "恩格安净片", "10mg×30片", "代谢", Decimal("112.00"), "2型糖尿病", "内分泌科", "b", False, "国药准字H20990003"),
    Product("AH004", "糖安宁缓释", "二甲安胍缓释片", "0.5g×60片", "代谢", Decimal("29.90"), "2型糖尿病", "内分泌科", "a", True, "国药准字H20990004"),
    Product("AH005", "抗栓宁", "利伐安班片", "15mg×14片", "神经", Decimal("186.00"), "心房颤动卒中预防", "神经内科", "b", False, "国药准字H20990005"),
    Product("AH006", "呼安舒", "布地安德吸入粉雾剂", "160μg×60吸", "呼吸", Decimal("98.00"), "支气管哮喘", "呼吸内科", "b", False, "国药准字H20990006"),
    Product("AH007", "瑞安替尼", "瑞安替尼胶囊", "50mg×30粒", "肿瘤", Decimal("2680.00"), "非小细胞肺癌", "肿瘤科", "negotiated", False, "国药准字H20990007"),
    Product("AH008", "胃安康", "艾司安美肠溶片", "20mg×28片", "消化", Decimal("45.60"), "胃食管反流病", "消化内科", "a", True, "国药准字H20990008"),
)  # fmt: skip

DISEASE_CODES = {
    "高血压": "I10", "高胆固醇血症": "E78.0", "2型糖尿病": "E11", "心房颤动卒中预防": "I48", "支气管哮喘": "J45",
    "非小细胞肺癌": "C34", "胃食管反流病": "K21",
}  # fmt: skip


@dataclass(slots=True)
class Institution:
    code: str
    name: str
    kind: str
    grade: str
    division: tuple[str, str, str]
    """Province, city, district."""
    district_territory: str
    aliases: list[str] = field(default_factory=list)
    outlets: int | None = None
    beds: int | None = None
    weight: float = 0.0
    """How much it buys, before season and trend."""
    trend: float = 0.0
    """Change per month: negative fades, positive rises."""
    stops_after: int = MONTHS


@dataclass(frozen=True, slots=True)
class Professional:
    code: str
    name: str
    institution: str
    department: str
    title: str
    profession: str


@dataclass(frozen=True, slots=True)
class Line:
    sold_on: date
    buyer: str
    place: str
    product: Product
    quantity: int
    amount: Decimal
    lot: str


@dataclass(frozen=True, slots=True)
class Seat:
    """A position, who holds it, and how they sign in."""

    code: str
    title: str
    role: str
    territory: str
    username: str
    person: str
    is_filed: bool = False


@dataclass(slots=True)
class World:
    today: date
    institutions: list[Institution]
    professionals: list[Professional]
    distributors: list[Institution]
    seats: list[Seat]
    flow: dict[tuple[str, date], list[Line]]
    """(distributor's code, first day of the quarter) -> lines."""


def territory_code(name: str) -> str:
    """Return a stable code for a territory."""
    for number, (region, areas) in enumerate(REGIONS.items(), 1):
        if name == region:
            return f"R{number}"
        for second, (area, provinces) in enumerate(areas.items(), 1):
            if name == area:
                return f"R{number}A{second}"
            for third, city in enumerate(PROVINCES[provinces[0]], 1):
                if name == district_name(city):
                    return f"R{number}A{second}D{third}"
    raise KeyError(name)


def district_name(city: str) -> str:
    """Return the name of the territory (片区) of a city."""
    return f"{city.removesuffix('市')}片区"


def build(today: date) -> World:
    """Make the world as of a day."""
    chance = random.Random(SEED)  # noqa: S311 — an invented world, not a secret
    institutions: list[Institution] = []
    for province, cities in PROVINCES.items():
        for city in cities:
            institutions += _city(chance, province, city, len(institutions))
    distributors = _distributors(len(institutions))
    return World(
        today=today,
        institutions=institutions,
        professionals=_professionals(chance, institutions),
        distributors=distributors,
        seats=_seats(chance),
        flow=_flow(chance, institutions, distributors, today),
    )


def _city(chance: random.Random, province: str, city: str, start: int) -> list[Institution]:
    short = city.removesuffix("市")
    made: list[Institution] = []

    def add(name: str, kind: str, grade: str, district: str, weight: float, **more: object) -> Institution:
        institution = Institution(
            f"C{start + len(made) + 1:05d}",
            name,
            kind,
            grade,
            (province, city, district),
            district_name(city),
            weight=weight,
        )
        for key, value in more.items():
            setattr(institution, key, value)
        made.append(institution)
        return institution

    for number, (pattern, grade) in enumerate(HOSPITAL_PATTERNS):
        district = DISTRICTS[number % len(DISTRICTS)]
        name = pattern.format(city=city, short=short, district=district)
        base = {"3A": 90.0, "3B": 45.0, "2A": 22.0, "2B": 12.0}[grade]
        hospital = add(name, "hospital", grade, district, base * chance.lognormvariate(0, 0.5), beds=int(base * 20))
        if "第一人民医院" in name:
            hospital.aliases.append(f"{short}大学附属{short}医院")
    for district in DISTRICTS[:3]:
        add(f"{city}{district}社区卫生服务中心", "community", "1A", district, 4 * chance.lognormvariate(0, 0.5))
    brand = chance.choice(BRAND_WORDS)
    stores = chance.choice((12, 28, 46, 63, 120))
    add(f"{short}{brand}大药房连锁有限公司", "chain", "", DISTRICTS[0], stores / 2, outlets=stores)
    for district in DISTRICTS:
        add(
            f"{city}{district}{chance.choice(BRAND_WORDS)}药店",
            "pharmacy",
            "",
            district,
            1.2 * chance.lognormvariate(0, 0.6),
        )
    for number in range(3):
        owner = chance.choice(SURNAMES)
        add(
            f"{city}{DISTRICTS[number]}{owner}氏诊所",
            "clinic",
            "",
            DISTRICTS[number],
            0.6 * chance.lognormvariate(0, 0.5),
        )
    for institution in made:
        fate = chance.random()
        if fate < 0.08:
            institution.trend = -0.09
        elif fate < 0.18:
            institution.trend = 0.06
        elif fate < 0.24:
            institution.stops_after = chance.randrange(MONTHS - 7, MONTHS - 2)
    return made


def _distributors(start: int) -> list[Institution]:
    names = (
        ("安东九州医药有限公司", "安东省", "江城市"), ("北陆国康医药股份有限公司", "北陆省", "朔关市"),
        ("南浦华润达医药有限公司", "南浦省", "珠湾市"), ("中渚民生医药商业有限公司", "中渚省", "楚泽市"),
    )  # fmt: skip
    return [
        Institution(
            f"C{start + number:05d}", name, "distributor", "", (province, city, DISTRICTS[0]), district_name(city)
        )
        for number, (name, province, city) in enumerate(names, 1)
    ]


def person_name(chance: random.Random) -> str:
    """Return an invented name of two or three characters."""
    at = chance.randrange(0, len(GIVEN) - 1)
    return chance.choice(SURNAMES) + GIVEN[at : at + chance.choice((1, 2, 2, 2))]


def _professionals(chance: random.Random, institutions: list[Institution]) -> list[Professional]:
    made: list[Professional] = []
    for institution in institutions:
        count = {"3A": 9, "3B": 6, "2A": 4, "2B": 3, "1A": 2}.get(institution.grade, 1)
        for number in range(count):
            is_hospital = institution.kind in ("hospital", "community")
            department = DEPARTMENTS[(number + len(made)) % len(DEPARTMENTS)] if is_hospital else ""
            profession = "pharmacist" if department == "药剂科" else "physician" if is_hospital else "retail"
            title = chance.choice(TITLES) if profession == "physician" else ""
            made.append(
                Professional(
                    f"P{len(made) + 1:05d}", person_name(chance), institution.code, department, title, profession
                )
            )
    return made


def _seats(chance: random.Random) -> list[Seat]:
    company = (
        ("sales_director", "销售总监", "director"), ("commerce_manager", "商务经理", "commerce"),
        ("medical_manager", "学术经理", "medical"), ("marketing", "市场经理", "marketing"),
        ("supply_manager", "供应链经理", "supply"), ("compliance_officer", "合规专员", "compliance"),
        ("legal", "法务", "legal"), ("finance", "财务", "finance"), ("system_administrator", "系统管理员", "sysadmin"),
        ("security_administrator", "安全管理员", "secadmin"), ("audit_administrator", "审计管理员", "auditor"),
    )  # fmt: skip
    seats = [
        Seat(f"HQ-{username}", title, role, "", username, person_name(chance)) for role, title, username in company
    ]
    for region, areas in REGIONS.items():
        number = territory_code(region)
        seats.append(
            Seat(
                f"{number}-DIR",
                f"{region}总监",
                "regional_director",
                region,
                f"region{number[1:]}",
                person_name(chance),
            )
        )
        seats.append(
            Seat(
                f"{number}-KA", f"{region}KA经理", "key_account_manager", region, f"ka{number[1:]}", person_name(chance)
            )
        )
        for area, provinces in areas.items():
            code = territory_code(area)
            tail = code[1:].replace("A", "")
            seats.append(Seat(f"{code}-MGR", f"{area}经理", "area_manager", area, f"area{tail}", person_name(chance)))
            seats.append(
                Seat(
                    f"{code}-CS", f"{area}客户服务专员", "customer_service", area, f"service{tail}", person_name(chance)
                )
            )
            for city in PROVINCES[provinces[0]]:
                district = territory_code(district_name(city))
                name = "rep" + district[1:].replace("A", "").replace("D", "")
                seats.append(
                    Seat(
                        f"{district}-REP",
                        f"{city}医药代表",
                        "representative",
                        district_name(city),
                        name,
                        person_name(chance),
                        True,
                    )
                )
    return seats


SEASON = (1.15, 0.75, 1.0, 1.0, 0.95, 0.95, 0.9, 0.95, 1.05, 0.95, 1.1, 1.25)


def _flow(
    chance: random.Random, institutions: list[Institution], distributors: list[Institution], today: date
) -> dict[tuple[str, date], list[Line]]:
    """Return two years of lines up to the end of last month."""
    by_province = {"安东省": 0, "东宁省": 0, "北陆省": 1, "西岭省": 1, "南浦省": 2, "中渚省": 3}
    first = _months_before(date(today.year, today.month, 1), MONTHS)
    flow: dict[tuple[str, date], list[Line]] = {}
    for institution in institutions:
        distributor = distributors[by_province[institution.division[0]]]
        spellings = _spellings(chance, institution)
        for step in range(min(MONTHS, institution.stops_after)):
            month = _months_before(first, -step)
            level = institution.weight * SEASON[month.month - 1] * (1 + institution.trend) ** step
            for product in _basket(chance, institution):
                boxes = int(level * chance.lognormvariate(0, 0.35) * 30 / float(product.price) ** 0.5)
                if boxes <= 0:
                    continue
                quarter = date(month.year, 3 * ((month.month - 1) // 3) + 1, 1)
                lines = flow.setdefault((distributor.code, quarter), [])
                lines.append(_line(chance, month, institution, spellings, product, boxes))
                if chance.random() < 0.01:
                    lines.append(_line(chance, month, institution, spellings, product, -max(1, boxes // 10)))
    return flow


def _basket(chance: random.Random, institution: Institution) -> list[Product]:
    count = {"3A": 5, "3B": 4, "2A": 3, "2B": 2, "1A": 2}.get(
        institution.grade, 4 if institution.kind == "chain" else 1
    )
    stable = random.Random(institution.code)  # noqa: S311 — each keeps its own assortment
    wanted = stable.sample([p for p in PRODUCTS if p.code != "AH007" or institution.grade == "3A"], count)
    is_rare = institution.kind in ("pharmacy", "clinic")
    return [product for product in wanted if chance.random() < (0.3 if is_rare else 0.92)]


def _line(
    chance: random.Random, month: date, institution: Institution, spellings: list[str], product: Product, boxes: int
) -> Line:
    day = month + timedelta(days=chance.randrange(0, 27))
    place = institution.division[1] if chance.random() < 0.8 else ""
    amount = (product.price * boxes).quantize(Decimal("0.01"))
    lot = f"{month.year}{month.month:02d}{chance.randrange(1, 9)}"
    spelling = spellings[0] if chance.random() < 0.75 else chance.choice(spellings)
    return Line(day, spelling, place, product, boxes, amount, lot)


def _spellings(chance: random.Random, institution: Institution) -> list[str]:
    """Return how the distributor writes the name: mostly right, sometimes short, sometimes wrong."""
    name, (_province, city, _district) = institution.name, institution.division
    written = [name]
    short = name.replace("第一人民医院", "一院").replace("第二人民医院", "二院").replace("第三人民医院", "三院")
    if short != name:
        written.append(short)
    if name.startswith(city) and chance.random() < 0.4:
        written.append(name.removeprefix(city))
    if chance.random() < 0.15:
        written.append(f"{name}（本部）")
    if chance.random() < 0.1:
        written.append(name.replace("医院", "医阮"))
    return written


def _months_before(day: date, months: int) -> date:
    at = day.year * 12 + day.month - 1 - months
    return date(at // 12, at % 12 + 1, 1)
