"""What the list of institutions says about purchases, and who counts as silent."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.http import QueryDict

from yaomai.commerce import panels
from yaomai.customers import portrait
from yaomai.customers.models import Institution
from yaomai.customers.services import professional_create
from yaomai.kit.access import Actor, Grant, acting
from yaomai.kit.documents import plain
from yaomai.kit.surfaces import surface_of
from yaomai.kit.surfaces.columns import cells
from yaomai.kit.surfaces.lists import listing

from .conftest import NOW, TODAY, Market

SEES = frozenset({"customers.institution:view", "commerce.salesline:view"})
REP = Actor(1, "代表", (Grant(SEES - {"commerce.salesline:view"}),))
MANAGER = Actor(2, "经理", (Grant(SEES),))
FIRST, SECOND = "江城市第一人民医院", "江城市第二人民医院"


@pytest.fixture(autouse=True)
def now() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def bought(market: Market, lines_of: Callable[..., Any], take_in: Callable[..., Any]) -> Market:
    """The first hospital buys still, the second stopped in July, the third never bought."""
    for day, buyer, amount in (
        (date(2025, 2, 10), FIRST, "1000.00"),
        (date(2026, 3, 10), FIRST, "400.00"),
        (date(2026, 11, 2), FIRST, "200.00"),
        (date(2026, 7, 1), SECOND, "90.00"),
    ):
        take_in(lines_of([(buyer, "安衡平", "5mg×28片", "10", amount)], day=day))
    return market


def names(actor: Actor, query: str) -> list[str]:
    with acting(actor):
        asked = listing(surface_of(Institution), actor, QueryDict(query))
        return sorted(str(row) for row in asked.rows())


def test_a_page_shows_twelve_months_and_the_last_purchase(bought: Market) -> None:
    with acting(MANAGER):
        columns = [
            column
            for column in surface_of(Institution).all_columns(MANAGER)
            if column.name in {"purchases_12m", "last_purchase"}
        ]
        assert cells([bought.first, bought.second, bought.elsewhere], columns) == [
            [Decimal("600.00"), date(2026, 11, 2)],
            [Decimal("90.00"), date(2026, 7, 1)],
            [None, None],
        ]


def test_columns_of_rooms_above_stand_where_they_ask_to(market: Market) -> None:
    shown = [column.name for column in surface_of(Institution).all_columns(MANAGER)]
    assert shown[shown.index("grade") :][:3] == ["grade", "purchases_12m", "last_purchase"]


def test_silent_are_those_who_bought_once_and_stopped(bought: Market) -> None:
    assert names(MANAGER, "silent=90") == [SECOND]
    assert names(MANAGER, "silent=180") == []
    # Several choices ask for the least silence among them.
    assert names(MANAGER, "silent=180&silent=60") == [SECOND]


def test_who_sees_no_sales_sees_neither_column_nor_filter_nor_view(bought: Market) -> None:
    surface = surface_of(Institution)
    assert {"purchases_12m", "last_purchase"}.isdisjoint(column.name for column in surface.all_columns(REP))
    assert "silent" not in [item.name for item in surface.all_filters(REP)]
    with acting(REP):
        assert [view.query for view in surface.all_views(REP)] == []
    with acting(MANAGER):
        assert [view.query for view in surface.all_views(MANAGER)] == ["silent=90"]


def test_a_fall_and_a_silence_are_said_with_their_reasons(bought: Market) -> None:
    with acting(MANAGER):
        fallen = list(panels.signals(bought.first, MANAGER, TODAY))
        silent = list(panels.signals(bought.second, MANAGER, TODAY))
    assert [(signal.text, signal.tone) for signal in fallen] == [("采购额下降 40%", "warn")]
    assert "¥600" in fallen[0].reason
    assert "¥1,000" in fallen[0].reason
    assert [signal.text for signal in silent] == ["已 143 天未进货"]
    with acting(REP):
        assert list(panels.signals(bought.first, REP, TODAY)) == []


def test_the_portrait_of_an_institution_and_of_its_people_says_what_the_institution_buys(bought: Market) -> None:
    with acting(bought.actor):
        doctor = professional_create(actor=bought.actor, now=NOW, name="王芳", institution=bought.first)

    def texts(actor: Actor) -> list[str]:
        with acting(actor):
            made = [
                portrait.portrait_of("institution", bought.first, actor, now=NOW),
                portrait.portrait_of("professional", doctor, actor, now=NOW),
                portrait.portrait_of("institution", bought.elsewhere, actor, now=NOW),
            ]
        return [str(plain.blocks(each.blocks)) for each in made]

    at, of_doctor, elsewhere = texts(MANAGER)
    for text in (at, of_doctor):
        assert all(word in text for word in ("¥600", "¥1,000", "安衡平", "2026-11-02"))
    assert "最近进货" not in elsewhere
    assert not any("¥" in text or "安衡平" in text for text in texts(REP))
