"""A representative who may visit, a hospital that consented, doctors who work there."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from tests.engagement.acts_examples import BOSS

from yaomai.kit.access import Actor, acting, rights
from yaomai.organization.models import Holding, Person, Position, Role, Territory
from yaomai.organization.selectors import actor_for

NOW = datetime(2026, 11, 18, 2, 0, tzinfo=UTC)
"""A Wednesday, ten in the morning."""
TODAY = date(2026, 11, 18)
SINCE = date(2026, 1, 1)
DO: dict[str, Any] = {"actor": BOSS, "now": NOW}
WORK = ("engagement.", "safety.", "customers.", "materials.use:", "materials.material:view", "catalog.")


def territory(code: str = "E") -> Any:
    found = Territory.unscoped.filter(code=code).first()
    if found is None:
        found = Territory.unscoped.create(code=code, name=code, level="area", path="", valid_from=SINCE)
        found.path = f"/{found.pk}/"
        found.save(update_fields=["path"])
    return found


def person(
    name: str, *, is_filed: bool = True, plans: bool = False, leaving: tuple[str, ...] = ("review", "assess", "archive")
) -> Person:
    """Return somebody who sits in the territory; verbs of `leaving` are not theirs."""
    from yaomai.organization.services import filing_create

    granted = [
        right for right in sorted(rights.every_right())
        if right.startswith((*WORK, *(("planning.",) if plans else ()))) and not (right.startswith(("engagement.", "safety.")) and right.endswith(leaving))
    ]  # fmt: skip
    role = Role.unscoped.create(code=f"r-{name}", name=name, name_en=name, reach="territory", rights=granted)
    seat = Position.unscoped.create(code=f"p-{name}", title="代表", role=role, territory=territory(), valid_from=SINCE)
    made = Person.unscoped.create(username=name, name=name)
    Holding.unscoped.create(person=made, position=seat, valid_from=SINCE)
    if is_filed:
        filing_create(**DO, person=made, number=f"备{made.pk}", product_scope="心血管", valid_from=SINCE)
    return made


def actor(who: Person) -> Actor:
    return actor_for(Person.unscoped.get(pk=who.pk), on=TODAY)


def hospital(name: str = "江城市第一人民医院", *, consents: bool = True) -> Any:
    from yaomai.compliance.services import consent_create
    from yaomai.customers.services import institution_create

    made = institution_create(**DO, name=name, territory=territory())
    if consents:
        consent_create(**DO, institution=made, document=f"{name}同意函", valid_from=SINCE)
    return made


def doctor(name: str, place: Any, **fields: Any) -> Any:
    from yaomai.customers.services import professional_create

    return professional_create(**DO, name=name, institution=place, **fields)


def product(name: str = "心血管安衡平", code: str = "AH1") -> Any:
    from yaomai.catalog.services import product_create

    return product_create(**DO, name=name, generic_name=name, code=code, is_own=True, indications=[], departments=[])


def material() -> Any:
    from yaomai.materials.models import MaterialVersion
    from yaomai.materials.services import material_create, version_draft

    made = material_create(**DO, code="M1", title="彩页", kind="medical")
    version = version_draft(
        **DO, material=made.pk, content="研究", limitations="样本小", adverse_reactions="头晕", sponsorship="安衡药业资助",
        valid_until=date(2027, 6, 1),
    )  # fmt: skip
    MaterialVersion.unscoped.filter(pk=version.pk).update(state="approved")
    return MaterialVersion.unscoped.get(pk=version.pk)


def report(who: Person, place: Any, people: list[Any], **said: Any) -> Any:
    """Report a visit an hour ago, of half an hour."""
    from yaomai.engagement.services import visit_report

    now = said.pop("now", NOW)
    started = said.pop("started_at", now - timedelta(hours=1))
    values: dict[str, Any] = {
        "started_at": started, "ended_at": started + timedelta(minutes=30), "content_type": "problem",
        "content": f"讨论{started:%m%d%H%M}老年高血压合并肾病的用药选择，{people[0].name}希望看到肾功能数据",
    }  # fmt: skip
    acting_as = actor(who)
    with acting(acting_as):
        return visit_report(actor=acting_as, now=now, institution=place, contacts=people, **values | said)
