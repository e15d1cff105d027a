"""The rule book: what is shipped, how rules change, and what it says of acts."""

from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from tests.compliance.conftest import BOSS, NOW, TODAY, Company

from yaomai.compliance import gate, rulebook, shipped, vocabulary
from yaomai.compliance.models import Check, Pack, Rule
from yaomai.compliance.services import rule_propose
from yaomai.compliance.services.rules import LawStands, clause_problem
from yaomai.kit import approvals
from yaomai.kit.access import acting, get_visible
from yaomai.kit.approvals.services import Closed, Overtaken, OwnRequest, request_approve
from yaomai.kit.audit.models import Entry
from yaomai.kit.errors import Invalid, Missing
from yaomai.kit.policies.services import version_propose, version_publish

pytestmark = pytest.mark.django_db


def test_every_shipped_rule_is_sound_and_cites_its_source() -> None:
    found = list(shipped.rules())
    assert len(found) >= 45
    for fields in found:
        rule = Rule(**fields)
        assert not [problem for clause in rule.clauses if (problem := clause_problem(clause))], rule.code
        assert rule.source and rule.reference and rule.text_zh and rule.text_en, rule.code
        assert set(rule.kinds) <= set(vocabulary.FORESEEN), rule.code
    assert Rule.unscoped.filter(status="approved").count() == len(found)


def test_no_shipped_rule_contradicts_another_whatever_packs_hold() -> None:
    from yaomai.compliance import replays

    with acting(BOSS):
        book = replays.with_packs(Pack.values, on=TODAY)
        assert book.broken == {}
        assert [(rule.code, text) for rule, text in book.findings() if rule.pack != Pack.DRAFT_2024] == []


def test_figures_come_from_the_policies_of_the_day() -> None:
    with acting(BOSS):
        book = rulebook.on_day(TODAY)
        k1 = next(rule for rule in book.rules if rule.code == "K1")
        assert rulebook.sentence(k1.clauses[1], book.figures) == "每份金额 大于 100 元（礼品 › 单份礼品最高价值）"
        reference = book.reference(k1)
        assert reference is not None and reference.name == "compliance.gifts"


def test_without_rules_of_law_nothing_passes(company: Company) -> None:
    Rule.unscoped.filter(pack=Pack.LAW).delete()
    with pytest.raises(rulebook.RulesMissing):
        gate.check("visit", company.visit(), company.actor(), TODAY)


# The gate -------------------------------------------------------------------------------------------------------


def codes(verdict: gate.Verdict) -> list[str]:
    return [rule.code for rule in verdict.rules]


def test_a_visit_needs_filing_and_consent(company: Company) -> None:
    verdict = gate.check("visit", company.visit(), company.actor(), TODAY)
    assert verdict.outcome == "refuse"
    assert codes(verdict)[:2] == ["MR1", "MR2"]
    with pytest.raises(gate.RuleForbids) as refused:
        verdict.require()
    assert refused.value.citations[0] == "《医药代表备案管理办法（试行）》第十三条第一项（MR1）"
    company.file()
    company.agree()
    passed = gate.check("visit", company.visit(), company.actor(), TODAY)
    assert (passed.outcome, codes(passed)) == ("allow", ["M3-UNKNOWN"])
    assert passed.require() is passed


@pytest.mark.parametrize(
    ("scope", "product", "refused"),
    [("心血管", True, False), ("代谢、神经", True, True), ("代谢, 安氯平片", True, False), ("代谢", False, False)],
)
def test_the_product_must_be_within_the_filing(company: Company, scope: str, product: bool, refused: bool) -> None:
    company.file(scope)
    company.agree()
    facts = company.visit() if product else company.visit(products=[])
    assert ("MR1-SCOPE" in codes(gate.check("visit", facts, company.actor(), TODAY))) is refused


def test_filing_and_consent_are_those_of_the_day(company: Company) -> None:
    company.file(valid_to=date(2026, 11, 20))
    company.agree(valid_from=date(2026, 11, 10))
    early = gate.check("visit", company.visit(noted_on=date(2026, 11, 9)), company.actor(), date(2026, 11, 9))
    assert "MR2" in codes(early) and "MR1" not in codes(early)
    assert "MR1" in codes(gate.check("visit", company.visit(), company.actor(), TODAY))


def test_a_consent_holds_for_its_departments_and_activities(company: Company) -> None:
    company.file()
    consent = company.agree(departments=[company.department])
    other = company.visit(department=None)
    assert "MR2" not in codes(gate.check("visit", company.visit(), company.actor(), TODAY))
    assert "MR2" in codes(gate.check("visit", other, company.actor(), TODAY))
    Check.unscoped.all().delete()
    type(consent).unscoped.filter(pk=consent.pk).update(activities=["samples"])
    assert "MR2" in codes(gate.check("visit", company.visit(), company.actor(), TODAY))


def test_a_consent_that_ends_soon_is_said(company: Company) -> None:
    company.file()
    company.agree(valid_to=TODAY + timedelta(days=20))
    assert "CONSENT-ENDS" in codes(gate.check("visit", company.visit(), company.actor(), TODAY))


def test_a_late_entry_needs_an_approval(company: Company) -> None:
    company.file()
    company.agree()
    day = TODAY - timedelta(days=8)
    verdict = gate.check("visit", company.visit(), company.actor(), day)
    assert (verdict.outcome, codes(verdict)[0]) == ("needs_approval", "LATE")
    with pytest.raises(gate.ApprovalNeeded):
        verdict.require()
    assert verdict.require(approved=True) is verdict


def test_exams_are_asked_of_whoever_keeps_them(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    from yaomai.compliance import facts

    company.file()
    company.agree()
    monkeypatch.setattr(facts, "_exams", [])
    facts.register_exam(lambda person, products, on: products == ["AH1"] and person == company.person.pk)
    assert codes(gate.check("visit", company.visit(), company.actor(), TODAY)) == []
    facts.register_exam(lambda _person, _products, _on: False)
    assert codes(gate.check("visit", company.visit(), company.actor(), TODAY)) == ["M3-FAILED"]


def test_facts_must_be_complete(company: Company) -> None:
    facts = company.visit()
    with pytest.raises(ValueError, match="without"):
        gate.check("visit", {name: value for name, value in facts.items() if name != "person"}, BOSS, TODAY)
    with pytest.raises(ValueError, match="no facts"):
        gate.check("visit", facts | {"filing_valid": True}, BOSS, TODAY)


def test_the_verdict_is_kept_with_its_facts_and_explains_itself(company: Company) -> None:
    company.file()
    company.agree()
    verdict = gate.check("visit", company.visit(), company.actor(), TODAY)
    kept = verdict.keep(company.hospital)
    kept.refresh_from_db()
    assert (kept.outcome, kept.rules, kept.person_id) == ("allow", ["M3-UNKNOWN v1"], company.person.pk)
    assert vocabulary.restored(kept.facts)["consent_on_file"] is True
    assert set(kept.facts["territories"]) == {"CN", "HD"} and kept.facts["roles"] == ["representative"]
    (child,) = verdict.explanation.children
    assert child.sentence.startswith("关注：系统中没有产品培训考核记录")


def test_the_gate_costs_as_many_queries_as_there_are_sources(company: Company, django_assert_num_queries: Any) -> None:
    actor, facts = company.actor(), company.visit()
    gate.check("visit", facts, actor, TODAY)
    with django_assert_num_queries(3):
        gate.check("visit", facts, actor, TODAY)


# Change ---------------------------------------------------------------------------------------------------------

OWN: dict[str, Any] = {
    "pack": "documents",
    "kinds": ["visit"],
    "text_zh": "华东不得拜访安衡平",
    "source": "公司规定",
    "level": "forbid",
    "confidence": "H",
    "clauses": [{"fact": "exam", "operator": "is", "value": "not_recorded"}],
    "valid_from": TODAY,
}


def propose(company: Company, code: str = "AH-1", **fields: Any) -> Rule:
    assert company.officer
    return rule_propose(actor=company.actor(), now=NOW, code=code, reason="合规会议", **(OWN | fields))


def test_a_rule_holds_only_after_somebody_else_approved_it(company: Company) -> None:
    company.file()
    company.agree()
    rule = propose(company)
    assert "AH-1" not in codes(gate.check("visit", company.visit(), company.actor(), TODAY))
    request = approvals.standing(rule)
    assert request is not None
    assert any(fact["value"] == "产品考核 是 未登记" for fact in request.facts), "the copy says when it strikes"
    own = company.seat(company.person, "legal")
    with pytest.raises(OwnRequest):
        request_approve(actor=own, pk=request.pk, now=NOW)
    assert Entry.unscoped.filter(code="approvals.request:approve", outcome="refused").count() == 1
    company.decide(rule)
    assert codes(gate.check("visit", company.visit(), company.actor(), TODAY))[0] == "AH-1"
    with pytest.raises(Closed):
        company.decide(rule)


def test_an_approval_never_reaches_back(company: Company) -> None:
    rule = propose(company)
    later = company.decide(rule, now=NOW + timedelta(days=3))
    assert later.valid_from == TODAY + timedelta(days=3)
    with pytest.raises(Invalid) as error:
        propose(company, code="AH-2", valid_from=TODAY - timedelta(days=1))
    assert set(error.value.fields) == {"valid_from"}


@pytest.mark.parametrize(
    ("scope", "strikes"),
    [({"regions": ["HD"]}, True), ({"regions": ["CN"]}, True), ({"products": ["AH1"]}, True),
     ({"roles": ["representative"]}, True), ({"roles": ["legal"]}, False)],
)  # fmt: skip
def test_a_rule_holds_within_its_scope(company: Company, scope: dict[str, Any], strikes: bool) -> None:
    company.decide(propose(company, **scope))
    assert ("AH-1" in codes(gate.check("visit", company.visit(), company.actor(), TODAY))) is strikes


def test_a_new_version_replaces_the_one_before_from_its_day(company: Company) -> None:
    company.decide(propose(company))
    second = propose(company, level="watch", valid_from=TODAY + timedelta(days=10))
    assert second.number == 2
    company.decide(second)
    levels = {
        day: next(rule.level for rule in rulebook.on_day(TODAY + timedelta(days=day)).rules if rule.code == "AH-1")
        for day in (0, 9, 10)
    }
    assert levels == {0: "forbid", 9: "forbid", 10: "watch"}


def test_a_returned_proposal_changes_nothing(company: Company) -> None:
    rule = company.decide(propose(company), approve=False)
    assert rule.status == "returned"
    assert all(each.code != "AH-1" for each in rulebook.on_day(TODAY).rules)


def test_what_has_ended_while_it_waited_cannot_be_approved(company: Company) -> None:
    rule = propose(company, valid_to=TODAY + timedelta(days=2))
    with time_machine.travel(NOW + timedelta(days=3), tick=False), pytest.raises(Overtaken):
        company.decide(rule, now=NOW + timedelta(days=3))


def test_law_is_not_made_milder(company: Company) -> None:
    law = Rule.unscoped.get(code="MR2")
    fields = {name: getattr(law, name) for name in OWN} | {"valid_from": TODAY}
    for milder in ({"level": "watch"}, {"pack": "documents"}, {"valid_to": date(2027, 1, 1)}):
        with pytest.raises(LawStands):
            propose(company, code="MR2", **(fields | milder))
    assert propose(company, code="MR2", **(fields | {"text_zh": "更清楚的说法"})).number == 2


@pytest.mark.parametrize(
    ("fields", "where"),
    [
        ({"clauses": []}, "clauses"),
        ({"clauses": [{"fact": "person", "operator": "is", "value": "1"}]}, "clauses.0"),
        ({"clauses": [{"fact": "exam", "operator": "above", "value": "1"}]}, "clauses.0"),
        ({"clauses": [{"fact": "exam", "operator": "is", "value": "perhaps"}]}, "clauses.0"),
        ({"clauses": [{"fact": "days_back", "operator": "above", "value": "many"}]}, "clauses.0"),
        ({"clauses": [{"fact": "days_back", "operator": "above", "value": "NaN"}]}, "clauses.0"),
        ({"clauses": [{"fact": "days_back", "operator": "above", "value": "1e40"}]}, "clauses.0"),
        ({"clauses": [{"fact": "days_back", "operator": "above"}]}, "clauses.0"),
        ({"clauses": [{"fact": "days_back", "operator": "above", "figure": "compliance.gifts:items"}]}, "clauses.0"),
        ({"clauses": [{"fact": "days_back", "operator": "above", "figure": "os:system"}]}, "clauses.0"),
        ({"clauses": [{"fact": "filing_valid", "operator": "no", "value": "1"}]}, "clauses.0"),
        ({"clauses": [{"fact": "days_back", "operator": "above", "other": "exam"}]}, "clauses.0"),
        ({"clauses": [{"fact": "__import__('os')", "operator": "is", "value": "1"}]}, "clauses.0"),
        (
            {
                "clauses": [
                    {"fact": "days_back", "operator": "above", "value": "9"},
                    {"fact": "days_back", "operator": "below", "value": "3"},
                ]
            },
            "clauses",
        ),
        ({"kinds": ["anything"]}, "kinds"),
        ({"regions": ["火星"]}, "regions"),
        ({"products": ["X"]}, "products"),
    ],
)
def test_a_rule_that_cannot_be_asked_is_refused_where_it_is_wrong(
    company: Company, fields: dict[str, Any], where: str
) -> None:
    with pytest.raises(Invalid) as error:
        propose(company, **fields)
    assert list(error.value.fields) == [where]
    assert not Rule.unscoped.filter(code="AH-1").exists()


def test_rules_are_unseen_without_the_right(company: Company) -> None:
    nobody = company.actor(rights=frozenset())
    with acting(nobody), pytest.raises(Missing):
        get_visible(Rule, code="MR1")
    with pytest.raises(Missing):
        rule_propose(actor=nobody, now=NOW, code="AH-1", reason="试", **OWN)


# Packs ----------------------------------------------------------------------------------------------------------


def test_packs_are_switched_by_two_people(company: Company) -> None:
    one, two = company.seat(company.person, "sales_director"), company.seat(company.colleague, "compliance_officer")
    document = {"documents": True, "strict": True, "draft_2024": False}
    version = version_propose(actor=one, name="compliance.packs", document=document, reason="行业准则", now=NOW)
    request = approvals.standing(version)
    assert request is not None
    with pytest.raises(OwnRequest):
        request_approve(actor=one, pk=request.pk, now=NOW)
    assert "strict" not in rulebook.on_day(TODAY).packs
    request_approve(actor=two, pk=request.pk, now=NOW)
    version_publish(actor=two, version_id=version.pk, valid_from=TODAY, now=NOW)
    book = rulebook.on_day(TODAY)
    assert book.packs == {"law", "documents", "strict"}
    assert {"X5-STRICT", "K1", "MR1"} <= {rule.code for rule in book.rules}
