"""`yaomai backup` and `yaomai restore`."""

import json
import os
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from yaomai.words import _

from .database import running_database

backup = typer.Typer(add_completion=False)
restore = typer.Typer(add_completion=False)

AsJson = Annotated[bool, typer.Option("--json", help=_("Print JSON for programs."))]


def _data() -> Path:
    return Path(os.environ.get("YAOMAI_DATA", "data")).resolve()


def _parameters() -> dict[str, Any]:
    """Return the connection parameters of the database in use."""
    if url := os.environ.get("DATABASE_URL"):
        from psycopg.conninfo import conninfo_to_dict

        return {key: value for key, value in conninfo_to_dict(url).items() if value is not None}
    from yaomai.kit.embedded import connection_parameters

    return connection_parameters(_data())


def _known_migrations() -> set[tuple[str, str]]:
    """Return the migrations of this program, without Django writing keys into the folder to restore into."""
    from yaomai.server import health, prepare

    with tempfile.TemporaryDirectory() as scratch:
        os.environ["YAOMAI_DATA"] = scratch
        prepare.set_up()
        return health.known_migrations()


@backup.command(help=_("Write everything into one file: database, uploaded files, trail checkpoints; verified."))
def run_backup(
    file: Annotated[Path, typer.Argument(metavar=_("FILE"), help=_("The file to write."))],
    with_keys: Annotated[
        bool,
        typer.Option(
            "--with-keys",
            help=_("Put the encryption keys into the file too. Whoever has the file can then read everything."),
        ),
    ] = False,
    keys: Annotated[
        Path | None, typer.Option(help=_("Write the keys into this file instead; keep it somewhere else."))
    ] = None,
    as_json: AsJson = False,
) -> None:
    from yaomai.kit.backup import make
    from yaomai.server.prepare import progress

    from .failure import Refusal

    if file.exists() and not file.is_file():
        raise Refusal(_("%(file)s is not an ordinary file.") % {"file": file})
    if not file.parent.is_dir():
        raise Refusal(_("The folder %(folder)s does not exist.") % {"folder": file.parent})
    with running_database(), progress(_("Backing up")) as report:
        manifest = make(
            parameters=_parameters(),
            data=_data(),
            path=file,
            with_keys=with_keys,
            keys_path=keys,
            progress=report,
        )
    rows = sum(table.rows for table in manifest.tables.values())
    if as_json:
        summary = {"file": str(file), "bytes": file.stat().st_size, "tables": len(manifest.tables), "rows": rows}
        typer.echo(json.dumps(summary | {"keys": with_keys or keys is not None}, ensure_ascii=False))
        return
    typer.echo(
        _("%(file)s: %(size).1f MB, %(tables)s tables, %(rows)s rows.")
        % {
            "file": file,
            "size": file.stat().st_size / 1024**2,
            "tables": len(manifest.tables),
            "rows": f"{rows:,}",
        }
    )
    if not with_keys and keys is None:
        typer.echo(
            _(
                "The keys are not in it. A backup without keys cannot be read on another machine: write them once"
                " with --keys FILE and keep that file apart."
            )
        )


@restore.command(help=_("Restore a backup; compares every table with the backup before anything is replaced."))
def run_restore(
    file: Annotated[
        Path, typer.Argument(metavar=_("FILE"), help=_("The backup."), exists=True, dir_okay=False, readable=True)
    ],
    force: Annotated[
        bool, typer.Option("--force", help=_("Replace what is there; the old data folder is kept beside it."))
    ] = False,
    keys: Annotated[Path | None, typer.Option(help=_("The key file that belongs to the backup."), exists=True)] = None,
    without_keys: Annotated[
        bool,
        typer.Option("--without-keys", help=_("Restore although the keys are lost: contact data stays unreadable.")),
    ] = False,
    as_json: AsJson = False,
) -> None:
    from yaomai.kit.backup import restore_database, restore_folder
    from yaomai.server.prepare import progress

    data = _data()
    options: dict[str, Any] = {
        "path": file,
        "data": data,
        "force": force,
        "keys_path": keys,
        "without_keys": without_keys,
        "known_migrations": _known_migrations(),
    }
    with progress(_("Restoring")) as report:
        if os.environ.get("DATABASE_URL"):
            done = restore_database(**options, parameters=_parameters(), progress=report)
        else:
            done = restore_folder(**options, now=datetime.now(UTC), progress=report)
    rows = sum(table.rows for table in done.manifest.tables.values())
    if as_json:
        typer.echo(
            json.dumps(
                {"tables": len(done.manifest.tables), "rows": rows, "kept": str(done.kept) if done.kept else None}
            )
        )
        return
    typer.echo(
        _("Restored and compared: %(tables)s tables, %(rows)s rows, from %(created_at)s.")
        % {"tables": len(done.manifest.tables), "rows": f"{rows:,}", "created_at": done.manifest.created_at}
    )
    if done.kept:
        typer.echo(_("What was there before is kept in %(folder)s.") % {"folder": done.kept})
    typer.echo(_("Next: yaomai audit verify, then yaomai up."))
