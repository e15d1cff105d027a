"""Everybody asks every address on every object (S2, S13, E11): at least 20,000 cells, none of them wrong.

The world, the table and the checks are those of `tests/access`; a few processes share the people among them. Requests
are made in-process, where a transaction undoes each: what only the real server adds is asked in `test_health.py`.
"""

import multiprocessing
import re
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.access.checks import HAN, MARKS, chinese_in, english_in, problems, raw_in, unmarked_in
from tests.access.crawl import EVERYBODY, Answer, Cell, Crawler, hidden_words
from tests.access.table import API_TABLE, SCREEN_TABLE, VERBS
from tests.access.world import World

if TYPE_CHECKING:
    from yaomai.kit.access import Actor
    from yaomai.organization.models import Person

from .words import declared, entered

pytestmark = pytest.mark.timeout(3600)
GOAL = 20_000
BOTH_LANGUAGES = ("policies:", "ui:guide")
"""A policy shows its document, which holds the words of both languages."""
SHOWN_AS_SENT = ("transfer:import_detail", "audit:entry_detail")
"""An import shows the file, an entry what it was told."""
IN_NO_CATALOGUE = ("ui:help", *SHOWN_AS_SENT)
"""The guide is a document for each language."""
EXTERNAL = ("dingtalk", "feishu", "wecom", "openid")
OF_LIBRARIES = ("account_", "mfa_", "openapi.json")
"""Their forms show themselves again, or ask for the password, whatever the verb."""


PROCESSES = 3
"""One more than there are processors at least: a process that waits for the database leaves its own idle."""
READERS = (
    "sales_director",
    "system_administrator",
    "security_administrator",
    "audit_administrator",
    "owner",
    "anonymous",
)
"""Together they see every page that there is. They also try the verbs that an address does not answer."""


@dataclass
class Found:
    """What one process found."""

    cells: int = 0
    html: int = 0
    problems: list[str] = field(default_factory=list)
    pages: set[str] = field(default_factory=set)
    """Rows of the table that were read as a page."""
    texts: dict[str, str] = field(default_factory=dict)
    """What is in the wrong language or raw, and where first."""


def together(parts: list[Found]) -> Found:
    """Return what all processes found."""
    return Found(
        cells=sum(part.cells for part in parts),
        html=sum(part.html for part in parts),
        problems=[line for part in parts for line in part.problems],
        pages=set[str]().union(*(part.pages for part in parts)),
        texts={text: where for part in parts for text, where in part.texts.items()},
    )


@pytest.fixture(scope="module")
def world(own_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    from tests.access.conftest import made_world

    with made_world(tmp_path_factory.mktemp("access")) as made, remembered_actors():
        yield made


@contextmanager
def remembered_actors() -> Iterator[None]:
    """Find out once what somebody may do: no request changes it, and it takes as long as many an answer."""
    from yaomai.organization import middleware

    known: dict[tuple[int, date], Actor] = {}

    def actor_for(person: "Person", *, on: date, at: datetime) -> "Actor":
        key = (person.pk, on)
        if key not in known:
            known[key] = original(person, on=on, at=at)
        return known[key]

    with pytest.MonkeyPatch.context() as patch:
        original = middleware.actor_for
        patch.setattr(middleware, "actor_for", actor_for)
        yield


def crawl(world: World, people: list[str]) -> Found:
    """Ask on behalf of some people."""
    from django.db import connections

    connections.close_all()
    crawler, found = Crawler(world, people), Found()
    for who in people:
        words = hidden_words(crawler, who)
        for cell in crawler.cells([who]):
            answer = crawler.ask(cell)
            found.cells += 1
            found.problems += [f"{cell}: {problem}" for problem in problems(crawler, cell, answer, words)]
            if not cell.query:
                note_language(found, cell, answer, lambda answer: [*english_in(answer), *raw_in(answer, "zh")])
        for cell in crawler.unanswered([who] if who in READERS else []):
            answer = crawler.ask(cell)
            found.cells += 1
            refused = {200, 302, 403, 404, 405, 429} if cell.row.name.startswith(OF_LIBRARIES) else {302, 401, 404, 405}
            if answer.acts or answer.status not in refused:
                found.problems.append(f"{cell}: answered {answer.status} by {answer.acts}")
    connections.close_all()
    return found


def read_in_english(world: World, people: list[str]) -> Found:
    """Ask for everything that somebody may have, as a reader of English."""
    from django.conf import settings
    from django.db import connections

    connections.close_all()
    crawler, found, data = Crawler(world, people), Found(), company_data()
    for who in people:
        crawler.clients[who].cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
        for cell in crawler.cells([who], verbs=("get", "post"), queries=0):
            answer = crawler.ask(cell)
            found.cells += 1
            note_language(found, cell, answer, lambda answer: [*chinese_in(answer, data), *raw_in(answer, "en")])
    connections.close_all()
    return found


def read_in_pseudo(world: World, people: list[str]) -> Found:
    """Ask for every page with marks around each translated text: what stands outside of them was never translated.

    Unlike a look for English words it finds what is written in the code in Chinese, and words that both languages share.
    """
    from django.db import connection, connections

    connections.close_all()
    crawler, found = Crawler(world, people), Found()
    with connection.cursor() as cursor:
        data = pattern(entered(cursor) | declared())
    with marked_translations():
        for who in people:
            for cell in crawler.cells([who], verbs=("get",), queries=0):
                answer = crawler.ask(cell)
                found.cells += 1
                if not cell.row.name.startswith(IN_NO_CATALOGUE):
                    note_language(found, cell, answer, lambda answer: unmarked_in(answer, data))
    connections.close_all()
    return found


@contextmanager
def marked_translations() -> Iterator[None]:
    """Put every text that comes out of a catalogue between marks."""
    from django.utils import translation

    backend = translation._trans  # type: ignore[attr-defined]
    with pytest.MonkeyPatch.context() as patch:
        for name in ("gettext", "pgettext", "ngettext", "npgettext"):
            patch.setattr(backend, name, marked(getattr(backend, name)))
        yield


def marked(translate: Callable[..., str]) -> Callable[..., str]:
    """Return a way to translate whose texts stand between marks."""

    def between_marks(*given: Any) -> str:
        text = translate(*given)
        return f"{MARKS[0]}{text}{MARKS[1]}" if text.strip() else text

    return between_marks


def note_language(found: Found, cell: Cell, answer: Answer, read: Callable[[Answer], list[str]]) -> None:
    """Read a page; keep what is wrong with it."""
    if not answer.is_html:
        return
    found.html += 1
    if answer.status == 200:
        found.pages.add(cell.row.name)
    if not cell.row.name.startswith((*BOTH_LANGUAGES, *SHOWN_AS_SENT)):
        for text in read(answer):
            found.texts.setdefault(text, str(cell))


def company_data() -> re.Pattern[str]:
    """Return what matches the Chinese words that the company itself enters: they stay as they are in English."""
    from django.db import connection

    sent = {text for row in (*SCREEN_TABLE, *API_TABLE) for text in row.body.values() if isinstance(text, str)}
    with connection.cursor() as cursor:
        return pattern(entered(cursor) | sent)


def pattern(words: set[str]) -> re.Pattern[str]:
    """Return what matches the Chinese ones among some words, the longest first."""
    return re.compile("|".join(re.escape(word) for word in sorted(filter(HAN.search, words), key=len, reverse=True)))


def in_processes(work: Callable[[World, list[str]], Found], world: World, people: Iterable[str]) -> Found:
    """Share people among the processes; whoever has most to see comes first."""
    from django.db import connections

    connections.close_all()
    with multiprocessing.get_context("fork").Pool(PROCESSES) as pool:
        return together(pool.starmap(work, [(world, [who]) for who in people], chunksize=1))


def show(*parts: Found) -> None:
    """Print everything that is wrong, which the message of an assertion cuts short."""
    for part in parts:
        print(*part.problems, *(f"{where}: {text}" for text, where in part.texts.items()), sep="\n")


def test_everybody_asks_for_everything_in_both_languages(world: World, figure: Callable[[str, str], None]) -> None:
    started = time.monotonic()
    found = in_processes(crawl, world, EVERYBODY)
    figure(
        "S2",
        f"{found.cells:,} cells by {len(EVERYBODY)} people in {time.monotonic() - started:.0f} s:"
        f" {len(found.problems)} wrong",
    )
    figure("S13", f"{found.cells:,} answers with every header, {found.html:,} pages without inline code")
    english = in_processes(read_in_english, world, READERS)
    figure(
        "E11",
        f"{len(found.pages)} kinds of page in Chinese and {len(english.pages)} in English,"
        f" {found.html + english.html:,} read: {len(found.texts) + len(english.texts)} texts in the other language or raw",
    )
    show(found, english)
    assert found.problems == []
    assert found.texts == {}, "English or raw on Chinese pages"
    assert english.texts == {}, "Chinese or raw on English pages"
    assert found.pages - english.pages == set(), "pages that nobody read in English"
    assert found.cells >= GOAL


def test_every_text_comes_out_of_a_catalogue(world: World, figure: Callable[[str, str], None]) -> None:
    found = in_processes(read_in_pseudo, world, READERS)
    figure("E11", f"{len(found.pages)} kinds of page in a pseudo-language: {len(found.texts)} texts in no catalogue")
    show(found)
    assert found.texts == {}, "texts that are never translated"
    assert found.pages


def test_writes_without_the_form_token_are_refused(world: World, figure: Callable[[str, str], None]) -> None:
    """Nothing that changes something is done without the token (cross-site request forgery)."""
    crawler, count = Crawler(world), 0
    for cell in crawler.cells(["sales_director"], verbs=set(VERBS) - {"get"}):
        if cell.row.name.startswith(EXTERNAL):
            continue
        answer = crawler.ask(cell, without_token=True)
        assert (answer.status in {403, 404}, answer.acts) == (True, ()), (str(cell), answer.status)
        count += 1
    figure("S2", f"{count} writes without the form token, all refused")


def test_the_world_is_as_it_was(world: World, tmp_path: Path) -> None:
    """Whatever was asked, nothing remained."""
    from yaomai.kit.audit.models import Entry

    assert not Entry.unscoped.filter(outcome="refused").exists()
    assert set(Entry.unscoped.filter(code__startswith="customers").values_list("actor_id", flat=True)) == {None}
