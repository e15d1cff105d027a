"""Who decides at the demo company's hospitals, and how far its products are on their way in."""

import random
from collections.abc import Iterator
from datetime import date, datetime, timedelta

from yaomai.catalog.models import Product
from yaomai.customers.models import Institution, Professional
from yaomai.kit.access import Actor
from yaomai.listing import services
from yaomai.listing.models import Committee, Process, Seat, Stage, Stance, Voice
from yaomai.server.demo import world

HOSPITALS = 24
SEATS = (Seat.Role.CHAIR, Seat.Role.VICE_CHAIR, Seat.Role.SECRETARY, Seat.Role.MEMBER, Seat.Role.MEMBER)
HELD = ("pharmacy", "purchasing", "insurance")
BLOCKERS = ("缺少医保编码证明", "同类品种已有三个", "等待科室提交申请", "配送商未确定", "药事会延期")
DOUBTS = ("担心老年患者低血压", "希望看到更多真实世界证据", "关注供应稳定", "日均费用偏高")
USUAL_DAYS = {"application": 18, "department": 28, "pharmacy": 32, "committee": 65, "purchasing": 25, "insurance": 20}


def decisions_record(*, actor: Actor, now: datetime) -> None:
    """Record committees, stage holders, and processes that are through, on their way, and stuck."""
    chance = random.Random(world.SEED + 2)  # noqa: S311 — an invented world, not a secret
    products = list(Product.unscoped.order_by("code")[:6])
    hospitals = Institution.unscoped.filter(kind=Institution.Kind.HOSPITAL, grade__in=("3A", "3B")).order_by("code")
    for hospital in hospitals[:HOSPITALS]:
        people = list(Professional.unscoped.filter(institution=hospital).order_by("code")[: len(SEATS) + len(HELD)])
        if len(people) < len(SEATS):
            continue
        _committee(actor, now, chance, hospital, people)
        for product in chance.sample(products, 3):
            _process(actor, now, chance, hospital, product, people)


def _committee(
    actor: Actor, now: datetime, chance: random.Random, hospital: Institution, people: list[Professional]
) -> None:
    rhythm = chance.choice((Committee.Rhythm.QUARTERLY, Committee.Rhythm.HALF_YEARLY))
    committee = services.committee_create(
        actor=actor, now=now, institution=hospital, source="医院公示", rhythm=rhythm,
        next_meeting_on=now.date() + timedelta(days=chance.randint(5, 120)),
    )  # fmt: skip
    since = now.date() - timedelta(days=700)
    for role, person in zip(SEATS, people, strict=False):
        voice = Voice.DECISIVE if role == Seat.Role.CHAIR else chance.choice((Voice.STRONG, Voice.ORDINARY))
        services.seat_start(
            actor=actor, now=now, committee=committee.pk, professional=person, role=role, voice=voice,
            valid_from=since, source="医院公示",
        )  # fmt: skip
    for stage, person in zip(HELD, people[len(SEATS) :], strict=False):
        services.holder_start(
            actor=actor,
            now=now,
            institution=hospital,
            professional=person,
            stage=stage,
            valid_from=since,
            source="拜访",
        )


def _process(
    actor: Actor,
    now: datetime,
    chance: random.Random,
    hospital: Institution,
    product: Product,
    people: list[Professional],
) -> None:
    today = now.date()
    reached = chance.choice((1, 2, 3, 3, 4, 5, 6, 6))
    days = list(_days(chance, reached, today))
    process = services.process_create(actor=actor, now=now, institution=hospital, product=product, opened_on=days[0])
    for stage, on in zip(Stage.values[1:reached], days[1:], strict=False):
        services.process_move(actor=actor, now=now, pk=process.pk, stage=stage, on=on)
    for person in chance.sample(people[: len(SEATS)], 2):
        value = chance.choice((Stance.Value.SUPPORTS, Stance.Value.SUPPORTS, Stance.Value.NEUTRAL, Stance.Value.DOUBTS))
        services.stance_record(
            actor=actor, now=now, process=process.pk, professional=person, value=value, source="拜访",
            reason=chance.choice(DOUBTS) if value == Stance.Value.DOUBTS else "", recorded_on=days[-1],
        )  # fmt: skip
    _end(actor, now, chance, process, reached)


def _days(chance: random.Random, reached: int, today: date) -> Iterator[date]:
    """Yield the day on which each stage was reached; the last one ends today or goes on."""
    lasted = [max(3, round(USUAL_DAYS[stage] * chance.uniform(0.6, 1.7))) for stage in Stage.values[:reached]]
    day = today - timedelta(days=sum(lasted))
    for days in lasted:
        yield day
        day += timedelta(days=days)


def _end(actor: Actor, now: datetime, chance: random.Random, process: Process, reached: int) -> None:
    if reached == len(Stage.values):
        services.process_close(actor=actor, now=now, pk=process.pk, outcome=Process.Outcome.LISTED, on=now.date())
    elif chance.random() < 0.4:
        services.process_update(actor=actor, now=now, pk=process.pk, changes={"blocker": chance.choice(BLOCKERS)})
