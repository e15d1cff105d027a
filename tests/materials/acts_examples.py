"""One call of each service of this room; see tests/test_acts.py."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

from yaomai.kit.access import system_actor

BOSS = system_actor("test", "an example")
NOW = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)
TODAY = date(2026, 11, 21)
Call = Callable[[], object]


def _call(service: str, /, **values: Any) -> Call:
    from yaomai.materials import services

    return lambda: getattr(services, service)(actor=BOSS, now=NOW, **values)


def _material() -> Any:
    return _call("material_create", code="M1", title="彩页", kind="medical")()


def _draft() -> Call:
    return _call("version_draft", material=_material().pk, content="研究", limitations="样本小", adverse_reactions="头晕",
                 sponsorship="安衡药业资助", valid_until=TODAY + timedelta(days=100))  # fmt: skip


def _seated() -> None:
    """Seat those who pre-approve."""
    from yaomai.organization.models import Role
    from yaomai.organization.services import holding_start, person_create, position_create, role_sync, territory_create

    common: dict[str, Any] = {"actor": BOSS, "now": NOW}
    role_sync(**common)
    top = territory_create(**common, code="CN", name="安衡", level="company", valid_from=date(2026, 1, 1))
    for number, code in enumerate(("medical_manager", "compliance_officer")):
        seat = position_create(**common, code=f"S{number}", title=code, role=Role.unscoped.get(code=code), territory=top,
                               valid_from=date(2026, 1, 1))  # fmt: skip
        person = person_create(**common, username=code, name=code)
        holding_start(**common, person_id=person.pk, position_id=seat.pk, valid_from=date(2026, 1, 1))


def _submit() -> Call:
    _seated()
    return _call("version_submit", pk=_draft()().pk)  # type: ignore[attr-defined]


def _use() -> Call:
    from yaomai.customers.services import institution_create
    from yaomai.materials.models import MaterialVersion

    version: Any = _draft()()
    MaterialVersion.unscoped.filter(pk=version.pk).update(state="approved")
    hospital = institution_create(actor=BOSS, now=NOW, name="江城市第一人民医院")
    return _call("material_use", used=version, institution=hospital, on=TODAY)


EXAMPLES: dict[str, Callable[[], Call]] = {
    "materials.material:create": lambda: _call("material_create", code="M1", title="彩页"),
    "materials.material:edit": lambda: _call("material_update", pk=_material().pk, changes={"title": "新彩页"}),
    "materials.material:archive": lambda: _call("material_archive", pk=_material().pk),
    "materials.version:draft": _draft,
    "materials.version:submit": _submit,
    "materials.version:withdraw": lambda: _call("version_withdraw", pk=_draft()().pk, reason="更正"),  # type: ignore[attr-defined]
    "materials.use:create": _use,
}
