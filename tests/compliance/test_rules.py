"""The wall against counts of prescriptions by doctor (MR4, X1)."""

import pytest

from yaomai.compliance.rules import prescription_counts

COUNTS = [
    ["医院", "医生处方量"],
    ["医院名称", "医师姓名", "数量"],
    ["客户", "科室", "医生", "销量", "金额"],
    ["统方数据"],
    ["开单医生", "品名", "盒数"],
    ["处方医生", "药品", "用量"],
    ["医院", "处方数（医生）"],
    ["个人处方数量", "月份"],
    ["prescriber", "product", "TRx"],
    ["doctor_name", "quantity"],
    ["Hospital", "Physician Rx"],
    ["医 院", "医生 姓名".replace(" ", ""), "销售金额"],
    ["经治医师", "药品名称", "DDDs"],
    ["大夫", "支数"],
    ["医院", "处方者", "处方笔数"],
]
CLEAN = [
    ["日期", "医院名称", "产品", "规格", "数量", "金额", "批号"],
    ["姓名", "职称", "医院", "科室", "电话"],
    ["医院", "科室", "科室患者数", "门诊量"],
    ["医生姓名", "职称", "论文数", "学术任职"],
    ["医院", "床位", "医师人数统计口径"],
    ["customer", "date", "amount", "quantity"],
    ["机构名称", "处方药销售金额"],
]


@pytest.mark.parametrize("headings", COUNTS, ids=lambda headings: "|".join(headings))
def test_a_count_by_doctor_is_recognised(headings: list[str]) -> None:
    assert prescription_counts(headings)


@pytest.mark.parametrize("headings", CLEAN, ids=lambda headings: "|".join(headings))
def test_lawful_tables_pass(headings: list[str]) -> None:
    assert prescription_counts(headings) == []


def test_full_width_headings_do_not_slip_through() -> None:
    assert prescription_counts(["ｄｏｃｔｏｒ", "ｑｕａｎｔｉｔｙ"]) == ["doctor", "quantity"]


def test_the_columns_at_fault_are_named() -> None:
    assert prescription_counts(["日期", "医生", "数量"]) == ["医生", "数量"]
