"""Files become tables, and tables files; what cannot be read says where and how to mend it."""

import gzip
from datetime import date, datetime
from pathlib import Path

import pyarrow as pa
import pytest
import xlsxwriter

from yaomai.engine import files
from yaomai.engine.files import (
    FileProblem,
    date_column,
    number_column,
    read_table,
    text_column,
    write_table,
)

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
        ("t.csv", b"a,a\n1,2\n", "duplicate_column"),
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
    monkeypatch.setattr(files, "UNPACKED_LIMIT", 500)
    with pytest.raises(FileProblem) as problem:
        read_table(tmp_path / "t.xlsx")
    assert problem.value.code == "too_large"


def test_the_ragged_row_is_numbered_as_in_the_file(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("a,b\n1,2\n1,2,3\n")
    with pytest.raises(FileProblem) as problem:
        read_table(tmp_path / "t.csv")
    assert problem.value.params["row"] == 3


def test_numbers_and_dates_as_people_write_them() -> None:
    table = pa.table(
        {
            "n": ["１２３．５", "1,234.50", "¥-3", "(2.00)", None, "12%"],
            "d": [
                "2026-01-31",
                "2026/1/31 08:00:00",
                "20260131",
                "2026年1月31日",
                " ",
                "46053",
            ],
            "i": pa.array([46053.0, None, 46053.0, 46053.0, 46053.0, 20260131.0]),
        }
    )
    day = date(2026, 1, 31)
    assert number_column(table, "n").to_pylist() == [
        123.5,
        1234.5,
        -3.0,
        -2.0,
        None,
        0.12,
    ]
    assert date_column(table, "d").to_pylist() == [day, day, day, day, None, day]
    assert date_column(table, "i").to_pylist() == [day, None, day, day, day, day]
    assert text_column(table, "i").to_pylist()[-2:] == ["46053", "20260131"]


@pytest.mark.parametrize(
    ("value", "convert", "code"),
    [
        ("十", number_column, "number"),
        ("nan", number_column, "number"),
        ("2026-13-01", date_column, "date"),
    ],
)
def test_a_wrong_value_is_named_with_its_place(value: str, convert: object, code: str) -> None:
    with pytest.raises(FileProblem) as problem:
        convert(
            pa.table({"列": ["1" if code == "number" else "2026-01-01", value]}),
            "列",
            file="a.csv",
        )  # type: ignore[operator]
    assert problem.value.code == code
    assert problem.value.params == {
        "file": "a.csv",
        "row": 3,
        "column": "列",
        "value": value,
    }


def test_a_failed_write_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("old")
    with pytest.raises(pa.ArrowInvalid):
        write_table(pa.table({"a": [[1]]}), path)
    assert path.read_text() == "old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["t.csv"]
