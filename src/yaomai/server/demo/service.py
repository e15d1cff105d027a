"""The demo company's hotline: requests of the last weeks as the earlier system kept them, and those that wait today."""

import random
from datetime import datetime, timedelta

from yaomai.catalog.models import Product
from yaomai.customers.models import Institution, Professional
from yaomai.kit.access import Actor, acting
from yaomai.organization.models import Person
from yaomai.organization.selectors import actor_for
from yaomai.planning.services import callback_record
from yaomai.segmentation.models import TierAssignment
from yaomai.server.demo import world
from yaomai.support import services

PAST = (
    ("order_query", "11 月的第二批货什么时候到？药房说快断了。", "已发货，物流单号已短信告知，次日到货。"),
    ("return_exchange", "收到的一箱外包装压坏了，里面完好，能不能换？", "已换货，旧货由配送商取回。"),
    ("product_information", "说明书里肾功能不全患者的用法在哪一段？", "已发说明书原文及页码，并请医学部补充说明。"),
    ("complaint", "配送总在中午到，药库没人收。", "已与配送商改约上午送货，连续两次回访确认。"),
    ("order_query", "发票抬头开错了，要重开。", "已重开并寄出。"),
    ("product_information", "有没有患者教育手册可以放在门诊？", "已寄送审核通过的手册 50 份。"),
)  # fmt: skip
"""Kind, words, how it was put right."""
WAITING: tuple[tuple[str, str, float, str], ...] = (
    ("order_query", "上周三订的 20 盒还没有到，问了配送商说没有单子。", 31, "start"),
    ("return_exchange", "批号和随货同行单对不上，请核实后换货。", 26, ""),
    ("complaint", "热线打了三次没人接，请给个说法。", 22, "start"),
    ("order_query", "想确认月底前能否追加 100 盒。", 9, ""),
    ("return_exchange", "近效期的 12 盒能否调换？", 5, "wait"),
    ("product_information", "患者问服药期间能不能吃西柚，另有一位老人服药后头晕，是不是不良反应？", 3, ""),
    ("order_query", "本月对账单少了一笔，请查。", 2, ""),
    ("other", "希望换一位周三能来的联系人。", 1, ""),
)  # fmt: skip
"""Kind, words, hours ago, what was done since."""


def service_record(*, actor: Actor, now: datetime) -> None:
    """Bring in what the hotline resolved in the last weeks, and take what waits."""
    chance = random.Random(world.SEED + 31)  # noqa: S311 — an invented world, not a secret
    people = {row.username: row for row in Person.unscoped.filter(username__startswith="service")}
    servant = people["service11"]
    serving = actor_for(servant, on=now.date())
    places = list(Institution.unscoped.filter(archived_at=None, territory__in=serving.reach("support.request:edit") or ()).exclude(kind="distributor").order_by("code")[:60])  # fmt: skip
    b = set(
        TierAssignment.unscoped.filter(scheme="commercial_abc", tier="b", valid_to=None).values_list(
            "institution_id", flat=True
        )
    )
    products = list(Product.unscoped.filter(is_own=True).order_by("code")[:4])
    for number in range(30):
        kind, words, resolution = PAST[number % len(PAST)]
        taken = now - timedelta(days=3 * number + 3, hours=chance.randint(0, 7), minutes=chance.randint(0, 59))
        resolved = taken + timedelta(hours=chance.choice((2, 4, 7, 11, 19, 23, 23, 30)), minutes=chance.randint(0, 50))
        services.request_bring_in(
            actor=actor, now=now, institution=chance.choice(places), kind=kind, words=words, taken_at=taken, owner=servant,
            taken_by=servant, channel=chance.choice(("hotline", "hotline", "wechat", "email")), product=chance.choice(products),
            resolution=resolution, resolved_at=resolved, confirmed_at=resolved + timedelta(hours=20) if number % 4 else None,
        )  # fmt: skip
    first = [place for place in places if place.pk in b] or places
    with acting(serving):
        for number, (kind, words, hours, then) in enumerate(WAITING):
            place = first[number % len(first)] if number in (3, 6) else places[number * 5 % len(places)]
            asks = Professional.unscoped.filter(institution=place, archived_at=None).order_by("code").first()
            made = services.request_take(
                actor=serving, now=now - timedelta(hours=hours), institution=place, professional=asks, kind=kind, words=words,
                channel="hotline" if number % 3 else "wechat",
            )  # fmt: skip
            if then == "start":
                services.request_start(actor=serving, pk=made.pk, now=now - timedelta(hours=hours - 1))
            elif then == "wait":
                services.request_wait(
                    actor=serving, pk=made.pk, waits_for="近效期药品的批号照片", now=now - timedelta(hours=hours - 1)
                )
    services.requests_escalate(actor=actor, now=now)


SAID = (
    ("content", "到货及时，没有别的需要。", ""), ("wish", "希望下季度安排一次慢病管理的科会。", "与学术经理商定科会日期"),
    ("content", "新的送货时间很好。", ""), ("problem", "药库说有一批近效期，想调换。", "受理退换货"),
    ("unreached", "", ""), ("wish", "想要一份患者随访表。", "送随访表"),
)  # fmt: skip


def callbacks_record(*, now: datetime) -> None:
    """Let some people make callbacks of this month and the one before: one enough, others short."""
    chance = random.Random(world.SEED + 32)  # noqa: S311 — see above
    for username, count in (("service11", 5), ("area11", 3), ("ka1", 9), ("rep111", 2)):
        caller = actor_for(Person.unscoped.get(username=username), on=now.date())
        with acting(caller):
            places = list(
                Institution.objects.filter(archived_at=None).exclude(kind="distributor").order_by("code")[20:60]
            )
            for number in range(count * 2):
                outcome, words, step = SAID[number % len(SAID)]
                ago = timedelta(
                    days=chance.randint(0, max(now.day - 1, 0)) + (now.day if number >= count else 0), hours=number
                )
                callback_record(
                    actor=caller, now=now - ago, institution=places[number % len(places)], outcome=outcome, words=words,
                    next_step=step if number < 2 else "",
                )  # fmt: skip
