"""The `yaomai` command."""

import os
import sys
from typing import ClassVar

import typer

from yaomai.words import _, in_words, translate_help

from .failure import guarded
from .lazy import LazyGroup


class Commands(LazyGroup):
    sources: ClassVar[dict[str, str]] = {
        "up": "yaomai.server.cli.up:app",
        "web": "yaomai.server.cli.processes:web",
        "worker": "yaomai.server.cli.processes:worker",
        "migrate": "yaomai.server.cli.prepare:migrate",
        "messages": "yaomai.server.cli.prepare:messages",
        "demo": "yaomai.server.cli.prepare:demo",
        "init": "yaomai.server.cli.init:app",
        "import": "yaomai.server.cli.work:importing",
        "run": "yaomai.server.cli.work:running",
        "check": "yaomai.server.cli.check:app",
        "backup": "yaomai.server.cli.backup:backup",
        "restore": "yaomai.server.cli.backup:restore",
        "audit": "yaomai.server.cli.audit:app",
        "psql": "yaomai.server.cli.psql:app",
        "engine": "yaomai.server.cli.engine:app",
    }


app = typer.Typer(
    cls=Commands,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help=_("Yaomai: the customer platform for pharma key accounts. Begin with `yaomai up`."),
    epilog=_("YAOMAI_DATA is the data folder, DATABASE_URL another PostgreSQL, YAOMAI_LANG the language (zh, en)."),
)


@app.callback()
def options() -> None:
    """Prepare what every command needs."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yaomai.server.settings")


def main() -> None:
    """Run the command line."""
    # A group that is called alone shows its help.
    if len(sys.argv) <= 2 or {"-h", "--help"} & set(sys.argv):
        translate_help()
    guarded(lambda: in_words(app, prog_name="yaomai"))
