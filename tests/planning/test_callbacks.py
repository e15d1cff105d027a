"""Callbacks: counted when somebody was reached, those most at risk first, each with its reason (C13, C14)."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from tests.planning.test_laying import tier
from tests.support.test_requests import person, roles, take

from yaomai.customers.services import institution_create
from yaomai.insights.models import ChurnAlert
from yaomai.kit.access import Actor, acting, system_actor
from yaomai.kit.dashboards.registry import cards
from yaomai.kit.errors import Invalid
from yaomai.kit.runs.models import Run
from yaomai.organization.models import Person, Territory
from yaomai.planning import calling, rules, services, today, tracking
from yaomai.planning.models import Callback, ServiceDuty
from yaomai.support import services as support

__all__ = ["roles"]
pytestmark = pytest.mark.django_db
BOSS = system_actor("test", "callbacks")
NOW = datetime(2026, 11, 18, 2, 0, tzinfo=UTC)
TODAY = date(2026, 11, 18)


def hospital(name: str) -> Any:
    return institution_create(actor=BOSS, now=NOW, name=name, territory=Territory.unscoped.get(code="E"))


def call(who: Actor, place: Any, outcome: str = "content", *, now: datetime = NOW, **said: Any) -> Callback:
    with acting(who):
        return services.callback_record(
            actor=who, now=now, institution=place, outcome=outcome, **{"words": "一切顺利"} | said
        )


def proposed(who: Actor, most: int = 9) -> list[tuple[str, list[int]]]:
    with acting(who):
        return [
            (str(each.institution), [reason.weight for reason in each.reasons])
            for each in calling.proposals(who, today=TODAY, most=most)
        ]


def alert(place: Any, money: int) -> None:
    tier(place, "four_tiers", "core")
    ChurnAlert.unscoped.create(
        institution=place, last_on=TODAY - timedelta(days=70), level="core", money=money, run=Run.unscoped.get(), opened_on=TODAY,
        updated_at=NOW,
    )  # fmt: skip


def test_only_a_call_that_reached_somebody_counts_and_carries_out_what_is_owed() -> None:
    service = person("客服", "customer_service")
    place = hospital("江城市第五医院")
    owed = services.duty_create(
        actor=BOSS, now=NOW, institution=place, activity="callback", window_from=TODAY, window_to=TODAY + timedelta(days=9),
        owner=Person.unscoped.get(pk=service.person_id),
    )  # fmt: skip
    assert service.person_id is not None
    missed = call(service, place, "unreached", words="")
    assert (missed.duty, tracking.callbacks([service.person_id], today=TODAY)) == (None, {})
    with pytest.raises(Invalid):
        call(service, place, words="")
    made = call(service, place, next_step="送随访表", next_on=TODAY + timedelta(days=5))
    owed.refresh_from_db()
    assert (owed.state, owed.reference, made.duty) == ("done", f"planning.callback:{made.pk}", owed)
    assert tracking.callbacks([service.person_id], today=TODAY) == {service.person_id: 1}
    assert tracking.callbacks([service.person_id], today=TODAY - timedelta(days=30)) == {}
    follows = ServiceDuty.unscoped.get(reference=owed.reference, activity="follow_up")
    assert (follows.task, follows.owner_id) == ("送随访表", service.person_id)


def test_those_most_at_risk_come_first_and_who_was_called_this_month_is_left_out() -> None:
    service = person("客服", "customer_service")
    lost, less, asks, settled, called, quiet = (hospital(f"江城市第{name}医院") for name in "一二三四五六")
    alert(lost, 900)
    alert(less, 100)
    alert(called, 999)
    take(asks)
    row = take(settled)
    with acting(BOSS):
        support.request_resolve(actor=BOSS, now=NOW + timedelta(hours=1), pk=row.pk, resolution="已补发")
    take(lost, "complaint")
    call(service, quiet, now=NOW - timedelta(days=100))
    call(service, called)
    found = proposed(service)
    assert [name for name, _weights in found] == [str(each) for each in (lost, less, asks, settled, quiet)]
    assert found[0][1] == [98, 80] and found[-1][1] == [30]


def test_nobody_filed_learns_what_was_bought_or_ordered() -> None:
    person("客服", "customer_service")
    rep = person("代表", "representative", is_filed=True)
    lost, asks = hospital("江城市第一医院"), hospital("江城市第二医院")
    alert(lost, 900)
    take(asks)
    assert proposed(rep) == []
    take(asks, "product_information")
    assert proposed(rep) == [(str(asks), [80])]


def test_silence_weighs_more_the_longer_it_lasts_and_never_more_than_a_request() -> None:
    assert [rules.silence_weight(20, days) for days in (14, 100, 5000)] == [21, 30, 40]


def test_who_is_short_hears_of_it_from_the_middle_of_the_month_and_the_board_counts() -> None:
    service = person("客服", "customer_service")
    with acting(service):
        assert today.callbacks_short(service, NOW) == []
    place = hospital("江城市第五医院")
    with acting(service):
        early = today.callbacks_short(service, NOW.replace(day=14))
        (item,) = today.callbacks_short(service, NOW)
    assert early == [] and "8" in item.title
    for _time in range(8):
        call(service, place)
    with acting(service):
        assert today.callbacks_short(service, NOW) == []
    assert cards()["planning.callbacks"].right == "planning.callback:create"
