"""Make a backup: one consistent moment of the database, and the files of the data folder."""

import importlib.metadata
import json
import os
import zipfile
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg

from . import contents, keys
from .archive import DUMP, FILES, KEYS, Manifest, Writer
from .programs import client, stream_out

# Everything else in the data folder is kept, so that files of future rooms are never forgotten.
_LEFT_OUT = {
    "postgres", "postgres.new", "postgres.lock", "up.lock", "logs", "run", "tmp", "static", "warehouse",
    "backups.jsonl", "prepared.sha256", *keys.FILES,
}  # fmt: skip

Progress = Callable[[int, int, str], None]


def make(
    *,
    parameters: Mapping[str, str],
    data: Path,
    path: Path,
    with_keys: bool = False,
    keys_path: Path | None = None,
    now: datetime | None = None,
    progress: Progress = lambda done, total, message: None,
) -> Manifest:
    """Write a backup of the database at `parameters` and of the data folder to `path`, and return its manifest.

    Keys go into the backup (`with_keys`), into a file of their own (`keys_path`), or nowhere: whoever has backup
    and keys can read everything, so keep them apart.

    Raises:
        BackupError: it could not be made; no file is left behind.
    """
    moment = (now or datetime.now(UTC)).isoformat(timespec="seconds")
    with psycopg.connect(**parameters, autocommit=True) as connection, Writer(path) as writer:  # type: ignore[arg-type]
        # Dump, counts and hashes all see the same moment, whatever is written meanwhile.
        connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        row = connection.execute("SELECT pg_export_snapshot(), current_setting('server_version_num')::int").fetchone()
        assert row is not None
        snapshot, number = row
        progress(0, 1, "")
        with writer.member(DUMP) as sink:
            stream_out(_dump_command(snapshot, number // 10000), parameters, sink.write)
        tables = contents.tables(connection, progress=progress)
        for name, file in _files(data):
            writer.add(FILES + name, file)
        if with_keys:
            for name in keys.FILES:
                if (data / name).exists():
                    writer.add(KEYS + name, data / name)
        manifest = Manifest(
            version=importlib.metadata.version("yaomai"),
            created_at=moment,
            server_version=connection.info.parameter_status("server_version") or "",
            migrations=_migrations(connection),
            tables=tables,
            sequences=contents.sequences(connection),
            members=writer.members,
            mirror=_mirror(data),
            trail=_trail(connection),
            keys=keys.fingerprints(data),
        )
        writer.finish(manifest)
    if keys_path is not None:
        write_keys(data, keys_path)
    _remember(data, path, moment)
    return manifest


def write_keys(data: Path, path: Path) -> None:
    """Write the keys of a data folder into a file of their own, readable by its owner only."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file, zipfile.ZipFile(file, "w") as archive:
        for name in keys.FILES:
            if (data / name).exists():
                archive.write(data / name, name)


def _dump_command(snapshot: str, server_major: int) -> list[str]:
    return [
        client("pg_dump", server_major=server_major),
        "--format=custom",
        "--compress=gzip:4",
        "--no-owner",
        "--no-privileges",
        "--schema=public",
        "--lock-wait-timeout=60s",  # a migration that runs meanwhile: say so instead of waiting for ever
        f"--snapshot={snapshot}",
    ]


def _files(data: Path) -> Iterator[tuple[str, Path]]:
    for top in sorted(data.iterdir()) if data.exists() else []:
        if top.name in _LEFT_OUT or top.name.startswith((".", "before-restore")):
            continue
        for path in [top] if top.is_file() else sorted(top.rglob("*")):
            if path.is_file() and not path.is_symlink():
                yield path.relative_to(data).as_posix(), path


def _mirror(data: Path) -> list[tuple[str, int]]:
    """Return what the columnar mirror held; its files are made again from the database, so they stay out."""
    folder = data / "warehouse"
    if not folder.exists():
        return []
    return [(path.relative_to(folder).as_posix(), path.stat().st_size) for path in sorted(folder.rglob("*.parquet"))]


def _migrations(connection: psycopg.Connection[Any]) -> list[tuple[str, str]]:
    if connection.execute("SELECT to_regclass('public.django_migrations')").fetchone() == (None,):
        return []
    return [tuple(row) for row in connection.execute("SELECT app, name FROM django_migrations ORDER BY id")]


def _trail(connection: psycopg.Connection[Any]) -> tuple[int, str] | None:
    if connection.execute("SELECT to_regclass('public.audit_head')").fetchone() == (None,):
        return None
    row = connection.execute("SELECT sequence, encode(hash, 'hex') FROM audit_head").fetchone()
    return (row[0], row[1]) if row else None


def _remember(data: Path, path: Path, moment: str) -> None:
    """Note that a backup was made, for `yaomai check`."""
    with open(data / "backups.jsonl", "a") as file:
        line = {"at": moment, "file": str(path.resolve()), "bytes": path.stat().st_size}
        file.write(json.dumps(line, ensure_ascii=False) + "\n")
