"""What the demo company's people know about their customers: types, styles, profiles fresh and old, open requests."""

import random
from datetime import datetime, timedelta
from typing import Any

from yaomai.customers import services
from yaomai.customers.models import CustomerType, Professional
from yaomai.kit.access import Actor, acting
from yaomai.organization.models import Person
from yaomai.organization.selectors import actor_for
from yaomai.server.demo import world

PEOPLE = 60
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


def profiles_record(*, actor: Actor, now: datetime) -> None:
    """Record types, styles and profile facts of the first customers, some of them long ago, and what waits."""
    chance = random.Random(world.SEED + 3)  # noqa: S311 — an invented world, not a secret
    people = list(Professional.unscoped.filter(title__in=("chief_physician", "associate_physician")).order_by("code"))
    for person in people[:PEOPLE]:
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
        known = list(Professional.objects.filter(pk__in=[person.pk for person in people]).order_by("code")[:4])
        for person in known:
            services.professional_change_propose(
                actor=asking, pk=person.pk, field="development_plan", value="明年筹建心衰专病门诊", source="科室公告",
                source_kind="official", now=now,
            )  # fmt: skip


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
    ]
    return [each for each in known if chance.random() < 0.8]
