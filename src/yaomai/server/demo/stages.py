"""Where the demo company's key accounts stand, and what it learned of their needs."""

import random
from datetime import datetime, timedelta
from typing import Any

from yaomai.customers.services import institution_fact_record
from yaomai.engagement import services
from yaomai.engagement.models import KeyAccount, Stage
from yaomai.engagement.services.accounts import NotReady
from yaomai.kit.access import Actor
from yaomai.organization.models import Holding
from yaomai.server.demo import world

SOURCE = "拜访"
NEEDS = {
    "tags": (["academic_support", "supply"], ["price", "lead_time"], ["safety", "service"], ["academic_support"]),
    "department_preferences": ("心内科重视长期安全性数据", "内分泌科希望简化用药方案", "呼吸科关注吸入装置培训"),
    "patient_groups": ("老年高血压合并糖尿病较多", "周边县域转诊患者占三成", "慢病复诊患者为主"),
}
KNOWN = {
    "purchasing_route": (
        "科室提单，药剂科初审，每季度上药事会",
        "药剂科汇总后由分管院长审批",
        "集团统一议价，院区按月报计划",
    ),
    "delivery": ("周二、周四上午收货，冷链到货须当面测温", "下午两点前送达中心药库", "单次不超过三十箱，提前一天预约"),
    "visit_points": ("先到医务部登记，仅周三下午接待", "进院须出示备案凭证", "药剂科每月第一周不接待"),
    "development_plan": ("明年新院区启用，心血管病区扩至八十张床", "正在申报区域医疗中心", "筹建互联网医院慢病续方"),
}
REASONS = (
    "科室走访完成，关键人已明确", "季度会确认了等级与负责人", "三方座谈后需求已记录", "院方同意每季度召开一次学术会",
)  # fmt: skip
GOALS = ("新增一个品种准入", "建立慢病随访合作", "提高配送满意度", "")


def stages_record(*, actor: Actor, now: datetime) -> None:
    """Put the key tiers on the board, record needs, and move accounts as far as their facts carry them."""
    chance = random.Random(world.SEED + 3)  # noqa: S311 — an invented world, not a secret
    begin = now - timedelta(days=260)
    services.accounts_gather(actor=actor, now=begin)
    owners = _owners()
    for account in KeyAccount.unscoped.select_related("institution__territory").order_by("institution__code"):
        path = account.institution.territory.path if account.institution.territory else ""
        near = [person for place, person in owners if path.startswith(place)]
        owner = near[-1] if near and chance.random() < 0.85 else None
        services.account_update(
            actor=actor, now=begin, pk=account.pk, changes={"owner": owner, "goal": chance.choice(GOALS)}
        )
        target = chance.choice((0, 1, 1, 2, 2, 3, 3, 4))
        if target:
            _learn(actor, begin, chance, account, chance.sample(sorted(NEEDS), 2), NEEDS)
        _learn(actor, now - timedelta(days=chance.choice((10, 40, 120))), chance, account,
               chance.sample(sorted(KNOWN), chance.randint(0, 3)), KNOWN)  # fmt: skip
        _advance(actor, now, chance, account, target)
    services.stalled_sync(now=now)


def _owners() -> list[tuple[str, Any]]:
    """Return (path of the territory, person) of everybody who may own an account, the widest first."""
    held = Holding.unscoped.filter(
        valid_to=None, position__role__code__in=("regional_director", "area_manager", "key_account_manager")
    ).select_related("person", "position__territory")
    return sorted(
        ((each.position.territory.path, each.person) for each in held), key=lambda pair: (len(pair[0]), pair[1].pk)
    )


def _learn(
    actor: Actor, now: datetime, chance: random.Random, account: KeyAccount, fields: list[str], told: dict[str, Any]
) -> None:
    for field in fields:
        institution_fact_record(
            actor=actor, now=now, pk=account.institution_id, field=field, value=chance.choice(told[field]), source=SOURCE
        )  # fmt: skip


def _advance(actor: Actor, now: datetime, chance: random.Random, account: KeyAccount, target: int) -> None:
    """Move stage by stage, some weeks apart; where a criterion holds it back, it stays."""
    day = now - timedelta(days=chance.randint(150, 240))
    for stage in Stage.values[1 : target + 1]:
        try:
            services.account_move(actor=actor, now=day, pk=account.pk, stage=stage, reason=chance.choice(REASONS))
        except NotReady:
            return
        day = min(now - timedelta(days=2), day + timedelta(days=chance.randint(20, 70)))
