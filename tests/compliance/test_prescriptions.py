"""The wall against counts of prescriptions by doctor (MR4, X1): what the rule sees, and what it lets pass."""

import re

import pytest

from yaomai.engine.prescriptions import HINTS, Sheet, counts_by_doctor, is_doctor, names_count, states_count
from yaomai.engine.prescriptions.words import plain

from . import spellings


def faults(given: spellings.Sheet) -> list[str]:
    context = [text for text in (given.sheet, given.title) if text]
    return counts_by_doctor(Sheet(given.headings, given.rows, context=context))


def test_there_are_enough_of_them() -> None:
    assert len(spellings.FORBIDDEN_TABLES) + len(spellings.FORBIDDEN_TEXTS) >= 350
    assert len(spellings.INNOCENT_TABLES) + len(spellings.INNOCENT_TEXTS) >= 350


@pytest.mark.parametrize("given", spellings.FORBIDDEN_TABLES, ids=str)
def test_a_table_that_counts_by_doctor_is_recognised(given: spellings.Sheet) -> None:
    assert faults(given)


@pytest.mark.parametrize("given", spellings.INNOCENT_TABLES, ids=str)
def test_a_lawful_table_passes(given: spellings.Sheet) -> None:
    assert faults(given) == []


@pytest.mark.parametrize("text", spellings.FORBIDDEN_TEXTS)
def test_a_text_that_says_how_much_a_doctor_prescribes_is_recognised(text: str) -> None:
    assert states_count(text, about_doctor=True)
    assert re.search(HINTS, plain(text)), "the search before the rule would leave it out"


@pytest.mark.parametrize("text", spellings.INNOCENT_TEXTS)
def test_a_lawful_text_passes(text: str) -> None:
    assert not states_count(text, about_doctor=True)


@pytest.mark.parametrize("text", ["月处方120盒", "每月开120盒"])
def test_elsewhere_a_text_must_name_a_doctor(text: str) -> None:
    assert not states_count(text, about_doctor=False)
    assert states_count(f"张主任{text}", about_doctor=False)


def test_the_columns_at_fault_are_named() -> None:
    assert counts_by_doctor(Sheet(["日期", "医生", "数量"])) == ["医生", "数量"]


def test_a_cell_at_fault_is_named_by_its_heading_only() -> None:
    assert counts_by_doctor(Sheet(["姓名", "职称", "备注"], [["张伟", "主任医师", "月处方量约200盒"]])) == ["备注"]


@pytest.mark.parametrize(
    "text", ["月处方量", "处方张数", "统方", "开方数", "prescription count", "rx_volume", "TRx", "chufangliang"]
)
def test_labels_that_ask_for_a_count(text: str) -> None:
    assert names_count(text)


@pytest.mark.parametrize(
    "text", ["处方习惯及其影响因素", "处方意愿", "Prescribing habits and what shapes them", "床位数", "处方药销量"]
)
def test_labels_that_do_not(text: str) -> None:
    assert not names_count(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("张主任", True), ("心内科李伟医生", True), ("Dr. Zhang", True), ("王大夫诊所", False), ("科主任", False), ("第一医院", False),
     ("责任医生", False)],
)  # fmt: skip
def test_names_of_doctors(text: str, expected: bool) -> None:
    assert is_doctor(text) is expected
