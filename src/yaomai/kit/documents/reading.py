"""Read a filled form back, from the Excel or Word file that `excel` or `word` made and people worked on."""

import zipfile
from dataclasses import dataclass, field
from pathlib import Path

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from python_calamine import CalamineError, CalamineWorkbook

from yaomai.kit.documents import excel, wording
from yaomai.kit.documents.forms import Field, Form
from yaomai.kit.errors import Invalid

LARGEST = 10 * 1024 * 1024


class NotThisForm(Invalid):
    """The file is no form of ours, or another one."""

    code = "not_this_form"
    message = gettext_lazy(
        "This file is not the form “%(form)s”. Download it from the page, fill it in, and bring the same file back"
        " (.xlsx or .docx)."
    )


@dataclass(frozen=True, slots=True)
class Filled:
    """What a file says: by key a text, or the codes of choices; and what could not be understood, by key.

    places: where each key stands in the file ("row 12, column B"); nothing in Word, where a field has its name beside it.
    """

    subject: str
    values: dict[str, str | tuple[str, ...]]
    problems: dict[str, str] = field(default_factory=dict)
    places: dict[str, str] = field(default_factory=dict)


def read(path: Path, form: Form) -> Filled:
    """Return what is filled in; a field that stands empty comes as empty, one that is missing does not come.

    Raises:
        NotThisForm: the file cannot be read, or is of another form.
    """
    wrong = NotThisForm(form=form.label)
    if path.stat().st_size > LARGEST:
        raise wrong
    try:
        is_word = zipfile.is_zipfile(path) and "word/document.xml" in zipfile.ZipFile(path).namelist()
        name, subject, cells, rows = (*_word_cells(path), {}) if is_word else _excel_cells(path)
    except (CalamineError, KeyError, ValueError, OSError, zipfile.BadZipFile) as error:
        raise wrong from error
    if name != form.name:
        raise wrong
    known = {each.key: each for each in form.fields if not each.read_only}
    values: dict[str, str | tuple[str, ...]] = {}
    problems: dict[str, str] = {}
    for key, text in cells.items():
        if key in known:
            values[key], problem = _understood(known[key], text)
            if problem:
                problems[key] = problem
    places = {key: _("row %(row)s, column B") % {"row": row} for key, row in rows.items() if key in known}
    return Filled(subject, values, problems, places)


def _understood(each: Field, text: str) -> tuple[str | tuple[str, ...], str]:
    text = wording.clean(text).strip()
    if each.kind not in ("choice", "choices"):
        return text, ""
    codes = {wording.clean(label): code for code, label in each.choices} | {code: code for code, _l in each.choices}
    said = [part.strip() for part in _separated(text)] if each.kind == "choices" else [text]
    said = [part for part in said if part]
    unknown = [part for part in said if part not in codes]
    chosen = tuple(dict.fromkeys(codes[part] for part in said if part in codes))
    problem = ""
    if unknown:
        problem = _("“%(value)s” is not among the choices: %(choices)s") % {
            "value": "、".join(unknown),
            "choices": "、".join(wording.clean(label) for _code, label in each.choices),
        }
    return (chosen if each.kind == "choices" else (chosen[0] if chosen else "")), problem


def _separated(text: str) -> list[str]:
    for mark in ",，;；/\n":
        text = text.replace(mark, "、")
    return text.split("、")


def _word_cells(path: Path) -> tuple[str, str, dict[str, str]]:
    from yaomai.kit.documents.word_reading import word_cells  # 20 MB that only this needs

    return word_cells(path)


def _excel_cells(path: Path) -> tuple[str, str, dict[str, str], dict[str, int]]:
    """Return the name of the form, the subject, the text of each key, and in which row it stands."""
    book = CalamineWorkbook.from_path(str(path))
    for sheet in range(len(book.sheet_names)):
        rows = book.get_sheet_by_index(sheet).to_python(skip_empty_area=False)
        marks = [str(cell) for cell in rows[0][excel.KEYS : excel.HIDDEN + 1]] if rows else []
        if marks[:1] == [excel.MARK]:
            name, subject = (*marks[1:], "", "")[:2]
            keyed = {
                str(row[excel.KEYS]): (_cell(row[1]), number)
                for number, row in enumerate(rows[1:], 2)
                if row[excel.KEYS :][:1] != [""]
            }
            texts = {key: text for key, (text, _number) in keyed.items()}
            return name, subject, texts, {key: number for key, (_text, number) in keyed.items()}
    raise ValueError


def _cell(value: object) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
