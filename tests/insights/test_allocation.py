"""Allocation on screen: planted response found in the reader's territories, and plain words where nothing can be told."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from django.test import Client
from django.urls import reverse

from yaomai.insights.allocation import reckoning
from yaomai.kit.access import Actor, Grant, acting, system_actor
from yaomai.kit.audit.models import Entry
from yaomai.kit.dashboards import company, periods
from yaomai.kit.dashboards.models import Refresh, Total
from yaomai.kit.errors import Invalid, Missing
from yaomai.organization.models import Filing, Holding, Person, Position, Role, Territory
from yaomai.organization.selectors import actor_for

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)
TODAY = date(2026, 11, 21)
SINCE = date(2024, 1, 1)
RIGHTS = frozenset({"insights.allocation:view", "insights.allocation:export", "commerce.salesline:view", "commerce.salesline:export",
                    "engagement.visit:view"})  # fmt: skip
WHOLE = Actor(None, "head", (Grant(RIGHTS),))


@pytest.fixture(autouse=True)
def boss() -> Iterator[None]:
    with acting(system_actor("test", "look at allocation")):
        yield


@pytest.fixture
def places() -> list[int]:
    """Return ten districts of two regions."""
    made = []
    top = Territory.unscoped.create(code="C", name="公司", level="company", path="", valid_from=SINCE)
    for region in ("东", "西"):
        above = Territory.unscoped.create(
            code=region, name=region, level="region", parent=top, path="", valid_from=SINCE
        )
        made += [
            Territory.unscoped.create(
                code=f"{region}{number}",
                name=f"{region}区{number}",
                level="district",
                parent=above,
                path="",
                valid_from=SINCE,
            ).pk
            for number in range(5)
        ]
    return made


def plant(places: list[int], *, elasticity: float, months: int = 24) -> None:
    """Write totals as the job keeps them: purchases that answer to valid visits."""
    chance = np.random.default_rng(7)
    shown = periods.months(TODAY)[:-1][-months:]
    rows = []
    for pk in places:
        size, level = chance.lognormal(11, 0.8), chance.lognormal(3, 0.4)
        visits = np.maximum(np.round(level * np.exp(chance.normal(0, 0.5, months + 2))), 0)
        felt = np.convolve(visits, np.ones(3) / 3, mode="valid")
        for at, month in enumerate(shown):
            bought = size * (1 + felt[at]) ** elasticity * np.exp(chance.normal(0, 0.05))
            rows += [
                Total(source="commerce.purchases", month=month, place=pk, amount=Decimal(round(bought)), count=1),
                Total(
                    source="engagement.visits", month=month, place=pk, part="valid", amount=0, count=int(visits[at + 2])
                ),
                Total(source="engagement.visits", month=month, place=pk, part="invalid", amount=0, count=99),
            ]
    Total.objects.bulk_create(rows)
    for source in ("commerce.purchases", "engagement.visits"):
        Refresh.objects.create(source=source, at=NOW, tree=company.tree().mark)


def study(actor: Actor = WHOLE, **told: Any) -> Any:
    return reckoning.study(actor=actor, resource=reckoning.RESOURCES["visits"], now=NOW, **told)


def test_a_planted_response_is_found_and_the_split_keeps_its_limits(places: list[int]) -> None:
    plant(places, elasticity=0.4)
    found = study()
    told = found.response
    assert told.verdict == "told" and told.low <= 0.4 <= told.high
    assert len(found.units) == 10
    assert abs(sum(unit.proposed for unit in found.units) - found.effort) < 1e-6 * found.effort
    assert all(0.7 * unit.effort - 1e-6 <= unit.proposed <= 1.3 * unit.effort + 1e-6 for unit in found.units)
    assert found.split.gain[1] > 0
    assert "10%" in reckoning.verdict_text(found)


def test_nobody_learns_from_territories_out_of_reach(places: list[int]) -> None:
    plant(places, elasticity=0.4)
    near = Actor(None, "near", (Grant(RIGHTS, frozenset(places[:3])),))
    found = study(near)
    assert sorted(unit.place for unit in found.units) == sorted(places[:3])
    assert found.response.verdict == "few_units" and "3" in reckoning.verdict_text(found)
    less = Actor(None, "less", (Grant(RIGHTS - {"engagement.visit:view"}),))
    with pytest.raises(Missing):
        study(less)
    assert reckoning.resources(less) == []
    with pytest.raises(Missing):
        reckoning.resource_named(less, "")
    with pytest.raises(Invalid):
        reckoning.resource_named(WHOLE, "luck")


@pytest.mark.parametrize(("elasticity", "months", "verdict"), [(0.4, 6, "few_months"), (0.0, 24, "uncertain")])
def test_what_cannot_be_told_is_said(places: list[int], elasticity: float, months: int, verdict: str) -> None:
    plant(places, elasticity=elasticity, months=months)
    found = study()
    assert found.response.verdict == verdict and not found.is_told
    assert reckoning.verdict_text(found)
    assert all(unit.proposed is None and unit.marginal is None for unit in found.units)


def test_totals_of_another_tree_teach_nothing(places: list[int]) -> None:
    plant(places, elasticity=0.4)
    Refresh.objects.update(tree="another")
    assert study().response.verdict == "few_months"


@pytest.fixture
def head(places: list[int]) -> tuple[Client, Person]:
    role = Role.unscoped.create(code="head", name="总监", name_en="Head", reach="company", rights=sorted(RIGHTS))
    seat = Position.unscoped.create(
        code="H1", title="总监", role=role, territory=Territory.unscoped.get(code="C"), valid_from=SINCE
    )
    who = Person.unscoped.create(username="head", name="总监")
    Holding.unscoped.create(person=who, position=seat, valid_from=SINCE)
    client = Client()
    client.force_login(who, backend="yaomai.organization.sign_in.Backend")
    return client, who


def test_the_screen_says_the_verdict_first_and_exports(head: tuple[Client, Person], places: list[int]) -> None:
    client, _who = head
    page = client.get(reverse("insights:allocation"))
    assert page.status_code == 200 and "无法判断" in page.content.decode()
    plant(places, elasticity=0.4)
    page = client.get(reverse("insights:allocation"))
    assert page.status_code == 200 and "建议" in page.content.decode()
    assert client.get(f"{reverse('insights:allocation')}?resource=luck").status_code == 422
    assert client.get(f"{reverse('insights:allocation')}?place=99999").status_code == 404
    written = client.get(f"{reverse('insights:allocation_export')}?format=csv")
    assert "东区0" in b"".join(written.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    assert Entry.unscoped.filter(code="surfaces.list:export").count() == 1
    answer = client.get("/api/v1/insights/allocation").json()
    assert answer["verdict"] == "told" and len(answer["territories"]) == 10
    assert client.get("/api/v1/insights/allocation?nothing=1").status_code == 422


def test_a_filed_person_sees_none_of_it(head: tuple[Client, Person], places: list[int]) -> None:
    client, who = head
    Filing.unscoped.create(person=who, number="备2026000001", product_scope="心血管", valid_from=SINCE)
    assert not actor_for(who, on=TODAY).may("insights.allocation:view")
    assert client.get(reverse("insights:allocation")).status_code == 404
