"""Restore a backup beside what is there, compare every table, and only then take its place."""

import ctypes
import os
import shutil
import tempfile
import zipfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg

from yaomai.kit import keys
from yaomai.kit.embedded import EmbeddedPostgres

from . import contents
from .archive import DUMP, FILES, FORMAT, KEYS, Manifest, Reader, safe_target
from .errors import Damaged, DataInTheWay, Different, InUse, KeysMissing, NotAKeyFile, ProgramFailed, TooNew, WrongKeys
from .making import Progress
from .programs import client, run, stream_out

_AT_FDCWD = -100
_RENAME_EXCHANGE = 2


@dataclass(frozen=True)
class Restored:
    """What was restored, and where the data that was there before is kept."""

    manifest: Manifest
    kept: Path | None


def restore_folder(
    *,
    path: Path,
    data: Path,
    now: datetime,
    force: bool = False,
    keys_path: Path | None = None,
    without_keys: bool = False,
    known_migrations: set[tuple[str, str]] | None = None,
    finish: Callable[[Path, EmbeddedPostgres], None] = lambda folder, server: None,
    progress: Progress = lambda done, total, message: None,
) -> Restored:
    """Restore into a data folder with a built-in database.

    Everything is made ready in a folder beside it; `finish` may still work on it (upgrade, prove the trail). Then
    both folders change places in one step, and the former one is kept.

    Raises:
        BackupError: it could not be done; the data folder is as it was.
    """
    data = data.resolve()
    with Reader(path) as backup:
        _check_version(backup.manifest, known_migrations)
        if (data / "postgres").exists() and not force:
            raise DataInTheWay(place=data)
        guard = EmbeddedPostgres(data)
        if not guard.folder.take():
            raise InUse(place=data)
        data.parent.mkdir(parents=True, exist_ok=True)
        stage = Path(tempfile.mkdtemp(dir=data.parent, prefix=f".{data.name}-restore-"))
        try:
            _place_keys(backup, stage, data, keys_path, without_keys=without_keys)
            backup.check()
            _place_files(backup, stage)
            # The stage is thrown away after a crash, so that nothing need be safe before all of it is.
            with EmbeddedPostgres(stage, durable=False) as server:
                _load(backup, server.connection_parameters, stage, jobs=2)
                _compare(server.connection_parameters, backup.manifest, progress)
                finish(stage, server)
            _flush(stage)
            kept = _take_place(stage, data, now)
        except BaseException:
            shutil.rmtree(stage, ignore_errors=True)
            raise
        finally:
            guard.folder.release()
        return Restored(backup.manifest, kept)


def restore_database(
    *,
    path: Path,
    parameters: Mapping[str, str],
    data: Path,
    force: bool = False,
    keys_path: Path | None = None,
    without_keys: bool = False,
    known_migrations: set[tuple[str, str]] | None = None,
    progress: Progress = lambda done, total, message: None,
) -> Restored:
    """Restore into a database of another server, in one transaction, and the files into the data folder.

    Raises:
        BackupError: it could not be done; the database is as it was.
    """
    with Reader(path) as backup:
        _check_version(backup.manifest, known_migrations)
        with psycopg.connect(**parameters) as connection:  # type: ignore[arg-type]
            if connection.execute("SELECT 1 FROM pg_tables WHERE schemaname = 'public'").fetchone() and not force:
                raise DataInTheWay(place=connection.info.dbname)
            server_major = connection.info.server_version // 10000
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=data, prefix=".restore-") as work:
            stage = Path(work)
            _place_keys(backup, stage, data, keys_path, without_keys=without_keys)
            backup.check()
            _place_files(backup, stage)
            _load_in_one_transaction(backup, parameters, stage, server_major)
            _compare(parameters, backup.manifest, progress)
            (stage / DUMP).unlink(missing_ok=True)
            shutil.copytree(stage, data, dirs_exist_ok=True)
            # The columnar mirror is of the former rows; without it, it is built anew.
            shutil.rmtree(data / "warehouse", ignore_errors=True)
            (data / "prepared.sha256").unlink(missing_ok=True)  # the tables may be those of an older program
        return Restored(backup.manifest, None)


def _check_version(manifest: Manifest, known: set[tuple[str, str]] | None) -> None:
    """Refuse a backup of a newer program: one with a format or with migrations that this one does not know."""
    apps = {app for app, _name in known} if known else set()
    unknown = {entry for entry in manifest.migrations if entry[0] in apps} - (known or set())
    if manifest.format > FORMAT or (known is not None and unknown):
        raise TooNew(version=manifest.version)


def _place_keys(backup: Reader, stage: Path, present: Path, keys_path: Path | None, *, without_keys: bool) -> None:
    """Put the keys into the stage: from the key file, the backup, or the folder that is being replaced."""
    source, given = present, {name: (present / name).read_bytes() for name in keys.FILES if (present / name).exists()}
    if keys_path is not None:
        source, given = keys_path, _keys_of_file(keys_path)
    elif names := backup.names(KEYS):
        source = backup.path
        given = {name.removeprefix(KEYS): b"".join(backup.blocks(name)) for name in names}
    keys.place(stage, {name: given[name] for name in keys.FILES if name in given})
    found, wanted = keys.fingerprints(keys.contents(stage)), backup.manifest.keys
    if without_keys:
        keys.make_missing(stage)
        return
    if wanted == found:
        return
    if keys_path is None and wanted.keys() - found.keys():
        raise KeysMissing
    raise WrongKeys(file=source)


def _keys_of_file(path: Path) -> dict[str, bytes]:
    try:
        with zipfile.ZipFile(path) as archive:
            return {name: archive.read(name) for name in archive.namelist()}
    except zipfile.BadZipFile as error:
        raise NotAKeyFile(file=path) from error


def _place_files(backup: Reader, stage: Path) -> None:
    for name in backup.names(FILES):
        target = safe_target(stage, name.removeprefix(FILES))
        if target is None:
            raise Damaged(file=backup.path, member=name)
        backup.extract(name, target)


def _load(backup: Reader, parameters: Mapping[str, str], stage: Path, *, jobs: int) -> None:
    """Load the dump into the empty database of the stage; several connections at once."""
    dump = stage / DUMP
    backup.extract(DUMP, dump)
    command = [
        client("pg_restore", server_major=0),
        "--exit-on-error",
        "--no-owner",
        "--no-privileges",
        "--clean",
        "--if-exists",
        f"--jobs={jobs}",
        f"--dbname={parameters['dbname']}",
        str(dump),
    ]
    run(command, parameters)
    dump.unlink()


def _load_in_one_transaction(backup: Reader, parameters: Mapping[str, str], stage: Path, server_major: int) -> None:
    """Replace the schema `public` by the dump's, or leave everything as it is."""
    dump, script = stage / DUMP, stage / "restore.sql"
    backup.extract(DUMP, dump)
    with open(script, "wb") as file:
        file.write(b"DROP SCHEMA IF EXISTS public CASCADE;\n")
        lines = _Lines(file.write)
        stream_out(
            [client("pg_restore", server_major=0), "--no-owner", "--no-privileges", "--file=-", str(dump)],
            parameters,
            lines.take,
        )
        lines.end()
    command = [
        client("psql", server_major=0),
        "--single-transaction",
        "--no-psqlrc",
        "--quiet",
        "-v",
        "ON_ERROR_STOP=1",
    ]
    try:
        with open(script, "rb") as file:
            run([*command, "--file=-"], parameters, stdin=file)
    except ProgramFailed:
        with suppress(OSError):
            script.unlink()
        raise
    script.unlink()


class _Lines:
    """Passes SQL on, without the one setting that servers before 17 do not know."""

    _UNKNOWN = b"SET transaction_timeout = 0;\n"

    def __init__(self, write: Callable[[bytes], Any]) -> None:
        self.write = write
        self.rest = b""
        self.head_passed = False

    def take(self, block: bytes) -> None:
        if self.head_passed:
            self.write(block)
            return
        self.rest += block
        if len(self.rest) > 65536:
            self.end()

    def end(self) -> None:
        self.write(self.rest.replace(self._UNKNOWN, b"", 1))
        self.rest = b""
        self.head_passed = True


def _compare(parameters: Mapping[str, str], manifest: Manifest, progress: Progress) -> None:
    """Compare every table and sequence with the manifest."""
    with psycopg.connect(**parameters, autocommit=True) as connection:  # type: ignore[arg-type]
        connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        wrong = contents.differences(manifest.tables, contents.tables(connection, progress=progress))
        wrong += contents.sequences_behind(manifest.sequences, contents.sequences(connection))
    if wrong:
        raise Different(tables=", ".join(wrong))


def _flush(folder: Path) -> None:
    """Write every file and folder to the disk."""
    for root, _folders, files in os.walk(folder):
        for name in (".", *files):
            path = Path(root, name)
            if path.is_socket():
                continue
            descriptor = os.open(path, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)


def _take_place(stage: Path, data: Path, now: datetime) -> Path | None:
    """Let the stage become the data folder in one step; return where the former one is kept."""
    stage.chmod(0o700)
    kept = data.with_name(f"{data.name}.before-restore-{now:%Y%m%d-%H%M%S}")
    if not (data / "postgres").exists():
        # Only what a failed or first start leaves: nothing worth keeping beside it.
        _exchange(stage, data)
        shutil.rmtree(stage)
        return None
    _exchange(stage, data)
    stage.rename(kept)
    return kept


def _exchange(one: Path, other: Path) -> None:
    """Exchange two folders atomically."""
    libc = ctypes.CDLL(None, use_errno=True)
    code = libc.renameat2(_AT_FDCWD, os.fsencode(one), _AT_FDCWD, os.fsencode(other), _RENAME_EXCHANGE)
    if code != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), str(other))
