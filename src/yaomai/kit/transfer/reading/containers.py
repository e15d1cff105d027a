"""What a file really is, decided by its content and not by its name, before anything is unpacked."""

import gzip
import io
import lzma
import re
import struct
import zipfile
import zlib
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from yaomai import extents
from yaomai.kit.errors import Text
from yaomai.kit.transfer import errors
from yaomai.kit.transfer.reading import compound
from yaomai.kit.transfer.reading.limits import MEGABYTE, Limits

_BLOCK = 1 << 20
_TABLE_SUFFIXES = (".xlsx", ".xls", ".et", ".csv", ".tsv", ".txt")
_OLD_WORKBOOK = re.compile(rb"\x09(\x00\x04|\x02\x06|\x04\x06)\x00")
"""The first record of workbooks before Excel 5, which had no container (source: [MS-XLS] BOF, BIFF2 to BIFF4)."""
_PAGE = re.compile(rb"<(!doctype\s+html|html|head|meta|table|style)\b", re.IGNORECASE)
_OTHER_CONTENT: tuple[tuple[bytes, Text], ...] = (
    (b"%PDF", _("a PDF document")),
    (b"\x89PNG", _("a picture")),
    (b"\xff\xd8\xff", _("a picture")),
    (b"GIF8", _("a picture")),
    (b"Rar!", _("a RAR archive")),
    (b"7z\xbc\xaf\x27\x1c", _("a 7z archive")),
    (b"PAR1", _("a Parquet file")),
    (b"SQLite format 3", _("a database")),
    (b"\x7fELF", _("a program")),
    (b"MZ\x90", _("a program")),
)
_DAMAGED = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, NotImplementedError, OSError, UnicodeDecodeError)
"""What unpacking a part of a damaged archive ends in; names of parts are in it too."""


class Kind(StrEnum):
    """What can be read."""

    XLSX = "xlsx"
    XLS = "xls"
    TEXT = "text"


@dataclass(slots=True)
class Opened:
    """A file whose kind is known and whose size is within bounds; `path` is set unless it was unpacked.

    `marked_parts` are the worksheets of an .xlsx that may hold formulas or error values.
    """

    kind: Kind
    name: str
    stream: BinaryIO
    path: Path | None = None
    marked_parts: frozenset[str] = frozenset()


def open_file(path: Path, *, name: str, limits: Limits) -> Opened:
    """Decide what the file is and unpack an outer .gz or .zip.

    Raises:
        errors.FileRefused: what is wrong, and the mend.
    """
    if not path.is_file():
        raise errors.FileMissing(path=str(path))
    size = path.stat().st_size
    _require_size(size, limits)
    stream = path.open("rb")
    try:
        opened = _identify(stream, name, limits)
    except BaseException:
        stream.close()
        raise
    if opened.stream is stream:
        opened.path = path
    else:
        stream.close()
    return opened


def _require_size(size: int, limits: Limits) -> None:
    if size == 0:
        raise errors.FileEmpty
    if size > limits.file_bytes:
        raise errors.FileTooLarge(size=-(-size // MEGABYTE), limit=limits.file_bytes // MEGABYTE)


def _identify(stream: BinaryIO, name: str, limits: Limits, *, nested: bool = False) -> Opened:
    head = stream.read(4096)
    stream.seek(0)
    if head.startswith(b"\x1f\x8b"):
        if nested:  # there is a file that unpacks to itself for ever
            raise errors.NotATable(content=_("an archive inside an archive"))
        return _identify(_gunzip(stream, limits), name.removesuffix(".gz"), limits, nested=True)
    if head.startswith(b"PK"):
        return _identify_zip(stream, name, limits, nested=nested)
    if head.startswith(compound.SIGNATURE):
        _require_plain_xls(stream, name)
        return Opened(Kind.XLS, name, stream)
    if _OLD_WORKBOOK.match(head):
        raise errors.KindNotSupported(kind="Excel 2–4 (.xls)")
    for start, content in _OTHER_CONTENT:
        if head.startswith(start):
            raise errors.NotATable(content=content)
    _require_no_page(head)
    return Opened(Kind.TEXT, name, stream)


def _gunzip(stream: BinaryIO, limits: Limits) -> BinaryIO:
    packed = stream.seek(0, io.SEEK_END)
    stream.seek(0)
    content = io.BytesIO()
    try:
        with gzip.open(stream) as unpacked:
            while block := unpacked.read(_BLOCK):
                content.write(block)
                _require_unpacked(content.tell(), packed, limits)
                if content.tell() > limits.nested_bytes:
                    raise errors.UnpacksTooLarge
    except EOFError:
        raise errors.FileTruncated from None
    except (OSError, zlib.error):
        raise errors.FileDamaged from None
    if content.tell() == 0:
        raise errors.FileEmpty
    content.seek(0)
    return content


def _require_unpacked(unpacked: int, packed: int, limits: Limits) -> None:
    if unpacked > limits.unpacked_bytes:
        raise errors.UnpacksTooLarge
    if unpacked > limits.ratio_floor_bytes and unpacked > packed * limits.unpacking_ratio:
        raise errors.UnpacksTooLarge


def _identify_zip(stream: BinaryIO, name: str, limits: Limits, *, nested: bool) -> Opened:
    try:
        archive = zipfile.ZipFile(stream)
    except (zipfile.BadZipFile, struct.error, NotImplementedError, ValueError, OSError):
        raise errors.FileTruncated from None
    with archive:
        entries = archive.infolist()
        _require_bounded(entries, stream, limits)
        names = {entry.filename for entry in entries}
        if "[Content_Types].xml" in names:
            _require_plain_xlsx(names)
            return Opened(Kind.XLSX, name, stream, marked_parts=_unpack_once(archive, entries, limits))
        if "mimetype" in names and "content.xml" in names:
            raise errors.KindNotSupported(kind=".ods")
        if nested:
            raise errors.NotATable(content=_("an archive inside an archive"))
        return _only_table(archive, entries, limits)


def _require_bounded(entries: list[zipfile.ZipInfo], stream: BinaryIO, limits: Limits) -> None:
    """Refuse a bomb from the archive's directory alone: too many, too large, too dense, or overlapping."""
    if len(entries) > limits.archive_entries:
        raise errors.UnpacksTooLarge
    _require_unpacked(sum(each.file_size for each in entries), sum(each.compress_size for each in entries), limits)
    for entry in entries:
        _require_unpacked(entry.file_size, entry.compress_size, limits)
    if sum(entry.compress_size for entry in entries) > stream.seek(0, io.SEEK_END):
        raise errors.UnpacksTooLarge
    if any(entry.flag_bits & 1 for entry in entries):
        raise errors.PasswordProtected


def _require_plain_xlsx(names: set[str]) -> None:
    lowered = {name.lower() for name in names}
    if any(name.endswith("vbaproject.bin") or name.startswith("xl/macrosheets/") for name in lowered):
        raise errors.MacroWorkbook
    if any(name.startswith("word/") for name in lowered):
        raise errors.NotATable(content=_("a Word document"))
    if any(name.startswith("ppt/") for name in lowered):
        raise errors.NotATable(content=_("a presentation"))
    if "xl/workbook.bin" in lowered:
        raise errors.KindNotSupported(kind=".xlsb")


def _unpack_once(archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo], limits: Limits) -> frozenset[str]:
    """Unpack every part, bounded by its declared size and checked by its sum: a lying directory ends here.

    Returns:
        The parts that may hold formulas or error values.
    """
    marked = set()
    try:
        for entry in entries:
            cells = extents.Extent()
            with archive.open(entry) as part:
                block = part.read(_BLOCK)
                while block:
                    if b"<!DOCTYPE" in block or b"<!ENTITY" in block:
                        raise errors.FileDamaged
                    if b"<f" in block or b't="e"' in block:
                        marked.add(entry.filename)
                    cells.see(block)
                    following = part.read(_BLOCK)
                    if not following:
                        cells.end(block)
                    block = block[-extents.OVERLAP :] + following if following else b""
            _require_near(archive, entry, cells, limits)
    except _DAMAGED:
        raise errors.FileDamaged from None
    return frozenset(marked)


def _require_near(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, cells: extents.Extent, limits: Limits) -> None:
    """Refuse cells that lie too far apart to make room for all between them."""
    if cells.cells > limits.cells or cells.is_odd:
        with archive.open(entry) as part:
            cells = extents.filled(part)
        if cells.cells > limits.cells:
            raise errors.CellsFarApart(cell=cells.last)


def _only_table(archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo], limits: Limits) -> Opened:
    tables = [entry for entry in entries if not entry.is_dir() and _is_table(entry.filename)]
    if len(tables) != 1:
        raise errors.SeveralFiles(count=len(tables), names="、".join(entry.filename for entry in tables[:5]) or "–")
    entry = tables[0]
    if entry.file_size > limits.nested_bytes:
        raise errors.UnpacksTooLarge
    if entry.file_size == 0:
        raise errors.FileEmpty
    try:
        content = io.BytesIO(archive.read(entry))
    except _DAMAGED:
        raise errors.FileDamaged from None
    return _identify(content, PurePosixPath(entry.filename).name, limits, nested=True)


def _is_table(name: str) -> bool:
    path = PurePosixPath(name)
    return "__MACOSX" not in path.parts and path.suffix.lower() in _TABLE_SUFFIXES


def _require_plain_xls(stream: BinaryIO, name: str) -> None:
    content = stream.read()
    stream.seek(0)
    try:
        names = set(compound.CompoundFile(content).entries)
    except (compound.Malformed, struct.error):
        raise errors.FileTruncated from None
    if "EncryptedPackage" in names:
        raise errors.PasswordProtected
    if "_VBA_PROJECT_CUR" in names or "_VBA_PROJECT" in names:
        raise errors.MacroWorkbook
    if "WordDocument" in names:
        raise errors.NotATable(content=_("a Word document"))
    if "PowerPoint Document" in names:
        raise errors.NotATable(content=_("a presentation"))
    if not names & {"Workbook", "Book"}:
        raise errors.NotATable(content=pgettext_lazy("content", "unknown"))


def _require_no_page(head: bytes) -> None:
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    if start.startswith(b"<") and _PAGE.search(head):
        raise errors.DisguisedPage(kind="HTML")
    if start.startswith((b"<?xml", b"<Workbook")):
        raise errors.DisguisedPage(kind="XML")
    if start.lower().startswith(b"mime-version:"):
        raise errors.DisguisedPage(kind="MHTML")
