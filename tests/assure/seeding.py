"""Give an empty installation one person who may create customers: python seeding.py USERNAME PASSWORD."""

import os
import sys

import django


def main(username: str, password: str) -> None:
    """Create the company, its roles, one position and the person who holds it."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "yaomai.server.settings"
    django.setup()
    from django.contrib.auth.hashers import make_password
    from django.utils import timezone

    from yaomai.kit.access import acting, system_actor
    from yaomai.organization.models import Person, Role, Territory
    from yaomai.organization.services import (
        holding_start,
        person_create,
        position_create,
        role_sync,
        territory_create,
    )

    now = timezone.now()
    today = timezone.localdate()
    actor = system_actor("assurance", "seeds an empty installation")
    with acting(actor):
        role_sync(actor=actor, now=now)
        company = territory_create(
            actor=actor, now=now, code="CN", name="全国", level=Territory.Level.COMPANY, valid_from=today
        )
        person = person_create(actor=actor, now=now, username=username, name="可靠性")
        Person.unscoped.filter(pk=person.pk).update(password=make_password(password))
        position = position_create(
            actor=actor,
            now=now,
            code="A1",
            title="大区总监",
            role=Role.unscoped.get(code="regional_director"),
            territory=company,
            valid_from=today,
        )
        holding_start(actor=actor, now=now, position_id=position.pk, person_id=person.pk, valid_from=today)


if __name__ == "__main__":
    main(*sys.argv[1:])
