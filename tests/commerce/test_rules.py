"""What written products mean, and which files repeat one another."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yaomai.commerce.rules import ProductEntry, ProductIndex, is_correction, specification_key

INDEX = ProductIndex(
    [
        ProductEntry(1, ("安衡平", "安氯平片"), "5mg×28片", ("AH1", "国药准字H20990001")),
        ProductEntry(2, ("安衡平", "安氯平片"), "5mg×7片", ("AH2",)),
        ProductEntry(3, ("瑞安替尼", "瑞安替尼胶囊"), "50mg×30粒", ("AH3",)),
    ]
)


@pytest.mark.parametrize(
    ("name", "specification", "code", "key"),
    [
        ("安衡平", "5mg×28片", "", 1),
        ("安衡平", "5毫克*28片/盒", "", 1),
        ("安 衡 平", "５ｍｇX7片", "", 2),
        ("瑞安替尼", "", "", 3),
        ("随便写的", "", "国药准字H20990001", 1),
        ("安衡平", "", "", None),
        ("安衡平", "10mg×28片", "", None),
        ("瑞安替尼", "25mg×30粒", "", None),
    ],
)
def test_only_certain_products_are_accepted(name: str, specification: str, code: str, key: int | None) -> None:
    assert INDEX.read(name, specification, code).key == key


def test_near_products_are_proposed_best_first() -> None:
    candidates = INDEX.read("瑞安替尼胶囊剂", "25mg×30粒").candidates
    assert candidates[0][0] == 3


def test_spellings_of_a_specification_share_a_key() -> None:
    assert specification_key("5mg×28片/盒") == specification_key("5毫克 * 28 片")


def test_a_correction_repeats_a_third_of_the_smaller_file() -> None:
    own = Counter({"a": 1, "b": 1, "c": 1})
    assert is_correction(own, Counter({"a": 1, "x": 1, "y": 1}))
    assert not is_correction(own, Counter({"a": 1, "x": 1, "y": 1, "z": 1, "w": 1}) - Counter({"a": 1}))
    assert not is_correction(own, Counter())


@given(st.lists(st.text(min_size=1, max_size=3), min_size=1))
def test_every_file_corrects_itself(lines: list[str]) -> None:
    assert is_correction(Counter(lines), Counter(lines))
