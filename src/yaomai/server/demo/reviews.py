"""What the demo company's tiers moved by: signals of two months, changes that are proposed, a meeting that is open."""

import random
from datetime import date, datetime, timedelta

from yaomai.commerce.panels import first_month
from yaomai.customers.models import Institution
from yaomai.kit.access import Actor
from yaomai.organization.models import Territory
from yaomai.segmentation import services
from yaomai.segmentation.models import Subject, TierAssignment
from yaomai.server.demo import world

JUDGED = 60
PROPOSED = 8
RISEN = {"ordinary": "potential", "potential": "core", "core": "strategic", "strategic": "core"}
REASONS = ("新建院区明年开业", "连续三个月采购上升", "科主任更换，合作意愿增强", "竞品中标，份额下降", "医联体牵头单位")


def reviews_begin(*, actor: Actor, day: date, now: datetime) -> None:
    """Judge satisfaction and competitors twice, find the signals, propose a few changes, and open a meeting."""
    chance = random.Random(world.SEED + 5)  # noqa: S311 — an invented world, not a secret
    last = first_month(day, 1)
    held = TierAssignment.unscoped.filter(scheme="four_tiers", valid_to=None, institution__isnull=False)
    hospitals = list(
        held.filter(institution__kind=Institution.Kind.HOSPITAL)
        .select_related("institution")
        .order_by("institution__code")
    )
    for assessed_on, drift in ((last - timedelta(days=100), 0), (last + timedelta(days=12), 9)):
        rows = [
            (row.institution_id, attribute, min(100, max(0, round(chance.gauss(base + sign * drift, 14)))))
            for row in hospitals[:JUDGED]
            for attribute, base, sign in (("satisfaction", 68, -1), ("competitor_share", 35, 1))
            if row.institution_id is not None
        ]
        services.assessments_record(
            actor=actor,
            subject=Subject.INSTITUTION,
            rows=rows,
            source="季度满意度回访",
            assessed_on=assessed_on,
            now=now,
        )
    for month in (first_month(day, 2), last):
        services.signals_find(actor=actor, month=month, now=now)
    region = Territory.unscoped.filter(level=Territory.Level.REGION).order_by("pk")[0]
    mine = held.filter(
        institution__in=[row.institution_id for row in hospitals], institution__territory__path__startswith=region.path
    )
    for row in mine.order_by("institution__code")[:PROPOSED]:
        services.change_propose(
            actor=actor, subject=Subject.INSTITUTION, customer=row.institution_id, scheme="four_tiers",
            tier=RISEN[row.tier], reason=chance.choice(REASONS), now=now,
        )  # fmt: skip
    services.meeting_open(actor=actor, territory=region, held_on=day + timedelta(days=10), now=now)
