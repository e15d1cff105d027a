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


CROWDED = ProductIndex(
    [
        ProductEntry(1, ("恒压平", "苯磺酸氨氯地平片"), "5mg*14片", is_own=True),
        ProductEntry(2, ("恒压平", "苯磺酸氨氯地平片"), "5mg*28片", is_own=True),
        ProductEntry(3, ("氨氯地平",), ""),
        ProductEntry(4, ("络活喜", "苯磺酸氨氯地平片"), "5mg*28片"),
        ProductEntry(5, ("施慧达", "苯磺酸左旋氨氯地平片"), ""),
        ProductEntry(6, ("恒舒安", "注射用头孢曲松钠"), "1.0g", is_own=True),
    ]
)


@pytest.mark.parametrize(
    ("name", "specification", "key"),
    [
        ("苯磺酸氨氯地平片(恒压平)", "5mg×28片", 2),
        ("恒压平 苯磺酸氨氯地平片", "5mg*14片/盒", 1),
        ("苯磺酸氨氯地平片（恒压平） 5mg*28片", "", 2),
        ("苯磺酸氨氯地平片5mg*28片", "", 2),  # two makers: the file reports our own
        ("络活喜 苯磺酸氨氯地平片 5mg*28片", "", 4),
        ("注射用头孢曲松钠1.0g", "", 6),
        ("恒舒安", "", 6),
        ("恒压平 瑞安替尼", "5mg*28片", None),  # a word that belongs to another product
        ("恒压平", "10mg*28片", None),
        ("20%人血白蛋白", "", None),
    ],
)
def test_words_and_specifications_are_found_in_one_text(name: str, specification: str, key: int | None) -> None:
    assert CROWDED.read(name, specification).key == key


def test_among_candidates_the_specification_decides_before_likeness() -> None:
    candidates = CROWDED.read("氨氯地平片", "5mg x 28片").candidates
    assert [key for key, _score in candidates][:2] == [2, 4]
    assert candidates[0][1] > 0.9


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
