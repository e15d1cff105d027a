"""What the demo company learned: two studies of what helped, policy events, and signals."""

from datetime import date, datetime, timedelta
from decimal import Decimal

from yaomai.catalog.models import Product
from yaomai.commerce.panels import first_month
from yaomai.customers.models import Institution
from yaomai.insights import services
from yaomai.insights.models import PurchaseSignal
from yaomai.kit.access import Actor, acting
from yaomai.organization.models import Person
from yaomai.organization.selectors import actor_for

TRIAGED = (
    ("stock", "与药剂科核对库存，确认为季度备货", "备货消化后恢复正常"),
    ("competitor", "约药剂科主任面谈，准备疗效与日均费用对比", ""),
)


def _events(actor: Actor, now: datetime) -> None:
    """Record a procurement that is ahead and one that took effect half a year ago, with what came of it."""
    own = list(Product.unscoped.filter(is_own=True, archived_at=None).order_by("code"))
    ahead, past = first_month(now.date(), -2), first_month(now.date(), 5)
    for title, kind, day, product, price, volume, note in (
        (
            "第十一批国家组织药品集采（模拟）",
            "vbp",
            ahead,
            own[0],
            ("-0.62", "-0.45"),
            ("-0.10", "0.25"),
            "按上一批同类品种降幅估计；中选结果公布后请更新区间并重新评估。",
        ),
        ("省际联盟续约采购（模拟）", "vbp", past, own[1], ("-0.15", "-0.05"), ("-0.05", "0.15"), ""),
        ("国家医保目录调整：限定支付范围放宽（模拟）", "nrdl", ahead, own[2], ("-0.08", "0"), ("0.10", "0.45"), ""),
    ):
        event = services.policy_event_create(
            actor=actor, now=now, title=title, kind=kind, effective_on=day, products=[product],
            price_low=Decimal(price[0]), price_high=Decimal(price[1]), volume_low=Decimal(volume[0]),
            volume_high=Decimal(volume[1]), source="安衡药业演示数据（虚构公告）", note=note,
        )  # fmt: skip
        if kind == "nrdl":
            continue
        services.policy_event_assess(actor=actor, now=now, pk=event.pk)
        if day == past:
            services.policy_event_compare(actor=actor, now=now, pk=event.pk)


def _of_region(person: Person | None, today: date) -> list[tuple[str, str, str, int, list[int], str, Actor]]:
    """Return the study that a regional director began, of hospitals in the own region."""
    if person is None:
        return []
    by = actor_for(person, on=today)
    with acting(by):
        own = Institution.objects.filter(kind=Institution.Kind.HOSPITAL, archived_at=None).order_by("code")
        keys = list(own.values_list("pk", flat=True)[::2][:20])
    return (
        [("季度科室会", "campaign", "每季度一场科室会，覆盖心内科与内分泌科", 6, keys, "举办科室会的医院", by)]
        if keys
        else []
    )


def findings_record(*, actor: Actor, now: datetime) -> None:
    """Begin two studies and compute them, record policy events, find signals, and look into two of them."""
    today = now.date()
    hospitals = Institution.unscoped.filter(kind=Institution.Kind.HOSPITAL, archived_at=None).order_by("code")
    visited = list(hospitals.filter(grade__in=("3A", "3B")).values_list("pk", flat=True)[::3])
    trained = list(hospitals.filter(grade__startswith="2").values_list("pk", flat=True)[1::3])
    regional = Person.unscoped.filter(username="region1").first()
    for name, change, what, months, keys, said, by in (
        ("三级医院拜访频次提升", "visits", "学术拜访由每月1次提高到每月2次", 6, visited, "增加拜访的三级医院", actor),
        ("药师用药培训", "training", "安衡平用药培训，每家一场", 3, trained, "参加培训的二级医院", actor),
        *_of_region(regional, today),
    ):
        services.effect_study_create(
            actor=by, now=now, name=name, change=change, what=what, since=first_month(today, months),
            institutions=keys, selection=said, recheck_on=today + timedelta(days=60),
        )  # fmt: skip
    _events(actor, now)
    services.purchase_signals_find(actor=actor, month=first_month(today, 1), now=now)
    rows = PurchaseSignal.unscoped.order_by("-money", "-pk")[2:4]
    for row, (cause, action, outcome) in zip(rows, TRIAGED, strict=False):
        services.purchase_signal_triage(actor=actor, pk=row.pk, cause=cause, action=action, outcome=outcome, now=now)
