"""Deciding what a written name means settles its lines, past and future."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from yaomai.commerce import selectors
from yaomai.commerce.models import SalesLine, SourceName
from yaomai.commerce.services import name_confirm, name_reopen, name_skip, names_rematch
from yaomai.commerce.services.review import DecidedMeanwhile
from yaomai.kit.access import Actor, acting
from yaomai.kit.errors import Missing

from .conftest import NOW, Market

UNKNOWN = [("江城三院", "安衡平", "5mg×28片", "10", "368.00")]


def waiting() -> SourceName:
    return SourceName.unscoped.get(kind="institution", decision="review")


def test_confirming_moves_the_lines_and_is_remembered(
    market: Market, lines_of: Callable[..., Any], take_in: Callable[..., Any]
) -> None:
    take_in(lines_of(UNKNOWN))
    name_confirm(actor=market.actor, pk=waiting().pk, target_id=market.second.pk, now=NOW)
    take_in(lines_of([("江城三院", "安衡平", "5mg×28片", "3", "110.40")], day=date(2026, 11, 3)))
    assert set(SalesLine.unscoped.values_list("institution_id", flat=True)) == {market.second.pk}
    assert not SourceName.unscoped.filter(kind="institution", decision="review").exists()


def test_two_people_cannot_decide_twice(
    market: Market, lines_of: Callable[..., Any], take_in: Callable[..., Any]
) -> None:
    take_in(lines_of(UNKNOWN))
    name = waiting()
    name_skip(actor=market.actor, pk=name.pk, now=NOW)
    with pytest.raises(DecidedMeanwhile):
        name_confirm(actor=market.actor, pk=name.pk, target_id=market.first.pk, now=NOW)
    assert set(SalesLine.unscoped.values_list("institution_id", flat=True)) == {None}


def test_reopening_takes_the_lines_back(
    market: Market, lines_of: Callable[..., Any], take_in: Callable[..., Any]
) -> None:
    take_in(lines_of(UNKNOWN))
    name = waiting()
    name_confirm(actor=market.actor, pk=name.pk, target_id=market.first.pk, now=NOW)
    name_reopen(actor=market.actor, pk=name.pk, now=NOW)
    assert set(SalesLine.unscoped.values_list("institution_id", flat=True)) == {None}
    assert waiting().pk == name.pk


def test_matching_anew_finds_an_institution_added_later(
    market: Market, lines_of: Callable[..., Any], take_in: Callable[..., Any]
) -> None:
    from yaomai.customers.services import institution_create

    take_in(lines_of([("江城市中心医院", "安衡平", "5mg×28片", "10", "368.00")]))
    assert waiting().institution_id is None
    added = institution_create(
        actor=market.actor, now=NOW, name="江城市中心医院", division=market.first.division, grade="3A"
    )
    with acting(market.actor):
        assert names_rematch(actor=market.actor, now=NOW) == 1
    assert set(SalesLine.unscoped.values_list("institution_id", flat=True)) == {added.pk}


def test_the_queue_asks_for_the_most_money_first(
    market: Market, lines_of: Callable[..., Any], take_in: Callable[..., Any]
) -> None:
    take_in(lines_of([*UNKNOWN, ("海边诊所", "安衡平", "5mg×28片", "100", "3680.00")]))
    with acting(market.actor):
        asked = selectors.question("institution")
        assert asked is not None
        assert (asked.name.name, asked.name.amount) == ("海边诊所", Decimal("3680.00"))
        later = selectors.question("institution", after=[asked.name.pk])
        assert later is not None
        assert later.name.name == "江城三院"
        assert selectors.waiting("institution").names == 2


def test_without_the_right_nothing_is_decided(
    market: Market, lines_of: Callable[..., Any], take_in: Callable[..., Any]
) -> None:
    take_in(lines_of(UNKNOWN))
    name = waiting()
    with pytest.raises(Missing):
        name_confirm(actor=Actor(None, "nobody"), pk=name.pk, target_id=market.first.pk, now=NOW)
    assert waiting().pk == name.pk


BARE = [("第一人民医院", "安衡平", "5mg×28片", "10", "368.00")]


def bare(distributor: Any) -> SourceName:
    return SourceName.unscoped.get(name="第一人民医院", distributor=distributor)


def test_a_name_without_place_is_looked_for_where_the_distributor_is(
    market: Market, lines_of: Callable[..., Any], take_in: Callable[..., Any]
) -> None:
    take_in(lines_of(BARE, place=""))
    take_in(lines_of(BARE, place=""), distributor=market.coastal)
    for distributor, nearest in ((market.distributor, market.first), (market.coastal, market.elsewhere)):
        name = bare(distributor)
        assert (name.decision, name.candidates[0]["id"]) == (SourceName.Decision.REVIEW, nearest.pk)


def test_a_name_without_place_is_decided_for_its_distributor_alone(
    market: Market, lines_of: Callable[..., Any], take_in: Callable[..., Any]
) -> None:
    take_in(lines_of(BARE, place=""))
    name_confirm(actor=market.actor, pk=bare(market.distributor).pk, target_id=market.first.pk, now=NOW)
    take_in(lines_of(BARE, place=""), distributor=market.coastal)
    assert bare(market.coastal).institution_id is None
    take_in(lines_of(BARE, place="", day=date(2026, 11, 3)))
    bought = SalesLine.unscoped.order_by("pk").values_list("institution_id", flat=True)
    assert list(bought) == [market.first.pk, None, market.first.pk]


@pytest.mark.parametrize(("name", "place"), [("江城三院", ""), ("第三人民医院", "江城市")])
def test_a_name_with_place_is_decided_once_for_all(
    market: Market, lines_of: Callable[..., Any], take_in: Callable[..., Any], name: str, place: str
) -> None:
    rows = [(name, *UNKNOWN[0][1:])]
    take_in(lines_of(rows, place=place))
    name_confirm(actor=market.actor, pk=waiting().pk, target_id=market.second.pk, now=NOW)
    take_in(lines_of(rows, place=place), distributor=market.coastal)
    assert set(SalesLine.unscoped.values_list("institution_id", flat=True)) == {market.second.pk}


def test_matching_anew_keeps_names_of_distributors_apart(
    market: Market, lines_of: Callable[..., Any], take_in: Callable[..., Any]
) -> None:
    take_in(lines_of(BARE, place=""))
    take_in(lines_of(BARE, place=""), distributor=market.coastal)
    SourceName.unscoped.filter(kind="institution").update(candidates=[])
    with acting(market.actor):
        assert names_rematch(actor=market.actor, now=NOW) == 0
    assert bare(market.distributor).candidates[0]["id"] == market.first.pk
    assert bare(market.coastal).candidates[0]["id"] == market.elsewhere.pk


def test_whoever_publishes_is_told_what_of_the_money_is_nobodys(
    market: Market, lines_of: Callable[..., Any], take_in: Callable[..., Any]
) -> None:
    assert selectors.unassigned() == selectors.Waiting(0, Decimal(0), Decimal(0))
    take_in(lines_of(UNKNOWN))
    take_in(lines_of([("海边诊所", "安衡平", "5mg×28片", "10", "368.00")], day=date(2026, 11, 3)))
    clinic = SourceName.unscoped.get(name="海边诊所")
    name_confirm(actor=market.actor, pk=clinic.pk, target_id=market.second.pk, now=NOW)
    left = selectors.unassigned()
    assert (left, left.share) == (selectors.Waiting(1, Decimal("368.00"), Decimal("736.00")), 0.5)


def test_a_year_is_that_of_the_tiers_to_the_day(
    market: Market, lines_of: Callable[..., Any], take_in: Callable[..., Any]
) -> None:
    for day, amount in ((date(2025, 11, 21), "1.00"), (date(2025, 11, 22), "2.00"), (date(2026, 11, 3), "4.00")):
        take_in(lines_of([("江城市第二人民医院", "安衡平", "5mg×28片", "1", amount)], day=day))
    known = SourceName.unscoped.get(kind="institution")
    if known.decision == SourceName.Decision.REVIEW:
        name_confirm(actor=market.actor, pk=known.pk, target_id=market.second.pk, now=NOW)
    with acting(market.actor):
        years = selectors.years_of(market.second.pk, today=date(2026, 11, 21))
    assert years == selectors.Years(Decimal("6.00"), Decimal("1.00"))
    assert years.change == 5
