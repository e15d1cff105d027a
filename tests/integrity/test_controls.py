"""Third parties, contracts, the risk register, audits by sample."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from tests.compliance.conftest import Company

from yaomai.integrity import rules
from yaomai.kit.access import Actor, acting, system_actor
from yaomai.kit.errors import Invalid, Refused

NOW = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)
TODAY = date(2026, 11, 21)
BOSS = system_actor("test", "prepare")
TEXT = (
    "一、反商业贿赂：双方不得给予任何不正当利益。二、服务内容与交付成果以验收单为准。三、甲方有审计权。"
    "四、款项以银行转账支付至乙方对公账户。五、个人信息保护。六、合同的终止与解除。"
)
EVERY_CHECK = ["fair_price", "deliverables", "unrelated", "not_tied", "own_account"]
CLEARED: dict[str, Any] = {
    "name": "江城会务有限公司", "kind": "meeting", "credit_code": "91420100MA4K000001", "finding": "cleared",
    "basis": "营业执照、失信名单、现场走访", "checked_on": TODAY, "valid_to": date(2027, 11, 21), "has_capacity": True,
}  # fmt: skip
SIGNED: dict[str, Any] = {
    "kind": "service", "number": "HT-2026-001", "title": "年会会务", "recipient": "organisation", "amount": Decimal("20000.00"),
    "purpose": "承办学术年会会务", "text": TEXT, "begins_on": TODAY, "checks": EVERY_CHECK,
}  # fmt: skip


# Rules ----------------------------------------------------------------------------------------------------------


def test_the_words_of_a_contract_are_looked_through() -> None:
    assert rules.reviewed("service", TEXT) == []
    found = [
        (flaw.kind, flaw.what) for flaw in rules.reviewed("service", "按处方量结算，附患者姓名清单，以礼品卡支付。")
    ]
    assert ("forbidden", "处方量") in found and ("forbidden", "礼品卡") in found and ("patient", "患者姓名") in found
    assert ("missing", "bribery") in found and ("missing", "audit") in found
    assert rules.reviewed("other", "反贿赂：不得以任何形式支付回扣、礼品卡；费用与处方量无关。") == []
    assert found.index(("forbidden", "处方量")) < found.index(("missing", "bribery"))


def test_a_sample_by_money_follows_from_its_seed_and_takes_every_large_line() -> None:
    amounts = [Decimal(10)] * 990 + [Decimal(5000)] * 2
    drawn = rules.by_money(amounts, 20, 7)
    assert drawn == rules.by_money(amounts, 20, 7) and drawn != rules.by_money(amounts, 20, 8)
    assert {990, 991} <= set(drawn) and len(drawn) <= 20
    hits = sum(position < 500 for seed in range(300) for position in rules.by_money([Decimal(10)] * 1000, 10, seed))
    assert 1300 < hits < 1700, "each yuan has the same chance"
    assert rules.by_money([Decimal(0)] * 5, 3, 1) == [] == rules.by_money([], 3, 1)


def test_samples_of_everybody_and_alike() -> None:
    people: list[int | None] = [1] * 90 + [2] * 9 + [3]
    drawn = rules.of_everybody(people, 10, 5)
    assert len(drawn) == 10 == len(set(drawn)) and {people[position] for position in drawn} == {1, 2, 3}
    assert len(rules.of_everybody([1, 2, 3], 2, 5)) == 3
    alike = rules.alike(100, 10, 5)
    assert len(set(alike)) == 10 and alike == sorted(alike) and rules.alike(3, 10, 5) == [0, 1, 2]


def test_what_a_sample_says_of_the_whole() -> None:
    """A line of 10 that is wrong by half stands for half an interval; a line above it stands for itself."""
    said = rules.wrong_share([Decimal(10), Decimal(5000)], [Decimal(5), Decimal(100)], Decimal(20000), Decimal(1000))
    assert said == Decimal(600)
    assert rules.wrong_share([Decimal(1)], [Decimal(1)], Decimal(50), Decimal(1000)) == Decimal(50), (
        "never beyond it all"
    )


# Third parties and contracts ------------------------------------------------------------------------------------


def taken_in(**said: Any) -> Any:
    from yaomai.integrity.services import provider_create

    return provider_create(actor=BOSS, now=NOW, **(CLEARED | said))


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"checked_on": None}, "checked_on"),
        ({"basis": " "}, "basis"),
        ({"valid_to": None}, "valid_to"),
        ({"valid_to": date(2029, 11, 21)}, "valid_to"),
        ({"has_offences": True}, "finding"),
        ({"is_related": True}, "finding"),
        ({"credit_code": "123"}, "credit_code"),
    ],
)
def test_a_clearance_needs_a_day_an_end_a_basis_and_no_offences(
    company: Company, said: dict[str, Any], field: str
) -> None:
    from yaomai.integrity.models import Provider

    with pytest.raises(Invalid) as refused:
        taken_in(**said)
    assert list(refused.value.fields) == [field]
    assert not Provider.unscoped.exists()


def asker(company: Company) -> Actor:
    assert company.officer
    rights = frozenset({"integrity.contract:create", "integrity.contract:view", "customers.institution:view"})
    return company.actor(rights=rights)


def put(company: Company, actor: Actor | None = None, **said: Any) -> Any:
    from yaomai.integrity.services import contract_ask

    who = actor or asker(company)
    with acting(who):
        return contract_ask(actor=who, now=NOW, **(SIGNED | said))


@pytest.mark.django_db
def test_a_contract_of_a_cleared_party_goes_through_every_approver_of_a_high_risk_scene(company: Company) -> None:
    from yaomai.kit import approvals
    from yaomai.organization.services import person_create

    for name, role in (("falv", "legal"), ("caiwu", "finance")):
        company.seat(person_create(actor=BOSS, now=NOW, username=name, name=f"员工{name}"), role)
    contract = put(company, provider=taken_in())
    request = approvals.standing(contract)
    assert request is not None and contract.state == "asked" and contract.findings == []
    assert [step.role for step in request.steps.order_by("number")][1:] == ["legal", "finance"]
    company.decide(contract)
    assert contract.state == "asked", "one of three has approved"


@pytest.mark.django_db
def test_an_unchecked_party_needs_more_approvals_and_an_open_check_or_a_nameless_party_is_refused(
    company: Company,
) -> None:
    from yaomai.integrity.models import Contract
    from yaomai.integrity.services.contracts import BenefitsPassedOn
    from yaomai.kit import approvals
    from yaomai.organization.services import person_create

    for name, role in (("falv", "legal"), ("caiwu", "finance")):
        company.seat(person_create(actor=BOSS, now=NOW, username=name, name=f"员工{name}"), role)
    unchecked = put(company, number="HT-0", provider=taken_in(finding="", checked_on=None, valid_to=None, basis=""))
    request = approvals.standing(unchecked)
    assert request is not None and "SA6" in str(request.facts) and request.steps.count() == 3, "a special approval"
    with pytest.raises(BenefitsPassedOn) as open_check:
        put(company, provider=taken_in(credit_code="91420100MA4K000002"), checks=EVERY_CHECK[1:])
    assert "价格公允" in str(open_check.value) and open_check.value.citations
    with pytest.raises(Invalid) as nameless:
        put(company)
    assert "provider" in nameless.value.fields
    assert list(Contract.unscoped.all()) == [unchecked]


@pytest.mark.django_db
def test_a_rebate_to_a_person_is_refused_and_support_tied_to_use_too(company: Company) -> None:
    rebate = {"kind": "rebate", "institution": company.hospital, "text": "反商业贿赂。折扣公开入账。", "checks": []}
    with pytest.raises(Refused):
        put(company, **rebate, recipient="professional", booking="发票冲减")
    support = {"kind": "support", "institution": company.hospital, "checks": []}
    with pytest.raises(Refused) as tied:
        put(company, **support, purpose="支持课题，按采购量结算")
    assert any("UC1-TIED" in citation for citation in tied.value.citations)
    assert put(company, **support, purpose="支持课题；不得与采购量挂钩，与处方量无关").state == "asked"


@pytest.mark.django_db
def test_the_risk_register_keeps_who_answers_and_when_it_is_looked_at_again(company: Company) -> None:
    from yaomai.integrity.services import risk_archive, risk_create, risk_update
    from yaomai.integrity.today import controls_due

    risk = risk_create(actor=BOSS, now=NOW, area="promotion", title="科室会成为变相宴请", likelihood=4, impact=5,
                       review_on=TODAY, owner=company.person, controls="事前审批")  # fmt: skip
    assert risk.weight == 20
    with pytest.raises(Invalid):
        risk_create(actor=BOSS, now=NOW, area="data", title="x", likelihood=6, impact=0, review_on=TODAY)
    with acting(company.officer):
        titles = [item.title for item in controls_due(company.officer, NOW)]
    assert any("科室会成为变相宴请" in title for title in titles)
    risk_update(actor=BOSS, now=NOW, pk=risk.pk, changes={"likelihood": 2, "review_on": date(2027, 5, 1)})
    with acting(company.officer):
        assert not any("科室会" in item.title for item in controls_due(company.officer, NOW))
    assert risk_archive(actor=BOSS, now=NOW, pk=risk.pk).archived_at == NOW


# Audits ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def claims(company: Company) -> Company:
    from yaomai.compliance.services import expense_record

    for number in range(30):
        expense_record(
            actor=BOSS, now=NOW, claim=f"BX{number}", claimant=company.person if number else company.colleague,
            form="travel", on=TODAY - timedelta(days=number), amount=Decimal(100 if number else 5000), invoice=f"票{number}",
        )  # fmt: skip
    return company


def drawn(**said: Any) -> Any:
    from yaomai.integrity.services import audit_draw

    usual = {"title": "三季度报销", "start": TODAY - timedelta(days=60), "end": TODAY + timedelta(days=1), "size": 8}
    return audit_draw(actor=BOSS, now=NOW, **(usual | said))


@pytest.mark.django_db
def test_an_audit_draws_looks_and_says_what_is_likely_wrong(claims: Company) -> None:
    from yaomai.integrity import control_panels
    from yaomai.integrity.services import audit_look

    audit = drawn()
    assert (audit.population, audit.total) == (30, Decimal(7900))
    items = list(audit.items.order_by("number"))
    assert any(item.amount == 5000 for item in items), "the large line is always drawn"
    with acting(BOSS):
        assert control_panels.audit(audit, BOSS)["likely"] is None, (
            "nothing is said of the whole before every line is seen"
        )
        for item in items:
            wrong = Decimal(50) if item.amount == 100 and item is items[-1] else Decimal(0)
            audit_look(actor=BOSS, now=NOW, pk=audit.pk, number=item.number, wrong_amount=wrong, note="多报一半" if wrong else "",
                       result="wrong" if wrong else "in_order")  # fmt: skip
        told = control_panels.audit(audit, BOSS)
    assert told["likely"] == Decimal("0.5") * audit.total / audit.size
    assert told["wrong"] == 1 and told["is_bearable"] is False


@pytest.mark.django_db
def test_nobody_looks_at_their_own_line_and_a_flaw_needs_its_words(claims: Company) -> None:
    from yaomai.integrity.services import audit_look

    audit = drawn(method="people", size=2)
    assert {item.person_id for item in audit.items.all()} == {claims.person.pk, claims.colleague.pk}
    item = audit.items.get(person_id=claims.colleague.pk)
    for said in (
        {"result": "in_order"},
        {"result": "wrong"},
        {"result": ""},
        {"result": "wrong", "note": "x", "wrong_amount": Decimal(5001)},
    ):
        actor = claims.officer if said == {"result": "in_order"} else BOSS
        with pytest.raises(Invalid), acting(actor):
            audit_look(actor=actor, now=NOW, pk=audit.pk, number=item.number, **said)
    item.refresh_from_db()
    assert item.result == ""


@pytest.mark.django_db
def test_visits_are_drawn_without_money_and_an_empty_period_is_said(claims: Company) -> None:
    from yaomai.integrity.models import Audit

    for said, field in (
        ({"drawn_from": "acts"}, "method"),
        ({"drawn_from": "acts", "method": "random"}, "start"),
        ({"start": date(2020, 1, 1), "end": date(2020, 2, 1)}, "start"),
        ({"size": 0}, "size"),
    ):
        with pytest.raises(Invalid) as refused:
            drawn(**said)
        assert field in refused.value.fields
    assert not Audit.unscoped.exists()
