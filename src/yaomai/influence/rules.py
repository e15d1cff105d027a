"""How names of societies and titles are compared, and how authors stand in a text. Pure functions; no Django."""

import re
import unicodedata
from collections.abc import Sequence

BETWEEN = "; "
"""Between authors; between their affiliations, in the same order, stands `BESIDE`."""
BESIDE = " | "
_NOT_WORDS = re.compile(r"[\W_]+")
_BEFORE_DOI = re.compile(r"^\s*(https?://(dx\.)?doi\.org/|doi\s*[:：]?\s*)", re.IGNORECASE)
_MARKS, _STOPS, _COMMAS = re.compile(r"[;；|\n]"), re.compile("、"), re.compile("[,，]")
_HAN = re.compile(r"[\u3400-\u9fff]")


def text_key(text: str) -> str:
    """Return a name or title without blanks, punctuation, case and width, so that spellings of it agree.

    >>> text_key("中华医学会 心血管病学分会（CSC）") == text_key("中华医学会心血管病学分会(csc)")
    True
    """
    return _NOT_WORDS.sub("", unicodedata.normalize("NFKC", text)).casefold()


def bare_doi(text: str) -> str:
    """Return a DOI without the address or the word before it, in lower case: DOIs do not tell case apart.

    >>> bare_doi("https://doi.org/10.1000/ABC"), bare_doi("doi: 10.1000/abc")
    ('10.1000/abc', '10.1000/abc')
    """
    return _BEFORE_DOI.sub("", text.strip()).lower()


def split_authors(text: str) -> list[str]:
    """Return the names in a cell: between semicolons, bars or lines; commas part Chinese names, or whole Latin ones.

    >>> split_authors("王芳, 李强"), split_authors("Wang, Fang; Li, Na"), split_authors("Wang F, Li N")
    (['王芳', '李强'], ['Wang, Fang', 'Li, Na'], ['Wang F', 'Li N'])
    """
    for marks in (_MARKS, _STOPS):
        if marks.search(text):
            return _filled(marks.split(text))
    parts = _filled(_COMMAS.split(text))
    is_list = all(_HAN.search(part) for part in parts) or all(" " in part for part in parts)
    return parts if is_list else _filled([text])


def split_affiliations(text: str, count: int) -> list[str]:
    """Return an affiliation for each of some authors: those printed beside them, or the only one for all."""
    parts = [part.strip() for part in text.split(BESIDE.strip())]
    if len(parts) == count:
        return parts
    return [text if len(parts) == 1 else ""] * count


def _filled(parts: Sequence[str]) -> list[str]:
    return [part.strip("*＊†‡0123456789").strip() for part in map(str.strip, parts) if part]


def named(authors: str) -> list[str]:
    """Return the names in a text as it is kept, one `BETWEEN` after each."""
    return authors.split(BETWEEN) if authors else []


def with_author(authors: str, affiliations: str, name: str) -> tuple[str, str]:
    """Return authors and their affiliations with one more author, whose affiliation nobody printed.

    >>> with_author("王芳; 李强", "江城医院", "赵敏")
    ('王芳; 李强; 赵敏', '江城医院 | 江城医院 | ')
    """
    names = named(authors)
    if name in names:
        return authors, affiliations
    places = [*split_affiliations(affiliations, len(names)), ""]
    return BETWEEN.join([*names, name]), BESIDE.join(places) if any(places) else ""


def without_author(authors: str, affiliations: str, name: str) -> tuple[str, str]:
    """Return authors and their affiliations without one of them.

    >>> without_author("王芳; 李强", "江城医院 | 临海医院", "王芳")
    ('李强', '临海医院')
    """
    names = named(authors)
    if name not in names:
        return authors, affiliations
    places, place = split_affiliations(affiliations, len(names)), names.index(name)
    del names[place], places[place]
    return BETWEEN.join(names), BESIDE.join(places) if any(places) else ""
