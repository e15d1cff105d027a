"""Documents as Word files. Fields of a form are content controls that carry the field's key, so they can be read back."""

import io
from collections.abc import Callable, Sequence
from typing import Any

import docx
from django.utils.translation import gettext as _
from docx.enum.section import WD_ORIENT
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Mm, Pt, RGBColor

from yaomai.kit.documents import fonts, parts, plain, wording
from yaomai.kit.documents.forms import Field, Form
from yaomai.kit.documents.parts import Document

MARK = "yaomai-form"
_ACCENT, _QUIET = RGBColor(0x0F, 0x76, 0x6E), RGBColor(0x5B, 0x6B, 0x73)
_TONES = {"good": RGBColor(0x15, 0x80, 0x3D), "warn": RGBColor(0xB4, 0x53, 0x09), "bad": RGBColor(0xB9, 0x1C, 0x1C)}
_FONT = fonts.SANS[5]
"""Word finds its own substitute where this one is missing."""


def word(document: Document) -> bytes:
    """Return a document as a Word file."""
    target = io.BytesIO()
    _Writer(document).write().save(target)
    return target.getvalue()


class _Writer:
    def __init__(self, document: Document) -> None:
        self.document = document
        self.file: Any = docx.Document()
        self.drawn: dict[str, Callable[[Any], None]] = {
            "paragraph": self._paragraph,
            "facts": self._facts,
            "figures": self._figures,
            "ranks": self._ranks,
            "table": self._table,
            "bullets": self._bullets,
            "explained": self._explained,
            "graph": self._graph,
            "signatures": self._signatures,
            "break": lambda _block: self.file.add_page_break(),
        }

    def write(self) -> Any:
        self._set_up()
        self._say(wording.clean(self.document.title), size=18, bold=True)
        if self.document.subtitle:
            self._say(wording.clean(self.document.subtitle), colour=_QUIET)
        self._say(wording.byline(self.document), size=8, colour=_QUIET)
        self._blocks(self.document.blocks)
        return self.file

    def _set_up(self) -> None:
        style = self.file.styles["Normal"]
        style.font.size, style.font.name = Pt(10), _FONT
        style.element.rPr.rFonts.set(qn("w:eastAsia"), _FONT)
        section = self.file.sections[0]
        section.page_width, section.page_height = Mm(210), Mm(297)
        if self.document.is_landscape:
            section.orientation = WD_ORIENT.LANDSCAPE
            section.page_width, section.page_height = Mm(297), Mm(210)
        section.left_margin = section.right_margin = Mm(18)
        head = [wording.clean(text) for text in (self.document.company, self.document.confidentiality) if text]
        section.header.paragraphs[0].text = "　".join(head)
        section.footer.paragraphs[0].text = wording.foot(self.document)
        properties = self.file.core_properties
        properties.title, properties.author = wording.clean(self.document.title), wording.clean(self.document.made_by)
        properties.created = properties.modified = self.document.made_at.replace(tzinfo=None)
        properties.comments = ""

    def _say(self, text: str, *, size: float = 10, bold: bool = False, colour: RGBColor | None = None) -> Any:
        paragraph = self.file.add_paragraph()
        paragraph.paragraph_format.space_after = Pt(4)
        run = paragraph.add_run(text)
        run.bold, run.font.size = bold, Pt(size)
        if colour is not None:
            run.font.color.rgb = colour
        return paragraph

    def _blocks(self, blocks: Sequence[parts.Block]) -> None:
        for block in blocks:
            if isinstance(block, parts.Section):
                self._say(wording.clean(block.title), size=13, bold=True, colour=_ACCENT)
                if block.note:
                    self._say(wording.clean(block.note), size=8, colour=_QUIET)
                self._blocks(block.blocks)
            elif isinstance(block, parts.Beside):
                self._blocks((*block.left, *block.right))
            elif isinstance(block, parts.Fields):
                self._form(block.form)
            else:
                found = plain.plain(block)
                self.drawn[found["is"]](found)

    def _grid(self, rows: Sequence[Sequence[str]], *, head: bool = False) -> Any:
        table = self.file.add_table(rows=len(rows), cols=max(map(len, rows), default=1))
        table.style = "Table Grid"
        for row, values in zip(table.rows, rows, strict=True):
            for cell, text in zip(row.cells, values, strict=False):
                cell.text = text
        if head and rows:
            for cell in table.rows[0].cells:
                for run in cell.paragraphs[0].runs:
                    run.bold = True
        self.file.add_paragraph()
        return table

    def _paragraph(self, block: plain.Plain) -> None:
        looks: dict[str, dict[str, Any]] = {
            "quiet": {"size": 9, "colour": _QUIET},
            "strong": {"size": 12, "bold": True},
        }
        self._say(block["text"], **looks.get(block["look"], {}))

    def _facts(self, block: plain.Plain) -> None:
        self._grid([(fact["label"], "\n".join(filter(None, (fact["value"], fact["note"])))) for fact in block["facts"]])

    def _figures(self, block: plain.Plain) -> None:
        table = self._grid([[each["label"] for each in block["figures"]], [each["value"] for each in block["figures"]]])
        for cell, figure in zip(table.rows[1].cells, block["figures"], strict=True):
            for run in cell.paragraphs[0].runs:
                run.bold, run.font.size = True, Pt(14)
                if figure["tone"]:
                    run.font.color.rgb = _TONES[figure["tone"]]
            if figure["note"]:
                cell.add_paragraph(figure["note"])

    def _ranks(self, block: plain.Plain) -> None:
        self._grid([(rank["scheme"], rank["label"], rank["note"]) for rank in block["ranks"]])

    def _table(self, block: plain.Plain) -> None:
        if block["caption"]:
            self._say(block["caption"], size=9, colour=_QUIET)
        labels = [column["label"] for column in block["columns"]]
        rows = [*([labels] if any(labels) else []), *block["rows"], *([block["total"]] if block["total"] else [])]
        if rows:
            self._grid(rows, head=any(labels))

    def _bullets(self, block: plain.Plain) -> None:
        for item in block["items"]:
            self.file.add_paragraph(item, style="List Bullet")

    def _explained(self, block: plain.Plain) -> None:
        if block["title"]:
            self._say(block["title"], size=9, colour=_QUIET)
        self._say(block["sentence"], bold=True)
        if block["contributions"]:
            self._grid([(part["label"], part["value"], part["note"]) for part in block["contributions"]])
        for sentence in block["lift"]:
            self.file.add_paragraph(sentence, style="List Bullet")
        self._say(block["sources"], size=8, colour=_QUIET)

    def _graph(self, block: plain.Plain) -> None:
        self._say(block["finding"], bold=True)
        self._grid(block["table"], head=True)
        if block["note"]:
            self._say(block["note"], size=8, colour=_QUIET)

    def _signatures(self, block: plain.Plain) -> None:
        self._grid([block["names"], [block["date"]] * len(block["names"])])

    def _form(self, form: Form) -> None:
        self.file.core_properties.keywords = ":".join((MARK, form.name, form.subject))
        for label, fields in form.groups():
            if label:
                self._say(wording.clean(label), size=11, bold=True, colour=_ACCENT)
            table = self._grid([(wording.clean(field.label), "") for field in fields])
            for row, field in zip(table.rows, fields, strict=True):
                _fill(row.cells[1].paragraphs[0], field)
                if field.hint:
                    note = row.cells[0].add_paragraph().add_run(wording.clean(field.hint))
                    note.font.size, note.font.color.rgb = Pt(8), _QUIET


def _fill(paragraph: Any, field: Field) -> None:
    """Put what is known into a cell, in controls that can be read back unless the field is only shown."""
    if field.read_only:
        paragraph.add_run(wording.clean(field.shown()))
    elif field.kind == "choices":
        for code, label in field.choices:
            paragraph._p.append(_checkbox(f"{field.key}:{code}", code in field.chosen))
            paragraph.add_run(f" {wording.clean(label)}　")
    elif field.kind == "choice":
        labels = [wording.clean(label) for _code, label in field.choices]
        paragraph._p.append(_control(field.key, wording.clean(field.shown()), _drop_down(labels)))
    else:
        paragraph._p.append(_control(field.key, wording.clean(field.shown()), _multi_line()))


def _control(tag: str, text: str, kind: Any) -> Any:
    control = parse_xml(f"<w:sdt {nsdecls('w')}><w:sdtPr/><w:sdtContent/></w:sdt>")
    properties, content = control
    marked = OxmlElement("w:tag")
    marked.set(qn("w:val"), tag)
    properties.append(marked)
    if not text:
        properties.append(OxmlElement("w:showingPlcHdr"))
    properties.append(kind)
    content.append(_run(text or _("Click to fill in")))
    return control


def _run(text: str) -> Any:
    run = OxmlElement("w:r")
    for number, line in enumerate(text.split("\n")):
        if number:
            run.append(OxmlElement("w:br"))
        written = OxmlElement("w:t")
        written.text = line
        written.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
        run.append(written)
    return run


def _multi_line() -> Any:
    kind = OxmlElement("w:text")
    kind.set(qn("w:multiLine"), "1")
    return kind


def _drop_down(labels: Sequence[str]) -> Any:
    kind = OxmlElement("w:dropDownList")
    for label in labels:
        item = OxmlElement("w:listItem")
        item.set(qn("w:displayText"), label)
        item.set(qn("w:value"), label)
        kind.append(item)
    return kind


def _checkbox(tag: str, checked: bool) -> Any:
    space = 'xmlns:w14="http://schemas.microsoft.com/office/word/2010/wordml"'
    font = 'w14:font="MS Gothic"'
    kind = parse_xml(
        f"<w14:checkbox {space}><w14:checked w14:val='{int(checked)}'/>"
        f"<w14:checkedState w14:val='2612' {font}/><w14:uncheckedState w14:val='2610' {font}/></w14:checkbox>"
    )
    return _control(tag, "☒" if checked else "☐", kind)
