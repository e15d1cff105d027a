"""Duties and planned visits: whose they are, what carries them out, what takes that back, and why they were missed."""

from datetime import date, time, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from yaomai.customers.services import institution_merge, professional_merge
from yaomai.kit.access import Actor, Grant, acting
from yaomai.kit.errors import Invalid, Missing
from yaomai.organization.models import Filing
from yaomai.planning import selectors, services
from yaomai.planning.models import DutyOrigin, PlannedVisit, ServiceDuty
from yaomai.planning.services.duties import DutyClosed
from yaomai.planning.services.fulfilling import FulfilledOtherwise
from yaomai.planning.services.owners import NotYours
from yaomai.planning.services.visits import VisitClosed

from .acts_examples import BOSS, NOW, TODAY, doctor, duty, hospital, person, visit

pytestmark = pytest.mark.django_db
DO = {"actor": BOSS, "now": NOW}
REP = ("planning.plannedvisit", "planning.serviceduty")


def rep(somebody: Any, *, reach: frozenset[int] | None = None, extra: tuple[str, ...] = ()) -> Actor:
    """Return a person with a representative's rights."""
    rights = {f"{entity}:{verb}" for entity in REP for verb in ("view", "create", "edit")}
    rights |= {"customers.institution:view", "customers.professional:view", *extra}
    return Actor(somebody.pk, somebody.name, (Grant(frozenset(rights), reach),))


def test_a_report_carries_out_the_visit_and_its_duty_once_and_is_taken_back() -> None:
    owed = duty()
    planned = visit(institution=owed.institution, duty=owed.pk)
    for _again in range(2):
        services.fulfil(**DO, planned_or_duty=planned, on=TODAY, reference="engagement.visit:1")
    owed.refresh_from_db(), planned.refresh_from_db()
    assert [(row.state, row.done_on, row.reference) for row in (owed, planned)] == [
        ("done", TODAY, "engagement.visit:1")
    ] * 2
    with pytest.raises(FulfilledOtherwise):
        services.fulfil(**DO, planned_or_duty=planned, on=TODAY, reference="engagement.visit:2")
    services.unfulfil(**DO, planned_or_duty=planned, reference="engagement.visit:2")  # not the one that did it
    owed.refresh_from_db()
    assert owed.state == "done"
    services.unfulfil(**DO, planned_or_duty=planned, reference="engagement.visit:1")
    owed.refresh_from_db(), planned.refresh_from_db()
    assert (owed.state, owed.done_on, planned.state, planned.done_on) == ("open", None, "planned", None)


def test_a_report_on_the_duty_carries_out_the_visit_planned_for_it() -> None:
    owed = duty()
    planned = visit(institution=owed.institution, duty=owed.pk, day=TODAY + timedelta(days=3))
    services.fulfil(**DO, planned_or_duty=owed, on=TODAY, reference="engagement.visit:7")
    planned.refresh_from_db()
    assert (planned.state, planned.done_on) == ("done", TODAY)
    services.unfulfil(actor=BOSS, now=NOW + timedelta(days=9), planned_or_duty=owed, reference="engagement.visit:7")
    owed.refresh_from_db(), planned.refresh_from_db()
    assert (owed.state, planned.state) == ("open", "missed")  # its day is past by then


def test_a_second_visit_for_a_duty_is_refused() -> None:
    owed = duty()
    visit(institution=owed.institution, duty=owed.pk)
    with pytest.raises(Invalid):
        visit(institution=owed.institution, duty=owed.pk, day=TODAY + timedelta(days=1))
    with pytest.raises(Invalid):
        visit(institution=hospital("别家医院"), duty=owed.pk)


def test_a_visit_of_a_missed_duty_taken_back_beside_a_new_plan_counts_as_missed() -> None:
    owed = duty()
    planned = visit(institution=owed.institution, duty=owed.pk)
    services.fulfil(**DO, planned_or_duty=planned, on=TODAY, reference="engagement.visit:1")
    ServiceDuty.unscoped.filter(pk=owed.pk).update(state="open", done_on=None)
    visit(institution=owed.institution, duty=owed.pk, day=TODAY + timedelta(days=2))
    services.unfulfil(**DO, planned_or_duty=planned, reference="engagement.visit:1")
    planned.refresh_from_db()
    assert planned.state == "missed"


def test_times_days_and_workplaces_are_checked() -> None:
    for wrong, field in (
        ({"day": TODAY - timedelta(days=1)}, "day"),
        ({"starts_at": time(10), "ends_at": time(9)}, ""),
        ({"activity": "party"}, "activity"),
        ({"professional": doctor(institution=hospital("别家医院"))}, "professional"),
    ):
        with pytest.raises(Invalid) as error:
            visit(**wrong)
        assert field in error.value.fields, (wrong, error.value.fields)
    assert not PlannedVisit.unscoped.exists()


def test_colleagues_see_each_other_and_change_their_own_only() -> None:
    mine, theirs = person(), person("other", "曹若兰")
    planned, owed = visit(owner=theirs), duty(owner=theirs, institution=hospital("乙医院"))
    me = rep(mine)
    with acting(me):
        assert PlannedVisit.objects.count() == ServiceDuty.objects.count() == 1
    for call in (
        lambda: services.visit_update(actor=me, now=NOW, pk=planned.pk, changes={"objective": "x"}),
        lambda: services.visit_cancel(actor=me, now=NOW, pk=planned.pk, note="x"),
        lambda: services.visit_miss(actor=me, now=NOW, pk=planned.pk, reason="ill"),
        lambda: services.duty_update(actor=me, now=NOW, pk=owed.pk, changes={"task": "x"}),
        lambda: services.duty_miss(actor=me, now=NOW, pk=owed.pk, reason="ill"),
        lambda: services.visit_create(
            actor=me, now=NOW, institution=planned.institution, day=TODAY, activity="touch", owner=theirs
        ),
    ):
        with pytest.raises(NotYours):
            call()
    with pytest.raises(Missing):
        services.duty_waive(actor=me, now=NOW, pk=owed.pk, note="x")
    boss = rep(mine, extra=("planning.plannedvisit:manage", "planning.serviceduty:manage"))
    assert services.visit_update(actor=boss, now=NOW, pk=planned.pk, changes={"objective": "x"}).objective == "x"
    planned.refresh_from_db(), owed.refresh_from_db()
    assert (planned.state, owed.task) == ("planned", "")


def test_out_of_reach_is_missing_and_ones_own_stays_in_sight() -> None:
    mine = person()
    planned = visit(owner=person("other", "曹若兰"))
    nowhere = rep(mine, reach=frozenset())
    with pytest.raises(Missing):
        services.visit_update(actor=nowhere, now=NOW, pk=planned.pk, changes={"objective": "x"})
    with pytest.raises(Missing):
        services.visit_create(actor=nowhere, now=NOW, institution=planned.institution, day=TODAY, activity="touch")
    own = visit(owner=mine, institution=hospital("乙医院"))
    with acting(nowhere):
        assert [row.pk for row in PlannedVisit.objects.all()] == [own.pk]
        assert selectors.planned_today(mine.pk, on=TODAY) == [own]


def test_a_filed_rep_owes_nothing_about_sales() -> None:
    mine = person()
    Filing.unscoped.create(person=mine, number="备1", product_scope="心血管", valid_from=date(2026, 1, 1))
    for activity in ("sales_report", "needs_survey", "touch"):
        with pytest.raises(Invalid) as error:
            duty(activity=activity)
        assert "activity" in error.value.fields
        with pytest.raises(Invalid):
            visit(activity=activity)
    owed = duty(owner=person("other", "曹若兰"), activity="sales_report")
    with pytest.raises(Invalid):
        services.duty_update(**DO, pk=owed.pk, changes={"owner": mine})
    assert duty(activity="academic_visit", institution=hospital("乙医院")).owner == mine


def test_missed_needs_its_reason_and_another_reason_its_words() -> None:
    owed, planned = duty(), visit(institution=hospital("乙医院"))
    for service, row in ((services.duty_miss, owed), (services.visit_miss, planned)):
        for reason, note, field in (("", "", "reason"), ("bored", "", "reason"), ("other", " ", "note")):
            with pytest.raises(Invalid) as error:
                service(**DO, pk=row.pk, reason=reason, note=note)
            assert set(error.value.fields) == {field}
    services.duty_miss(**DO, pk=owed.pk, reason="surgery")
    services.visit_miss(**DO, pk=planned.pk, reason="other", note="暴雨")
    owed.refresh_from_db(), planned.refresh_from_db()
    assert (owed.state, owed.missed_reason, planned.state, planned.note) == ("missed", "surgery", "missed", "暴雨")
    with pytest.raises(DutyClosed):
        services.duty_update(**DO, pk=owed.pk, changes={"task": "x"})
    with pytest.raises(VisitClosed):
        services.visit_cancel(**DO, pk=planned.pk, note="x")
    with pytest.raises(Invalid):
        services.visit_miss(
            **DO, pk=visit(institution=hospital("丙医院"), day=TODAY + timedelta(days=1)).pk, reason="ill"
        )


def test_a_next_step_becomes_a_duty_of_its_own() -> None:
    owed = services.propose_duty(
        **DO, institution=hospital(), task="带儿童哮喘指南", owner=person(), reference="engagement.visit:3"
    )
    assert (owed.activity, owed.origin, owed.window_from, owed.due_on) == (
        "follow_up", "next_step", TODAY, TODAY + timedelta(days=27),
    )  # fmt: skip
    for wrong in ({"task": " "}, {"due_on": TODAY - timedelta(days=1)}):
        with pytest.raises(Invalid):
            services.propose_duty(
                **DO, **{"institution": owed.institution, "task": "x", "owner": person(), "reference": ""} | wrong
            )


def test_a_report_finds_what_it_carries_out() -> None:
    chen = doctor()
    place = chen.institution
    first = duty(institution=place, professional=chen, activity="academic_visit")
    duty(institution=place, professional=chen, activity="academic_visit", window_to=TODAY + timedelta(days=60))
    asked = {"owner": person().pk, "institution": place.pk, "professional": chen.pk, "on": TODAY}
    assert selectors.duty_for(**asked, activity="academic_visit") == first
    assert selectors.duty_for(**asked, activity="case_salon") is None
    planned = visit(institution=place, professional=chen, activity="case_salon")
    assert selectors.planned_for(**asked, activity="case_salon") == planned
    assert selectors.planned_for(**asked | {"professional": None}) is None


def test_the_window_of_a_tiers_duty_stays() -> None:
    owed = duty()
    ServiceDuty.unscoped.filter(pk=owed.pk).update(origin=DutyOrigin.CADENCE, scheme="four_tiers", tier="core")
    with pytest.raises(Invalid):
        services.duty_update(**DO, pk=owed.pk, changes={"window_to": TODAY + timedelta(days=90)})
    assert services.duty_update(**DO, pk=owed.pk, changes={"task": "x"}).task == "x"


def test_merged_customers_owe_each_duty_once() -> None:
    kept, gone = hospital("甲医院"), hospital("乙医院")
    rows = [
        duty(institution=place, window_to=TODAY + timedelta(days=length))
        for place in (kept, gone)
        for length in (14, 28)
    ]
    for number, row in enumerate(rows):
        ServiceDuty.unscoped.filter(pk=row.pk).update(
            origin=DutyOrigin.CADENCE, scheme="four_tiers", tier="core", window_from=TODAY + timedelta(days=number % 3)
        )
    planned = visit(institution=gone)
    institution_merge(**DO, winner=kept.pk, loser=gone.pk)
    planned.refresh_from_db()
    windows = list(ServiceDuty.unscoped.filter(institution=kept).values_list("window_from", flat=True))
    assert len(windows) == len(set(windows)) == 3 and planned.institution == kept
    first, second = doctor("陈明", kept), doctor("陈明", kept)
    moved = duty(institution=kept, professional=second, activity="callback")
    professional_merge(**DO, winner=first.pk, loser=second.pk)
    moved.refresh_from_db()
    assert moved.professional == first


def test_the_database_keeps_a_cadence_once_per_window() -> None:
    owed = duty()
    ServiceDuty.unscoped.filter(pk=owed.pk).update(origin=DutyOrigin.CADENCE, scheme="four_tiers")
    owed.refresh_from_db()
    owed.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        owed.save(force_insert=True)
