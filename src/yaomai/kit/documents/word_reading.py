"""The fields of a form in a Word file: content controls that carry their keys."""

from collections.abc import Iterator
from pathlib import Path

import docx
from docx.oxml.ns import qn

from yaomai.kit.documents import word

_W14 = "{http://schemas.microsoft.com/office/word/2010/wordml}"


def word_cells(path: Path) -> tuple[str, str, dict[str, str]]:
    """Return the name of the form, its subject, and the text of each key.

    Raises:
        ValueError: it is no form of ours.
    """
    file = docx.Document(str(path))
    mark, name, subject = (*file.core_properties.keywords.split(":"), "", "")[:3]
    if mark != word.MARK:
        raise ValueError
    cells: dict[str, str] = {}
    ticked: dict[str, list[str]] = {}
    for control in file.element.body.iter(qn("w:sdt")):
        properties = control.find(qn("w:sdtPr"))
        tag = properties.find(qn("w:tag")) if properties is not None else None
        if tag is None:
            continue
        key, _colon, code = tag.get(qn("w:val")).partition(":")
        if code:
            checked = properties.find(f"{_W14}checkbox/{_W14}checked")
            ticked.setdefault(key, [])
            if checked is not None and checked.get(f"{_W14}val") in ("1", "true"):
                ticked[key].append(code)
        elif properties.find(qn("w:showingPlcHdr")) is not None:
            cells[key] = ""
        else:
            cells[key] = "\n".join(_paragraphs(control))
    return name, subject, cells | {key: "、".join(codes) for key, codes in ticked.items()}


def _paragraphs(control: object) -> Iterator[str]:
    """Yield the lines of a control's text."""
    line = ""
    for element in control.iter(qn("w:t"), qn("w:br"), qn("w:p")):  # type: ignore[attr-defined]
        if element.tag == qn("w:t"):
            line += element.text or ""
        elif line:
            yield line
            line = ""
    yield line
