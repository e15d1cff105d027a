"""Tiers that stay alive: signals, proposed changes, meetings, approvals, and history that nobody changes."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.utils import DatabaseError
from django.test.utils import CaptureQueriesContext

from yaomai.customers.models import TypeMark
from yaomai.kit.access import Actor, Grant, acting, system_actor
from yaomai.kit.approvals.models import Request
from yaomai.kit.audit.models import Entry
from yaomai.kit.errors import Invalid, Missing
from yaomai.kit.inbox.models import Nudge
from yaomai.segmentation import selectors, services
from yaomai.segmentation.minutes import document
from yaomai.segmentation.models import Assessment, TierAssignment, TierChange, TierMeeting, TierSignal, TypeProposal
from yaomai.segmentation.services import changes, meetings, signals, telling, type_proposals

from .conftest import NOW, TODAY, Market

BOSS = system_actor("test", "review")
RIGHTS = frozenset(
    {
        "customers.institution:view", "customers.professional:view", "customers.professional:edit",
        "organization.territory:view", "segmentation.tier:view", "segmentation.change:view",
        "segmentation.change:propose", "segmentation.change:approve", "segmentation.meeting:view",
        "segmentation.meeting:create", "segmentation.meeting:edit", "segmentation.meeting:publish",
        "segmentation.signal:review", "segmentation.typeproposal:view", "segmentation.typeproposal:approve",
        "commerce.salesline:view",
    }
)  # fmt: skip


def person(name: str, *territories: int, rights: frozenset[str] = RIGHTS) -> Actor:
    """Make somebody with every right of the review, in the company or in some territories."""
    from yaomai.organization.models import Person

    row = Person.unscoped.create(username=name, name=name)
    return Actor(row.pk, name, (Grant(rights, frozenset(territories) if territories else None),))


@pytest.fixture
def east(db: None) -> dict[str, Any]:
    """Two hospitals in the east and one in the west, with tiers of a run in force in which the first would rise."""
    from yaomai.customers.services import institution_create
    from yaomai.organization.models import Territory

    def territory(code: str) -> Any:
        row = Territory.unscoped.create(code=code, name=code, level="region", path="", valid_from=date(2020, 1, 1))
        row.path = f"/{row.pk}/"
        row.save(update_fields=["path"])
        return row

    made: dict[str, Any] = {"east": territory("east"), "west": territory("west")}
    with acting(BOSS):
        for name, place in (("甲州医院", "east"), ("乙州医院", "east"), ("丙州医院", "west")):
            made[name] = institution_create(actor=BOSS, now=NOW, name=f"江城市{name}", territory=made[place])
            TierAssignment.unscoped.create(
                scheme="four_tiers", tier="potential", institution=made[name], run=_run(), valid_from=date(2026, 1, 1)
            )
    return made


def _run() -> Any:
    from yaomai.kit.runs.services import run_finish, run_start
    from yaomai.segmentation import KIND

    run, _is_new = run_start(
        actor=BOSS, kind=KIND, parameters={}, as_of=TODAY, inputs={}, policies={}, engine_version="1", now=NOW
    )
    return run if run.state == "finished" else run_finish(actor=BOSS, pk=run.pk, result={"subjects": {}}, now=NOW)


def propose(who: Actor, hospital: Any, *, tier: str = "core", **said: Any) -> TierChange:
    made: TierChange = services.change_propose(
        actor=who, subject="institution", customer=hospital.pk, scheme="four_tiers", tier=tier, reason="新建院区",
        now=NOW, **said,
    )  # fmt: skip
    return made


def held(hospital: Any) -> list[tuple[str, date, date | None]]:
    rows = TierAssignment.unscoped.filter(institution=hospital, scheme="four_tiers").order_by("pk")
    return [(row.tier, row.valid_from, row.valid_to) for row in rows]


# The meeting ------------------------------------------------------------------------------------------------------


def opened(east: dict[str, Any]) -> tuple[Actor, Actor, TierMeeting, TierChange, TierChange]:
    ann, bob = person("ann"), person("bob")
    with acting(ann):
        first, second = propose(ann, east["甲州医院"]), propose(ann, east["乙州医院"], tier="ordinary")
        propose(ann, east["丙州医院"])
        meeting = services.meeting_open(actor=ann, territory=east["east"], held_on=TODAY, now=NOW)
    return ann, bob, meeting, first, second


def test_the_agenda_is_what_was_proposed_in_the_territory(east: dict[str, Any]) -> None:
    _ann, _bob, meeting, first, second = opened(east)
    assert set(TierChange.unscoped.filter(meeting=meeting)) == {first, second}
    assert meeting.quarter == "2026-Q4"


def test_what_is_proposed_while_a_meeting_is_open_comes_onto_its_agenda(east: dict[str, Any]) -> None:
    ann, bob, meeting, first, second = opened(east)
    with acting(ann):
        services.change_withdraw(actor=ann, pk=first.pk, now=NOW)
        again = propose(ann, east["甲州医院"], tier="strategic")
        far = TierChange.unscoped.get(institution=east["丙州医院"])
    assert set(TierChange.unscoped.filter(meeting=meeting)) == {again, second}
    assert far.meeting is None, "another territory"
    with acting(bob):
        assert (
            services.changes_decide(
                actor=bob, meeting=meeting.pk, pks=[again.pk, second.pk], accept=False, reason="再看", now=NOW
            )
            == 2
        )
        services.meeting_update(actor=bob, pk=meeting.pk, minutes="已评审", now=NOW)
        services.meeting_close(actor=bob, pk=meeting.pk, now=NOW)
    with acting(ann):
        assert propose(ann, east["甲州医院"]).meeting is None, "closed: the next one decides"


def test_of_two_who_propose_at_once_the_second_is_told(east: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    ann, bob = person("ann"), person("bob")
    service_of = changes.service_of

    def meanwhile(*given: Any) -> Any:
        monkeypatch.setattr(changes, "service_of", service_of)
        with acting(bob):
            propose(bob, east["甲州医院"], tier="strategic")
        return service_of(*given)

    monkeypatch.setattr(changes, "service_of", meanwhile)
    with acting(ann), pytest.raises(changes.ChangeWaits):
        propose(ann, east["甲州医院"])


def test_who_decides_waits_for_a_meeting_that_is_being_closed(east: dict[str, Any]) -> None:
    _ann, bob, meeting, first, _second = opened(east)
    with acting(bob), CaptureQueriesContext(connection) as asked:
        services.changes_decide(actor=bob, meeting=meeting.pk, pks=[first.pk], accept=True, reason="增长快", now=NOW)
    locks = [each["sql"] for each in asked if "FOR UPDATE" in each["sql"]]
    assert 'FROM "segmentation_tiermeeting"' in locks[0], "as closing it does, before any change"


def test_a_meeting_decides_takes_effect_and_is_frozen(east: dict[str, Any]) -> None:
    ann, bob, meeting, first, second = opened(east)
    with acting(ann), pytest.raises(changes.OwnProposal):
        services.changes_decide(actor=ann, meeting=meeting.pk, pks=[first.pk], accept=True, reason="x", now=NOW)
    with acting(bob):
        services.meeting_update(actor=bob, pk=meeting.pk, minutes="会上逐项讨论", now=NOW)
        with pytest.raises(meetings.Undecided):
            services.meeting_close(actor=bob, pk=meeting.pk, now=NOW)
        with pytest.raises(Invalid):
            services.changes_decide(actor=bob, meeting=meeting.pk, pks=[first.pk], accept=True, reason=" ", now=NOW)
        services.changes_decide(actor=bob, meeting=meeting.pk, pks=[first.pk], accept=True, reason="增长快", now=NOW)
        services.changes_decide(actor=bob, meeting=meeting.pk, pks=[second.pk], accept=False, reason="再看", now=NOW)
    assert held(east["甲州医院"]) == [("potential", date(2026, 1, 1), None)], "not before the meeting is closed"
    told = Entry.unscoped.filter(code="segmentation.change:decide", outcome="done").order_by("pk")
    assert [json.loads(entry.content)["changes"]["customers"][1] for entry in told] == [
        "江城市甲州医院", "江城市乙州医院",
    ]  # fmt: skip
    with acting(ann), pytest.raises(meetings.OwnMeeting):
        services.meeting_close(actor=ann, pk=meeting.pk, now=NOW)
    with acting(bob):
        closed = services.meeting_close(actor=bob, pk=meeting.pk, now=NOW)
        on_day = selectors.tiers_on("institution", east["甲州医院"].pk, TODAY - timedelta(days=1))
        printed = document(closed, bob)
    assert held(east["甲州医院"]) == [("potential", date(2026, 1, 1), TODAY), ("core", TODAY, None)]
    assert held(east["乙州医院"]) == [("potential", date(2026, 1, 1), None)]
    told = Nudge.unscoped.filter(kind="segmentation.answered").order_by("pk")
    assert [(row.owner_id, row.target_label, row.reason["params"]["decision"]) for row in told] == [
        (ann.person_id, "江城市甲州医院", "增长快"), (ann.person_id, "江城市乙州医院", "再看"),
    ]  # fmt: skip
    assert on_day["four_tiers"].tier == "potential"
    record = closed.record
    assert [(line["tier"], line["state"], line["decision"]) for line in record["changes"]] == [
        ("核心客户", "accepted", "增长快"), ("普通客户", "rejected", "再看"),
    ]  # fmt: skip
    assert record["changes"][0]["service"]["contacts"] == 26
    assert meetings.digest_of(record) == closed.digest
    assert printed.made_at == NOW
    for row, change in ((closed, {"minutes": "别的"}), (first, {"decision": "别的"})):
        with pytest.raises(DatabaseError), transaction.atomic():
            type(row).unscoped.filter(pk=row.pk).update(**change)  # type: ignore[attr-defined]
    with pytest.raises(DatabaseError), transaction.atomic():
        TierAssignment.unscoped.filter(institution=east["甲州医院"], valid_to=TODAY).update(tier="strategic")
    with pytest.raises(DatabaseError), transaction.atomic():
        TierAssignment.unscoped.filter(institution=east["甲州医院"], valid_to=TODAY).delete()


def test_what_is_on_the_agenda_no_run_changes_and_what_is_rejected_is_held_against_it(
    market: Market, compute: Callable[..., Any]
) -> None:
    first = compute()
    hospital = market.institutions[-1]
    before = held(hospital)
    ann, bob = person("ann"), person("bob")
    with acting(market.actor):
        run = services.tiers_compute(actor=market.actor, as_of=TODAY - timedelta(days=1))
        meeting = TierMeeting.unscoped.create(
            territory=market.west, held_on=TODAY, quarter="2026-Q4", minutes="已评审", created_at=NOW, updated_at=NOW
        )
        change = TierChange.unscoped.create(
            scheme="four_tiers", institution=hospital, tier_before=before[-1][0], tier="core", source="run", run=run,
            reason=str(run), meeting=meeting, proposed_at=NOW,
        )  # fmt: skip
        # What a run would do to it: another tier than the one that stands.
        TierAssignment.unscoped.filter(institution=hospital, scheme="four_tiers").update(tier="strategic")
        TierChange.unscoped.filter(pk=change.pk).update(tier_before="strategic")
        services.tiers_publish(actor=market.actor, pk=run.pk, now=NOW, instead_of=first.pk)
    assert held(hospital)[-1] == ("strategic", TODAY, None), "the meeting decides"
    with acting(bob):
        services.changes_decide(actor=bob, meeting=meeting.pk, pks=[change.pk], accept=False, reason="再看", now=NOW)
    with acting(ann):
        services.meeting_close(actor=ann, pk=meeting.pk, now=NOW)
    row = TierAssignment.unscoped.get(institution=hospital, scheme="four_tiers", valid_to=None)
    assert (row.tier, row.held_until) == ("strategic", date(2027, 2, 21))
    with acting(market.actor):
        assert services.tiers_return(actor=market.actor, now=NOW) == 0
        assert services.tiers_return(actor=market.actor, now=NOW + timedelta(days=93)) == 1
    assert held(hospital)[-1][0] == before[-1][0], "then the run has its way"


def test_the_newest_run_that_waits_gives_the_agenda_the_best_ranks_first(
    market: Market, compute: Callable[..., Any]
) -> None:
    compute()
    with acting(market.actor):
        run = services.tiers_compute(actor=market.actor, as_of=TODAY - timedelta(days=1))
        east = [row.pk for row in market.institutions[:10]]
        rows = TierAssignment.unscoped.filter(scheme="four_tiers", institution__in=east)
        given = dict(rows.values_list("institution_id", "tier"))
        moved = [east[4], east[1]]
        rows.filter(institution__in=moved).update(tier="none")
        TierAssignment.unscoped.filter(institution=market.institutions[15], scheme="four_tiers").update(tier="none")
        meeting = services.meeting_open(actor=market.actor, territory=market.east, held_on=TODAY, now=NOW)
    found = TierChange.unscoped.filter(meeting=meeting).order_by("pk")
    assert [(row.institution_id, row.tier_before, row.tier, row.run_id) for row in found] == [
        (pk, "none", given[pk], run.pk) for pk in (east[1], east[4])
    ]


def test_a_meeting_without_minutes_stays_open(east: dict[str, Any]) -> None:
    _ann, bob, meeting, first, second = opened(east)
    with acting(bob):
        services.changes_decide(
            actor=bob, meeting=meeting.pk, pks=[first.pk, second.pk], accept=False, reason="再看", now=NOW
        )
        with pytest.raises(Invalid) as caught:
            services.meeting_close(actor=bob, pk=meeting.pk, now=NOW)
    assert list(caught.value.fields) == ["minutes"]


def test_one_meeting_a_quarter_and_territory(east: dict[str, Any]) -> None:
    ann, _bob, _meeting, _first, _second = opened(east)
    with acting(ann):
        with pytest.raises(Invalid):
            services.meeting_open(actor=ann, territory=east["east"], held_on=TODAY, now=NOW)
        assert services.meeting_open(actor=ann, territory=east["west"], held_on=TODAY, now=NOW).pk


def test_who_sees_one_territory_decides_there_only(east: dict[str, Any]) -> None:
    _ann, _bob, meeting, first, _second = opened(east)
    west = person("west", east["west"].pk)
    with acting(west):
        with pytest.raises(Missing):
            services.changes_decide(actor=west, meeting=meeting.pk, pks=[first.pk], accept=True, reason="x", now=NOW)
        with pytest.raises(Missing):
            propose(west, east["甲州医院"])
        assert not TierMeeting.objects.exists()


# Proposals --------------------------------------------------------------------------------------------------------


def test_a_proposal_says_what_is_wrong(east: dict[str, Any]) -> None:
    ann = person("ann")
    with acting(ann):
        for tier in ("potential", "best", ""):
            with pytest.raises(Invalid) as caught:
                propose(ann, east["甲州医院"], tier=tier)
            assert list(caught.value.fields) == ["tier"]
        propose(ann, east["甲州医院"])
        with pytest.raises(changes.ChangeWaits):
            propose(ann, east["甲州医院"], tier="strategic")
        with pytest.raises(Missing):
            services.change_propose(
                actor=ann,
                subject="institution",
                customer=east["甲州医院"].pk,
                scheme="none",
                tier="a",
                reason="x",
                now=NOW,
            )


def test_a_fast_upgrade_is_approved_with_its_resources_and_returns_on_time(
    east: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    from yaomai.kit.approvals import requests

    ann, bob = person("ann"), person("bob")
    monkeypatch.setattr(requests, "deciders", lambda *_args: frozenset({bob.person_id}))
    monkeypatch.setattr(telling, "holders", lambda role, _territory, _on: frozenset({bob.person_id}) if role else None)
    with acting(ann):
        change = propose(ann, east["甲州医院"], is_fast=True)
    request = Request.unscoped.get(kind="segmentation.change")
    facts = {str(fact["label"]): (fact["before"], fact["value"]) for fact in request.facts}
    assert ("52", "26") in facts.values(), "contacts a year, before and after"
    assert ("¥10,000", "¥24,000") in facts.values(), "the budget as people write it"
    assert request.territory_id == east["east"].pk
    assert held(east["甲州医院"]) == [("potential", date(2026, 1, 1), None)]
    with acting(bob):
        changes.approved(request, actor=replace(bob, is_system=True, reason="approval"), now=NOW)
    change.refresh_from_db()
    assert (change.state, change.effective_on, change.held_until) == ("accepted", TODAY, date(2027, 2, 21))
    assert change.service["owner_role"] == "area_manager"
    assert held(east["甲州医院"])[-1] == ("core", TODAY, None)
    told = Nudge.unscoped.get(kind="segmentation.owed")
    assert (told.owner_id, told.target_label, told.url) == (
        bob.person_id, "江城市甲州医院", f"/segmentation/changes/{change.pk}/",
    )  # fmt: skip
    later = NOW + timedelta(days=200)
    with acting(BOSS):
        assert services.tiers_return(actor=BOSS, now=NOW) == 0
        monkeypatch.setattr(changes, "run_in_force", lambda _kind: _run())
        monkeypatch.setattr(changes, "_tiers", lambda *_key: {east["甲州医院"].pk: "potential"})
        assert services.tiers_return(actor=BOSS, now=later) == 1
    assert held(east["甲州医院"])[-1] == ("potential", later.date(), None)


def test_a_rejected_upgrade_changes_nothing(east: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    from yaomai.kit.approvals import requests

    ann, bob = person("ann"), person("bob")
    monkeypatch.setattr(requests, "deciders", lambda *_args: frozenset({bob.person_id}))
    with acting(ann):
        change = propose(ann, east["甲州医院"], is_fast=True)
        changes.rejected(Request.unscoped.get(), actor=bob, now=NOW)
        change.refresh_from_db()
        assert change.state == "rejected"
        assert held(east["甲州医院"]) == [("potential", date(2026, 1, 1), None)]
        assert propose(ann, east["甲州医院"]).pk, "it can be proposed again"


def test_a_run_that_gives_another_tier_ends_what_nobody_decided(
    market: Market, compute: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    from yaomai.kit.approvals import requests

    first = compute()
    ann = person("ann")
    monkeypatch.setattr(requests, "deciders", lambda *_args: frozenset({0}))
    with acting(ann):
        change, fast = propose(ann, market.institutions[-1]), propose(ann, market.institutions[-2], is_fast=True)
    TierAssignment.unscoped.filter(scheme="four_tiers").update(tier="strategic")
    TierChange.unscoped.filter(pk__in=[change.pk, fast.pk]).update(tier_before="strategic")
    with acting(market.actor):
        again = services.tiers_compute(actor=market.actor, as_of=TODAY - timedelta(days=1))
        services.tiers_publish(actor=market.actor, pk=again.pk, now=NOW, instead_of=first.pk)
    assert set(TierChange.unscoped.values_list("state", "closed_at")) == {("overtaken", NOW)}
    assert Request.unscoped.get().state == Request.State.WITHDRAWN


def test_only_whoever_proposed_withdraws_while_nobody_has_decided(east: dict[str, Any]) -> None:
    ann, bob, meeting, first, second = opened(east)
    with acting(bob):
        with pytest.raises(changes.NotYours):
            services.change_withdraw(actor=bob, pk=first.pk, now=NOW)
        services.changes_decide(actor=bob, meeting=meeting.pk, pks=[second.pk], accept=True, reason="一致", now=NOW)
    with acting(ann):
        services.change_withdraw(actor=ann, pk=first.pk, now=NOW)
        with pytest.raises(changes.ChangeDecided):
            services.change_withdraw(actor=ann, pk=second.pk, now=NOW)
    first.refresh_from_db()
    assert (first.state, first.meeting_id, first.closed_at) == ("withdrawn", None, NOW)
    assert list(TierChange.unscoped.filter(meeting=meeting)) == [second]


def test_a_run_does_not_change_a_decided_tier(market: Market, compute: Callable[..., Any]) -> None:
    first = compute()
    hospital = market.institutions[-1]
    with acting(market.actor):
        change = propose(market.actor, hospital)
        with transaction.atomic():
            changes.take_effect(change, NOW)
    assert held(hospital)[-1] == ("core", TODAY, None)
    with acting(market.actor):
        again = services.tiers_compute(actor=market.actor, as_of=TODAY - timedelta(days=1))
        services.tiers_publish(actor=market.actor, pk=again.pk, now=NOW, instead_of=first.pk)
    assert held(hospital)[-1] == ("core", TODAY, None)


# Signals ----------------------------------------------------------------------------------------------------------


def test_movers_are_found_ranked_by_money_and_reviewed_once(
    market: Market, sell: Callable[[dict[int, int]], None]
) -> None:
    sell({0: 20_000, 5: 9_000, 7: 3_000})
    month = date(2026, 11, 1)
    with acting(market.actor):
        assert services.signals_find(actor=market.actor, month=month, now=NOW) == 2
        assert services.signals_find(actor=market.actor, month=month, now=NOW) == 2, "again it is the same two"
        rows = list(TierSignal.objects.order_by("-money"))
        # 20,000 against 2,000 a month on average, and 9,000 against 1,500: the difference for twelve months.
        assert [(row.institution_id, row.kind, row.before, row.after, row.money) for row in rows] == [
            (market.institutions[0].pk, "purchases_rose", Decimal(2000), Decimal(20000), Decimal(216_000)),
            (market.institutions[5].pk, "purchases_rose", Decimal(1500), Decimal(9000), Decimal(90_000)),
        ]
        with pytest.raises(Invalid):
            services.signals_dismiss(actor=market.actor, pks=[rows[0].pk], now=NOW)
        services.signals_dismiss(actor=market.actor, pks=[rows[0].pk], note="一次性备货", now=NOW)
        with pytest.raises(signals.SignalSettled):
            services.signals_review(actor=market.actor, pks=[rows[0].pk], now=NOW)
        services.signals_find(actor=market.actor, month=month, now=NOW)
        assert TierSignal.objects.get(pk=rows[0].pk).state == "dismissed"


def test_competitors_and_satisfaction_make_signals_from_dated_assessments(
    east: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    hospital = east["甲州医院"]
    bought = signals.Purchases(Decimal(0), Decimal(0), Decimal(0), Decimal(120_000))
    monkeypatch.setattr(signals, "purchases_of_month", lambda _month: {hospital.pk: bought})
    with acting(BOSS):
        for attribute, values in (("competitor_share", (20, 45)), ("satisfaction", (80, 75))):
            for value, day in zip(values, (date(2026, 8, 1), date(2026, 11, 5)), strict=True):
                services.assessment_record(
                    actor=BOSS, subject="institution", customer=hospital.pk, attribute=attribute, value=value,
                    source="省招标公示", assessed_on=day, now=NOW,
                )  # fmt: skip
        services.signals_find(actor=BOSS, month=date(2026, 11, 1), now=NOW)
    assert [(row.kind, row.before, row.after, row.money) for row in TierSignal.unscoped.all()] == [
        ("competitor_rose", 20, 45, 30_000)
    ]
    assert Assessment.unscoped.filter(attribute="competitor_share").count() == 2


def signal(hospital: Any, **values: Any) -> TierSignal:
    return TierSignal.unscoped.create(
        **{"institution": hospital, "month": date(2026, 10, 1), "kind": "purchases_rose", "before": 10_000,
           "after": 30_000, "money": 240_000, "created_at": NOW} | values
    )  # fmt: skip


def bought(month: int, *, previous: int, usual: int) -> signals.Purchases:
    return signals.Purchases(Decimal(month), Decimal(previous), Decimal(usual), Decimal(month * 12))


def test_a_rise_that_reaches_the_documents_calls_for_an_upgrade_even_when_it_is_no_swing(
    east: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    grown, less, ordinary = east["甲州医院"], east["乙州医院"], east["丙州医院"]
    TierAssignment.unscoped.filter(institution=ordinary).update(tier="ordinary")
    monkeypatch.setattr(
        signals,
        "purchases_of_month",
        lambda _month: {
            grown.pk: bought(48_000, previous=40_000, usual=42_000),  # 20 % on the month before, 14 % on three
            less.pk: bought(48_000, previous=41_000, usual=42_000),  # 17 %
            ordinary.pk: bought(48_000, previous=40_000, usual=42_000),
        },
    )
    with acting(BOSS):
        assert services.signals_find(actor=BOSS, month=date(2026, 10, 1), now=NOW) == 1
        row = TierSignal.objects.get()
        rule = services.fast_upgrade(row)
    assert (row.institution_id, row.scheme, row.tier) == (grown.pk, "four_tiers", "core")
    assert rule is not None and (rule.tier_before, rule.origin) == ("potential", "S1 月增长≥20%")
    TierAssignment.unscoped.filter(institution=grown).update(tier="core")
    assert services.fast_upgrade(row) is None, "it has the tier"


def test_a_surge_lifts_from_c_to_b(east: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    hospital = east["丙州医院"]
    TierAssignment.unscoped.filter(institution=hospital).update(scheme="commercial_abc", tier="c")
    for amount, upgrade in ((20_000, "b"), (19_999, "")):
        monkeypatch.setattr(
            signals,
            "purchases_of_month",
            lambda _month, amount=amount: {hospital.pk: bought(amount, previous=amount, usual=10_000)},
        )
        with acting(BOSS):
            services.signals_find(actor=BOSS, month=date(2026, 10, 1), now=NOW)
        assert TierSignal.unscoped.get().tier == upgrade, "doubled, or not"


def test_a_signal_becomes_a_proposal(east: dict[str, Any]) -> None:
    row, ann = signal(east["甲州医院"]), person("ann")
    with acting(ann):
        change = services.signal_propose(
            actor=ann, pk=row.pk, scheme="four_tiers", tier="core", reason="持续上升", is_fast=False, now=NOW
        )
    row.refresh_from_db()
    assert (row.state, change.source, change.signal_id) == ("proposed", "signal", row.pk)


def test_signals_are_purchases_and_seen_by_nobody_else(east: dict[str, Any]) -> None:
    signal(east["甲州医院"])
    blind = person("rep", rights=RIGHTS - {"commerce.salesline:view"})
    with acting(blind):
        assert not TierSignal.objects.exists()
        with pytest.raises(Missing):
            services.signals_review(actor=blind, pks=[TierSignal.unscoped.get().pk], now=NOW)
    far = person("far", east["west"].pk)
    with acting(far):
        assert not TierSignal.objects.exists()


# Types ------------------------------------------------------------------------------------------------------------


def proposal(hospital: Any, **values: Any) -> TypeProposal:
    from yaomai.customers.services import professional_create

    with acting(BOSS):
        someone = professional_create(actor=BOSS, now=NOW, name="李主任", institution=hospital)
    return TypeProposal.unscoped.create(
        **{"professional": someone, "customer_type": "decision_maker", "scheme": "decision_power", "tier": "decides",
           "score": 61, "rank": 3, "run": _run(), "evidence": "0", "created_at": NOW} | values
    )  # fmt: skip


def test_an_accepted_type_is_marked_with_its_reason(east: dict[str, Any]) -> None:
    row, ann = proposal(east["甲州医院"]), person("ann")
    with acting(ann):
        with pytest.raises(Invalid):
            services.types_accept(actor=ann, pks=[row.pk], decision="", now=NOW)
        services.types_accept(actor=ann, pks=[row.pk], decision="主任委员", now=NOW)
        with pytest.raises(type_proposals.ProposalDecided):
            services.types_reject(actor=ann, pks=[row.pk], decision="x", now=NOW)
    row.professional.refresh_from_db()
    assert row.professional.customer_types == ["decision_maker"]
    assert TypeMark.unscoped.get(professional=row.professional).reason == "主任委员"


def test_the_best_band_is_proposed_until_rejected_and_again_when_the_evidence_changes(
    market: Market, compute: Callable[..., Any]
) -> None:
    from yaomai.customers.services import professional_create
    from yaomai.listing.models import Seat, StageHolder
    from yaomai.listing.services import committee_create, holder_start, seat_start

    actor, hospital = market.actor, market.institutions[0]
    with acting(actor):
        chair = professional_create(actor=actor, now=NOW, name="王院长", institution=hospital)
        committee = committee_create(actor=actor, now=NOW, institution=hospital, source="公示")
        seat_start(
            actor=actor, now=NOW, committee=committee.pk, professional=chair, role="chair", voice="decisive",
            valid_from=date(2025, 1, 1), source="公示",
        )  # fmt: skip
    first = compute()
    row = TypeProposal.unscoped.get()
    assert (row.professional_id, row.customer_type, row.score, row.rank) == (chair.pk, "decision_maker", 45, 1)
    assert row.reasons == [["seats", 100.0]]
    with acting(actor):
        services.types_reject(actor=actor, pks=[row.pk], decision="即将退休", now=NOW)
        again = services.tiers_compute(actor=actor, as_of=TODAY - timedelta(days=1))
        services.tiers_publish(actor=actor, pk=again.pk, now=NOW, instead_of=first.pk)
        assert TypeProposal.unscoped.count() == 1, "nothing changed"
        holder_start(
            actor=actor, now=NOW, institution=hospital, professional=chair, stage="pharmacy", voice="decisive",
            valid_from=date(2025, 1, 1), source="公示",
        )  # fmt: skip
        third = services.tiers_compute(actor=actor, as_of=TODAY - timedelta(days=2))
        services.tiers_publish(actor=actor, pk=third.pk, now=NOW, instead_of=again.pk)
    waiting = TypeProposal.unscoped.get(state="open")
    assert (waiting.run_id, [name for name, _points in waiting.reasons]) == (third.pk, ["seats", "path"])
    with acting(actor):
        fourth = services.tiers_compute(actor=actor, as_of=TODAY - timedelta(days=3))
        services.tiers_publish(actor=actor, pk=fourth.pk, now=NOW, instead_of=third.pk)
        assert TypeProposal.unscoped.get(state="open").run_id == fourth.pk, "what waits says what the last run says"
        Seat.unscoped.all().delete()
        StageHolder.unscoped.all().delete()
        last = services.tiers_compute(actor=actor, as_of=TODAY - timedelta(days=4))
        services.tiers_publish(actor=actor, pk=last.pk, now=NOW, instead_of=fourth.pk)
    assert not TypeProposal.unscoped.filter(state="open").exists(), "and goes where the run no longer says it"
