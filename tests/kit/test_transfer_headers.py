"""Header guessing: twenty spellings of each column, and no wrong guess where it is not certain."""

import pytest

from yaomai.kit.transfer.columns import Column, ColumnKind
from yaomai.kit.transfer.headers import Certainty, KnownHeaders, guess

COLUMNS = (
    Column(
        "name",
        "机构名称",
        required=True,
        synonyms=("医院名称", "医疗机构名称", "客户名称", "终端名称", "单位名称", "hospital name"),
    ),
    Column("code", "机构编码", synonyms=("医院编码", "客户编码", "终端编码", "institution code")),
    Column("grade", "等级", synonyms=("医院等级", "机构等级", "hospital grade")),
    Column("address", "地址", synonyms=("address",)),
    Column("product", "产品名称", synonyms=("品名", "商品名称", "药品名称", "通用名", "product name")),
    Column(
        "sold_on",
        "销售日期",
        kind=ColumnKind.DATE,
        synonyms=("出库日期", "开票日期", "单据日期", "业务日期", "sale date"),
    ),
    Column("quantity", "数量", kind=ColumnKind.DECIMAL, synonyms=("销售数量", "出库数量", "实发数量", "quantity")),
    Column("amount", "金额", kind=ColumnKind.DECIMAL, synonyms=("销售金额", "含税金额", "总金额", "amount")),
    Column("batch", "批号", synonyms=("产品批号", "生产批号", "batch number", "lot")),
    Column("remark", "备注"),
)
SPELLINGS = {
    "name": "机构名称 *机构名称 机构名称（必填） 机构全称 医院名称 医院全称 医疗机构名称 医疗机构全称 客户名称 "
    "客户全称 终端名称 终端客户名称 "
    "单位名称 1.机构名称 机构_名称 机构名称： 所属机构名称 HospitalName HOSPITAL_NAME Hospital-Name",
    "code": "机构编码 机构代码 机构编号 *机构编码 机构编码(必填) 医院编码 医院代码 医院编号 客户编码 客户编号 "
    "客户代码 终端编码 终端代码 "
    "终端编号 2、机构编码 机构_编码 机构编码: InstitutionCode institution_code INSTITUTION-CODE",
    "grade": "等级 级别 医院等级 医院级别 机构等级 机构级别 *等级 等级（选填） 等级(三级/二级) 医院等级* 3.等级 "
    "等级: hospital_grade "
    "HospitalGrade HospitalLevel hospital_level 【等级】等级 医院等级（必填） 机构等级* 医院_等级",
    "address": "地址 详细地址 联系地址 通讯地址 所在地址 住址 *地址 地址（必填） 地址* 地址: Address ADDRESS address "
    "addr Addr 4.地址 "
    "地址(详细) 地址【选填】 所属地址 地址：",
    "product": "产品名称 产品全称 产品名 *产品名称 产品名称（必填） 品名 品名* 商品名称 商品名 商品全称 药品名称 "
    "药品名 药品全称 通用名 通用名称 "
    "ProductName product_name PRODUCT-NAME 产品_名称 产品名称：",
    "sold_on": "销售日期 销售时间 *销售日期 销售日期（必填） 出库日期 出库时间 开票日期 开票时间 单据日期 单据时间 "
    "业务日期 业务时间 SaleDate "
    "sale_date SALE-DATE 销售日期(年月日) 销售_日期 销售日期： 5.销售日期 销售年月日",
    "quantity": "数量 *数量 数量（盒） 数量(必填) 销售数量 销售数量（盒） 出库数量 出库数量(支) 实发数量 Quantity "
    "QTY qty quantity 数量： 6、数量 "
    "件数 销售件数 销售_数量 销售数量* 出库件数",
    "amount": "金额 *金额 金额（元） 金额(必填) 销售金额 销售金额（元） 含税金额 含税金额(元) 总金额 总额 总价 "
    "Amount AMOUNT amt 金额： 7.金额 "
    "价税合计 销售_金额 销售总额 销售金额*",
    "batch": "批号 *批号 批号（必填） 产品批号 生产批号 批号: BatchNumber batch_number BatchNo batch_no BATCH-NO Lot "
    "LOT 8.批号 产品_批号 "
    "批号* 生产批号（必填） 产品批号* 批号：【选填】 批号(LOT)",
    "remark": "备注 说明 附注 *备注 备注（选填） 备注： 备注* Remark remarks REMARK Note notes Comment comments "
    "9.备注 备注说明 备注_ 备注(可空) "
    "【备注】备注 备注信息",
}  # fmt: skip


@pytest.mark.parametrize("name", SPELLINGS)
def test_of_twenty_spellings_nineteen_are_recognised(name: str) -> None:
    spellings = SPELLINGS[name].split()
    assert len(spellings) == 20

    missed = [text for text in spellings if [each.column for each in guess([text], COLUMNS)] != [name]]

    assert len(missed) <= 1, missed


def test_a_whole_header_is_taken_apart_at_once() -> None:
    headers = [
        "序号",
        "出库日期",
        "客户名称",
        "医院等级",
        "品名",
        "规格",
        "产品批号",
        "数量（盒）",
        "单价",
        "含税金额(元)",
        "备注",
    ]

    found = {each.column: headers[each.index] for each in guess(headers, COLUMNS)}

    assert found == {
        "sold_on": "出库日期", "name": "客户名称", "grade": "医院等级", "product": "品名", "batch": "产品批号",
        "quantity": "数量（盒）",
        "amount": "含税金额(元)", "remark": "备注",
    }  # fmt: skip


@pytest.mark.parametrize("header", ["序号", "规格", "单价", "生产厂家", "负责人", "科室", "拼音", "邮编", "", "X", "Y"])
def test_strange_headers_are_left_to_the_person(header: str) -> None:
    assert guess([header], COLUMNS) == []


def test_no_column_is_used_twice_and_the_plainer_header_wins() -> None:
    found = guess(["销售数量", "数量", "出库数量"], COLUMNS)

    assert [(each.column, each.index, each.certainty) for each in found] == [("quantity", 1, Certainty.EXACT)]


def test_what_a_person_decided_wins_over_every_guess() -> None:
    remembered = {"单位": "name", "机构名称": "", "数量": "amount"}

    found = {
        each.column: (each.index, each.certainty)
        for each in guess(["机构名称", "单位", "数量", "金额"], COLUMNS, remembered=remembered)
    }

    assert found == {"name": (1, Certainty.REMEMBERED), "amount": (2, Certainty.REMEMBERED)}


def test_expected_headers_make_the_header_row_certain() -> None:
    known = KnownHeaders(COLUMNS)

    assert known("*医院名称（必填）")
    assert not known("某某医院")


def test_headings_below_a_shared_one_are_recognised() -> None:
    headers = ["客户信息 客户名称", "商品信息 品名", "商品信息 批号", "销售情况 数量", "销售情况 金额"]
    assert [each.column for each in guess(headers, COLUMNS)] == ["name", "product", "batch", "quantity", "amount"]
