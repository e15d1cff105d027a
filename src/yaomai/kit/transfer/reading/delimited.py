"""Text tables (.csv, .tsv, .txt) as grids: encoding, separator and quotes as people's programs write them."""

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from itertools import islice

import pyarrow as pa
from django.utils.translation import pgettext_lazy

from yaomai.kit.transfer import errors
from yaomai.kit.transfer.reading.containers import Opened
from yaomai.kit.transfer.reading.limits import DEFAULT_LIMITS, Limits
from yaomai.kit.transfer.reading.tables import Grid
from yaomai.kit.transfer.reading.workbooks import trimmed

_CHUNK_ROWS = 20_000
_SEPARATORS = (",", "\t", ";", "|")
_SAMPLE_CHARACTERS = 64_000
_FIELD_CHARACTERS = DEFAULT_LIMITS.cell_characters
_AGREEING_SHARE = 0.3
_CONTROL = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_STRAY_SHARE = 0.01
"""A text may hold a few control characters by accident; where there are more it is no text."""
_NEUTRALISED = re.compile(r"^'(?=[=+\-@\t\r＝＋－＠])")
_COMMON_SHARE = 0.8
"""Chinese text decoded rightly is nearly all in GB 2312; Big5 or Shift-JIS read as GB18030 is not."""
_CERTAINLY_UTF8 = 6
"""So many bytes beyond one per character, three Chinese characters, are not UTF-8 by accident."""

csv.field_size_limit(_FIELD_CHARACTERS)


def read_grid(opened: Opened, limits: Limits) -> Grid:
    """Return the text table.

    Raises:
        errors.FileRefused: encoding, quotes or content are not those of a text table.
    """
    content = opened.stream.read()
    text = decode(content)
    if not text.strip():
        raise errors.FileEmpty
    separator = find_separator(text[:_SAMPLE_CHARACTERS], opened.name)
    return _grid(_rows(text, separator, opened.name), opened.name, limits)


def decode(content: bytes) -> str:
    """Return the text: by byte order mark, else UTF-8, UTF-16 without mark, GB18030.

    Raises:
        errors.WrongEncoding: names the first row that cannot be read. errors.NotATable: it is no text.
    """
    for mark, encoding in (
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
    ):
        if content.startswith(mark):
            return _strict(content[len(mark) :], encoding)
    wide = _wide_encoding(content[:4096])
    if wide:
        return _strict(content, wide)
    try:
        return _require_text(content.decode("utf-8"))
    except UnicodeDecodeError as error:
        return _gb18030(content, utf8_end=error.start)


def _strict(content: bytes, encoding: str) -> str:
    try:
        return _require_text(content.decode(encoding))
    except UnicodeDecodeError as error:
        readable = content[: error.start].decode(encoding, "ignore")
        raise errors.WrongEncoding(row=readable.count("\n") + 1) from None


def _wide_encoding(head: bytes) -> str:
    """Recognise UTF-16 without a mark by its zero bytes, which separators and line ends always have."""
    pairs = len(head) // 2
    if pairs < 4:
        return ""
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if odd > pairs * 0.1 and even < pairs * 0.01:
        return "utf-16-le"
    if even > pairs * 0.1 and odd < pairs * 0.01:
        return "utf-16-be"
    return ""


def _gb18030(content: bytes, *, utf8_end: int) -> str:
    readable = content[:utf8_end].decode("utf-8", "ignore")
    mostly_utf8 = utf8_end - len(readable) >= _CERTAINLY_UTF8
    try:
        text = content.decode("gb18030")
    except UnicodeDecodeError as error:
        furthest = utf8_end if mostly_utf8 else max(utf8_end, error.start)
        _require_text(content[:4096].decode("latin-1"))
        raise errors.WrongEncoding(row=content.count(b"\n", 0, furthest) + 1) from None
    _require_text(text)
    if mostly_utf8:
        raise errors.WrongEncoding(row=readable.count("\n") + 1)
    foreign = [character for character in text[:_SAMPLE_CHARACTERS] if character > "\x7f"]
    common = len("".join(foreign).encode("gb2312", "ignore")) // 2
    if common < len(foreign) * _COMMON_SHARE:
        raise errors.WrongEncoding(row=content.count(b"\n", 0, utf8_end) + 1)
    return text


def _require_text(text: str) -> str:
    sample = text[:_SAMPLE_CHARACTERS]
    if len(_CONTROL.findall(sample)) > len(sample) * _STRAY_SHARE or text.count("\x00") > len(text) * _STRAY_SHARE:
        raise errors.NotATable(content=pgettext_lazy("content", "unknown"))
    return text


def find_separator(sample: str, name: str) -> str:
    """Return the separator that cuts most of the sample's lines into the same number of cells, two at least."""
    if name.lower().endswith(".tsv"):
        return "\t"
    best, best_score = ",", 0.0
    for separator in _SEPARATORS:
        try:
            rows = [row for row in islice(csv.reader(io.StringIO(sample), delimiter=separator), 200) if row]
        except csv.Error:
            continue
        widths = Counter(len(row) for row in rows[: max(len(rows) - 1, 1)])
        width, agreeing = max(widths.items(), key=lambda item: (item[1] * (item[0] > 1), item[0]), default=(1, 0))
        share = agreeing / max(sum(widths.values()), 1)
        score = share * min(width - 1, 4) if share >= _AGREEING_SHARE else 0.0
        if score > best_score:
            best, best_score = separator, score
    return best


def _rows(text: str, separator: str, name: str) -> Iterator[list[str]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    number = 1
    try:
        for row in reader:
            yield row
            number += 1
    except csv.Error as error:
        if "field limit" in str(error):
            raise errors.CellTooLong(sheet=name, row=number, limit=_FIELD_CHARACTERS) from None
        raise errors.BrokenQuotes(row=number) from None


def _grid(rows: Iterator[list[str]], name: str, limits: Limits) -> Grid:
    blocks: list[list[pa.Array]] = []
    count = width = 0
    while block := list(islice(rows, _CHUNK_ROWS)):
        count += len(block)
        if count > limits.rows:
            raise errors.TooManyRows(limit=limits.rows)
        widest = max(map(len, block))
        if widest > limits.columns:
            raise errors.TooManyColumns(sheet=name, count=widest, limit=limits.columns)
        if min(map(len, block)) < widest:
            block = [row if len(row) == widest else row + [""] * (widest - len(row)) for row in block]
        blocks.append([_texts(cells) for cells in zip(*block, strict=True)])
        width = max(width, widest)
    columns = []
    for index in range(width):
        parts = [block[index] if index < len(block) else pa.nulls(len(block[0]), pa.string()) for block in blocks]
        columns.append(pa.chunked_array(parts, pa.string()))
    return Grid(sheet=name, columns=tuple(columns), delimited=True)


def _texts(cells: tuple[str, ...]) -> pa.Array:
    if any(cell.startswith("'") for cell in cells):
        cells = tuple(_NEUTRALISED.sub("", cell) for cell in cells)
    return trimmed(pa.array(cells, pa.string()))
