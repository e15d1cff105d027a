"""Everybody asks every address on every object (S2, S13, E11): at least 20,000 cells, none of them wrong.

The world, the table and the checks are those of `tests/access`; two processes share the people among them.
"""

import multiprocessing
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from tests.access.checks import english_in, problems
from tests.access.crawl import EVERYBODY, STRANGERS, Crawler, hidden_words
from tests.access.table import VERBS
from tests.access.world import World

pytestmark = pytest.mark.timeout(1200)
GOAL = 20_000
BOTH_LANGUAGES = ("policies:", "ui:guide")
"""A policy shows its document, which holds the words of both languages."""
EXTERNAL = ("dingtalk", "feishu", "wecom", "openid")


@dataclass
class Found:
    """What one process found."""

    cells: int = 0
    problems: list[str] = field(default_factory=list)
    english: dict[str, str] = field(default_factory=dict)


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
            if answer.is_html and not cell.row.name.startswith(BOTH_LANGUAGES):
                for text in english_in(answer):
                    found.english.setdefault(text, str(cell))
        for cell in crawler.unanswered([who]):
            answer = crawler.ask(cell)
            found.cells += 1
            if answer.acts or answer.status not in {302, 401, 404, 405}:
                found.problems.append(f"{cell}: answered {answer.status} by {answer.acts}")
    connections.close_all()
    return found


def test_everybody_asks_for_everything(world: World) -> None:
    from django.db import connections

    connections.close_all()
    started = time.monotonic()
    with multiprocessing.get_context("fork").Pool(2) as pool:
        parts = pool.starmap(crawl, [(world, [who]) for who in EVERYBODY], chunksize=1)
    cells, wrong = sum(part.cells for part in parts), [line for part in parts for line in part.problems]
    english = {text: where for part in parts for text, where in part.english.items()}
    print(
        f"\naccess: {cells} cells by {len(EVERYBODY)} people in {time.monotonic() - started:.0f} s, {len(wrong)} wrong"
    )
    assert wrong == []
    assert english == {}, "English on Chinese pages"
    assert cells >= GOAL


def test_writes_without_the_form_token_are_refused(world: World) -> None:
    """Nothing that changes something is done without the token (cross-site request forgery)."""
    crawler, count = Crawler(world), 0
    for cell in crawler.cells(["sales_director"], verbs=set(VERBS) - {"get"}):
        if cell.row.name.startswith(EXTERNAL):
            continue
        answer = crawler.ask(cell, without_token=True)
        assert (answer.status in {403, 404}, answer.acts) == (True, ()), (str(cell), answer.status)
        count += 1
    print(f"\naccess: {count} writes without the token, all refused; {len(STRANGERS)} kinds of strangers")


def test_the_world_is_as_it_was(world: World, tmp_path: Path) -> None:
    """Whatever was asked, nothing remained."""
    from yaomai.kit.audit.models import Entry

    assert not Entry.unscoped.filter(outcome="refused").exists()
    assert set(Entry.unscoped.filter(code__startswith="customers").values_list("actor_id", flat=True)) == {None}
