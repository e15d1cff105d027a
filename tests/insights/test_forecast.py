"""Runs of sales forecasts: what is written, who sees which part, documents; signs of stock from the rhythm of orders."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from yaomai.insights import services
from yaomai.insights.forecast import presenting
from yaomai.insights.forecast.stock import stock_sign
from yaomai.insights.models import Forecast, StockSign
from yaomai.kit.access import Actor, Grant, acting
from yaomai.kit.documents.excel import workbook
from yaomai.kit.documents.pdf import pdf

from .acts_examples import BOSS, NOW, TODAY
from .test_outlook import own_names, sell

DO = {"actor": BOSS, "now": NOW}
RHYTHM: dict[str, Any] = {
    "orders": 11, "first_on": date(2026, 1, 1), "last_quantity": Decimal(30), "quantity": Decimal(330),
    "until": date(2026, 10, 31), "window": 90, "run_out_times": Decimal("1.5"), "overstock_times": Decimal("1.8"),
    "most_silent_days": 180,
}  # fmt: skip


@pytest.mark.parametrize(
    ("last_on", "bought", "kind"),
    [
        (date(2026, 10, 28), 90, None),
        (date(2026, 9, 1), 60, "run_out"),
        (date(2026, 10, 28), 200, "overstock"),
        (date(2026, 3, 1), 0, None),
    ],
    ids=["as usual", "used up and silent", "much more than usual", "silent for so long that it is lost"],
)
def test_signs_of_stock(last_on: date, bought: int, kind: str | None) -> None:
    found = stock_sign(last_on=last_on, bought=Decimal(bought), **RHYTHM)
    assert (found["kind"] if found else None) == kind


def test_no_sign_where_more_came_back_than_went_out() -> None:
    returned = RHYTHM | {"quantity": Decimal(10)}
    assert stock_sign(last_on=date(2026, 9, 1), bought=Decimal(0), **returned) is None


@pytest.fixture
def company(settings: Any, tmp_path: Path, transactional_db: None) -> Iterator[dict[str, Any]]:
    """Two areas of a region with hospitals that bought for two years; one of them stopped two months ago."""
    from yaomai.catalog.services import product_create
    from yaomai.customers.models import Institution
    from yaomai.customers.services import institution_create
    from yaomai.organization.models import Territory

    settings.DATA = tmp_path
    with own_names(), acting(BOSS):
        made: dict[str, Any] = {}
        above = None
        for key, level in (("CN", "company"), ("E", "region"), ("E1", "area"), ("E2", "area")):
            parent = made.get("E") if level == "area" else above
            row = Territory.unscoped.create(
                code=key, name=f"{key}区", level=level, path="/", parent=parent, valid_from=TODAY
            )
            row.path = f"{parent.path if parent else '/'}{row.pk}/"
            row.save(update_fields=["path"])
            made[key] = above = row
        product_create(**DO, code="AH1", name="安衡平", specification="5mg×28片", generic_name="安氯平片")
        lines = []
        for number, (name, area) in enumerate((("甲", "E1"), ("乙", "E1"), ("丙", "E2"))):
            hospital = institution_create(**DO, name=f"江城市{name}州医院", grade="3A")
            Institution.unscoped.filter(pk=hospital.pk).update(territory=made[area])
            made[name] = hospital
            for month in range(24):
                day = date(2024 + (10 + month) // 12, (10 + month) % 12 + 1, 10)
                if name == "丙" and day > date(2026, 8, 15):
                    continue
                lines.append((day, hospital.name, 1000 * (number + 1) + 10 * (month % 12)))
        sell(lines)
        yield made


def test_a_run_forecasts_every_level_and_the_parts_add_up(company: dict[str, Any]) -> None:
    run = services.forecast_compute(actor=BOSS, as_of=TODAY)
    assert run.is_in_force and services.forecast_compute(actor=BOSS, as_of=TODAY).pk == run.pk
    whole = Forecast.objects.get(territory=company["CN"], product=None, group="")
    areas = Forecast.objects.filter(territory__in=(company["E1"], company["E2"]), product=None, group="")
    assert sum(row.ahead for row in areas) == pytest.approx(whole.ahead, abs=Decimal("0.05"))
    assert len(whole.months) == 6 and whole.months[0]["month"] == "2026-11-01" and len(whole.sold) == 24
    assert whole.wrong is not None and whole.last_year is not None
    assert presenting.verdict(whole).rows[0][1].endswith("%")
    sign = StockSign.objects.get(institution=company["丙"])
    assert (sign.kind, sign.last_on) == ("run_out", date(2026, 8, 10))
    for render, begin in ((pdf, b"%PDF"), (workbook, b"PK")):
        assert render(presenting.document(whole, run, made_at=NOW, made_by="x")).startswith(begin)


def test_whoever_reaches_an_area_sees_that_area_only(company: dict[str, Any]) -> None:
    services.forecast_compute(actor=BOSS, as_of=TODAY)
    rights = frozenset({"insights.forecast:view"})
    local = Actor(None, "local", (Grant(rights, frozenset({company["E1"].pk})),))
    with acting(local):
        assert set(Forecast.objects.values_list("territory", flat=True)) == {company["E1"].pk}
        assert StockSign.objects.count() == 0, "the hospital that stopped lies in another area"
    with acting(Actor(None, "nobody", (Grant(frozenset(), None),))):
        assert Forecast.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_without_a_whole_month_it_is_said_in_words(settings: Any, tmp_path: Path) -> None:
    settings.DATA = tmp_path
    with acting(BOSS):
        run = services.forecast_compute(actor=BOSS, as_of=TODAY)
        assert run.result["nodes"] == 0 and "请先导入流向" in run.result["problem"]["zh"]
        assert Forecast.objects.count() == 0


def test_the_screen_shows_errors_first_and_nothing_to_people_with_a_filing(company: dict[str, Any]) -> None:
    from yaomai.organization.models import Person, Role
    from yaomai.organization.services import filing_create, holding_start, position_create, role_sync

    since = TODAY - timedelta(days=300)
    role_sync(**DO)
    person = Person.unscoped.create(username="li", name="李")
    role = Role.unscoped.get(code="regional_director")
    seat = position_create(**DO, code="A", title="大区总监", role=role, territory=company["E"], valid_from=since)
    holding_start(**DO, position_id=seat.pk, person_id=person.pk, valid_from=since)
    client = Client()
    client.force_login(person, backend="yaomai.organization.sign_in.Backend")
    assert "还没有预测" in client.get("/insights/forecast/").content.decode()
    services.forecast_compute(actor=BOSS, as_of=TODAY)
    page = client.get("/insights/forecast/").content.decode()
    assert page.index("过去错多少") < page.index("未来 6 个月预计")
    assert "E区 · 所有产品" in page or "E区 · 全部产品" in page
    row = Forecast.unscoped.get(territory=company["E2"], product=None, group="")
    addresses = [
        "/insights/forecast/", f"/insights/forecast/?territory={row.territory_id}&group=hospital",
        "/insights/forecasts/", "/insights/stocksigns/", f"/insights/forecasts/{row.pk}/document.xlsx",
    ]  # fmt: skip
    assert [client.get(address).status_code for address in addresses] == [200] * 5
    whole = Forecast.unscoped.get(territory=company["CN"], product=None, group="")
    assert client.get(f"/insights/forecasts/{whole.pk}/document.xlsx").status_code == 404
    filing_create(
        **DO,
        person=person,
        number="备1",
        product_scope="心血管",
        valid_from=since,
        valid_to=TODAY + timedelta(days=900),
    )
    assert [client.get(address).status_code for address in addresses] == [404] * 5
