"""`yaomai up`: everything on one machine."""

from pathlib import Path
from typing import Annotated

import typer

from yaomai.words import _

app = typer.Typer(add_completion=False)


@app.command(help=_("Start everything: database, web and worker. Ctrl-C stops it."))
def up(
    host: Annotated[str, typer.Option(help=_("Address to listen on; 0.0.0.0 for every network card."))] = "127.0.0.1",
    port: Annotated[int, typer.Option(help=_("Port of the web pages."), min=1, max=65535)] = 8000,
    workers: Annotated[int, typer.Option(help=_("Web processes."), min=1, max=64)] = 2,
    data: Annotated[Path | None, typer.Option(envvar="YAOMAI_DATA", help=_("Data folder; made when missing."))] = None,
    demo: Annotated[bool, typer.Option(help=_("Fill an empty database with the demo company 安衡药业."))] = True,
) -> None:
    from yaomai.server.supervisor import Plan, Supervisor

    plan = Plan(data=(data or Path("data")).resolve(), host=host, port=port, workers=workers, demo=demo)
    raise typer.Exit(Supervisor(plan).run())
