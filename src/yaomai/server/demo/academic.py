"""Who matters academically among the demo company's customers: offices, publications, studies, guideline work."""

import random
from datetime import date, datetime, timedelta

from yaomai.customers.models import Professional
from yaomai.influence import services
from yaomai.influence.models import Authorship, Guideline, Level, Office, Publication, Study, Tie
from yaomai.kit.access import Actor
from yaomai.server.demo import world

PEOPLE = 60
SOCIETIES = (
    ("华夏医学会心血管病学分会", Level.NATIONAL), ("安东省医学会心血管病学分会", Level.PROVINCIAL),
    ("安东省医师协会内分泌代谢分会", Level.PROVINCIAL), ("江城市医学会神经病学分会", Level.CITY),
)  # fmt: skip
SUBJECTS = (
    "老年高血压",
    "难治性高血压",
    "2型糖尿病合并高血压",
    "冠心病二级预防",
    "缺血性卒中",
    "血脂异常",
    "心力衰竭",
    "糖尿病肾病",
)
METHODS = ("的随机对照研究", "的真实世界研究", "的危险因素分析", "诊治进展", "的多中心观察")
JOURNALS = (
    ("江城医学杂志", Publication.Indexing.OTHER), ("华夏心血管病杂志", Publication.Indexing.CORE),
    ("Journal of Example Cardiology", Publication.Indexing.SCI),
)  # fmt: skip
OFFICES = (Office.Role.CHAIR, Office.Role.VICE_CHAIR, Office.Role.STANDING, Office.Role.MEMBER, Office.Role.MEMBER)
WORKS = 90


def academic_record(*, actor: Actor, now: datetime) -> None:
    """Record the academic work of the better-known chief physicians; some write together, some hold several offices."""
    chance = random.Random(world.SEED + 3)  # noqa: S311 — an invented world, not a secret
    chiefs = Professional.unscoped.filter(
        profession=Professional.Profession.PHYSICIAN, title__in=("chief_physician", "associate_physician")
    )
    people = list(chiefs.order_by("code")[:PEOPLE])
    if not people:
        return
    for number, person in enumerate(people[::2]):
        _offices(actor, now, chance, person, number)
    for number in range(WORKS):
        _work(actor, now, chance, chance.sample(people, min(len(people), chance.choice((1, 2, 2, 3)))), number)
    for number, person in enumerate(people[:18]):
        _study(actor, now, chance, person, number)
    for person in people[:9]:
        services.guideline_create(
            actor=actor, now=now, professional=person, title=f"{chance.choice(SUBJECTS)}诊治专家共识", issuer=SOCIETIES[0][0],
            role=chance.choice(Guideline.Role.values), year=now.year - chance.randint(0, 4), source="学会官网",
            evidence=f"https://example.org/guidelines/{person.code}",
        )  # fmt: skip


def ties_record(*, actor: Actor, now: datetime) -> None:
    """Record who taught whom, and compute the network of all ties."""
    people = list(Professional.unscoped.filter(title="chief_physician").order_by("code")[:18])
    for place, student in enumerate(people[6:]):
        services.tie_create(
            actor=actor, now=now, professional=people[place % 6], other=student, kind=Tie.Kind.TEACHER,
            valid_from=date(now.year - 15, 9, 1), source="拜访",
        )  # fmt: skip
    services.network_compute(actor=actor, now=now)


def references() -> list[dict[str, str]]:
    """Return a list of publications as a database exports it: names in Chinese and in pinyin, some of them unclear."""
    from pypinyin import lazy_pinyin  # its tables take 55 MB: only a demo company that is loaded reads them

    chiefs = Professional.unscoped.filter(title="chief_physician", institution__isnull=False)
    rows = []
    for number, person in enumerate(chiefs.select_related("institution").order_by("-code")[:12]):
        assert person.institution is not None
        place, name = person.institution.name, person.name
        spelled = "".join(lazy_pinyin(name[1:])).title()
        is_pinyin = number % 3 == 2
        rows.append(
            {
                "题名": f"{SUBJECTS[number % len(SUBJECTS)]}患者长期随访（{number + 1}）", "期刊": JOURNALS[number % 3][0],
                "年份": "2025", "作者": f"{lazy_pinyin(name[0])[0].title()}, {spelled}" if is_pinyin else f"{name}; 佚名",
                "署名单位": "" if number % 4 == 3 else f"{place}{person.specialty}", "DOI": f"10.1000/list.{number + 1:03d}",
            }
        )  # fmt: skip
    return rows


def _offices(actor: Actor, now: datetime, chance: random.Random, person: Professional, number: int) -> None:
    society, level = SOCIETIES[number % len(SOCIETIES)]
    services.office_create(
        actor=actor, now=now, professional=person, society=society, level=level,
        role=OFFICES[number // len(SOCIETIES)] if number // len(SOCIETIES) < len(OFFICES) else Office.Role.MEMBER,
        valid_from=date(now.year - chance.randint(1, 3), 6, 1), source="学会官网",
        evidence=f"https://example.org/societies/{number + 1}" if number % 4 else "",
    )  # fmt: skip


def _work(actor: Actor, now: datetime, chance: random.Random, authors: list[Professional], number: int) -> None:
    journal, indexing = chance.choice(JOURNALS)
    work = services.publication_create(
        actor=actor, now=now, title=f"{chance.choice(SUBJECTS)}{chance.choice(METHODS)}（{number + 1}）", journal=journal,
        indexing=indexing, year=now.year - chance.randint(0, 7), doi=f"10.1000/ahyy.{number + 1:04d}",
        citations=chance.randint(0, 60), cited_on=now.date() - timedelta(days=20), source="文献检索",
    )  # fmt: skip
    for place, person in enumerate(authors, 1):
        last = Authorship.Role.CORRESPONDING if place == len(authors) else Authorship.Role.OTHER
        services.author_add(
            actor=actor, now=now, publication=work.pk, professional=person, position=place,
            role=Authorship.Role.FIRST if place == 1 else last,
        )  # fmt: skip


def _study(actor: Actor, now: datetime, chance: random.Random, person: Professional, number: int) -> None:
    services.study_create(
        actor=actor, now=now, professional=person, title=f"安衡平治疗{SUBJECTS[number % len(SUBJECTS)]}的多中心研究",
        registration=f"CTR2025{number + 1:04d}", phase=chance.choice(Study.Phase.values),
        role=Study.Role.LEAD if number == 0 else chance.choice((Study.Role.PRINCIPAL, Study.Role.SUB)),
        valid_from=now.date() - timedelta(days=chance.randint(100, 900)), source="药物临床试验登记平台",
        evidence=f"https://example.org/trials/CTR2025{number + 1:04d}",
    )  # fmt: skip
