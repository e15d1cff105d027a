"""Merges, decisions and files of sales flow at the same moment: real connections, real commits."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any

import pytest
from django.db import connections, transaction

from yaomai.commerce.models import SalesLine, SourceName
from yaomai.commerce.services import flow_take_in, name_confirm, name_reopen
from yaomai.commerce.services.intake import plan_intake
from yaomai.customers.services import department_create, institution_create, institution_merge, institution_unmerge
from yaomai.kit.access import acting
from yaomai.segmentation.services import assessment_record

from .conftest import NOW, TODAY, Market, make_market

numbers = count(1)
BLOCKED = 1.5
"""Seconds after which somebody who waits is taken to be waiting for a lock."""


@pytest.fixture(scope="module")
def market(own_database: str) -> Market:
    return make_market()


class Other(threading.Thread):
    """Somebody else at work on a connection of their own."""

    def __init__(self, work: Callable[[], Any]) -> None:
        super().__init__(daemon=True)
        self.work, self.outcome = work, None
        self.start()

    def run(self) -> None:
        try:
            self.outcome = self.work()
        except Exception as error:
            self.outcome = error
        finally:
            connections.close_all()

    def is_waiting(self) -> bool:
        self.join(BLOCKED)
        return self.is_alive()

    def ended(self) -> Any:
        self.join(30)
        assert not self.is_alive()
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return self.outcome


@pytest.fixture
def twins(market: Market) -> tuple[Any, Any, str]:
    """Two institutions that are one, and how distributors write the second."""
    number = next(numbers)
    with acting(market.actor):
        kept = institution_create(actor=market.actor, now=NOW, name=f"江城市{number}区中心医院")
        gone = institution_create(actor=market.actor, now=NOW, name=f"江城市{number}区急救医院")
    return kept, gone, gone.name


def plan(market: Market, lines_of: Any, buyer: str, amount: str = "100.00") -> Any:
    with acting(market.actor):
        table = lines_of([(buyer, "安衡平", "5mg×28片", str(next(numbers)), amount)])
        return plan_intake(actor=market.actor, distributor_id=market.distributor.pk, table=table, today=TODAY)


def take_in(market: Market, planned: Any) -> Any:
    with acting(market.actor):
        return flow_take_in(actor=market.actor, plan=planned, file_name="流向.xlsx", now=NOW)


def merge(market: Market, kept: Any, gone: Any) -> Any:
    return institution_merge(actor=market.actor, winner=kept.pk, loser=gone.pk, now=NOW)


@contextmanager
def uncommitted(work: Callable[[], Any]) -> Iterator[Any]:
    """Do something, and commit it when the block ends."""
    with transaction.atomic():
        yield work()


def owners(buyer: str) -> set[int | None]:
    lines = set(SalesLine.unscoped.filter(buyer__name=buyer).values_list("institution_id", flat=True))
    names = set(SourceName.unscoped.filter(name=buyer).values_list("institution_id", flat=True))
    assert lines == names, "a line means what its name means"
    return lines


def test_a_merge_waits_for_a_file_that_is_being_taken_in(market: Market, lines_of: Any, twins: Any) -> None:
    kept, gone, name = twins
    planned = plan(market, lines_of, name)
    with uncommitted(lambda: take_in(market, planned)):
        other = Other(lambda: merge(market, kept, gone))
        assert other.is_waiting()
    other.ended()
    assert owners(name) == {kept.pk}


def test_a_file_read_before_a_merge_goes_to_the_winner(market: Market, lines_of: Any, twins: Any) -> None:
    kept, gone, name = twins
    planned = plan(market, lines_of, name)
    Other(lambda: merge(market, kept, gone)).ended()
    take_in(market, planned)
    assert owners(name) == {kept.pk}


def test_a_file_waits_for_a_merge_and_goes_to_the_winner(market: Market, lines_of: Any, twins: Any) -> None:
    kept, gone, name = twins
    planned = plan(market, lines_of, name)
    with uncommitted(lambda: merge(market, kept, gone)):
        other = Other(lambda: take_in(market, planned))
        assert other.is_waiting()
    other.ended()
    assert owners(name) == {kept.pk}


def test_undoing_a_merge_at_the_same_moment_loses_no_line(market: Market, lines_of: Any, twins: Any) -> None:
    kept, gone, name = twins
    take_in(market, plan(market, lines_of, name))
    done = merge(market, kept, gone)
    planned = plan(market, lines_of, name)
    with uncommitted(lambda: institution_unmerge(actor=market.actor, pk=done.pk, now=NOW)):
        other = Other(lambda: take_in(market, planned))
        assert other.is_waiting()
    other.ended()
    assert owners(name) == {gone.pk}


def test_a_name_decided_while_its_file_is_taken_in_decides_those_lines_too(
    market: Market, lines_of: Any, twins: Any
) -> None:
    kept, _gone, _name = twins
    buyer = f"江城{next(numbers)}院东门点"
    take_in(market, plan(market, lines_of, buyer))
    name = SourceName.unscoped.get(name=buyer)
    assert name.decision == SourceName.Decision.REVIEW
    planned = plan(market, lines_of, buyer)
    with uncommitted(lambda: take_in(market, planned)):
        other = Other(lambda: name_confirm(actor=market.actor, pk=name.pk, target_id=kept.pk, now=NOW))
        assert other.is_waiting()
    other.ended()
    assert owners(buyer) == {kept.pk}
    planned = plan(market, lines_of, buyer)
    with uncommitted(lambda: name_reopen(actor=market.actor, pk=name.pk, now=NOW)):
        other = Other(lambda: take_in(market, planned))
        assert other.is_waiting()
    other.ended()
    assert owners(buyer) == {None}


def test_a_name_is_not_decided_to_mean_what_is_being_merged_away(market: Market, lines_of: Any, twins: Any) -> None:
    kept, gone, _name = twins
    buyer = f"江城{next(numbers)}院西门点"
    take_in(market, plan(market, lines_of, buyer))
    name = SourceName.unscoped.get(name=buyer)
    with uncommitted(lambda: merge(market, kept, gone)):
        other = Other(lambda: name_confirm(actor=market.actor, pk=name.pk, target_id=gone.pk, now=NOW))
        assert other.is_waiting()
    other.ended()
    assert owners(buyer) == {kept.pk}


def test_what_is_at_stake_is_right_after_two_files_at_once(market: Market, lines_of: Any, twins: Any) -> None:
    """Two distributors mention the same product: neither sum may forget the other's lines."""
    _kept, _gone, name = twins
    first, second = plan(market, lines_of, name, "100.00"), plan(market, lines_of, name, "250.00")
    with acting(market.actor):
        second.distributor = market.coastal
    with uncommitted(lambda: take_in(market, first)):
        other = Other(lambda: take_in(market, second))
        assert other.is_waiting()
    other.ended()
    assert SourceName.unscoped.get(name=name).amount == 350
    total = sum(SalesLine.unscoped.filter(is_active=True).values_list("amount", flat=True))
    assert SourceName.unscoped.get(kind="product", name="安衡平").amount == total


def new_department(market: Market, gone: Any) -> Any:
    return department_create(actor=market.actor, now=NOW, institution=gone, name="心内科")


def new_assessment(market: Market, gone: Any) -> Any:
    said = {"attribute": "future_potential", "value": "60", "source": "访谈", "assessed_on": TODAY}
    return assessment_record(actor=market.actor, now=NOW, subject="institution", customer=gone.pk, **said)


@pytest.mark.parametrize("write", [new_department, new_assessment])
def test_what_is_written_about_a_customer_while_it_is_merged_goes_to_the_winner(
    market: Market, twins: Any, write: Any
) -> None:
    kept, gone, _name = twins
    with uncommitted(lambda: merge(market, kept, gone)):
        other = Other(lambda: write(market, gone))
        assert other.is_waiting()
    assert other.ended().institution_id == kept.pk
