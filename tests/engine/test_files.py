"""Files become tables, and tables files; what cannot be read says where and how to mend it."""

import csv
import gzip
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pytest
import xlsxwriter

from yaomai.engine.files import FileProblem, excel, read_table, require_writable, row_of, write_table
from yaomai.engine.sources import read_sales

ROWS = {"医院": ["市一院", "协和, 医院", '"A"\n院'], "编号": ["001", "002", None]}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_csv_is_read_in_the_encodings_people_have(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes('医院,编号\r\n市一院,001\r\n"协和, 医院",002\r\n"""A""\n院",\r\n'.encode(encoding))
    assert read_table(path).to_pydict() == ROWS


@pytest.mark.parametrize("name", ["t.csv", "t.csv.gz", "t.tsv", "t.xlsx", "t.parquet"])
def test_what_is_written_is_read_again(tmp_path: Path, name: str) -> None:
    write_table(pa.table(ROWS), tmp_path / name)
    assert read_table(tmp_path / name).to_pydict() == ROWS
    assert [entry.name for entry in tmp_path.iterdir()] == [name]


def test_excel_keeps_types(tmp_path: Path) -> None:
    table = pa.table(
        {
            "n": pa.array([1, None], pa.int64()),
            "x": [1.5, 2.0],
            "d": [date(2026, 1, 31), None],
            "t": [datetime.fromisoformat("2026-01-31 08:30"), None],
            "f": ["=1+1", "00012"],
            "b": [True, False],
        }
    )
    write_table(table, tmp_path / "t.xlsx")
    again = read_table(tmp_path / "t.xlsx")
    assert again.to_pydict() == table.to_pydict()
    assert [str(kind) for kind in again.schema.types] == [
        "int64", "double", "date32[day]", "timestamp[us]", "string", "bool",
    ]  # fmt: skip


def test_blank_rows_before_the_header_are_passed_over(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(",\n\na;b\n1;2\n")
    assert read_table(tmp_path / "t.csv").to_pydict() == {"a": ["1"], "b": ["2"]}
    with xlsxwriter.Workbook(str(tmp_path / "t.xlsx")) as workbook:
        sheet = workbook.add_worksheet()
        sheet.write_row(2, 0, ["a", "b"])
        sheet.write_row(3, 0, [1, "x"])
    assert read_table(tmp_path / "t.xlsx").to_pydict() == {"a": [1], "b": ["x"]}


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("t.doc", b"x", "suffix"),
        ("t.csv", b"", "empty"),
        ("t.csv", b"a\n\xff\xff\xff\n", "encoding"),
        ("t.csv", b"a,b\n1,2\n1,2,3\n", "ragged_row"),
        ("t.xlsx", b"PK\x03\x04 truncated", "damaged"),
        ("t.parquet", b"PAR1", "damaged"),
        ("t.csv.gz", gzip.compress(b"a,b\n1,2\n" * 100, mtime=0)[:20], "damaged"),
    ],
)
def test_an_unusable_file_says_why(tmp_path: Path, name: str, content: bytes, code: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(FileProblem) as problem:
        read_table(tmp_path / name)
    assert problem.value.code == code
    assert name in problem.value.render("zh")
    assert problem.value.render("zh") != problem.value.render("en")


def test_a_missing_file_and_a_bomb_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(FileProblem, match="No such file"):
        read_table(tmp_path / "none.csv")
    write_table(pa.table({"a": ["x" * 1000]}), tmp_path / "t.xlsx")
    monkeypatch.setattr(excel, "UNPACKED_LIMIT", 500)
    with pytest.raises(FileProblem) as problem:
        read_table(tmp_path / "t.xlsx")
    assert problem.value.code == "too_large"


def test_the_ragged_row_is_numbered_as_in_the_file(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("a,b\n1,2\n1,2,3\n")
    with pytest.raises(FileProblem) as problem:
        read_table(tmp_path / "t.csv")
    assert problem.value.params["row"] == 3


def test_rows_are_numbered_as_a_spreadsheet_counts(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text('\n,\n"a\na",b\n1,2\n\n"3\n3",4\n')
    assert read_table(tmp_path / "t.csv").num_rows == 2
    assert [row_of(tmp_path / "t.csv", index) for index in (0, 1)] == [4, 6]
    with xlsxwriter.Workbook(str(tmp_path / "t.xlsx")) as workbook:
        sheet = workbook.add_worksheet()
        for row, cells in ((2, ["a"]), (3, [1]), (5, [2])):
            sheet.write_row(row, 0, cells)
    assert [row_of(tmp_path / "t.xlsx", index) for index in (0, 2)] == [4, 6]
    write_table(pa.table(ROWS), tmp_path / "t.parquet")
    assert row_of(tmp_path / "t.parquet", 0) == 1


def test_of_several_sheets_one_is_named(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(str(tmp_path / "t.xlsx")) as workbook:
        for name in ("一月", "二月", "空"):
            sheet = workbook.add_worksheet(name)
            if name != "空":
                sheet.write_column(0, 0, ["a", name])
    with pytest.raises(FileProblem, match="一月、二月"):
        read_table(tmp_path / "t.xlsx")
    assert read_table(tmp_path / "t.xlsx", sheet="二月").to_pydict() == {"a": ["二月"]}
    with pytest.raises(FileProblem, match="has no sheet “三月”"):
        read_table(tmp_path / "t.xlsx", sheet="三月")


def test_long_whole_numbers_keep_their_digits_in_excel(tmp_path: Path) -> None:
    write_table(pa.table({"id": [9007199254740993, 12]}), tmp_path / "t.xlsx")
    assert read_table(tmp_path / "t.xlsx").to_pydict() == {"id": ["9007199254740993", "12"]}


@pytest.mark.parametrize(("name", "code"), [("t.xls", "suffix"), ("folder.csv", "folder"), ("in.csv", "own_input")])
def test_an_output_is_refused_before_anything_is_computed(tmp_path: Path, name: str, code: str) -> None:
    (tmp_path / "folder.csv").mkdir()
    (tmp_path / "in.csv").write_text("a")
    with pytest.raises(FileProblem) as problem:
        require_writable(tmp_path / name, inputs=(None, tmp_path / "in.csv"))
    assert problem.value.code == code


def test_a_failed_write_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("old")
    with pytest.raises(pa.ArrowInvalid):
        write_table(pa.table({"a": [[1]]}), path)
    assert path.read_text() == "old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["t.csv"]


def test_a_table_whose_first_chunk_is_empty_is_written_as_it_is(tmp_path: Path) -> None:
    nothing = pa.table({"customer": pa.array([], pa.string())})
    write_table(pa.concat_tables([nothing, pa.table({"customer": ["甲医院"]})]), tmp_path / "out.csv")

    assert read_table(tmp_path / "out.csv").to_pydict() == {"customer": ["甲医院"]}


MESSY = (
    "安东九州医药 2026年6月 流向表,,,,\n"
    "\n"
    "客户信息,,销售信息,,\n"
    "客户名称,地区,日期,数量,金额\n"
    '江城市第一医院,华东,2026-06-03,10,"1,200.00"\n'
    "江城市第二医院,华东,2026/6/5,2,240\n"
    "华东小计,,,12,1440\n"
    "第三总医院,华西,2026年6月9日,1,120\n"
    "合 计：,,,13,1560\n"
)


@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
def test_titles_merged_headings_and_totals_are_what_people_mean(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"流向{suffix}"
    if suffix == ".csv":
        path.write_text(MESSY, encoding="gb18030")
    else:
        with xlsxwriter.Workbook(str(path)) as book:
            sheet = book.add_worksheet()
            for number, row in enumerate(csv.reader(MESSY.splitlines())):
                for column, cell in enumerate(row):
                    if cell:
                        sheet.write(number, column, cell)
    mapping = {"customer": "客户名称", "date": "日期", "amount": "金额"}
    sales = read_sales(path, mapping)
    assert sales.lines["customer"].to_pylist() == ["江城市第一医院", "江城市第二医院", "第三总医院"]
    assert sales.lines["amount"].to_pylist() == [Decimal("1200.00"), Decimal("240.00"), Decimal("120.00")]
    assert (sales.totals, sales.skipped) == (2, 0)
    broken = tmp_path / f"坏{suffix}"
    broken.write_bytes(path.read_bytes())
    if suffix == ".csv":
        broken.write_text(MESSY.replace("2026年6月9日", "前天"), encoding="utf-8")
        with pytest.raises(FileProblem, match="8"):  # the row as a spreadsheet counts, below a subtotal
            read_sales(broken, mapping)


def test_cells_far_from_the_table_are_refused_before_room_is_made_for_them(tmp_path: Path) -> None:
    path = tmp_path / "far.xlsx"
    with xlsxwriter.Workbook(str(path)) as workbook:
        page = workbook.add_worksheet()
        page.write_row(0, 0, ["客户", "金额"])
        page.write_row(1, 0, ["市一院", 12.5])
        page.write_string(1_048_575, 16_383, "备注")
    with pytest.raises(FileProblem) as caught:
        read_table(path)
    assert (caught.value.code, caught.value.params["cell"]) == ("far_cell", "XFD1048576")
    assert "XFD1048576" in caught.value.render("zh")


def test_a_coloured_cell_far_away_does_not_matter(tmp_path: Path) -> None:
    path = tmp_path / "coloured.xlsx"
    with xlsxwriter.Workbook(str(path)) as workbook:
        page = workbook.add_worksheet()
        page.write_row(0, 0, ["客户", "金额"])
        page.write_row(1, 0, ["市一院", 12.5])
        page.write_blank(1_048_575, 16_383, None, workbook.add_format({"bg_color": "yellow"}))
    assert read_table(path).to_pydict() == {"客户": ["市一院"], "金额": [12.5]}
