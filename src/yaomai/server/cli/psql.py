"""`yaomai psql`: the database's own client."""

import os
from pathlib import Path

import typer

from yaomai.words import _

app = typer.Typer(add_completion=False)


@app.command(
    help=_("Open psql on the database (further arguments go to psql)."),
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True},
)
def psql(context: typer.Context) -> None:
    from yaomai.kit.embedded import EmbeddedPostgres, program

    from .failure import Refusal

    if url := os.environ.get("DATABASE_URL"):
        os.execvp(program("psql"), ["psql", url, *context.args])
    server = EmbeddedPostgres(Path(os.environ.get("YAOMAI_DATA", "data")))
    if not server.alive():
        raise Refusal(_("The database does not run. Start it with yaomai up."))
    os.execv(program("psql"), ["psql", server.dsn, *context.args])
