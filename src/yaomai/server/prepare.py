"""Bring an installation up to date: messages, static files, database, demo company. Safe to repeat."""

import hashlib
import importlib
import json
import os
import sys
from argparse import ArgumentParser
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from yaomai.kit import keys
from yaomai.words import _, language

from . import stamp
from .cli.failure import Refusal, guarded

# Any number that no other user of advisory locks in this database takes.
MIGRATION_LOCK = 0x79616F6D6169
# The terminal; standard output is for the result.
console = Console(stderr=True, highlight=False)


def set_up() -> None:
    """Load Django."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yaomai.server.settings")
    import django

    django.setup()
    _speak()


def found() -> int:
    """Load Django and bring keys and database up to date; return how many migrations that were.

    Raises:
        Refusal: people have worked here, and their keys are gone.
    """
    from .environment import data_folder

    folder = data_folder()
    made = keys.make_missing(folder)
    set_up()
    applied = migrate()
    if made and not is_empty():
        for file in made:
            file.unlink()
        raise _without(made)
    return applied


def require_keys() -> None:
    """Go on only where the keys of the installation are there, for commands that must not make new ones.

    Raises:
        Refusal: they are missing.
    """
    from .environment import data_folder

    importlib.import_module("yaomai.server.settings")  # a setting that makes no sense is said first
    if lacking := keys.missing(data_folder()):
        raise _without(lacking)


def _without(files: list[Path]) -> Refusal:
    said = _(
        "The keys of this installation are missing: %(files)s. Contact data and the trail are sealed with them."
        " Put them back from the key file or from the machine that has them. If they are lost for good: make a"
        " backup, then yaomai restore --without-keys --force."
    )
    return Refusal(said % {"files": ", ".join(map(str, files))})


def _speak() -> None:
    """Speak the language of the terminal."""
    from django.utils import translation

    translation.activate("en" if language() == "en" else "zh-hans")


@contextmanager
def progress(words: str) -> Iterator[Callable[[int, int, str], None]]:
    """Show a bar; the yielded function takes done, total and what is being done."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(words, total=None)

        def report(done: int, total: int, message: str = "") -> None:
            bar.update(task, completed=done, total=total, description=f"{words} {message}".strip())

        yield report


def migrate() -> int:
    """Apply what is missing in the database and return how many migrations that were.

    An advisory lock lets several machines start at once: one migrates, the others wait and find nothing to do.
    """
    from django.db import connection

    from .migrating import Executor, apply_migrations

    # A connection outside the pool, so that the lock lives exactly as long as this function.
    with connection.copy().cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [MIGRATION_LOCK])
        executor = Executor(connection)
        missing = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
        if missing:
            with console.status(_("Setting up the database")):
                apply_migrations()
        cursor.execute("SELECT pg_advisory_unlock(%s)", [MIGRATION_LOCK])
        cursor.connection.close()
    return missing


def collect_static() -> bool:
    """Collect and compress the static files when any has changed; return whether they had."""
    from django.conf import settings
    from django.contrib.staticfiles.finders import get_finders
    from django.core.management import call_command

    digest = hashlib.sha256()
    for finder in get_finders():
        for path, storage in finder.list([]):
            state = os.stat(storage.path(path))
            digest.update(f"{path}\0{state.st_size}\0{state.st_mtime_ns}\n".encode())
    root = Path(settings.STATIC_ROOT)
    stamp = root / "collected.sha256"
    if stamp.exists() and stamp.read_text() == digest.hexdigest():
        return False
    with console.status(_("Collecting static files")):
        call_command("collectstatic", verbosity=0, interactive=False, clear=True)
        stamp.write_text(digest.hexdigest())
    return True


def load_demo() -> list[dict[str, Any]]:
    """Fill an empty database with the demo company; return its sign-ins, one per role, if it is there."""
    demo = importlib.import_module("yaomai.server.demo")
    if is_empty():
        with progress(_("Creating the demo company")) as report:
            demo.load(progress=report)
    return list(demo.sign_ins())


def is_empty() -> bool:
    """Tell whether nobody has ever worked in this database."""
    from django.contrib.auth import get_user_model

    return not get_user_model()._base_manager.exists()


def main() -> None:
    """Do everything that `yaomai up` needs before the first page; the result is JSON on standard output."""
    parser = ArgumentParser(prog="python -m yaomai.server.prepare")
    parser.add_argument("--demo", action="store_true")
    arguments = parser.parse_args()
    from .messages import compile_messages

    compile_messages()
    found()
    collect_static()
    from django.conf import settings

    stamp.write(Path(settings.DATA))
    sign_ins = load_demo() if arguments.demo else []
    json.dump({"sign_ins": sign_ins, "is_empty": is_empty()}, sys.stdout)


if __name__ == "__main__":
    guarded(main)
