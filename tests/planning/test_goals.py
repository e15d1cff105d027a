"""Goals: parts that always add up, five tests that say what is missing, no sales target for the filed."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yaomai.kit.access import Actor, Grant, acting
from yaomai.kit.errors import Invalid
from yaomai.organization.models import Filing
from yaomai.planning import actuals, rules, services
from yaomai.planning.models import Goal
from yaomai.planning.services.goals import GoalFinal, NotSmart, period_of
from yaomai.planning.services.owners import NotYours

from .acts_examples import BOSS, NOW, TODAY, goal, hospital, person, review, territory, visit

DO = {"actor": BOSS, "now": NOW}


@given(
    whole=st.decimals(min_value=0, max_value=10**9, places=2),
    weights=st.lists(st.decimals(min_value=Decimal("0.1"), max_value=1000, places=1), min_size=1, max_size=54),
)
def test_parts_always_add_up(whole: Decimal, weights: list[Decimal]) -> None:
    parts = rules.shared_out(whole, weights)
    assert sum(parts) == whole and all(part >= 0 for part in parts)
    exact = [whole * weight / sum(weights) for weight in weights]
    assert all(abs(part - share) <= 1 for part, share in zip(parts, exact, strict=True))


@pytest.mark.django_db
def test_a_year_is_broken_down_to_the_week_and_adds_up() -> None:
    year = goal()
    quarters = services.goal_decompose(**DO, pk=year.pk)
    months = services.goal_decompose(**DO, pk=quarters[3].pk)
    weeks = services.goal_decompose(**DO, pk=months[1].pk)
    assert [part.begins_on for part in quarters] == [date(2026, month, 1) for month in (1, 4, 7, 10)]
    assert sum(part.target for part in quarters) == 960 and sum(part.target for part in months) == quarters[3].target
    assert sum(part.target for part in weeks) == months[1].target and len(weeks) in (4, 5)
    assert quarters[0].target < quarters[3].target  # the season of spring festival
    with pytest.raises(Invalid):
        services.goal_decompose(**DO, pk=year.pk)
    with pytest.raises(Invalid):
        services.goal_decompose(**DO, pk=weeks[0].pk)


@pytest.mark.django_db
def test_a_percentage_is_the_same_in_every_part() -> None:
    rate = goal(measure="duties", target=Decimal(90))
    assert {part.target for part in services.goal_decompose(**DO, pk=rate.pk)} == {Decimal(90)}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("fields", "word"),
    [({"title": "多跑"}, "Specific"), ({"target": Decimal(0)}, "Measurable"), ({"basis": ""}, "Achievable"),
     ({"relevance": ""}, "Relevant"), ({"begins_on": date(2025, 1, 1)}, "Time-bound"),
     ({"measure": "duties", "target": Decimal(120)}, "between 0 and 100")],
)  # fmt: skip
def test_a_goal_is_not_final_while_a_test_fails(fields: dict[str, Any], word: str) -> None:
    from django.utils import translation

    made = goal(**fields)
    with translation.override("en"), pytest.raises(NotSmart) as error:
        services.goal_finalize(**DO, pk=made.pk)
    assert word in str(error.value)
    made.refresh_from_db()
    assert made.state == "draft"


@pytest.mark.django_db
def test_a_final_goal_is_opened_with_a_reason() -> None:
    made = goal()
    services.goal_finalize(**DO, pk=made.pk)
    with pytest.raises(GoalFinal):
        services.goal_update(**DO, pk=made.pk, changes={"target": Decimal(1)})
    with pytest.raises(Invalid):
        services.goal_reopen(**DO, pk=made.pk, reason=" ")
    services.goal_reopen(**DO, pk=made.pk, reason="集采后调整")
    assert services.goal_update(**DO, pk=made.pk, changes={"target": Decimal(1)}).target == 1


@pytest.mark.django_db
def test_no_sales_target_for_the_filed_and_none_in_their_sight() -> None:
    mine = person()
    Filing.unscoped.create(person=mine, number="备1", product_scope="x", valid_from=date(2026, 1, 1))
    for measure in ("purchases", "share"):
        with pytest.raises(Invalid) as error:
            goal(measure=measure)
        assert "measure" in error.value.fields
    kept = goal()
    with pytest.raises(Invalid):
        services.goal_update(**DO, pk=kept.pk, changes={"measure": "purchases"})
    goal(owner=person("other", "曹若兰"), measure="purchases")
    rights = {"planning.goal:view"}
    with acting(Actor(mine.pk, "x", (Grant(frozenset(rights)),))):
        assert [row.pk for row in Goal.objects.all()] == [kept.pk]
    with acting(Actor(mine.pk, "x", (Grant(frozenset({*rights, "commerce.salesline:view"})),))):
        assert Goal.objects.count() == 2


@pytest.mark.django_db
def test_parts_lie_within_their_whole_and_are_measured_alike() -> None:
    year = goal()
    for wrong, field in (
        ({"level": "year"}, "parent"), ({"level": "month", "begins_on": date(2027, 3, 1)}, "begins_on"),
        ({"level": "month", "measure": "customers"}, "measure"),
    ):  # fmt: skip
        if "measure" in wrong:
            part = goal(parent=year, **{key: value for key, value in wrong.items() if key != "measure"})
            assert part.measure == year.measure
            continue
        with pytest.raises(Invalid) as error:
            goal(parent=year, **wrong)
        assert field in error.value.fields


@pytest.mark.django_db
def test_whose_goal_it_is() -> None:
    theirs = goal(owner=person("other", "曹若兰"))
    rights = frozenset(f"planning.goal:{verb}" for verb in ("view", "create", "edit"))
    mine = Actor(person().pk, "x", (Grant(rights | {"organization.territory:view"}),))
    with pytest.raises(NotYours):
        services.goal_update(actor=mine, now=NOW, pk=theirs.pk, changes={"target": Decimal(1)})
    own = services.goal_create(
        actor=mine, now=NOW, level="month", begins_on=TODAY, territory=territory(), title="十一月拜访", measure="visits", target=Decimal(80)
    )  # fmt: skip
    assert own.owner == person()  # who does not plan for others has goals of their own


@pytest.mark.django_db
def test_what_was_reached_is_counted_from_valid_reports() -> None:
    place = hospital(territory=territory())
    planned = visit(institution=place)
    year = goal(owner=None)
    with acting(BOSS):
        assert actuals.of([year], today=TODAY) == {year.pk: Decimal(0)}
        services.fulfil(**DO, planned_or_duty=planned, on=TODAY, reference="engagement.visit:1")
        assert actuals.of([year], today=TODAY) == {year.pk: Decimal(1)}
        services.unfulfil(**DO, planned_or_duty=planned, reference="engagement.visit:1")
        assert actuals.of([year], today=TODAY) == {year.pk: Decimal(0)}


@pytest.mark.django_db
def test_the_figures_of_a_review_stay() -> None:
    planned = visit()
    written = review()
    assert (written.figures["planned"], written.figures["done"]) == (1, 0)
    services.fulfil(**DO, planned_or_duty=planned, on=TODAY, reference="engagement.visit:1")
    written.refresh_from_db()
    assert written.figures["done"] == 0
    with pytest.raises(Invalid):
        review()  # once
    with pytest.raises(Invalid):
        services.review_create(**DO, level="month", begins_on=TODAY + timedelta(days=40), lessons="x", next_steps="y", owner=person())  # fmt: skip


@pytest.mark.parametrize(
    ("level", "day", "expected"),
    [("year", date(2026, 5, 5), (date(2026, 1, 1), date(2027, 1, 1))), ("quarter", date(2026, 12, 31), (date(2026, 10, 1), date(2027, 1, 1))),
     ("month", date(2026, 2, 10), (date(2026, 2, 1), date(2026, 3, 1))), ("week", date(2026, 11, 29), (date(2026, 11, 23), date(2026, 11, 30)))],
)  # fmt: skip
def test_periods_are_whole(level: str, day: date, expected: tuple[date, date]) -> None:
    assert period_of(level, day) == expected
