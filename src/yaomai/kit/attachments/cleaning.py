"""What a file is, by its content, and the file without what tells about its maker. Pure; no Django, no disk.

`cleaned(name, content, pixels=…)` recognises pictures, PDF and the Office formats, refuses what could run, and returns
the bytes to store. A picture is decoded and written anew, turned as its EXIF says: nothing that a program hid in it
survives. A PDF is written anew by qpdf without document information, metadata, piece information; one with scripts,
launch actions or files within is refused. An Office file loses authors, company, times and thumbnails' metadata;
one with macros, OLE objects or a template from elsewhere is refused.
"""

import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pikepdf

from yaomai.kit.attachments.errors import ActiveContent, Broken, Executable, Locked, NotAccepted

PROGRAMS = (
    b"MZ", b"\x7fELF", b"\xfe\xed\xfa\xce", b"\xfe\xed\xfa\xcf", b"\xce\xfa\xed\xfe", b"\xcf\xfa\xed\xfe", b"\xca\xfe\xba\xbe",
    b"#!", b"L\x00\x00\x00\x01\x14\x02\x00", b"dex\n", b"\x00asm", b"!<arch>", b"Cr24", b"\xed\xab\xee\xdb",
)  # fmt: skip
"""How programs begin: Windows, Linux, macOS, Java, scripts, shortcuts, Android, WebAssembly, packages."""
RUNNING = (
    ".exe",
    ".dll",
    ".scr",
    ".bat",
    ".cmd",
    ".com",
    ".js",
    ".vbs",
    ".ps1",
    ".jar",
    ".class",
    ".dex",
    ".sh",
    ".msi",
)
PICTURES = {"JPEG": ("image/jpeg", "jpg"), "PNG": ("image/png", "png"), "WEBP": ("image/webp", "webp")}
OFFICE = {
    "wordprocessingml.document.main": (
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document", "docx"),
    "spreadsheetml.sheet.main": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx"),
    "presentationml.presentation.main": (
        "application/vnd.openxmlformats-officedocument.presentationml.presentation", "pptx"),
}  # fmt: skip
PDF = ("application/pdf", "pdf")
MOST_PARTS = 5000
MOST_UNPACKED = 400 * 1024 * 1024
QUALITY = 92
ACTIONS = frozenset({"/JavaScript", "/Launch", "/ImportData", "/SubmitForm", "/Rendition", "/Movie"})
_EMPTY = b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<%s/>'
_CORE = _EMPTY % (
    b'cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties"'
)
_APP = _EMPTY % b'Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/extended-properties"'
_CUSTOM = _EMPTY % b'Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/custom-properties"'
_PROPERTIES = {"docProps/core.xml": _CORE, "docProps/app.xml": _APP, "docProps/custom.xml": _CUSTOM}
_PERSON = re.compile(rb'(\bw:author|\bw15:author|\bw:initials|\bw15:userId|\bw15:providerId)="[^"]*"')
_SAID = re.compile(rb"(<(?:[\w]+:)?(?:author|lastModifiedBy)>)[^<]*(</)")


@dataclass(frozen=True, slots=True)
class Cleaned:
    """A file to store: its bytes, what it is, and what was taken out of it."""

    content: bytes
    media: str
    suffix: str
    removed: tuple[str, ...]


def cleaned(name: str, content: bytes, *, pixels: int) -> Cleaned:
    """Return the file as it is stored.

    Raises:
        NotAccepted: Executable, ActiveContent, Locked, Broken, or none of the kinds that are taken.
    """
    if content.startswith(PROGRAMS):
        raise Executable(name)
    if content.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")) or (
        content[:4] == b"RIFF" and content[8:12] == b"WEBP"
    ):
        return _picture(name, content, pixels)
    if content.startswith(b"%PDF-"):
        return _pdf(name, content)
    if content.startswith(b"PK\x03\x04"):
        return _office(name, content)
    raise NotAccepted(name)


# Pictures -------------------------------------------------------------------------------------------------------


def _picture(name: str, content: bytes, pixels: int) -> Cleaned:
    from PIL import Image, ImageOps, UnidentifiedImageError

    try:
        picture: Any = Image.open(io.BytesIO(content), formats=list(PICTURES))
        if picture.width * picture.height > pixels:
            raise Broken(name)
        form = picture.format
        picture.load()
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise Broken(name) from error
    removed = sorted({str(key) for key in picture.info if key in ("exif", "xmp", "comment", "icc_profile", "photoshop", "dpi")}
                     | set(getattr(picture, "text", {})))  # fmt: skip
    upright = ImageOps.exif_transpose(picture)
    bare = Image.new(upright.mode, upright.size)
    if upright.mode == "P" and (palette := upright.getpalette("RGBA")) is not None:
        bare.putpalette(palette, "RGBA")
    bare.paste(upright)
    if form == "JPEG" and bare.mode not in ("RGB", "L", "CMYK"):
        bare = bare.convert("RGB")
    written = io.BytesIO()
    bare.save(written, format=form, **({"quality": QUALITY} if form != "PNG" else {"optimize": False}))
    return Cleaned(written.getvalue(), *PICTURES[form], tuple(removed))


def without_segments(jpeg: bytes) -> bytes:
    """Return a JPEG without its application and comment segments (EXIF, XMP, IPTC); Adobe's stays, colours need it."""
    if not jpeg.startswith(b"\xff\xd8"):
        return jpeg
    kept, place = [b"\xff\xd8"], 2
    while place + 4 <= len(jpeg) and jpeg[place] == 0xFF and jpeg[place + 1] != 0xDA:
        marker, length = jpeg[place + 1], int.from_bytes(jpeg[place + 2 : place + 4])
        if not (0xE1 <= marker <= 0xED or marker in (0xEF, 0xFE)):
            kept.append(jpeg[place : place + 2 + length])
        place += 2 + length
    return b"".join((*kept, jpeg[place:]))


# PDF ------------------------------------------------------------------------------------------------------------


def _pdf(name: str, content: bytes) -> Cleaned:
    removed: set[str] = set()
    try:
        with pikepdf.open(io.BytesIO(content)) as file:
            if file.is_encrypted:
                raise Locked(name)
            if len(file.pages) == 0:
                raise Broken(name)
            for item in file.objects:
                _clean_pdf_object(name, item, removed)
            _clean_pdf_object(name, file.Root, removed)
            if "/Info" in file.trailer:
                removed.add("Info")
                del file.trailer["/Info"]
            written = io.BytesIO()
            file.save(written, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    except pikepdf.PasswordError as error:
        raise Locked(name) from error
    except (pikepdf.PdfError, RuntimeError, ValueError, TypeError, RecursionError) as error:
        raise Broken(name) from error
    return Cleaned(written.getvalue(), *PDF, tuple(sorted(removed)))


def _clean_pdf_object(name: str, item: Any, removed: set[str]) -> None:
    """Take metadata out of one object of a PDF and of what stands within it; refuse what could run or carries files."""
    if isinstance(item, pikepdf.Array):
        for each in item:
            if not getattr(each, "is_indirect", True):
                _clean_pdf_object(name, each, removed)
        return
    if not isinstance(item, pikepdf.Dictionary | pikepdf.Stream):
        return
    keys = set(item.keys())
    if keys & {"/EmbeddedFiles", "/EF", "/XFA", "/JavaScript", "/JS", "/RichMediaContent"}:
        raise ActiveContent(name)
    if "/S" in keys and isinstance(item["/S"], pikepdf.Name) and str(item["/S"]) in ACTIONS:
        raise ActiveContent(name)
    for key in keys & {"/Metadata", "/PieceInfo", "/LastModified"}:
        del item[key]
        removed.add(key.strip("/"))
    for each in (item[key] for key in item.keys()):  # noqa: SIM118 — no mapping of Python's
        # What stands elsewhere in the file comes in its turn.
        if not getattr(each, "is_indirect", True):
            _clean_pdf_object(name, each, removed)
    if isinstance(item, pikepdf.Stream) and item.get("/Filter") == pikepdf.Name.DCTDecode:
        raw = item.read_raw_bytes()
        bare = without_segments(raw)
        if bare != raw:
            item.write(bare, filter=pikepdf.Name.DCTDecode)
            removed.add("exif")


# Office ---------------------------------------------------------------------------------------------------------


def _office(name: str, content: bytes) -> Cleaned:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as file:
            parts = file.infolist()
            named = [part.filename for part in parts]
            if any(each.lower().endswith(RUNNING) or each == "META-INF/MANIFEST.MF" for each in named):
                raise Executable(name)
            if (
                len(parts) > MOST_PARTS
                or sum(part.file_size for part in parts) > MOST_UNPACKED
                or len(set(named)) < len(named)
            ):
                raise Broken(name)
            if "[Content_Types].xml" not in named:
                raise NotAccepted(name)
            kind = _office_kind(name, file.read("[Content_Types].xml"), named)
            removed: set[str] = set()
            written = io.BytesIO()
            with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as target:
                for part, body in _office_parts(name, file, parts, removed):
                    # A fixed time: when it was packed is nobody's business.
                    target.writestr(zipfile.ZipInfo(part, (1980, 1, 1, 0, 0, 0)), body, zipfile.ZIP_DEFLATED)
    except (zipfile.BadZipFile, KeyError, RuntimeError, NotImplementedError, OSError, EOFError, ValueError) as error:
        raise Broken(name) from error
    return Cleaned(written.getvalue(), *kind, tuple(sorted(removed)))


def _office_kind(name: str, types: bytes, named: list[str]) -> tuple[str, str]:
    if b"macroEnabled" in types or any("vbaproject" in each.lower() or "/activex/" in each.lower() for each in named):
        raise ActiveContent(name)
    if any("/embeddings/" in each.lower() and not each.lower().endswith((".xlsx", ".docx", ".pptx")) for each in named):
        raise ActiveContent(name)
    found = [kind for mark, kind in OFFICE.items() if f"{mark}+xml".encode() in types]
    if not found:
        raise NotAccepted(name)
    return found[0]


def _office_parts(
    name: str, file: zipfile.ZipFile, parts: list[zipfile.ZipInfo], removed: set[str]
) -> Iterator[tuple[str, bytes]]:
    for part in parts:
        body = file.read(part)
        if part.filename.endswith(".rels") and _comes_from_elsewhere(body):
            raise ActiveContent(name)
        bare = _PROPERTIES.get(part.filename, body)
        if part.filename.lower().endswith((".jpg", ".jpeg")):
            bare = without_segments(bare)
        elif part.filename.endswith(".xml"):
            bare = _SAID.sub(rb"\1\2", _PERSON.sub(rb'\1=""', bare))
        if bare != body:
            removed.add(part.filename.rpartition("/")[2])
        yield part.filename, bare


def _comes_from_elsewhere(relations: bytes) -> bool:
    """Tell whether a part loads a template, an object or a frame from another address; plain links are fine."""
    return any(
        b'TargetMode="External"' in each and not re.search(rb"/(hyperlink|image)\"", each)
        for each in re.findall(rb"<Relationship\b[^>]*>", relations)
    )
