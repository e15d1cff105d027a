"""`yaomai web` and `yaomai worker`: one kind of process in the foreground, for containers and clusters."""

from typing import Annotated

import typer

from yaomai.words import _

web = typer.Typer(add_completion=False)
worker = typer.Typer(add_completion=False)


@web.command(help=_("Run only the web processes, in the foreground."))
def run_web(
    host: Annotated[str, typer.Option(help=_("Address to listen on; 0.0.0.0 for every network card."))] = "127.0.0.1",
    port: Annotated[int, typer.Option(help=_("Port of the web pages."), min=1, max=65535)] = 8000,
    workers: Annotated[int, typer.Option(help=_("Web processes."), min=1, max=64)] = 2,
) -> None:
    from yaomai.server.web import serve

    serve(host=host, port=port, workers=workers)


@worker.command(help=_("Run only a job worker, in the foreground."))
def run_worker(
    concurrency: Annotated[int, typer.Option(help=_("Jobs at the same time."), min=1, max=64)] = 2,
) -> None:
    from yaomai.kit.jobs.worker import work

    work(concurrency=concurrency)
