"""Target hospitals: placed, saved, assigned, reviewed; who may not see purchases sees no growth (X2)."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from yaomai.customers.models import Institution
from yaomai.customers.services import (
    institution_archive,
    institution_create,
    institution_merge,
    patient_population_create,
)
from yaomai.insights import services
from yaomai.insights.models import MarketFigure, TargetItem, TargetList
from yaomai.insights.targets import analysis, kept, selectors
from yaomai.insights.targets.documents import target_list_document
from yaomai.kit.access import Actor, Grant, acting
from yaomai.kit.documents.pdf import pdf
from yaomai.kit.errors import Invalid, Missing
from yaomai.organization import wall

from .acts_examples import BOSS, NOW, TODAY, city, figure, indication, placed, ready, saved

pytestmark = pytest.mark.django_db
DO = {"actor": BOSS, "now": NOW}


@pytest.fixture(autouse=True)
def own_files(settings: Any, tmp_path: Path) -> None:
    """Give each test a data folder: the mirror stands there."""
    settings.DATA = tmp_path


@pytest.fixture(autouse=True)
def boss() -> Iterator[None]:
    """Let the tests look at everything."""
    with acting(BOSS):
        yield


def looked(actor: Actor = BOSS) -> tuple[analysis.Analysis, list[analysis.Point]]:
    """Compute, and read back what was kept."""
    services.quadrants_compute(actor=actor, focus=analysis.Focus(), as_of=TODAY)
    with acting(actor):
        found = kept.last(analysis.Focus())
        assert found is not None
        return found.analysis, found.points(most=100)[0]


def test_a_hospital_stands_where_market_and_match_put_it() -> None:
    key = ready().pk
    found, (point,) = looked()
    growth = found.growth_of(point)
    assert (growth.rate, growth.basis) == (Decimal("0.2000"), "market")  # 1200 / 1000 - 1
    assert (point.institution, point.match.points, point.quadrant) == (key, 80, "breakthrough")  # 60 + 0 + 20
    assert point.match.patients is None
    assert point.rules == ("large_general",)


def test_patients_and_incidence_count() -> None:
    hospital = ready()
    cancer = indication("非小细胞肺癌", "C34")
    for year, value in ((2024, 50), (2025, 55)):
        figure(division=hospital.division, indication=cancer, kind="incidence", year=year, value=Decimal(value))
    patient_population_create(
        **DO, department=hospital.departments.get(), indication=indication_of(), patients=400, basis="published",
        source="年报", estimated_on=date(2026, 1, 1),
    )  # fmt: skip
    _found, (point,) = looked()
    assert point.match.points == 90  # 60 + 20 × 400 / 800 + 20
    assert point.rules == ("rising_cancer", "large_general")


def indication_of() -> Any:
    from yaomai.catalog.models import Indication

    return Indication.unscoped.get(code="I10")


def test_a_saved_list_keeps_what_was_found_that_day() -> None:
    made = saved()
    item = made.items.get()
    assert (item.growth, item.basis, item.match, item.quadrant) == (Decimal("0.2000"), "market", 80, "breakthrough")
    assert (made.review_on, item.review_on) == (TODAY + timedelta(days=90),) * 2
    assert made.inputs["periods"] == ["2025-11-22", "2026-11-21", "2024-11-22", "2025-11-21"]
    services.market_figure_update(**DO, pk=MarketFigure.unscoped.get(year=2025).pk, changes={"value": Decimal(900)})
    assert looked()[1][0].quadrant == "deepen"
    item.refresh_from_db()
    assert item.quadrant == "breakthrough"


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": " "}, "name"),
        ({"quadrants": ()}, "quadrants"),
        ({"quadrants": ("best",)}, "quadrants"),
        ({"review_on": date(2026, 11, 20)}, "review_on"),
        ({"quadrants": ("watch",)}, ""),
    ],
)
def test_what_cannot_be_saved_leaves_nothing(wrong: dict[str, Any], field: str) -> None:
    placed()
    with pytest.raises(Invalid) as error:
        services.target_list_create(**DO, **{"name": "x", "focus": analysis.Focus(), **wrong})
    assert set(error.value.fields or {}) == ({field} if field else set())
    assert not TargetList.unscoped.exists()


def position() -> Any:
    from yaomai.organization.models import Role, Territory
    from yaomai.organization.services import position_create, role_sync, territory_create

    role_sync(actor=BOSS, now=NOW)
    place = territory_create(**DO, code="T1", name="东区", level=Territory.Level.COMPANY, valid_from=date(2026, 1, 1))
    return position_create(
        **DO, code="P1", title="东区代表", role=Role.unscoped.get(code="representative"), territory=place,
        valid_from=date(2026, 1, 1),
    )  # fmt: skip


def test_assigned_hospitals_wait_in_the_inbox_of_the_position_until_they_are_dropped() -> None:
    made = saved()
    seat = position()
    item = made.items.get()
    assert services.target_items_assign(**DO, pks=[item.pk], position=seat) == 1
    rights = frozenset({"insights.targetitem:view", "insights.targetitem:review", "customers.institution:view"})
    holder = Actor(None, "holder", (Grant(rights, None, seat.pk),))
    with acting(holder):
        assert selectors.due(holder, until=TODAY) == []
        (waiting,) = selectors.due(holder, until=TODAY + timedelta(days=90))
        assert (waiting["count"], waiting["target_list"]) == (1, made.pk)
    services.target_item_review(actor=holder, now=NOW, pk=item.pk, decision="dropped", reason="科室撤并")
    with acting(holder):
        assert selectors.due(holder, until=TODAY + timedelta(days=90)) == []
    with pytest.raises(Invalid) as error:
        services.target_item_review(**DO, pk=item.pk, decision="open", reason="", review_on=TODAY)
    assert set(error.value.fields) == {"decision", "reason", "review_on"}


def test_behind_the_wall_there_is_no_growth_and_no_quadrant() -> None:
    placed()
    rights = {"insights.quadrant:view", "insights.quadrant:run", "insights.targetlist:create", "insights.valuereport:create",
              "insights.targetitem:view", "customers.institution:view", "commerce.salesline:view"}  # fmt: skip
    left = frozenset(rights) - wall.commercial(rights)
    assert left == {"insights.targetitem:view", "customers.institution:view"}
    filed = Actor(None, "filed", (Grant(left),))
    with pytest.raises(Missing):
        services.target_list_create(actor=filed, now=NOW, name="x", focus=analysis.Focus())
    with acting(filed):
        assert analysis.analyse(analysis.gather(analysis.Focus(), as_of=TODAY))[1] == []
        assert kept.last(analysis.Focus()) is None, "what others had computed is not for them"
    with pytest.raises(Missing):
        services.quadrants_compute(actor=filed, focus=analysis.Focus(), as_of=TODAY)
    made = services.target_list_create(**DO, name="x", focus=analysis.Focus())
    with acting(filed):
        told = str(target_list_document(made, actor=filed, now=NOW).blocks)
        assert "0.2000" not in told and "breakthrough" not in told
        assert made.items.get().institution.name in told


def test_the_printed_list_holds_its_numbers() -> None:
    made = saved()
    with acting(BOSS):
        document = target_list_document(made, actor=BOSS, now=NOW)
        assert "Decimal('0.2000')" in str(document.blocks)
        assert pdf(document).startswith(b"%PDF")


def test_of_two_hospitals_that_become_one_the_list_has_one() -> None:
    made = saved()
    item = made.items.get()
    winner = institution_create(**DO, name="江城市新院", division=item.institution.division)
    institution_merge(**DO, winner=winner.pk, loser=item.institution_id)
    assert TargetItem.unscoped.get().institution == winner


def test_as_many_queries_for_many_hospitals_as_for_one() -> None:
    hospital = ready()
    looked()
    institution_create(**DO, name="又一家医院", division=hospital.division)
    with CaptureQueriesContext(connection) as few:
        looked()
    for number in range(6):
        institution_create(**DO, name=f"{number}号医院", division=hospital.division)
    with CaptureQueriesContext(connection) as many:
        assert len(looked()[1]) == 8
    assert len(many) == len(few)


def another() -> Any:
    """Return one more hospital, where the first stands."""
    place = Institution.unscoped.get(name="江城市第一人民医院").division
    return institution_create(**DO, name="又一家医院", division=place)


def test_equal_inputs_are_computed_once_and_what_changed_anew() -> None:
    first = placed()
    assert services.quadrants_compute(actor=BOSS, focus=analysis.Focus(), as_of=TODAY).pk == first.pk
    another()
    second = services.quadrants_compute(actor=BOSS, focus=analysis.Focus(), as_of=TODAY)
    assert (second.pk, second.result) == (first.pk + 1, {"hospitals": 2})
    with acting(BOSS):
        found = kept.last(analysis.Focus())
        assert found is not None and found.run.pk == second.pk
        points, count = found.points(quadrants=("breakthrough",), most=1)
        assert (len(points), count) == (1, 1)
        institution_archive(**DO, pk=points[0].institution)
        assert found.points(quadrants=("breakthrough",), most=1) == ([], 0), "who is gone is neither shown nor counted"


def test_pages_stay_full_when_somebody_has_left_the_view() -> None:
    placed()
    for _number in range(3):
        another()
    services.quadrants_compute(actor=BOSS, focus=analysis.Focus(), as_of=TODAY)
    with acting(BOSS):
        found = kept.last(analysis.Focus())
        assert found is not None
        everybody, count = found.points(most=9)
        assert (len(everybody), count) == (4, 4)
        gone = everybody[1].institution
        institution_archive(**DO, pk=gone)
        left = [point.institution for point in everybody if point.institution != gone]
        assert ([point.institution for point in found.points(most=2)[0]], found.points(most=2)[1]) == (left[:2], 3)
        assert [point.institution for point in found.points(skip=2, most=2)[0]] == left[2:]
        assert sum(found.analysis.counts().values()) == 4, "what was found on the day of the run stays"


def test_nothing_is_saved_that_nobody_had_computed() -> None:
    ready()
    saver = Actor(
        None,
        "saver",
        (Grant(frozenset({"insights.quadrant:view", "insights.targetlist:create", "customers.institution:view"})),),
    )
    with pytest.raises(kept.NotComputed):
        services.target_list_create(actor=saver, now=NOW, name="x", focus=analysis.Focus())
    services.target_list_create(**DO, name="x", focus=analysis.Focus())
    assert TargetItem.unscoped.count() == 1, "whoever may have it computed needs not ask first"


def test_who_sees_a_part_of_the_company_has_a_result_of_their_own() -> None:
    placed()
    seat = position()
    rights = frozenset({"insights.quadrant:view", "insights.quadrant:run", "customers.institution:view"})
    manager = Actor(None, "manager", (Grant(rights, frozenset({seat.territory_id})),))
    with acting(manager):
        assert kept.last(analysis.Focus()) is None
    assert looked(manager)[1] == []
    assert len(looked()[1]) == 1


def test_what_people_looked_at_is_computed_anew_each_month() -> None:
    placed()
    another()
    assert services.quadrants_renew(actor=BOSS, now=timezone.now()) == 1
    with acting(BOSS):
        found = kept.last(analysis.Focus())
        assert found is not None and found.run.result == {"hospitals": 2}


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"year": 2027}, "year"),
        ({"value": Decimal(-1)}, "value"),
        ({"class_name": "降压药"}, ""),
        ({"indication": None}, ""),
        ({"indication": None, "class_name": "降压药", "kind": "incidence"}, ""),
    ],
)
def test_figures_that_cannot_be_are_refused_in_words(wrong: dict[str, Any], field: str) -> None:
    place, disease = city(), indication()
    told = {
        "division": place,
        "indication": disease,
        "kind": "market",
        "year": 2025,
        "value": Decimal(1),
        "source": "年鉴",
    }
    with pytest.raises(Invalid) as error:
        services.market_figure_create(**DO, **{**told, **wrong})
    assert set(error.value.fields) == {field}
    assert not MarketFigure.unscoped.exists()
    services.market_figure_create(**DO, **told)
    with pytest.raises(Invalid):
        services.market_figure_create(**DO, **told)
