"""One call of each service of this room; see tests/test_acts.py."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

from yaomai.kit.access import system_actor

BOSS = system_actor("test", "an example")
NOW = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)
TODAY = date(2026, 11, 21)
BEGIN = date(2026, 1, 1)
Call = Callable[[], object]


def _call(service: str, /, **values: Any) -> Call:
    from yaomai.listing import services

    return lambda: getattr(services, service)(actor=BOSS, now=NOW, **values)


def hospital() -> Any:
    from yaomai.customers.services import institution_create

    return institution_create(actor=BOSS, now=NOW, name="江城市第一人民医院")


def person(name: str = "王芳") -> Any:
    from yaomai.customers.services import professional_create

    return professional_create(actor=BOSS, now=NOW, name=name)


def product() -> Any:
    from yaomai.catalog.services import product_create

    return product_create(actor=BOSS, now=NOW, name="安衡平", generic_name="安氯平片")


def _committee() -> Any:
    return _call("committee_create", institution=hospital(), source="公示")()


def _seat(committee: Any) -> Call:
    return _call(
        "seat_start", committee=committee.pk, professional=person(), role="chair", valid_from=BEGIN, source="公示"
    )


def _holder() -> Call:
    return _call(
        "holder_start", institution=hospital(), professional=person(), stage="pharmacy", valid_from=BEGIN, source="拜访"
    )


def _process() -> Any:
    return _call("process_create", institution=hospital(), product=product(), opened_on=BEGIN)()


def _end_seat() -> Call:
    committee = _committee()
    return _call("seat_end", committee=committee.pk, seat=_seat(committee)().pk, valid_to=TODAY)


EXAMPLES: dict[str, Callable[[], Call]] = {
    "listing.committee:create": lambda: _call("committee_create", institution=hospital(), source="公示"),
    "listing.committee:update": lambda: _call("committee_update", pk=_committee().pk, changes={"rhythm": "monthly"}),
    "listing.committee:archive": lambda: _call("committee_archive", pk=_committee().pk),
    "listing.committee:seat": lambda: _seat(_committee()),
    "listing.committee:seat_end": _end_seat,
    "listing.committee:holder": _holder,
    "listing.committee:holder_end": lambda: _call("holder_end", pk=_holder()().pk, valid_to=TODAY),
    "listing.process:create": lambda: _call(
        "process_create", institution=hospital(), product=product(), opened_on=BEGIN
    ),
    "listing.process:update": lambda: _call("process_update", pk=_process().pk, changes={"blocker": "缺资料"}),
    "listing.process:move": lambda: _call("process_move", pk=_process().pk, stage="department", on=TODAY),
    "listing.process:close": lambda: _call("process_close", pk=_process().pk, outcome="listed", on=TODAY),
    "listing.process:archive": lambda: _call("process_archive", pk=_process().pk),
    "listing.process:stance": lambda: _call(
        "stance_record",
        process=_process().pk,
        professional=person(),
        value="supports",
        source="拜访",
        recorded_on=TODAY,
    ),
}
