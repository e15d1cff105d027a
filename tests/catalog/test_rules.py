import pytest

from yaomai.catalog import rules


@pytest.mark.parametrize(
    ("code", "level", "parent"),
    [("32", "province", ""), ("3201", "city", "32"), ("320106", "district", "3201"), ("320106001", "street", "320106"),
     ("320106001002", "street", "320106001"), ("320", None, ""), ("ab", None, ""), ("", None, "")],
)  # fmt: skip
def test_the_code_tells_level_and_parent(code: str, level: str | None, parent: str) -> None:
    assert (rules.division_level(code), rules.parent_code(code)) == (level, parent)


def test_full_names_leave_placeholders_out() -> None:
    city = rules.full_name("北京市", "市辖区")
    assert (city, rules.full_name(city, "朝阳区"), rules.full_name("", "市辖区")) == (
        "北京市",
        "北京市朝阳区",
        "市辖区",
    )


def test_products_without_a_code_are_told_apart_by_what_they_are() -> None:
    one = rules.product_key(generic_name="阿托伐他汀钙片", specification="20mg×7片")
    assert one == rules.product_key(generic_name="阿托伐他汀钙片 ", specification="２０ｍｇ×7片")
    assert one != rules.product_key(generic_name="阿托伐他汀钙片", specification="10mg×7片")


def test_product_names() -> None:
    name = rules.product_name(generic_name="阿托伐他汀钙片", trade_name="立普妥", specification="20mg")
    assert name == "立普妥（阿托伐他汀钙片） 20mg"
    assert rules.product_name(generic_name="阿司匹林") == "阿司匹林"
