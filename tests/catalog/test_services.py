from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from yaomai.catalog import services
from yaomai.catalog.models import Division, Product, ProductStanding, StandardDepartment
from yaomai.catalog.selectors import standing_on
from yaomai.kit.access import Actor, Grant, acting, system_actor
from yaomai.kit.acts.rows import Archived
from yaomai.kit.errors import Conflict, Invalid, Missing, Stale

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)
TODAY = date(2026, 11, 21)
SYSTEM = system_actor("test", "set up")
READER = Actor(None, "reader", (Grant(frozenset({"catalog.product:view", "catalog.division:view"})),))


@pytest.fixture
def product() -> Product:
    return services.product_create(actor=SYSTEM, now=NOW, generic_name="示例洛尔片", specification="25mg")


def test_the_national_list_of_departments_is_there() -> None:
    heart = StandardDepartment.unscoped.get(code="0304")
    assert (heart.name, heart.parent.name if heart.parent else "") == ("心血管内科", "内科")
    assert StandardDepartment.unscoped.filter(group="pharmacy").count() == 5


def test_a_product_is_named_by_what_it_is(product: Product) -> None:
    assert (product.name, product.natural_key) == ("示例洛尔片 25mg", "示例洛尔片|||25mg|")


def test_products_are_changed_by_those_who_may(product: Product) -> None:
    with pytest.raises(Missing):
        services.product_update(actor=READER, pk=product.pk, now=NOW, changes={"margin": "high"})
    heart = StandardDepartment.unscoped.get(code="0304")
    changed = services.product_update(
        actor=SYSTEM, pk=product.pk, now=NOW, expected_version=1, changes={"margin": "high", "departments": [heart]}
    )
    assert (changed.margin, list(Product.departments.through.objects.values_list("standarddepartment", flat=True))) == (
        "high", [heart.pk],
    )  # fmt: skip
    with pytest.raises(Stale):
        services.product_update(actor=SYSTEM, pk=product.pk, now=NOW, expected_version=1, changes={"margin": "low"})
    with pytest.raises(Invalid):
        services.product_update(actor=SYSTEM, pk=product.pk, now=NOW, changes={"reimbursement": "a"})
    services.product_archive(actor=SYSTEM, pk=product.pk, now=NOW)
    with pytest.raises(Archived):
        services.product_update(actor=SYSTEM, pk=product.pk, now=NOW, changes={"margin": "low"})


def stand(product: Product, value: str, day: date, kind: str = "reimbursement", **more: Any) -> ProductStanding:
    return services.product_standing_set(
        actor=SYSTEM, pk=product.pk, kind=kind, value=value, valid_from=day, now=NOW, **more
    )


def test_standings_are_dated(product: Product) -> None:
    stand(product, "b", date(2024, 1, 1))
    stand(product, "a", date(2026, 1, 1), source="2025年目录")
    stand(product, "yes", TODAY + timedelta(days=30), kind="procurement")
    product.refresh_from_db()
    assert (product.reimbursement, product.is_centrally_procured) == ("a", False)
    with acting(SYSTEM):
        days = (date(2023, 12, 31), date(2024, 1, 1), date(2025, 12, 31), date(2026, 1, 1))
        assert [standing_on(product.pk, "reimbursement", on=day) for day in days] == ["", "b", "b", "a"]
    assert services.standings_apply(actor=SYSTEM, on=TODAY + timedelta(days=30)) == 1
    product.refresh_from_db()
    assert product.is_centrally_procured


@pytest.mark.parametrize(
    ("kind", "value"), [("reimbursement", "yes"), ("procurement", "a"), ("price", "a"), ("reimbursement", "")]
)
def test_standings_that_do_not_exist_are_refused(product: Product, kind: str, value: str) -> None:
    with pytest.raises(Invalid):
        stand(product, value, TODAY, kind=kind)
    assert not ProductStanding.unscoped.exists()


def test_the_history_of_standings_is_not_rewritten(product: Product) -> None:
    stand(product, "a", TODAY)
    with pytest.raises(Invalid):
        stand(product, "b", TODAY - timedelta(days=1))
    stand(product, "b", TODAY)
    assert list(ProductStanding.unscoped.values_list("value", flat=True)) == ["b"]


def test_renaming_a_division_renames_what_is_below() -> None:
    province = services.division_create(actor=SYSTEM, now=NOW, code="90", name="甲省")
    city = services.division_create(actor=SYSTEM, now=NOW, code="9001", name="乙市", parent=province)
    district = services.division_create(actor=SYSTEM, now=NOW, code="900101", name="丙区", parent=city)
    assert (district.full_name, district.path, district.level) == ("甲省乙市丙区", "/90/9001/900101/", "district")
    services.division_update(actor=SYSTEM, pk=city.pk, now=NOW, changes={"name": "丁市"})
    district.refresh_from_db()
    assert district.full_name == "甲省丁市丙区"
    with pytest.raises(Conflict):
        services.division_archive(actor=SYSTEM, pk=province.pk, now=NOW)
    with pytest.raises(Invalid):
        services.division_create(actor=SYSTEM, now=NOW, code="9102", name="戊市", parent=province)
    assert Division.unscoped.count() == 3
