"""The register of processing, consents, impact assessments, releases of data, retention."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from tests.compliance.conftest import Company

from yaomai.kit.access import acting, system_actor
from yaomai.kit.errors import Conflict, Invalid, Refused
from yaomai.privacy import rules

NOW = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)
TODAY = date(2026, 11, 21)
BOSS = system_actor("test", "prepare")
PURPOSE: dict[str, Any] = {
    "name": "学术拜访", "basis": "consent", "kinds": ["identity", "contact"], "method": "拜访时由代表登记", "retention": "合作结束后三年",
    "notice": "我们为安排学术拜访处理您的姓名和联系方式。",
}  # fmt: skip


@pytest.mark.parametrize(
    ("persons", "sensitive", "able"),
    [
        (1_000_001, 0, ("assessment",)),
        (1_000_000, 0, ("contract", "certificate")),
        (100_000, 0, ("contract", "certificate")),
        (99_999, 0, ("exempt",)),
        (10, 10_001, ("assessment",)),
        (10, 1, ("contract", "certificate")),
    ],
)
def test_routes_out_of_the_country(persons: int, sensitive: int, able: tuple[str, ...]) -> None:
    assert rules.routes(persons, sensitive) == able


def entered(**said: Any) -> Any:
    from yaomai.privacy.services import processing_create

    return processing_create(actor=BOSS, now=NOW, **(PURPOSE | said))


def given(company: Company, processing: Any, **said: Any) -> Any:
    from yaomai.privacy.services import consent_give

    usual = {"professional": company.doctor, "processing": processing, "given_on": TODAY, "evidence": "签字表 12"}
    return consent_give(actor=BOSS, now=NOW, **(usual | said))


@pytest.mark.django_db
def test_consent_is_to_the_notice_as_it_stood_and_withdrawn_as_easily_as_given(company: Company) -> None:
    from yaomai.privacy.services import consent_withdraw, processing_update

    purpose = entered()
    consent = given(company, purpose)
    assert consent.notice_number == 1
    with pytest.raises(Invalid):
        given(company, purpose)
    processing_update(actor=BOSS, now=NOW, pk=purpose.pk, changes={"notice": "另加邮箱。"})
    purpose.refresh_from_db()
    assert purpose.notice_number == 2
    assert consent_withdraw(actor=BOSS, now=NOW, pk=consent.pk).withdrawn_on == TODAY
    with pytest.raises(Conflict):
        consent_withdraw(actor=BOSS, now=NOW, pk=consent.pk)
    assert given(company, purpose).notice_number == 2


@pytest.mark.django_db
def test_sensitive_data_take_separate_consent_and_another_basis_its_article(company: Company) -> None:
    place = entered(name="现场签到", kinds=["identity", "place"])
    assert place.is_sensitive and place.needs_assessment
    with pytest.raises(Invalid) as refused:
        given(company, place)
    assert "is_separate" in refused.value.fields
    assert given(company, place, is_separate=True).is_separate
    with pytest.raises(Invalid) as without:
        entered(name="法定申报", basis="duty")
    assert list(without.value.fields) == ["citation"]


@pytest.mark.django_db
def test_an_impact_assessment_is_approved_by_somebody_else(company: Company) -> None:
    from yaomai.privacy import panels
    from yaomai.privacy.services import assessment_ask

    assert company.officer
    purpose = entered(is_automated=True)
    with acting(BOSS):
        row = assessment_ask(
            actor=BOSS, now=NOW, processing=purpose, necessity="分层服务所必需", impact="可能被误分", measures="可解释、可人工改",
            assessed_on=TODAY,
        )  # fmt: skip
        assert panels.processing(purpose, BOSS)["approved"] is None
        company.decide(row)
        assert panels.processing(purpose, BOSS)["approved"] == row


def released(company: Company, **said: Any) -> Any:
    from yaomai.privacy.services import release_ask

    assert company.officer
    actor = company.actor(
        rights=frozenset({"privacy.release:create", "privacy.release:view", "customers.professional:export"})
    )
    usual = {"purpose": "年会邀请函印制", "persons": 5000, "valid_until": TODAY + timedelta(days=365)}
    with acting(actor):
        return release_ask(actor=actor, now=NOW, **(usual | said))


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"to_third_party": True}, "receiver"),
        ({"sensitive_persons": 6000}, "sensitive_persons"),
        ({"valid_until": TODAY - timedelta(days=1)}, "valid_until"),
        ({"abroad": True, "receiver": "总部", "route": "exempt", "persons": 200_000}, "route"),
    ],
)
def test_a_release_that_makes_no_sense_is_refused_at_its_field(
    company: Company, said: dict[str, Any], field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        released(company, **said)
    assert list(refused.value.fields) == [field]


@pytest.mark.django_db
def test_abroad_without_a_route_and_others_without_separate_consent_are_forbidden_with_citations(
    company: Company,
) -> None:
    for said in ({"abroad": True, "receiver": "总部"}, {"to_third_party": True, "receiver": "会务公司"}):
        with pytest.raises(Refused) as refused:
            released(company, **said)
        assert any("个人信息保护法" in citation for citation in refused.value.citations)


@pytest.mark.django_db
def test_ten_thousand_phones_leave_only_with_an_approved_release_for_so_many(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    from yaomai.kit.surfaces.services import export_record

    monkeypatch.setattr("yaomai.privacy.export.timezone.now", lambda: NOW)
    actor = company.actor(rights=frozenset({"customers.professional:export"}))

    def export(rows: int) -> None:
        with acting(actor):
            export_record(
                actor=actor, right="customers.professional:export", entity="客户", rows=rows, query="", columns=[]
            )

    export(100)
    with pytest.raises(Refused) as refused:
        export(10_000)
    assert any("K5" in citation for citation in refused.value.citations)
    release = released(company, persons=9_000)
    with pytest.raises(Refused):
        export(9_000)
    company.decide(release)
    export(9_000)
    with pytest.raises(Refused):
        export(10_000)


@pytest.mark.django_db
def test_a_retention_run_deletes_what_was_shown_or_nothing(company: Company) -> None:
    from yaomai.customers.models import Professional
    from yaomai.privacy import retention
    from yaomai.privacy.services import retention_run
    from yaomai.privacy.services.retention import OtherThanShown

    then = NOW - timedelta(days=365 * 4)
    Professional.unscoped.filter(pk=company.doctor.pk).update(archived_at=then, updated_at=then)
    shown = {kind.code: kind.due(TODAY) for kind in retention.kinds()}
    assert [key for key, _words in shown["idle"]] == [company.doctor.pk]
    for said, error in (({"expected": 0}, OtherThanShown), ({"reason": " "}, Invalid)):
        with pytest.raises(error), acting(BOSS):
            retention_run(actor=BOSS, now=NOW, **({"reason": "年度清理"} | said))
    company.doctor.refresh_from_db()
    assert company.doctor.erased_at is None
    with acting(BOSS):
        run = retention_run(actor=BOSS, now=NOW, reason="年度清理", expected=1)
    assert run.counts["idle"] == [1, 1, 0]
    company.doctor.refresh_from_db()
    assert company.doctor.erased_at == NOW
