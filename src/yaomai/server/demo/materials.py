"""The demo company's materials: in force, waiting for pre-approval, being written, expiring, withdrawn; and their use."""

import random
from datetime import datetime, timedelta
from typing import Any

from yaomai.catalog.models import Product
from yaomai.customers.models import Professional
from yaomai.kit import approvals
from yaomai.kit.access import Actor, acting
from yaomai.kit.approvals.services import request_approve
from yaomai.materials.models import MaterialVersion
from yaomai.materials.services import material_create, material_use, version_draft, version_submit, version_withdraw
from yaomai.organization.models import Person
from yaomai.organization.selectors import actor_for
from yaomai.server.demo import world

DECKS: tuple[tuple[str, str, str, int], ...] = (
    ("学术彩页", "promotional", "approved", 400),
    ("临床研究解读幻灯", "meeting", "approved", 20),
    ("用药问答", "medical", "waiting", 365),
    ("科室会幻灯", "meeting", "draft", 365),
    ("旧版彩页", "promotional", "withdrawn", 300),
)
"""What it is, its kind, how far it is, days until it expires."""
TEXTS: dict[str, Any] = {
    "content": "随机、双盲、多中心研究：主要终点与对照组相比有统计学差异；次要终点见表二。",
    "limitations": "样本量 412 例，随访 24 周；未纳入 75 岁以上及重度肝功能不全者；由安衡药业资助。",
    "adverse_reactions": "常见：头晕、乏力；少见：皮疹、转氨酶升高。详见说明书。",
    "sponsorship": "本材料由安衡药业制作并资助",
}


def materials_record(*, actor: Actor, now: datetime) -> None:
    """Make materials of the first products in every state, and let representatives use those in force."""
    medical, officer = (
        actor_for(Person.unscoped.get(username=name), on=now.date()) for name in ("medical", "compliance")
    )
    author = actor_for(Person.unscoped.get(username="marketing"), on=now.date())
    usable: list[MaterialVersion] = []
    products = [each for each in Product.unscoped.order_by("code")[:8] if each.indications.exists()][:3]
    for place, product in enumerate(products):
        for number, (name, kind, fate, days) in enumerate(DECKS):
            if place and fate in ("waiting", "draft"):
                continue
            with acting(author):
                version = _written(author, now, product, f"{product.name}{name}", f"AH-M{place}{number}", kind, days)
                if fate != "draft":
                    version_submit(actor=author, pk=version.pk, now=now)
            if fate in ("approved", "withdrawn"):
                request = approvals.standing(version)
                assert request is not None
                for decider in (medical, officer):
                    with acting(decider):
                        request_approve(actor=decider, pk=request.pk, now=now)
                usable.append(version)
    _use(now, usable)
    for version in usable:
        if "旧版" in version.title:
            with acting(officer):
                version_withdraw(actor=officer, pk=version.pk, now=now, reason="引用的研究已更正，数据以新版为准")


def _written(
    actor: Actor, now: datetime, product: Product, title: str, code: str, kind: str, days: int
) -> MaterialVersion:
    material = material_create(actor=actor, now=now, code=code, title=title, kind=kind, products=[product])
    claims = [{
        "text": f"{product.generic_name}治疗 12 周，达标率高于对照组", "indication": product.indications.order_by("pk").first(),
        "population": "18–75 岁成人患者 412 例", "source": "《中华内科杂志》2025;64(3):201",
    }]  # fmt: skip
    until = now.date() + timedelta(days=days)
    return version_draft(actor=actor, now=now, material=material.pk, claims=claims, valid_until=until, **TEXTS)


def _use(now: datetime, usable: list[MaterialVersion]) -> None:
    chance = random.Random(world.SEED + 9)  # noqa: S311 — an invented world, not a secret
    for rep in Person.unscoped.filter(username__startswith="rep").order_by("username")[:6]:
        actor = actor_for(rep, on=now.date())
        with acting(actor):
            doctors = list(Professional.objects.filter(archived_at=None).exclude(institution=None).order_by("pk")[:12])
            for doctor in chance.sample(doctors, min(4, len(doctors))):
                material_use(
                    actor=actor, now=now, used=chance.choice(usable), institution=doctor.institution, professional=doctor,
                    on=now.date() - timedelta(days=chance.randint(0, 5)),
                )  # fmt: skip
