"""Tiers over REST: who holds which, why, and runs from the wish to the publication."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from yaomai.kit.access import acting
from yaomai.segmentation.services import tiers_compute

from .conftest import TODAY, Market

BASE = "/api/v1/segmentation"


@pytest.fixture
def director(market: Market) -> Client:
    from yaomai.organization.models import Person, Role, Territory
    from yaomai.organization.services import holding_start, person_create, position_create, role_sync

    from .conftest import NOW

    common: dict[str, Any] = {"actor": market.actor, "now": NOW}
    with acting(market.actor):
        role_sync(**common)
        top = Territory.unscoped.create(code="C", name="安衡", level="company", path="", valid_from=TODAY)
        top.path = f"/{top.pk}/"
        top.save(update_fields=["path"])
        seat = position_create(
            **common, code="D", title="销售总监", role=Role.unscoped.get(code="sales_director"), territory=top,
            valid_from=TODAY,
        )  # fmt: skip
        person = person_create(**common, username="director", name="周总")
        holding_start(**common, position_id=seat.pk, person_id=person.pk, valid_from=TODAY)
    client = Client()
    client.force_login(Person.unscoped.get(pk=person.pk), backend="yaomai.organization.sign_in.Backend")
    return client


def post(client: Client, path: str, **body: Any) -> Any:
    return client.post(f"{BASE}{path}", body, content_type="application/json")


def test_from_a_run_to_tiers_with_their_reasons(market: Market, director: Client) -> None:
    run = tiers_compute(actor=market.actor, as_of=TODAY)
    assert director.get(f"{BASE}/tiers/institution/").json()["items"] == []
    before = director.get(f"{BASE}/runs/{run.pk}/institution/four_tiers/", {"tier": "strategic"}).json()
    assert [each["customer"] for each in before["items"]] == [each.pk for each in market.institutions[:2]]
    published = post(director, f"/runs/{run.pk}/publish")
    assert published.status_code == 200
    assert published.json()["is_in_force"]
    later = tiers_compute(actor=market.actor, as_of=TODAY - timedelta(days=1))
    assert post(director, f"/runs/{later.pk}/publish").status_code == 409  # without having seen the one in force
    schemes = {(each["scheme"], each["subject"]): each for each in director.get(f"{BASE}/schemes/").json()}
    spread = {each["tier"]: each["customers"] for each in schemes["four_tiers", "institution"]["tiers"]}
    assert spread == {"strategic": 2, "core": 4, "potential": 6, "ordinary": 9}
    query = {"scheme": "four_tiers", "limit": 5}
    found, cursor = [], ""
    while True:
        page = director.get(f"{BASE}/tiers/institution/", query | ({"cursor": cursor} if cursor else {})).json()
        found += [each["customer"] for each in page["items"]]
        cursor = page["next"]
        if not cursor:
            break
    assert len(found) == len(set(found)) == 21
    now, long_ago = (
        {"scheme": "four_tiers", "on": day.isoformat()} for day in (timezone.localdate(), date(2020, 1, 1))
    )
    assert len(director.get(f"{BASE}/tiers/institution/", now).json()["items"]) == 21
    assert director.get(f"{BASE}/tiers/institution/", long_ago).json()["items"] == []
    first = market.institutions[0]
    why = director.get(f"{BASE}/tiers/institution/{first.pk}/four_tiers/why").json()
    assert "战略" in why["sentence"]
    assert why["policy"]["name"] == "segmentation.four_tiers"
    assert director.get(f"{BASE}/tiers/institution/999999/four_tiers/why").status_code == 404
    assert director.get(f"{BASE}/tiers/institution/{first.pk}/none/why").status_code == 404
    assert director.get(f"{BASE}/tiers/institution/", {"customers": first.pk}).status_code == 422


def test_a_run_is_asked_for_and_followed(market: Market, director: Client) -> None:
    asked = post(director, "/runs/", as_of=TODAY.isoformat())
    assert asked.status_code == 202
    job = director.get(f"/api/v1/jobs/{asked.json()['job_id']}").json()
    assert job["state"] == "queued"
    assert director.get(f"{BASE}/runs/").json() == {"items": [], "next": ""}
