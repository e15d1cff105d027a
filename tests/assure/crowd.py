"""A crowd at the door: many people over connections that stay open, asking at a given rate or as fast as they are answered."""

import asyncio
import json
import random
import statistics
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Ask:
    """One kind of request: its share of the mix, and how to write it for somebody."""

    name: str
    share: int
    line: Callable[[random.Random, "Who"], tuple[str, str, bytes]]
    """Method, address, body."""
    is_write: bool = False


@dataclass(frozen=True, slots=True)
class Who:
    """Somebody who has signed in, and what they may look at and write about."""

    cookies: dict[str, str]
    institutions: list[int]
    customers: list[dict[str, Any]]
    """Whom they visit; empty where they visit nobody."""


@dataclass(slots=True)
class Heard:
    """What came back."""

    seconds: dict[bool, list[float]] = field(default_factory=lambda: {False: [], True: []})
    """Of what was let in: of reads, of writes."""
    by_name: dict[str, list[float]] = field(default_factory=dict)
    statuses: Counter[int] = field(default_factory=Counter)
    refusals: Counter[str] = field(default_factory=Counter)
    """What those who were sent away were told: language, and whether they learned when to come again."""
    broken: list[str] = field(default_factory=list)

    @property
    def served(self) -> int:
        return sum(map(len, self.seconds.values()))

    def p95(self, *, is_write: bool) -> float:
        values = self.seconds[is_write]
        return statistics.quantiles(values, n=20)[-1] if len(values) > 1 else max(values, default=0.0)


class Person:
    """Somebody with a connection that stays open between requests."""

    def __init__(self, port: int, who: Who) -> None:
        self.port, self.who, self.cookies = port, who, who.cookies
        self.streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, method: str, path: str, body: bytes, language: str) -> tuple[int, dict[str, str], bytes]:
        """Return status, headers and body of the answer; a connection that was closed while it idled is opened anew."""
        cookies = "; ".join(f"{name}={value}" for name, value in (self.cookies | {"django_language": language}).items())
        accepts = "application/json" if path.startswith("/api/") else "text/html"
        request = (
            f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\nCookie: {cookies}\r\nAccept: {accepts}\r\n"
            f"X-CSRFToken: {self.cookies.get('csrftoken', '')}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n\r\n".encode()
            + body
        )
        if self.streams is not None:
            try:
                return await self._exchange(request)
            except (OSError, asyncio.IncompleteReadError) as error:
                if getattr(error, "partial", b""):
                    raise
        await self.leave()
        self.streams = await asyncio.open_connection("127.0.0.1", self.port)
        return await self._exchange(request)

    async def _exchange(self, request: bytes) -> tuple[int, dict[str, str], bytes]:
        assert self.streams is not None
        reader, writer = self.streams
        writer.write(request)
        await writer.drain()
        return await self._answer(reader)

    async def _answer(self, reader: asyncio.StreamReader) -> tuple[int, dict[str, str], bytes]:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _colon, value in (line.partition(":") for line in head[1:])}
        if headers.get("transfer-encoding") == "chunked":
            parts = []
            while size := int(await reader.readline(), 16):
                parts.append(await reader.readexactly(size))
                await reader.readline()
            await reader.readline()
            content = b"".join(parts)
        else:
            content = await reader.readexactly(int(headers.get("content-length", 0)))
        if headers.get("connection") == "close":
            await self.leave()
        return int(head[0].split(" ")[1]), headers, content

    async def leave(self) -> None:
        if self.streams is not None:
            self.streams[1].close()
            self.streams = None


class Crowd:
    """People who ask for a mix of things."""

    def __init__(self, port: int, signed_in: Sequence[Who], size: int, mix: Sequence[Ask], seed: int) -> None:
        self.people = [Person(port, signed_in[number % len(signed_in)]) for number in range(size)]
        self.mix, self.draw = mix, random.Random(seed)

    async def as_fast_as_answered(self, seconds: float, at_once: int) -> Heard:
        """Let some people ask one thing after the other."""
        heard, until = Heard(), time.monotonic() + seconds

        async def one(person: Person) -> None:
            while time.monotonic() < until:
                await self._ask(person, heard)

        await asyncio.gather(*(one(person) for person in self.people[:at_once]))
        return heard

    async def at_rate(self, rate: float, seconds: float) -> Heard:
        """Let people ask at a rate, whether or not those before were answered; who is still waiting does not ask."""
        heard, free, running = Heard(), list(self.people), set[asyncio.Task[None]]()
        begun = time.monotonic()
        for number in range(round(rate * seconds)):
            await asyncio.sleep(max(begun + number / rate - time.monotonic(), 0))
            if not free:
                heard.refusals["nobody was free to ask"] += 1
                continue
            person = free.pop(self.draw.randrange(len(free)))

            async def one(person: Person = person) -> None:
                await self._ask(person, heard)
                free.append(person)

            task = asyncio.create_task(one())
            running.add(task)
            task.add_done_callback(running.discard)
        await asyncio.gather(*running)
        return heard

    async def until_served(self, streak: int, patience: float) -> float:
        """Return the seconds until that many requests in a row were let in.

        Raises:
            TimeoutError.
        """
        begun = time.monotonic()
        async with asyncio.timeout(patience):
            served = 0
            while served < streak:
                heard = Heard()
                await self._ask(self.people[0], heard)
                served = served + 1 if heard.served else 0
        return time.monotonic() - begun

    async def leave(self) -> None:
        for person in self.people:
            await person.leave()

    async def _ask(self, person: Person, heard: Heard) -> None:
        mix = [each for each in self.mix if not each.is_write or person.who.customers]
        ask = self.draw.choices(mix, [each.share for each in mix])[0]
        language = self.draw.choice(["zh-hans", "en"])
        method, path, body = ask.line(self.draw, person.who)
        begun = time.perf_counter()
        try:
            status, headers, content = await asyncio.wait_for(person.ask(method, path, body, language), 60)
        except (OSError, EOFError, TimeoutError, ValueError) as error:
            await person.leave()
            heard.broken.append(f"{path}: {type(error).__name__} {error}")
            return
        heard.statuses[status] += 1
        if status == 503:
            heard.refusals[told(headers, content, language)] += 1
        elif status >= 400:
            heard.broken.append(f"{method} {path}: {status} {content[:200].decode(errors='replace')}")
        else:
            seconds = time.perf_counter() - begun
            heard.seconds[ask.is_write].append(seconds)
            heard.by_name.setdefault(ask.name, []).append(seconds)


def told(headers: dict[str, str], content: bytes, language: str) -> str:
    """Return what somebody who was sent away was told, in one word."""
    words = "人数过多" if language == "zh-hans" else "Too many people"
    text = content.decode(errors="replace")
    if text.startswith("{"):
        text = json.loads(text)["title"]
    if words not in text:
        return "in another language"
    return "when to come again" if headers.get("retry-after", "").isdigit() else "nothing of when to come again"
