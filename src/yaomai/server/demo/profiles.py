"""What the demo company's people know about their customers: types, styles, profiles fresh and old, open requests."""

import random
from collections import Counter
from datetime import datetime, timedelta
from typing import Any

from yaomai.customers import services
from yaomai.customers.models import CustomerType, Professional
from yaomai.kit.access import Actor, acting
from yaomai.organization.models import Person
from yaomai.organization.selectors import actor_for
from yaomai.server.demo import world

FIRST = 30
"""The first customers in order of their code: those of the reps whose sign-ins are shown."""
OF_EACH = 5
"""Of each further district: archives fill unevenly, as in life."""
QUESTIONS = (
    "老年高血压合并肾功能不全的用药选择",
    "心衰患者出院后随访",
    "难治性高血压的鉴别",
    "糖尿病肾病合并心衰的研究进展",
)
POINTS = ("周三下午门诊后有空", "先约科秘，不在查房时间打扰", "喜欢先看原文，再谈结论", "每次不超过十分钟")
REASONS = {
    CustomerType.HIGH_VOLUME: "门诊慢病患者多，适应症匹配",
    CustomerType.HIGH_INFLUENCE: "省学会委员，参与指南讨论",
    CustomerType.DECISION_MAKER: "药事会成员",
}
STYLES = ("evidence", "result", "relation", "open")
STYLE_TYPES = ("academic", "practical", "managing")
NEEDS = ("literature", "guidelines", "cases", "research", "training")
TAGS = ("academic_support", "supply", "safety", "convenience", "service")
CHANNELS = ("visit", "meeting", "wechat", "conference")
SCOPES = ("formulary", "listing", "department")
REACHES = ("department", "institution", "city", "province")
ACCEPTANCE = ("pioneer", "early", "majority", "late")
PREFERENCES = (
    "老年患者首选单片复方，看重依从性",
    "合并肾病时优先长效制剂，关注血钾",
    "初诊患者按指南起始，随访后再调整",
)
HABITS = ("看重循证证据，换药慢", "先看安全性，再看疗效", "按指南分级，联合用药较早")
CIRCLES = (
    "省心血管病学会青年委员，与附属医院课题组常年合作",
    "师从省内学科带头人，与同门每季度交流",
    "市医学会慢病组秘书",
)
BACKGROUND = ("医学博士，曾在外院进修一年", "硕士，擅长慢病管理", "长期在临床一线，负责专病门诊")
STRENGTHS = ("难治性高血压", "糖尿病并发症管理", "心衰全程管理")
INTERESTS = ("患者自我管理", "真实世界研究", "基层医生培训")
PLANS = (
    ("明年筹建心衰专病门诊", "科室公告"),
    ("明年牵头区域慢病随访项目", "学会会议"),
    ("下半年赴上级医院进修三个月", "本人告知"),
    ("申报省级重点专科", "医院官网"),
)


def profiles_record(*, actor: Actor, now: datetime) -> None:
    """Record types, styles and profile facts of the first customers, some of them long ago, and what waits."""
    chance = random.Random(world.SEED + 3)  # noqa: S311 — an invented world, not a secret
    people = list(Professional.unscoped.filter(title__in=("chief_physician", "associate_physician")).order_by("code"))
    for person in _chosen(people):
        _mark(actor, now, chance, person)
        for field, value in _facts(chance):
            recorded = now - timedelta(days=chance.choice((5, 20, 60, 150, 260)))
            kind = chance.choice(("customer", "observed", "colleague"))
            services.professional_fact_record(
                actor=actor, pk=person.pk, field=field, value=value, source="拜访", source_kind=kind, now=recorded
            )
    rep = Person.unscoped.get(username="rep111")
    asking = actor_for(rep, on=now.date(), at=now)
    with acting(asking):
        known = list(
            Professional.objects.filter(pk__in=[person.pk for person in people]).order_by("code")[: len(PLANS)]
        )
        for person, (plan, source) in zip(known, PLANS, strict=True):
            services.professional_change_propose(
                actor=asking, pk=person.pk, field="development_plan", value=plan, source=source,
                source_kind="official", now=now,
            )  # fmt: skip


def _chosen(people: list[Professional]) -> list[Professional]:
    """Return the first customers, and some of each further district."""
    chosen, seen = people[:FIRST], Counter(person.territory_id for person in people[:FIRST])
    for person in people[FIRST:]:
        if seen[person.territory_id] < OF_EACH:
            seen[person.territory_id] += 1
            chosen.append(person)
    return chosen


def _mark(actor: Actor, now: datetime, chance: random.Random, person: Professional) -> None:
    chosen = chance.sample(list(CustomerType), k=chance.choice((1, 1, 2)))
    for each in chosen:
        services.type_mark(
            actor=actor, now=now, pk=person.pk, customer_type=each, source="学会与医院公示", reason=REASONS[each]
        )


def _facts(chance: random.Random) -> list[tuple[str, Any]]:
    known: list[tuple[str, Any]] = [
        ("style", chance.choice(STYLES)),
        ("style_type", chance.choice(STYLE_TYPES)),
        ("visit_points", chance.choice(POINTS)),
        ("clinical_questions", chance.choice(QUESTIONS)),
        ("academic_needs", chance.sample(NEEDS, k=2)),
        ("product_preference", chance.choice(PREFERENCES)),
        ("prescribing_habits", chance.choice(HABITS)),
        ("decision_scope", chance.sample(SCOPES, k=chance.choice((1, 2)))),
        ("tags", chance.sample(TAGS, k=2)),
        ("channels", chance.sample(CHANNELS, k=2)),
        ("influence_range", chance.choice(REACHES)),
        ("new_product_acceptance", chance.choice(ACCEPTANCE)),
        ("academic_circle", chance.choice(CIRCLES)),
        ("background", chance.choice(BACKGROUND)),
        ("clinical_strengths", chance.choice(STRENGTHS)),
        ("professional_interests", chance.choice(INTERESTS)),
    ]
    share = chance.uniform(0.25, 0.95)
    return [each for each in known if chance.random() < share]
