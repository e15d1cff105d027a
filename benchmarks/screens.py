"""Screens and REST with 1,000,000 institutions and 2,000,000 professionals, against a bare Django view.

python -m benchmarks screens [--data FOLDER] [--institutions N] [--professionals N] [--only TEXT] [--port 8120]

The web server runs as `yaomai up` starts it, with two processes; clients keep their connection, as browsers do. The base
(`bare/`) is the median of one row by key through a small template, asked by nobody who is signed in, among the questions.
With --data the filled folder is kept for the next run.
"""

import argparse
import http.client
import multiprocessing
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import psycopg
from company import DIRECTOR, MANAGER, PASSWORD, Person, fill
from figures import Figure, report, times
from ground import conditions, installation
from screens_asked import Question, asked

LIMIT = 60.0
LIMITS = {"professional: portrait": 150.0}
"""Other limits than the usual one, by kind of question."""
CLIENTS = (1, 4)
HERE = Path(__file__).parent
BARE = "/bare/1/"


@dataclass(slots=True)
class Row:
    """What was measured of one kind of question: seconds by person and number of clients."""

    seconds: dict[tuple[str, int], list[float]] = field(default_factory=dict)
    by_hand: dict[str, list[float]] = field(default_factory=dict)
    statements: dict[str, int] = field(default_factory=dict)


# The server and its clients ---------------------------------------------------------------------------------------


@contextmanager
def serving(folder: Path, port: int) -> Iterator[None]:
    """Run the web server on a prepared data folder."""
    environment = os.environ | {
        "YAOMAI_DATA": str(folder),
        "DJANGO_SETTINGS_MODULE": "bare.settings",
        "PYTHONPATH": os.pathsep.join((str(HERE), str(HERE.parent / "src"))),
    }
    command = [sys.executable, "-m", "yaomai.server.web", "--host", "127.0.0.1", "--port", str(port), "--workers", "2"]
    process = subprocess.Popen(command, env=environment)
    try:
        client = Client(port)
        for _attempt in range(600):
            try:
                client.get(BARE)
                break
            except OSError:
                time.sleep(0.1)
                client = Client(port)
        yield
    finally:
        process.terminate()
        process.wait(30)


class Client:
    """One browser: a connection that is kept, and its cookies."""

    def __init__(self, port: int, cookies: dict[str, str] | None = None) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self.cookies = cookies or {}

    def get(self, path: str, *, anonymous: bool = False) -> tuple[float, int]:
        """Return seconds and size of an answer.

        Raises:
            RuntimeError: it is not a page.
        """
        cookie = "" if anonymous else "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        begun = time.perf_counter()
        self.connection.request("GET", path, headers={"Cookie": cookie} if cookie else {})
        answer = self.connection.getresponse()
        body = answer.read()
        seconds = time.perf_counter() - begun
        self._keep(answer)
        if answer.status != 200:
            raise RuntimeError(f"{answer.status} for {path}: {body[-2000:].decode(errors='replace')}")
        return seconds, len(body)

    def sign_in(self, person: Person) -> None:
        """Send the sign-in form."""
        self.get("/accounts/login/")
        form = {"login": person.username, "password": PASSWORD, "csrfmiddlewaretoken": self.cookies["csrftoken"]}
        headers = {
            "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
            "Content-Type": "application/x-www-form-urlencoded",
        }
        self.connection.request("POST", "/accounts/login/", urlencode(form), headers)
        answer = self.connection.getresponse()
        answer.read()
        self._keep(answer)
        if answer.status != 302:
            raise RuntimeError(f"{person.username} could not sign in: {answer.status}")

    def _keep(self, answer: http.client.HTTPResponse) -> None:
        for text in answer.headers.get_all("Set-Cookie") or []:
            name, _equals, value = text.partition(";")[0].partition("=")
            self.cookies[name] = value


_client: Client


def _open(port: int, cookies: dict[str, str]) -> None:
    """Give a client process its connection."""
    global _client
    _client = Client(port, cookies)


def _ask(path: str) -> float:
    return _client.get(path, anonymous=path == BARE)[0]


# Measuring --------------------------------------------------------------------------------------------------------


def measure(
    port: int, questions: dict[str, list[Question]], person: Person, rows: dict[str, Row], requests: int
) -> dict[int, float]:
    """Ask every question as one person, alone and four at a time; return the base by number of clients.

    There are as many requests of each kind whatever the number of clients, and half as many for the base before each kind.
    """
    client = Client(port)
    client.sign_in(person)
    base: dict[int, float] = {}
    for clients in CLIENTS:
        bare: list[float] = []
        context = multiprocessing.get_context("fork")
        with ProcessPoolExecutor(clients, context, initializer=_open, initargs=(port, client.cookies)) as pool:
            for kind, each in questions.items():
                paths = [each[number % len(each)].path for number in range(requests)]
                list(pool.map(_ask, paths[:4] * clients))
                bare += pool.map(_ask, [BARE] * (requests // 2))
                rows[kind].seconds[person.username, clients] = list(pool.map(_ask, paths))
        base[clients] = statistics.median(bare)
    return base


def by_hand(questions: dict[str, list[Question]], person: Person, rows: dict[str, Row]) -> None:
    """Send the essential statement of every question, and count the statements of each page in this process."""
    from django.contrib.auth import get_user_model
    from django.db import connection
    from django.test import Client as Inside
    from django.test.utils import CaptureQueriesContext
    from django.utils import timezone

    from yaomai.kit.embedded import connection_parameters
    from yaomai.organization.selectors import actor_for

    user = get_user_model().unscoped.get(username=person.username)
    actor = actor_for(user, on=timezone.localdate())
    inside = Inside()
    inside.force_login(user, backend="yaomai.organization.sign_in.Backend")
    with psycopg.connect(**connection_parameters(Path(os.environ["YAOMAI_DATA"])), autocommit=True) as server:
        for kind, each in questions.items():
            entity = "professional" if kind.startswith("professional") else "institution"
            reach = actor.reach(f"customers.{entity}:view")
            statements = [question.by_hand(None if reach is None else sorted(reach)) for question in each]
            seconds = []
            for statement, values in (*statements, *statements):
                begun = time.perf_counter()
                server.execute(statement, values).fetchall()
                seconds.append(time.perf_counter() - begun)
            rows[kind].by_hand[person.username] = seconds[len(statements) :]
            inside.get(each[0].path)
            with CaptureQueriesContext(connection) as captured:
                inside.get(each[0].path)
            rows[kind].statements[person.username] = len(captured)


# Report -----------------------------------------------------------------------------------------------------------


def _percentile(seconds: Sequence[float], share: float) -> float:
    ordered = sorted(seconds)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def show(rows: dict[str, Row], bases: dict[str, dict[int, float]]) -> list[Figure]:
    """Print the table of all screens; return the highest p95 of each."""
    print(
        "\n| screen | "
        + " | ".join(f"{who}: p50, p95; {CLIENTS[1]} clients" for who in bases)
        + " | SQL by hand | SQL |"
    )
    print("|---|" + "---|" * (len(bases) + 2))
    found = []
    for kind, row in rows.items():
        limit = LIMITS.get(kind, LIMIT)
        cells, worst = [], []
        for who, base in bases.items():
            alone, together = row.seconds[who, CLIENTS[0]], row.seconds[who, CLIENTS[1]]
            p95 = [_percentile(alone, 0.95) / base[CLIENTS[0]], _percentile(together, 0.95) / base[CLIENTS[1]]]
            worst += p95
            shown = [
                statistics.median(alone) / base[CLIENTS[0]],
                p95[0],
                statistics.median(together) / base[CLIENTS[1]],
                p95[1],
            ]
            mark = " **over**" if max(p95) > limit else ""
            cells.append("{:.0f}, {:.0f}; {:.0f}, {:.0f} ×".format(*shown) + mark)
        hand = ", ".join(
            f"{statistics.median(row.seconds[who, 1]) / statistics.median(row.by_hand[who]):.0f} ×" for who in bases
        )
        counts = ", ".join(str(row.statements[who]) for who in bases)
        print(f"| {kind} | {' | '.join(cells)} | {hand} | {counts} |")
        found.append(times(f"{kind}: p95 against a bare view", max(worst), limit, more=f"({counts} statements)"))
    return found


def main() -> None:
    """Fill, measure and print; the exit code says whether every row holds the limit."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--institutions", type=int, default=1_000_000)
    parser.add_argument("--professionals", type=int, default=2_000_000)
    parser.add_argument("--requests", type=int, default=48)
    parser.add_argument("--only", default="", help="kinds of question whose name contains this")
    parser.add_argument("--port", type=int, default=8120)
    asked_for = parser.parse_args()
    with installation(asked_for.data) as folder:
        from yaomai.kit.access import acting, system_actor
        from yaomai.server.prepare import collect_static

        collect_static()
        fill(folder, institution_count=asked_for.institutions, professional_count=asked_for.professionals)
        with acting(system_actor("benchmark", "measuring")):
            questions: Any = {kind: each for kind, each in asked().items() if asked_for.only in kind}
        rows = {kind: Row() for kind in questions}
        bases: dict[str, dict[int, float]] = {}
        with serving(folder, asked_for.port):
            for person in (DIRECTOR, MANAGER):
                bases[person.username] = measure(asked_for.port, questions, person, rows, asked_for.requests)
        for person in (DIRECTOR, MANAGER):
            by_hand(questions, person, rows)
        print(conditions())
        for who, base in bases.items():
            print(f"base among the questions of {who}: " + ", ".join(f"{1000 * each:.2f} ms" for each in base.values()))
        found = show(rows, bases)
    sys.exit(0 if report(found) else 1)


if __name__ == "__main__":
    main()
