"""Taking in sales flow: once, wholly, replacing what it corrects."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db.models import Q

from yaomai.commerce.models import FlowBatch, SalesLine, SourceName
from yaomai.commerce.services import batch_roll_back
from yaomai.commerce.services.intake import AlreadyTakenIn, NotActive
from yaomai.kit.audit.models import Entry
from yaomai.kit.errors import Invalid

from .conftest import NOW, Market

Rows = list[tuple[str, str, str, str, str]]
FIRST: Rows = [
    ("江城市第一人民医院", "安衡平", "5mg×28片", "100", "3680.00"),
    ("江城市第二人民医院", "安衡平", "5mg×28片", "40", "1472.00"),
    ("江城市第一人民医院", "瑞安替尼", "50mg*30粒", "-2", "-5360.00"),
]


def active() -> list[tuple[str, Decimal]]:
    rows = SalesLine.unscoped.filter(is_active=True).order_by("amount")
    return [(row.institution.name if row.institution else "", row.amount) for row in rows.select_related("institution")]


def test_certain_names_and_products_are_accepted(
    market: Market, lines_of: Callable[..., Any], take_in: Callable[..., Any]
) -> None:
    batch = take_in(lines_of(FIRST))
    assert (batch.lines, batch.amount, batch.first_day) == (3, Decimal("-208.00"), date(2026, 10, 8))
    assert active() == [
        ("江城市第一人民医院", Decimal("-5360.00")),
        ("江城市第二人民医院", Decimal("1472.00")),
        ("江城市第一人民医院", Decimal("3680.00")),
    ]
    assert set(SalesLine.unscoped.values_list("product_id", flat=True)) == {market.tablets.pk, market.capsules.pk}


def test_the_same_lines_in_another_order_add_nothing(lines_of: Callable[..., Any], take_in: Callable[..., Any]) -> None:
    take_in(lines_of(FIRST))
    before = active()
    with pytest.raises(AlreadyTakenIn, match="10月流向"):
        take_in(lines_of(FIRST[::-1]), name="另一个名字.csv")
    assert active() == before
    assert FlowBatch.unscoped.count() == 1


def test_a_corrected_file_replaces_its_batch(lines_of: Callable[..., Any], take_in: Callable[..., Any]) -> None:
    wrong = take_in(lines_of(FIRST))
    corrected = [*FIRST[:2], ("江城市第一人民医院", "瑞安替尼", "50mg*30粒", "-1", "-2680.00")]
    right = take_in(lines_of(corrected), name="10月流向（更正）.xlsx")
    wrong.refresh_from_db()
    assert (wrong.state, wrong.replaced_by) == (FlowBatch.State.REPLACED, right)
    assert [amount for _name, amount in active()] == [Decimal("-2680.00"), Decimal("1472.00"), Decimal("3680.00")]


def test_a_file_of_the_same_days_with_other_lines_stands_beside(
    lines_of: Callable[..., Any], take_in: Callable[..., Any]
) -> None:
    first = take_in(lines_of(FIRST))
    take_in(lines_of([("临海市第一人民医院", "安衡平", "5mg×28片", "7", "257.60")], place="临海市"), name="仓库二.xlsx")
    first.refresh_from_db()
    assert first.state == FlowBatch.State.ACTIVE
    assert len(active()) == 4


def test_rolling_back_restores_what_was_replaced(
    market: Market, lines_of: Callable[..., Any], take_in: Callable[..., Any]
) -> None:
    wrong = take_in(lines_of(FIRST))
    before = active()
    right = take_in(lines_of([*FIRST[:2], ("江城市第二人民医院", "瑞安替尼", "50mg*30粒", "1", "2680.00")]))
    batch_roll_back(actor=market.actor, pk=right.pk, reason="发错了", now=NOW)
    wrong.refresh_from_db()
    assert wrong.state == FlowBatch.State.ACTIVE
    assert active() == before
    with pytest.raises(NotActive):
        batch_roll_back(actor=market.actor, pk=right.pk, reason="再来一次", now=NOW)


def at_stake() -> dict[str, tuple[Decimal, int]]:
    return {name: (amount, count) for name, amount, count in SourceName.unscoped.values_list("name", "amount", "lines")}


def test_what_is_at_stake_on_names_follows_files_that_come_and_go(
    market: Market, lines_of: Callable[..., Any], take_in: Callable[..., Any]
) -> None:
    take_in(lines_of(FIRST))
    before = at_stake()
    assert before["江城市第一人民医院"] == (Decimal("9040.00"), 2)
    right = take_in(lines_of([*FIRST[:2], ("江城市第二人民医院", "瑞安替尼", "50mg*30粒", "1", "2680.00")]))
    for name in SourceName.unscoped.all():
        counted = SalesLine.unscoped.filter(Q(buyer=name) | Q(item=name), is_active=True).values_list(
            "amount", flat=True
        )
        assert at_stake()[name.name] == (sum(map(abs, counted)), len(counted))
    batch_roll_back(actor=market.actor, pk=right.pk, reason="发错了", now=NOW)
    assert at_stake() == before


def test_rolling_back_wants_a_reason_and_leaves_an_entry(
    market: Market, lines_of: Callable[..., Any], take_in: Callable[..., Any]
) -> None:
    batch = take_in(lines_of(FIRST))
    entries = Entry.unscoped.count()
    with pytest.raises(Invalid) as error:
        batch_roll_back(actor=market.actor, pk=batch.pk, reason="  ", now=NOW)
    assert list(error.value.fields) == ["reason"]
    assert len(active()) == 3
    batch_roll_back(actor=market.actor, pk=batch.pk, reason="发错了", now=NOW)
    assert active() == []
    assert Entry.unscoped.filter(code="commerce.flowbatch:roll_back").count() == 1
    assert Entry.unscoped.count() == entries + 1


@pytest.mark.parametrize("day", [date(2026, 11, 22), date(2015, 12, 31)])
def test_implausible_days_are_refused_and_nothing_is_written(
    day: date, lines_of: Callable[..., Any], take_in: Callable[..., Any]
) -> None:
    with pytest.raises(Invalid, match=day.isoformat()):
        take_in(lines_of(FIRST, day=day))
    assert not FlowBatch.unscoped.exists()
    assert not SourceName.unscoped.exists()


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("江城市第三人民医院", "江城市"),
        ("第一人民医院", "临江市"),
        ("江城市第一人民医院分院", "江城市"),
        ("江城大学附属第一人民医院", "江城市"),
    ],
)
def test_other_ordinals_places_and_affiliations_wait_for_a_person(
    name: str, place: str, lines_of: Callable[..., Any], take_in: Callable[..., Any]
) -> None:
    take_in(lines_of([(name, "安衡平", "5mg×28片", "1", "36.80")], place=place))
    source = SourceName.unscoped.get(kind="institution")
    assert (source.decision, source.institution_id) == (SourceName.Decision.REVIEW, None)
    assert source.amount == Decimal("36.80")


def test_another_specification_is_never_accepted(
    market: Market, lines_of: Callable[..., Any], take_in: Callable[..., Any]
) -> None:
    take_in(lines_of([("江城市第一人民医院", "安衡平", "10mg×28片", "1", "50.00")]))
    item = SourceName.unscoped.get(kind="product")
    assert (item.decision, item.product_id) == (SourceName.Decision.REVIEW, None)
    assert [candidate["id"] for candidate in item.candidates][:1] == [market.tablets.pk]
