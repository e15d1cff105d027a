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
    from yaomai.catalog import services

    return lambda: getattr(services, service)(actor=BOSS, **values)


def _write(service: str, /, **values: Any) -> Call:
    return _call(service, now=NOW, **values)


def _division() -> Any:
    return _write("division_create", code="91", name="安东省")()


def _line() -> Any:
    return _write("product_line_create", code="XN", name="心内线")()


def _indication() -> Any:
    return _write("indication_create", code="GXY", name="高血压")()


def _department() -> Any:
    return _write("standard_department_create", code="9901", name="睡眠医学科", group="clinical")()


def _product() -> Any:
    return _write("product_create", code="AH1", name="安衡平", generic_name="安氯平片", specification="5mg×28片")()


def _standing(**values: Any) -> Call:
    return _write("product_standing_set", pk=_product().pk, kind="reimbursement", value="a", **values)


def apply_standings() -> Call:
    _standing(valid_from=date(2026, 12, 1))()
    return _call("standings_apply", on=date(2026, 12, 1))


EXAMPLES: dict[str, Callable[[], Call]] = {
    "catalog.division:create": lambda: _write("division_create", code="91", name="安东省"),
    "catalog.division:update": lambda: _write("division_update", pk=_division().pk, changes={"name": "安西省"}),
    "catalog.division:archive": lambda: _write("division_archive", pk=_division().pk),
    "catalog.productline:create": lambda: _write("product_line_create", code="XN", name="心内线"),
    "catalog.productline:update": lambda: _write("product_line_update", pk=_line().pk, changes={"name": "心血管线"}),
    "catalog.productline:archive": lambda: _write("product_line_archive", pk=_line().pk),
    "catalog.indication:create": lambda: _write("indication_create", code="GXY", name="高血压"),
    "catalog.indication:update": lambda: _write(
        "indication_update", pk=_indication().pk, changes={"name": "原发性高血压"}
    ),
    "catalog.indication:archive": lambda: _write("indication_archive", pk=_indication().pk),
    "catalog.standarddepartment:create": lambda: _write(
        "standard_department_create", code="9901", name="睡眠医学科", group="clinical"
    ),
    "catalog.standarddepartment:update": lambda: _write(
        "standard_department_update", pk=_department().pk, changes={"name": "睡眠科"}
    ),
    "catalog.standarddepartment:archive": lambda: _write("standard_department_archive", pk=_department().pk),
    "catalog.product:create": lambda: _write("product_create", generic_name="安氯平片", specification="5mg×28片"),
    "catalog.product:update": lambda: _write("product_update", pk=_product().pk, changes={"margin": "high"}),
    "catalog.product:archive": lambda: _write("product_archive", pk=_product().pk),
    "catalog.product:set_standing": lambda: _standing(valid_from=TODAY),
    "catalog.product:apply_standings": apply_standings,
}
