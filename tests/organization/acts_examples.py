"""One call of each service of this room; see tests/test_acts.py."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

from yaomai.kit.access import Actor, acting, system_actor

BOSS = system_actor("test", "an example")
NOW = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)
TODAY = date(2026, 11, 21)
LATER = TODAY + timedelta(days=30)
Call = Callable[[], object]


def _call(service: str, /, **values: Any) -> Call:
    from yaomai.organization import services

    return lambda: getattr(services, service)(actor=BOSS, now=NOW, **values)


def _door(service: str, /, actor: Actor = BOSS, **values: Any) -> Call:
    from yaomai.organization.services import sessions

    return lambda: getattr(sessions, service)(actor=actor, **values)


def _territory() -> Any:
    return _call("territory_create", code="C", name="安衡", level="company", valid_from=date(2025, 1, 1))()


def _position() -> Any:
    from yaomai.organization.models import Role

    _call("role_sync")()
    role = Role.unscoped.get(code="finance")
    return _call(
        "position_create", code="P", title="财务", role=role, territory=_territory(), valid_from=date(2025, 1, 1)
    )()


def _person() -> Any:
    return _call("person_create", username="wangfang", name="王芳")()


def _holding() -> Any:
    return _call("holding_start", position_id=_position().pk, person_id=_person().pk, valid_from=date(2026, 1, 1))()


def _filing() -> Any:
    return _call("filing_create", person=_person(), number="B1", product_scope="心血管", valid_from=date(2026, 1, 1))()


def _change() -> Any:
    return _call("territory_plan_change", territory_id=_territory().pk, effective_on=LATER, name="安衡药业")()


def _own(person: Any) -> Actor:
    return Actor(person_id=person.pk, label=person.name)


def _token(person: Any) -> Call:
    from yaomai.organization.services import token_create

    return lambda: token_create(actor=_own(person), now=NOW, name="数据仓库", expires_on=LATER)


def token_revoke() -> Call:
    from yaomai.organization import services

    person = _person()
    made: Any = _token(person)()
    return lambda: services.token_revoke(actor=_own(person), pk=made.token.pk, now=NOW)


def role_edit() -> Call:
    from yaomai.organization.models import Role

    _call("role_sync")()
    role = Role.unscoped.get(code="finance")
    return _call("role_edit_rights", pk=role.pk, rights=role.rights[:1])


def position_create() -> Call:
    from yaomai.organization.models import Role

    _call("role_sync")()
    role = Role.unscoped.get(code="finance")
    territory = _territory()
    return _call("position_create", code="P", title="财务", role=role, territory=territory, valid_from=date(2025, 1, 1))


def apply_change() -> Call:
    from yaomai.organization import services

    change = _change()
    return lambda: services.territory_apply_change(actor=BOSS, pk=change.pk, now=NOW + timedelta(days=30))


def _emergency() -> Call:
    """Return the call that gives emergency power, before the eyes of another administrator."""
    from yaomai.organization.models import Role
    from yaomai.organization.services import holding_start, person_create, position_create

    _call("role_sync")()
    roles = {role.code: role for role in Role.unscoped.filter(code__endswith="_administrator")}
    common: dict[str, Any] = {"actor": BOSS, "now": NOW}
    seat = position_create(
        **common,
        code="A",
        title="审计管理员",
        role=roles["audit_administrator"],
        territory=_territory(),
        valid_from=TODAY,
    )
    auditor = person_create(**common, username="lina", name="李娜")
    holding_start(**common, position_id=seat.pk, person_id=auditor.pk, valid_from=TODAY)
    return _call(
        "emergency_give", person=_person(), role=roles["system_administrator"], hours=2, reason="系统管理员突发疾病"
    )


def expire() -> Call:
    from yaomai.organization import services

    given: Any = _emergency()()
    return lambda: services.emergency_expire(actor=BOSS, pk=given.pk, now=NOW + timedelta(hours=2))


def end_emergency() -> Call:
    given: Any = _emergency()()
    return _call("emergency_end", pk=given.pk)


def reactivate() -> Call:
    person = _person()
    _call("person_deactivate", pk=person.pk)()
    return _call("person_reactivate", pk=person.pk)


def password_change() -> Call:
    person = _person()
    return _door("password_change", _own(person), person=person, password="a-long-secret-9", now=NOW)


def _lost_factor() -> Call:
    from allauth.mfa.models import Authenticator

    from yaomai.organization.models import Role
    from yaomai.organization.services import holding_start, person_create, position_create, role_sync, territory_create

    common: dict[str, Any] = {"actor": BOSS, "now": NOW}
    role_sync(**common)
    top = territory_create(**common, code="CN9", name="安衡", level="company", valid_from=TODAY)
    seat = position_create(
        **common, code="AQ9", title="安全", role=Role.unscoped.get(code="security_administrator"), territory=top,
        valid_from=TODAY,
    )  # fmt: skip
    decider = person_create(**common, username="anquan", name="安全")
    holding_start(**common, position_id=seat.pk, person_id=decider.pk, valid_from=TODAY)
    person = _person()
    with acting(BOSS):
        Authenticator.objects.create(user=person, type="totp", data={})
    return _call("factors_ask_removal", pk=person.pk, reason="手机丢失", identity="当面核对工牌")


EXAMPLES: dict[str, Callable[[], Call]] = {
    "organization.person:ask_factors": _lost_factor,
    "organization.person:create": lambda: _call("person_create", username="wangfang", name="王芳"),
    "organization.person:edit": lambda: _call("person_update", pk=_person().pk, changes={"name": "王芳芳"}),
    "organization.person:archive": lambda: _call("person_deactivate", pk=_person().pk),
    "organization.person:reactivate": reactivate,
    "organization.person:set_password": lambda: _call("person_set_temporary_password", pk=_person().pk),
    "organization.territory:create": lambda: _call(
        "territory_create", code="C", name="安衡", level="company", valid_from=TODAY
    ),
    "organization.territory:edit": lambda: _call("territory_update", pk=_territory().pk, changes={"code": "AH"}),
    "organization.territory:plan_change": lambda: _call(
        "territory_plan_change", territory_id=_territory().pk, effective_on=LATER, name="安衡药业"
    ),
    "organization.territory:withdraw_change": lambda: _call("territory_withdraw_change", pk=_change().pk),
    "organization.territory:apply_change": apply_change,
    "organization.position:create": position_create,
    "organization.position:edit": lambda: _call("position_update", pk=_position().pk, changes={"title": "财务经理"}),
    "organization.position:close": lambda: _call("position_close", pk=_position().pk),
    "organization.holding:start": lambda: _call(
        "holding_start", position_id=_position().pk, person_id=_person().pk, valid_from=TODAY
    ),
    "organization.holding:end": lambda: _call("holding_end", pk=_holding().pk, valid_to=LATER),
    "organization.role:edit": role_edit,
    "organization.role:sync": lambda: _call("role_sync"),
    "organization.emergency:create": _emergency,
    "organization.emergency:end": end_emergency,
    "organization.emergency:expire": expire,
    "organization.filing:create": lambda: _call(
        "filing_create", person=_person(), number="B1", product_scope="心血管", valid_from=TODAY
    ),
    "organization.filing:edit": lambda: _call("filing_update", pk=_filing().pk, changes={"note": "变更"}),
    "organization.filing:stop": lambda: _call("filing_stop", pk=_filing().pk, valid_to=LATER),
    "organization.session:start": lambda: _door("session_start", methods=["password"], address="10.0.0.1"),
    "organization.session:end": lambda: _door("session_end"),
    "organization.session:fail": lambda: _door("session_fail", person=_person(), method="password", address="10.0.0.1"),
    "organization.session:lock": lambda: _door("session_lock", person=_person(), address="10.0.0.1"),
    "organization.session:end_all": lambda: _door("session_end_all", pk=_person().pk, now=NOW),
    "organization.token:create": lambda: _token(_person()),
    "organization.token:revoke": token_revoke,
    "organization.password:change": password_change,
    "organization.factor:add": lambda: _door("factor_add", kind="totp"),
    "organization.factor:remove": lambda: _door("factor_remove", kind="totp"),
    "organization.identity:connect": lambda: _door("identity_connect", person=_person(), provider="企业微信"),
}
