"""Give an empty installation a team in the field: python field_seeding.py PEOPLE HOSPITALS PASSWORD; prints ids as JSON."""

import json
import os
import sys
from datetime import UTC, date, datetime

import django

SINCE = date(2020, 1, 1)
DOCTORS = 3


def main(people: int, hospitals: int, password: str) -> None:
    """Create representatives of one territory with filings, hospitals that consented, and one that did not."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "yaomai.server.settings"
    django.setup()
    from django.contrib.auth.hashers import make_password

    from yaomai.catalog.services import product_create
    from yaomai.compliance.services import consent_create
    from yaomai.customers.models import Institution, Professional
    from yaomai.kit.access import acting, system_actor
    from yaomai.organization.models import Filing, Holding, Person, Position, Role, Territory
    from yaomai.organization.services import role_sync

    now, actor = datetime.now(UTC), system_actor("assurance", "seeds a team in the field")
    sealed = make_password(password)
    with acting(actor):
        role_sync(actor=actor, now=now)
        role = Role.unscoped.get(code="representative")
        area = Territory.unscoped.create(code="F", name="片区", level="area", path="", valid_from=SINCE)
        Territory.unscoped.filter(pk=area.pk).update(path=f"/{area.pk}/")
        persons = []
        for number in range(people):
            seat = Position.unscoped.create(
                code=f"F{number}", title="代表", role=role, territory=area, valid_from=SINCE
            )
            person = Person.unscoped.create(username=f"field{number}", name=f"代表{number}", password=sealed)
            Holding.unscoped.create(person=person, position=seat, valid_from=SINCE)
            Filing.unscoped.create(person=person, number=f"备{number}", product_scope="心血管", valid_from=SINCE)
            persons.append(person.pk)
        places = []
        for number in range(hospitals + 1):
            common = {"created_at": now, "updated_at": now, "territory": area}
            place = Institution.unscoped.create(name=f"第{number}医院", **common)
            if number < hospitals:
                consent_create(actor=actor, now=now, institution=place, document="同意函", valid_from=SINCE)
            doctors = [
                Professional.unscoped.create(name=f"医生{number}-{each}", institution=place, **common).pk
                for each in range(DOCTORS)
            ]
            places.append({"institution": place.pk, "doctors": doctors})
        product = product_create(
            actor=actor, now=now, name="心血管安衡平", generic_name="安衡平", code="AH1", is_own=True, indications=[],
            departments=[],
        )  # fmt: skip
    print(json.dumps({"people": persons, "hospitals": places[:-1], "closed": places[-1], "product": product.pk}))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3])
