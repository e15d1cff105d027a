"""A company that has just begun: what `yaomai init` makes, and three more people. The examples of the API expect it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import time_machine
from django.test import Client

NOW = datetime(2026, 11, 18, 2, 0, tzinfo=UTC)
STAFF = (("sales_director", "director"), ("commerce_manager", "commerce"), ("compliance_officer", "compliance"))
TOKEN = "0" * 32
"""Of the form: any will do when cookie and header agree."""


@contextmanager
def begun() -> Iterator[None]:
    """Begin the company in the present database; it is 18 November 2026 then."""
    from yaomai.kit.access import acting, system_actor
    from yaomai.organization.models import Person, Role, Territory
    from yaomai.organization.services import holding_start, person_create, position_create
    from yaomai.server.cli.init import found_company

    with time_machine.travel(NOW, tick=True):
        found_company("安衡药业")
        common: dict[str, Any] = {"actor": system_actor("test", "staff"), "now": NOW}
        with acting(common["actor"]):
            for code, username in STAFF:
                role = Role.unscoped.get(code=code)
                seat = position_create(
                    **common, code=code, title=role.name, role=role, territory=Territory.unscoped.get(),
                    valid_from=NOW.date(),
                )  # fmt: skip
                person = person_create(**common, username=username, name=role.name)
                holding_start(**common, position_id=seat.pk, person_id=person.pk, valid_from=NOW.date())
        Person.unscoped.update(must_change_password=False)
        yield


def sign_in(username: str) -> dict[str, str]:
    """Return the cookies of a person who has signed in."""
    from yaomai.organization.models import Person

    client = Client()
    client.force_login(Person.unscoped.get(username=username), backend="yaomai.organization.sign_in.Backend")
    return {"sessionid": client.cookies["sessionid"].value, "csrftoken": TOKEN}
