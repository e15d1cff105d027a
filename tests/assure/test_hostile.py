"""What nobody does on purpose, by the hundred: strange values in every address, every act of the table sent twice.

`tests/access/test_hostile.py` shows a part of it at every test run, and how each mechanism works.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from django.urls import reverse
from tests.access.conftest import made_world
from tests.access.crawl import Crawler
from tests.access.table import OWN, SCREEN_TABLE, Row
from tests.access.test_hostile import broken_by, done_once, drawn, screens
from tests.access.world import NEAR, World

REQUESTS = 400


@pytest.fixture(scope="module")
def world(own_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with made_world(tmp_path_factory.mktemp("hostile")) as made:
        yield made


@pytest.fixture(scope="module")
def crawler(world: World) -> Crawler:
    return Crawler(world)


def test_no_value_in_an_address_breaks_a_page(crawler: Crawler) -> None:
    assert broken_by(crawler, drawn(screens(crawler), REQUESTS)) == []


def test_every_act_of_the_table_is_done_once(crawler: Crawler) -> None:
    """Every address that writes and leads on."""
    done, problems = set(), []
    for row in SCREEN_TABLE:
        if not row.post or row.name.startswith(("account", "mfa")):
            continue
        for who, sample in _tries(crawler, row):
            keys = {**row.keys, **(sample.keys if sample else {})}
            body = {name: crawler._resolved(value, NEAR) for name, value in row.body.items()}
            was_done, problem = done_once(crawler.clients[who], reverse(row.name, kwargs=keys or None), body)
            if was_done:
                done.add(row.name)
                problems += [f"{row.name}: {problem}"] if problem else []
                break
    assert problems == []
    assert len(done) >= 45, sorted(done)


def _tries(crawler: Crawler, row: Row) -> Iterator[tuple[str, Any]]:
    """Yield at most two attempts: whoever may, on a near object and on another."""
    right = row.post.removeprefix(OWN)
    able = [who for who, actor in crawler.actors.items() if actor and actor.may(right) and actor.reach(right) is None]
    who = "owner" if row.post.startswith(OWN) else able[0] if able else "sales_director"
    for sample in crawler._samples(row, who)[:2]:
        yield who, sample
