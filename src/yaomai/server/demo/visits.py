"""Three weeks of visits of the demo company's representatives, as they would have reported them, and today for the first."""

import random
from datetime import date, datetime, time, timedelta

from django.utils import timezone

from yaomai.catalog.models import Product
from yaomai.customers.models import Institution, Professional
from yaomai.engagement.models import NextStep, StrategyAlert, Visit
from yaomai.engagement.services import (
    audit_decide,
    consent_give,
    step_close,
    strategy_choose,
    visit_explain,
    visit_report,
)
from yaomai.engagement.services.proofs import NOTICE
from yaomai.engagement.services.visits import LooksTheSame
from yaomai.kit.access import Actor, acting
from yaomai.kit.errors import Invalid, Refused
from yaomai.materials.models import MaterialVersion
from yaomai.organization.models import Holding, Person
from yaomai.organization.selectors import actor_for
from yaomai.planning.models import PlannedVisit
from yaomai.planning.services import visit_create
from yaomai.server.demo import world
from yaomai.workdays import is_workday

REPRESENTATIVES = 2
DAYS = 21
HOURS = ((8, 40), (9, 50), (10, 50), (14, 20), (15, 30))
SHARED_WORDS = "介绍了新指南要点，约好下周再来"

SAID: dict[str, tuple[tuple[str, str], ...]] = {
    "key_message": (
        ("说明{product}在合并肾功能不全患者中的用法与监测要求，同时讲了研究局限性；{name}关心老年人起始剂量", "整理老年起始剂量的说明书依据"),
        ("介绍{product}说明书更新：新增药物相互作用提示，{name}请我们给科里做一页纸要点", "带一页纸要点，先经医学部审核"),
    ),
    "experience": (
        ("{name}反馈近期随访患者依从性不好，主要是担心长期用药；记下三条顾虑", "请医学部回复三条顾虑"),
        ("收集{product}的使用感受：起效满意，个别患者踝部水肿，已提醒按流程上报", "确认不良反应是否已上报"),
    ),
    "science": (
        ("送去慢病管理指南更新的摘要，{name}想看亚组数据", "带亚组分析原文"),
        ("聊了省学会年会的日程，{name}对基层管理专场有兴趣", "送会议通知"),
    ),
    "problem": (
        ("讨论一例多药联用的高龄患者（不涉及个人信息），{name}希望看到药物相互作用资料", "请医学部准备相互作用资料"),
        ("{name}提出夜间血压控制不佳的处理思路，约科内小型病例讨论", "安排科内病例讨论并报备"),
    ),
    "relationship": (
        ("门诊忙，简单问候，约周四下午再谈", ""),
        ("祝贺{name}课题立项，问了近期时间安排", ""),
    ),
}  # fmt: skip


TAILS = (
    "科里刚换了排班，周三上午人少", "他提醒下次别在查房时间来", "研究生在旁记了笔记", "护士长也听了一会儿", "他说月底有省里的检查",
    "顺便确认了科室会的投影设备", "他近期在写一篇随访的文章", "提到住院医师轮转，希望有入门资料", "他觉得摘要太长，想要一页纸",
    "门诊叫号到六十多号，只谈了十分钟", "约好带原文而不是摘要", "他对样本量有疑问，答应请医学部解释", "科里新来了两位主治，想一起听",
    "他问到肾功能监测的频率", "谈到患者教育手册的审批进度", "他建议把病例换成更典型的", "说下周去外地开会，周五才回来",
    "他更关心联合用药的安全性", "药房提醒过一次用量写法", "希望我们少发微信，多带资料", "他把去年的随访表找出来给我看了格式",
    "说起医保目录调整后患者的疑问", "提到基层转诊来的病人变多了", "他认可我们如实讲局限性", "希望能有线上的短讲座",
)  # fmt: skip
"""What made each talk its own."""


def visits_record(*, now: datetime) -> None:
    """Report the visits of the last weeks, each on its day, by whoever made it."""
    chance = random.Random(world.SEED + 11)  # noqa: S311 — an invented world, not a secret
    today = timezone.localdate(now)
    for rep in Person.unscoped.filter(username__startswith="rep").order_by("username")[:REPRESENTATIVES]:
        actor = actor_for(rep, on=today)
        with acting(actor):
            _quarter(chance, actor, rep, today)
            _settle(chance, actor, rep, now)
    _audit(now)
    _plan(now)


def _plan(now: datetime) -> None:
    """Fill today and the next days of the first representative, unless the plan has done so."""
    today = timezone.localdate(now)
    rep = Person.unscoped.get(username="rep111")
    if PlannedVisit.unscoped.filter(owner=rep, day__gte=today).exists():
        return
    place = Holding.unscoped.get(person=rep).position.territory_id
    people = Professional.unscoped.filter(institution__territory=place, institution__kind="hospital", archived_at=None)
    chosen, actor = (
        list(people.select_related("institution").order_by("institution__code", "code")),
        actor_for(rep, on=today),
    )
    days = [day for day in (today + timedelta(days=number) for number in range(8)) if is_workday(day)]
    with acting(actor):
        for number, (day, (hour, minute)) in enumerate((day, slot) for day in days for slot in HOURS[1:5]):
            person = chosen[number * 5 % len(chosen)]
            assert person.institution is not None
            visit_create(
                actor=actor, now=now, institution=person.institution, professional=person, day=day, activity="academic_visit",
                starts_at=time(hour, minute), ends_at=time(hour, minute + 20 if minute < 40 else 59),
                objective=OBJECTIVES[number % len(OBJECTIVES)][0], expected_result=OBJECTIVES[number % len(OBJECTIVES)][1],
            )  # fmt: skip


OBJECTIVES = (
    ("带亚组分析原文", "确认是否愿意做病例讨论"), ("了解随访中的用药顾虑", "记下三条顾虑，转医学部"),
    ("说明书更新要点", "同意在科内传阅一页纸要点"), ("讨论多药联用病例", "约定科内小型病例讨论"),
)  # fmt: skip


def _quarter(chance: random.Random, actor: Actor, rep: Person, today: date) -> None:
    place = Holding.unscoped.get(person=rep).position.territory_id
    hospitals = list(Institution.unscoped.filter(territory=place, kind="hospital", archived_at=None).order_by("code"))
    people = {
        hospital.pk: list(Professional.unscoped.filter(institution=hospital, archived_at=None).order_by("code"))
        for hospital in hospitals
    }
    products = list(Product.unscoped.filter(code__in=("AH001", "AH002", "AH003", "AH004", "AH005")).order_by("code"))
    materials = list(MaterialVersion.unscoped.filter(state="approved").order_by("pk"))
    consent_give(actor=actor, now=_moment(today - timedelta(days=DAYS), (8, 0)), text=str(NOTICE))
    for back in range(DAYS, -1, -1):
        day = today - timedelta(days=back)
        if not is_workday(day):
            continue
        for slot in sorted(chance.sample(HOURS, chance.choice((2, 3, 3, 4)))):
            if back == 0 and slot[0] >= 10:
                break
            hospital = chance.choice(hospitals[: 4 + back % 4])
            known = people[hospital.pk][:6]
            if known:
                _one(chance, actor, hospital, chance.choice(known), _moment(day, slot), products, materials)


def _moment(day: date, slot: tuple[int, int]) -> datetime:
    return datetime.combine(day, time(*slot), timezone.get_default_timezone())


def _one(
    chance: random.Random, actor: Actor, hospital: Institution, person: Professional, start: datetime,
    products: list[Product], materials: list[MaterialVersion],
) -> None:  # fmt: skip
    kind = chance.choices(tuple(SAID), weights=(30, 20, 20, 20, 10))[0]
    content, step = chance.choice(SAID[kind])
    named = chance.sample(products, 1) if kind in ("key_message", "experience") else []
    words = {
        "product": named[0].name if named else "",
        "name": f"{person.name}{'主任' if 'chief' in person.title else '医生'}",
    }
    told = "；".join((content.format(**words), *chance.sample(TAILS, chance.choice((1, 2)))))
    said = told if chance.random() > 0.015 else SHARED_WORDS
    values = {
        "content_type": kind, "content": said, "products": named, "place": chance.choice(("门诊", "病区办公室", "示教室", "")),
        "ended_at": start + timedelta(minutes=chance.randint(8, 28)), "achieved": chance.choice(("fully", "partly", "partly", "not")),
        "progress": "advanced" if named and chance.random() < 0.3 else "",
        "materials": [chance.choice(materials)] if materials and kind == "science" and chance.random() < 0.6 else [],
        "next_steps": [{"text": step, "due_on": start.date() + timedelta(days=chance.randint(5, 14))}] if step else [],
        "stage": chance.choice(("first", "deep", "deep", "trust")) if chance.random() < 0.15 else "",
        "check_in": _point(chance, hospital) if chance.random() < 0.7 else None,
    }  # fmt: skip
    # Whoever writes it up late in the evening is no less honest; whoever waits for a week is asked about it.
    reported = start + timedelta(
        minutes=chance.choice((35, 60, 240, 600) if chance.random() > 0.02 else (60 * 24 * 9,))
    )
    try:
        visit_report(
            actor=actor, now=min(reported, timezone.now()), institution=hospital, contacts=[person], started_at=start, origin="field",
            **values,
        )  # fmt: skip
    except (Refused, LooksTheSame, Invalid):
        # No consent of the hospital on that day, or the same person twice: the visit does not take place.
        return


def _point(chance: random.Random, hospital: Institution) -> dict[str, float]:
    """Return a point near an invented hospital; now and then the phone was elsewhere."""
    stable = random.Random(f"site {hospital.code}")  # noqa: S311 — where an invented hospital stands
    away = 0.06 if chance.random() < 0.01 else 0.0
    return {
        "latitude": 30.2 + stable.random() + away + chance.gauss(0, 0.0006),
        "longitude": 114.1 + stable.random() + chance.gauss(0, 0.0006), "accuracy": chance.randint(8, 60),
    }  # fmt: skip


def _settle(chance: random.Random, actor: Actor, rep: Person, now: datetime) -> None:
    """Keep most promises, choose strategies for most alerts, answer some doubts."""
    for step in NextStep.unscoped.filter(owner=rep, state="open", due_on__lt=timezone.localdate(now)).order_by("pk"):
        if step.due_on < timezone.localdate(now) - timedelta(days=12) or chance.random() < 0.8:
            step_close(actor=actor, pk=step.pk, state="done", outcome="已完成", now=now)
    for alert in StrategyAlert.unscoped.filter(owner=rep, state="open").order_by("pk"):
        if chance.random() < 0.6:
            code = chance.choice(("academic", "clinical", "joint"))
            strategy_choose(actor=actor, pk=alert.pk, strategy=code, reason="他更关心疑难病例，产品先放一放", now=now)
    for visit in Visit.unscoped.filter(person=rep).exclude(validity="valid").order_by("pk"):
        if chance.random() < 0.4:
            visit_explain(actor=actor, pk=visit.pk, text="在院外的学术会场碰面，时间和人都属实", now=now)


def _audit(now: datetime) -> None:
    """Let the compliance officer decide on some of what waits."""
    officer = actor_for(Person.unscoped.get(username="compliance"), on=timezone.localdate(now))
    from yaomai.engagement.models import VisitAudit

    with acting(officer):
        for audit in VisitAudit.unscoped.filter(outcome="").order_by("pk")[:12]:
            audit_decide(actor=officer, pk=audit.pk, outcome="valid", reason="电话核实，时间与科室登记相符", now=now)
