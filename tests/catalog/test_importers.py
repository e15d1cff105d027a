import csv
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from yaomai.catalog.models import Division, Indication, Product, ProductStanding
from yaomai.catalog.services import product_update
from yaomai.kit.access import system_actor
from yaomai.kit.transfer.command import import_file
from yaomai.kit.transfer.services import import_undo

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)
LATER = NOW + timedelta(days=2)
SYSTEM = system_actor("test", "set up")


@pytest.fixture
def bring_in(tmp_path: Path) -> Callable[..., Any]:
    def run(importer: str, rows: Sequence[dict[str, str]], **more: Any) -> Any:
        path = tmp_path / "file.csv"
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
        return import_file(**({"actor": SYSTEM, "now": NOW, "path": path, "importer": importer} | more))

    return run


def counted(done: Any) -> tuple[int, int, int, int]:
    return done.created_count, done.updated_count, done.unchanged_count, done.refused_count


DIVISIONS = [{"code": "90", "name": "甲省"}, {"code": "9001", "name": "市辖区"}, {"code": "900101", "name": "丙区"}]


def test_divisions_of_several_levels_in_one_file(bring_in: Callable[..., Any]) -> None:
    assert counted(bring_in("catalog.division", DIVISIONS)) == (3, 0, 0, 0)
    district = Division.unscoped.get(code="900101")
    assert (district.full_name, district.path, district.parent.code) == ("甲省丙区", "/90/9001/900101/", "9001")
    assert counted(bring_in("catalog.division", DIVISIONS)) == (0, 0, 3, 0)
    assert counted(bring_in("catalog.division", [{"code": "90", "name": "丁省"}])) == (0, 1, 0, 0)
    district.refresh_from_db()
    assert district.full_name == "丁省丙区"


@pytest.mark.parametrize(("code", "problem"), [("123", "catalog.code"), ("9901", "catalog.above")])
def test_divisions_that_cannot_be(bring_in: Callable[..., Any], code: str, problem: str) -> None:
    done = bring_in("catalog.division", [{"code": code, "name": "某地"}])
    assert [each["code"] for each in done.result["problems"]] == [problem]
    assert not Division.unscoped.exists()


CATALOGUE = [
    {"药品名称": "示例洛尔", "剂型": "口服常释剂型", "甲乙": "甲", "class1": "心血管系统", "class2": "β受体阻滞剂", "备注": ""},
    {"药品名称": "示例替尼", "剂型": "口服常释剂型", "甲乙": "乙", "class1": "抗肿瘤药", "class2": "", "备注": "限二线"},
    {"药品名称": "示例洛尔", "剂型": "口服常释剂型", "甲乙": "甲", "class1": "别处", "class2": "", "备注": ""},
]  # fmt: skip


def test_a_reimbursement_catalogue(bring_in: Callable[..., Any]) -> None:
    done = bring_in("catalog.product", CATALOGUE)
    assert counted(done) == (2, 0, 0, 1)
    first, second = Product.unscoped.order_by("pk")
    assert (first.reimbursement, first.class_name, second.note) == ("a", "β受体阻滞剂", "限二线")
    assert list(ProductStanding.unscoped.values_list("value", "valid_from")) == [
        ("a", date(2026, 11, 21)), ("b", date(2026, 11, 21)),
    ]  # fmt: skip
    changed = bring_in("catalog.product", [CATALOGUE[0] | {"甲乙": "乙"}], now=LATER)
    assert counted(changed) == (0, 1, 0, 0)
    spans = ProductStanding.unscoped.filter(product=first).order_by("valid_from")
    assert list(spans.values_list("value", "valid_to")) == [("a", date(2026, 11, 23)), ("b", None)]
    import_undo(actor=SYSTEM, now=LATER, pk=changed.pk)
    assert list(spans.values_list("value", "valid_to")) == [("a", None)]


def test_our_own_products_with_indications_and_departments(bring_in: Callable[..., Any]) -> None:
    row = {
        "产品编码": "P1", "通用名": "示例净片", "商品名": "安净", "规格": "10mg", "适应症": "2型糖尿病、心力衰竭",
        "目标科室": "内分泌科、心血管内科", "集采": "是", "储存条件": "冷链", "执行日期": "2026-01-01",
    }  # fmt: skip
    done = bring_in("catalog.product", [row], options={"is_own": "1"})
    assert counted(done) == (1, 0, 0, 0)
    product = Product.unscoped.get()
    assert (product.name, product.is_own, product.is_centrally_procured, product.storage) == (
        "安净（示例净片） 10mg", True, True, "cold",
    )  # fmt: skip
    assert ProductStanding.unscoped.get().valid_from == date(2026, 1, 1)
    assert sorted(Indication.unscoped.values_list("name", flat=True)) == ["2型糖尿病", "心力衰竭"]
    assert Product.departments.through.objects.count() == 2
    wrong = bring_in("catalog.product", [row | {"产品编码": "P2", "目标科室": "没有的科"}])
    assert [each["code"] for each in wrong.result["problems"]] == ["catalog.department"]


def test_a_name_set_by_hand_outlives_a_file_that_names_none(bring_in: Callable[..., Any]) -> None:
    line = {"产品编码": "P1", "通用名": "示例洛尔片", "规格": "25mg"}
    other = {"产品编码": "", "通用名": "示例替尼片", "规格": "1g"}
    bring_in("catalog.product", [line, other])
    named, made = Product.unscoped.order_by("pk")
    product_update(actor=SYSTEM, pk=named.pk, changes={"name": "心康（院内用名）"}, now=NOW)

    assert counted(bring_in("catalog.product", [line | {"规格": "50mg"}, other | {"规格": "1g"}])) == (0, 1, 1, 0)

    named.refresh_from_db()
    assert (named.name, named.specification) == ("心康（院内用名）", "50mg")
    assert counted(bring_in("catalog.product", [line | {"规格": "50mg", "显示名称": "文件里的名字"}])) == (0, 1, 0, 0)
    named.refresh_from_db()
    made.refresh_from_db()
    assert (named.name, made.name) == ("文件里的名字", "示例替尼片 1g")
