"""Phones that come back from the basement at once: every request sent twice, a third of the connections cut.

python -m benchmarks field [--phones N] [--visits N] [--port 8140] [--seed N]

The web server runs as `yaomai up` starts it, with two processes. Each phone sends its visits one request after the other,
each over a new connection; every request is sent twice, and a third of the connections are cut: before it is whole, or
before the answer; who is told that too many people are here (503) comes again when the answer says so, as the app does. The
base is a bare Django POST view (`bare/`) that writes one row, under the very same load.
"""

import argparse
import asyncio
import json
import os
import random
import re
import statistics
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from figures import Figure, none_of, report, times
from ground import conditions, installation

LIMIT = 20.0
HERE = Path(__file__).parent
SINCE = date(2020, 1, 1)
CUT = 1 / 3
PEOPLE = 5
"""Customers of one phone; it visits each on several days."""


@dataclass(slots=True)
class Phone:
    """Somebody signed in, with whom they meet, and what waits to be sent."""

    person: int
    cookies: dict[str, str]
    items: list[dict[str, Any]] = field(default_factory=list)


def company(phones: int, visits: int) -> list[Phone]:
    """Make a company of representatives, each with a filing, a hospital that consented and some doctors."""
    from django.test import Client

    from yaomai.compliance.services import consent_create
    from yaomai.customers.models import Institution, Professional
    from yaomai.kit.access import acting, system_actor
    from yaomai.organization.models import Filing, Holding, Person, Position, Role, Territory
    from yaomai.organization.services import role_sync

    now, actor, made = datetime.now(UTC), system_actor("benchmark", "measuring"), []
    with acting(actor):
        role_sync(actor=actor, now=now)
        role = Role.unscoped.get(code="representative")
        for number in range(phones):
            territory = Territory.unscoped.create(
                code=f"T{number}", name=f"片区{number}", level="district", path="", valid_from=SINCE
            )
            Territory.unscoped.filter(pk=territory.pk).update(path=f"/{territory.pk}/")
            seat = Position.unscoped.create(
                code=f"P{number}", title="代表", role=role, territory=territory, valid_from=SINCE
            )
            person = Person.unscoped.create(username=f"rep{number}", name=f"代表{number}")
            Holding.unscoped.create(person=person, position=seat, valid_from=SINCE)
            Filing.unscoped.create(person=person, number=f"备{number}", product_scope="心血管", valid_from=SINCE)
            common = {"created_at": now, "updated_at": now}
            place = Institution.unscoped.create(name=f"第{number}医院", territory=territory, **common)
            consent_create(actor=actor, now=now, institution=place, document="同意函", valid_from=SINCE)
            people = [
                Professional.unscoped.create(name=f"医生{each}", institution=place, territory=territory, **common)
                for each in range(PEOPLE)
            ]
            client = Client()
            client.force_login(person, backend="yaomai.organization.sign_in.Backend")
            token = "a" * 32
            phone = Phone(person.pk, {"sessionid": client.cookies["sessionid"].value, "csrftoken": token})
            phone.items = [_visit(place.pk, people[each % PEOPLE].pk, number, each) for each in range(visits)]
            made.append(phone)
    return made


def _visit(place: int, person: int, phone: int, number: int) -> dict[str, Any]:
    """Return a visit of one of the last days, as the phone's queue holds it."""
    started = datetime.now(UTC) - timedelta(days=1 + number, hours=number % 5)
    data = {
        "institution": place, "contacts": [person], "started_at": started.isoformat(), "content_type": "problem",
        "content": f"第{number}次：讨论{phone}号病区合并肾病患者的用药，约好下次带数据",
        "next_steps": [{"uuid": str(uuid.uuid4()), "text": f"带数据{number}"}],
    }  # fmt: skip
    return {"uuid": str(uuid.uuid4()), "kind": "visit", "offset_ms": 0, "data": data}


# Requests over a network that is cut ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Answer:
    """Seconds until it came, its status, and in how many seconds to come again, if it says so."""

    seconds: float
    status: int
    again: float | None


async def post(port: int, path: str, body: bytes, cookies: dict[str, str], chance: random.Random) -> Answer | None:
    """Send a request over a new connection; None when the connection was cut."""
    fate = chance.random()
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    cookie = "; ".join(f"{name}={value}" for name, value in cookies.items())
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\nCookie: {cookie}\r\n"
        f"X-CSRFToken: {cookies.get('csrftoken', '')}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    ).encode()
    whole, begun = head + body, time.perf_counter()
    try:
        if fate < CUT / 2:
            writer.write(whole[: chance.randrange(1, len(whole))])
            await writer.drain()
            return None
        writer.write(whole)
        await writer.drain()
        if fate < CUT:
            await asyncio.sleep(chance.random() * 0.05)
            return None
        answer = await reader.read()
    finally:
        writer.close()
    again = re.search(rb"\r\nretry-after: (\d+)", answer, re.IGNORECASE)
    return Answer(time.perf_counter() - begun, int(answer.split(b" ", 2)[1]), float(again[1]) if again else None)


@dataclass(slots=True)
class Heard:
    """What came back: seconds of answers, statuses that are no success, cut connections, how often to come again."""

    seconds: list[float] = field(default_factory=list)
    bad: list[int] = field(default_factory=list)
    cut: int = 0
    again: int = 0


async def load(
    phones: Sequence[Phone], send: Callable[[Phone, dict[str, Any], random.Random], Any], seed: int
) -> Heard:
    """Let all phones send at once: each item twice at least, and again until an answer came."""
    heard = Heard()

    async def one(number: int, phone: Phone) -> None:
        chance = random.Random(seed * 100_003 + number)
        for item in phone.items:
            sent = answered = 0
            while sent < 2 or not answered:
                result = await send(phone, item, chance)
                if result is not None and result.status == 503 and result.again is not None:
                    heard.again += 1
                    await asyncio.sleep(result.again * (1 + chance.random()))
                    continue
                sent += 1
                if result is None:
                    heard.cut += 1
                    continue
                heard.seconds.append(result.seconds)
                answered += 1
                if result.status != 200:
                    heard.bad.append(result.status)

    await asyncio.gather(*(one(number, phone) for number, phone in enumerate(phones)))
    return heard


def sync_with(port: int) -> Callable[[Phone, dict[str, Any], random.Random], Any]:
    """Return what sends an item as the app does."""

    async def send(phone: Phone, item: dict[str, Any], chance: random.Random) -> Answer | None:
        body = {"protocol": 1, "sent_at": datetime.now(UTC).isoformat(), "items": [item]}
        return await post(port, "/api/v1/engagement/field/sync", json.dumps(body).encode(), phone.cookies, chance)

    return send


def bare_with(port: int) -> Callable[[Phone, dict[str, Any], random.Random], Any]:
    """Return what sends the same bytes to the bare view."""

    async def send(phone: Phone, item: dict[str, Any], chance: random.Random) -> Answer | None:
        return await post(port, "/bare/write/", json.dumps(item).encode(), {}, chance)

    return send


def found(phones: Sequence[Phone]) -> tuple[int, int]:
    """Return how many visits were lost, and how many are there twice; read past the application."""
    from django.db import connection

    wanted = [item["uuid"] for phone in phones for item in phone.items]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(DISTINCT uuid), count(*) FROM engagement_visit WHERE uuid = ANY(%s::uuid[])", [wanted]
        )
        there, _rows = cursor.fetchone()
        cursor.execute("SELECT count(*) FROM engagement_visit")
        (rows,) = cursor.fetchone()
        cursor.execute("SELECT count(*) FROM engagement_nextstep")
        (steps,) = cursor.fetchone()
    return len(wanted) - there, (rows - there) + max(steps - there, 0)


@contextmanager
def serving(folder: Path, port: int) -> Iterator[None]:
    """Run the web server on a prepared data folder."""
    environment = os.environ | {
        "YAOMAI_DATA": str(folder), "DJANGO_SETTINGS_MODULE": "bare.settings",
        "PYTHONPATH": os.pathsep.join((str(HERE), str(HERE.parent / "src"))),
    }  # fmt: skip
    command = [sys.executable, "-m", "yaomai.server.web", "--host", "127.0.0.1", "--port", str(port), "--workers", "2"]
    process = subprocess.Popen(command, env=environment)
    try:
        for _attempt in range(600):
            try:
                asyncio.run(post(port, "/bare/write/", b"{}", {}, random.Random(1)))
                break
            except OSError:
                time.sleep(0.1)
        yield
    finally:
        process.terminate()
        process.wait(30)


def _p95(seconds: Sequence[float]) -> float:
    return statistics.quantiles(seconds, n=20)[-1] if len(seconds) > 1 else seconds[0]


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--phones", type=int, default=500)
    options.add_argument("--visits", type=int, default=20)
    options.add_argument("--port", type=int, default=8140)
    options.add_argument("--seed", type=int, default=20261127)
    asked = options.parse_args()
    with installation() as folder:
        from django.db import connection

        phones = company(asked.phones, asked.visits)
        with connection.cursor() as cursor:
            cursor.execute("CREATE TABLE bare_written (id bigserial PRIMARY KEY, body text NOT NULL)")
        with serving(folder, asked.port):
            begun = time.perf_counter()
            bare = asyncio.run(load(phones, bare_with(asked.port), asked.seed))
            middle = time.perf_counter()
            sent = asyncio.run(load(phones, sync_with(asked.port), asked.seed))
            ended = time.perf_counter()
        lost, doubled = found(phones)
        count = asked.phones * asked.visits
        print(conditions())
        print(
            f"bare: {middle - begun:.1f} s, p95 {_p95(bare.seconds):.3f} s, cut {bare.cut:,}, to come again {bare.again:,}"
        )
        print(
            f"sync: {ended - middle:.1f} s, p95 {_p95(sent.seconds):.3f} s, cut {sent.cut:,}, answers {len(sent.seconds):,},"
            f" to come again {sent.again:,}; bad {sorted(set(sent.bad) | set(bare.bad))}"
        )
        held = report([
            none_of(f"visits of {asked.phones} phones lost, of {count:,}, every request twice, {sent.cut:,} connections cut", lost),
            none_of("visits or next steps there twice", doubled),
            none_of("answers that are no success", len(sent.bad) + len(bare.bad)),
            times("p95 of a request with one visit, against a bare Django POST view under the same load",
                  _p95(sent.seconds) / _p95(bare.seconds), LIMIT, more=f"({_p95(sent.seconds):.2f} s against {_p95(bare.seconds):.2f} s)"),
            Figure("visits taken in a second", f"{count / (ended - middle):.1f}"),
        ])  # fmt: skip
    sys.exit(0 if held else 1)


if __name__ == "__main__":
    main()
