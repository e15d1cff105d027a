"""`yaomai migrate`, `yaomai messages`, `yaomai demo`."""

from typing import Annotated

import typer

from yaomai.words import _

from .database import running_database

migrate = typer.Typer(add_completion=False)
messages = typer.Typer(add_completion=False)
demo = typer.Typer(add_completion=False)


@migrate.command(help=_("Bring the database's tables up to date."))
def run_migrate() -> None:
    from yaomai.server import prepare

    with running_database():
        done = prepare.found()
    typer.echo(_("%(count)s migrations applied.") % {"count": done})


@messages.command(help=_("Compile the translations."))
def run_messages(
    everything: Annotated[bool, typer.Option("--all", help=_("Also those that have not changed."))] = False,
) -> None:
    from yaomai.server.messages import compile_messages

    done = compile_messages(everything=everything)
    typer.echo(_("%(count)s catalogues compiled.") % {"count": len(done)})


@demo.command(help=_("Fill an empty database with the demo company and list its sign-ins."))
def run_demo() -> None:
    from yaomai.server import prepare
    from yaomai.server.terminal import Terminal

    with running_database():
        prepare.found()
        Terminal().sign_ins(prepare.load_demo())
