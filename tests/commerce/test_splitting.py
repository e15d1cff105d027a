"""Sales follow a part that became an institution of its own: from the day, in files to come too."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from yaomai.commerce.models import FormerMeaning, SalesLine, SourceName
from yaomai.commerce.services import name_confirm, name_reopen
from yaomai.commerce.splitting import names_of
from yaomai.customers.models import Institution
from yaomai.customers.services import institution_split, institution_unsplit
from yaomai.kit.access import acting

from .conftest import NOW, Market

EARLY, DAY, LATE = date(2026, 9, 20), date(2026, 10, 1), date(2026, 10, 8)
ROWS = [("江城市第一人民医院", "安衡平", "5mg×28片", "100", "3680.00")]


def told() -> list[tuple[date, str]]:
    rows = SalesLine.unscoped.filter(is_active=True).select_related("institution").order_by("sold_on", "pk")
    return [(row.sold_on, row.institution.name if row.institution else "") for row in rows]


@pytest.fixture
def split(market: Market, lines_of: Callable[..., Any], take_in: Callable[..., Any]) -> Any:
    take_in(lines_of(ROWS, day=EARLY), name="9月.xlsx")
    take_in(lines_of(ROWS, day=LATE), name="10月.xlsx")
    with acting(market.actor):
        keys = [key for key, _label in names_of(market.first)]
        return institution_split(
            actor=market.actor, pk=market.first.pk, name="江城市东湖医院", day=DAY, now=NOW, follow={"names": keys}
        )


def test_lines_follow_from_the_day_and_so_do_those_of_files_to_come(
    split: Any, lines_of: Callable[..., Any], take_in: Callable[..., Any]
) -> None:
    assert split.followed["names"] == 1
    assert told() == [(EARLY, "江城市第一人民医院"), (LATE, "江城市东湖医院")]
    more = [("江城市第一人民医院", "安衡平", "5mg×28片", "7", "257.60")]
    take_in(lines_of(more, day=date(2026, 9, 2)), name="8月补.xlsx")
    take_in(lines_of(more, day=DAY), name="10月补.xlsx")
    assert told() == [
        (date(2026, 9, 2), "江城市第一人民医院"),
        (EARLY, "江城市第一人民医院"),
        (DAY, "江城市东湖医院"),
        (LATE, "江城市东湖医院"),
    ]


def test_undoing_brings_the_lines_back(split: Any, market: Market) -> None:
    with acting(market.actor):
        institution_unsplit(actor=market.actor, pk=split.pk, now=NOW)
    assert {name for _day, name in told()} == {"江城市第一人民医院"}
    assert SourceName.unscoped.get(kind="institution").institution == market.first


def test_a_later_decision_on_the_name_holds_for_all_its_lines(split: Any, market: Market) -> None:
    name = SourceName.unscoped.get(kind="institution")
    with acting(market.actor):
        name_reopen(actor=market.actor, pk=name.pk, now=NOW)
        name_confirm(actor=market.actor, pk=name.pk, target_id=market.second.pk, now=NOW)
    assert {told_name for _day, told_name in told()} == {"江城市第二人民医院"}
    assert not FormerMeaning.unscoped.exists()
    assert Institution.unscoped.filter(pk=split.offspring_id).exists()
