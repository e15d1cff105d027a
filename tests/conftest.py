"""One PostgreSQL for the whole run, and a database of its own for every parallel worker.

The server is the built-in one in a temporary folder, with crash safety off. `DATABASE_URL` names another server to
run the same tests on; its role must be allowed to make databases. Migrations run once, into a template; every
worker clones it. The server's folder is kept with the template in it, and the next run begins there as long as no
migration has changed. Tests without a database start no server (except under xdist, where the controller cannot know).
"""

import fcntl
import gc
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import django
import hypothesis
import psycopg
import pytest
from psycopg import sql

from yaomai.kit import keys, vault
from yaomai.kit.embedded import ROLE, EmbeddedPostgres, connection_parameters
from yaomai.kit.memo import forget_kept
from yaomai.server.messages import compile_messages


def make_passwords_cheap() -> None:
    """Hash as the product does, with a hundredth of its work: what makes guessing dear makes every sign-in dear."""
    from django.contrib.auth.hashers import Argon2PasswordHasher

    Argon2PasswordHasher.time_cost, Argon2PasswordHasher.memory_cost = 1, 64


WORKER = os.environ.get("PYTEST_XDIST_WORKER", "main")
FIRST = "YAOMAI_TEST_RUN" not in os.environ
RUN = Path(tempfile.mkdtemp(prefix="yaomai-test-") if FIRST else os.environ["YAOMAI_TEST_RUN"])
GIVEN_URL = os.environ.get("DATABASE_URL")
PREFIX = f"yaomai_test_{RUN.name.rpartition('-')[2]}"
TEMPLATE = f"{PREFIX}_template" if GIVEN_URL else "yaomai_test_template"
ROOT = Path(__file__).resolve().parents[1]
KEPT = ROOT / ".pytest_cache" / "servers"
MEMORY = Path("/dev/shm")
MEMORY_NEEDED = 4 * 2**30

os.environ["YAOMAI_TEST_RUN"] = str(RUN)
os.environ["YAOMAI_TESTING"] = "1"
os.environ["YAOMAI_DATA"] = str(RUN / WORKER)
os.environ["DJANGO_SETTINGS_MODULE"] = "yaomai.server.settings"

# The collector looks at new objects after every 700 of them otherwise: a tenth of a run, for a little memory.
gc.set_threshold(50_000, 20, 50)

keys.make_missing(RUN / WORKER)
# Before any other conftest is imported. The engine's own tests never load Django, and so run in a second.
if not (paths := [word for word in sys.argv[1:] if "tests/" in word]) or any("tests/engine" not in p for p in paths):
    django.setup()
    vault.blind_index("")  # the ring is read once; tests that move the data folder keep it
    make_passwords_cheap()

# How long an example takes says how busy the machine is, not whether the code is right. A run of all tests tries a few
# examples of each property; `tests/assure/test_properties.py` tries many.
hypothesis.settings.register_profile("yaomai", deadline=None, max_examples=25)
hypothesis.settings.register_profile("thorough", deadline=None, max_examples=100)


def _server_folder() -> Path:
    """Return where the server lives: in memory where there is room, for a clone of the template takes a 20th there."""
    if FIRST:
        for left in MEMORY.glob("yaomai-test-*"):  # by runs that were killed
            if not Path("/proc", left.name.rpartition("-")[2]).exists():
                shutil.rmtree(left, ignore_errors=True)
        roomy = os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > MEMORY_NEEDED
        folder = MEMORY / f"yaomai-test-{os.getpid()}" if roomy and not GIVEN_URL else RUN / "server"
        folder.mkdir(mode=0o700)
        os.environ["YAOMAI_TEST_SERVER"] = str(folder)
    return Path(os.environ["YAOMAI_TEST_SERVER"])


_server = EmbeddedPostgres(_server_folder(), durable=False, connections=120)


def _seed() -> Path:
    """Return where the folder of a server is kept that has run exactly these migrations."""
    made_by = [*ROOT.glob("src/yaomai/**/migrations/*.py"), ROOT / "requirements" / "base.txt"]
    content = b"".join(path.read_bytes() for path in sorted(made_by))
    return KEPT / hashlib.sha256(content).hexdigest()[:16]


def _take_seed() -> None:
    """Begin with the kept folder, if there is one."""
    seed = _seed()
    if seed.is_dir():
        subprocess.run(["cp", "-a", seed, _server.folder.cluster], check=True)
        (RUN / "template.done").touch()


def _keep_seed() -> None:
    """Keep the stopped server's folder for the next run, in place of older ones."""
    seed = _seed()
    if not seed.exists() and (RUN / "template.done").exists():
        shutil.rmtree(KEPT, ignore_errors=True)
        KEPT.mkdir(parents=True)
        # Under another name first: a run that begins meanwhile must not find half of it.
        subprocess.run(["cp", "-a", _server.folder.cluster, KEPT / RUN.name], check=True)
        (KEPT / RUN.name).rename(seed)


def pytest_configure(config: pytest.Config) -> None:
    """Start the server in the controller of a parallel run: it outlives every worker. Compile changed translations."""
    if FIRST:
        compile_messages()
        if not GIVEN_URL:
            _take_seed()
    if WORKER == "main" and config.getoption("dist", "no") != "no":
        # pytest-django would load the settings of a worker before that worker has said which data folder is its own.
        os.environ.pop("DJANGO_SETTINGS_MODULE")
        if not GIVEN_URL:
            _server.start()


def pytest_collection_finish() -> None:
    """Let the collector pass over what is loaded: it stays to the end."""
    gc.freeze()


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the server and remove what the run wrote."""
    if FIRST:
        if GIVEN_URL and (RUN / "template.done").exists():
            with _administrator() as connection:
                connection.execute(sql.SQL("DROP DATABASE {}").format(sql.Identifier(TEMPLATE)))
        _server.stop()
        if not GIVEN_URL:
            _keep_seed()
        shutil.rmtree(_server.folder.data, ignore_errors=True)
        shutil.rmtree(RUN, ignore_errors=True)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the figures that tests measured, together and whether or not their goals were met."""
    reports = [report for some in terminalreporter.stats.values() for report in some if hasattr(report, "when")]
    figures = [
        text for report in reports if report.when == "call" for name, text in report.user_properties if name == "figure"
    ]
    if figures:
        terminalreporter.section("figures")
        for text in sorted(figures, key=lambda text: text.split()[0]):
            terminalreporter.line(text)


@pytest.fixture
def figure(record_property: Callable[[str, object], None]) -> Callable[[str, str], None]:
    """Return a function that keeps a measured figure: figure("R2", "kill to ready: p95 2.1 s")."""
    return lambda line, text: record_property("figure", f"{line:<3} {text}")


@pytest.fixture(autouse=True)
def site_language() -> None:
    """Start every test in the language of the site: a page asked for in English leaves the thread in English."""
    from django.apps import apps
    from django.conf import settings
    from django.utils import translation

    if apps.ready:
        translation.activate(settings.LANGUAGE_CODE)


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment: None, django_db_blocker: Any) -> Iterator[None]:
    """Give this worker a clone of the migrated template (replaces the fixture of pytest-django)."""
    if not GIVEN_URL:
        _server.start()
    name = f"{PREFIX}_{WORKER}"
    with django_db_blocker.unblock():
        with _one_at_a_time():
            if not (RUN / "template.done").exists():
                _make_template()
            _make_database(name, template=TEMPLATE)
        _use_database(name)
    with _fresh_clone_after_each_committing_test(name):
        yield
    with django_db_blocker.unblock():
        _drop_database(name)


@contextmanager
def _fresh_clone_after_each_committing_test(name: str) -> Iterator[None]:
    """Replace Django's clean-up of tests that commit: the trail's tables refuse TRUNCATE, rightly."""
    from django.test import TransactionTestCase

    def clone_again(self: TransactionTestCase) -> None:
        _drop_database(name)
        with _one_at_a_time():
            _make_database(name, template=TEMPLATE)
        forget_kept()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", clone_again)
        yield


def _drop_database(name: str) -> None:
    from django.db import connections

    connections.close_all()
    with _administrator() as connection:
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture(scope="module")
def own_database(django_db_setup: None, django_db_blocker: Any) -> Iterator[str]:
    """Give a module a database of its own in which commits are real, for threads and other processes too.

    Returns its address for `DATABASE_URL`. Needed where several connections must see each other's work; the trail
    refuses to be emptied, so that nothing could be cleaned up after such tests in the shared database. What one
    test leaves, the next one of the module finds.
    """
    from django.db import connections

    shared, name = f"{PREFIX}_{WORKER}", f"{PREFIX}_{WORKER}_own"
    with django_db_blocker.unblock():
        with _one_at_a_time():
            _make_database(name, template=TEMPLATE)
        _use_database(name)
        forget_kept()
        try:
            yield _address(connections["default"].settings_dict)
        finally:
            _use_database(shared)
            forget_kept()
            with _administrator() as connection:
                connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture(scope="session")
def made_once(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[Callable[[], Any]], Any]]:
    """Give a function that lets tests begin with what another function makes, in the database and the data folder.

    Each function runs once in a worker (workers have keys of their own), in a database and a folder of its own. Who
    asks gets a clone of the one in place of the present database, a copy of the other in the present data folder, and
    a copy of what the function returned. Cleaning up is left to what gave the present database.
    """
    from django.conf import settings
    from django.db import connections

    made: dict[Callable[[], Any], tuple[str, Path, Any]] = {}

    def begin(make: Callable[[], Any]) -> Any:
        present = connections["default"].settings_dict["NAME"]
        with django_db_blocker.unblock():
            if make not in made:
                name, folder = f"{PREFIX}_{WORKER}_made_{len(made)}", tmp_path_factory.mktemp("made")
                with _one_at_a_time():
                    _make_database(name, template=TEMPLATE)
                _use_database(name)
                forget_kept()
                try:
                    with pytest.MonkeyPatch.context() as patch:
                        patch.setattr(settings, "DATA", folder)
                        made[make] = name, folder, make()
                finally:
                    _use_database(present)
                    if make not in made:
                        _drop_database(name)
            name, folder, found = made[make]
            _drop_database(present)
            _make_database(present, template=name)
        forget_kept()
        shutil.copytree(folder, settings.DATA, dirs_exist_ok=True)
        return deepcopy(found)

    yield begin
    with django_db_blocker.unblock():
        for name, _folder, _found in made.values():
            _drop_database(name)


def _address(settings: dict[str, Any]) -> str:
    query = urlencode({"host": settings["HOST"], "port": settings["PORT"] or 5432})
    return f"postgresql://{settings['USER']}@/{settings['NAME']}?{query}"


def _make_template() -> None:
    """Run every migration into the database that workers clone."""
    from django.db import connections

    from yaomai.server.migrating import apply_migrations

    _make_database(TEMPLATE, template="template0")
    _use_database(TEMPLATE)
    apply_migrations()
    connections.close_all()
    (RUN / "template.done").touch()


def _make_database(name: str, *, template: str) -> None:
    with _administrator() as connection:
        connection.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy").format(
                sql.Identifier(name), sql.Identifier(template)
            )
        )
        if not GIVEN_URL:
            connection.execute(
                sql.SQL("ALTER DATABASE {} OWNER TO {}").format(sql.Identifier(name), sql.Identifier(ROLE))
            )


def _use_database(name: str) -> None:
    """Point Django at a database, without a pool: tests open few connections and must not keep any."""
    from django.db import connections

    connections.close_all()
    settings = connections["default"].settings_dict
    settings["OPTIONS"].pop("pool", None)
    settings["NAME"] = name
    if not GIVEN_URL:
        parameters = connection_parameters(_server.folder.data)
        settings |= {"HOST": parameters["host"], "PORT": parameters["port"], "USER": parameters["user"]}


@contextmanager
def _administrator() -> Iterator[psycopg.Connection[Any]]:
    """Connect as a role that may make databases."""
    where = {"conninfo": GIVEN_URL} if GIVEN_URL else _server.administrator_parameters()
    with psycopg.connect(**where, autocommit=True) as connection:
        yield connection


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Let one worker after the other pass."""
    with open(RUN / "template.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
