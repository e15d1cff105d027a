"""Give an empty installation teams in the field: python field_seeding.py TEAMS PEOPLE PASSWORD; prints ids as JSON."""

import json
import os
import sys
from datetime import UTC, date, datetime
from typing import Any

import django

SINCE = date(2020, 1, 1)
DOCTORS = 3


def main(teams: int, people: int, password: str) -> None:
    """Create teams of representatives, each with a territory, a hospital that consented, and one that did not."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "yaomai.server.settings"
    django.setup()
    from django.contrib.auth.hashers import make_password

    from yaomai.catalog.services import product_create
    from yaomai.kit.access import acting, system_actor
    from yaomai.organization.models import Role
    from yaomai.organization.services import role_sync

    now, actor = datetime.now(UTC), system_actor("assurance", "seeds teams in the field")
    sealed = make_password(password)
    with acting(actor):
        role_sync(actor=actor, now=now)
        role = Role.unscoped.get(code="representative")
        made = [_team(number, people, role=role, password=sealed, actor=actor, now=now) for number in range(teams)]
        product = product_create(
            actor=actor, now=now, name="心血管安衡平", generic_name="安衡平", code="AH1", is_own=True, indications=[],
            departments=[],
        )  # fmt: skip
    print(json.dumps({"teams": made, "product": product.pk}))


def _team(number: int, people: int, *, role: Any, password: str, actor: Any, now: datetime) -> dict[str, Any]:
    from yaomai.compliance.services import consent_create
    from yaomai.customers.models import Institution, Professional
    from yaomai.organization.models import Filing, Holding, Person, Position, Territory

    area = Territory.unscoped.create(code=f"F{number}", name=f"第{number}片区", level="area", path="", valid_from=SINCE)
    Territory.unscoped.filter(pk=area.pk).update(path=f"/{area.pk}/")
    names = [f"field{number}-{each}" for each in range(people)]
    seats = Position.unscoped.bulk_create(
        Position(code=name, title="代表", role=role, territory=area, valid_from=SINCE) for name in names
    )
    persons = Person.unscoped.bulk_create(Person(username=name, name=name, password=password) for name in names)
    Holding.unscoped.bulk_create(
        Holding(person=person, position=seat, valid_from=SINCE) for person, seat in zip(persons, seats, strict=True)
    )
    Filing.unscoped.bulk_create(
        Filing(person=person, number=f"备{person.username}", product_scope="心血管", valid_from=SINCE)
        for person in persons
    )
    common = {"created_at": now, "updated_at": now, "territory": area}
    places = []
    for kind in ("医院", "未同意的医院"):
        place = Institution.unscoped.create(name=f"第{number}{kind}", **common)
        doctors = Professional.unscoped.bulk_create(
            Professional(name=f"医生{number}-{each}", institution=place, **common) for each in range(DOCTORS)
        )
        places.append({"institution": place.pk, "doctors": [each.pk for each in doctors]})
    open_place = Institution.unscoped.get(pk=places[0]["institution"])
    consent_create(actor=actor, now=now, institution=open_place, document="同意函", valid_from=SINCE)
    return {
        "people": [[person.pk, person.username] for person in persons], "place": places[0], "closed": places[1],
    }  # fmt: skip


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3])
