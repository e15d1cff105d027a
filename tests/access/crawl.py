"""Ask every row of the table as everybody, on their own objects and on those of others.

A cell is one request: who × row × verb × object (× query). Every request runs in a transaction that is rolled back,
so that the world stays as it is and cells do not depend on each other.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from yaomai.kit.access import Actor
from yaomai.kit.audit.models import Entry
from yaomai.kit.surfaces import Surface, surfaces
from yaomai.organization.roles import ROLES
from yaomai.organization.selectors import actor_for

from .table import ACCOUNT, API_TABLE, CLOSED, OWN, PUBLIC, SCREEN_TABLE, SIGNED, VERBS, Row
from .world import CANARIES, FAR, NEAR, PINYIN, Sample, World, picture

STRANGERS = ("anonymous", "left")
"""Not signed in; signed in before the account was closed."""
EVERYBODY = (*(role.code for role in ROLES), "nobody", "expired", "filed", "team", "far", "owner", *STRANGERS)
BACKEND = "yaomai.organization.sign_in.Backend"

READ = {200, 204, 302}
WRITTEN = {200, 201, 202, 204, 302, 403, 409, 412, 422}
"""Beyond the right, a rule or a check of the input may still refuse: 403, 409, 412, 422."""
WRITES = "SELECT relname, n_tup_ins + n_tup_upd + n_tup_del FROM pg_stat_xact_user_tables"
"""Rows that this connection wrote since its counters were last sent off, which never happens inside a transaction."""
TRAIL = {"audit_entry", "audit_link", "audit_head"}


@dataclass(frozen=True, slots=True)
class Cell:
    """One request to make."""

    who: str
    row: Row
    verb: str
    sample: Sample | None
    is_api: bool
    query: str = ""

    def __str__(self) -> str:
        where = f" [{self.sample.place or 'own'}]" if self.sample else ""
        return f"{self.who}: {self.verb.upper()} {self.row.name}{self.query}{where}"

    @property
    def address(self) -> str:
        keys = {**self.row.keys, **(self.sample.keys if self.sample else {})}
        if self.is_api:
            return f"/api/v1/{self.row.name.format(**keys)}{self.query}"
        return reverse(self.row.name, kwargs=keys or None) + self.query


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, and which tables the request touched."""

    response: HttpResponse
    body: bytes
    changed: frozenset[str]
    acts: tuple[str, ...]
    """Codes of the acts that were done."""

    @property
    def status(self) -> int:
        return self.response.status_code

    @property
    def is_html(self) -> bool:
        return self.response.headers.get("Content-Type", "").startswith("text/html")


class Crawler:
    """Makes the requests of cells and knows what each may answer."""

    def __init__(self, world: World, people: Iterable[str] = EVERYBODY) -> None:
        self.world = world
        self.clients: dict[str, Client] = {}
        self.actors: dict[str, Actor | None] = {}
        for who in people:
            person = world.people.get(who)
            self.clients[who] = client = Client()
            self.actors[who] = None
            if person is None:
                continue
            client.force_login(person, backend=BACKEND)
            if who not in STRANGERS:
                self.actors[who] = actor_for(person, on=timezone.localdate())

    # Which cells there are ---------------------------------------------------------------------------------

    def cells(self, people: Iterable[str], *, verbs: Iterable[str] = VERBS, queries: int = 9) -> Iterator[Cell]:
        """Yield every cell of some people, in the order of the table; `queries` of each list at most."""
        wanted = tuple(verbs)
        for who in people:
            for row, is_api in (*((row, False) for row in SCREEN_TABLE), *((row, True) for row in API_TABLE)):
                for verb in wanted:
                    if not row.right(verb):
                        continue
                    for sample in self._samples(row, who):
                        yield Cell(who, row, verb, sample, is_api)
                        if verb == "get":
                            for query in self._queries(row, is_api)[:queries]:
                                yield Cell(who, row, verb, sample, is_api, query)

    def unanswered(self, people: Iterable[str]) -> Iterator[Cell]:
        """Yield cells of verbs that a row does not answer."""
        for who in people:
            for row, is_api in (*((row, False) for row in SCREEN_TABLE), *((row, True) for row in API_TABLE)):
                for verb in VERBS:
                    if not row.right(verb):
                        yield Cell(who, row, verb, self._samples(row, who)[0], is_api)

    def _samples(self, row: Row, who: str) -> list[Sample | None]:
        if not row.sample:
            return [None]
        found = self.world.samples[row.sample]
        if "owner's" not in found:
            return list(found.values())
        mine = [found[f"{who}'s"]] if f"{who}'s" in found else []
        return [*mine, found["owner's"]]

    def _queries(self, row: Row, is_api: bool) -> list[str]:
        far = self.world.samples
        if row.name == "ui:palette":
            return [f"?q={word}" for word in reversed(PINYIN.values())]
        if row.name.endswith("_options"):
            return [f"?q={word}" for word in reversed(PINYIN.values())]
        if row.name.endswith("_export"):
            return ["?format=csv", f"?format=csv&q={PINYIN[FAR]}"]
        if row.name == "audit:entry_list":
            return [f"?target_type=customers.institution&target_id={far['institution'][FAR].keys['pk']}"]
        surface = _surface_of(row, is_api)
        return [f"?q={PINYIN[FAR]}", *self._foreign(surface)] if surface else []

    def _foreign(self, surface: type[Surface]) -> Iterator[str]:
        """Yield a query for each filter of a list by rows that lie somewhere: ask for those that lie elsewhere."""
        for item in surface.all_filters(self.world.system):
            sample = self.world.samples.get(item.related._meta.model_name or "", {}) if item.related else {}
            if FAR in sample:
                yield f"?{item.name}={sample[FAR].keys['pk']}"

    # What a cell may answer --------------------------------------------------------------------------------

    def is_allowed(self, cell: Cell) -> bool:
        """Tell whether the person has the right on the object."""
        right, actor = cell.row.right(cell.verb), self.actors[cell.who]
        if right in (PUBLIC, CLOSED):
            return right == PUBLIC
        if actor is None:
            return False
        if right in (SIGNED, ACCOUNT):
            return True
        if right.startswith(OWN):
            return self._owns(actor, right.removeprefix(OWN), cell.sample)
        if not actor.may(right):
            return False
        reach = actor.reach(right)
        return cell.sample is None or cell.sample.territory is None or reach is None or cell.sample.territory in reach

    def _owns(self, actor: Actor, right: str, sample: Sample | None) -> bool:
        assert sample is not None
        if not right:
            return sample.owner == actor.person_id
        if right.startswith("safety."):  # in confidence: no reach lets it be seen
            is_own = sample.owner == actor.person_id
            return actor.may(right) and (is_own or actor.may("safety.adverseevent:review"))
        needs_right = right.startswith(("transfer.", "insights."))
        if right.startswith("transfer.") and not actor.may("customers.institution:import"):
            return False  # an import is seen by those who may use its importer
        if sample.owner == actor.person_id:
            return actor.may(right) or not needs_right
        return actor.may(right) and (actor.reach(right) is None or not needs_right)

    def expected(self, cell: Cell) -> set[int]:
        """Return the statuses that are right."""
        right = cell.row.right(cell.verb)
        if right == CLOSED:
            return {404}
        if right == PUBLIC:
            return {200, 302, 404, 422} if cell.who in STRANGERS else {200, 302, 404, 405, 422}
        if self.actors[cell.who] is None:
            if cell.is_api:
                return {401}
            return {404} if cell.row.name == "ui:guide" else {302}
        if right == ACCOUNT:
            return {200, 302, 403, 404, 422}
        if self.is_allowed(cell):
            return (READ if not cell.query else READ | {422}) if cell.verb == "get" else WRITTEN
        # A bulk change finds no row among those in view before it asks for the right.
        return {404, 422} if cell.row.name.endswith("_bulk") else {404}

    # The request -------------------------------------------------------------------------------------------

    def ask(self, cell: Cell, *, query: str = "", without_token: bool = False) -> Answer:
        """Make the request of a cell, and undo what it did."""
        client = self.clients[cell.who]
        client.handler.enforce_csrf_checks = without_token
        cookies = dict(client.cookies)
        is_write = cell.verb != "get"
        last = Entry.unscoped.order_by("-pk").values_list("pk", flat=True).first() or 0 if is_write else 0
        with transaction.atomic():
            before = _alone() if is_write else set()
            response = self._send(client, cell, query)
            body = b"".join(response.streaming_content) if response.streaming else response.content
            changed: frozenset[str] = frozenset()
            acts: tuple[str, ...] = ()
            if is_write:
                changed = frozenset(name for name, _count in _written() - before)
                done = Entry.unscoped.filter(pk__gt=last, outcome=Entry.Outcome.DONE)
                acts = tuple(done.values_list("code", flat=True))
            transaction.set_rollback(True)
        client.cookies.clear()
        client.cookies.update(cookies)
        return Answer(response, body, changed, acts)

    def _send(self, client: Client, cell: Cell, query: str) -> HttpResponse:
        here = cell.sample.place if cell.sample else ""
        body = {name: self._resolved(value, here) for name, value in cell.row.body.items()}
        if cell.verb == "get":
            return client.get(cell.address)
        if cell.is_api and "file" not in body:
            headers = {"If-Match": "*"}
            return getattr(client, cell.verb)(cell.address, data=body, content_type="application/json", headers=headers)
        if cell.row.name.endswith("_bulk") and cell.verb == "post":
            ticked = body or {"selected": self._everything(cell.row)}
            return client.post(cell.address + (query or f"?action={_first_action(cell.row)}"), ticked)
        if cell.verb != "post":
            return getattr(client, cell.verb)(cell.address)
        return client.post(cell.address, body)

    def _resolved(self, value: Any, here: str = "") -> Any:
        """Return a value of a body: "@kind.place" stands for an id of the world, "@kind" for the one `here`."""
        if isinstance(value, list):
            return [self._resolved(each, here) for each in value]
        if not isinstance(value, str) or not value.startswith("@"):
            return value
        if value == "@file":
            return SimpleUploadedFile("新名单.csv", "医院名称,等级\n某某医院,三甲\n".encode())
        if value == "@picture":
            return Sent("发票.png", picture())
        kind, _dot, place = value[1:].partition(".")
        return self.world.samples[kind][place or here].keys["pk"]

    def _everything(self, row: Row) -> list[int]:
        """Return the foreign rows of a list, to be ticked by somebody who should not know them."""
        sample = {"flowbatch": "batch", "salesline": "line", "sourcename": "known_name"}
        model = row.name.partition(":")[2].removesuffix("_bulk")
        found = self.world.samples[sample.get(model, model)]
        return [each.keys["pk"] for place, each in found.items() if place not in (NEAR, "team")]


class Sent(SimpleUploadedFile):
    """A file that can be sent again."""

    def read(self, *size: int) -> bytes:
        self.seek(0)
        return bytes(self.file.read(*size))


def _surface_of(row: Row, is_api: bool) -> type[Surface] | None:
    """Return the surface whose list a row is."""
    for surface in surfaces():
        name = (
            f"{surface.room()}/{surface.plural()}/"
            if is_api
            else f"{surface.room()}:{surface.model._meta.model_name}_list"
        )
        if row.name == name:
            return surface
    return None


def _first_action(row: Row) -> str:
    """Return the bulk action that the right of a row's address is about."""
    model = row.name.removesuffix("_bulk")
    surface = next(each for each in surfaces() if f"{each.room()}:{each.model._meta.model_name}" == model)
    return "edit" if "update" in surface.services else surface.actions[0].name


def _alone() -> set[tuple[str, int]]:
    """Let one process write after the other; return what was written before."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(1)")
    return _written()


def _written() -> set[tuple[str, int]]:
    with connection.cursor() as cursor:
        cursor.execute(WRITES)
        return set(cursor.fetchall())


# Words that may not be in an answer ------------------------------------------------------------------------


def hidden_words(crawler: Crawler, who: str) -> list[str]:
    """Return the words that no answer to somebody may contain."""
    from .world import LOTS, PHONES, PRIVATE

    world, actor = crawler.world, crawler.actors[who]

    def may(*rights: str) -> bool:
        return actor is not None and any(actor.may(right) for right in (*rights, "audit.entry:view"))

    words = [*PHONES.values()]
    for place, canary in CANARIES.items():
        territory = world.territories[place].pk
        reaches = actor is not None and any(
            grant.territory_ids is None or territory in grant.territory_ids for grant in actor.grants
        )
        if not reaches:
            words += [canary, LOTS[place]]
            continue
        if not may("customers.institution:view"):
            words += [f"{canary}医院", f"{canary}医药"]
        if not may("customers.professional:view"):
            words.append(f"{canary}明")
        if not may("commerce.salesline:view"):
            words.append(LOTS[place])
        if not may("commerce.flowbatch:view"):
            words.append(f"{canary}流向")
    if who != "owner" and not may("jobs.job:view", "transfer.import:view"):
        words.append(PRIVATE)
    return words
