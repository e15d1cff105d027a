"""One call of each service of kit; see tests/test_acts.py."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

from yaomai.kit.access import system_actor

BOSS = system_actor("test", "an example")
NOW = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)
TODAY = date(2026, 11, 21)
Call = Callable[[], object]
NAME = "commerce.intake"


def _policy(service: str, /, **values: Any) -> Call:
    from yaomai.kit.policies import services

    return lambda: getattr(services, service)(actor=BOSS, now=NOW, **values)


def _proposal(years: int = 9) -> Call:
    return _policy("version_propose", name=NAME, document={"years_back": years}, reason="试行")


def _published(years: int = 9) -> Any:
    version: Any = _proposal(years)()
    _policy("version_approve", version_id=version.pk)()
    _policy("version_publish", version_id=version.pk, valid_from=TODAY)()
    return version


def publish() -> Call:
    version: Any = _proposal()()
    _policy("version_approve", version_id=version.pk)()
    return _policy("version_publish", version_id=version.pk, valid_from=TODAY)


def roll_back() -> Call:
    first = _published(9)
    _published(8)
    return _policy("version_roll_back", version_id=first.pk, reason="效果不好")


def _decide(name: str, **values: Any) -> Call:
    version: Any = _proposal()()
    return _policy(name, version_id=version.pk, **values)


def _trail(name: str) -> Call:
    from yaomai.kit.audit import services

    return lambda: getattr(services, name)(actor=BOSS)


EXAMPLES: dict[str, Callable[[], Call]] = {
    "policies.version:propose": _proposal,
    "policies.version:approve": lambda: _decide("version_approve"),
    "policies.version:return": lambda: _decide("version_return", reason="请补充依据"),
    "policies.version:publish": publish,
    "policies.version:roll_back": roll_back,
    "audit.entry:verify": lambda: _trail("trail_verify"),
    "audit.entry:export": lambda: _trail("trail_export"),
}
