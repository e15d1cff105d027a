"""Addresses with values that nobody types by accident: an answer that says what is wrong, never a fault of ours (S4)."""

import random
from urllib.parse import urlencode

import pytest

from .crawl import Cell, Crawler
from .hostile import PARAMETERS, VALUES
from .world import World

REQUESTS = 400
SURE = (
    ("commerce:review_first", "name", "²"),
    ("commerce:review_first", "passed", "1,²,٣," + "9" * 40),
    ("customers:institution_list", "cursor", next(value for value in VALUES if value.startswith("W1tbW1tb"))),
    ("catalog:indication_list", "cursor", "WzAsICJhXHUwMDAwYiIsIDFd"),
    ("transfer:import_list", "before", "²"),
)
"""What once broke."""


@pytest.fixture(scope="module")
def crawler(world: World) -> Crawler:
    return Crawler(world, ["sales_director"])


@pytest.fixture(scope="module")
def cells(crawler: Crawler) -> list[Cell]:
    return [cell for cell in crawler.cells(["sales_director"], verbs=["get"], queries=0) if not cell.is_api]


def test_no_value_in_an_address_breaks_a_page(crawler: Crawler, cells: list[Cell]) -> None:
    chosen = random.Random(20261121)
    asked = [
        (cell, parameter, value)
        for cell, parameter, value in zip(
            chosen.choices(cells, k=REQUESTS),
            chosen.choices(PARAMETERS, k=REQUESTS),
            chosen.choices(VALUES, k=REQUESTS),
            strict=True,
        )
    ]
    asked += [(cell, *rest) for name, *rest in SURE for cell in cells if cell.row.name == name]
    broken = []
    for cell, parameter, value in asked:
        query = f"?{urlencode({parameter: value})}"
        answer = crawler.ask(Cell(cell.who, cell.row, "get", cell.sample, is_api=False, query=query))
        if answer.status >= 500 or "X-Evil" in answer.response.headers or b"<svg onload" in answer.body:
            broken.append((answer.status, cell.row.name, parameter, value[:60]))
    assert broken == []
