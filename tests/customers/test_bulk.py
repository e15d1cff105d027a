"""Changing all rows that match a list's filters: those in reach, as many as were shown, in the background when many."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from yaomai.customers.models import Institution
from yaomai.kit.audit.models import Entry
from yaomai.kit.jobs.models import Job
from yaomai.kit.surfaces import bulk

from .conftest import World

pytestmark = pytest.mark.django_db
Make = Callable[..., Any]
EDIT = "action=edit"


@pytest.fixture
def east(world: World) -> Client:
    """Return the browser of somebody who sees every institution and may change those of the east."""
    from yaomai.organization.models import Holding, Person, Position, Role

    person = Person.unscoped.create(username="east", name="东经理")
    for code, verbs, territory in (("looks", ("view",), world.west), ("edits", ("view", "edit"), world.east)):
        rights = [f"customers.institution:{verb}" for verb in verbs]
        role = Role.unscoped.create(code=code, name=code, name_en=code, rights=rights)
        position = Position.unscoped.create(
            code=code, title=code, role=role, territory=territory, valid_from=date(2020, 1, 1)
        )
        Holding.unscoped.create(person=person, position=position, valid_from=date(2020, 1, 1))
    client = Client()
    client.force_login(person, backend="yaomai.organization.sign_in.Backend")
    return client


def change(client: Client, expected: str, query: str = "", **values: str) -> Any:
    address = f"{reverse('customers:institution_bulk')}?{EDIT}&{query}"
    data = {"all": "on", "expected": expected, "confirmed": "1", "field": "address", "address": "新址"} | values
    return client.post(address, data)


def moved() -> set[str]:
    return set(Institution.unscoped.filter(address="新址").values_list("name", flat=True))


def test_all_that_match_and_lie_in_reach_are_changed_at_once(world: World, institution: Make, east: Client) -> None:
    for name, kind, territory in (
        ("东一院", "hospital", world.east), ("东二院", "hospital", world.district), ("东药店", "pharmacy", world.east),
        ("西医院", "hospital", world.west),
    ):  # fmt: skip
        institution(name, kind=kind, territory=territory)
    asked = east.post(
        f"{reverse('customers:institution_bulk')}?{EDIT}&kind=hospital", {"all": "on", "field": "address"}
    )
    page = asked.content.decode()
    assert 'name="expected" value="2"' in page and "东一院、东二院" in page and "西医院" not in page
    assert change(east, "2", "kind=hospital").status_code == 302
    assert moved() == {"东一院", "东二院"}
    assert Entry.unscoped.filter(code="surfaces.list:bulk").count() == 1


def test_what_is_confirmed_is_what_was_shown(world: World, institution: Make, east: Client) -> None:
    institution("东一院", territory=world.east)
    institution("东二院", territory=world.east)
    again = change(east, "1")
    assert again.status_code == 200 and 'name="expected" value="2"' in again.content.decode()
    assert moved() == set()


def test_many_are_changed_by_a_job_all_or_nothing(
    world: World, institution: Make, east: Client, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    from yaomai.kit.jobs import running

    settings.JOBS_IMMEDIATE = True  # its progress is written where the test sees it
    monkeypatch.setattr(bulk, "MOST_AT_ONCE", 2)
    monkeypatch.setattr(bulk, "CHUNK", 2)
    for number in range(5):
        institution(f"东{number}院", territory=world.east)
    answer = change(east, "5")
    job = Job.unscoped.get(name="surfaces.change_rows")
    assert answer.url == reverse("jobs:job_detail", args=[job.pk])
    running.run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.done, job.total) == ("done", 5, 5)
    assert len(moved()) == 5
    # The rights are asked for again when the job runs: what left the reach meanwhile stops all of it.
    change(east, "5", address="旧址")
    job = Job.unscoped.order_by("-pk")[0]
    Institution.unscoped.filter(name="东3院").update(territory=world.west)
    running.run(job.pk)
    job.refresh_from_db()
    assert job.state == "failed"
    assert len(moved()) == 5
