"""The 360° pages and what is done on them, through the browser's eyes."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.urls import reverse

from yaomai.customers import services
from yaomai.customers.models import (
    Affiliation,
    Institution,
    InstitutionDuplicate,
    InstitutionMerge,
    InstitutionName,
    Professional,
    ProfessionalFact,
)
from yaomai.kit.audit.models import Entry
from yaomai.kit.audit.sentences import Line

from .conftest import NOW, World, every_right

pytestmark = pytest.mark.django_db
Make = Callable[..., Any]


def address(name: str, /, **kwargs: Any) -> str:
    return str(reverse(f"customers:{name}", kwargs=kwargs))


@pytest.fixture
def hospital(world: World, institution: Make) -> Any:
    return institution("南京市第一医院", territory=world.east, grade="3A")


@pytest.fixture
def doctor(world: World, hospital: Any, professional: Make) -> Any:
    person = professional("王芳", institution=hospital, position="主任")
    services.professional_contact_add(actor=world.system, pk=person.pk, kind="mobile", value="13812345678", now=NOW)
    return person


def test_the_pages_show_who_and_mask_the_number(world: World, browse: Make, hospital: Any, doctor: Any) -> None:
    client = browse(world.east)
    page = client.get(address("institution_detail", pk=hospital.pk)).content.decode()
    assert "南京市第一医院" in page
    assert "王芳" in client.get(address("page_below", entity="institution", pk=hospital.pk)).content.decode()
    page = client.get(address("professional_detail", pk=doctor.pk)).content.decode()
    assert "138****5678" in page
    assert "13812345678" not in page


def test_out_of_reach_is_not_there(world: World, browse: Make, hospital: Any, doctor: Any) -> None:
    client = browse(world.west)
    contact = doctor.contacts.model.unscoped.get()
    for name, kwargs in (
        ("institution_detail", {"pk": hospital.pk}),
        ("professional_detail", {"pk": doctor.pk}),
        ("fact_edit", {"entity": "professional", "pk": doctor.pk, "code": "style"}),
        ("contact_reveal", {"entity": "professional", "pk": doctor.pk, "contact": contact.pk}),
        ("merge_choose", {"entity": "institution", "pk": hospital.pk}),
        ("workplace_new", {"pk": doctor.pk}),
    ):
        assert client.get(address(name, **kwargs)).status_code == 404, name
    assert "王芳" not in client.get(address("professional_list")).content.decode()


def test_who_only_reads_finds_no_button_and_no_form(world: World, browse: Make, hospital: Any, doctor: Any) -> None:
    views = frozenset(right for right in every_right() if right.endswith(":view"))
    client = browse(world.east, views)
    page = client.get(address("professional_detail", pk=doctor.pk)).content.decode()
    contact = doctor.contacts.model.unscoped.get()
    reveal = address("contact_reveal", entity="professional", pk=doctor.pk, contact=contact.pk)
    assert reveal not in page
    assert address("fact_edit", entity="professional", pk=doctor.pk, code="style") not in page
    assert client.post(reveal, {"reason": "预约拜访"}).status_code == 404
    assert client.post(address("restore", entity="professional", pk=doctor.pk)).status_code == 404


def test_revealing_asks_for_a_reason_and_is_not_stored(world: World, browse: Make, doctor: Any) -> None:
    client = browse(world.east)
    contact = doctor.contacts.model.unscoped.get()
    url = address("contact_reveal", entity="professional", pk=doctor.pk, contact=contact.pk)
    assert "13812345678" not in client.get(url).content.decode()
    assert "13812345678" not in client.post(url, {"reason": ""}).content.decode()
    answer = client.post(url, {"reason": "预约周四拜访"})
    assert "13812345678" in answer.content.decode()
    assert "no-store" in answer.headers["Cache-Control"]
    entry = Entry.unscoped.filter(code="customers.professional:reveal").get()
    assert "预约周四拜访" in Line(entry).sentence and "预约周四拜访" not in entry.content, (
        "sealed with the person's key"
    )


def test_without_its_key_a_contact_stays_masked_and_says_why_it_cannot_be_shown(
    world: World, browse: Make, doctor: Any
) -> None:
    client = browse(world.east)
    contact = doctor.contacts.model.unscoped.get()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE customers_professionalcontact SET value = 'gone:' || value")
    assert "138****5678" in client.get(address("professional_detail", pk=doctor.pk)).content.decode()
    url = address("contact_reveal", entity="professional", pk=doctor.pk, contact=contact.pk)
    assert client.get(url).status_code == 200
    answer = client.post(url, {"reason": "预约周四拜访"})
    assert "缺少对应的密钥" in answer.content.decode()
    assert not Entry.unscoped.filter(code="customers.professional:reveal").exists()


def test_a_profile_field_is_edited_in_place(world: World, browse: Make, doctor: Any) -> None:
    client = browse(world.east)
    url = address("fact_edit", entity="professional", pk=doctor.pk, code="tags")
    headers = {"HX-Request": "true"}
    assert client.get(url, headers=headers).content.decode().lstrip().startswith("<div")
    answer = client.post(url, {"value": ["price", "supply"], "source": "拜访"}, headers=headers)
    assert ProfessionalFact.unscoped.get().value == ["price", "supply"]
    assert "拜访" in answer.content.decode()
    plain = client.post(url, {"value": ["price"], "source": "拜访"})
    assert plain.status_code == 302
    assert client.post(address("facts_check", entity="professional", pk=doctor.pk)).status_code == 302


def test_a_count_of_prescriptions_is_refused_on_the_screen(world: World, browse: Make, doctor: Any) -> None:
    client = browse(world.east)
    url = address("fact_edit", entity="professional", pk=doctor.pk, code="prescribing_habits")
    page = client.post(url, {"value": "每月开120盒", "source": "拜访"}).content.decode()
    assert "医药代表备案管理办法" in page
    assert not ProfessionalFact.unscoped.exists()


@pytest.mark.parametrize("name", ["fact_edit", "fact_show"])
def test_unknown_fields_and_entities_are_missing(world: World, browse: Make, doctor: Any, name: str) -> None:
    client = browse(world.east)
    assert client.get(address(name, entity="professional", pk=doctor.pk, code="volume")).status_code == 404
    assert client.get(address("duplicates", entity="castle")).status_code == 404


def test_names_workplaces_and_contacts_are_kept_on_the_page(
    world: World, browse: Make, hospital: Any, doctor: Any, institution: Make
) -> None:
    client = browse(world.east)
    client.post(address("name_add", pk=hospital.pk), {"name": "宁一医院", "kind": "alias"})
    name = InstitutionName.unscoped.get()
    assert client.post(address("name_add", pk=hospital.pk), {"name": "宁一医院", "kind": "alias"}).status_code == 422
    client.post(address("name_remove", pk=hospital.pk, name=name.pk))
    assert not InstitutionName.unscoped.exists()
    other = institution("另一医院", territory=world.district)
    client.post(
        address("workplace_new", pk=doctor.pk),
        {"institution": other.pk, "position": "顾问", "valid_from": "2026-11-25"},
    )
    second = Affiliation.unscoped.get(institution=other)
    assert second.is_primary is False
    client.post(address("workplace_end", pk=second.pk), {"valid_to": "2027-01-01"})
    second.refresh_from_db()
    assert second.valid_to == date(2027, 1, 1)
    client.post(address("contact_add", entity="professional", pk=doctor.pk), {"kind": "wechat", "value": "wang_fang"})
    contact = doctor.contacts.model.unscoped.get(kind="wechat")
    client.post(address("contact_remove", entity="professional", pk=doctor.pk, contact=contact.pk))
    assert not doctor.contacts.model.unscoped.filter(kind="wechat").exists()


def test_merging_and_undoing_on_the_screen(world: World, browse: Make, hospital: Any, institution: Make) -> None:
    client = browse(world.east)
    other = institution("南京一院", territory=world.east, beds=7)
    chosen = client.get(address("merge_choose", entity="institution", pk=hospital.pk), {"other": other.pk})
    url = address("merge", entity="institution", winner=hospital.pk, loser=other.pk)
    assert chosen.headers["Location"] == url
    assert 'value="beds" checked' in client.get(url).content.decode()
    client.post(url, {"take": ["beds"]})
    hospital.refresh_from_db()
    assert hospital.beds == 7
    page = client.get(address("institution_detail", pk=other.pk)).content.decode()
    assert address("institution_detail", pk=hospital.pk) in page
    client.post(address("unmerge", entity="institution", pk=InstitutionMerge.unscoped.get().pk))
    other.refresh_from_db()
    assert other.archived_at is None


def test_the_queue_asks_one_question_at_a_time(world: World, browse: Make, hospital: Any, institution: Make) -> None:
    client = browse(world.east)
    other = institution("南京第一医院", territory=world.east)
    far = institution("西医院", territory=world.west)
    for second in (other, far):
        InstitutionDuplicate.unscoped.create(
            first=hospital, second=second, score=0.9, created_at=NOW, reasons=[{"code": "same_meaning", "params": {}}]
        )
    page = client.get(address("institution_duplicates")).content.decode()
    assert "南京第一医院" in page
    assert "西医院" not in page
    proposal = InstitutionDuplicate.unscoped.get(second=other)
    client.post(address("duplicate_reject", entity="institution", pk=proposal.pk))
    proposal.refresh_from_db()
    assert proposal.status == "rejected"
    assert "西医院" not in client.get(address("institution_duplicates")).content.decode()


def test_archiving_and_restoring_on_the_screen(world: World, browse: Make, hospital: Any) -> None:
    client = browse(world.east)
    client.post(reverse("customers:institution_archive", args=[hospital.pk]))
    assert "南京市第一医院" not in client.get(address("institution_list")).content.decode()
    client.post(address("restore", entity="institution", pk=hospital.pk))
    assert Institution.unscoped.get(pk=hospital.pk).archived_at is None


def counted_queries(client: Any, url: str) -> int:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client.get(url)
    with CaptureQueriesContext(connection) as queries:
        assert client.get(url).status_code == 200
    return len(queries)


def test_the_number_of_queries_does_not_grow_with_rows(
    world: World, browse: Make, hospital: Any, doctor: Any, institution: Make, professional: Make
) -> None:
    client = browse(world.east)
    services.department_create(actor=world.system, now=NOW, institution=hospital, name="内科")
    urls = [
        address("institution_detail", pk=hospital.pk),
        address("page_below", entity="institution", pk=hospital.pk),
        address("page_beside", entity="institution", pk=hospital.pk),
        address("professional_detail", pk=doctor.pk),
        address("institution_list"),
        address("professional_list"),
        address("department_list"),
    ]
    before = [counted_queries(client, url) for url in urls]
    for number in range(5):
        place = institution(f"医院{number}", territory=world.east)
        person = professional(f"人{number}", institution=hospital)
        services.affiliation_start(
            actor=world.system, professional=doctor.pk, institution=place, now=NOW,
            valid_from=date(2026, 11, 21), is_primary=False,
        )  # fmt: skip
        services.institution_name_add(actor=world.system, pk=hospital.pk, name=f"别名{number}", now=NOW)
        services.department_create(actor=world.system, now=NOW, institution=hospital, name=f"科室{number}")
        services.professional_contact_add(
            actor=world.system, pk=doctor.pk, kind="wechat", value=f"wechat{number}", now=NOW
        )
        services.professional_fact_record(
            actor=world.system, pk=person.pk, field="style", value="open", source="拜访", now=NOW
        )
    assert [counted_queries(client, url) for url in urls] == before


def test_search_finds_by_part_pinyin_initials_and_other_name(
    world: World, browse: Make, hospital: Any, institution: Make
) -> None:
    client = browse(world.east)
    services.institution_name_add(actor=world.system, pk=hospital.pk, name="公济医院", now=NOW)
    institution("苏州大药房", territory=world.east)
    for text in ("第一", "nanjing", "njsdyyy", "公济", "gongji"):
        page = client.get(address("institution_list"), {"q": text}).content.decode()
        assert "南京市第一医院" in page, text
        assert "苏州大药房" not in page, text


def test_rest_reads_and_writes_with_etag(world: World, browse: Make, hospital: Any) -> None:
    client = browse(world.east)
    url = f"/api/v1/customers/institutions/{hospital.pk}"
    answer = client.get(url)
    assert answer.json()["name"] == "南京市第一医院"
    tag = answer.headers["ETag"]
    changed = client.patch(url, {"beds": 5}, content_type="application/json", headers={"If-Match": tag})
    assert changed.status_code == 200
    stale = client.patch(url, {"beds": 6}, content_type="application/json", headers={"If-Match": tag})
    assert (stale.status_code, Institution.unscoped.get(pk=hospital.pk).beds) == (412, 5)
    people = client.get("/api/v1/customers/professionals/").json()
    assert "contacts" not in str(people)
    assert Professional.unscoped.count() == len(people["items"])


def test_rest_says_what_it_does_not_know(world: World, browse: Make, hospital: Any) -> None:
    """Dropped, a misspelt filter would answer with everything, and a misspelt field look as if it were saved."""
    client = browse(world.east)
    for query in ("teritory=1", "offset=50", "tier_nothing=A"):
        answer = client.get(f"/api/v1/customers/institutions/?{query}")
        assert (answer.status_code, list(answer.json()["fields"])) == (422, [query.partition("=")[0]])
    change = {"bed": 5, "id": 1}
    url = f"/api/v1/customers/institutions/{hospital.pk}"
    answer = client.patch(url, change, content_type="application/json", headers={"If-Match": "*"})
    assert (answer.status_code, sorted(answer.json()["fields"])) == (422, ["bed", "id"])
    assert Institution.unscoped.get(pk=hospital.pk).version == hospital.version


def test_people_are_found_by_the_product_line_that_their_department_treats_for(
    world: World, browse: Make, hospital: Any
) -> None:
    from yaomai.catalog.models import Product, ProductLine, StandardDepartment
    from yaomai.customers.services import department_create, professional_create
    from yaomai.kit.access import acting

    times = {"created_at": NOW, "updated_at": NOW}
    medicine = StandardDepartment.unscoped.create(code="T1", name="示例内科", **times)
    heart = StandardDepartment.unscoped.create(code="T1.1", name="示例心内专业", parent=medicine, **times)
    line = ProductLine.unscoped.create(code="T1", name="心血管", **times)
    product = Product.unscoped.create(name="安衡平", product_line=line, natural_key="a", **times)
    with acting(world.system):
        product.departments.set([medicine])
    given = {"actor": world.system, "now": NOW}
    ward = department_create(**given, institution=hospital, name="心内一科", standard=heart)
    other = department_create(**given, institution=hospital, name="骨科")
    professional_create(**given, name="甲心", institution=hospital, department=ward)
    professional_create(**given, name="乙心", institution=hospital, specialty="示例内科")
    professional_create(**given, name="丙骨", institution=hospital, department=other, specialty="示例内科")
    page = browse(world.east).get(f"/customers/professionals/?product_line={line.pk}").content.decode()
    assert "甲心" in page and "乙心" in page and "丙骨" not in page
