"""One call of each service of this room; see tests/test_acts.py."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

from yaomai.kit.access import system_actor

BOSS = system_actor("test", "an example")
NOW = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)
TODAY = date(2026, 11, 21)
Call = Callable[[], object]


def _call(service: str, /, **values: Any) -> Call:
    from yaomai.engagement import services

    return lambda: getattr(services, service)(actor=BOSS, **{"now": NOW} | values)


def hospital(name: str = "江城市第一人民医院", **fields: Any) -> Any:
    from yaomai.customers.services import institution_create

    return institution_create(actor=BOSS, now=NOW, name=name, **fields)


def account(**fields: Any) -> Any:
    return _call("account_create", institution=hospital(), **fields)()


def ready_account() -> Any:
    """Return an account that meets what its first stage asks for by default."""
    from yaomai.customers.models import Institution
    from yaomai.customers.services import professional_create

    made = account()
    for name in ("王芳", "李强", "周敏"):
        professional_create(actor=BOSS, now=NOW, name=name, institution=made.institution)
    Institution.unscoped.filter(pk=made.institution_id).update(completeness=70)
    return made


def _moved() -> Call:
    from yaomai.engagement.models import StageMove

    made = ready_account()
    _call("account_move", pk=made.pk, stage="tiering", reason="科室走访完成")()
    return _call("account_undo_move", pk=made.pk, move=StageMove.unscoped.get(account=made).pk)


EXAMPLES: dict[str, Callable[[], Call]] = {
    "engagement.keyaccount:create": lambda: _call("account_create", institution=hospital()),
    "engagement.keyaccount:gather": lambda: _call("accounts_gather"),
    "engagement.keyaccount:update": lambda: _call("account_update", pk=account().pk, changes={"goal": "新增准入"}),
    "engagement.keyaccount:move": lambda: _call(
        "account_move", pk=ready_account().pk, stage="tiering", reason="科室走访完成"
    ),
    "engagement.keyaccount:undo_move": _moved,
    "engagement.keyaccount:archive": lambda: _call("account_archive", pk=account().pk),
}
