"""The boards that roles start with: something for everybody, nothing about sales for the filed (X2)."""

from datetime import date

import pytest

from yaomai.insights.boards import BOARDS, BoardPolicy
from yaomai.kit.access import Actor, Grant, acting
from yaomai.kit.access.rights import every_right
from yaomai.kit.dashboards import registry, selectors
from yaomai.organization import wall
from yaomai.organization.roles import ROLES

COMMERCIAL = {"commerce.sales", "commerce.buyers"}


def somebody(role: str, *, is_filed: bool = False) -> Actor:
    definition = next(each for each in ROLES if each.code == role)
    rights = frozenset(definition.rights(every_right()))
    return Actor(1, role, (Grant(rights - wall.commercial(rights) if is_filed else rights, role=role),))


@pytest.mark.parametrize("role", [role.code for role in ROLES])
def test_every_role_has_a_board_of_cards_that_it_may_see(role: str) -> None:
    cards = selectors.starting_cards(somebody(role))
    assert [card.key for card in cards] == list(BOARDS[role]), "each card of the board is in view of the role"
    assert 1 <= len(cards) <= 12


@pytest.mark.parametrize("role", [role.code for role in ROLES])
def test_whoever_is_filed_sees_no_sales_anywhere(role: str) -> None:
    filed = somebody(role, is_filed=True)
    shown = {card.key for card in [*selectors.starting_cards(filed), *selectors.visible_cards(filed)]}
    assert not shown & COMMERCIAL
    for card in registry.cards().values():
        if wall.commercial([card.right]):
            assert card.key not in shown
    if role == "representative":
        assert {"planning.compliance", "engagement.valid", "engagement.visits"} <= shown


def test_cards_about_purchases_stand_behind_the_wall() -> None:
    read = {key for key, card in registry.cards().items() if card.sources & {"commerce.purchases", "commerce.buyers"}}
    assert read == COMMERCIAL
    assert all(wall.commercial([registry.cards()[key].right]) for key in read)


def test_goals_name_shares_that_exist() -> None:
    shares = {key for key, card in registry.cards().items() if card.unit == "percent"}
    assert {row.card for row in BoardPolicy().goals} <= shares


@pytest.mark.django_db
def test_the_budget_of_tiers_is_a_goal_only_where_tiers_are_in_reach() -> None:
    from datetime import UTC, datetime

    from yaomai.kit.dashboards import periods
    from yaomai.segmentation.cards import _budgets

    period = periods.PERIODS["quarter"]
    today = date(2026, 11, 21)
    wide = Grant(frozenset({"compliance.transfer:view"}))
    narrow = Grant(frozenset({"segmentation.tier:view"}), frozenset({7}))
    actor = Actor(None, "two seats", (wide, narrow))
    asked = registry.Asked(
        actor, today, datetime(2026, 11, 21, tzinfo=UTC), period, periods.window(period, today), None, (0,)
    )
    with acting(actor):
        assert _budgets(asked, frozenset({"compliance.spend"})) == {}
