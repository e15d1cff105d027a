"""The screens of compliance, as an officer uses them."""

from typing import Any

import pytest
import time_machine
from django.test import Client
from tests.compliance.conftest import NOW, TODAY, Company
from tests.compliance.test_rulebook import OWN

from yaomai.compliance.models import Rule
from yaomai.compliance.services import rule_propose
from yaomai.kit import approvals

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer(company: Company) -> Any:
    with time_machine.travel(NOW, tick=False):
        assert company.officer
        company.seat(company.person, "compliance_officer")
        client = Client()
        client.force_login(company.colleague, backend="yaomai.organization.sign_in.Backend")
        yield client


def form(**fields: Any) -> dict[str, Any]:
    rows = {
        "when-TOTAL_FORMS": "3", "when-INITIAL_FORMS": "0", "when-0-fact": "days_back", "when-0-operator": "above",
        "when-0-figure": "compliance.recording:latest_days", "when-1-fact": "exam", "when-1-operator": "one_of",
        "when-1-value": "failed，not_recorded",
    }  # fmt: skip
    return {
        "code": "AH-01", "pack": "documents", "level": "avoid", "kinds": ["visit", "meeting"], "text_zh": "补录须审批",
        "source": "公司规定", "confidence": "H", "valid_from": TODAY.isoformat(), "reason": "合规会议", **rows,
    } | fields  # fmt: skip


def test_a_rule_is_written_tested_and_approved_on_screen(company: Company, officer: Client) -> None:
    page = officer.get("/compliance/rulebook/")
    assert page.status_code == 200 and "MR2" in page.content.decode()
    assert officer.get("/compliance/rulebook/new").status_code == 200
    wrong = officer.post("/compliance/rulebook/new", form(**{"when-0-figure": "", "when-0-value": "多"}))
    assert wrong.status_code == 422 and "“多”不是数字。" in wrong.content.decode()
    assert officer.post("/compliance/rulebook/new", form()).status_code == 302
    rule = Rule.unscoped.get(code="AH-01")
    assert rule.clauses == [
        {"fact": "days_back", "operator": "above", "figure": "compliance.recording:latest_days"},
        {"fact": "exam", "operator": "one_of", "value": ["failed", "not_recorded"]},
    ]
    own = officer.get(f"/compliance/rules/{rule.pk}/").content.decode()
    assert "须由他人审批" in own and 'value="approve"' not in own
    other = rule_propose(actor=company.actor(), now=NOW, code="AH-2", reason="试", **OWN)
    page = officer.get(f"/compliance/rules/{other.pk}/").content.decode()
    assert 'value="approve"' in page and "项既往行为" in page
    request = approvals.standing(other)
    assert request is not None
    said = {"command": "approve", "comment": "同意", "back": "thing"}
    answer = officer.post(f"/approvals/{request.pk}/decide", said)
    assert answer.headers["Location"] == f"/compliance/rules/{other.pk}/"
    assert "AH-2" in officer.get("/compliance/rulebook/?pack=documents").content.decode()


def test_the_next_version_begins_with_the_one_in_force(company: Company, officer: Client) -> None:
    page = officer.get("/compliance/rulebook/K1/edit").content.decode()
    assert 'value="礼品、教材"' in page and "compliance.gifts:per_item" in page
    assert officer.get("/compliance/rulebook/NONE/edit").status_code == 404


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("url", ["/compliance/rulebook/", "/compliance/replay/?pack=strict", "/compliance/rules/",
                                 "/compliance/consents/", "/compliance/consents/new", "/"])  # fmt: skip
def test_screens_stand_in_both_languages(company: Company, officer: Client, url: str, language: str) -> None:
    rule_propose(actor=company.actor(), now=NOW, code="AH-2", reason="试", **OWN)
    officer.cookies["django_language"] = language
    assert officer.get(url).status_code == 200


def test_consents_are_recorded_and_shown_at_the_hospital(company: Company, officer: Client) -> None:
    said = {
        "institution": company.hospital.pk, "kind": "consent", "document": "同意函9", "activities": ["academic"],
        "departments": [company.department.pk], "valid_from": "2026-01-01", "valid_to": "2026-12-01",
    }  # fmt: skip
    assert officer.post("/compliance/consents/new", said).status_code == 302
    page = officer.get(f"/customers/institutions/{company.hospital.pk}/").content.decode()
    assert "同意函9" in page
    assert "江城市第一人民医院 的同意即将到期" in officer.get("/").content.decode()
