"""Make a backup: one consistent moment of the database, and the files of the data folder."""

import importlib.metadata
import io
import json
import zipfile
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg

from yaomai.kit import keys

from . import contents
from .archive import DUMP, FILES, KEYS, Manifest, Writer
from .errors import NothingThere
from .programs import client, stream_out

# Everything else in the data folder is kept, so that files of future rooms are never forgotten.
_LEFT_OUT = {
    "postgres", "postgres.new", "postgres.lock", "up.lock", "logs", "run", "tmp", "static", "warehouse",
    "backups.jsonl", "prepared.sha256", *keys.FILES,
}  # fmt: skip

_CHECKPOINTS = "audit"

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
    present = keys.contents(data)
    moment = (now or datetime.now(UTC)).isoformat(timespec="seconds")
    with psycopg.connect(**parameters, autocommit=True) as connection, Writer(path) as writer:  # type: ignore[arg-type]
        if connection.execute("SELECT 1 FROM pg_tables WHERE schemaname = 'public' LIMIT 1").fetchone() is None:
            raise NothingThere(place=connection.info.dbname)
        # A checkpoint written during the backup would speak of entries that the dump does not hold; an upload that
        # a row of the dump speaks of is there by now. So checkpoints are taken before the moment, other files after.
        for name, file in _files(data, checkpoints=True):
            writer.add(FILES + name, file)
        # Dump, counts and hashes all see the same moment, whatever is written meanwhile.
        connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        row = connection.execute("SELECT pg_export_snapshot(), current_setting('server_version_num')::int").fetchone()
        assert row is not None
        snapshot, number = row
        # Sequences belong to no moment: read before the dump reads them, they are the least it must hold.
        sequences = contents.sequences(connection)
        progress(0, 1, "")
        with writer.member(DUMP) as sink:
            stream_out(_dump_command(snapshot, number // 10000), parameters, sink.write)
        tables = contents.tables(connection, progress=progress)
        for name, file in _files(data, checkpoints=False):
            writer.add(FILES + name, file)
        if with_keys:
            for name, content in present.items():
                with writer.member(KEYS + name) as sink:
                    sink.write(content)
        manifest = Manifest(
            version=importlib.metadata.version("yaomai"),
            created_at=moment,
            server_version=connection.info.parameter_status("server_version") or "",
            migrations=_migrations(connection),
            tables=tables,
            sequences=sequences,
            members=writer.members,
            mirror=_mirror(data),
            trail=_trail(connection),
            keys=keys.fingerprints(present),
        )
        writer.finish(manifest)
    if keys_path is not None:
        write_keys(data, keys_path)
    _remember(data, path, moment)
    return manifest


def write_keys(data: Path, path: Path) -> None:
    """Write the keys in use with a data folder into a file of their own, readable by its owner only."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, key in keys.contents(data).items():
            archive.writestr(name, key)
    keys.write(path, content.getvalue())


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


def _files(data: Path, *, checkpoints: bool) -> Iterator[tuple[str, Path]]:
    ring = keys.ring_file(data)  # wherever it is kept, and by whatever name
    for top in sorted(data.iterdir()) if data.exists() else []:
        if top.name in _LEFT_OUT or top.name.startswith((".", "before-restore")):
            continue
        if (top.name == _CHECKPOINTS) != checkpoints:
            continue
        for path in [top] if top.is_file() else sorted(top.rglob("*")):
            if path.is_file() and not path.is_symlink() and path != ring:
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
