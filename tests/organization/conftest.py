"""A small company: one tree, the shipped roles, and a way to put people into positions."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

import pytest

from yaomai.kit.access import Actor, system_actor
from yaomai.kit.audit.models import Entry

TODAY = date(2026, 11, 21)
NOW = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)


@dataclass
class Company:
    """The tree 安衡 > 华东 > 上海 > 浦东 and 安衡 > 华北, and makers of positions and people."""

    boss: Actor
    territories: dict[str, Any] = field(default_factory=dict)

    def role(self, code: str) -> Any:
        from yaomai.organization.models import Role

        return Role.unscoped.get(code=code)

    def position(self, role: str, territory: str = "安衡", **values: Any) -> Any:
        from yaomai.organization.models import Position
        from yaomai.organization.services import position_create

        number = Position.unscoped.count() + 1
        return position_create(
            **{
                "actor": self.boss,
                "now": NOW,
                "code": f"P{number}",
                "title": f"{role} {number}",
                "role": self.role(role),
                "territory": self.territories[territory],
                "valid_from": date(2026, 1, 1),
            }
            | values
        )

    def person(self, name: str = "王芳", *roles: str, territory: str = "安衡", **values: Any) -> Any:
        from yaomai.organization.models import Person
        from yaomai.organization.services import holding_start, person_create

        username = values.pop("username", f"u{Person.unscoped.count() + 1}")
        person = person_create(actor=self.boss, now=NOW, username=username, name=name, **values)
        for role in roles:
            holding_start(
                actor=self.boss,
                now=NOW,
                position_id=self.position(role, territory).pk,
                person_id=person.pk,
                valid_from=date(2026, 1, 1),
            )
        return person

    def actor(self, person: Any, on: date = TODAY) -> Actor:
        from yaomai.organization.selectors import actor_for

        return actor_for(person, on=on)


@pytest.fixture
def company(db: None) -> Company:
    """Return the company with its tree and roles."""
    from yaomai.organization.models import Territory
    from yaomai.organization.services import role_sync, territory_create

    boss = system_actor("test", "prepare a company")
    role_sync(actor=boss, now=NOW)
    made = Company(boss)
    level = Territory.Level
    for code, name, kind, above in (
        ("C", "安衡", level.COMPANY, None),
        ("E", "华东", level.REGION, "安衡"),
        ("N", "华北", level.REGION, "安衡"),
        ("E1", "上海", level.AREA, "华东"),
        ("E11", "浦东", level.DISTRICT, "上海"),
    ):
        made.territories[name] = territory_create(
            actor=boss,
            now=NOW,
            code=code,
            name=name,
            level=kind,
            parent=made.territories.get(above) if above else None,
            valid_from=date(2025, 1, 1),
        )
    return made


@pytest.fixture
def entries(db: None) -> Callable[..., int]:
    """Return a counter of trail entries."""
    return lambda **wanted: Entry.unscoped.filter(**wanted).count()
