"""Documents: what is said stands in every format, forms come back as they were filled, markup stays text."""

import re
import subprocess
import time
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import docx
import openpyxl
import pytest
from django.utils import translation
from docx.oxml.ns import qn

from yaomai.kit.documents import drawing, fonts, reading
from yaomai.kit.documents.excel import workbook
from yaomai.kit.documents.forms import Field, Form
from yaomai.kit.documents.parts import (
    Beside,
    Bullets,
    Column,
    Document,
    Explained,
    Fact,
    Facts,
    Fields,
    Figure,
    Figures,
    Graph,
    Paragraph,
    Rank,
    Ranks,
    Section,
    Signatures,
    Table,
)
from yaomai.kit.documents.pdf import pdf
from yaomai.kit.documents.word import word
from yaomai.kit.explain import Contribution, Explanation, PolicyReference
from yaomai.kit.ui.charts import Chart, Series

TAGS = (("price", "价格敏感"), ("academic", "学术支持"), ("supply", "供应稳定"))
FORM = Form(
    "customers.sheet",
    "大客户档案工具表",
    (
        Field("name", "姓名", value="王明", read_only=True, group="基本信息"),
        Field("specialty", "专业", value="心血管内科", group="基本信息"),
        Field("style", "沟通风格", "choice", TAGS, "price", group="偏好"),
        Field("tags", "偏好标签", "choices", TAGS, ("price", "supply"), hint="可多选", group="偏好"),
        Field("notes", "要点", "long", value="", group="偏好"),
    ),
    subject="41",
)
HOSTILE = '#panic("x") *粗* $1$ @a <b> \\ [x] =1+1\n第二行'


def document(*blocks: Any, **more: Any) -> Document:
    return Document(
        **{
            "title": "客户画像 " + HOSTILE,
            "blocks": blocks,
            "as_of": date(2026, 11, 20),
            "made_at": datetime(2026, 11, 21, 2, tzinfo=UTC),
            "made_by": "李娜",
            "company": "安衡药业",
            "references": (PolicyReference(name="p", label="四级分层", version=3, origin="S1 §二"),),
        }
        | more
    )


EVERYTHING = document(
    Paragraph(HOSTILE, "strong"),
    Beside(
        (Facts((Fact("机构", "江城市第一医院", note="来源：年报"), Fact("床位", 1200, "number")), columns=1),),
        (Ranks((Rank("四级分层", "战略", 1, 4, "自 2026-01-01"), Rank("KOL", "", 0, 3))),),
    ),
    Section("业绩", (
        Figures((Figure("近12个月进货", Decimal("1234567.89"), "money", "同比 +12%", "good"),)),
        Table((Column("产品", width=2), Column("金额", "money")), (("安衡平", Decimal("10.5")), (HOSTILE, None)),
              ("合计", Decimal("10.5")), caption="产品构成"),
        Graph(Chart("line", "进货稳步上升", ["1月", "2月", "3月"], [Series("金额", [1.0, None, 3.5])], "money")),
        Graph(Chart("rank", "三家", ["甲", "乙"], [Series("金额", [3.0, -1.0])])),
        Graph(Chart("stack", "构成", ["甲"], [Series("一", [3.0]), Series("二", [2.0])])),
        Graph(Chart("scatter", "四象限", points=[(1.0, 2.0, "甲院"), (3.0, 1.0, "乙院")], axes=("增长", "匹配"))),
        Explained(Explanation(sentence="进入战略级", contributions=(Contribution(label="金额", value=90, share=0.6),),
                              lift=("再增加 3 万元",), as_of=date(2026, 11, 1))),
    ), note="来自流向"),
    Bullets(("要点一", HOSTILE)),
    Signatures(("填写人", "审核人")),
)  # fmt: skip


def text_of(made: bytes, folder: Path) -> str:
    path = folder / "made.pdf"
    path.write_bytes(made)
    if subprocess.run(["which", "pdftotext"], capture_output=True, check=False).returncode:
        pytest.skip("pdftotext is not installed")
    return subprocess.run(["pdftotext", "-layout", str(path), "-"], capture_output=True, check=True, text=True).stdout


@pytest.fixture(autouse=True)
def _chinese() -> Any:
    with translation.override("zh-hans"):
        yield


needs_font = pytest.mark.skipif(fonts.find() is None, reason="no Chinese font on this machine")


@needs_font
def test_a_pdf_says_everything_and_takes_no_text_for_markup(tmp_path: Path) -> None:
    text = text_of(pdf(EVERYTHING), tmp_path)
    for said in (
        '#panic("x") *粗* $1$', "江城市第一医院", "1,200", "战略", "¥1,234,567.89", "进货稳步上升", "再增加 3 万元", "填写人", "四级分层",
        "《医药销售客户维护方案》", "李娜",
    ):  # fmt: skip
        assert said.replace(" ", "") in text.replace(" ", ""), said


@needs_font
def test_the_same_document_gives_the_same_bytes_and_another_does_not() -> None:
    assert pdf(EVERYTHING) == pdf(EVERYTHING)
    assert pdf(EVERYTHING) != pdf(replace(EVERYTHING, as_of=date(2026, 11, 19)))


@needs_font
def test_many_documents_make_one_file_page_by_page(tmp_path: Path) -> None:
    many = [document(Paragraph(f"第{number}位"), title=f"画像{number}") for number in range(5)]
    text = text_of(pdf(*many), tmp_path)
    assert text.count("\f") == 5
    assert [f"画像{number}" in page.replace(" ", "") for number, page in enumerate(text.split("\f")[:5])] == [True] * 5


def test_without_a_chinese_font_the_answer_says_how_to_mend_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fonts, "find", lambda: None)
    fonts._loaded.cache_clear()
    try:
        with pytest.raises(fonts.NoChineseFont, match="fonts-noto-cjk"):
            fonts.faces()
    finally:
        fonts._loaded.cache_clear()


def test_a_workbook_holds_text_tables_and_the_numbers_of_charts(tmp_path: Path) -> None:
    path = tmp_path / "made.xlsx"
    path.write_bytes(workbook(EVERYTHING))
    book = openpyxl.load_workbook(path)
    assert book.sheetnames[1:3] == ["产品构成", "进货稳步上升"]
    table = book["产品构成"]
    assert [[cell.value for cell in row] for row in table.iter_rows(min_row=2)] == [
        ["安衡平", 10.5], [HOSTILE, None], ["合计", 10.5],
    ]  # fmt: skip
    assert table["A3"].data_type == "s"
    cells = [cell.value for row in book.worksheets[0].iter_rows() for cell in row if cell.value]
    assert {"江城市第一医院\n来源：年报", "江城市第一医院"} & set(cells)


def test_a_word_file_says_the_same(tmp_path: Path) -> None:
    path = tmp_path / "made.docx"
    path.write_bytes(word(EVERYTHING))
    file = docx.Document(str(path))
    text = "\n".join(node.text or "" for node in file.element.body.iter(qn("w:t")))
    for said in ("进入战略级", "¥1,234,567.89", "安衡平", "#panic", "审核人", "产品构成"):
        assert said in text
    assert "四级分层" in file.sections[0].footer.paragraphs[0].text


@pytest.mark.parametrize("render", [workbook, word])
def test_a_form_comes_back_as_it_was_filled(render: Any, tmp_path: Path) -> None:
    path = tmp_path / "form"
    path.write_bytes(render(document(Fields(FORM))))
    filled = reading.read(path, FORM)
    assert filled.subject == "41"
    assert filled.values == {"specialty": "心血管内科", "style": "price", "tags": ("price", "supply"), "notes": ""}
    assert filled.problems == {}


def test_what_people_write_into_the_workbook_is_understood_or_named(tmp_path: Path) -> None:
    path = tmp_path / "form.xlsx"
    path.write_bytes(workbook(document(Fields(FORM))))
    book = openpyxl.load_workbook(path)
    sheet = book.active
    rows = {sheet.cell(row, 4).value: row for row in range(2, sheet.max_row + 1) if sheet.cell(row, 4).value}
    sheet.cell(rows["tags"], 2).value = "学术支持，价格敏感"
    sheet.cell(rows["style"], 2).value = "随便"
    sheet.cell(rows["notes"], 2).value = "第一行\n第二行"
    sheet.move_range(f"A{rows['notes']}:F{rows['notes']}", rows=20)
    book.save(path)
    filled = reading.read(path, FORM)
    assert (filled.values["tags"], filled.values["notes"]) == (("academic", "price"), "第一行\n第二行")
    assert (filled.values["style"], list(filled.problems)) == ("", ["style"])
    assert "价格敏感" in filled.problems["style"]


def test_what_people_write_into_the_word_file_is_understood(tmp_path: Path) -> None:
    path = tmp_path / "form.docx"
    path.write_bytes(word(document(Fields(FORM))))
    file = docx.Document(str(path))
    for control in file.element.body.iter(qn("w:sdt")):
        properties = control.find(qn("w:sdtPr"))
        tag = properties.find(qn("w:tag")).get(qn("w:val"))
        if tag == "notes":
            properties.remove(properties.find(qn("w:showingPlcHdr")))
            next(control.iter(qn("w:t"))).text = "周三下午门诊"
        if tag == "tags:price":
            checked = next(properties.iter("{http://schemas.microsoft.com/office/word/2010/wordml}checked"))
            checked.set("{http://schemas.microsoft.com/office/word/2010/wordml}val", "0")
    file.save(str(path))
    filled = reading.read(path, FORM)
    assert (filled.values["notes"], filled.values["tags"]) == ("周三下午门诊", ("supply",))


@pytest.mark.parametrize("content", [b"", b"not a file", b"PK\x03\x04broken"])
def test_what_is_no_form_is_refused_in_words(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "x.xlsx"
    path.write_bytes(content)
    with pytest.raises(reading.NotThisForm):
        reading.read(path, FORM)


def test_another_form_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.xlsx"
    path.write_bytes(workbook(document(Fields(replace(FORM, name="other.form")))))
    with pytest.raises(reading.NotThisForm):
        reading.read(path, FORM)


@pytest.mark.parametrize(("low", "high"), [(0, 0), (0, 87), (-5, 3), (0, 0.004), (0, 123_456_789)])
def test_steps_enclose_the_values(low: float, high: float) -> None:
    ticks = drawing.steps(low, high)
    assert ticks[0] <= low and ticks[-1] >= high
    assert 2 <= len(ticks) <= 8


@needs_font
def test_twenty_pages_take_no_longer_than_twenty_pages_must() -> None:
    pdf(EVERYTHING)
    started = time.perf_counter()
    pdf(*[replace(EVERYTHING, title=f"画像{number}") for number in range(20)])
    assert time.perf_counter() - started < 20


def pages(content: bytes) -> int:
    return len(re.findall(rb"/Type\s*/Page\b", content))


@needs_font
def test_what_is_compact_stays_on_one_page_as_far_as_it_can_be_read() -> None:
    def made(count: int, *, is_compact: bool) -> Document:
        facts = tuple(Fact(f"要点{number}", "周二上午门诊后有空，先约科秘") for number in range(count))
        return document(Section("要点", (Facts(facts, columns=1),)), is_compact=is_compact)

    assert pages(pdf(made(52, is_compact=False))) == 2
    assert pages(pdf(made(52, is_compact=True))) == 1
    assert pages(pdf(made(72, is_compact=True))) == 1
    assert pages(pdf(made(150, is_compact=True))) == 3
    assert pages(pdf(made(72, is_compact=True), made(72, is_compact=True))) == 2
