"""Broken files: each is refused with its own reason and mend, and the place where a person has to look."""

import gzip
import io
import multiprocessing
import os
import struct
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter
from django.utils import translation

from yaomai.kit.transfer import errors
from yaomai.kit.transfer.reading import DEFAULT_LIMITS, Limits, read_table
from yaomai.kit.transfer.reading.compound import SIGNATURE

ROWS = [["医院名称", "产品", "数量"], ["北京协和医院", "阿卡波糖片", 12], ["上海瑞金医院", "二甲双胍", 3]]


def xlsx(rows: list[list[object]] = ROWS) -> bytes:
    content = io.BytesIO()
    with xlsxwriter.Workbook(content) as book:
        sheet = book.add_worksheet("流向")
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    return content.getvalue()


def repacked(content: bytes, *, add: dict[str, bytes] | None = None, replace: dict[str, bytes] | None = None) -> bytes:
    """Return a workbook with parts added or replaced."""
    result = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(result, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            new.writestr(entry.filename, (replace or {}).get(entry.filename, old.read(entry)))
        for name, part in (add or {}).items():
            new.writestr(name, part)
    return result.getvalue()


def zipped(files: dict[str, bytes]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in files.items():
            archive.writestr(name, part)
    return content.getvalue()


def compound(*names: str) -> bytes:
    """Return a compound file with these (empty) streams."""
    header = bytearray(512)
    header[:8] = SIGNATURE
    struct.pack_into("<HHHHH", header, 24, 0x3E, 3, 0xFFFE, 9, 6)
    struct.pack_into("<IIIIII", header, 44, 1, 1, 0, 4096, 0xFFFFFFFE, 0)
    struct.pack_into("<II", header, 68, 0xFFFFFFFE, 0)
    struct.pack_into("<109I", header, 76, 0, *[0xFFFFFFFF] * 108)
    table = struct.pack("<128I", 0xFFFFFFFD, *range(2, 5), 0xFFFFFFFE, *[0xFFFFFFFF] * 123)
    directory = b""
    for name in ("Root Entry", *names):
        text = name.encode("utf-16-le") + b"\0\0"
        directory += text.ljust(64, b"\0") + struct.pack("<H", len(text)) + b"\x02".ljust(62, b"\0")
    return bytes(header) + table + directory.ljust(512 * 4, b"\0")


def uncalculated() -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "流向"
    sheet.append(["名称", "数量", "金额"])
    sheet.append(["甲", 2, "=B2*5"])
    sheet.append(["乙", 3, "=B3*5"])
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def sheet_xml(content: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return archive.read("xl/worksheets/sheet1.xml")


def long_cell(content: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        texts = archive.read("xl/sharedStrings.xml").decode()
    return texts.replace("北京协和医院", "长" * 2_000_000).encode()


def lying_directory() -> bytes:
    """Return a workbook whose directory says that a sheet is far smaller than it is."""
    good = xlsx()
    content = bytearray(good)
    at = content.rfind(b"xl/worksheets/sheet1.xml") - 46
    size = struct.unpack_from("<I", content, at + 24)[0]
    struct.pack_into("<I", content, at + 24, size // 2)
    return bytes(content)


def bad_sum() -> bytes:
    content = bytearray(xlsx())
    at = content.rfind(b"xl/worksheets/sheet1.xml") - 46
    struct.pack_into("<I", content, at + 16, 1)
    return bytes(content)


def damaged_gzip() -> bytes:
    content = bytearray(gzip.compress(os.urandom(5000)))
    content[2500:2600] = bytes(100)
    return bytes(content)


def broken_utf8() -> bytes:
    return "名称,数量\n北京协和医院,1\n上海".encode() + b"\xff\xfe" + "瑞金,2\n".encode()


def broken_gbk() -> bytes:
    return "名称,数量\n北京协和医院,1\n上海".encode("gb18030") + b"\xff\xff" + "瑞金,2\n".encode("gb18030")


def damaged(method: int, files: dict[str, bytes]) -> bytes:
    """Return an archive packed by this method, with some bytes of its first part overwritten."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", method) as archive:
        for name, part in files.items():
            archive.writestr(name, part)
    result = bytearray(content.getvalue())
    at = 30 + len(next(iter(files))) + 15
    result[at : at + 20] = b"\xff" * 20
    return bytes(result)


def unreadable_name(content: bytes, name: bytes) -> bytes:
    """Return an archive in which a part calls itself by bytes that are no UTF-8, unlike in the directory."""
    result = bytearray(content)
    at = result.find(name)
    struct.pack_into("<H", result, at - 24, 0x800)
    result[at : at + 3] = b"\xff\xfe\xfd"
    return bytes(result)


def with_cell(cell: str) -> bytes:
    """Return a workbook with one row more, as XML."""
    xml = sheet_xml(xlsx()).replace(b"</sheetData>", f"{cell}</sheetData>".encode())
    return repacked(xlsx(), replace={"xl/worksheets/sheet1.xml": xml})


def foreign_encoding(name: bytes) -> bytes:
    """Return a workbook with a formula, one part of which says that it is written in this encoding."""
    with zipfile.ZipFile(io.BytesIO(xlsx())) as archive:
        part = archive.read("xl/workbook.xml").replace(b"UTF-8", name)
    xml = sheet_xml(xlsx()).replace(b"<v>12</v>", b"<f>6+6</f><v>12</v>")
    return repacked(xlsx(), replace={"xl/workbook.xml": part, "xl/worksheets/sheet1.xml": xml})


TABLE = {"a.csv": "名称,数量\n北京协和医院,1\n上海瑞金医院,2\n".encode() * 50}
FAR = {
    "A4294967295": '<row r="4"><c r="A4294967295"><v>1</v></c></row>',
    "ALL1048576": '<row r="1048576"><c r="ALL1048576" t="inlineStr"><is><t>x</t></is></c></row>',
    "XFD1048576": "<row r='4'><c x:r=\"B4\" r = 'xfd1048576'><v>1</v></c></row>",
    "C4000000000": '<row r="4000000000"><c><v>1</v></c></row>',
}
"""References of one cell too far away, in ways that XML allows."""

TYPES = {"[Content_Types].xml": b"<a/>"}
BIG5 = "醫院名稱,產品,數量\n國立臺灣大學醫學院附設醫院,藥品,1\n馬偕紀念醫院,藥品,2\n".encode("big5")
HTML = b"<html><head><meta charset=gbk></head><body><table><tr><td>1</td></tr></table></body></html>"
XML_2003 = b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"></Workbook>'
ENTITIES = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "boom">]><worksheet>&b;</worksheet>'

BROKEN: dict[str, tuple[str, Callable[[], bytes], type[errors.FileRefused], dict[str, object]]] = {
    "nothing in it": ("a.xlsx", lambda: b"", errors.FileEmpty, {}),
    "only blanks": ("a.csv", lambda: b" \r\n\r\n", errors.FileEmpty, {}),
    "a workbook without a cell": ("a.xlsx", lambda: xlsx([]), errors.FileEmpty, {}),
    "a truncated xlsx": ("a.xlsx", lambda: xlsx()[:-400], errors.FileTruncated, {}),
    "the first kilobyte of an xlsx": ("a.xlsx", lambda: xlsx()[:1024], errors.FileTruncated, {}),
    "a truncated xls": ("a.xls", lambda: compound("Workbook")[:900], errors.FileTruncated, {}),
    "a truncated gzip": ("a.csv.gz", lambda: gzip.compress(b"a,b\n1,2\n" * 99)[:-12], errors.FileTruncated, {}),
    "a damaged gzip": ("a.csv.gz", damaged_gzip, errors.FileDamaged, {}),
    "an encrypted xlsx": (
        "a.xlsx",
        lambda: compound("EncryptionInfo", "EncryptedPackage"),
        errors.PasswordProtected,
        {},
    ),
    "a macro workbook": ("a.xlsm", lambda: repacked(xlsx(), add={"xl/vbaProject.bin": b"x"}), errors.MacroWorkbook, {}),
    "an xlsm called xlsx": (
        "a.xlsx",
        lambda: repacked(xlsx(), add={"xl/vbaProject.bin": b"x"}),
        errors.MacroWorkbook,
        {},
    ),
    "an xls with macros": ("a.xls", lambda: compound("Workbook", "_VBA_PROJECT_CUR"), errors.MacroWorkbook, {}),
    "Excel 4 macros": (
        "a.xlsx",
        lambda: repacked(xlsx(), add={"xl/macrosheets/sheet1.xml": b""}),
        errors.MacroWorkbook,
        {},
    ),
    "a dense bomb": (
        "a.xlsx",
        lambda: repacked(xlsx(), add={"xl/b.xml": b"0" * 70_000_000}),
        errors.UnpacksTooLarge,
        {},
    ),
    "a gzip in a gzip": (
        "a.csv.gz.gz",
        lambda: gzip.compress(gzip.compress(b"a,b\n1,2\n")),
        errors.NotATable,
        {},
    ),
    "a gzip bomb": ("a.csv.gz", lambda: gzip.compress(b"0" * 70_000_000), errors.UnpacksTooLarge, {}),
    "too many parts": ("a.zip", lambda: zipped({f"f{n}.csv": b"" for n in range(5001)}), errors.UnpacksTooLarge, {}),
    "a lying directory": ("a.xlsx", lying_directory, errors.FileDamaged, {}),
    "a wrong check sum": ("a.xlsx", bad_sum, errors.FileDamaged, {}),
    "entities in a sheet": (
        "a.xlsx",
        lambda: repacked(xlsx(), replace={"xl/worksheets/sheet1.xml": ENTITIES}),
        errors.FileDamaged,
        {},
    ),
    "a broken sheet": (
        "a.xlsx",
        lambda: repacked(xlsx(), replace={"xl/worksheets/sheet1.xml": sheet_xml(xlsx())[:300]}),
        errors.FileDamaged,
        {},
    ),
    "a missing workbook part": ("a.xlsx", lambda: zipped(TYPES), errors.FileDamaged, {}),
    "a damaged bzip2 part": ("a.zip", lambda: damaged(zipfile.ZIP_BZIP2, TABLE), errors.FileDamaged, {}),
    "a damaged LZMA part": ("a.zip", lambda: damaged(zipfile.ZIP_LZMA, TABLE), errors.FileDamaged, {}),
    "a damaged LZMA part of a workbook": (
        "a.xlsx",
        lambda: damaged(zipfile.ZIP_LZMA, {"[Content_Types].xml": os.urandom(3000)}),
        errors.FileDamaged,
        {},
    ),
    "a name that is none": ("a.zip", lambda: unreadable_name(zipped(TABLE), b"a.csv"), errors.FileDamaged, {}),
    "a name that is none in a workbook": (
        "a.xlsx",
        lambda: unreadable_name(xlsx(), b"xl/worksheets/sheet1.xml"),
        errors.FileDamaged,
        {},
    ),
    "an encoding that does not exist": ("a.xlsx", lambda: foreign_encoding(b"foobar"), errors.FileDamaged, {}),
    "an encoding of several bytes": ("a.xlsx", lambda: foreign_encoding(b"gbk"), errors.FileDamaged, {}),
    "entities behind a long note": (
        "a.xlsx",
        lambda: repacked(xlsx(), replace={"xl/styles.xml": b"<!--" + b"x" * 3000 + b"-->" + ENTITIES}),
        errors.FileDamaged,
        {},
    ),
    "a PDF": ("a.xlsx", lambda: b"%PDF-1.7 ...", errors.NotATable, {}),
    "a picture": ("a.csv", lambda: b"\x89PNG\r\n\x1a\n" + b"\0" * 99, errors.NotATable, {}),
    "random bytes": ("a.csv", lambda: bytes(range(256)) * 20, errors.NotATable, {}),
    "a Word document": ("a.xlsx", lambda: zipped(TYPES | {"word/document.xml": b""}), errors.NotATable, {}),
    "an old Word document": ("a.xls", lambda: compound("WordDocument"), errors.NotATable, {}),
    "an OpenDocument sheet": (
        "a.ods",
        lambda: zipped({"mimetype": b"", "content.xml": b""}),
        errors.KindNotSupported,
        {"kind": ".ods"},
    ),
    "a binary workbook": (
        "a.xlsb",
        lambda: zipped(TYPES | {"xl/workbook.bin": b""}),
        errors.KindNotSupported,
        {"kind": ".xlsb"},
    ),
    "a workbook of Excel 4": (
        "a.xls",
        lambda: b"\x09\x04\x06\x00\x00\x00\x10\x00" + bytes(200),
        errors.KindNotSupported,
        {"kind": "Excel 2–4 (.xls)"},
    ),
    "a web page called xls": ("a.xls", lambda: HTML, errors.DisguisedPage, {"kind": "HTML"}),
    "an XML table called xls": ("a.xls", lambda: XML_2003, errors.DisguisedPage, {"kind": "XML"}),
    "several tables in an archive": (
        "a.zip",
        lambda: zipped({"a.csv": b"a,b\n", "b.csv": b"a,b\n"}),
        errors.SeveralFiles,
        {"count": 2, "names": "a.csv、b.csv"},
    ),
    "no table in an archive": ("a.zip", lambda: zipped({"a.doc": b"x"}), errors.SeveralFiles, {"count": 0}),
    "an archive in an archive": ("a.zip", lambda: zipped({"a.csv": zipped({"b.csv": b"a,b\n"})}), errors.NotATable, {}),
    "a broken UTF-8 file": ("a.csv", broken_utf8, errors.WrongEncoding, {"row": 3}),
    "a broken GBK file": ("a.csv", broken_gbk, errors.WrongEncoding, {"row": 3}),
    "a Big5 file": ("a.csv", lambda: BIG5, errors.WrongEncoding, {}),
    "half a UTF-16 character": (
        "a.csv",
        lambda: "名称,数量\n甲,1\n".encode("utf-16")[:-1],
        errors.WrongEncoding,
        {"row": 2},
    ),
    "a quote that never ends": (
        "a.csv",
        lambda: '名称,数量\n甲,1\n"乙,2\n丙,3\n'.encode(),
        errors.BrokenQuotes,
        {"row": 3},
    ),
    "text behind a quote": ("a.csv", lambda: '名称,数量\n"甲"乙,1\n'.encode(), errors.BrokenQuotes, {"row": 2}),
    "a cell of two million characters": (
        "a.csv",
        lambda: f"名称,数量\n甲,1\n{'乙' * 2_000_000},2\n".encode(),
        errors.CellTooLong,
        {"row": 3, "limit": 32_767},
    ),
    "the same in a workbook": (
        "a.xlsx",
        lambda: repacked(xlsx(), replace={"xl/sharedStrings.xml": long_cell(xlsx())}),
        errors.CellTooLong,
        {"sheet": "流向", "row": 2},
    ),
    "a cell too many": (
        "a.csv",
        lambda: "名称,数量\n甲,1\n乙,1,234\n".encode(),
        errors.RaggedRow,
        {"row": 3, "found": 3, "expected": 2},
    ),
    "formulas never calculated": (
        "a.xlsx",
        uncalculated,
        errors.FormulaNotCalculated,
        {"cell": "C2", "sheet": "流向", "count": 2},
    ),
    "the same header twice": (
        "a.xlsx",
        lambda: xlsx([["名称", "数量", "数量"], ["甲", 1, 2]]),
        errors.DuplicateHeaders,
        {"header": "数量", "letters": "B、C", "sheet": "流向", "row": 1},
    ),
    "no header": ("a.xlsx", lambda: xlsx([["甲", 1, 2], ["乙", 3, 4]]), errors.HeaderNotFound, {"sheet": "流向"}),
    "a header and nothing else": ("a.xlsx", lambda: xlsx([["名称", "数量"]]), errors.NoRows, {"sheet": "流向"}),
    "too many columns": (
        "a.xlsx",
        lambda: xlsx([[f"c{n}" for n in range(1001)]]),
        errors.TooManyColumns,
        {"count": 1001, "limit": 1000},
    ),
}


def test_what_nobody_sees_in_a_text_table_is_left_out(tmp_path: Path) -> None:
    rows = "名称,数\x00量\n甲\x00医\u202e院\ufffe,1\n\u200b\x01,2\n" + "乙,3\n" * 99
    (tmp_path / "a.csv").write_text(rows, "utf-8")

    table = read_table(tmp_path / "a.csv")

    assert table.headers == ("名称", "数量")
    assert table.column(0).to_pylist()[:3] == ["甲医院", None, "乙"]


def test_what_nobody_sees_in_a_workbook_is_left_out(tmp_path: Path) -> None:
    texts = "甲_x0000_医\u202e院\ufffe".encode()
    content = xlsx([["名称", "数量"], ["北京协和医院", 1]])
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        shared = archive.read("xl/sharedStrings.xml").replace("北京协和医院".encode(), texts)
    (tmp_path / "a.xlsx").write_bytes(repacked(content, replace={"xl/sharedStrings.xml": shared}))

    assert read_table(tmp_path / "a.xlsx").column(0).to_pylist() == ["甲医院"]


@pytest.mark.parametrize("cell", FAR)
def test_a_cell_far_from_the_table_does_not_end_the_program(tmp_path: Path, cell: str) -> None:
    """The reader makes room for all cells in between, and ends the process where there is none."""
    path = tmp_path / "a.xlsx"
    path.write_bytes(with_cell(FAR[cell]))
    # In a process of its own: what this is about would end the tests too.
    with multiprocessing.get_context("fork").Pool(1) as pool:
        refused = pool.apply_async(refusal, (path,)).get(timeout=60)
    assert refused is not None and refused[0] == errors.CellsFarApart.code
    assert "Ctrl+End" in refused[1]
    if f'r="{cell}"' in FAR[cell]:
        # The corner: the column of the table, where that lies farther right.
        assert f" {cell.replace('A4', 'C4')}" in refused[1]


def refusal(path: Path) -> tuple[str, str] | None:
    """Return why a file is refused."""
    try:
        read_table(path)
    except errors.FileRefused as error:
        return error.code, str(error)
    return None


def test_far_cells_that_are_empty_do_not_matter(tmp_path: Path) -> None:
    """Programs keep cells for their colour alone."""
    path = tmp_path / "a.xlsx"
    path.write_bytes(with_cell('<row r="1048576" ht="15" customHeight="1"><c r="XFD1048576" s="1"/></row>'))
    assert read_table(path).height == 2


def test_cells_without_references_follow_one_another(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(with_cell("<row><c><v>7</v></c><c/><c><v>8</v></c></row>"))
    assert read_table(path).height == 3


@pytest.mark.parametrize("what", BROKEN)
def test_a_broken_file_is_refused_with_reason_place_and_mend(tmp_path: Path, what: str) -> None:
    name, make, expected, params = BROKEN[what]
    (tmp_path / name).write_bytes(make())

    with pytest.raises(errors.FileRefused) as refusal:
        read_table(tmp_path / name)

    assert type(refusal.value) is expected
    assert {key: refusal.value.params[key] for key in params} == params
    with translation.override("en"):
        assert "%(" not in str(refusal.value)
        assert str(refusal.value).endswith(".")


def test_at_least_thirty_kinds_are_tried() -> None:
    assert len(BROKEN) >= 30


def test_a_file_beyond_the_limit_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    with path.open("wb") as stream:
        stream.truncate(201 * 1024 * 1024)

    with pytest.raises(errors.FileTooLarge) as refusal:
        read_table(path)

    assert refusal.value.params == {"size": 201, "limit": 200}
    with pytest.raises(errors.FileTooLarge):
        read_table(path, limits=Limits(file_bytes=DEFAULT_LIMITS.file_bytes // 2))


def test_more_rows_than_the_limit_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"a,b\n" + b"x,1\n" * 100)

    with pytest.raises(errors.TooManyRows):
        read_table(tmp_path / "a.csv", limits=Limits(rows=100))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(errors.FileMissing):
        read_table(tmp_path / "nowhere.csv")


def test_nothing_but_a_refusal_comes_out_of_damaged_bytes(tmp_path: Path) -> None:
    """Cut and flip a good workbook in 150 places: it is read or refused, never anything else."""
    good = xlsx()
    for at in range(0, len(good), len(good) // 150):
        for content in (good[:at], good[:at] + bytes([good[at] ^ 0xFF]) + good[at + 1 :]):
            (tmp_path / "a.xlsx").write_bytes(content)
            try:
                table = read_table(tmp_path / "a.xlsx")
            except errors.FileRefused:
                continue
            assert table.headers == ("医院名称", "产品", "数量")


@pytest.mark.skipif(not os.path.exists("/usr/bin/soffice"), reason="LibreOffice is not installed")
@pytest.mark.timeout(180)
def test_a_workbook_saved_as_xls_by_libreoffice_keeps_its_values_and_errors(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(str(tmp_path / "a.xlsx")) as book:
        sheet = book.add_worksheet("流向")
        sheet.write_row(0, 0, ["名称", "数量", "金额"])
        sheet.write_row(1, 0, ["甲", 1.5])
        sheet.write_formula(1, 2, "=NA()", None, "#N/A")
        sheet.write_row(2, 0, ["乙", 2])
        sheet.write_formula(2, 2, "=B3*2", None, 4)
        sheet.write_row(3, 0, ["丙", 0])
        sheet.write_formula(3, 2, "=1/B4", None, "#DIV/0!")
    profile = f"-env:UserInstallation=file://{tmp_path}/profile"
    command = [
        "/usr/bin/soffice",
        profile,
        "--headless",
        "--convert-to",
        "xls",
        "--outdir",
        str(tmp_path),
        str(tmp_path / "a.xlsx"),
    ]
    subprocess.run(command, check=True, capture_output=True, timeout=150)

    table = read_table(tmp_path / "a.xls")

    assert table.sample() == [("甲", "1.5", "#N/A"), ("乙", "2", "4"), ("丙", "0", "#DIV/0!")]
    content = (tmp_path / "a.xls").read_bytes()
    (tmp_path / "b.xls").write_bytes(content[: len(content) // 2])
    with pytest.raises(errors.FileRefused):
        read_table(tmp_path / "b.xls")


@pytest.mark.parametrize("packed", ["gz", "zip"])
def test_what_is_inside_an_archive_is_bounded_before_it_fills_the_memory(tmp_path: Path, packed: str) -> None:
    content = "".join(f"{number},{number * 7919 % 10007}\n" for number in range(20_000)).encode()
    path = tmp_path / f"a.csv.{packed}"
    if packed == "gz":
        path.write_bytes(gzip.compress(content))
    else:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("a.csv", content)
    read_table(path, has_header=False, limits=Limits(nested_bytes=len(content)))
    with pytest.raises(errors.UnpacksTooLarge):
        read_table(path, has_header=False, limits=Limits(nested_bytes=len(content) - 1))
