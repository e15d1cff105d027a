"""The demo company's plans: where its hospitals are, when its customers can be met, and calendars that are in force."""

import random
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from yaomai.compliance.services import consent_create
from yaomai.customers.models import Institution, Professional
from yaomai.kit.access import Actor
from yaomai.organization.models import Person
from yaomai.planning import services
from yaomai.planning.models import (
    EARLIER,
    ON_SITE,
    Absence,
    DutyState,
    Half,
    Location,
    MissedReason,
    Plan,
    PlannedVisit,
    ServiceDuty,
    VisitOrigin,
    VisitState,
    WorkingTime,
)
from yaomai.planning.services.plans import plan_compute, put_in_force
from yaomai.planning.services.replanning import until_of
from yaomai.server.demo import world
from yaomai.workdays import is_workday

PAST_DAYS = 28
PLANNERS = {"rep111": 1.5, "area11": 1.0}
"""Whose plans are in force, with the seconds they are computed for; the others have theirs still to make."""
MIDDLES = ((31.2, 118.9), (36.5, 115.8), (27.1, 114.2))
"""Degrees north and east around which the provinces of each region lie."""
REASONS = (
    (MissedReason.CUSTOMER_AWAY, 4), (MissedReason.DECLINED, 3), (MissedReason.SURGERY, 3),
    (MissedReason.CLINIC_CHANGED, 2), (MissedReason.MEETING, 2), (MissedReason.HOSPITAL_CLOSED, 1),
)  # fmt: skip


def plans_record(*, actor: Actor, now: datetime) -> None:
    """Enter places, working times and absences, lay duties out, and put plans in force."""
    chance = random.Random(world.SEED + 11)  # noqa: S311 — an invented world, not a secret
    today = timezone.localdate(now)
    _consents(chance, actor, today, now)
    _places(chance, now)
    _working_times(chance, now)
    _absences(chance, today, now)
    services.duties_lay_out(actor=actor, now=now, since=today - timedelta(days=PAST_DAYS))
    _past(chance, today, now)
    services.duties_settle(actor=actor, now=now)
    _plans(today, now)
    _goals(actor, today, now)


def _consents(chance: random.Random, actor: Actor, today: date, now: datetime) -> None:
    """Record that most places receive representatives; the others show what a plan says of that."""
    without = Institution.unscoped.filter(consents__isnull=True).exclude(kind="distributor").order_by("pk")
    for number, place in enumerate(without, 1):
        if chance.random() < 0.85:
            consent_create(
                actor=actor, now=now, institution=place, document=f"接待登记 {today.year}-{number:03d}", activities=["academic"],
                reception="医务科", valid_from=today - timedelta(days=200), valid_to=today + timedelta(days=530),
            )  # fmt: skip


def _places(chance: random.Random, now: datetime) -> None:
    provinces: dict[str, tuple[float, float]] = {}
    cities: dict[str, tuple[float, float]] = {}
    rows = []
    for pk, code in Institution.unscoped.order_by("pk").values_list("pk", F("division__code")):
        province, city = (code or "")[:2], (code or "")[:4]
        if province not in provinces:
            north, east = MIDDLES[len(provinces) // 2 % len(MIDDLES)]
            provinces[province] = (north + chance.uniform(-1, 1), east + chance.uniform(-1, 1))
        if city not in cities:
            north, east = provinces[province]
            cities[city] = (north + chance.uniform(-0.7, 0.7), east + chance.uniform(-0.7, 0.7))
        latitude, longitude = cities[city]
        district = random.Random(code or "")  # noqa: S311 — see above
        latitude += (district.random() - 0.5) * 0.16 + chance.gauss(0, 0.012)
        longitude += (district.random() - 0.5) * 0.2 + chance.gauss(0, 0.014)
        rows.append(Location(
            institution_id=pk, latitude=Decimal(f"{latitude:.5f}"), longitude=Decimal(f"{longitude:.5f}"),
            source="地图标注", created_at=now, updated_at=now,
        ))  # fmt: skip
    Location.unscoped.bulk_create(rows)


def _working_times(chance: random.Random, now: datetime) -> None:
    week = [(day, half) for day in range(1, 6) for half in Half.values]
    rows: list[WorkingTime] = []

    def mark(place: int, who: int | None, at: tuple[int, str], kind: str) -> None:
        rows.append(WorkingTime(
            institution_id=place, professional_id=who, weekday=at[0], half=at[1], kind=kind, source="出诊表",
            updated_at=now,
        ))  # fmt: skip

    hospitals = Institution.unscoped.filter(kind="hospital", grade__in=("3A", "3B")).order_by("pk")
    for pk in hospitals.values_list("pk", flat=True):
        if chance.random() < 0.35:
            for at in sorted(chance.sample(week, 6)):
                mark(pk, None, at, WorkingTime.Kind.VISITING)
    people = Professional.unscoped.filter(institution__isnull=False, profession="physician").order_by("pk")
    for pk, place in people.values_list("pk", "institution_id"):
        if chance.random() < 0.6:
            halves = chance.sample(week, 5)
            for at in halves[:4]:
                mark(place, pk, at, WorkingTime.Kind.CLINIC)
            if chance.random() < 0.4:
                mark(place, pk, halves[4], WorkingTime.Kind.SURGERY)
    WorkingTime.unscoped.bulk_create(rows, batch_size=2000)


def _absences(chance: random.Random, today: date, now: datetime) -> None:
    zone = timezone.get_current_timezone()

    def moment(day: date, hour: int) -> datetime:
        return datetime.combine(day, time(hour), zone)

    people = Person.unscoped.filter(holdings__isnull=False, archived_at=None).distinct().order_by("pk")
    rows = []
    monday = today - timedelta(days=today.weekday())
    for person in people:
        territory = person.holdings.values_list("position__territory_id", flat=True).first()
        common = {"person": person, "territory_id": territory, "created_at": now, "updated_at": now}
        for week in range(14):
            day = monday + timedelta(days=7 * week)
            rows.append(Absence(
                **common, kind=Absence.Kind.MEETING, title="区域周会", starts_at=moment(day, 9), ends_at=moment(day, 11),
            ))  # fmt: skip
        leave = today + timedelta(days=chance.randint(10, 60))
        rows.append(Absence(
            **common, kind=Absence.Kind.LEAVE, title="年假", starts_at=moment(leave, 0),
            ends_at=moment(leave + timedelta(days=chance.randint(1, 3)), 0),
        ))  # fmt: skip
    doctors = list(
        Professional.unscoped.filter(institution__isnull=False).order_by("pk").values_list("pk", "institution_id")
    )
    for pk, place in chance.sample(doctors, min(60, len(doctors))):
        begin = today + timedelta(days=chance.randint(1, 40))
        rows.append(Absence(
            institution_id=place, professional_id=pk, kind=Absence.Kind.AWAY, title=chance.choice(("参加学术年会", "进修", "休假")),
            starts_at=moment(begin, 0), ends_at=moment(begin + timedelta(days=chance.randint(2, 8)), 0), created_at=now,
            updated_at=now,
        ))  # fmt: skip
    Absence.unscoped.bulk_create(rows, batch_size=2000)


def _past(chance: random.Random, today: date, now: datetime) -> None:
    """Bring along what an earlier system recorded: most of it was done, some was missed for a reason."""
    visits: list[PlannedVisit] = []
    changed: list[ServiceDuty] = []
    reasons = [reason for reason, weight in REASONS for _each in range(weight)]
    past = ServiceDuty.unscoped.filter(window_from__lt=today, owner__isnull=False).order_by("pk")
    for duty in past:
        days = [day for day in _days(duty.window_from, min(duty.window_to, today)) if is_workday(day)]
        drawn = chance.random()
        is_over = duty.window_to <= today
        if not days or (not is_over and drawn > 0.6):
            continue
        day = chance.choice(days)
        is_done = drawn < (0.86 if is_over else 0.6)
        if is_done:
            duty.state, duty.done_on, duty.reference = DutyState.DONE, day, EARLIER
        elif drawn < 0.96:
            duty.state, duty.missed_reason = DutyState.MISSED, chance.choice(reasons)
        else:
            continue
        changed.append(duty)
        if duty.activity in ON_SITE and duty.owner_id is not None:
            hour, quarter = chance.choice((9, 10, 11, 14, 15, 16)), chance.choice((0, 30))
            visits.append(PlannedVisit(
                owner_id=duty.owner_id, institution_id=duty.institution_id, professional_id=duty.professional_id,
                duty=duty, activity=duty.activity, day=day, starts_at=time(hour, quarter),
                ends_at=time(hour, quarter + 25), origin=VisitOrigin.PLAN, missed_reason=duty.missed_reason,
                state=VisitState.DONE if is_done else VisitState.MISSED, done_on=day if is_done else None,
                reference=EARLIER if is_done else "", created_at=now, updated_at=now,
            ))  # fmt: skip
    with connection.cursor() as cursor:  # `bulk_update` takes four seconds for them
        cursor.executemany(
            "UPDATE planning_serviceduty SET state = %s, done_on = %s, reference = %s, missed_reason = %s WHERE id = %s",
            [(each.state, each.done_on, each.reference, each.missed_reason, each.pk) for each in changed],
        )
    PlannedVisit.unscoped.bulk_create(visits, batch_size=2000)


def _days(since: date, until: date) -> Iterator[date]:
    for number in range((until - since).days):
        yield since + timedelta(days=number)


def _plans(today: date, now: datetime) -> None:
    begins_on = today
    ends_on = until_of("quarter", begins_on)
    if (ends_on - begins_on).days < 45:
        ends_on = until_of("quarter", ends_on)
    for person in Person.unscoped.filter(username__in=PLANNERS).order_by("username"):
        plan = Plan.unscoped.create(
            owner=person, territory_id=person.holdings.values_list("position__territory_id", flat=True).first(),
            number=1, begins_on=begins_on, ends_on=ends_on, reason="季度计划", created_by=person, created_at=now,
            updated_at=now,
        )  # fmt: skip
        plan = plan_compute(plan.pk, seconds=PLANNERS[person.username])
        with transaction.atomic():
            put_in_force(plan, now)


def _goals(actor: Actor, today: date, now: datetime) -> None:
    """Give the first team a year that is broken down, what it rests on, and a review."""
    people = {person.username: person for person in Person.unscoped.filter(username__in=("rep111", "area11"))}
    district, area = (
        people[name].holdings.select_related("position__territory").get().position.territory
        for name in ("rep111", "area11")
    )
    year = date(today.year, 1, 1)
    do = {"actor": actor, "now": now}
    common = {"level": "year", "begins_on": year}
    visits = services.goal_create(
        **do, **common, territory=district, owner=people["rep111"], title="重点科室深度拜访覆盖江城片区", measure="visits",
        target=Decimal(960), source="company", basis="去年完成 840 次，今年新增两家三级医院", relevance="支撑心血管线全年学术覆盖目标",
    )  # fmt: skip
    on_time = services.goal_create(
        **do, **common, territory=district, owner=people["rep111"], title="服务任务按期完成", measure="duties", target=Decimal(90),
        source="personal", basis="上季度按期完成率 84%，每周一复盘逾期任务", relevance="个人晋升高级代表的能力要求",
    )  # fmt: skip
    purchases = services.goal_create(
        **do, **common, territory=area, title="安东区域全年采购额", measure="purchases", target=Decimal(36_000_000),
        source="company", basis="近 12 个月 3,300 万，两个品种新进国家集采", relevance="公司年度指标分解至区域",
    )  # fmt: skip
    services.goal_create(
        **do, **common, territory=area, title="降压药市场占有率", measure="share", target=Decimal(18), source="share",
        basis="上年公开数据 16.2%", relevance="",
    )  # fmt: skip
    for goal in (visits, purchases):
        for quarter in services.goal_decompose(**do, pk=goal.pk):
            if quarter.begins_on <= today < quarter.ends_on:
                services.goal_decompose(**do, pk=quarter.pk)
    for goal in (visits, on_time, purchases):
        if today < goal.ends_on:
            services.goal_finalize(**do, pk=goal.pk)
    for days, factor, text, effect, source, goal in (
        (
            20,
            "policy",
            "省级集采第九批执行，降压药两个品种中选",
            "中选品种以保供与临床证据为主，减少价格沟通",
            "省医保局公告",
            purchases,
        ),
        (
            45,
            "catalogue",
            "新版医保目录放宽原研降压药支付限制",
            "重新联系此前因限制未准入的三家医院",
            "国家医保目录",
            purchases,
        ),
        (12, "competitor", "竞品在江城市第一人民医院召开科室会", "提前安排心内科学术拜访", "拜访记录", visits),
        (80, "disease", "慢病门诊中高血压合并糖尿病患者占比升至 34%", "准备合并症用药证据", "医院年报", visits),
    ):
        services.note_create(
            **do, territory=area, factor=factor, noted_on=today - timedelta(days=days), text=text, effect=effect,
            source=source, goal=goal,
        )  # fmt: skip
    services.review_create(
        **do, owner=people["rep111"], level="month", begins_on=(today.replace(day=1) - timedelta(days=1)).replace(day=1),
        lessons="周一上午门诊多改约，三级医院下午接待更稳定；两位主任外出未提前核实。",
        next_steps="每周五核对下周门诊表；外出信息当天登记；把周一上午留给社区机构。",
    )  # fmt: skip
