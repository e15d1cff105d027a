"""Reading: what a table in a real-life file becomes."""

import gzip
import io
import os
import zipfile
from pathlib import Path

import pytest
import xlsxwriter

from yaomai.kit.transfer import errors
from yaomai.kit.transfer.reading import read_table
from yaomai.kit.transfer.reading.tables import Place, Table, column_letters

SHARED = Path(os.environ.get("YAOMAI_SHARED_DATA", Path(__file__).parents[3] / "shared" / "data"))
LINES = [["医院名称", "产品", "数量"], ["北京协和医院", "阿卡波糖片", "12"], ["上海瑞金医院", "二甲双胍", "-3"]]
EXPECTED = [("北京协和医院", "阿卡波糖片", "12"), ("上海瑞金医院", "二甲双胍", "-3")]


def csv_bytes(rows: list[list[str]], separator: str = ",", encoding: str = "utf-8") -> bytes:
    return "".join(separator.join(row) + "\r\n" for row in rows).encode(encoding)


def read_bytes(folder: Path, name: str, content: bytes) -> Table:
    (folder / name).write_bytes(content)
    return read_table(folder / name)


def workbook(folder: Path, rows: list[list[object]], *, merged: list[tuple[int, int, int, int]] | None = None) -> Path:
    """Write rows to the sheet 流向; None is an empty cell."""
    path = folder / "流向.xlsx"
    with xlsxwriter.Workbook(str(path), {"default_date_format": "yyyy-mm-dd"}) as book:
        sheet = book.add_worksheet("流向")
        for area in merged or []:
            sheet.merge_range(*area, "")
        for number, row in enumerate(rows):
            for column, value in enumerate(row):
                if value is not None:
                    sheet.write(number, column, value)
    return path


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be"])
def test_text_tables_of_every_encoding_and_separator_read_the_same(
    tmp_path: Path, separator: str, encoding: str
) -> None:
    table = read_bytes(tmp_path, "流向.txt", csv_bytes(LINES, separator, encoding))

    assert table.headers == ("医院名称", "产品", "数量")
    assert table.sample() == EXPECTED


def test_packed_text_tables_are_unpacked(tmp_path: Path) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("三月/流向.csv", csv_bytes(LINES, encoding="gb18030"))
        archive.writestr("说明.docx", b"nothing")

    assert read_bytes(tmp_path, "a.csv.gz", gzip.compress(csv_bytes(LINES))).sample() == EXPECTED
    assert read_bytes(tmp_path, "a.zip", packed.getvalue()).sample() == EXPECTED


def test_quoted_cells_keep_separators_and_line_breaks(tmp_path: Path) -> None:
    content = '名称,地址\r\n甲,"一号楼,\n二层"\r\n乙,"他说""好"""\r\n'.encode()

    table = read_bytes(tmp_path, "a.csv", content)

    assert table.sample() == [("甲", "一号楼,\n二层"), ("乙", '他说"好"')]
    assert table.place(1, 1) == Place("a.csv", 3, "B")


def test_row_numbers_count_blank_lines_as_a_spreadsheet_does(tmp_path: Path) -> None:
    table = read_bytes(tmp_path, "a.csv", "名称,数量\n\n甲,1\n,\n乙,2\n".encode())

    assert table.row_numbers.to_pylist() == [3, 5]


def test_cells_become_text_as_they_mean(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["文本", "整数", "小数", "日期", "时刻", "逻辑", "编码"])
        for row, (text, whole, fraction, day, moment, flag, code) in enumerate(
            [
                (" 甲\u3000", 45000, 0.5, 45356, 45356.25, True, "007"),
                ("乙\xa0", 12345678901234, -1.25, 45357, 45357, False, "\u200b"),
            ],
            1,
        ):
            sheet.write_row(row, 0, [text, whole, fraction])
            sheet.write_number(row, 3, day, book.add_format({"num_format": "yyyy/m/d"}))
            sheet.write_number(row, 4, moment, book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"}))
            sheet.write_boolean(row, 5, flag)
            sheet.write_string(row, 6, code)

    table = read_table(path)

    assert table.sample() == [
        ("甲", "45000", "0.5", "2024-03-05", "2024-03-05 06:00:00", "TRUE", "007"),
        ("乙", "12345678901234", "-1.25", "2024-03-06", "2024-03-06", "FALSE", None),
    ]
    assert table.place(0, 3).cell == "D2"


def test_title_rows_merged_headers_totals_and_notes_are_taken_apart(tmp_path: Path) -> None:
    rows: list[list[object]] = [
        ["国药控股某某有限公司 2024年3月 流向表"],
        ["单位：盒", None, None, None, "制表：张三"],
        [],
        ["序号", "医院名称", "品名", "销售", None, "备注"],
        [None, None, None, "数量", "金额"],
        [1, "北京协和医院", "阿卡波糖片", 10, 123.5],
        [None, "小计", None, 10, 123.5],
        [2, "上海瑞金医院", "阿卡波糖片", -2, -24.7, "退货"],
        ["序号", "医院名称", "品名", "销售", None, "备注"],
        [3, "中山医院", "二甲双胍", 5, 50],
        ["合 计：", None, None, 13, 148.8],
        [],
        ["备注：以上数据以出库单为准"],
        ["制表人：张三", None, None, "审核：李四"],
    ]
    merged = [(0, 0, 0, 5), (3, 0, 4, 0), (3, 1, 4, 1), (3, 2, 4, 2), (3, 3, 3, 4), (3, 5, 4, 5)]

    table = read_table(workbook(tmp_path, rows, merged=merged))

    assert table.headers == ("序号", "医院名称", "品名", "销售 数量", "销售 金额", "备注")
    assert table.sample() == [
        ("1", "北京协和医院", "阿卡波糖片", "10", "123.5", None),
        ("2", "上海瑞金医院", "阿卡波糖片", "-2", "-24.7", "退货"),
        ("3", "中山医院", "二甲双胍", "5", "50", None),
    ]
    assert table.row_numbers.to_pylist() == [6, 8, 10]
    assert [(each.row, each.reason) for each in table.left_out] == [
        (7, "total"),
        (9, "header"),
        (11, "total"),
        (13, "note"),
        (14, "note"),
    ]


def test_upper_headers_spread_over_gaps_where_merging_was_lost(tmp_path: Path) -> None:
    rows = [
        ["医院", "一月", "", "二月", ""],
        ["", "数量", "金额", "数量", "金额"],
        ["协和", "1", "2", "3", "4"],
        ["瑞金", "5", "6", "7", "8"],
    ]

    table = read_bytes(tmp_path, "a.csv", csv_bytes(rows))

    assert table.headers == ("医院", "一月 数量", "一月 金额", "二月 数量", "二月 金额")
    assert table.height == 2


def test_names_that_only_contain_a_totals_word_stay(tmp_path: Path) -> None:
    rows = [
        ["名称", "地址", "数量"],
        ["合计堂药店", "某路1号", "1"],
        ["统计局医院", "某路2号", "2"],
        ["华东 小计", "", "3"],
        ["总计", "", "3"],
        ["合\u3000计", "", "3"],
    ]

    table = read_bytes(tmp_path, "a.csv", csv_bytes(rows))

    assert [row[0] for row in table.sample()] == ["合计堂药店", "统计局医院"]


def test_a_table_that_starts_at_c5_names_its_true_cells(tmp_path: Path) -> None:
    rows: list[list[object]] = [
        [],
        [],
        [],
        [],
        [None, None, "名称", "数量"],
        [None, None, "甲", 1],
        [None, None, "乙", 2],
    ]

    table = read_table(workbook(tmp_path, rows))

    assert table.letters == ("C", "D")
    assert table.place(1, 1).cell == "D7"


def test_sheets_of_one_form_are_joined_and_others_reported(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        for name, rows in {
            "一月": [["名称", "数量"], ["甲", 1]],
            "二月": [["名称", "数量"], ["乙", 2], ["丙", 3]],
        }.items():
            sheet = book.add_worksheet(name)
            for number, row in enumerate(rows):
                sheet.write_row(number, 0, row)
        book.add_worksheet("说明").write_row(0, 0, ["填写人", "电话"])
        book.add_worksheet("空")
        hidden = book.add_worksheet("lists")
        hidden.write_row(0, 0, ["名称", "数量"])
        hidden.write_row(1, 0, ["丁", 9])
        hidden.hide()

    table = read_table(path)

    assert [table.place(row) for row in range(3)] == [Place("一月", 2), Place("二月", 2), Place("二月", 3)]
    assert [row[0] for row in table.sample()] == ["甲", "乙", "丙"]
    assert [params for _message, params in table.notices] == [{"sheets": "说明"}]
    assert read_table(path, sheet="二月").height == 2
    with pytest.raises(errors.SheetMissing):
        read_table(path, sheet="三月")


def test_error_cells_are_seen_where_the_fast_reader_shows_nothing(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet("流向")
        sheet.write_row(0, 0, ["名称", "数量", "金额"])
        sheet.write_row(1, 0, ["甲", 1])
        sheet.write_formula(1, 2, "=NA()", None, "#N/A")
        sheet.write_row(2, 0, ["乙", 2])
        sheet.write_formula(2, 2, "=B3*2", None, 4)

    assert read_table(path).sample() == [("甲", "1", "#N/A"), ("乙", "2", "4")]


def test_a_list_without_header_is_read_when_a_person_says_so(tmp_path: Path) -> None:
    content = "北京协和医院,三级\n上海瑞金医院,三级\n".encode()
    (tmp_path / "a.csv").write_bytes(content)

    table = read_table(tmp_path / "a.csv", has_header=False)

    assert table.headers == ("", "")
    assert table.letters == ("A", "B")
    assert table.row_numbers.to_pylist() == [1, 2]


def test_a_person_can_point_at_the_header_row(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes("甲,乙,丙\n名称,数量,金额\n协和,1,2\n".encode())

    assert read_table(tmp_path / "a.csv", header_row=2).headers == ("名称", "数量", "金额")


def test_neutralised_cells_of_our_own_exports_come_back_as_they_were(tmp_path: Path) -> None:
    table = read_bytes(tmp_path, "a.csv", "名称,说明\n甲,'=1+1\n乙,'tis\n".encode())

    assert table.sample() == [("甲", "=1+1"), ("乙", "'tis")]


def test_letters_count_like_a_spreadsheet() -> None:
    assert [column_letters(index) for index in (0, 25, 26, 701, 702, 16383)] == ["A", "Z", "AA", "ZZ", "AAA", "XFD"]


@pytest.mark.parametrize(
    ("file", "rows", "header_row"),
    [
        ("hospitals/national_first_3000.csv", 3000, 1),
        ("hospitals/fever_clinics_2020.csv", 6753, 1),
        ("hospitals/beijing_hospitals_724.csv", 724, 1),
        ("hospitals/beijing_126_coords_volumes.csv", 126, 1),
        ("hospitals/fudan_department_ranking.csv", 1018, 1),
        ("hospitals/fudan_hospital_ranking.csv", 100, 1),
        ("pharmacies/guangzhou_pharmacies.csv", 166, 1),
        ("divisions/provinces.csv", 31, 1),
        ("divisions/cities.csv", 342, 1),
        ("divisions/areas.csv", 2978, 1),
        ("divisions/streets.csv.gz", 41352, 1),
        ("drugs/nrdl_western.csv", 1849, 1),
        ("drugs/nrdl_tcm_patent.csv", 1422, 1),
        ("drugs/drug_classes.csv", 696, 1),
        ("drugs/original_brand_drugs.csv", 1526, 1),
        ("retail_sales/online_retail_tenth.csv.gz", 36378, 1),
        ("drug_sales/a10.csv", 204, 1),
        ("drug_sales/salesmonthly.csv", 70, 1),
        ("drug_sales/salesweekly_without_last_52.csv", 250, 1),
    ],
)
def test_every_row_of_the_real_files_is_read(file: str, rows: int, header_row: int) -> None:
    path = SHARED / file
    if not path.exists():
        pytest.skip("the shared data is not here; set YAOMAI_SHARED_DATA")

    table = read_table(path)

    assert (table.height, table.header_row, table.left_out) == (rows, header_row, ())


def test_a_plain_list_of_names_asks_for_a_header() -> None:
    path = SHARED / "hospitals/known_hospital_names.txt"
    if not path.exists():
        pytest.skip("the shared data is not here; set YAOMAI_SHARED_DATA")

    with pytest.raises(errors.HeaderNotFound):
        read_table(path)

    assert read_table(path, has_header=False).height == 5053
