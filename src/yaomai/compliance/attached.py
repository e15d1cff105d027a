"""What stands in an attached PDF, Word or PowerPoint file: its tables, texts and the workbooks within.

For the wall against counts of prescriptions (统方). Files come here as `kit.attachments` cleaned them: neither locked nor
with anything that runs. Pictures, scanned pages among them, are not read.
"""

import io
import json
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

from django.utils.translation import gettext_lazy as _

from yaomai.kit.errors import Refused

TABLES_AND_TEXTS = ("pdf", "docx", "pptx")
MOST_XML = 64 * 1024 * 1024
"""Bytes of XML in one file; a thousand slides of text are a tenth of it."""
WAITING = 60
"""Seconds for a PDF; it takes `pdf_lines.SECONDS` of processor time at most."""
_PDF_LINES = Path(__file__).with_name("pdf_lines.py")
_TOO_MUCH = 3
_PARTS = re.compile(
    r"(word/(document|header\d*|footer\d*|footnotes|endnotes|comments)"
    r"|ppt/(slides/slide|notesSlides/notesSlide|comments/\w*?)\d*"
    r"|(word|ppt)/(charts/chart|diagrams/data)\d*)\.xml"
)
_WITHIN = re.compile(r"(word|ppt)/embeddings/[^/]+\.(xlsx|docx|pptx)", re.IGNORECASE)
_WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_DRAWING = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_CHART = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"
_WRAPPED = 15
"""Characters from which on a line without a full stop may go on in the next."""
_DEEPEST, _MOST_WITHIN = 2, 50
"""How deep files within files are looked for, and how many of them."""


class Unreadable(Refused):
    """The text of a file cannot be read, so it cannot be checked."""

    code = "attachment_unreadable"
    message = _(
        "The text of this file cannot be read, so it cannot be checked for counts of prescriptions (统方). It may be"
        " damaged: open it, save or print it anew, and attach that."
    )


class TooMuchText(Refused):
    """A file has more text than is checked while somebody waits."""

    code = "attachment_too_much_text"
    message = _(
        "This file has more text than can be checked for counts of prescriptions (统方); a PDF may have 300 pages. Split it"
        " into smaller files, and attach those."
    )


@dataclass(slots=True)
class Attached:
    """Tables as rows of cells, the headings first; texts; the contents of workbooks within."""

    tables: list[list[list[str]]] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    workbooks: list[bytes] = field(default_factory=list)
    xml: int = 0
    """Bytes of XML that were read so far."""
    files: int = 0


def read(suffix: str, content: bytes) -> Attached:
    """Return what stands in a file of `TABLES_AND_TEXTS`, and in those within it.

    Raises:
        Unreadable, TooMuchText.
    """
    if suffix == "pdf":
        return _pdf(content)
    found = Attached()
    _take_office(content, found, _DEEPEST)
    return found


def _pdf(content: bytes) -> Attached:
    try:
        done = subprocess.run(  # noqa: S603 — our own program; the file is its input
            [sys.executable, "-I", str(_PDF_LINES)], input=content, capture_output=True, timeout=WAITING, check=False
        )
    except subprocess.TimeoutExpired:
        raise TooMuchText from None
    if done.returncode == _TOO_MUCH or done.returncode < 0:
        raise TooMuchText
    if done.returncode:
        raise Unreadable
    found = Attached()
    for lines in json.loads(done.stdout):
        said = [line.strip() for line in lines if line.strip()]
        cells = [re.split(r"\s{2,}", line) for line in said]
        if table := [row for row in cells if len(row) > 1]:
            found.tables.append(table)
        found.texts += [*said, *_wrapped(said)]
    return found


def _wrapped(lines: Sequence[str]) -> Iterator[str]:
    """Yield lines that may be one sentence with the next."""
    for line, following in pairwise(lines):
        if len(line) >= _WRAPPED and not line.endswith(("。", "；", "！", "？", ".", ";", "!", "?")):
            yield f"{line} {following}"


def _take_office(content: bytes, found: Attached, depth: int) -> None:
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as file:
            parts = [part for part in file.infolist() if _PARTS.fullmatch(part.filename)]
            inner = [part for part in file.infolist() if _WITHIN.fullmatch(part.filename)]
            found.xml += sum(part.file_size for part in parts)
            found.files += len(inner)
            if found.xml > MOST_XML or found.files > _MOST_WITHIN:
                raise TooMuchText
            for part in parts:
                _take(etree.fromstring(file.read(part), parser), found)
            for part in inner:
                if part.filename.lower().endswith(".xlsx"):
                    found.workbooks.append(file.read(part))
                elif depth > 1:
                    _take_office(file.read(part), found, depth - 1)
    except (zipfile.BadZipFile, etree.XMLSyntaxError, RuntimeError, NotImplementedError, OSError, EOFError, ValueError):
        raise Unreadable from None


def _take(root: Any, found: Attached) -> None:
    """Take the tables, charts and paragraphs of one part."""
    for mark in (_WORD, _DRAWING):
        for table in root.iter(f"{mark}tbl"):
            rows = [[cell for each in row.iterchildren(f"{mark}tc") for cell in _cells(each, mark)]
                    for row in table.iterchildren(f"{mark}tr")]  # fmt: skip
            found.tables += [rows] if any(rows) else []
        for paragraph in root.iter(f"{mark}p"):
            found.texts.append(_text(paragraph, mark))
    for chart in root.iter(f"{_CHART}plotArea"):
        found.tables.append(_plotted(chart))


def _cells(cell: Any, mark: str) -> list[str]:
    """Return the text of a cell, once for each column that it spans."""
    span = cell.find(f"{mark}tcPr/{mark}gridSpan")
    width = int(span.get(f"{mark}val", "1")) if span is not None else 1
    return [_text(cell, mark)] * max(1, min(width, 100))


def _text(part: Any, mark: str) -> str:
    return "".join(each.text or "" for each in part.iter(f"{mark}t"))


def _plotted(chart: Any) -> list[list[str]]:
    """Return what a chart shows as a table: a row for each category, a column for each series."""
    series = list(chart.iter(f"{_CHART}ser"))
    columns = [(_values(each, "tx"), _values(each, "cat") or _values(each, "xVal"),
                _values(each, "val") or _values(each, "yVal")) for each in series]  # fmt: skip
    categories = max((names for _name, names, _figures in columns), key=len, default=[])
    headings = ["类别", *(" ".join(name) for name, _names, _figures in columns)]
    rows = [
        [category, *(figures[place] if place < len(figures) else "" for _name, _names, figures in columns)]
        for place, category in enumerate(categories)
    ]
    return [headings, *rows]


def _values(series: Any, name: str) -> list[str]:
    part = series.find(f"{_CHART}{name}")
    return [] if part is None else [each.text or "" for each in part.iter(f"{_CHART}v")]
