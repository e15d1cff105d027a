"""Service requests: the clock, who answers, escalation once, the order of the queue, the wall (C6, C12, X2)."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from tests.support.acts_examples import BOSS

from yaomai.kit.access import Actor, acting
from yaomai.kit.errors import Invalid, Missing
from yaomai.kit.inbox.models import Nudge
from yaomai.organization.models import Holding, Person, Position, Role, Territory
from yaomai.organization.selectors import actor_for
from yaomai.support import panels, presenting, selectors, services
from yaomai.support.models import ServiceRequest
from yaomai.support.policies import ServicePolicy
from yaomai.support.previews import service_preview
from yaomai.support.services.requests import OtherState

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 18, 2, 0, tzinfo=UTC)
TODAY, SINCE = date(2026, 11, 18), date(2026, 1, 1)
DO: dict[str, Any] = {"actor": BOSS, "now": NOW}


@pytest.fixture(autouse=True)
def roles() -> None:
    from yaomai.organization.services import role_sync

    role_sync(**DO)


def territory() -> Territory:
    found, _made = Territory.unscoped.get_or_create(
        code="E", defaults={"name": "东区", "level": "area", "path": "/", "valid_from": SINCE}
    )
    Territory.unscoped.filter(pk=found.pk).update(path=f"/{found.pk}/")
    return Territory.unscoped.get(pk=found.pk)


def person(name: str, role: str, *, is_filed: bool = False) -> Actor:
    """Return somebody who holds a shipped role in the territory."""
    from yaomai.organization.services import filing_create

    made = Person.unscoped.create(username=name, name=name)
    seat = Position.unscoped.create(
        code=f"p-{name}", title=name, role=Role.unscoped.get(code=role), territory=territory(), valid_from=SINCE
    )
    Holding.unscoped.create(person=made, position=seat, valid_from=SINCE)
    if is_filed:
        filing_create(**DO, person=made, number=f"备{made.pk}", product_scope="心血管", valid_from=SINCE)
    return actor_for(made, on=TODAY)


def hospital(name: str = "江城市第一人民医院", **tiers: str) -> Any:
    from tests.planning.test_laying import tier

    from yaomai.customers.services import institution_create

    made = institution_create(**DO, name=name, territory=territory())
    for scheme, held in tiers.items():
        tier(made, scheme, held)
    return made


def take(place: Any, kind: str = "order_query", *, ago: float = 0, actor: Actor = BOSS, **said: Any) -> ServiceRequest:
    with acting(actor):
        return services.request_take(
            actor=actor,
            now=NOW - timedelta(hours=ago),
            institution=place,
            kind=kind,
            **{"words": "订单何时发货"} | said,
        )


def do(name: str, row: ServiceRequest, actor: Actor = BOSS, *, at: float = 0, **said: Any) -> ServiceRequest:
    with acting(actor):
        made: ServiceRequest = getattr(services, name)(actor=actor, pk=row.pk, now=NOW + timedelta(hours=at), **said)
    return made


def told(who: Actor) -> list[tuple[str, str]]:
    rows = Nudge.unscoped.filter(owner=who.person_id, cause_ended_at=None).order_by("pk")
    return [(row.key.rpartition(":")[2], row.state) for row in rows]


class TestTheClock:
    def test_a_request_has_24_hours_and_whoever_serves_the_territory_hears_of_it(self) -> None:
        service = person("客服", "customer_service")
        row = take(hospital(), actor=person("主管", "area_manager"))
        assert (row.hours, row.due_at - row.taken_at, row.owner_id) == (24, timedelta(hours=24), service.person_id)
        assert told(service) == [("owner", "open")]

    def test_a_strategic_customer_waits_half_of_that(self) -> None:
        assert take(hospital(four_tiers="strategic")).hours == 12

    def test_each_step_is_taken_once_and_those_that_a_standstill_left_behind_too(self) -> None:
        service, manager = person("客服", "customer_service"), person("主管", "area_manager")
        director = person("总监", "sales_director")
        row = take(hospital())
        escalate = services.requests_escalate
        with acting(BOSS):
            assert escalate(actor=BOSS, now=NOW + timedelta(hours=11)) == 0
            assert escalate(actor=BOSS, now=NOW + timedelta(hours=12)) == 1
            assert escalate(actor=BOSS, now=NOW + timedelta(hours=13)) == 0
            assert (told(service), told(manager)) == ([("owner", "open")], [])
            assert escalate(actor=BOSS, now=NOW + timedelta(hours=100)) == 2
            assert escalate(actor=BOSS, now=NOW + timedelta(hours=200)) == 0
        assert (told(manager), told(director)) == ([("2", "open")], [("3", "open")])
        do("request_resolve", row, at=101, resolution="已补发")
        assert (told(service), told(manager), told(director)) == ([], [], [])

    def test_resolved_in_time_or_not_is_said_and_reopening_begins_anew(self) -> None:
        row = do("request_resolve", take(hospital()), at=5, resolution="已补发")
        assert (row.state, row.next_step_at) == ("resolved", None)
        assert "5" in presenting.clock(row, NOW) and row.resolved_at is not None and row.resolved_at <= row.due_at
        row = do("request_reopen", row, at=30, reason="仍未收到")
        assert (row.state, row.reopened, row.resolved_at) == ("working", 1, None)
        assert row.due_at == NOW + timedelta(hours=54)
        with pytest.raises(OtherState):
            do("request_confirm", row, at=31)

    def test_the_clock_does_not_stand_still_unless_the_policy_says_so(self, monkeypatch: Any) -> None:
        row = take(hospital())
        row = do("request_wait", row, at=2, waits_for="订单号")
        assert row.next_step_at == NOW + timedelta(hours=12)
        assert do("request_start", row, at=6).due_at == NOW + timedelta(hours=24)
        policy = ServicePolicy(stops_waiting=True)
        monkeypatch.setattr("yaomai.support.services.requests.service_policy", lambda _on: policy)
        row = do("request_wait", row, at=7, waits_for="订单号")
        assert row.next_step_at is None
        assert do("request_start", row, at=10).due_at == NOW + timedelta(hours=27)

    def test_another_kind_has_its_own_hours_from_when_it_was_taken(self, monkeypatch: Any) -> None:
        kinds = tuple(
            each.model_copy(update={"hours": 48}) if each.name == "complaint" else each
            for each in ServicePolicy().kinds
        )
        monkeypatch.setattr("yaomai.support.services.requests.service_policy", lambda _on: ServicePolicy(kinds=kinds))
        row = do("request_update", take(hospital(), ago=2), changes={"kind": "complaint"})
        assert (row.hours, row.due_at, row.is_order) == (48, NOW + timedelta(hours=46), False)


class TestTheQueue:
    def test_overdue_then_orders_of_class_b_then_what_runs_out(self) -> None:
        plain, b = hospital(), hospital("江城市第二人民医院", commercial_abc="b")
        late = take(plain, ago=30)
        later = take(plain, ago=1)
        sooner = take(plain, ago=20)
        asks = take(b, "product_information")
        first = take(b)
        with acting(BOSS):
            rows = list(selectors.queue(now=NOW))
        assert [row.pk for row in rows] == [late.pk, first.pk, sooner.pk, later.pk, asks.pk]
        groups = [presenting.group_of(row, ServicePolicy(), NOW) for row in rows]
        assert groups == ["overdue", "first", "soon", "later", "later"]
        with acting(BOSS):
            assert selectors.counts(selectors.queue(now=NOW), ServicePolicy(), NOW) == {
                "overdue": 1,
                "first": 1,
                "soon": 1,
                "later": 2,
            }
            assert "C12" in presenting.why_here(rows[1], ServicePolicy(), NOW)

    def test_other_hours_are_tried_on_what_was_asked(self) -> None:
        do("request_resolve", take(hospital(), ago=20), resolution="已补发")
        kinds = tuple(each.model_copy(update={"hours": 12}) for each in ServicePolicy().kinds)
        with acting(BOSS):
            shown = service_preview(ServicePolicy(kinds=kinds), BOSS)
        assert [row[1:] for row in shown.figures] == [(0, 1), (0, 0)]


class TestTheWall:
    def test_a_filed_rep_hands_an_order_query_over_and_sees_no_other(self) -> None:
        service, rep = person("客服", "customer_service"), person("代表", "representative", is_filed=True)
        place = hospital()
        others = take(place, words="问 11 月订单价格")
        mine = take(place, actor=rep, words="科里问订单到哪了")
        asked = take(place, "product_information", actor=rep, words="要一份说明书")
        assert mine.owner_id == service.person_id
        do("request_resolve", mine, service, at=1, resolution="已发货，单价 32.5 元")
        with acting(rep):
            assert set(ServiceRequest.objects.values_list("pk", flat=True)) == {mine.pk, asked.pk}
            assert panels.request(ServiceRequest.objects.get(pk=mine.pk), rep)["is_behind_wall"]
        with pytest.raises(Missing):
            do("request_start", others, rep)

    def test_nobody_filed_can_be_made_responsible_for_an_order(self) -> None:
        person("客服", "customer_service")
        rep = person("代表", "representative", is_filed=True)
        owner = Person.unscoped.get(pk=rep.person_id)
        with pytest.raises(Invalid):
            take(hospital(), owner=owner)
        assert take(hospital("江城市第三人民医院"), "product_information", owner=owner).owner_id == rep.person_id

    def test_the_proof_of_the_wall_hears_who_answers_for_orders(self) -> None:
        service = person("客服", "customer_service")
        row = take(hospital())
        take(
            hospital("江城市第二人民医院"),
            "complaint",
            owner=Person.unscoped.get(pk=person("主管", "area_manager").person_id),
        )
        assert list(selectors.order_holders(TODAY)) == [service.person_id]
        assert list(selectors.order_holders(TODAY - timedelta(days=1))) == []
        do("request_resolve", row, at=2, resolution="已补发")
        assert list(selectors.order_holders(TODAY)) == []

    def test_signs_of_an_adverse_event_and_of_a_patient_are_told(self) -> None:
        found = {hit.category for hit in panels.hits_of("患者王建国，男，服药后皮疹", TODAY)}
        assert found == {"patient", "adverse"}
