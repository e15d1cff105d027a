"""R1: an act is held at a named point of its way, and everything that takes part in it is killed there in turn."""

import random
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from .client import NEW, Session
from .installation import Installation
from .oracle import Chain, assert_exactly_once

USERNAME, PASSWORD = "assurance", "a-password-for-the-tests"
POINTS = {
    "row written": "AFTER INSERT ON customers_institution",
    "entry written": "AFTER INSERT ON audit_entry",
    "committing": "AFTER INSERT ON audit_link",
}
VICTIMS = ("web process", "web", "backend", "database", "supervisor", "everything")
HELD = "SELECT pid FROM pg_stat_activity WHERE wait_event = 'PgSleep'"
PAUSE = """
    CREATE TABLE assurance_point (name text);
    CREATE FUNCTION assurance_pause() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF EXISTS (SELECT FROM assurance_point WHERE name = TG_ARGV[0]) THEN PERFORM pg_sleep(2); END IF;
            RETURN NEW;
        END $$;
"""


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    with Installation(tmp_path_factory.mktemp("points") / "data", "--no-demo", "--workers", "1") as running:
        running.run("seeding.py", USERNAME, PASSWORD)
        triggers = [
            f"CREATE TRIGGER assurance_{number} {when} FOR EACH ROW EXECUTE FUNCTION assurance_pause('{name}');"
            for number, (name, when) in enumerate(POINTS.items())
        ]
        running.psql(PAUSE + "\n".join(triggers))
        yield running


class Request(threading.Thread):
    """One act that is on its way while the test goes on."""

    def __init__(self, session: Session, code: str) -> None:
        super().__init__(daemon=True)
        self.session, self.code, self.status = session, code, 0
        self.start()

    def run(self) -> None:
        values = NEW | {"name": f"第{self.code}人民医院", "code": self.code}
        try:
            self.status, _content = self.session.post("/api/v1/customers/institutions/", values)
        except OSError:
            self.status = -1


@pytest.mark.timeout(600)
def test_whatever_is_killed_wherever_an_act_stands(
    installation: Installation, figure: Callable[[str, str], None]
) -> None:
    session, chain, draw = Session(installation.port), Chain(installation), random.Random(18)
    session.sign_in(USERNAME, PASSWORD)
    sent, done = set[str](), set[str]()
    outcomes = {"acknowledged": 0, "done without an answer": 0, "not done": 0}
    for point in POINTS:
        for victim in VICTIMS:
            code = f"K{len(sent)}-{victim.replace(' ', '_')}"
            sent.add(code)
            request = hold(installation, session, code, point)
            began = time.monotonic()
            assert installation.kill(victim, draw), victim
            installation.await_ready(since=began)
            request.join(30)
            assert request.status != 0, "the client was left without any answer"
            settle(installation)
            if request.status == 201:
                done.add(code)
            chain.check()
            assert_exactly_once(installation, sent, done)
            there = installation.psql(f"SELECT 1 FROM customers_institution WHERE code = '{code}'") != []
            outcomes["acknowledged" if code in done else "done without an answer" if there else "not done"] += 1
    said = ", ".join(f"{count} {outcome}" for outcome, count in outcomes.items())
    figure("R1", f"{len(POINTS)} pause points × {len(VICTIMS)} victims: {said}; none half done")


def hold(installation: Installation, session: Session, code: str, point: str) -> Request:
    """Send an act and return when it stands at a point."""
    installation.psql(f"INSERT INTO assurance_point VALUES ('{point}')")
    request = Request(session, code)
    deadline = time.monotonic() + 20
    while not installation.psql(HELD):
        assert time.monotonic() < deadline and request.is_alive(), "the act did not reach the point"
        time.sleep(0.02)
    installation.psql("DELETE FROM assurance_point")
    return request


def settle(installation: Installation) -> None:
    """Wait until no connection is held any more: a commit goes on when its client is gone."""
    while installation.psql(HELD):
        time.sleep(0.05)
