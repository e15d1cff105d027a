"""Everybody asks every address on every object (S2, S13, E11): at least 20,000 cells, none of them wrong.

The world, the table and the checks are those of `tests/access`; two processes share the people among them.
"""

import multiprocessing
import re
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from tests.access.checks import HAN, chinese_in, english_in, problems, raw_in
from tests.access.crawl import EVERYBODY, Answer, Cell, Crawler, hidden_words
from tests.access.table import VERBS
from tests.access.world import World

pytestmark = pytest.mark.timeout(1200)
GOAL = 20_000
BOTH_LANGUAGES = ("policies:", "ui:guide")
"""A policy shows its document, which holds the words of both languages."""
EXTERNAL = ("dingtalk", "feishu", "wecom", "openid")


READERS = (
    "sales_director",
    "system_administrator",
    "security_administrator",
    "audit_administrator",
    "owner",
    "anonymous",
)
"""Together they see every page that there is."""


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

    with made_world(tmp_path_factory.mktemp("access")) as made:
        yield made


def crawl(world: World, people: list[str]) -> Found:
    """Ask on behalf of some people."""
    from django.db import connections

    connections.close_all()
    crawler, found = Crawler(world), Found()
    for who in people:
        words = hidden_words(crawler, who)
        for cell in crawler.cells([who]):
            answer = crawler.ask(cell)
            found.cells += 1
            found.problems += [f"{cell}: {problem}" for problem in problems(crawler, cell, answer, words)]
            note_language(found, cell, answer, [*english_in(answer), *raw_in(answer, "zh")] if answer.is_html else [])
        for cell in crawler.unanswered([who]):
            answer = crawler.ask(cell)
            found.cells += 1
            if answer.acts or answer.status not in {302, 401, 404, 405}:
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
            note_language(
                found, cell, answer, [*chinese_in(answer, data), *raw_in(answer, "en")] if answer.is_html else []
            )
    connections.close_all()
    return found


def note_language(found: Found, cell: Cell, answer: Answer, texts: list[str]) -> None:
    """Keep what was read and what was wrong with it."""
    if not answer.is_html:
        return
    found.html += 1
    if answer.status == 200:
        found.pages.add(cell.row.name)
    if not cell.row.name.startswith(BOTH_LANGUAGES):
        for text in texts:
            found.texts.setdefault(text, str(cell))


def company_data() -> re.Pattern[str]:
    """Return what matches the Chinese words that the company itself entered: they stay as they are in English."""
    from django.db import connection

    values: set[str] = set()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public'"
            " AND data_type IN ('text', 'character varying') AND table_name NOT LIKE 'django_%'"
        )
        for table, column in cursor.fetchall():
            cursor.execute(f'SELECT DISTINCT "{column}" FROM "{table}" WHERE length("{column}") BETWEEN 1 AND 200')
            values.update(value for (value,) in cursor.fetchall() if HAN.search(value))
    return re.compile("|".join(re.escape(value) for value in sorted(values, key=len, reverse=True)))


def in_two_processes(work: Callable[[World, list[str]], Found], world: World, people: Iterable[str]) -> Found:
    """Share people among two processes."""
    from django.db import connections

    connections.close_all()
    with multiprocessing.get_context("fork").Pool(2) as pool:
        return together(pool.starmap(work, [(world, [who]) for who in people], chunksize=1))


def test_everybody_asks_for_everything_in_both_languages(world: World, figure: Callable[[str, str], None]) -> None:
    started = time.monotonic()
    found = in_two_processes(crawl, world, EVERYBODY)
    figure(
        "S2",
        f"{found.cells:,} cells by {len(EVERYBODY)} people in {time.monotonic() - started:.0f} s:"
        f" {len(found.problems)} wrong",
    )
    figure("S13", f"{found.cells:,} answers with every header, {found.html:,} pages without inline code")
    english = in_two_processes(read_in_english, world, READERS)
    figure(
        "E11",
        f"{len(found.pages)} kinds of page in Chinese and {len(english.pages)} in English,"
        f" {found.html + english.html:,} read: {len(found.texts) + len(english.texts)} texts in the other language or raw",
    )
    assert found.problems == []
    assert found.texts == {}, "English or raw on Chinese pages"
    assert english.texts == {}, "Chinese or raw on English pages"
    assert found.pages - english.pages == set(), "pages that nobody read in English"
    assert found.cells >= GOAL


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
