"""Customer value reports: the numbers of each customer, who sees them, and what is kept."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from yaomai.insights import services
from yaomai.insights.models import ValueReport
from yaomai.insights.value import reckoning
from yaomai.insights.value.documents import next_text, totals, value_document
from yaomai.kit.access import Actor, Grant, acting
from yaomai.kit.documents.excel import workbook
from yaomai.kit.documents.pdf import pdf
from yaomai.kit.errors import Invalid

from .acts_examples import BOSS, NOW, TODAY

pytestmark = pytest.mark.django_db(transaction=True)
DO = {"actor": BOSS, "now": NOW}
SOLD = (
    (date(2026, 11, 2), "江城市甲州医院", 600), (date(2026, 3, 2), "江城市甲州医院", 500),
    (date(2026, 4, 2), "江城市甲州医院", -100), (date(2025, 10, 2), "江城市甲州医院", 800),
    (date(2026, 6, 2), "江城市乙州医院", 300), (date(2025, 5, 2), "江城市乙州医院", 900),
)  # fmt: skip


@pytest.fixture(autouse=True)
def own_files(settings: Any, tmp_path: Path) -> None:
    """Give each test a data folder: the mirror stands there."""
    settings.DATA = tmp_path


@pytest.fixture(autouse=True)
def boss() -> Iterator[None]:
    """Let the tests look at everything."""
    with acting(BOSS):
        yield


@pytest.fixture
def customers() -> list[Any]:
    """Return three hospitals, of which the third never bought."""
    from yaomai.catalog.services import product_create
    from yaomai.commerce.lines import SCHEMA
    from yaomai.commerce.models import SalesLine
    from yaomai.commerce.services import flow_take_in
    from yaomai.commerce.services.intake import plan_intake
    from yaomai.customers.services import institution_create

    with acting(BOSS):
        distributor = institution_create(**DO, name="安东九州医药有限公司", kind="distributor")
        product_create(**DO, code="AH1", name="安衡平", specification="5mg×28片", generic_name="安氯平片")
        made = [institution_create(**DO, name=f"江城市{number}州医院", grade="3A") for number in "甲乙丙"]
        count = len(SOLD)
        columns: dict[str, list[Any]] = {
            "row": list(range(2, count + 2)), "sold_on": [each[0] for each in SOLD], "buyer": [each[1] for each in SOLD],
            "place": [""] * count, "item": ["安衡平"] * count, "specification": ["5mg×28片"] * count,
            "item_code": [""] * count, "quantity": [Decimal(-1) if each[2] < 0 else Decimal(1) for each in SOLD],
            "amount": [Decimal(each[2]) for each in SOLD], "lot": [""] * count,
        }  # fmt: skip
        table = pa.table({name: pa.array(columns[name], SCHEMA.field(name).type) for name in SCHEMA.names})
        plan = plan_intake(actor=BOSS, distributor_id=distributor.pk, table=table, today=TODAY)
        flow_take_in(actor=BOSS, plan=plan, file_name="流向.xlsx", now=NOW)
    assert SalesLine.unscoped.filter(institution__isnull=False, product__isnull=False).count() == len(SOLD)
    return made


def test_the_numbers_of_each_customer(customers: list[Any]) -> None:
    report = services.value_report_create(**DO, pks=[row.pk for row in customers], title="三家", selection="勾选")
    first, second, third = reckoning.read(report.rows)
    # Twelve months from 22 November 2025: 600 + 500 - 100; before: 800. Returns 100 of 1,100.
    assert (first.amount, first.prior, first.growth, first.returned) == ("1000.00", "800.00", "0.2500", "100.00")
    assert (first.returns_share, first.products, first.last_on) == ("0.0909", [("安衡平", "1.0000")], "2026-11-02")
    assert first.months[-1] == 600.0 and first.months[-8] == -100.0 and sum(first.months) == 1800.0
    assert first.next == ["returns", "rise", "one_product", "profile"]
    assert (second.amount, second.growth, second.next[:2]) == ("300.00", "-0.6667", ["silent", "fall"])
    assert (third.amount, third.growth, third.next[0]) == ("0", None, "never")
    assert [Decimal(each) for each in (first.amount, second.prior)] == [Decimal(1000), Decimal(900)]
    assert totals([first, second, third]) == (Decimal(1300), Decimal(1700), Decimal(100))
    assert report.inputs["periods"][0] == "2025-11-22"
    with acting(BOSS):
        for is_paper, render, begin in ((True, pdf, b"%PDF"), (False, workbook, b"PK")):
            document = value_document(report, [first, second, third], made_at=NOW, made_by="x", is_paper=is_paper)
            assert render(document).startswith(begin)
        assert "66.7" in next_text("fall", second)


def test_whose_purchases_one_may_not_see_is_left_out(customers: list[Any]) -> None:
    from yaomai.customers.models import Institution
    from yaomai.organization.models import Person, Territory

    near = Territory.unscoped.create(code="E", name="东", level="region", path="/1/", valid_from=TODAY)
    Institution.unscoped.filter(pk=customers[0].pk).update(territory=near)
    business = {"commerce.salesline:view", "insights.valuereport:create", "insights.valuereport:view"}
    person = Person.unscoped.create(username="local", name="王")
    grants = (Grant(frozenset({"customers.institution:view"})), Grant(frozenset(business), frozenset({near.pk})))
    local = Actor(person.pk, "local", grants)
    keys = [row.pk for row in customers]
    report = services.value_report_create(actor=local, now=NOW, pks=keys, title="x", selection="x")
    assert [row["institution"] for row in report.rows] == [customers[0].pk]
    nobody = Actor(None, "nobody", (Grant(frozenset({"insights.valuereport:create", "customers.institution:view"})),))
    with pytest.raises(Invalid):
        services.value_report_create(actor=nobody, now=NOW, pks=keys, title="x", selection="x")
    assert ValueReport.unscoped.count() == 1


def test_many_are_computed_in_the_background_once(customers: list[Any], monkeypatch: Any) -> None:
    from yaomai.insights.services import reports

    monkeypatch.setattr(reports, "MOST_AT_ONCE", 2)
    report = services.value_report_create(**DO, pks=[row.pk for row in customers], title="三家", selection="勾选")
    assert report.rows is None
    filled = services.value_report_fill(actor=BOSS, pk=report.pk)
    assert len(filled.rows) == 3
    ValueReport.unscoped.filter(pk=report.pk).update(rows=[])
    assert services.value_report_fill(actor=BOSS, pk=report.pk).rows == []
