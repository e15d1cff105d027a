"""What every answer must be: headers, no inline code, no foreign word, and Chinese for the Chinese reader."""

import io
import re
import zipfile
from collections.abc import Mapping
from functools import cache, lru_cache
from html.parser import HTMLParser
from urllib.parse import quote

from .crawl import TRAIL, Answer, Cell, Crawler
from .table import PUBLIC

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), geolocation=(self), microphone=(), payment=(), usb=()",
}
POLICY = {
    "default-src": {"'self'"},
    "img-src": {"'self'", "data:", "blob:"},
    "object-src": {"'none'"},
    "base-uri": {"'none'"},
    "form-action": {"'self'"},
    "frame-ancestors": {"'none'"},
}
SEALED_OFF = {"default-src": {"'none'"}, "style-src": {"'unsafe-inline'"}, "sandbox": set()}
"""Of files that people attached: nothing in them can run or load."""
INLINE = re.compile(
    rb"<script(?![^>]*\s(?:src=|type=\"application/json\"))[^>]*>|<style|<[a-z][^<>]*\s(?:style|on[a-z]{3,})\s*=\s*[\"']",
    re.IGNORECASE,
)
LINKED = re.compile(rb"(?:href|src|action)\s*=\s*[\"']\s*(?:javascript|data:text)", re.IGNORECASE)


def problems(crawler: Crawler, cell: Cell, answer: Answer, words: list[str]) -> list[str]:
    """Return everything that is wrong with an answer; `words` are those that it may not contain."""
    found = []
    if answer.status not in crawler.expected(cell):
        found.append(f"answered {answer.status}, not one of {sorted(crawler.expected(cell))}")
    found += [f"shows the hidden word {word}" for word in words_in(answer, words)]
    may_write = cell.verb == "get" or cell.row.right(cell.verb) == PUBLIC or crawler.is_allowed(cell)
    if not may_write and (answer.changed - TRAIL or answer.acts):
        found.append(f"changed {sorted(answer.changed)} by {answer.acts}")
    return [*found, *header_problems(answer.response.headers), *inline_problems(answer)]


def header_problems(headers: Mapping[str, str], *, is_file: bool = False) -> list[str]:
    """Return what is wrong with the headers of an answer (S13); a static file may be kept, nothing else."""
    found = [f"{name}: {headers.get(name)!r}" for name, value in HEADERS.items() if headers.get(name) != value]
    policy = {
        part.split()[0]: set(part.split()[1:])
        for part in headers.get("Content-Security-Policy", "").split("; ")
        if part
    }
    if policy not in (POLICY, SEALED_OFF):
        found.append(f"Content-Security-Policy: {headers.get('Content-Security-Policy')!r}")
    if not is_file and "no-store" not in headers.get("Cache-Control", ""):
        found.append(f"Cache-Control: {headers.get('Cache-Control')!r}")
    return found


def inline_problems(answer: Answer) -> list[str]:
    """Return inline scripts, styles and handlers of a page."""
    if not answer.is_html:
        return []
    found = [*INLINE.findall(answer.body), *LINKED.findall(answer.body)]
    return [part.decode(errors="replace")[:120] for part in found]


# Words -----------------------------------------------------------------------------------------------------


def text_of(answer: Answer) -> str:
    """Return everything an answer says, the parts of a workbook included."""
    if answer.body.startswith(b"PK\x03\x04"):
        with zipfile.ZipFile(io.BytesIO(answer.body)) as archive:
            return "\n".join(archive.read(name).decode(errors="replace") for name in archive.namelist())
    kept = "\n".join(str(value) for value in answer.response.headers.values())
    return answer.body.decode(errors="replace") + kept


def words_in(answer: Answer, words: list[str]) -> list[str]:
    """Return those of the words that occur in an answer, escaped or not."""
    text = text_of(answer)
    return [
        word
        for word in words
        if any(form in text for form in (word, quote(word), word.encode("unicode_escape").decode()))
    ]


# Chinese ---------------------------------------------------------------------------------------------------


class VisibleText(HTMLParser):
    """Collects what a reader sees or hears: text, labels, placeholders, titles, button values."""

    SILENT = frozenset({"script", "style", "code", "pre", "kbd", "template", "svg", "samp"})
    SPOKEN = frozenset({"title", "placeholder", "aria-label", "alt", "aria-description", "data-label"})

    def __init__(self, language: str) -> None:
        super().__init__()
        self.language = language
        self.texts: list[str] = []
        self.silent: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        is_foreign = not (values.get("lang") or self.language).startswith(self.language)
        if tag in self.SILENT or values.get("translate") == "no" or is_foreign:
            if tag not in {"input", "img", "br", "hr", "meta", "link", "option"}:
                self.silent.append(tag)
        elif not self.silent:
            self.texts += [value for name, value in values.items() if name in self.SPOKEN and value]

    def handle_endtag(self, tag: str) -> None:
        if self.silent and self.silent[-1] == tag:
            self.silent.pop()

    def handle_data(self, data: str) -> None:
        if not self.silent and data.strip():
            self.texts.append(data.strip())


WORD = re.compile(r"(?<![A-Za-z0-9])[A-Za-z]{3,}(?![A-Za-z0-9])")
"""Letters alone: what stands beside digits is a fingerprint or a code."""
FOREIGN_WORDS = frozenset(
    [
        "KAM", "ABC", "RFM", "KOL", "API", "REST", "OpenAPI", "Excel", "CSV", "WPS", "xlsx", "xls", "csv", "tsv", "txt", "zip",
        "Ctrl", "Shift", "Esc", "Enter", "Yaomai", "English", "PDF", "SVG", "JSON", "SHA", "HMAC", "TOTP", "WebAuthn", "GBK",
        "UTF", "OIDC", "PostgreSQL", "Parquet", "JavaScript", "PIN", "Word", "DOI", "PMID", "SCI", "PubMed", "RDPAC", "III",
        "NBD", "MBG", "CNBD", "Gamma", "CTR", "ChiCTR", "NCT", "http", "https", "docx", "Tab", "LOTNEAR", "LOTTEAM", "LOTFAR",
        # The word by which sources name figures that rest on no document.
        "assumed",
    ]
)  # fmt: skip
"""Names, codes and terms that a Chinese page writes in Latin letters too."""
ERROR_CODE = re.compile(r"^\d{3} · [a-z_.]+$")
CODE = re.compile(r"^[A-Za-z0-9_.:/#@+×%*()\[\]-]*[0-9_.:/@][A-Za-z0-9_.:/#@+×%*()\[\]-]*$")
"""Rights, codes of acts, user names, addresses, numbers: they read the same in every language."""


@cache
def rule_codes() -> frozenset[str]:
    """Return the names of the shipped rules, which stand in no language."""
    from yaomai.compliance.shipped import rules

    return frozenset(rule["code"] for rule in rules())


def english_in(answer: Answer) -> list[str]:
    """Return texts of a Chinese page that look like untranslated English (E11)."""
    found = set()
    for text in texts_of(answer, "zh"):
        if ERROR_CODE.match(text) or text in rule_codes():
            continue
        words = [word for part in text.split() if not CODE.match(part) for word in WORD.findall(part)]
        if [word for word in words if word not in FOREIGN_WORDS]:
            found.add(text)
    return sorted(found)


# English, and nothing raw ----------------------------------------------------------------------------------

HAN = re.compile(r"[\u3400-\u9fff]")
RAW = re.compile(r"%\(\w+\)|\{\{|\{%|\[object |\bundefined\b|\bNaN\b|^None$|__proxy__|<[\w.]+ object at|Traceback")
"""What a program says to itself: placeholders, template marks, values without a form for people."""


def raw_in(answer: Answer, language: str) -> list[str]:
    """Return texts of a page that were meant for a program."""
    return [text for text in texts_of(answer, language) if RAW.search(text)]


def chinese_in(answer: Answer, data: re.Pattern[str]) -> list[str]:
    """Return texts of an English page that are Chinese without being the company's own data."""
    return sorted({text for text in texts_of(answer, "en") if HAN.search(data.sub("", text))})


MARKS = "⟦⟧"
MARKED = re.compile(r"⟦[^⟦⟧]*⟧")
SAID = re.compile(r"[A-Za-z]{3,}|[\u3400-\u9fff]")
NUMBER = re.compile(r"(?:\d+年)?\d+月(?:\d+日)?|周[一二三四五六日]|[\d.]+[万亿]")


def unmarked_in(answer: Answer, data: re.Pattern[str]) -> list[str]:
    """Return what a page says that came neither out of a catalogue, between `MARKS`, nor from the company itself.

    What is marked as being in a language is a quotation. Marks may lie around elements of the page.
    """
    body = answer.body.replace(b'<html lang="zh-CN"', b"<html")
    said = "\n".join(_texts(body, "pseudo"))
    while MARKED.search(said):
        said = MARKED.sub(" ", said)
    found = set()
    for text in said.splitlines():
        rest = NUMBER.sub(" ", data.sub(" ", text))
        words = [word for word in rest.split() if not CODE.match(word) and word.strip("·，。：") not in FOREIGN_WORDS]
        if text.strip() in rule_codes() or ERROR_CODE.match(text.strip()):
            continue
        if SAID.search(" ".join(words)):
            found.add(text.strip())
    return sorted(found)


def texts_of(answer: Answer, language: str) -> list[str]:
    """Return what a reader of the page's language sees or hears, leaving out what is marked as another one's."""
    return list(_texts(answer.body, language))


@lru_cache(maxsize=1)
def _texts(body: bytes, language: str) -> tuple[str, ...]:
    """One page is asked about several things; reading it takes as long as making it."""
    parser = VisibleText(language)
    parser.feed(body.decode(errors="replace"))
    return tuple(" ".join(text.split()) for text in parser.texts)
