"""Materials: nothing is used that is not approved and in force; what is withdrawn is gone at once; wording is said."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from tests.compliance.conftest import BOSS, NOW, TODAY, Company, company
from tests.compliance.test_evidence import jpeg

from yaomai.catalog.models import Indication, Product
from yaomai.compliance.gate import RuleForbids
from yaomai.compliance.models import Check
from yaomai.compliance.wording import WordingPolicy, scan
from yaomai.kit import approvals
from yaomai.kit.access import Actor, acting
from yaomai.kit.approvals.requests import NobodyDecides
from yaomai.kit.approvals.services import Overtaken, OwnRequest, request_approve
from yaomai.kit.attachments import services as attachments
from yaomai.kit.attachments.errors import Closed
from yaomai.kit.audit.models import Entry
from yaomai.kit.errors import Conflict, Invalid, Missing
from yaomai.materials import services, today
from yaomai.materials.models import Material, MaterialVersion, Use
from yaomai.materials.services.materials import StillUsable
from yaomai.materials.services.versions import NotOpen

__all__ = ["company"]
pytestmark = pytest.mark.django_db
TEXTS: dict[str, Any] = {
    "content": "双盲研究，12 周达标率高于对照组。", "limitations": "样本 412 例，随访 24 周。", "adverse_reactions": "头晕、乏力。",
    "sponsorship": "安衡药业资助", "valid_until": TODAY + timedelta(days=300),
}  # fmt: skip


@pytest.fixture
def people(company: Company) -> dict[str, Actor]:
    """Seat a marketer, a medical manager, an officer and counsel."""
    from yaomai.organization.services import person_create

    found = {"officer": company.officer}
    for name, role in (("marketer", "marketing"), ("medical", "medical_manager"), ("legal", "legal")):
        person = person_create(actor=BOSS, now=NOW, username=name, name=f"某{name[0]}")
        found[name] = company.seat(person, role)
    return found


def claim(company: Company, indication: Indication | None = None) -> dict[str, Any]:
    return {
        "text": "达标率高于对照组",
        "indication": indication or labelled(company),
        "population": "成人 412 例",
        "source": "杂志 2025;64:201",
    }


def labelled(company: Company) -> Indication:
    found: Indication | None = company.product.indications.first()
    if found is None:
        found = Indication.unscoped.create(name="高血压", created_at=NOW, updated_at=NOW)
        company.product.indications.add(found)
    return found


def draft(company: Company, actor: Actor, **fields: Any) -> MaterialVersion:
    said = {**TEXTS, "claims": [claim(company)]} | fields
    with acting(actor):
        material = Material.unscoped.first() or services.material_create(
            actor=actor, now=NOW, code="M1", title="安衡平彩页", products=[company.product]
        )
        return services.version_draft(actor=actor, now=NOW, material=material.pk, **said)


def submitted(company: Company, actor: Actor, **fields: Any) -> MaterialVersion:
    version = draft(company, actor, **fields)
    with acting(actor):
        services.version_submit(actor=actor, pk=version.pk, now=NOW)
    version.refresh_from_db()
    return version


def decide(version: MaterialVersion, *actors: Actor) -> MaterialVersion:
    request = approvals.standing(version)
    assert request is not None
    for actor in actors:
        with acting(actor):
            request_approve(actor=actor, pk=request.pk, now=NOW)
    version.refresh_from_db()
    return version


def approved(company: Company, people: dict[str, Actor], **fields: Any) -> MaterialVersion:
    return decide(submitted(company, people["marketer"], **fields), people["medical"], people["officer"])


def show(company: Company, version: MaterialVersion, *, on: date = TODAY, now: Any = NOW) -> Use:
    from yaomai.organization.models import Holding
    from yaomai.organization.selectors import actor_for

    if not Holding.unscoped.filter(person=company.person).exists():
        company.seat(company.person, "representative")
    actor = actor_for(company.person, on=TODAY)
    with acting(actor):
        return services.material_use(
            actor=actor, now=now, used=version, institution=company.hospital, professional=company.doctor, on=on
        )


def test_a_version_is_written_pre_approved_by_two_and_shown(company: Company, people: dict[str, Actor]) -> None:
    version = approved(company, people)
    assert version.state == "approved" and version.decided_at is not None
    use = show(company, version)
    check = Check.unscoped.get(target_type="materials.use", target_id=str(use.pk))
    assert check.kind == "material" and check.facts["material_approved"] is True


@pytest.mark.parametrize("state", ["draft", "waiting", "returned", "replaced", "withdrawn"])
def test_only_what_is_approved_can_be_shown(company: Company, people: dict[str, Actor], state: str) -> None:
    version = approved(company, people)
    MaterialVersion.unscoped.filter(pk=version.pk).update(state=state)
    with pytest.raises(RuleForbids) as error:
        show(company, version)
    assert any("MR6" in citation for citation in error.value.citations)
    assert not Use.unscoped.exists()
    entry = Entry.unscoped.filter(code="materials.use:create").latest("pk")
    assert entry.outcome == "refused" and "MR6" in entry.content


def test_the_day_after_its_last_it_is_refused(company: Company, people: dict[str, Actor]) -> None:
    version = approved(company, people, valid_until=TODAY + timedelta(days=2))
    assert show(company, version, on=TODAY + timedelta(days=2), now=NOW + timedelta(days=2))
    with pytest.raises(RuleForbids):
        show(company, version, on=TODAY + timedelta(days=3), now=NOW + timedelta(days=3))


def test_withdrawn_is_gone_at_once_for_phones_files_and_use(
    company: Company, people: dict[str, Actor], client: Client
) -> None:
    version = draft(company, people["marketer"])
    with acting(people["marketer"]):
        file = attachments.attachment_add(
            actor=people["marketer"],
            now=NOW,
            carrier="materials.materialversion",
            carrier_id=version.pk,
            name="彩页.jpg",
            content=jpeg(),
        )
        services.version_submit(actor=people["marketer"], pk=version.pk, now=NOW)
    decide(version, people["medical"], people["officer"])
    show(company, version)
    client.force_login(company.person)
    urls = (
        f"/attachments/{file.pk}/file",
        f"/materials/versions/{version.pk}/",
        f"/api/v1/attachments/{file.pk}/content",
    )
    MaterialVersion.unscoped.filter(pk=version.pk).update(
        valid_until=date(2099, 1, 1)
    )  # requests ask the clock of today
    assert [client.get(url).status_code for url in urls] == [200, 200, 200]
    assert [row["id"] for row in client.get("/api/v1/materials/usable/").json()] == [version.pk]
    with acting(people["officer"]):
        services.version_withdraw(actor=people["officer"], pk=version.pk, now=NOW, reason="研究已更正")
    assert [client.get(url).status_code for url in urls] == [404, 404, 404]
    assert client.get("/api/v1/materials/usable/").json() == []
    with pytest.raises(RuleForbids):
        show(company, version)
    from yaomai.organization.selectors import actor_for

    (item,) = today.withdrawn(actor_for(company.person, on=TODAY), NOW)
    assert "研究已更正" in item.reason


def test_its_author_cannot_approve_it_nor_can_a_stale_tab(company: Company, people: dict[str, Actor]) -> None:
    with pytest.raises(NobodyDecides):  # the only officer would have to approve what is the officer's own
        submitted(company, people["officer"])
    version = submitted(company, people["marketer"])
    request = approvals.standing(version)
    assert request is not None
    with acting(people["marketer"]), pytest.raises((OwnRequest, Missing, Conflict)):
        request_approve(actor=people["marketer"], pk=request.pk, now=NOW)
    MaterialVersion.unscoped.filter(pk=version.pk).update(content="悄悄换掉的内容")
    with acting(people["medical"]), pytest.raises(Overtaken):
        request_approve(actor=people["medical"], pk=request.pk, now=NOW)
    version.refresh_from_db()
    assert version.state == "waiting"


def test_what_waits_or_is_approved_takes_no_change_and_no_other_file(
    company: Company, people: dict[str, Actor]
) -> None:
    version = submitted(company, people["marketer"])
    with pytest.raises(NotOpen):
        draft(company, people["marketer"], content="改一个字")
    for state in ("waiting", "approved"):
        MaterialVersion.unscoped.filter(pk=version.pk).update(state=state)
        with acting(people["marketer"]), pytest.raises(Closed):
            attachments.attachment_add(
                actor=people["marketer"], now=NOW, carrier="materials.materialversion", carrier_id=version.pk,
                name="b.jpg", content=jpeg(),
            )  # fmt: skip


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"claims": []}, "claims"),
        ({"sponsorship": " "}, "sponsorship"),
        ({"valid_until": TODAY + timedelta(days=900)}, "valid_until"),
        ({"valid_until": TODAY}, "valid_until"),
    ],
)
def test_what_is_missing_is_said_by_field(
    company: Company, people: dict[str, Actor], fields: dict[str, Any], field: str
) -> None:
    with pytest.raises(Invalid) as error:
        submitted(company, people["marketer"], **fields)
    assert set(error.value.fields) == {field}
    assert MaterialVersion.unscoped.get().state == "draft"


@pytest.mark.parametrize("name", ["limitations", "adverse_reactions"])
def test_concealed_limitations_are_forbidden_with_their_article(
    company: Company, people: dict[str, Actor], name: str
) -> None:
    with pytest.raises(RuleForbids) as error:
        submitted(company, people["marketer"], **{name: ""})
    assert any("MR6-RISK" in citation for citation in error.value.citations)


def test_a_claim_without_population_or_source_is_not_taken(company: Company, people: dict[str, Actor]) -> None:
    with pytest.raises(Invalid) as error:
        draft(company, people["marketer"], claims=[claim(company) | {"population": ""}])
    assert set(error.value.fields) == {"claims.0"}


def test_a_claim_outside_the_label_goes_to_counsel_too(company: Company, people: dict[str, Actor]) -> None:
    labelled(company)
    other = Indication.unscoped.create(name="心力衰竭", created_at=NOW, updated_at=NOW)
    version = submitted(company, people["marketer"], claims=[claim(company, other)])
    request = approvals.standing(version)
    assert request is not None
    assert [step.role for step in request.steps.order_by("number")] == [
        "medical_manager",
        "compliance_officer",
        "legal",
    ]


def test_the_next_version_replaces_the_one_in_force(company: Company, people: dict[str, Actor]) -> None:
    first = approved(company, people)
    second = approved(company, people, content="新版")
    first.refresh_from_db()
    assert (first.state, second.state, second.number) == ("replaced", "approved", 2)


def test_products_stay_as_long_as_something_is_approved_for_them(company: Company, people: dict[str, Actor]) -> None:
    version = approved(company, people)
    with acting(people["marketer"]), pytest.raises(StillUsable):
        services.material_update(
            actor=people["marketer"], pk=version.material_id, now=NOW, changes={"products": Product.unscoped.none()}
        )


# Wording --------------------------------------------------------------------------------------------------------

POLICY = WordingPolicy()


@pytest.mark.parametrize(
    ("text", "category"),
    [
        ("开满十盒赠送购物卡", "benefit"),
        ("本品疗效最佳，安全无忧", "absolute"),
        ("虽未获批，也可用于心衰", "off_label"),
        ("患者王建国，男，63岁，住院号A12345", "patient"),
        ("身份证110101199003078515", "patient"),
        ("电话13912345678", "patient"),
        ("昨天一位患者用药后晕厥", "adverse"),
    ],
)
def test_what_should_not_stand_in_a_text_is_found_with_a_suggestion(text: str, category: str) -> None:
    (hit, *_others) = [each for each in scan(text, POLICY) if each.category == category]
    assert hit.words and hit.suggestion


@pytest.mark.parametrize(
    "text", ["患者接受治疗后随访24周", "介绍高血压诊疗指南更新", "患者方案见附表", "样本量412例", ""]
)
def test_plain_texts_raise_nothing(text: str) -> None:
    assert scan(text, POLICY) == []


def test_the_forms_answer_while_one_types(company: Company, people: dict[str, Actor], client: Client) -> None:
    client.force_login(company.colleague)
    answer = client.post("/materials/wording", {"content": "疗效第一", "sponsorship": "x", "adverse_reactions": "皮疹"})
    assert answer.status_code == 200 and "第一" in answer.content.decode() and "皮疹" not in answer.content.decode()
    said = {"form": "gift", "item": "gift_card", "recipient": "professional", "institution": company.hospital.pk,
            "professionals": company.doctor.pk, "on": "2099-01-05", "amount": "50", "quantity": 1, "own_heads": 0,
            "paid_as": "in_kind", "purpose": "感谢费"}  # fmt: skip
    answer = client.post("/compliance/transfers/tried", said)
    text = answer.content.decode()
    assert answer.status_code == 200 and "反不正当竞争法" in text and "感谢费" in text
    half = client.post("/compliance/transfers/tried", {"purpose": "讲课"})
    assert half.status_code == 200 and "ym-banner" not in half.content.decode()


def test_the_screens_stand_in_both_languages(company: Company, people: dict[str, Actor], client: Client) -> None:
    version = approved(company, people)
    client.force_login(company.colleague)
    for language in ("zh-hans", "en"):
        client.cookies["django_language"] = language
        for url in (
            "/materials/materials/",
            f"/materials/materials/{version.material_id}/",
            f"/materials/versions/{version.pk}/",
            f"/materials/{version.material_id}/write",
            "/materials/versions/",
            "/materials/uses/",
            "/compliance/transfers/new",
        ):
            assert client.get(url).status_code == 200, url
