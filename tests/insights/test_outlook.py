"""Runs of customer outlooks: what they write and keep, who sees it, alerts and what became of them."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from django.test import Client

from yaomai.insights import services
from yaomai.insights.models import ChurnAlert, Outlook
from yaomai.insights.outlook import presenting, selectors
from yaomai.insights.outlook.registrations import alerts_waiting, orders_due
from yaomai.kit.access import Actor, Grant, acting
from yaomai.kit.errors import Invalid, Missing, Stale
from yaomai.kit.runs.selectors import run_in_force

from .acts_examples import BOSS, NOW, TODAY, churn_alert

pytestmark = pytest.mark.django_db(transaction=True)
DO = {"actor": BOSS, "now": NOW}
LAST = date(2026, 10, 31)
SILENT = "江城市第一人民医院"


@pytest.fixture(autouse=True)
def own_files(settings: Any, tmp_path: Path) -> Iterator[None]:
    """Give each test a data folder: the mirror and the runs stand there."""
    settings.DATA = tmp_path
    with own_names():
        yield


@contextmanager
def own_names() -> Iterator[None]:
    """Read names anew: at the same moment another test may have made as many institutions of other names."""
    from yaomai.commerce.names import _master

    _master.cache_clear()
    yield
    _master.cache_clear()


@pytest.fixture(autouse=True)
def boss() -> Iterator[None]:
    with acting(BOSS):
        yield


def sell(lines: list[tuple[date, str, int]]) -> None:
    """Take in a file of sales flow."""
    from yaomai.commerce.lines import SCHEMA
    from yaomai.commerce.services import flow_take_in
    from yaomai.commerce.services.intake import plan_intake
    from yaomai.customers.models import Institution
    from yaomai.customers.services import institution_create

    distributor = Institution.unscoped.filter(kind="distributor").first() or institution_create(
        **DO, name="安东九州医药有限公司", kind="distributor"
    )
    count = len(lines)
    columns: dict[str, list[Any]] = {
        "row": list(range(2, count + 2)), "sold_on": [each[0] for each in lines], "buyer": [each[1] for each in lines],
        "place": [""] * count, "item": ["安衡平"] * count, "specification": ["5mg×28片"] * count,
        "item_code": [""] * count, "quantity": [Decimal(1)] * count,
        "amount": [Decimal(each[2]) for each in lines], "lot": [str(number) for number in range(count)],
    }  # fmt: skip
    table = pa.table({name: pa.array(columns[name], SCHEMA.field(name).type) for name in SCHEMA.names})
    plan = plan_intake(actor=BOSS, distributor_id=distributor.pk, table=table, today=TODAY)
    flow_take_in(actor=BOSS, plan=plan, file_name="流向.xlsx", now=NOW)


@pytest.fixture
def customers(own_files: None, made_once: Callable[[Callable[[], dict[str, Any]]], dict[str, Any]]) -> dict[str, Any]:
    return made_once(_customers)


def _customers() -> dict[str, Any]:
    """Return 30 hospitals that buy every month, of which the first fell silent four months ago; the last bought once."""
    from yaomai.catalog.services import product_create
    from yaomai.customers.services import institution_create

    product_create(**DO, code="AH1", name="安衡平", specification="5mg×28片", generic_name="安氯平片")
    names = [f"江城市第{number}人民医院" for number in "一二三四五六七八九十"]
    names += [f"江城市{letter}州医院" for letter in "甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉"]
    made = {name: institution_create(**DO, name=name, grade="3A") for name in names}
    lines = []
    for place, name in enumerate(names):
        for month in range(20):
            day = LAST - timedelta(days=30 * month + place % 7)
            if name == SILENT and month < 4:
                continue
            if name == names[-1] and month != 1:
                continue
            lines.append((day, name, 1000 + 100 * place + 37 * (month % 3)))
    sell(lines)
    return made


def test_a_run_tells_of_every_customer_and_equal_inputs_give_the_same_run(customers: dict[str, Any]) -> None:
    run = services.outlook_compute(actor=BOSS, as_of=TODAY)
    assert run.is_in_force and run.result["customers"] == Outlook.objects.count() == 30
    assert run.result["until"] == str(LAST) and run.result["holdout"]["days"] == 90
    again = services.outlook_compute(actor=BOSS, as_of=TODAY)
    assert again.pk == run.pk
    row = Outlook.objects.get(institution=customers["江城市第二人民医院"])
    assert row.pk == row.institution_id and row.alert == "" and row.next_from <= row.next_on <= row.next_to
    assert row.value_low < row.value < row.value_high and 10_000 < row.past_year < 16_000
    assert 0 < row.p_away < 0.2 and row.value_before is not None
    silent = Outlook.objects.get(institution=customers[SILENT])
    assert silent.alert == "general" and silent.reasons[0]["code"] == "silent"
    once = Outlook.objects.get(doubt="once")
    assert once.value is None and once.next_on is None
    assert "不给出金额" in presenting.sentence(once, 90)


def test_more_sales_make_another_run_and_measure_the_alerts(customers: dict[str, Any]) -> None:
    first = services.outlook_compute(actor=BOSS, as_of=TODAY)
    alert = ChurnAlert.objects.get(institution=customers[SILENT])
    assert (alert.state, alert.level, alert.ordered_on, alert.measured_to) == ("open", "general", None, LAST)
    done = services.alert_record(**DO, pk=alert.pk, state="won_back", cause="supply", note="已优先发货")
    sell([(date(2026, 11, 5), SILENT, 900), (date(2026, 11, 9), SILENT, 900)])
    second = services.outlook_compute(actor=BOSS, as_of=TODAY)
    assert second.pk != first.pk and run_in_force("insights.outlook").pk == second.pk
    done.refresh_from_db()
    assert (done.state, done.ordered_on, done.measured_to) == ("won_back", date(2026, 11, 5), date(2026, 11, 9))
    assert set(Outlook.objects.values_list("run", flat=True)) == {second.pk}
    later = second.published_at + timedelta(hours=1)
    services.outlook_publish(actor=BOSS, now=later, pk=first.pk, instead_of=second.pk)
    assert set(Outlook.objects.values_list("run", flat=True)) == {first.pk}
    assert ChurnAlert.objects.filter(institution=customers[SILENT]).count() == 1, "what was settled does not come back"


def test_what_nobody_settled_returns_by_itself(customers: dict[str, Any]) -> None:
    services.outlook_compute(actor=BOSS, as_of=TODAY)
    sell([(date(2026, 11, 5), SILENT, 900)])
    services.outlook_compute(actor=BOSS, as_of=TODAY)
    assert ChurnAlert.objects.get(institution=customers[SILENT]).state == "returned"
    assert selectors.outcomes() == [{"label": "自行恢复", "count": 1, "again": 1, "state": "returned"}]


def test_nothing_sold_and_too_little_sold_are_said_in_words() -> None:
    run = services.outlook_compute(actor=BOSS, as_of=TODAY)
    assert run.result["customers"] == 0 and "请先导入流向" in run.result["problem"]["zh"]
    from yaomai.customers.services import institution_create

    hospital = institution_create(**DO, name=SILENT)
    sell([(date(2026, 6, 1), SILENT, 500), (date(2026, 7, 1), SILENT, 500), (LAST, "无名医院", 1)])
    run = services.outlook_compute(actor=BOSS, as_of=TODAY)
    row = Outlook.objects.get(institution=hospital)
    assert row.p_away is None and row.value is None and "至少要有 20 个" in run.result["problem"]["zh"]
    assert "流向太少" in presenting.sentence(row, 90)


def test_an_alert_is_settled_once_with_its_cause() -> None:
    alert = churn_alert()
    with pytest.raises(Invalid):
        services.alert_record(**DO, pk=alert.pk, state="lost", note="换了竞品")
    with pytest.raises(Invalid):
        services.alert_record(**DO, pk=alert.pk, state="lost", cause="competitor", note=" ")
    with pytest.raises(Invalid):
        services.alert_record(**DO, pk=alert.pk, state="returned", cause="stock", note="x")
    with pytest.raises(Invalid):
        services.alert_record(**DO, pk=alert.pk, state="contacted", note="x", follow_up_on=TODAY - timedelta(days=1))
    with pytest.raises(Stale):
        services.alert_record(**DO, pk=alert.pk, state="contacted", note="x", expected_version=9)
    seen = services.alert_record(**DO, pk=alert.pk, state="contacted", note="月底下单")
    assert seen.follow_up_on == TODAY + timedelta(days=14) and seen.version == 2
    services.alert_record(**DO, pk=alert.pk, state="lost", cause="competitor", note="已换竞品")
    with pytest.raises(services.AlertSettled):
        services.alert_record(**DO, pk=alert.pk, state="contacted", note="x")


def _local(territory: Any, *rights: str) -> Actor:
    return Actor(None, "local", (Grant(frozenset(rights), frozenset({territory.pk})),))


def test_today_shows_those_who_answer_for_the_territory_the_heaviest_first() -> None:
    from yaomai.customers.models import Institution
    from yaomai.customers.services import institution_create
    from yaomai.organization.models import Territory

    near = Territory.unscoped.create(code="E", name="东", level="region", path="/1/", valid_from=TODAY)
    for number in range(5):
        hospital = institution_create(**DO, name=f"江城市{number}院")
        churn_alert(institution=hospital, money=Decimal(1000 * number), level="core" if number == 1 else "general")
    Institution.unscoped.exclude(name="江城市0院").update(territory=near)
    seen = _local(near, "insights.churnalert:view", "insights.churnalert:edit", "customers.institution:view")
    with acting(seen):
        items = alerts_waiting(seen, NOW)
    assert [each.subject for each in items[:3]] == ["江城市1院", "江城市4院", "江城市3院"]
    assert items[3].title == "另有 1 个客户可能流失"
    looking = _local(near, "insights.churnalert:view")
    with acting(looking):
        assert alerts_waiting(looking, NOW) == []
        with pytest.raises(Missing):
            services.alert_record(actor=BOSS, now=NOW, pk=10**9, state="contacted", note="x")


def test_today_names_those_whose_cycle_is_due(customers: dict[str, Any]) -> None:
    services.outlook_compute(actor=BOSS, as_of=TODAY)
    Outlook.unscoped.update(next_on=TODAY + timedelta(days=30))
    assert orders_due(BOSS, NOW) == []
    for name, days in (("江城市第二人民医院", 0), ("江城市第三人民医院", 7), ("江城市第四人民医院", -1)):
        Outlook.unscoped.filter(institution=customers[name]).update(next_on=TODAY + timedelta(days=days))
    (item,) = orders_due(BOSS, NOW)
    assert item.title == "2 个客户本周应下单" and f"next_on_from={TODAY}" in item.url


def test_one_that_was_contacted_waits_until_its_day() -> None:
    alert = churn_alert()
    services.alert_record(**DO, pk=alert.pk, state="contacted", note="月底下单", follow_up_on=TODAY + timedelta(days=3))
    assert list(selectors.waiting(BOSS, today=TODAY)) == []
    assert [row.pk for row in selectors.waiting(BOSS, today=TODAY + timedelta(days=3))] == [alert.pk]


def test_a_merged_customer_is_not_told_of_any_more(customers: dict[str, Any]) -> None:
    from yaomai.customers.services import institution_merge

    services.outlook_compute(actor=BOSS, as_of=TODAY)
    winner, loser = customers["江城市第二人民医院"], customers["江城市第三人民医院"]
    institution_merge(**DO, winner=winner.pk, loser=loser.pk)
    assert not Outlook.objects.filter(institution=loser).exists()
    before = Outlook.objects.get(institution=winner)
    services.outlook_compute(actor=BOSS, as_of=TODAY)
    after = Outlook.objects.get(institution=winner)
    assert after.past_year > before.past_year + 10_000 and Outlook.unscoped.count() == 29


def test_the_screens_show_it_and_hide_it_from_people_with_an_active_filing(customers: dict[str, Any]) -> None:
    from yaomai.organization.models import Person, Role, Territory
    from yaomai.organization.services import filing_create, holding_start, position_create, role_sync

    at = datetime(2026, 1, 1, tzinfo=NOW.tzinfo)
    role_sync(**DO)
    company = Territory.unscoped.create(code="CN", name="公司", level="company", path="/1/", valid_from=at.date())
    person = Person.unscoped.create(username="li", name="李")
    seat = position_create(
        **DO, code="A", title="总监", role=Role.unscoped.get(code="sales_director"), territory=company,
        valid_from=at.date(),
    )  # fmt: skip
    holding_start(**DO, position_id=seat.pk, person_id=person.pk, valid_from=at.date())
    services.outlook_compute(actor=BOSS, as_of=TODAY)
    alert = ChurnAlert.objects.get(institution=customers[SILENT])
    row = Outlook.objects.get(institution=customers[SILENT])
    client = Client()
    client.force_login(person, backend="yaomai.organization.sign_in.Backend")
    addresses = [
        "/insights/outlook/", f"/insights/outlook/{row.pk}/", "/insights/outlook/report/", "/insights/outlook/runs/",
        "/insights/churn-alerts/", f"/insights/churn-alerts/{alert.pk}/", f"/insights/churn-alerts/{alert.pk}/record",
    ]  # fmt: skip
    for address in addresses:
        assert client.get(address).status_code == 200, address
    page = client.get("/insights/outlook/report/").content.decode()
    assert "哪种方法更准" in page and "目标" in page
    assert "终身价值" in client.get(f"/customers/institutions/{row.institution_id}/below").content.decode()
    filing_create(
        **DO, person=person, number="备1", product_scope="心血管", valid_from=at.date(),
        valid_to=TODAY + timedelta(days=900),
    )  # fmt: skip
    for address in addresses:
        assert client.get(address).status_code == 404, address
    for part in ("", "below", "beside"):
        shown = client.get(f"/customers/institutions/{row.institution_id}/{part}")
        assert shown.status_code == 200 and "终身价值" not in shown.content.decode()


def test_an_alert_is_one_persons_and_follows_the_positions(customers: dict[str, Any]) -> None:
    from yaomai.customers.services import institution_update
    from yaomai.insights.services.alerts import alerts_assign
    from yaomai.organization.services import holding_end

    from .acts_examples import manager, place

    region = place("华东")
    director, account = manager(region), manager(region, "KA经理", "key_account_manager")
    above = manager(region.parent, "总监", "sales_director")
    institution_update(**DO, pk=customers[SILENT].pk, changes={"territory": region})
    services.outlook_compute(actor=BOSS, as_of=TODAY)
    alert = ChurnAlert.objects.get(institution=customers[SILENT])
    assert alert.owner == account

    def told(person: Any) -> bool:
        rights = frozenset({ChurnAlert.right("edit"), ChurnAlert.right("view")})
        seen = Actor(person_id=person.pk, label=person.name, grants=(Grant(rights=rights),))
        with acting(seen):
            return any(str(customers[SILENT]) == item.subject for item in alerts_waiting(seen, NOW))

    assert told(account) and not told(director) and not told(above)
    for person, heir in ((account, director), (director, above)):
        holding_end(**DO, pk=person.holdings.get().pk, valid_to=TODAY)
        alerts_assign(TODAY)
        alert.refresh_from_db()
        assert alert.owner == heir
    elsewhere = ChurnAlert.objects.exclude(pk=alert.pk).exclude(state="returned").first()
    assert elsewhere is None or elsewhere.owner == above
