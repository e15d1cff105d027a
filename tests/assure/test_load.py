"""R10, R11: a working day's mix of lists, 360° pages, boards, REST and reports; then ten times of what can be served.

The crowd runs on the same processors as the server. `YAOMAI_ASSURE_LOAD_SECONDS=1800` is the whole line; with
`YAOMAI_ASSURE_DEMO=FOLDER` the demo company is made once and kept there. On a machine that others use as well, processor
time for a request says what the wall clock cannot.
"""

import asyncio
import json
import os
import random
import time
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from yaomai.server.admission import MOST_WAITING, RUNNING

from .client import Session
from .crowd import Ask, Crowd, Heard, Who
from .installation import Installation
from .tour import PASSWORD

SECONDS = float(os.environ.get("YAOMAI_ASSURE_LOAD_SECONDS", "60"))
USERS, RATE, TIMES = 300, 50.0, 10
READERS, WRITERS = ("director", "commerce", "marketing", "region1"), ("rep111",)
READ_P95, WRITE_P95, ADMITTED_P95, NORMAL_AGAIN = 0.5, 0.8, 2.0, 10.0
GROWTH = 0.05
WEB_PROCESSES = 2
PROCESSORS = os.cpu_count() or 2


def page(address: str) -> Callable[[random.Random, Who], tuple[str, str, bytes]]:
    return lambda draw, who: ("GET", address.format(pk=draw.choice(who.institutions)), b"")


def report(draw: random.Random, who: Who) -> tuple[str, str, bytes]:
    """Return a report as the phone sends it."""
    customer, now = draw.choice(who.customers), datetime.now(UTC)
    data = {
        "institution": customer["institution"], "contacts": [customer["id"]], "content_type": "relationship",
        "started_at": (now - timedelta(minutes=draw.randrange(30, 20_000))).isoformat(), "is_separate": True,
        "content": f"讨论{draw.getrandbits(40)}号病区的随访安排",
    }  # fmt: skip
    item = {"uuid": str(uuid.UUID(int=draw.getrandbits(128), version=4)), "kind": "visit", "offset_ms": 0, "data": data}
    body = {"protocol": 1, "sent_at": now.isoformat(), "items": [item]}
    return "POST", "/api/v1/engagement/field/sync", json.dumps(body).encode()


MIX = (
    Ask("list", 25, page("/customers/institutions/")),
    Ask("360°", 25, page("/customers/institutions/{pk}/")),
    Ask("today", 10, page("/")),
    Ask("board", 10, page("/boards/")),
    Ask("REST list", 20, page("/api/v1/customers/institutions/?limit=50")),
    Ask("REST one", 10, page("/api/v1/customers/institutions/{pk}")),
    Ask("report", 60, report, is_write=True),
)


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    kept = os.environ.get("YAOMAI_ASSURE_DEMO")
    running = Installation(
        Path(kept) if kept else tmp_path_factory.mktemp("load") / "data", "--workers", str(WEB_PROCESSES)
    )
    running.start()
    try:
        running.await_ready(since=time.monotonic(), patience=1200)
        yield running
    finally:
        running.stop()


@pytest.fixture(scope="module")
def signed_in(installation: Installation) -> list[Who]:
    return [_who(installation.port, name, writes=name in WRITERS) for name in (*READERS, *WRITERS)]


def _who(port: int, username: str, *, writes: bool) -> Who:
    session = Session(port)
    session.sign_in(username, PASSWORD)
    rows = _json(session, "/api/v1/customers/institutions/?limit=100")["items"]
    customers = _json(session, "/api/v1/engagement/field/bundle")["customers"][:50] if writes else []
    return Who(dict(session.cookies), [row["id"] for row in rows], customers)


def _json(session: Session, path: str) -> dict:
    status, content = session.request("GET", path)
    assert status == 200, (path, status, content[:300])
    return json.loads(content)


@pytest.mark.timeout(0)
def test_a_working_day_and_ten_times_of_it(
    installation: Installation, signed_in: list[Who], figure: Callable[[str, str], None]
) -> None:
    asyncio.run(_day(installation, signed_in, figure))


async def _day(installation: Installation, signed_in: list[Who], figure: Callable[[str, str], None]) -> None:
    crowd = Crowd(installation.port, signed_in, USERS, MIX, seed=20261128)
    await crowd.as_fast_as_answered(SECONDS / 6, at_once=8)  # every page once: what is loaded on first use is loaded
    before, begun = installation.processor_seconds("web process", "backend"), time.monotonic()
    full = await crowd.as_fast_as_answered(SECONDS / 3, at_once=8)
    capacity = full.served / (time.monotonic() - begun)
    each = (installation.processor_seconds("web process", "backend") - before) / full.served
    assert full.broken == []
    figure(
        "R10",
        f"processor time of a request {each * 1000:.0f} ms, so that {PROCESSORS} processors of our own serve"
        f" {PROCESSORS / each:.0f} a second; beside others {capacity:.0f} a second, load {os.getloadavg()[0]:.1f}",
    )
    memory = _memory(installation)
    rate = min(RATE, 0.6 * capacity)
    steady = await crowd.at_rate(rate, SECONDS)
    growth = _memory(installation) / memory - 1
    figure(
        "R10",
        f"{USERS} people, {rate:.0f} requests a second for {SECONDS:.0f} s: p95 of reads {steady.p95(is_write=False):.2f} s,"
        f" of writes {steady.p95(is_write=True):.2f} s, {len(steady.broken)} errors, {steady.statuses[503]} sent away,"
        f" memory {growth:+.1%}; {_by_name(steady)}",
    )
    assert steady.broken == [] and steady.served > 0
    overload = await crowd.at_rate(TIMES * rate, SECONDS / 4)
    again = await crowd.until_served(20, patience=60)
    sent_away = overload.statuses[503]
    figure(
        "R11",
        f"{TIMES * rate:.0f} requests a second for {SECONDS / 4:.0f} s: {overload.served:,} let in with p95"
        f" {max(overload.p95(is_write=False), overload.p95(is_write=True)):.2f} s, {sent_away:,} sent away, each told when to"
        f" come again in their language, {len(overload.broken)} errors; twenty in a row served {again:.1f} s after",
    )
    await crowd.leave()
    assert overload.broken == []
    assert sent_away > 0 and overload.refusals["when to come again"] == sent_away
    assert set(overload.refusals) <= {"when to come again", "nobody was free to ask"}
    assert again <= NORMAL_AGAIN
    assert growth < GROWTH
    if rate == RATE:  # the machine is ours: seconds mean something
        assert steady.statuses[503] == 0
        assert steady.p95(is_write=False) <= READ_P95 and steady.p95(is_write=True) <= WRITE_P95
        assert max(overload.p95(is_write=False), overload.p95(is_write=True)) <= ADMITTED_P95
    else:  # whoever is let in waits for a bounded queue, however slow the machine is just then
        longest = 2 * (RUNNING + MOST_WAITING) * WEB_PROCESSES / capacity
        assert max(overload.p95(is_write=False), overload.p95(is_write=True)) <= longest


def test_connections_that_stay_open_keep_nobody_out(installation: Installation, signed_in: list[Who]) -> None:
    """Browsers hold connections while their readers read; three hundred people hold up to six each."""
    asyncio.run(_idle(installation, signed_in))


async def _idle(installation: Installation, signed_in: list[Who]) -> None:
    idle = [await asyncio.open_connection("127.0.0.1", installation.port) for _number in range(600)]
    crowd = Crowd(installation.port, signed_in, 1, MIX[:1], seed=1)
    assert await crowd.until_served(3, patience=30) < 30
    await crowd.leave()
    for _reader, writer in idle:
        writer.close()


def _by_name(heard: Heard) -> str:
    middle = {name: sorted(values)[len(values) // 2] for name, values in heard.by_name.items()}
    return ", ".join(f"{name} {seconds * 1000:.0f} ms" for name, seconds in middle.items())


def _memory(installation: Installation) -> int:
    """Return the bytes that the web processes hold."""
    pages = [int(Path(f"/proc/{pid}/statm").read_text().split()[1]) for pid in installation.processes()["web process"]]
    return sum(pages) * os.sysconf("SC_PAGE_SIZE")
