"""Uploaded files, kept by the digest of their content, and beside each the table read from it.

A file is written completely, then renamed: a process that dies leaves either the whole file or nothing. The
read table is a cache (Arrow), keyed by the way of reading; it can be deleted at any time.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import NamedTemporaryFile, mkstemp
from typing import Any

import pyarrow as pa
from django.conf import settings
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile

from yaomai.kit.transfer import errors
from yaomai.kit.transfer.headers import KnownHeaders
from yaomai.kit.transfer.reading import LeftOut, Limits, Table, read_table
from yaomai.kit.transfer.reading.limits import MEGABYTE
from yaomai.kit.transfer.registry import Importer

_BLOCK = 1 << 20
_DIGEST = hashlib.sha256().digest_size
READING_OPTIONS = ("sheet", "header_row", "has_header")


def limits() -> Limits:
    """Return the bounds of this installation (setting IMPORT_LIMIT_MB)."""
    return Limits(file_bytes=getattr(settings, "IMPORT_LIMIT_MB", 200) * MEGABYTE)


def _folder() -> Path:
    folder = Path(default_storage.path("imports"))
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@contextmanager
def received(upload: UploadedFile) -> Iterator[Path]:
    """Give the upload as a file while the block runs.

    Raises:
        errors.FileTooLarge: before anything is copied.
    """
    if upload.size is not None and upload.size > limits().file_bytes:
        raise errors.FileTooLarge(size=-(-upload.size // MEGABYTE), limit=limits().file_bytes // MEGABYTE)
    with NamedTemporaryFile(dir=settings.FILE_UPLOAD_TEMP_DIR) as copy:
        for chunk in upload.chunks():
            copy.write(chunk)
        copy.flush()
        yield Path(copy.name)


def digest_of(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def keep(path: Path) -> str:
    """Keep a copy of the file; return its digest."""
    digest = digest_of(path)
    target = stored(digest)
    if target.exists():
        target.touch()  # wanted again: it shall not be taken for an old one
    else:
        target.parent.mkdir(parents=True, exist_ok=True)
        with _appearing(target) as partial, path.open("rb") as source, partial.open("wb") as copy:
            shutil.copyfileobj(source, copy, _BLOCK)
            copy.flush()
            os.fsync(copy.fileno())
    return digest


@contextmanager
def _appearing(target: Path) -> Iterator[Path]:
    """Yield a name beside the file's to write to; the file appears whole, and when writing fails nothing stays."""
    # A name of its own: threads and processes may receive the same file at once.
    descriptor, name = mkstemp(dir=target.parent, prefix=f"{target.name}.", suffix=".part")
    os.close(descriptor)
    partial = Path(name)
    try:
        yield partial
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)


def everything() -> Iterator[Path]:
    """Yield every kept file and what lies beside it."""
    return (path for path in _folder().glob("??/*") if path.is_file())


def stored(digest: str) -> Path:
    """Return where the file of that digest is kept."""
    return _folder() / digest[:2] / digest


def read(path: Path, *, name: str, importer: Importer, options: dict[str, Any]) -> Table:
    """Read a file for an importer, whose column names make finding the header certain.

    Raises:
        errors.FileRefused: what is wrong, and the mend.
    """
    reading = {option: options[option] for option in READING_OPTIONS if option in options}
    return read_table(path, name=name, known=KnownHeaders(importer.columns), limits=limits(), **reading)


def read_stored(digest: str, *, name: str, importer: Importer, options: dict[str, Any]) -> Table:
    """Return the table of a kept file, from the cache when it was read in this way before.

    Raises:
        errors.FileRefused: the file cannot be read in the way asked for.
        errors.FileGone: its time is over, or what is kept is not what was uploaded.
    """
    cache = _cache_path(digest, importer, options)
    table = _cached(cache)
    if table is None:
        if not stored(digest).exists() or digest_of(stored(digest)) != digest:
            raise errors.FileGone
        table = read(stored(digest), name=name, importer=importer, options=options)
        remember(digest, table, importer=importer, options=options)
    return table


def remember(digest: str, table: Table, *, importer: Importer, options: dict[str, Any]) -> None:
    """Keep the table that was read, so that the next step need not read the file again."""
    # As on the shelf: a full disk shall stop what needs the space.
    with suppress(OSError):
        _write_cache(_cache_path(digest, importer, options), table)


def _cache_path(digest: str, importer: Importer, options: dict[str, Any]) -> Path:
    way = [importer.name, *(options.get(option) for option in READING_OPTIONS)]
    suffix = hashlib.sha256(json.dumps(way).encode()).hexdigest()[:12]
    return stored(digest).with_name(f"{digest}.{suffix}.arrow")


def _write_cache(path: Path, table: Table) -> None:
    about = {
        "name": table.name,
        "headers": table.headers,
        "letters": table.letters,
        "header_row": table.header_row,
        "left_out": [[each.sheet, each.row, each.reason, each.text] for each in table.left_out],
    }
    columns = table.rows.append_column("row", table.row_numbers).append_column("sheet", table.sheets)
    columns = columns.replace_schema_metadata({"table": json.dumps(about)})
    path.parent.mkdir(parents=True, exist_ok=True)
    _write_arrow(path, columns)


def _write_arrow(path: Path, table: pa.Table) -> None:
    """Write a table, and behind it the digest by which a flipped bit is noticed."""
    with _appearing(path) as partial:
        with pa.OSFile(str(partial), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
            writer.write_table(table)
        digest = digest_of(partial)
        with partial.open("ab") as sink:
            sink.write(bytes.fromhex(digest))


def _read_arrow(path: Path) -> pa.Table | None:
    """Return a table as it was written, None where there is none or it is damaged."""
    try:
        content = memoryview(path.read_bytes())
    except OSError:
        return None
    if hashlib.sha256(content[:-_DIGEST]).digest() != content[-_DIGEST:]:
        return None
    return pa.ipc.open_file(pa.py_buffer(content[:-_DIGEST])).read_all()


class Shelf:
    """Tables that the check of an import made, kept beside the file for the import that follows it."""

    def __init__(self, digest: str, token: str) -> None:
        self._path = stored(digest).with_name(f"{digest}.{token}")

    def recall(self, name: str, make: Callable[[], pa.Table]) -> pa.Table:
        """Return the table of that name; make and keep it when it is not there or cannot be read."""
        path = self._path.with_name(f"{self._path.name}.{name}.arrow")
        table = _read_arrow(path)
        if table is not None:
            return table
        table = make()
        # Kept to be quicker later: a full disk shall stop what needs the space, not this.
        with suppress(OSError):
            _write_arrow(path, table)
        return table

    def clear(self) -> None:
        """Forget the tables."""
        for path in self._path.parent.glob(f"{self._path.name}.*"):
            path.unlink(missing_ok=True)


def _cached(path: Path) -> Table | None:
    columns = _read_arrow(path)
    if columns is None:
        return None
    about = json.loads(columns.schema.metadata[b"table"])
    sheets = columns.column("sheet").unify_dictionaries().combine_chunks()
    numbers = columns.column("row").combine_chunks()
    return Table(
        name=about["name"],
        headers=tuple(about["headers"]),
        letters=tuple(about["letters"]),
        rows=columns.drop_columns(["row", "sheet"]).replace_schema_metadata(None),
        row_numbers=numbers,
        sheets=sheets,
        header_row=about["header_row"],
        left_out=tuple(LeftOut(*each) for each in about["left_out"]),
    )
