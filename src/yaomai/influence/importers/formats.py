"""Reference files as tables: RIS, BibTeX and PubMed XML, one row for each publication."""

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from io import BytesIO
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc
from django.utils.translation import gettext_lazy as _

from yaomai.influence.rules import BESIDE, BETWEEN
from yaomai.kit.transfer import errors
from yaomai.kit.transfer.reading import Grid, register_format
from yaomai.kit.transfer.reading.delimited import decode

_YEAR = re.compile(r"\b(1[89]|20)\d\d\b")


class Work(NamedTuple):
    """One publication, as the cells of its row."""

    title: str = ""
    authors: str = ""
    affiliations: str = ""
    corresponding: str = ""
    journal: str = ""
    year: str = ""
    doi: str = ""
    pmid: str = ""
    evidence: str = ""
    source: str = ""


HEADINGS = Work("题名", "作者", "署名单位", "通讯作者", "期刊", "年份", "DOI", "PMID", "链接", "来源")


class BrokenReferences(errors.FileRefused):
    """An entry of a reference file cannot be read."""

    code = "influence.broken_references"
    message = _("The entry at line %(row)s cannot be read, so nothing was taken in: %(reason)s.")
    mend = _("Correct or delete that entry in a text editor, or export the list again from the database it comes from.")


class ReferenceEncoding(errors.FileRefused):
    """A reference file is in no encoding that Chinese databases write."""

    code = "influence.reference_encoding"
    message = _(
        "The text cannot be read from line %(row)s on: it is neither UTF-8 nor GB18030 (GBK). Nothing was taken in."
    )
    mend = _(
        "Export the list again and choose UTF-8, or open it in a text editor, correct that line, and save it as UTF-8."
    )


def _text(content: bytes) -> str:
    try:
        return decode(content)
    except errors.WrongEncoding as error:
        raise ReferenceEncoding(**error.params) from None


def _ris(content: bytes) -> Grid:
    """Return the entries of a RIS file (CNKI, Wanfang, EndNote, Web of Science).

    Raises:
        errors.FileRefused: the encoding is broken, or an entry is.
    """
    import rispy

    text = _text(content)
    try:
        entries = rispy.loads(text)
    except (ValueError, KeyError, AttributeError, IndexError, OSError) as error:
        line = re.search(r"\d+", str(error))
        raise BrokenReferences(row=line.group() if line else "?", reason=str(error)) from None
    return _grid("RIS", (_of_ris(entry) for entry in entries))


def _of_ris(entry: Mapping[str, Any]) -> Work:
    said = entry.get
    authors = [*(said("first_authors") or ()), *(said("authors") or ())]
    addresses = said("author_address") or ""
    accession = str(said("accession_number") or said("custom1") or "")
    journal = said("journal_name") or said("secondary_title") or said("alternate_title1") or said("alternate_title3")
    return Work(
        title=said("title") or said("primary_title") or "",
        authors=BETWEEN.join(dict.fromkeys(authors)),
        affiliations=addresses if isinstance(addresses, str) else BESIDE.join(addresses),
        journal=journal or "",
        year=_year(str(said("year") or said("publication_year") or said("date") or "")),
        doi=said("doi") or "",
        pmid=accession if accession.isdigit() and len(accession) < 10 else "",
        evidence=_address(said("urls") or ()),
        source=said("name_of_database") or said("database_provider") or "",
    )


def _address(said: Sequence[str]) -> str:
    """Return the first web address; databases write some without a scheme. File paths and the like are no evidence."""
    known = [f"https://{url}" if url.lower().startswith("www.") else url for url in said]
    return next((url for url in known if url.lower().startswith(("http://", "https://"))), "")


def _bibtex(content: bytes) -> Grid:
    """Return the entries of a BibTeX file.

    Raises:
        errors.FileRefused: the encoding is broken, or an entry is.
    """
    from bibtexparser.entrypoint import parse_string
    from bibtexparser.middlewares import LatexDecodingMiddleware, SeparateCoAuthors

    library = parse_string(_text(content), append_middleware=[LatexDecodingMiddleware(), SeparateCoAuthors()])
    broken = [block for block in library.failed_blocks if type(block).__name__ != "DuplicateBlockKeyBlock"]
    if broken:
        line = (broken[0].start_line or 0) + 1
        raise BrokenReferences(row=line, reason=str(getattr(broken[0].error, "abort_reason", "")).strip(" .\n"))
    # Two entries with one key are two publications nevertheless; which are the same is decided by DOI and title.
    double = [getattr(block, "ignore_error_block", None) for block in library.failed_blocks]
    return _grid("BibTeX", (_of_bibtex(entry.fields_dict) for entry in (*library.entries, *filter(None, double))))


def _of_bibtex(fields: Mapping[str, Any]) -> Work:
    said = {name.lower(): field.value for name, field in fields.items()}
    authors = said.get("author") or []
    if isinstance(authors, str):
        authors = re.split(r"\s+and\s+", authors)
    return Work(
        title=re.sub(r"[{}]", "", str(said.get("title", ""))),
        authors=BETWEEN.join(re.sub(r"[{}]", "", each) for each in authors),
        affiliations=str(said.get("affiliation", "")),
        journal=str(said.get("journal") or said.get("booktitle") or ""),
        year=_year(str(said.get("year") or said.get("date") or "")),
        doi=str(said.get("doi", "")),
        pmid=str(said.get("pmid", "")),
        evidence=str(said.get("url", "")),
    )


def _pubmed(content: bytes) -> Grid:
    """Return the articles of a PubMed XML file; entities and outside documents are never read.

    Raises:
        errors.FileRefused: it is no well-formed XML.
    """
    from lxml import etree

    works = []
    try:
        reading = etree.iterparse(
            BytesIO(content),
            tag="PubmedArticle",
            resolve_entities=False,
            no_network=True,
            load_dtd=False,
            huge_tree=False,
        )
        for _event, article in reading:
            works.append(_of_pubmed(article))
            article.clear()
    except etree.XMLSyntaxError as error:
        raise BrokenReferences(row=error.lineno, reason=error.msg) from None
    return _grid("PubMed", works)


def _of_pubmed(article: Any) -> Work:
    authors, places = [], []
    for author in article.iterfind(".//Article/AuthorList/Author"):
        name = " ".join(
            filter(None, (author.findtext("LastName"), author.findtext("ForeName") or author.findtext("Initials")))
        )
        if name:
            last, fore = (
                author.findtext("LastName") or "",
                author.findtext("ForeName") or author.findtext("Initials") or "",
            )
            authors.append(f"{last}, {fore}" if last and fore else name)
            places.append(
                " ".join(filter(None, (each.text for each in author.iterfind("AffiliationInfo/Affiliation"))))
            )
    title = article.find(".//ArticleTitle")
    date = article.find(".//JournalIssue/PubDate")
    return Work(
        title="".join(title.itertext()).strip().rstrip(".") if title is not None else "",
        authors=BETWEEN.join(authors),
        affiliations=BESIDE.join(places) if any(places) else "",
        journal=article.findtext(".//Journal/Title") or "",
        year=_year("" if date is None else date.findtext("Year") or date.findtext("MedlineDate") or ""),
        doi=article.findtext(".//ELocationID[@EIdType='doi']") or article.findtext(".//ArticleId[@IdType='doi']") or "",
        pmid=article.findtext(".//MedlineCitation/PMID") or "",
        source="PubMed",
    )


@lru_cache(maxsize=1_000)
def _year(text: str) -> str:
    found = _YEAR.search(text)
    return found.group() if found else ""


def _grid(sheet: str, works: Iterable[Work]) -> Grid:
    columns = list(zip(*works, strict=True))
    if not columns:
        raise errors.FileEmpty
    return Grid(sheet, tuple(map(_column, HEADINGS, columns)))


def _column(heading: str, cells: Sequence[Any]) -> pa.ChunkedArray:
    """Return the heading and the texts below it, every run of blanks as one; null where nothing stands."""
    texts = pa.array([cell if type(cell) is str else str(cell) for cell in cells], pa.string())
    plain = pc.binary_join(pc.utf8_split_whitespace(pc.utf8_trim_whitespace(texts)), " ")
    filled = pc.if_else(pc.equal(plain, ""), pa.scalar(None, pa.string()), plain)
    return pa.chunked_array([pa.array([heading]), filled])


def _begins(*marks: bytes) -> Any:
    """Return a test of the first bytes: after blanks, comments and byte order marks one of the marks stands."""

    def holds(head: bytes) -> bool:
        plain = head.replace(b"\x00", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")
        return plain.startswith(marks)

    return holds


def _is_bibtex(head: bytes) -> bool:
    return re.match(rb"(?:\s|\xef\xbb\xbf|%[^\n]*\n)*@\s*[A-Za-z]+\s*[{(]", head) is not None


def _is_pubmed(head: bytes) -> bool:
    return b"PubmedArticle" in head and head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(
        (b"<?xml", b"<!DOCTYPE", b"<Pubmed")
    )


register_format((".ris",), recognises=_begins(b"TY  -", b"TY -", b"TY-"), read=_ris)
register_format((".bib",), recognises=_is_bibtex, read=_bibtex)
register_format((".xml",), recognises=_is_pubmed, read=_pubmed)
