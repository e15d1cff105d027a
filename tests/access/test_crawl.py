"""The part of the crawl that every test run does; `tests/assure/test_access.py` asks as everybody.

A local manager looks at every address, once for each object, and so does a stranger.
"""

from typing import Any

import pytest

from .checks import problems
from .crawl import STRANGERS, Cell, Crawler, hidden_words
from .table import Row
from .world import CANARIES, FAR, NEAR, PINYIN, PRIVATE, World

QUICK = ("area_manager", "anonymous")


@pytest.fixture(scope="module")
def crawler(world: World) -> Crawler:
    return Crawler(world)


@pytest.mark.parametrize("who", QUICK)
def test_everybody_gets_what_the_table_says_and_nothing_else(crawler: Crawler, who: str) -> None:
    words = hidden_words(crawler, who)
    found = []
    for cell in crawler.cells([who], verbs=["get"], queries=0):
        found += [f"{cell}: {problem}" for problem in problems(crawler, cell, crawler.ask(cell), words)]
    assert found == []


def test_the_canaries_are_there_for_those_who_may_see_them(crawler: Crawler) -> None:
    """Without this, an empty answer would pass for a careful one."""
    seen = {
        place: crawler.ask(_get("sales_director", "customers:institution_list", f"?q={word}")).body.decode()
        for place, word in PINYIN.items()
    }
    assert {place for place in CANARIES if CANARIES[place] in seen[place]} == set(CANARIES)
    assert PRIVATE in crawler.ask(_get("owner", "inbox:today")).body.decode()


def test_a_write_that_names_foreign_rows_changes_nothing(crawler: Crawler) -> None:
    far = {kind: found[FAR].keys["pk"] for kind, found in crawler.world.samples.items() if _is_plain(found)}
    near = {kind: found[NEAR].keys["pk"] for kind, found in crawler.world.samples.items() if _is_plain(found)}
    writes: list[tuple[str, str, dict[str, Any]]] = [
        ("post", "customers/institutions/", {"name": "走私", "territory_id": far["territory"]}),
        ("post", "customers/institutions/", {"name": "走私", "parent_id": far["institution"]}),
        ("post", "customers/professionals/", {"name": "走私", "institution_id": far["institution"]}),
        ("post", "customers/departments/", {"name": "走私", "institution_id": far["institution"]}),
        ("patch", f"customers/institutions/{near['institution']}", {"territory_id": far["territory"]}),
        ("patch", f"customers/institutions/{near['institution']}", {"parent_id": far["institution"]}),
        ("patch", f"customers/professionals/{near['professional']}", {"institution_id": far["institution"]}),
    ]
    for verb, path, body in writes:
        cell = Cell("area_manager", Row(path, body=body), verb, None, is_api=True)
        answer = crawler.ask(cell)
        assert (answer.status, answer.acts) == (422, ()), (cell, answer.body)
    screens: list[tuple[str, dict[str, Any], dict[str, Any], set[int]]] = [
        ("customers:merge", {"entity": "institution", "winner": near["institution"], "loser": far["institution"]},
         {}, {404}),
        ("customers:name_remove", {"pk": near["institution"],
                                   "name": crawler.world.samples["name"][FAR].keys["name"]}, {}, {404}),
        ("customers:contact_reveal", {"entity": "professional", "pk": near["professional"],
         "contact": crawler.world.samples["professional_contact"][FAR].keys["contact"]}, {"reason": "看"}, {404}),
        ("customers:workplace_new", {"pk": near["professional"]},
         {"institution": far["institution"], "valid_from": "2026-11-01"}, {422}),
    ]  # fmt: skip
    for name, keys, body, statuses in screens:
        cell = Cell("area_manager", Row(name, keys=keys, body=body), "post", None, is_api=False)
        answer = crawler.ask(cell)
        assert answer.status in statuses and answer.acts == (), (cell, answer.status, answer.acts)


def test_a_bulk_change_leaves_ticked_rows_of_others_alone(crawler: Crawler) -> None:
    samples = crawler.world.samples["institution"]
    body = {
        "selected": [samples[NEAR].keys["pk"], samples[FAR].keys["pk"]],
        "confirmed": "1",
        "field": "address",
        "address": "新址",
    }
    cell = Cell("area_manager", Row("customers:institution_bulk", body=body), "post", None, is_api=False)
    answer = crawler.ask(cell, query="?action=edit")
    assert answer.acts.count("customers.institution:update") == 1


def test_strangers_hold_no_actor(crawler: Crawler) -> None:
    assert [who for who in STRANGERS if crawler.actors[who] is not None] == []


def _get(who: str, name: str, query: str = "") -> Cell:
    return Cell(who, Row(name), "get", None, is_api=False, query=query)


def _is_plain(found: dict[str, Any]) -> bool:
    return FAR in found and set(found[FAR].keys) == {"pk"}
