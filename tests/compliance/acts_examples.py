"""One call of each service of this room; see tests/test_acts.py."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from yaomai.kit.access import system_actor

BOSS = system_actor("test", "an example")
NOW = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)
BEGIN = date(2026, 1, 1)
Call = Callable[[], object]


def _call(service: str, /, **values: Any) -> Call:
    from yaomai.compliance import services

    return lambda: getattr(services, service)(actor=BOSS, now=NOW, **values)


def _hospital() -> Any:
    from yaomai.customers.services import institution_create

    return institution_create(actor=BOSS, now=NOW, name="江城市第一人民医院")


def _consent() -> Call:
    return _call("consent_create", institution=_hospital(), document="同意函1", valid_from=BEGIN)


def _officer() -> None:
    """Seat somebody who may approve rules."""
    from yaomai.organization.models import Role
    from yaomai.organization.services import (
        holding_start,
        person_create,
        position_create,
        role_sync,
        territory_create,
    )

    common: dict[str, Any] = {"actor": BOSS, "now": NOW}
    role_sync(**common)
    top = territory_create(**common, code="CN", name="安衡", level="company", valid_from=BEGIN)
    role = Role.unscoped.get(code="compliance_officer")
    seat = position_create(**common, code="S1", title="合规", role=role, territory=top, valid_from=BEGIN)
    person = person_create(**common, username="hegui", name="何桂")
    holding_start(**common, person_id=person.pk, position_id=seat.pk, valid_from=BEGIN)


def _rule() -> Call:
    _officer()
    return _call(
        "rule_propose", code="AH-1", reason="合规会议", pack="documents", kinds=["visit"], text_zh="超过五天才录入",
        source="公司规定", level="avoid", confidence="H", valid_from=date(2026, 11, 21),
        clauses=[{"fact": "days_back", "operator": "above", "value": "5"}],
    )  # fmt: skip


def _transfer(state: str = "") -> Any:
    from yaomai.compliance.models import Transfer
    from yaomai.customers.services import professional_create

    _officer()
    hospital = _hospital()
    doctor = professional_create(actor=BOSS, now=NOW, name="王芳", institution=hospital)
    call = _call("transfer_request", institution=hospital, professionals=[doctor], **GIVEN)
    if not state:
        return call
    row = call()
    assert isinstance(row, Transfer)
    Transfer.unscoped.filter(pk=row.pk).update(state=state)
    return row


GIVEN: dict[str, Any] = {
    "form": "gift", "item": "academic_book", "amount": Decimal(85), "on": date(2026, 11, 21), "purpose": "学术交流",
}  # fmt: skip


def _expense() -> Call:
    from yaomai.organization.services import person_create

    who = person_create(actor=BOSS, now=NOW, username="daibiao", name="施丽")
    return _call("expense_record", claim="BX1", claimant=who, form="gift", on=date(2026, 11, 20), amount=Decimal(90))


def _given() -> Call:
    proof = {"spent": Decimal(85), "given_on": date(2026, 11, 21), "evidence": "发票1"}
    return _call("transfer_give", pk=_transfer("approved").pk, **proof)


EXAMPLES: dict[str, Callable[[], Call]] = {
    "compliance.rule:propose": _rule,
    "compliance.transfer:create": _transfer,
    "compliance.transfer:give": _given,
    "compliance.transfer:drop": lambda: _call("transfer_drop", pk=_transfer("approved").pk, reason="改期"),
    "compliance.transfer:record": lambda: _call(
        "transfer_record", institution=_hospital(), recipient="organisation", **(GIVEN | {"on": BEGIN})
    ),
    "compliance.expense:create": _expense,
    "compliance.expense:edit": lambda: _call("expense_update", pk=_expense()().pk, changes={"customer": "医院"}),
    "compliance.expense:settle": lambda: _call("expense_settle", pk=_expense()().pk, note="已退回"),
    "compliance.consent:create": _consent,
    "compliance.consent:edit": lambda: _call("consent_update", pk=_consent()().pk, changes={"reception": "医务处"}),
    "compliance.consent:archive": lambda: _call("consent_archive", pk=_consent()().pk),
}
