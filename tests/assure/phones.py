"""A phone in the field as `static/field/queue.js` keeps one: a durable queue, a clock, a network that does what it likes.

What a person did and what the phone told them is written down beside it: that is what the server is held against.
"""

import http.client
import io
import json
import random
import socket
import threading
import time
import uuid
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from PIL import Image

from .client import Session

API = "/api/v1/engagement/field/"
BATCH = 10
TAKEN_ALONG = 0.2
"""Part of the sendings after which the phone takes along what is new, which costs the server more than all the rest."""
SLACK = timedelta(minutes=1)
NO_DIFFERENCE = timedelta(minutes=10)
"""Up to which two clocks are the same to the server (`VisitPolicy.ahead_minutes`)."""
Item = dict[str, Any]


class StorageFull(Exception):
    """Nothing more fits on the phone."""


class SignedOut(Exception):
    """The server does not know who asks."""


class NotTaken(Exception):
    """The server did not take a request now."""


class Wire:
    """The network of one phone.

    Fates of a request that writes: cut before it is whole; its answer never heard; held back and delivered whenever
    the network likes, after others; sent twice at once; heard and delivered once more later.
    """

    FATES = ("cut", "unheard", "late", "twice", "again")

    def __init__(self, port: int, draw: random.Random) -> None:
        self.port, self.draw = port, draw
        self.trouble = 0.0
        """The share of requests that meet one of the fates."""
        self.is_away = False
        self.late: list[bytes] = []
        self.met: Counter[str] = Counter()

    def send(self, request: bytes, *, writes: bool) -> tuple[int, bytes, list[str]]:
        """Return status, body and cookies set.

        Raises:
            OSError: no answer was heard; what was asked may or may not have happened.
        """
        if self.is_away:
            raise ConnectionError("no network")
        fate = self.draw.choice(self.FATES) if writes and self.draw.random() < self.trouble else ""
        self.met[fate] += bool(fate)
        if fate == "late":
            self.late.append(request)
            raise TimeoutError
        if fate in ("cut", "unheard"):
            whole = len(request) if fate == "unheard" else self.draw.randrange(1, len(request))
            with socket.create_connection(("127.0.0.1", self.port), timeout=20) as connection:
                connection.sendall(request[:whole])
                time.sleep(self.draw.random() * 0.05)
            raise ConnectionError(fate)
        if fate == "twice":
            twin = threading.Thread(target=self._forgotten, args=(request,))
            twin.start()
            answer = self._exchange(request)
            twin.join()
            return answer
        answer = self._exchange(request)
        if fate == "again":
            self.late.append(request)
        return answer

    def deliver_late(self, share: float = 1.0) -> None:
        """Deliver what was held back, in any order; nobody hears the answers."""
        self.draw.shuffle(self.late)
        for _number in range(round(len(self.late) * share)):
            self._forgotten(self.late.pop())

    def _forgotten(self, request: bytes) -> None:
        try:
            self._exchange(request)
        except OSError:
            self.met["late and lost"] += 1

    def _exchange(self, request: bytes) -> tuple[int, bytes, list[str]]:
        with socket.create_connection(("127.0.0.1", self.port), timeout=20) as connection:
            connection.sendall(request)
            answer = http.client.HTTPResponse(connection)
            try:
                answer.begin()
                return answer.status, answer.read(), answer.headers.get_all("Set-Cookie") or []
            except http.client.HTTPException as error:
                raise ConnectionError(type(error).__name__) from error


@dataclass(frozen=True, slots=True)
class Reading:
    """What a clock said; how far the phone thought it wrong, and how far it was."""

    at: datetime
    known: timedelta | None
    skew: timedelta

    def tells(self, skew: timedelta, *, is_old: bool) -> bool:
        """Tell whether the server can know the clock from this and from how far it is wrong as it sends."""
        if self.known is None or is_old:
            return skew == self.skew
        ahead = self.skew - self.known
        if abs(ahead) <= SLACK:
            return True
        # What was told is of another clock: it is found out where it says that this was written in time to come.
        return skew == self.skew and ahead > NO_DIFFERENCE + (datetime.now(UTC) + self.skew - self.at)


@dataclass(slots=True)
class Written:
    """What a person wrote and last saved."""

    kind: str
    data: dict[str, Any]
    at: datetime
    """When it really took place."""
    reading: Reading
    photos: int = 0
    is_clock_known: bool = True
    """Whether every request that carried it could tell the server by how much its clock was wrong."""


@dataclass(slots=True)
class Told:
    """What the phone told its person, and what they did about it."""

    written: dict[str, Written] = field(default_factory=dict)
    statuses: dict[str, list[str]] = field(default_factory=dict)
    shown: Counter[str] = field(default_factory=Counter)
    dropped: set[str] = field(default_factory=set)
    joined: dict[str, str] = field(default_factory=dict)
    agreed: bool | None = None
    closed: dict[str, set[str]] = field(default_factory=dict)
    """States in which somebody closed a next step."""


class Phone:
    """One installed field app, signed in as a person."""

    def __init__(self, port: int, person: int, username: str, password: str, seed: int) -> None:
        self.person, self.username, self.password = person, username, password
        self.draw = random.Random(seed)
        self.wire = Wire(port, self.draw)
        self.cookies: dict[str, str] = {}
        self.csrf = ""
        self.skew = timedelta(0)
        self.is_full = self.is_old = False
        self.storage: dict[tuple[str, str], Any] = {}
        self.items: list[Item] = []
        self.heard: dict[str, float] | None = None
        """The server's clock less the phone's, in milliseconds, and the phone's when it heard so."""
        self.unsaved: list[tuple[str, str, dict[str, Any], Reading]] = []
        self.told = Told()
        self.happened: Counter[str] = Counter()

    # Storage, as store.js ---------------------------------------------------------------------------------------

    def put(self, store: str, name: str, value: Any) -> None:
        if self.is_full:
            raise StorageFull
        self.storage[store, name] = json.dumps(value) if store != "photos" else value

    def note(self, store: str, name: str, value: Any) -> bool:
        """Keep what can be had again."""
        try:
            self.put(store, name, value)
        except StorageFull:
            self.told.shown["full"] += 1
            return False
        return True

    def remove(self, store: str, name: str) -> None:
        self.storage.pop((store, name), None)

    def names(self, store: str) -> list[str]:
        return [name for kept, name in self.storage if kept == store]

    def photos_of(self, item: str) -> list[str]:
        return [name for name in self.names("photos") if name.startswith(f"{item}/")]

    def restart(self) -> None:
        """Lose what is not stored: a flat battery, an app that was closed, an update."""
        kept = [json.loads(self.storage["queue", name]) for name in self.names("queue")]
        self.items = sorted(kept, key=lambda item: item["written"])
        self.heard = json.loads(self.storage.get(("meta", "heard"), "null"))
        self.csrf = ""

    # The person -------------------------------------------------------------------------------------------------

    def clock(self) -> datetime:
        return datetime.now(UTC) + self.skew

    def reading(self) -> Reading:
        """Read the clock; where it stands before it last heard the server, somebody set it, and it is not known."""
        at = self.clock()
        is_known = self.heard is not None and at.timestamp() > self.heard["at"] - SLACK.total_seconds()
        return Reading(at, -timedelta(milliseconds=self.heard["offset"]) if is_known else None, self.skew)

    def add(self, key: str, kind: str, data: dict[str, Any], clock: Reading | None = None) -> bool:
        """Put something into the queue; False when the phone is full and the words stay on the screen.

        Args:
            clock: as the moments in it were read; by default as when it was first written, else now.
        """
        before = next((item for item in self.items if item["uuid"] == key), None)
        written = self.told.written.get(key)
        read = clock or (written.reading if before and written else self.reading())
        item = {
            "uuid": key, "kind": kind, "data": data, "answer": None, "is_sent": False,
            "written": before["written"] if before else self.clock().timestamp(),
            "clock_at": read.at.isoformat(),
            "offset_ms": None if read.known is None else round(-read.known.total_seconds() * 1000),
        }  # fmt: skip
        try:
            self.put("queue", key, item)
        except StorageFull:
            self.told.shown["full"] += 1
            self.unsaved.append((key, kind, data, read))
            return False
        self.items = [*(each for each in self.items if each["uuid"] != key), item]
        # A report that says when it took place says it by the phone's clock.
        text = data.get("started_at") or data.get("learned_at")
        at = datetime.fromisoformat(text) - read.skew if text else datetime.now(UTC)
        if written is None:
            self.told.written[key] = Written(kind, data, at, read)
        else:
            written.data, written.at, written.reading = data, at, read
        if kind == "step":
            self.told.closed.setdefault(data["step"], set()).add(data["state"])
        self.told.joined.pop(key, None)
        if "join" in data:
            self.told.joined[key] = data["join"]
        return True

    def save_again(self) -> None:
        """Save what stayed on the screen while the phone was full."""
        waiting, self.unsaved = self.unsaved, []
        for each in waiting:
            self.add(*each)

    def answer(self, given: bool) -> None:
        """Say yes or no to check-ins; it takes the place of what was said before."""
        earlier = [item for item in self.items if item["kind"] == "consent" and not item["is_sent"]]
        instead = [name for item in earlier for name in (item["uuid"], *item["data"]["instead"])]
        key = self.new_key()
        if self.is_full:
            return
        self.add(key, "consent", {"given": given, "text": "说明", "instead": instead})
        self.told.agreed = given
        for item in earlier:
            self.told.dropped.add(item["uuid"])
            self.drop(item["uuid"])

    def new_key(self) -> str:
        return str(uuid.UUID(int=self.draw.getrandbits(128), version=4))

    def drop(self, key: str) -> None:
        self.remove("queue", key)
        for name in self.photos_of(key):
            self.remove("photos", name)
        self.items = [item for item in self.items if item["uuid"] != key]

    def take_photo(self, key: str) -> None:
        picture = io.BytesIO()
        colour = tuple(self.draw.randrange(256) for _band in range(3))
        Image.new("RGB", (self.draw.randrange(24, 64), 40), colour).save(picture, "JPEG")
        try:
            self.put("photos", f"{key}/{self.new_key()}", picture.getvalue())
        except StorageFull:
            return
        self.told.written[key].photos += 1

    def asking(self) -> list[Item]:
        return [
            item
            for item in self.items
            if item["answer"] and (not item["is_sent"] or item["answer"]["status"] == "photo")
        ]

    def waiting(self) -> list[Item]:
        return [item for item in self.items if item not in self.asking()]

    # Sending, as queue.js ---------------------------------------------------------------------------------------

    def call(self, method: str, path: str, body: bytes = b"", kind: str = "application/json") -> tuple[int, bytes]:
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        head = (
            f"{method} {API}{path} HTTP/1.1\r\nHost: 127.0.0.1:{self.wire.port}\r\nCookie: {cookie}\r\n"
            f"X-CSRFToken: {self.csrf}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        )
        status, content, cookies = self.wire.send(head.encode() + body, writes=method == "POST")
        for text in cookies:
            for name, morsel in http.cookies.SimpleCookie(text).items():
                self.cookies[name] = morsel.value
        if status == 401:
            raise SignedOut
        return status, content

    def hello(self) -> None:
        before = self.clock()
        status, content = self.call("GET", "hello")
        if status != 200:
            raise NotTaken(f"hello {status}")
        said = json.loads(content)
        middle = before + (self.clock() - before) / 2
        self.csrf = said["csrf"]
        offset = round((datetime.fromisoformat(said["server_time"]) - middle).total_seconds() * 1000)
        self.heard = {"offset": offset, "at": self.clock().timestamp()}
        if not self.note("meta", "heard", self.heard):
            self.remove("meta", "heard")

    def send(self) -> bool:
        """Send everything that waits; False when something kept it from arriving."""
        try:
            self.hello()
            self._send_items()
            self._send_photos()
            if self.draw.random() < TAKEN_ALONG:
                self.call("GET", "bundle")
        except SignedOut:
            self.told.shown["signed out"] += 1
            self.cookies.clear()
            return False
        except (OSError, NotTaken):
            return False
        return True

    def _send_items(self) -> None:
        tried: set[str] = set()
        while True:
            some = [
                item for item in self.items if not item["is_sent"] and not item["answer"] and item["uuid"] not in tried
            ][:BATCH]
            if not some:
                return
            tried |= {item["uuid"] for item in some}
            self._send_some(some)

    def _send_some(self, some: list[Item]) -> None:
        names = ("uuid", "kind", "data") if self.is_old else ("uuid", "kind", "data", "clock_at", "offset_ms")
        items = [{name: item[name] for name in names} for item in some]
        body = {"protocol": 1, "sent_at": self.clock().isoformat(), "items": items}
        if not self.is_old and self.heard is not None:
            body["offset_ms"] = self.heard["offset"]
        for item in some:
            written = self.told.written[item["uuid"]]
            written.is_clock_known &= written.reading.tells(self.skew, is_old=self.is_old)
        status, content = self.call("POST", "sync", json.dumps(body).encode())
        if status == 200:
            return self._take(json.loads(content)["results"])
        if not is_final(status) or status == 409:
            raise NotTaken(f"sync {status}")
        if len(some) == 1:
            return self._take([{"uuid": some[0]["uuid"], "status": "invalid", "title": f"sync {status}"}])
        for item in some:
            self._send_some([item])
        return None

    def _take(self, results: list[dict[str, Any]]) -> None:
        for result in results:
            self.told.statuses.setdefault(result["uuid"], []).append(result["status"])
            item = next((each for each in self.items if each["uuid"] == result["uuid"]), None)
            if item is None:
                continue
            if result["status"] in ("done", "known"):
                has_photos = bool(self.photos_of(item["uuid"]))
                item |= {
                    "answer": result,
                    "is_sent": True,
                    "photos_to": (item["data"] or {}).get("join") or item["uuid"],
                }
                if has_photos:
                    self.note("queue", item["uuid"], item | {"data": None})
                else:
                    self.remove("queue", item["uuid"])
                    self.items.remove(item)
            elif result["status"] != "later":
                item["answer"] = result
                self.note("queue", item["uuid"], item)

    def _send_photos(self) -> None:
        for item in [each for each in self.items if each["is_sent"] and each["answer"]["status"] != "photo"]:
            for name in self.photos_of(item["uuid"]):
                edge = "edge-of-the-parts"
                values = {"visit": item["photos_to"], "uuid": name.split("/")[1]}
                parts = "".join(
                    f'--{edge}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'
                    for key, value in values.items()
                )
                head = f'{parts}--{edge}\r\nContent-Disposition: form-data; name="file"; filename="photo.jpg"\r\nContent-Type: image/jpeg\r\n\r\n'
                body = head.encode() + self.storage["photos", name] + f"\r\n--{edge}--\r\n".encode()
                status, content = self.call("POST", "photos", body, f"multipart/form-data; boundary={edge}")
                if status == 200:
                    self.remove("photos", name)
                elif is_final(status):
                    item["answer"] = {"status": "photo", "title": content.decode(errors="replace")}
                else:
                    raise NotTaken(f"photo {status}")
            if not self.photos_of(item["uuid"]):
                self.remove("queue", item["uuid"])
                self.items.remove(item)
            else:
                self.note("queue", item["uuid"], item)

    def sign_in(self) -> bool:
        """Sign in as in a browser; False when the server is not to be had."""
        if self.wire.is_away:
            return False
        session = Session(self.wire.port)
        try:
            session.sign_in(self.username, self.password)
        except (OSError, AssertionError, KeyError):
            return False
        self.cookies = dict(session.cookies)
        return True


def is_final(status: int) -> bool:
    """Tell whether the server will answer the same again and again."""
    return 400 <= status < 500 and status not in (401, 403, 408, 429)
