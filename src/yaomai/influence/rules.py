"""How names of societies and titles are compared. Pure functions; no Django."""

import re
import unicodedata

_NOT_WORDS = re.compile(r"[\W_]+")


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
    return re.sub(r"^\s*(https?://(dx\.)?doi\.org/|doi\s*[:：]?\s*)", "", text.strip(), flags=re.IGNORECASE).lower()
