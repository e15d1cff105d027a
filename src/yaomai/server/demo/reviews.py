"""What the demo company's tiers moved by: those of last quarter, signals, proposed changes, a meeting that is open."""

import random
from dataclasses import replace
from datetime import date, datetime, timedelta

from yaomai.commerce import selectors as purchases
from yaomai.commerce.panels import first_month
from yaomai.customers.models import Institution
from yaomai.engine.windows import window_starts
from yaomai.kit.access import Actor
from yaomai.organization.directory import holders
from yaomai.organization.models import Person, Territory
from yaomai.segmentation import services
from yaomai.segmentation.models import Subject, TierAssignment
from yaomai.server.demo import world

JUDGED = 60
PROPOSED = 8
UP = {"ordinary": "potential", "potential": "core", "core": "strategic"}
DOWN = {"strategic": "core", "core": "potential", "potential": "ordinary"}
RISES = ("新建院区明年开业，床位将增加三成", "科主任更换，合作意愿明显增强", "医联体牵头单位，带动下级医院用药")
FALLS = ("竞品中标，采购份额连续下降", "院内限量使用，短期难以恢复")
BEFORE = timedelta(days=92)


def last_quarter(*, actor: Actor, day: date, now: datetime) -> int:
    """Publish the tiers of the quarter before, so that today's tell who moved; return the run."""
    run = services.tiers_compute(actor=actor, as_of=day - BEFORE)
    services.tiers_publish(actor=actor, pk=run.pk, now=now - BEFORE)
    return run.pk


def reviews_begin(*, actor: Actor, day: date, now: datetime) -> None:
    """Judge satisfaction and competitors twice, find the signals, propose a few changes, and open a meeting.

    Called between the computation of today's run and its publication: what the run changes in the region stands on the
    agenda then.
    """
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
            actor=actor, subject=Subject.INSTITUTION, rows=rows, source="季度满意度回访", assessed_on=assessed_on, now=now,
        )  # fmt: skip
    services.signals_find(actor=actor, month=last, now=now)
    region = Territory.unscoped.filter(level=Territory.Level.REGION).order_by("pk")[0]
    mine = held.filter(
        institution__in=[row.institution_id for row in hospitals], institution__territory__path__startswith=region.path
    )
    chosen = list(mine.select_related("institution").order_by("institution__code")[:PROPOSED])
    pks = [row.institution_id for row in chosen if row.institution_id is not None]
    year, two = (purchases.amounts_of(pks, since=window_starts(day)[months]) for months in (12, 24))
    for row in chosen:
        has_grown = year.get(row.institution_id or 0, 0) * 2 >= two.get(row.institution_id or 0, 0)
        steps, reasons = (UP, RISES) if has_grown else (DOWN, FALLS)
        if row.tier in steps and row.institution is not None:
            managers = holders("area_manager", row.institution.territory_id, day)
            services.change_propose(
                actor=_as(actor, min(managers, default=None)), subject=Subject.INSTITUTION, customer=row.institution.pk,
                scheme="four_tiers", tier=steps[row.tier], reason=chance.choice(reasons), now=now,
            )  # fmt: skip
    director = min(holders("sales_director", None, day))
    services.meeting_open(actor=_as(actor, director), territory=region, held_on=day + timedelta(days=10), now=now)


def _as(actor: Actor, person: int | None) -> Actor:
    """Return the loader in somebody's name."""
    return actor if person is None else replace(actor, person_id=person, label=Person.unscoped.get(pk=person).name)
