"""Plans: computed within hard limits, approved by another, in force; what breaks is said; disturbances move little."""

import time as clocks
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from django.utils import timezone

from yaomai.kit.access import Actor, Grant, acting
from yaomai.kit.approvals.models import Request
from yaomai.kit.errors import Conflict, Invalid, Missing
from yaomai.planning import checks, services
from yaomai.planning.models import Absence, Plan, PlanLine, PlannedVisit, Replan, ServiceDuty, VisitOrigin, WorkingTime
from yaomai.planning.services import plans
from yaomai.planning.services.owners import NotYours
from yaomai.planning.services.replanning import ReplanClosed

from .acts_examples import BOSS, NOW, TODAY, boss_of, doctor, duty, hospital, person, visit

pytestmark = pytest.mark.django_db
DO = {"actor": BOSS, "now": NOW}
ENTITIES = ("planning.plan", "planning.plannedvisit", "planning.serviceduty")


@pytest.fixture(autouse=True)
def _frozen() -> Any:
    import time_machine

    with time_machine.travel(NOW, tick=True):
        yield


def rep(somebody: Any, *extra: str) -> Actor:
    rights = {f"{entity}:{verb}" for entity in ENTITIES for verb in ("view", "create", "edit")}
    return Actor(somebody.pk, somebody.name, (Grant(frozenset({*rights, *extra})),))


def weekly(count: int = 4, *, weeks: int = 3, owner: Any = None) -> list[Any]:
    """Return duties to some doctors of two hospitals, one a week each."""
    places = [hospital("甲医院"), hospital("乙医院")]
    made = []
    for number in range(count):
        who = doctor(f"医生{number}", places[number % 2])
        for week in range(weeks):
            since = TODAY + timedelta(days=7 * week)
            made.append(duty(
                institution=who.institution, professional=who, activity="academic_visit", owner=owner or person(),
                window_from=since, window_to=since + timedelta(days=7),
            ))  # fmt: skip
    return made


def computed(*, days: int = 21, **fields: Any) -> Plan:
    plan = services.plan_create(**DO, begins_on=TODAY, ends_on=TODAY + timedelta(days=days), owner=person(), **fields)
    return services.plan_compute(plan.pk, seconds=1.0)


def in_force(**fields: Any) -> Plan:
    plan = computed(**fields)
    plans.put_in_force(plan, NOW)
    return plan


def test_a_plan_gives_every_duty_a_day_within_its_window() -> None:
    made = weekly()
    plan = computed()
    lines = list(PlanLine.unscoped.filter(plan=plan))
    assert plan.state == "draft" and plan.figures["placed"] == len(made) == len(lines) == 12 and plan.unplaced == []
    for line in lines:
        assert line.duty is not None and line.duty.window_from <= line.day < line.duty.window_to
        assert line.day.weekday() < 5 and line.day > TODAY and line.ends_at > line.starts_at


def test_clinics_leave_closed_hospitals_and_colleagues_are_hard_limits() -> None:
    first, second, third, fourth = weekly(weeks=1)
    times = {"source": "出诊表", "updated_at": NOW}
    WorkingTime.unscoped.create(institution=first.institution, professional=first.professional, weekday=3, half="pm", kind="clinic", **times)  # fmt: skip
    zone = timezone.get_current_timezone()
    stamps = {"created_at": NOW, "updated_at": NOW}
    Absence.unscoped.create(
        person=person(), kind="meeting", starts_at=datetime.combine(TODAY + timedelta(days=1), time(9), zone),
        ends_at=datetime.combine(TODAY + timedelta(days=1), time(17), zone), **stamps,
    )  # fmt: skip
    Absence.unscoped.create(
        institution=second.institution, professional=second.professional, kind="away",
        starts_at=datetime.combine(TODAY, time(0), zone), ends_at=datetime.combine(TODAY + timedelta(days=4), time(0), zone), **stamps,
    )  # fmt: skip
    visit(institution=third.institution, professional=third.professional, activity="academic_visit", day=TODAY + timedelta(days=2), owner=person("other", "曹若兰"))  # fmt: skip
    plan = computed()
    days = {line.duty_id: (line.day, line.starts_at >= time(13)) for line in PlanLine.unscoped.filter(plan=plan)}
    assert days[first.pk] == (TODAY + timedelta(days=2), True)  # Wednesday afternoon
    assert days[second.pk][0] == TODAY + timedelta(days=4)
    assert days[third.pk] != (TODAY + timedelta(days=2), False)
    assert fourth.pk in days and TODAY + timedelta(days=1) not in {day for day, _half in days.values()}


def test_what_cannot_fit_is_said_in_both_languages_with_what_would_help() -> None:
    made = weekly(2, weeks=1)
    for row in made:
        WorkingTime.unscoped.create(institution=row.institution, professional=row.professional, weekday=1, half="am", kind="clinic", updated_at=NOW)  # fmt: skip
    plan = computed()  # Monday is over: the plan begins tomorrow
    assert plan.figures["placed"] == 0 and set(plan.unplaced) == {row.pk for row in made}
    assert any("没有出诊" in line for line in plan.advice["zh"]) and any(
        "no clinic" in line for line in plan.advice["en"]
    )


def test_what_the_rule_book_forbids_is_not_planned() -> None:
    """A representative visits no hospital without a consent on file: the gate says so, the plan repeats it (E15)."""
    from yaomai.compliance.services import consent_create
    from yaomai.organization.models import Filing

    Filing.unscoped.create(person=person(), number="备1", product_scope="x", valid_from=date(2026, 1, 1))
    first, second = weekly(2, weeks=1)
    consent_create(
        **DO, institution=first.institution, document="同意函1", activities=["academic"], valid_from=date(2026, 1, 1)
    )
    plan = computed()
    assert [line.duty_id for line in PlanLine.unscoped.filter(plan=plan)] == [first.pk]
    assert plan.unplaced == [second.pk] and any("备案或机构同意" in line for line in plan.advice["zh"])


def test_approval_puts_a_plan_in_force_and_the_next_one_moves_what_differs() -> None:
    made = weekly()
    boss_of(person())
    plan = computed()
    mine = rep(person())
    services.plan_submit(actor=mine, pk=plan.pk, reason="三周计划", now=NOW)
    with pytest.raises(Conflict):
        services.plan_submit(actor=mine, pk=plan.pk, reason="再来一次", now=NOW)
    request = Request.unscoped.get(kind="planning.plan")
    assert plans.is_current(request)
    plans.approved(request, actor=BOSS, now=NOW)
    visits = list(PlannedVisit.unscoped.filter(owner=person()))
    assert len(visits) == len(made) and all(row.origin == VisitOrigin.PLAN for row in visits)
    by_hand = visit(institution=made[0].institution, day=TODAY + timedelta(days=3))
    ServiceDuty.unscoped.filter(pk=made[0].pk).update(state="waived")
    again = computed(reason="市场变化")
    plans.put_in_force(again, NOW)
    plan.refresh_from_db(), by_hand.refresh_from_db()
    assert (plan.state, again.state, by_hand.state) == ("replaced", "in_force", "planned")
    assert PlannedVisit.unscoped.get(duty=made[0]).state == "cancelled"
    assert PlanLine.unscoped.filter(plan=plan).count() == len(made)  # the original stays (E12)


def test_a_plan_in_force_is_what_the_calendar_says_and_done_visits_stay() -> None:
    made = weekly(weeks=1)
    in_force()
    done = PlannedVisit.unscoped.get(duty=made[0])
    services.fulfil(**DO, planned_or_duty=done, on=TODAY, reference="engagement.visit:1")
    plans.put_in_force(computed(), NOW)
    done.refresh_from_db()
    assert done.state == "done" and PlannedVisit.unscoped.filter(duty=made[0]).count() == 1


def test_what_is_planned_outside_the_period_keeps_its_day() -> None:
    (owed,) = weekly(1, weeks=1)
    planned = visit(
        institution=owed.institution, professional=owed.professional, activity="academic_visit", duty=owed.pk
    )
    plan = computed()  # from tomorrow; the visit is today
    assert plan.figures["duties"] == 0
    plans.put_in_force(plan, NOW)
    planned.refresh_from_db()
    assert (planned.state, planned.day) == ("planned", TODAY)


def test_a_window_of_days_off_is_said() -> None:
    friday = TODAY + timedelta(days=5)
    duty(window_from=friday, window_to=friday + timedelta(days=2))
    plan = computed()
    assert plan.figures["placed"] == 0 and any("休息日 4 个半天" in line for line in plan.advice["zh"])


def test_whose_plan_it_is() -> None:
    weekly(1)
    plan, theirs = computed(), person("other", "曹若兰")
    stranger = rep(theirs)
    for call in (
        lambda: services.plan_discard(actor=stranger, pk=plan.pk, now=NOW),
        lambda: services.plan_submit(actor=stranger, pk=plan.pk, reason="x", now=NOW),
        lambda: services.plan_create(actor=stranger, now=NOW, begins_on=TODAY, ends_on=TODAY + timedelta(days=9), owner=person()),
        lambda: services.replan_propose(actor=stranger, now=NOW, kind="ill", owner=person()),
    ):  # fmt: skip
        with pytest.raises(NotYours):
            call()
    nowhere = Actor(theirs.pk, "x", (Grant(frozenset({"planning.plan:view", "planning.plan:edit"}), frozenset()),))
    with pytest.raises(Missing):
        services.plan_discard(actor=nowhere, pk=plan.pk, now=NOW)
    with acting(nowhere):
        assert not Plan.objects.exists() and not PlanLine.objects.exists()
    plan.refresh_from_db()
    assert plan.state == "draft"


@pytest.mark.parametrize(
    ("begins", "ends"), [(-30, -1), (10, 10), (1, 400)], ids=["over", "empty", "longer than a year"]
)
def test_periods_that_cannot_be(begins: int, ends: int) -> None:
    with pytest.raises(Invalid):
        services.plan_create(**DO, begins_on=TODAY + timedelta(days=begins), ends_on=TODAY + timedelta(days=ends), owner=person())  # fmt: skip
    assert not Plan.unscoped.exists()


def test_one_plan_at_a_time_and_stopping_keeps_the_best_so_far() -> None:
    weekly()
    plan = services.plan_create(**DO, begins_on=TODAY, ends_on=TODAY + timedelta(days=21), owner=person())
    with pytest.raises(Invalid):
        services.plan_create(**DO, begins_on=TODAY, ends_on=TODAY + timedelta(days=21), owner=person())
    services.plan_stop(**DO, pk=plan.pk)
    begun = clocks.monotonic()
    plan = services.plan_compute(plan.pk, seconds=30)
    assert clocks.monotonic() - begun < 15 and plan.state == "draft" and plan.figures["placed"] == 12


def test_a_team_is_planned_one_by_one() -> None:
    team = [person(), person("other", "曹若兰")]
    first = services.plan_create(**DO, begins_on=TODAY, ends_on=TODAY + timedelta(days=9), owner=team[0])
    period = {"begins_on": TODAY, "ends_on": TODAY + timedelta(days=9), "owners": team}
    (second,) = services.plans_create(**DO, **period)
    assert [first.owner, second.owner] == team
    with pytest.raises(Invalid):
        services.plans_create(**DO, **period)
    with pytest.raises(Missing):
        services.plans_create(actor=rep(team[0]), now=NOW, **period)


def test_a_computation_that_fails_says_so() -> None:
    plan = services.plan_create(**DO, begins_on=TODAY, ends_on=TODAY + timedelta(days=9), owner=person())
    services.plan_failed(plan.pk, NOW)
    plan.refresh_from_db()
    assert plan.state == "failed"
    assert services.plan_discard(**DO, pk=plan.pk).state == "discarded"


# Moving by hand ----------------------------------------------------------------------------------------------------


def test_moving_says_what_breaks_and_takes_a_reason() -> None:
    owed = weekly(1, weeks=1)[0]
    planned = visit(
        institution=owed.institution, professional=owed.professional, activity="academic_visit", duty=owed.pk
    )
    WorkingTime.unscoped.create(institution=owed.institution, professional=owed.professional, weekday=3, half="pm", kind="clinic", updated_at=NOW)  # fmt: skip
    wednesday, saturday = TODAY + timedelta(days=2), TODAY + timedelta(days=5)
    found = checks.breaks(planned, [wednesday, saturday, TODAY + timedelta(days=8)], today=TODAY)
    assert found[wednesday, 1] == [] and len(found[wednesday, 0]) == 1 and len(found[saturday, 0]) == 2
    assert len(found[TODAY + timedelta(days=8), 0]) == 2  # outside the window, and no clinic
    with pytest.raises(Invalid) as error:
        services.visit_move(**DO, pk=planned.pk, day=wednesday, half="am")
    assert set(error.value.fields) == {"reason"}
    moved = services.visit_move(**DO, pk=planned.pk, day=wednesday, half="pm")
    assert (moved.day, moved.starts_at, moved.origin) == (wednesday, time(13, 30), VisitOrigin.BY_HAND)
    forced = services.visit_move(**DO, pk=planned.pk, day=wednesday, half="am", reason="主任当面约定")
    assert (forced.starts_at, forced.origin) == (time(8, 30), VisitOrigin.BY_HAND)


def test_the_first_free_time_of_a_half_day() -> None:
    owed = weekly(1, weeks=1)[0]
    day = TODAY + timedelta(days=1)
    for begins, ends in ((time(8, 30), time(9)), (time(9, 10), time(10))):
        visit(institution=owed.institution, day=day, starts_at=begins, ends_at=ends)
    planned = visit(
        institution=owed.institution, professional=owed.professional, activity="academic_visit", duty=owed.pk
    )
    assert checks.free_time(planned, day, 0, today=TODAY) == (time(10), time(10, 20))


# After a disturbance --------------------------------------------------------------------------------------------------


def test_a_visit_that_falls_out_finds_another_day_and_nothing_else_moves() -> None:
    weekly()
    in_force()
    first = PlannedVisit.unscoped.filter(state="planned").order_by("day", "starts_at").first()
    assert first is not None
    before = {row.pk: (row.day, row.starts_at) for row in PlannedVisit.unscoped.exclude(pk=first.pk)}
    proposal = services.replan_propose(**DO, kind="fell_out", visit=first.pk, owner=person(), horizon="quarter")
    first.refresh_from_db()
    assert [move["why"] for move in proposal.moves] == ["customer"] and proposal.figures["others"] == 0
    assert first.state == "planned"  # nothing changes before it is accepted
    services.replan_accept(**DO, pk=proposal.pk)
    moved = PlannedVisit.unscoped.get(pk=first.pk)
    assert (moved.day, moved.starts_at) != (first.day, first.starts_at) and moved.origin == VisitOrigin.REPLANNED
    assert {row.pk: (row.day, row.starts_at) for row in PlannedVisit.unscoped.exclude(pk=first.pk)} == before
    with pytest.raises(ReplanClosed):
        services.replan_accept(**DO, pk=proposal.pk)


def test_illness_moves_what_it_hits_or_lets_it_go() -> None:
    weekly(weeks=1)
    in_force()
    proposal = services.replan_propose(**DO, kind="ill", days=14, owner=person(), horizon="week", reason="流感")
    assert len(proposal.moves) == 4 and all(move["after"] is None for move in proposal.moves)
    services.replan_accept(**DO, pk=proposal.pk)
    assert set(PlannedVisit.unscoped.values_list("state", "note")) == {("cancelled", "流感")}
    assert not ServiceDuty.unscoped.exclude(state="open").exists()


def test_a_new_customer_gets_a_day() -> None:
    weekly(2)
    in_force()
    new = duty(institution=hospital("新医院"), activity="core_visit", window_to=TODAY + timedelta(days=7))
    proposal = services.replan_propose(**DO, kind="new_customer", owner=person())
    assert [(move["duty"], move["why"]) for move in proposal.moves] == [(new.pk, "new")]
    services.replan_accept(**DO, pk=proposal.pk)
    assert PlannedVisit.unscoped.get(duty=new).state == "planned"


def test_a_proposal_that_the_calendar_overtook_changes_nothing() -> None:
    weekly()
    in_force()
    first = PlannedVisit.unscoped.order_by("day", "starts_at")[0]
    proposal = services.replan_propose(**DO, kind="fell_out", visit=first.pk, owner=person(), horizon="quarter")
    PlannedVisit.unscoped.filter(pk=first.pk).update(day=first.day + timedelta(days=1))
    with pytest.raises(ReplanClosed):
        services.replan_accept(**DO, pk=proposal.pk)
    assert Replan.unscoped.get().state == "proposed"
    assert services.replan_dismiss(**DO, pk=proposal.pk).state == "dismissed"


@pytest.mark.parametrize(
    ("fields", "field"),
    [({"kind": "bored"}, "kind"), ({"kind": "ill", "horizon": "life"}, "horizon"), ({"kind": "ill", "days": 0}, "days"),
     ({"kind": "fell_out"}, "visit"), ({"kind": "fell_out", "visit": 99}, "visit")],
)  # fmt: skip
def test_disturbances_that_cannot_be(fields: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as error:
        services.replan_propose(**DO, owner=person(), **fields)
    assert field in error.value.fields


def test_the_feed_of_another_is_unknown(client: Any) -> None:
    from django.urls import reverse

    from yaomai.planning.models import CalendarFeed

    mine = rep(person())
    secret = services.feed_create(actor=mine, now=NOW)
    assert CalendarFeed.unscoped.get().digest != secret
    assert client.get(reverse("planning:feed_file", args=["x" * 32])).status_code == 404
    assert client.get(reverse("planning:feed_file", args=[secret])).status_code == 404  # holds no position any more
    services.feed_revoke(actor=mine, now=NOW)
    assert not CalendarFeed.unscoped.exists()
