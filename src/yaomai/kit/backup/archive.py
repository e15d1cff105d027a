"""The file of a backup: a plain ZIP whose manifest holds the SHA-256 of every member."""

import hashlib
import json
import os
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Self

from pydantic import BaseModel, ValidationError

from .contents import Table
from .errors import Damaged, NotABackup

FORMAT = 1
MANIFEST = "manifest.json"
DUMP = "database.dump"
FILES = "files/"
KEYS = "keys/"
_MARK = b"yaomai-backup "
_BLOCK = 1024 * 1024


class Member(BaseModel):
    size: int
    sha256: str


class Manifest(BaseModel):
    """What a backup holds. `keys` are fingerprints, never keys."""

    format: int = FORMAT
    version: str
    created_at: str
    server_version: str
    migrations: list[tuple[str, str]]
    tables: dict[str, Table]
    sequences: dict[str, int | None]
    members: dict[str, Member]
    mirror: list[tuple[str, int]]
    trail: tuple[int, str] | None
    keys: dict[str, str]


class Writer:
    """Writes a backup; the file appears under its name only when it is whole and on the disk."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.draft = path.with_name(f"{path.name}.partial")
        self.members: dict[str, Member] = {}

    def __enter__(self) -> Self:
        descriptor = os.open(self.draft, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
        self._file = os.fdopen(descriptor, "w+b")
        self._zip = zipfile.ZipFile(self._file, "w", zipfile.ZIP_STORED, allowZip64=True)
        return self

    @contextmanager
    def member(self, name: str) -> Iterator["Sink"]:
        """Open a member to write into."""
        with self._zip.open(name, "w", force_zip64=True) as file:
            sink = Sink(file)
            yield sink
        self.members[name] = Member(size=sink.size, sha256=sink.digest.hexdigest())

    def add(self, name: str, path: Path) -> None:
        """Copy a file into the backup; one that was removed meanwhile is left out."""
        with suppress(FileNotFoundError), open(path, "rb") as source, self.member(name) as sink:
            while block := source.read(_BLOCK):
                sink.write(block)

    def finish(self, manifest: Manifest) -> None:
        """Write the manifest, flush everything to the disk and give the file its name."""
        text = manifest.model_dump_json(indent=1).encode()
        self._zip.writestr(MANIFEST, text)
        self._zip.comment = _MARK + hashlib.sha256(text).hexdigest().encode()
        self._zip.close()
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        os.rename(self.draft, self.path)
        _sync_folder(self.path.parent)

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        if not self._file.closed:
            with suppress(Exception):
                self._zip.close()
            self._file.close()
        self.draft.unlink(missing_ok=True)


class Sink:
    """A member being written: counts and hashes what passes."""

    def __init__(self, file: IO[bytes]) -> None:
        self.file = file
        self.size = 0
        self.digest = hashlib.sha256()

    def write(self, block: bytes) -> None:
        self.file.write(block)
        self.size += len(block)
        self.digest.update(block)


class Reader:
    """Reads a backup whose manifest is sound.

    Raises:
        NotABackup: the file is something else.
        Damaged: the manifest is not as it was written.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._zip = zipfile.ZipFile(path)
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
            if isinstance(error, FileNotFoundError | PermissionError):
                raise
            raise NotABackup(file=path) from error
        if not self._zip.comment.startswith(_MARK) or MANIFEST not in self._zip.namelist():
            raise NotABackup(file=path)
        try:
            text = self._zip.read(MANIFEST)
            if hashlib.sha256(text).hexdigest().encode() != self._zip.comment[len(_MARK) :]:
                raise Damaged(file=path, member=MANIFEST)
            self.manifest = Manifest.model_validate(json.loads(text))
        except (zipfile.BadZipFile, ValueError, ValidationError, EOFError, NotImplementedError, OSError) as error:
            raise Damaged(file=path, member=MANIFEST) from error

    def check(self) -> None:
        """Read every member and compare its hash.

        Raises:
            Damaged: one is not as it was written, or is missing, or was added.
        """
        present = set(self._zip.namelist()) - {MANIFEST}
        for name in sorted(present ^ self.manifest.members.keys()):
            raise Damaged(file=self.path, member=name)
        for name in self.manifest.members:
            for _block in self.blocks(name):
                pass

    def blocks(self, name: str) -> Iterator[bytes]:
        """Yield a member's bytes; the last block is followed by the check of its hash.

        Raises:
            Damaged: it is not as it was written.
        """
        expected = self.manifest.members[name]
        digest = hashlib.sha256()
        try:
            with self._zip.open(name) as file:
                while block := file.read(_BLOCK):
                    digest.update(block)
                    yield block
        except (zipfile.BadZipFile, ValueError, EOFError, NotImplementedError, OSError, RuntimeError) as error:
            raise Damaged(file=self.path, member=name) from error
        if digest.hexdigest() != expected.sha256:
            raise Damaged(file=self.path, member=name)

    def extract(self, name: str, target: Path) -> None:
        """Write a member to a file."""
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            for block in self.blocks(name):
                file.write(block)

    def names(self, prefix: str) -> list[str]:
        """Return the members below a prefix."""
        return [name for name in self.manifest.members if name.startswith(prefix)]

    def close(self) -> None:
        self._zip.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        self.close()


def safe_target(folder: Path, name: str) -> Path | None:
    """Return where a member belongs below `folder`, None for a name that leads out of it."""
    target = (folder / name).resolve()
    return target if target.is_relative_to(folder.resolve()) and target != folder.resolve() else None


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
