"""E3: a running installation that is broken says so within seconds, and is ready again when it is whole.

S13: every answer of the real server carries the headers, files and refusals included.
"""

import json
import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime

import pytest
from prometheus_client.parser import text_string_to_metric_families
from tests.access.checks import header_problems

from yaomai.kit.embedded import connection_parameters

from .client import NEW, Session
from .installation import Installation, descendants

pytestmark = pytest.mark.timeout(600)
GOAL = 5.0
STREAK = 1.5
PATIENCE = 30.0
USERNAME, PASSWORD = "assurance", "a-password-for-the-tests"
PHONE = "021-55557777"

Breaking = Callable[[Installation], AbstractContextManager[None]]


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    with Installation(tmp_path_factory.mktemp("health") / "data", "--no-demo") as running:
        running.run("seeding.py", USERNAME, PASSWORD)
        yield running


# What breaks, and mends -------------------------------------------------------------------------------------


def renamed(*parts: str) -> Breaking:
    """Return what takes a file or folder of the data folder away."""

    @contextmanager
    def breaking(installation: Installation) -> Iterator[None]:
        path = installation.data.joinpath(*parts)
        away = path.with_name(f"{path.name}.away")
        path.rename(away)
        try:
            yield
        finally:
            away.rename(path)

    return breaking


def statement(broken: str, mended: str) -> Breaking:
    """Return what breaks the database from inside."""

    @contextmanager
    def breaking(installation: Installation) -> Iterator[None]:
        installation.psql(broken)
        try:
            yield
        finally:
            installation.psql(mended)

    return breaking


@contextmanager
def frozen_database(installation: Installation) -> Iterator[None]:
    """It takes connections and never answers."""
    [postmaster] = installation.processes()["database"]
    pids = [postmaster, *descendants(postmaster)]
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)


@contextmanager
def dead_database(installation: Installation) -> Iterator[None]:
    """It was killed and cannot start."""
    with renamed("postgres", "global", "pg_control")(installation):
        [postmaster] = installation.processes()["database"]
        os.kill(postmaster, signal.SIGKILL)
        yield


@contextmanager
def no_socket(installation: Installation) -> Iterator[None]:
    where = connection_parameters(installation.data)
    name = f".s.PGSQL.{where['port']}"
    socket = os.path.join(where["host"], name)
    os.rename(socket, f"{socket}.away")
    try:
        yield
    finally:
        os.rename(f"{socket}.away", socket)


@contextmanager
def ring_is_a_folder(installation: Installation) -> Iterator[None]:
    with renamed("keys.json")(installation):
        (installation.data / "keys.json").mkdir()
        try:
            yield
        finally:
            (installation.data / "keys.json").rmdir()


BROKEN: dict[str, tuple[str, Breaking]] = {
    "database frozen": ("database", frozen_database),
    "database dead": ("database", dead_database),
    "database without its socket": ("database", no_socket),
    "database read-only": (
        "database_writable",
        statement(
            "ALTER ROLE yaomai SET default_transaction_read_only = on",
            "BEGIN READ WRITE; ALTER ROLE yaomai RESET default_transaction_read_only; COMMIT",
        ),
    ),
    "migration missing": (
        "migrations",
        statement(
            "UPDATE django_migrations SET app = 'gone' WHERE app = 'audit'",
            "UPDATE django_migrations SET app = 'audit' WHERE app = 'gone'",
        ),
    ),
    "trail unguarded": (
        "trail",
        statement(
            "ALTER TABLE audit_entry DISABLE TRIGGER audit_entry_fixed",
            "ALTER TABLE audit_entry ENABLE TRIGGER audit_entry_fixed",
        ),
    ),
    "data folder gone": ("data_folder", renamed()),
    "secret key gone": ("keys", renamed("secret.key")),
    "key ring gone": ("keys", renamed("keys.json")),
    "key ring unreadable": ("keys", ring_is_a_folder),
    "static files gone": ("static_files", renamed("static", "staticfiles.json")),
}


def await_broken(installation: Installation) -> float:
    """Return the seconds until the last good answer: each web process may remember one for a second."""
    began = last_good = time.monotonic()
    while time.monotonic() - last_good < STREAK:
        assert time.monotonic() - began < PATIENCE, "it does not notice"
        if installation.is_ready():
            last_good = time.monotonic()
        time.sleep(0.05)
    return last_good - began


def test_readiness_is_false_within_seconds(installation: Installation, figure: Callable[[str, str], None]) -> None:
    noticed, mended, answers = {}, {}, {}
    for name, (part, breaks) in BROKEN.items():
        with breaks(installation):
            noticed[name] = await_broken(installation)
            answer = json.loads(installation.last_answer)
            assert answer["ready"] is False
            assert answer["parts"][part] != "ok", (name, answer)
            answers[name] = Session(installation.port).request("GET", "/")[0]
        mended[name] = installation.await_ready(since=time.monotonic(), streak=STREAK)
    figure(
        "E3",
        f"not ready within {max(noticed.values()):.1f} s in {len(noticed)} broken states"
        f" (slowest: {max(noticed, key=noticed.__getitem__)}); ready again within {max(mended.values()):.1f} s of the mend",
    )
    assert len(noticed) >= 8
    assert max(noticed.values()) <= GOAL, noticed
    assert 500 not in answers.values(), answers


def test_metrics_are_what_prometheus_reads(installation: Installation, figure: Callable[[str, str], None]) -> None:
    status, content = Session(installation.port).request("GET", "/metrics")
    assert status == 200
    families = {family.name: family for family in text_string_to_metric_families(content.decode())}
    assert all(family.documentation and family.type in {"gauge", "counter"} for family in families.values())
    ready = {sample.labels["part"]: sample.value for sample in families["yaomai_ready"].samples}
    assert set(ready.values()) == {1.0}
    assert families["yaomai_trail_entries"].samples[0].value > 0
    samples = sum(len(family.samples) for family in families.values())
    figure("E3", f"metrics: {len(families)} families with {samples} samples, read by Prometheus' own parser")


def test_every_line_of_the_logs_is_json_without_personal_data(
    installation: Installation, figure: Callable[[str, str], None]
) -> None:
    session = Session(installation.port)
    session.sign_in(USERNAME, PASSWORD)
    assert session.post("/api/v1/customers/institutions/", NEW | {"name": "新城医院", "phone": PHONE})[0] == 201
    assert session.post("/api/v1/customers/institutions/", {"name": PHONE, "kind": PHONE})[0] == 422
    assert session.request("GET", f"/api/v1/customers/institutions/?q={PHONE}")[0] == 200
    count = 0
    for log in sorted((installation.data / "logs").glob("*.log")):
        text = log.read_text()
        assert PHONE not in text and "新城医院" not in text, log
        if log.name == "postgres.log":  # the database's own format
            continue
        for line in text.splitlines():
            said = json.loads(line)
            assert datetime.fromisoformat(said["at"]).tzinfo is not None
            assert {"level", "logger", "message"} <= said.keys()
            count += 1
    assert count > 0
    figure("E3", f"logs: {count} lines, every one JSON with time, level, logger and message")


REQUESTS = (
    ("GET", "/"), ("GET", "/accounts/login/"), ("HEAD", "/accounts/login/"), ("POST", "/accounts/login/"),
    ("GET", "/health/live"), ("GET", "/health/ready"), ("GET", "/metrics"), ("GET", "/nowhere"),
    ("GET", "/api/v1/nowhere"), ("GET", "/api/v1/openapi.json"), ("GET", "/static/nowhere.css"), ("OPTIONS", "/"),
    ("TRACE", "/"), ("NONSENSE", "/"), ("GET", "/%00"), ("GET", "/%ff%fe"), ("GET", "/../../etc/passwd"),
    ("GET", "//elsewhere.example/"), ("GET", f"/?q={'x' * 7000}"), ("PUT", "/accounts/login/"),
)  # fmt: skip


def test_every_answer_of_the_server_carries_the_headers(
    installation: Installation, figure: Callable[[str, str], None]
) -> None:
    session = Session(installation.port)
    asked = [(method, path, {}) for method, path in REQUESTS]
    asked += [("GET", "/accounts/login/", {"Host": "elsewhere.example"}), ("GET", "/", {"Cookie": "sessionid=x"})]
    asked += [("GET", f"/static/{path}", {}) for path in static_files(installation)]
    wrong = []
    for method, path, headers in asked:
        status, _content = session.request(method, path, headers=headers)
        assert status < 500, (method, path, status)
        is_file = status == 200 and path.startswith("/static/")
        wrong += [f"{method} {path}: {problem}" for problem in header_problems(session.headers, is_file=is_file)]
    assert wrong == []
    figure("S13", f"{len(asked)} answers of the real server, files and refusals among them: every header on each")


def static_files(installation: Installation) -> list[str]:
    """Return one collected file of every kind."""
    kinds = {}
    names = json.loads((installation.data / "static" / "staticfiles.json").read_text())["paths"]
    for name in names.values():
        kinds.setdefault(name.rpartition(".")[2], name)
    return sorted(kinds.values())
