"""Writing: exports, templates and returned workbooks open everywhere, and text never becomes a formula."""

import io
import os
import subprocess
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.utils import translation

from yaomai.kit.transfer.columns import Choice, Column, ColumnKind
from yaomai.kit.transfer.headers import KnownHeaders, guess
from yaomai.kit.transfer.reading import read_table
from yaomai.kit.transfer.template import write_template
from yaomai.kit.transfer.values import parse
from yaomai.kit.transfer.writing import (
    Heading,
    csv_chunks,
    export_response,
    neutralised,
    reason_header,
    write_csv,
    write_returned,
    write_workbook,
)
from yaomai.kit.ui.tables import Tier

HOSTILE = ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(1,1)", "\t=1", "\r=1", "＝1+1", '=HYPERLINK("http://x","y")']
HARMLESS = ["-5.2", "+86", "-1,234.50", "a=b", "100%", "'tis", "北京-上海"]
HEADINGS = [
    Heading("名称"),
    Heading("金额", ColumnKind.DECIMAL),
    Heading("日期", ColumnKind.DATE),
    Heading("月份", ColumnKind.MONTH),
    Heading("有效", ColumnKind.BOOLEAN),
]
ROWS: list[list[Any]] = [
    ["北京协和医院", Decimal("-12.50"), date(2024, 3, 5), date(2024, 3, 1), True],
    ["=1+1", None, None, None, False],
]
COLUMNS = (
    Column("name", "机构名称", required=True, length=50, example="示例医院", hint="执业许可证上的名称。"),
    Column(
        "kind",
        "类型",
        kind=ColumnKind.CHOICE,
        required=True,
        choices=(Choice("hospital", "医院"), Choice("pharmacy", "药店")),
        example="医院",
    ),
    Column(
        "region", "地区", kind=ColumnKind.REFERENCE, listed=lambda: [f"第{number}地区名称" for number in range(300)]
    ),
    Column("opened_on", "开业日期", kind=ColumnKind.DATE, example="2024-03-05"),
    Column("month", "月份", kind=ColumnKind.MONTH),
    Column("beds", "床位数", kind=ColumnKind.INTEGER, example="300"),
    Column("amount", "金额", kind=ColumnKind.DECIMAL),
    Column("active", "是否有效", kind=ColumnKind.BOOLEAN),
)


@pytest.mark.parametrize("text", HOSTILE)
def test_text_that_looks_like_a_formula_is_neutralised_in_csv_and_comes_back_whole(tmp_path: Path, text: str) -> None:
    write_csv(tmp_path / "a.csv", [Heading("名称"), Heading("说明")], [["甲", text]])

    assert neutralised(text) == f"'{text}"
    assert read_table(tmp_path / "a.csv").sample() == [("甲", text.strip())] or text[0] in "\t\r"


@pytest.mark.parametrize("text", HARMLESS)
def test_harmless_text_and_negative_numbers_stay_as_they_are(text: str) -> None:
    assert neutralised(text) == text


def test_values_in_csv() -> None:
    with translation.override("en"):
        content = b"".join(csv_chunks(HEADINGS, ROWS))

    assert content.decode() == (
        "\ufeff名称,金额,日期,月份,有效\r\n北京协和医院,-12.50,2024-03-05,2024-03,Yes\r\n'=1+1,,,,No\r\n"
    )


def test_long_exports_come_in_pieces() -> None:
    pieces = list(csv_chunks([Heading("名称")], ([f"第{number}家医院"] for number in range(20_000))))

    assert len(pieces) > 3
    assert b"".join(pieces).count(b"\r\n") == 20_001


def test_values_in_a_workbook_keep_their_types_and_text_stays_text(tmp_path: Path) -> None:
    write_workbook(tmp_path / "a.xlsx", HEADINGS, ROWS, sheet_name="流向/2024")

    sheet = openpyxl.load_workbook(tmp_path / "a.xlsx").active
    assert sheet is not None
    assert sheet.title == "流向 2024"
    assert [cell.value for cell in sheet[2]][:2] == ["北京协和医院", -12.5]
    assert sheet["C2"].value.date() == date(2024, 3, 5)
    assert sheet["D2"].number_format == "yyyy-mm"
    assert (sheet["A3"].value, sheet["A3"].data_type, sheet["A3"].quotePrefix) == ("=1+1", "s", True)
    assert read_table(tmp_path / "a.xlsx").sample()[1][0] == "=1+1"


def test_numbers_longer_than_a_spreadsheet_keeps_are_written_as_text(tmp_path: Path) -> None:
    write_workbook(tmp_path / "a.xlsx", [Heading("编码"), Heading("名称")], [[123456789012345678, "甲"]])

    assert read_table(tmp_path / "a.xlsx").sample() == [("123456789012345678", "甲")]


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_an_export_is_a_download_with_its_name(tmp_path: Path, kind: str) -> None:
    response = export_response(kind, "客户-20260301", ["名称", "数量"], iter([["甲", 1], ["=1+1", -2]]))

    (tmp_path / f"a.{kind}").write_bytes(b"".join(response.streaming_content))  # type: ignore[arg-type]
    assert read_table(tmp_path / f"a.{kind}").sample() == [("甲", "1"), ("=1+1", "-2")]
    assert response.headers["Content-Disposition"].startswith("attachment; filename*=utf-8''%E5%AE%A2")


def template(path: Path) -> openpyxl.Workbook:
    with translation.override("en"):
        write_template(path, COLUMNS, title="机构")
    return openpyxl.load_workbook(path)


def test_a_template_has_headers_drop_downs_an_example_and_notes(tmp_path: Path) -> None:
    book = template(tmp_path / "a.xlsx")
    sheet = book["机构"]

    assert [cell.value for cell in sheet[1]] == [
        "*机构名称",
        "*类型",
        "地区",
        "开业日期",
        "月份",
        "床位数",
        "金额",
        "是否有效",
    ]
    assert [cell.value for cell in sheet[2]] == ["示例医院", "医院", None, "2024-03-05", None, "300", None, None]
    lists = {str(each.sqref).split(":")[0]: each.formula1 for each in sheet.data_validations.dataValidation}
    assert lists == {"B2": '"医院,药店"', "C2": "lists!$A$1:$A$300", "H2": '"Yes,No"'}
    assert book["lists"].sheet_state == "hidden"
    assert book["lists"]["A300"].value == "第299地区名称"
    assert book["How to fill in"]["A5"].value == "机构名称"


def test_a_template_is_recognised_and_its_example_left_out_when_it_is_uploaded(tmp_path: Path) -> None:
    book = template(tmp_path / "a.xlsx")
    for column, value in enumerate(["协和医院", "医院", None, "2024-01-02", "2024-03", 500, 1.5, "Yes"], 1):
        book["机构"].cell(3, column, value)
    book.save(tmp_path / "b.xlsx")

    table = read_table(tmp_path / "b.xlsx", known=KnownHeaders(COLUMNS))
    mapping = {each.column: each.index for each in guess(table.headers, COLUMNS)}
    parsed = parse(table, COLUMNS, mapping)

    assert mapping == {column.name: index for index, column in enumerate(COLUMNS)}
    assert list(parsed.problems) == []
    assert parsed.data.to_pylist() == [
        {
            "name": "协和医院", "kind": "hospital", "region": None, "opened_on": date(2024, 1, 2),
            "month": date(2024, 3, 1), "beds": 500,
            "amount": Decimal("1.50"), "active": True,
        }
    ]  # fmt: skip


def test_the_returned_workbook_has_the_rows_with_reasons_and_coloured_cells(tmp_path: Path) -> None:
    write_csv(
        tmp_path / "a.csv",
        [Heading(each.label) for each in COLUMNS[:2]],
        [["甲", "医院"], ["乙", "诊所"], ["", "药店"], ["=1", "药店"]],
    )
    parsed = parse(read_table(tmp_path / "a.csv"), COLUMNS, {"name": 0, "kind": 1})
    content = io.BytesIO()
    with translation.override("en"):
        write_returned(content, parsed.table, parsed.problems)
        assert reason_header() == "Reason of error"

    sheet = openpyxl.load_workbook(io.BytesIO(content.getvalue())).active
    assert sheet is not None
    assert [cell.value for cell in sheet[1]] == ["Reason of error", "机构名称", "类型"]
    assert [sheet.cell(row, 1).value for row in range(2, 6)] == [
        None,
        "类型 B3: “诊所” is not one of the possible values: 医院、药店.",
        "机构名称 A4: Empty, but needed. Fill in a value.",
        None,
    ]
    assert [sheet.cell(3, column).fill.fgColor.rgb for column in (2, 3)] == ["00000000", "FFFEE4E2"]
    assert sheet["B4"].fill.fgColor.rgb == "FFFEE4E2"
    assert (sheet["B5"].value, sheet["B5"].data_type) == ("=1", "s")
    refused = io.BytesIO()
    write_returned(refused, parsed.table, parsed.problems, only_refused=True)
    assert openpyxl.load_workbook(io.BytesIO(refused.getvalue())).active.max_row == 3  # type: ignore[union-attr]


@pytest.mark.skipif(not os.path.exists("/usr/bin/soffice"), reason="LibreOffice is not installed")
@pytest.mark.timeout(180)
def test_a_template_survives_being_saved_by_libreoffice(tmp_path: Path) -> None:
    template(tmp_path / "a.xlsx")
    profile = f"-env:UserInstallation=file://{tmp_path}/profile"
    command = [
        "/usr/bin/soffice",
        profile,
        "--headless",
        "--convert-to",
        "xlsx",
        "--outdir",
        str(tmp_path / "out"),
        str(tmp_path / "a.xlsx"),
    ]
    subprocess.run(command, check=True, capture_output=True, timeout=150)

    saved = openpyxl.load_workbook(tmp_path / "out" / "a.xlsx")
    lists = {str(each.sqref).split(":")[0]: each.formula1 for each in saved["机构"].data_validations.dataValidation}
    assert lists["B2"] == '"医院,药店"'
    assert lists["C2"].replace("$", "") == "lists!A1:A300"
    assert saved["lists"].sheet_state == "hidden"
    table = read_table(tmp_path / "out" / "a.xlsx", known=KnownHeaders(COLUMNS))
    assert {each.column for each in guess(table.headers, COLUMNS)} == {column.name for column in COLUMNS}
    assert parse(table, COLUMNS, {"name": 0, "kind": 1, "opened_on": 3, "beds": 5}).example_rows == 1


def test_files_say_moments_and_tiers_as_screens_do(tmp_path: Path) -> None:
    moment = datetime(2026, 11, 27, 11, 32, 9, 49_123, tzinfo=UTC)
    row = [moment, Tier("战略客户", rank=1, of=4, why_url="/customers/1/why")]
    headings = [Heading("更新"), Heading("等级")]
    text = b"".join(csv_chunks(headings, [row])).decode("utf-8-sig")
    assert text.splitlines()[1] == "2026-11-27 19:32:09,战略客户"
    path = tmp_path / "out.xlsx"
    write_workbook(path, headings, [row])
    cells = [cell.value for cell in openpyxl.load_workbook(path).active[2]]
    assert [str(cell) for cell in cells] == ["2026-11-27 19:32:09", "战略客户"]
