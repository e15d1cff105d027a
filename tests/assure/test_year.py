"""A year of visits is planned in seconds, and a disturbance moves little of it."""

import time as clocks
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
import time_machine
from tests.planning.acts_examples import BOSS, NOW, TODAY, doctor, hospital, person

from yaomai.planning import problems, services
from yaomai.planning.models import PlannedVisit, ServiceDuty, WorkingTime
from yaomai.planning.services import plans

DO = {"actor": BOSS, "now": NOW}
SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩"


@pytest.mark.django_db
@time_machine.travel(NOW, tick=True)
def test_a_year_of_150_professionals_and_what_a_disturbance_moves(figure: Callable[[str, str], None]) -> None:
    """One rep, 150 professionals, 25 institutions, about 1,000 visits: ≤ 20 s, gap ≤ 3 %; replan ≤ 2 s, ≤ 10 % move."""
    places = [hospital(f"第{number}医院") for number in range(25)]
    people = [
        doctor(f"{SURNAMES[number % 10]}{SURNAMES[number // 10]}明", places[number % 25]) for number in range(150)
    ]
    owner, rows = person(), []
    for number, who in enumerate(people):
        every = (28, 60, 91)[number % 3]
        for start in range(1, 366, every):
            since = TODAY + timedelta(days=start)
            rows.append(ServiceDuty(
                owner=owner, institution_id=who.institution_id, professional=who, activity="academic_visit",
                window_from=since, window_to=min(since + timedelta(days=every), TODAY + timedelta(days=366)),
                scheme="visit_classes", tier=("key", "potential", "general")[number % 3], created_at=NOW, updated_at=NOW,
            ))  # fmt: skip
        for weekday, half in (((number + step) % 5 + 1, ("am", "pm")[(number + step) % 2]) for step in range(4)):
            WorkingTime.unscoped.create(institution_id=who.institution_id, professional=who, weekday=weekday, half=half, kind="clinic", updated_at=NOW)  # fmt: skip
    ServiceDuty.unscoped.bulk_create(rows)
    begun = clocks.monotonic()
    plan = services.plan_create(**DO, begins_on=TODAY, ends_on=TODAY + timedelta(days=366), owner=owner)
    plan = services.plan_compute(plan.pk)
    seconds = clocks.monotonic() - begun
    placed, duties, gap = (plan.figures[name] for name in ("placed", "duties", "gap"))
    laid = problems.lay(owner.pk, begins_on=plan.begins_on, ends_on=plan.ends_on, today=TODAY)
    plans.put_in_force(plan, NOW)
    first = PlannedVisit.unscoped.order_by("day", "starts_at")[40]
    begun = clocks.monotonic()
    proposal = services.replan_propose(
        **DO, kind="customer_away", days=5, visit=first.pk, owner=owner, horizon="quarter"
    )
    again = clocks.monotonic() - begun
    share = proposal.figures["share"]
    figure("plan of a year", f"{placed}/{duties} visits in {seconds:.1f} s, {gap:.2%} below the bound")
    figure("plan again", f"{again:.2f} s, {proposal.figures['forced']} forced, {share:.1%} of the others move")
    assert duties > 900 and placed / duties > 0.85 and gap <= 0.03
    assert seconds <= 30 and again <= 4, "twice the figure: the machine is shared"
    assert share <= 0.1 and replace(laid.problem).duties
