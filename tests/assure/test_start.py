"""E1: from a fresh clone with one command to the first signed-in page, stopped by Ctrl-C, there again in seconds."""

import os
import re
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from .client import NEW, Session
from .installation import Installation, descendants, free_port

ROOT = Path(__file__).parents[2]
FIRST_GOAL, RESTART_GOAL, MEMORY_GOAL = 120.0, 10.0, 600.0
SETTLED = 20.0
"""Seconds after which a started installation counts as idle."""
ESCAPE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


class Started:
    """`make up` in a terminal, as a newcomer types it."""

    def __init__(self, folder: Path) -> None:
        self.port, self.said = free_port(), folder / "said.txt"
        kept = {
            key: value
            for key, value in os.environ.items()
            if not key.startswith(("YAOMAI_", "PYTEST_", "DJANGO_", "MAKE", "MFLAGS")) and key != "DATABASE_URL"
        }
        kept.pop("VIRTUAL_ENV", None)
        with self.said.open("wb") as output:
            self.process = subprocess.Popen(
                ["make", "up", f"options=--port {self.port}"],
                cwd=folder,
                env=kept | {"YAOMAI_LANG": "en", "COLUMNS": "200"},
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def text(self) -> str:
        return ESCAPE.sub("", self.said.read_text(errors="replace"))

    def await_words(self, words: str, patience: float) -> str:
        deadline = time.monotonic() + patience
        while words not in (text := self.text()):
            assert self.process.poll() is None, text
            assert time.monotonic() < deadline, text
            time.sleep(0.05)
        return text

    def interrupt(self) -> None:
        """Press Ctrl-C: the terminal sends it to everything in the foreground."""
        os.killpg(self.process.pid, signal.SIGINT)
        self.process.wait(60)


def sign_in_and_look(port: int, username: str, password: str) -> str:
    """Return the first page of somebody who has signed in."""
    session = Session(port)
    session.sign_in(username, password)
    status, content = session.request("GET", "/")
    if status == 302:
        status, content = session.request("GET", session.headers["Location"])
    assert status == 200, content[-1000:]
    return content.decode()


def first_sign_in(text: str) -> tuple[str, str]:
    """Read user name and password of the first line of the table that `make up` prints."""
    lines = text.splitlines()
    heading = next(number for number, line in enumerate(lines) if "User name" in line and "Password" in line)
    line = next(line for line in lines[heading + 1 :] if re.search(r"\w", line))
    username, password = re.split(r"\s{2,}", line.strip())[-2:]
    return username, password


def memory(pids: list[int]) -> float:
    """Return the memory of processes in MB; what they share counts once."""
    total = 0
    for pid in pids:
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
        total += int(re.search(r"^Pss:\s+(\d+) kB", rollup, re.MULTILINE)[1])  # type: ignore[index]
    return total / 1024


@pytest.fixture
def stop_whatever_runs() -> Iterator[list[Started]]:
    running: list[Started] = []
    yield running
    for each in running:
        if each.process.poll() is None:
            each.interrupt()


@pytest.mark.timeout(600)
def test_a_clone_becomes_a_running_product_with_one_command(
    tmp_path: Path, stop_whatever_runs: list[Started], figure: Callable[[str, str], None]
) -> None:
    clone = tmp_path / "yaomai"
    began = time.monotonic()
    subprocess.run(["git", "clone", "-q", "--no-hardlinks", str(ROOT), str(clone)], check=True)
    first = Started(clone)
    stop_whatever_runs.append(first)
    text = first.await_words("Ctrl-C stops it", 300)
    username, password = first_sign_in(text)
    assert "今日" in sign_in_and_look(first.port, username, password)
    first_seconds = time.monotonic() - began
    time.sleep(SETTLED)
    pids = [pid for pid in descendants(first.process.pid) if Path(f"/proc/{pid}/smaps_rollup").read_bytes()]
    idle, count = memory(pids), len(pids)
    first.interrupt()
    assert [pid for pid in pids if Path(f"/proc/{pid}").exists()] == [], "Ctrl-C left something running"
    began = time.monotonic()
    second = Started(clone)
    stop_whatever_runs.append(second)
    await_page(second, username, password)
    second_seconds = time.monotonic() - began
    second.await_words("Ctrl-C stops it", 60)
    figure(
        "E1",
        f"clone to first signed-in page {first_seconds:.0f} s, second start {second_seconds:.1f} s,"
        f" idle memory {idle:.0f} MB in {count} processes, 0 services to install",
    )
    assert first_seconds <= FIRST_GOAL
    assert second_seconds <= RESTART_GOAL
    assert idle <= MEMORY_GOAL


@pytest.mark.timeout(600)
def test_it_runs_on_a_database_that_is_given(
    own_database: str, tmp_path: Path, figure: Callable[[str, str], None]
) -> None:
    """An empty database on any server gets tables and people; no server of our own is started beside it."""
    with psycopg.connect(own_database, autocommit=True) as connection:
        connection.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
        version = connection.execute("SHOW server_version").fetchone()
    installation = Installation(tmp_path / "data", "--no-demo")
    installation.environment["DATABASE_URL"] = own_database
    with installation:
        installation.run("seeding.py", "assurance", "a-password-for-the-tests")
        session = Session(installation.port)
        session.sign_in("assurance", "a-password-for-the-tests")
        assert session.post("/api/v1/customers/institutions/", NEW | {"name": "第一医院", "code": "D1"})[0] == 201
        assert not {"database", "database helper"} & installation.processes().keys()
    assert not (tmp_path / "data" / "postgres").exists()
    with psycopg.connect(own_database) as connection:
        found = connection.execute("SELECT name FROM customers_institution").fetchall()
    assert found == [("第一医院",)]
    figure("E1", f"`yaomai up` on a given empty database: PostgreSQL {version[0] if version else '?'}")


def await_page(started: Started, username: str, password: str) -> None:
    """Sign in as soon as it answers."""
    deadline = time.monotonic() + 60
    while True:
        try:
            assert "今日" in sign_in_and_look(started.port, username, password)
        except OSError:
            assert time.monotonic() < deadline, started.text()
            time.sleep(0.05)
        else:
            return
