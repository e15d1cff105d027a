"""What the demo company knows of its markets, and whom it wants to win: figures, patients, a saved list, a report."""

import random
from datetime import datetime, timedelta
from decimal import Decimal

from yaomai.catalog.models import Division, Indication, ProductLine
from yaomai.customers.models import Department, Institution
from yaomai.customers.services import patient_population_create
from yaomai.insights import services
from yaomai.insights.models import TargetItem
from yaomai.insights.targets.analysis import Focus
from yaomai.kit.access import Actor
from yaomai.organization.models import Person, Position
from yaomai.organization.selectors import actor_for
from yaomai.server.demo import world

SOURCE = "安衡药业演示数据（虚构市场报告）"
MARKETS = {"高血压": 420, "高胆固醇血症": 260, "2型糖尿病": 310, "非小细胞肺癌": 150}
"""Million yuan of a city, before chance."""
CANCER = "非小细胞肺癌"
MANAGERS = ("area11", "ka1", "region1")
REASONS = (
    ("kept", "科室主任支持，季度内可提交申请"),
    ("kept", "患者量已核实，安排学术会"),
    ("dropped", "同类品种已满，一年内不再评审"),
)


def targets_record(*, actor: Actor, now: datetime) -> None:
    """Record market figures and patients, save a list, assign and review some of it, make a report."""
    chance = random.Random(world.SEED + 4)  # noqa: S311 — an invented world, not a secret
    diseases = {row.name: row for row in Indication.unscoped.filter(archived_at=None)}
    cities = Division.unscoped.filter(level=Division.Level.CITY).order_by("code")
    for city in cities:
        for name, size in MARKETS.items():
            _figures(actor, now, chance, city, diseases[name], size)
    _patients(actor, now, chance, diseases)
    _compute(actor, now)
    made = services.target_list_create(
        actor=actor, now=now, name=f"重点突破医院 {now.year}年第{(now.month + 2) // 3}季度", focus=Focus(),
        quadrants=("breakthrough",),
    )  # fmt: skip
    _work(actor, now, chance, made.pk)
    leading = Institution.unscoped.filter(kind=Institution.Kind.HOSPITAL, grade="3A").order_by("code")[:12]
    services.value_report_create(
        actor=actor, now=now, pks=[row.pk for row in leading], title="三甲医院价值分析", selection="三级甲等"
    )


def _compute(actor: Actor, now: datetime) -> None:
    """Place the hospitals for the whole company, by product line too, and for managers who see a part of it."""
    for line in (None, *ProductLine.unscoped.filter(archived_at=None).order_by("pk")):
        services.quadrants_compute(actor=actor, focus=Focus(line=line), as_of=now.date())
    for person in Person.unscoped.filter(username__in=MANAGERS).order_by("username"):
        services.quadrants_compute(actor=actor_for(person, on=now.date(), at=now), focus=Focus(), as_of=now.date())


def _figures(
    actor: Actor, now: datetime, chance: random.Random, city: Division, disease: Indication, size: int
) -> None:
    """Record two years of a market, and for cancer how often it occurs; some cities publish nothing."""
    if chance.random() < 0.25:
        return
    value = Decimal(round(size * chance.uniform(0.5, 1.6))) * 1_000_000
    growth = Decimal(str(round(chance.uniform(-0.06, 0.26), 3)))
    for year, amount in ((now.year - 2, value), (now.year - 1, value * (1 + growth))):
        services.market_figure_create(
            actor=actor, now=now, division=city, kind="market", indication=disease, year=year,
            value=amount.quantize(Decimal("0.01")), source=SOURCE,
        )  # fmt: skip
    if disease.name != CANCER:
        return
    cases = Decimal(str(round(chance.uniform(40, 75), 1)))
    for year, rate in (
        (now.year - 2, cases),
        (now.year - 1, cases * Decimal(str(round(chance.uniform(0.97, 1.06), 3)))),
    ):
        services.market_figure_create(
            actor=actor, now=now, division=city, kind="incidence", indication=disease, year=year,
            value=rate.quantize(Decimal("0.01")), source=SOURCE,
        )  # fmt: skip


def _patients(actor: Actor, now: datetime, chance: random.Random, diseases: dict[str, Indication]) -> None:
    """Estimate the patients of some departments."""
    of_department = {item.department: diseases[item.indication] for item in reversed(world.PRODUCTS)}
    rows = Department.unscoped.filter(
        institution__kind=Institution.Kind.HOSPITAL, name__in=of_department, archived_at=None
    ).order_by("institution__code", "pk")
    for department in rows.select_related("institution"):
        if chance.random() < 0.35:
            patient_population_create(
                actor=actor, now=now, department=department, indication=of_department[department.name],
                patients=chance.randint(15, 160) * 10, basis="department", source="科室沟通",
                estimated_on=now.date() - timedelta(days=chance.randint(20, 200)),
            )  # fmt: skip


def _work(actor: Actor, now: datetime, chance: random.Random, made: int) -> None:
    """Give each hospital to a position of its territory, and review the first of them."""
    seats = list(
        Position.unscoped.filter(role__code__in=("representative", "key_account_manager"), valid_to=None)
        .select_related("territory")
        .order_by("pk")
    )
    items = (
        TargetItem.unscoped.filter(target_list=made).select_related("institution__territory").order_by("-match", "pk")
    )
    given: dict[int, list[int]] = {}
    for number, item in enumerate(items):
        path = item.institution.territory.path if item.institution.territory else ""
        near = [seat for seat in seats if path.startswith(seat.territory.path)]
        if near and chance.random() < 0.85:
            given.setdefault(near[number % len(near)].pk, []).append(item.pk)
    by_key = {seat.pk: seat for seat in seats}
    for key, pks in given.items():
        services.target_items_assign(actor=actor, now=now, pks=pks, position=by_key[key])
    for item in items[:6]:
        decision, reason = chance.choice(REASONS)
        services.target_item_review(actor=actor, now=now, pk=item.pk, decision=decision, reason=reason)
