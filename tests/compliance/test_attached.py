"""What is read of attached PDF, Word and PowerPoint files before they are kept, and what cannot be read."""

import io
import zipfile
from collections.abc import Callable

import pikepdf
import pytest
import typst
import xlsxwriter
from docx import Document
from PIL import Image
from tests.compliance.test_evidence import PIXELS

from yaomai.compliance import attached
from yaomai.compliance.models import Consent
from yaomai.compliance.prescriptions import PrescriptionCount, prescription_file_gate
from yaomai.integrity.models import Case
from yaomai.kit.attachments import cleaning, errors
from yaomai.kit.documents import fonts
from yaomai.kit.errors import Refused

pytestmark = pytest.mark.django_db
BY_DOCTOR = [["医生", "药品", "盒数"], ["张伟主任", "安衡平", "120"], ["李芳医生", "安衡平", "80"]]
HARMLESS = [["科室", "参会人数"], ["心内科", "12"], ["肾内科", "9"]]
COUNT = "张主任每月开120盒"
TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Override PartName="/{main}" '
    'ContentType="application/vnd.openxmlformats-officedocument.{kind}.main+xml"/></Types>'
)
DRAWING = "http://schemas.openxmlformats.org/drawingml/2006/main"
CHART = "http://schemas.openxmlformats.org/drawingml/2006/chart"


def pdf(body: str) -> bytes:
    faces = fonts.faces()
    source = f'#set text(font: "{faces.sans}", lang: "zh", size: 11pt)\n{body}'
    return bytes(typst.compile(source.encode(), font_paths=faces.fonts, ignore_system_fonts=True))


def pdf_table(rows: list[list[str]]) -> bytes:
    cells = ", ".join(f"[{cell}]" for row in rows for cell in row)
    return pdf(f"= 会议纪要\n#table(columns: {len(rows[0])}, inset: 6pt, {cells})")


def slides(**parts: str) -> bytes:
    """Return a presentation of some parts, by path without `ppt/` and `.xml`, slashes as two underscores."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr(
            "[Content_Types].xml",
            TYPES.format(main="ppt/presentation.xml", kind="presentationml.presentation"),
        )
        for path, body in parts.items():
            file.writestr(f"ppt/{path.replace('__', '/')}.xml", body)
    return written.getvalue()


def paragraphs(*texts: str) -> str:
    runs = "".join(f"<a:p><a:r><a:t>{text[:3]}</a:t></a:r><a:r><a:t>{text[3:]}</a:t></a:r></a:p>" for text in texts)
    return f'<p xmlns:a="{DRAWING}">{runs}</p>'


def drawn_table(rows: list[list[str]]) -> str:
    def cell(text: str) -> str:
        return f"<a:tc><a:txBody><a:p><a:r><a:t>{text}</a:t></a:r></a:p></a:txBody></a:tc>"

    lines = "".join(f"<a:tr>{''.join(map(cell, row))}</a:tr>" for row in rows)
    return f'<p xmlns:a="{DRAWING}"><a:tbl>{lines}</a:tbl></p>'


def chart(rows: list[list[str]]) -> str:
    (_heading, name), *lines = rows

    def values(mark: str, texts: list[str]) -> str:
        points = "".join(f"<c:pt><c:v>{text}</c:v></c:pt>" for text in texts)
        return f"<c:{mark}>{points}</c:{mark}>"

    series = (
        values("tx", [name]) + values("cat", [line[0] for line in lines]) + values("val", [line[1] for line in lines])
    )
    return f'<c:chartSpace xmlns:c="{CHART}"><c:plotArea><c:ser>{series}</c:ser></c:plotArea></c:chartSpace>'


def workbook(rows: list[list[str]]) -> bytes:
    written = io.BytesIO()
    with xlsxwriter.Workbook(written) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    return written.getvalue()


def with_part(content: bytes, name: str, body: bytes | str) -> bytes:
    written = io.BytesIO(content)
    with zipfile.ZipFile(written, "a", zipfile.ZIP_DEFLATED) as file:
        file.writestr(name, body)
    return written.getvalue()


def word(rows: list[list[str]]) -> bytes:
    document, written = Document(), io.BytesIO()
    made = document.add_table(len(rows), len(rows[0]))
    for line, values in zip(made.rows, rows, strict=True):
        for cell, value in zip(line.cells, values, strict=True):
            cell.text = value
    document.save(written)
    return written.getvalue()


def noted(text: str) -> bytes:
    """Return an empty page with a note stuck to it."""
    file, written = pikepdf.new(), io.BytesIO()
    file.add_blank_page()
    note = pikepdf.Dictionary(
        Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Text, Rect=[0, 0, 20, 20], Contents=pikepdf.String(text)
    )
    file.pages[0].Annots = pikepdf.Array([file.make_indirect(note)])
    file.save(written)
    return written.getvalue()


def header(text: str) -> bytes:
    document, written = Document(), io.BytesIO()
    document.sections[0].header.paragraphs[0].text = text
    document.save(written)
    return written.getvalue()


def gate(content: bytes, model: type = Consent) -> Refused | None:
    """Ask as `keep` does: of the file as it is cleaned."""
    found = cleaning.cleaned("附件", content, pixels=PIXELS)
    return prescription_file_gate(model(), found.suffix, found.content)


DOCTORS = [["", "处方量"], ["张伟主任", "120"], ["李芳医生", "80"]]
ROOMS = [["", "参会人数"], ["心内科", "12"], ["肾内科", "9"]]
FORMS: dict[str, tuple[Callable[[], bytes], Callable[[], bytes]]] = {
    "a table in PDF": (lambda: pdf_table(BY_DOCTOR), lambda: pdf_table(HARMLESS)),
    "a sentence in PDF": (lambda: pdf(f"今天的拜访：{COUNT}。"), lambda: pdf("科室月用量 300 盒。")),
    "a sentence over two lines in PDF": (
        lambda: pdf("本次会议讨论了老年高血压合并肾功能不全的用药选择，会上张主任每月开 \\ 120 盒。"),
        lambda: pdf("本次会议讨论了老年高血压合并肾功能不全的用药选择，会上张主任每月讲 \\ 2 次课。"),
    ),
    "a note on PDF": (lambda: noted(COUNT), lambda: noted("请补签名")),
    "a slide": (lambda: slides(slides__slide1=paragraphs("纪要", COUNT)), lambda: slides(slides__slide1=paragraphs("纪要"))),
    "the notes of a slide": (
        lambda: slides(slides__slide1=paragraphs("纪要"), notesSlides__notesSlide1=paragraphs(COUNT)),
        lambda: slides(slides__slide1=paragraphs("纪要"), notesSlides__notesSlide1=paragraphs("科室月用量 300 盒")),
    ),
    "a comment on a slide": (
        lambda: slides(comments__comment1=paragraphs(COUNT)),
        lambda: slides(comments__modernComment_100_0=paragraphs("改一下标题")),
    ),
    "a table on a slide": (
        lambda: slides(slides__slide1=drawn_table(BY_DOCTOR)),
        lambda: slides(slides__slide1=drawn_table(HARMLESS)),
    ),
    "a chart on a slide": (lambda: slides(charts__chart1=chart(DOCTORS)), lambda: slides(charts__chart1=chart(ROOMS))),
    "a workbook within a slide": (
        lambda: with_part(slides(slides__slide1=paragraphs("纪要")), "ppt/embeddings/a.xlsx", workbook(BY_DOCTOR)),
        lambda: with_part(slides(slides__slide1=paragraphs("纪要")), "ppt/embeddings/a.xlsx", workbook(HARMLESS)),
    ),
    "a Word file within a slide": (
        lambda: with_part(slides(), "ppt/embeddings/a.docx", word(BY_DOCTOR)),
        lambda: with_part(slides(), "ppt/embeddings/a.docx", word(HARMLESS)),
    ),
    "a table in Word": (lambda: word(BY_DOCTOR), lambda: word(HARMLESS)),
    "the head of a Word page": (lambda: header(COUNT), lambda: header("会议纪要")),
}  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
def test_a_count_by_doctor_is_seen_wherever_it_stands_and_others_pass(form: str) -> None:
    forbidden, harmless = FORMS[form]
    refusal = gate(forbidden())
    assert refusal is not None and refusal.code == "prescription_count" and refusal.citations
    assert gate(harmless()) is None


def test_what_proves_a_wrong_is_taken() -> None:
    assert gate(pdf_table(BY_DOCTOR), Case) is None


def test_a_scanned_page_holds_no_text() -> None:
    written = io.BytesIO()
    Image.new("RGB", (200, 300), "white").save(written, "PDF")
    assert gate(written.getvalue()) is None
    assert attached.read("pdf", written.getvalue()).texts == []


def test_a_page_with_nothing_on_it_holds_no_text() -> None:
    file, written = pikepdf.new(), io.BytesIO()
    file.add_blank_page()
    del file.pages[0].Contents, file.pages[0].Resources
    file.save(written)
    assert gate(written.getvalue()) is None


def pages(count: int) -> bytes:
    file, written = pikepdf.new(), io.BytesIO()
    for _number in range(count):
        file.add_blank_page()
    file.save(written)
    return written.getvalue()


def endless() -> bytes:
    """Return a page whose content, a few kilobytes packed, sets a text twenty million times."""
    file, written = pikepdf.new(), io.BytesIO()
    file.add_blank_page()
    file.pages[0].Contents = pikepdf.Stream(file, b"BT /F1 9 Tf (a) Tj ET\n" * 20_000_000)
    file.save(written, compress_streams=True)
    return written.getvalue()


def test_more_text_than_can_be_checked_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    assert isinstance(gate(pages(301)), attached.TooMuchText)
    assert gate(pages(300)) is None
    blown = slides(slides__slide1=f'<p xmlns:a="{DRAWING}"><a:t>{"0" * (attached.MOST_XML + 1)}</a:t></p>')
    assert len(blown) < 200_000
    assert isinstance(gate(blown), attached.TooMuchText)
    many = slides()
    for number in range(51):
        many = with_part(many, f"ppt/embeddings/{number}.xlsx", b"")
    assert isinstance(gate(many), attached.TooMuchText)
    monkeypatch.setattr(attached, "WAITING", 0.01)
    assert isinstance(gate(pages(1)), attached.TooMuchText)


def test_a_page_made_to_take_all_memory_takes_none_of_ours() -> None:
    assert isinstance(prescription_file_gate(Consent(), "pdf", endless()), attached.Unreadable | attached.TooMuchText)


@pytest.mark.parametrize(
    ("suffix", "content"),
    [
        ("pdf", b"%PDF-1.7\nnothing"),
        ("pptx", slides(slides__slide1="<a><b></a>")),
        ("pptx", slides(slides__slide1='<!DOCTYPE a [<!ENTITY x "y">]><a>' + "<b>" * 300 + "</b>" * 300 + "</a>")),
        ("pptx", b"PK\x03\x04nothing"),
        ("docx", b"PK\x03\x04"),
        ("pptx", with_part(slides(), "ppt/embeddings/a.docx", b"PK\x03\x04")),
    ],
)
def test_what_cannot_be_read_is_refused_with_how_to_mend_it(suffix: str, content: bytes) -> None:
    refusal = prescription_file_gate(Consent(), suffix, content)
    assert isinstance(refusal, attached.Unreadable)
    assert str(refusal)


def test_no_entity_is_expanded() -> None:
    laughs = '<!DOCTYPE p [<!ENTITY a "张主任每月开120盒">]>'
    found = attached.read("pptx", slides(slides__slide1=laughs + paragraphs("&a;")))
    assert not any("120" in text for text in found.texts)


def test_a_locked_file_is_refused_before_anybody_reads_it() -> None:
    file, written = pikepdf.new(), io.BytesIO()
    file.add_blank_page()
    file.save(written, encryption=pikepdf.Encryption(owner="a", user="b"))
    with pytest.raises(errors.Locked):
        gate(written.getvalue())


def test_a_refusal_names_each_place_once() -> None:
    said = str(PrescriptionCount(["统方.csv", "统方.csv", "医生"]))
    assert said.count("统方.csv") == 1 and "医生" in said
