"""What 今日 says about tiers: leading customers that fell silent, and those that get less than they are owed."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine

from yaomai.kit.access import Actor, Grant, acting
from yaomai.segmentation import today
from yaomai.segmentation.services import assessment_record

from .conftest import NOW, TODAY, Market

RIGHTS = frozenset({"segmentation.tier:view", "customers.institution:view", "commerce.salesline:view"})
LATER = NOW + timedelta(days=70)
"""The last purchases of all are of 5 October: on the 30th of January they are 117 days back."""


def said(provider: Callable[[Actor, datetime], list[Any]], actor: Actor, at: datetime) -> list[tuple[str, Any]]:
    with time_machine.travel(at, tick=False), acting(actor):
        return [(item.title, item.money) for item in provider(actor, at)]


def test_leading_customers_that_fell_silent(market: Market, compute: Callable[..., Any]) -> None:
    compute()
    everybody = Actor(None, "all", (Grant(RIGHTS),))
    west = Actor(None, "west", (Grant(RIGHTS, frozenset({market.west.pk})),))
    without_sales = Actor(None, "rep", (Grant(RIGHTS - {"commerce.salesline:view"}),))
    assert said(today.silent_customers, everybody, NOW) == []
    # The two best of those who bought, for 2,000 and 1,900 in each of ten months.
    assert said(today.silent_customers, everybody, LATER) == [("2 家战略客户已 90 天未进货", 39000)]
    assert said(today.silent_customers, west, LATER) == []
    assert said(today.silent_customers, without_sales, LATER) == []


def test_the_best_tier_with_neglected_customers_is_named(market: Market, compute: Callable[..., Any]) -> None:
    compute()
    everybody = Actor(None, "all", (Grant(RIGHTS),))
    assert said(today.neglected_customers, everybody, NOW) == []
    # Owed are ten contacts to a strategic customer and twenty-six to a core one, seventy percent at least.
    for number, contacts in ((0, 7), (3, 18), (4, 2)):
        assessment_record(
            actor=market.actor, subject="institution", customer=market.institutions[number].pk,
            attribute="contacts_12m", value=contacts, source="拜访记录", assessed_on=TODAY, now=NOW,
        )  # fmt: skip
    assert said(today.neglected_customers, everybody, NOW) == [("2 家核心客户服务不足", None)]


@pytest.mark.parametrize("rights", [frozenset(), frozenset({"customers.institution:view"})])
def test_without_the_right_nothing_is_said(market: Market, compute: Callable[..., Any], rights: frozenset[str]) -> None:
    compute()
    actor = Actor(None, "nobody", (Grant(rights),))
    for provider in (today.runs_to_publish, today.silent_customers, today.neglected_customers):
        assert said(provider, actor, LATER) == []
    with acting(actor):
        assert today.leading_customers(actor, NOW) is None
