"""A small world: two regions, one with a district below it, and people with and without reach."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import pytest

NOW = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)
TODAY = date(2026, 11, 21)
SHANGHAI_NIGHT = datetime(2026, 11, 20, 17, 0, tzinfo=UTC)
"""Already 21 November where the site is."""


@dataclass
class World:
    """Territories east (with district below) and west; actors for each reach."""

    east: Any
    district: Any
    west: Any
    system: Any
    manager: Any
    """Company-wide, every right of the room."""
    east_manager: Any
    west_manager: Any
    reader: Any
    """Sees the east, may change nothing."""


def every_right() -> frozenset[str]:
    from yaomai.kit.access import rights

    return frozenset(
        right
        for right in rights.every_right()
        if right.startswith(("customers.", "catalog.", "organization.territory"))
    )


@pytest.fixture
def world(db: None) -> World:
    from yaomai.kit.access import Actor, Grant, system_actor
    from yaomai.organization.models import Territory

    def territory(code: str, level: str, parent: Any = None) -> Any:
        row = Territory.unscoped.create(
            code=code, name=code, level=level, parent=parent, path="", valid_from=date(2020, 1, 1)
        )
        row.path = f"{parent.path if parent else '/'}{row.pk}/"
        row.save(update_fields=["path"])
        return row

    east, west = territory("east", "region"), territory("west", "region")
    district = territory("district", "district", east)
    views = frozenset(right for right in every_right() if right.endswith(":view"))
    return World(
        east=east,
        district=district,
        west=west,
        system=system_actor("test", "set up"),
        manager=Actor(None, "manager", (Grant(every_right()),)),
        east_manager=Actor(None, "east", (Grant(every_right(), frozenset({east.pk, district.pk})),)),
        west_manager=Actor(None, "west", (Grant(every_right(), frozenset({west.pk})),)),
        reader=Actor(None, "reader", (Grant(views, frozenset({east.pk, district.pk})),)),
    )


@pytest.fixture
def institution(world: World) -> Callable[..., Any]:
    """Make an institution: institution("name", territory=world.east)."""
    from yaomai.customers.services import institution_create

    def make(name: str, **fields: Any) -> Any:
        return institution_create(actor=world.system, now=fields.pop("now", NOW), name=name, **fields)

    return make


@pytest.fixture
def professional(world: World) -> Callable[..., Any]:
    """Make a professional: professional("王芳", institution=hospital)."""
    from yaomai.customers.services import professional_create

    def make(name: str, **fields: Any) -> Any:
        return professional_create(actor=world.system, now=fields.pop("now", NOW), name=name, **fields)

    return make


@pytest.fixture
def browse(world: World, client: Any) -> Callable[..., Any]:
    """Sign somebody in who holds rights in a territory: browse(world.east, rights)."""
    from yaomai.organization.models import Holding, Person, Position, Role

    def sign_in(territory: Any, rights: frozenset[str] | None = None) -> Any:
        role = Role.unscoped.create(
            code=f"r{Role.unscoped.count()}", name="角色", name_en="role", reach="territory",
            rights=sorted(every_right() if rights is None else rights),
        )  # fmt: skip
        position = Position.unscoped.create(
            code=role.code, title="岗位", role=role, territory=territory, valid_from=date(2020, 1, 1)
        )
        person = Person.unscoped.create(username=role.code, name="赵敏")
        Holding.unscoped.create(person=person, position=position, valid_from=date(2020, 1, 1))
        client.force_login(person, backend="yaomai.organization.sign_in.Backend")
        return client

    return sign_in
