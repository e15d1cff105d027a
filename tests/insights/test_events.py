"""Policy events: who is affected and by how much, what came, what is refused, and who sees what."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.utils import translation

from yaomai.insights import services
from yaomai.insights.events import assessing, registrations
from yaomai.insights.events.documents import event_document, impact_document
from yaomai.insights.events.policies import EventPolicy
from yaomai.insights.models import PolicyEvent, PolicyImpact
from yaomai.kit.access import Actor, Grant, acting
from yaomai.kit.documents.excel import workbook
from yaomai.kit.documents.pdf import pdf
from yaomai.kit.documents.word import word
from yaomai.kit.errors import Conflict, Invalid, Missing
from yaomai.organization import wall

from .acts_examples import BOSS, NOW, TODAY, city
from .flow import hospitals, take_in

pytestmark = pytest.mark.django_db(transaction=True)
DO = {"actor": BOSS, "now": NOW}
LAST = date(2026, 10, 1)


@pytest.fixture(autouse=True)
def own_files(settings: Any, tmp_path: Path) -> Iterator[None]:
    settings.DATA = tmp_path
    with acting(BOSS):
        yield


def company() -> tuple[list[Any], Any]:
    """Return three hospitals, of which the third buys next to nothing, and the product; two years of flow."""
    rows = hospitals(3)
    product = take_in(
        {rows[0]: [1000.0] * 24, rows[1]: [500.0] * 18 + [100.0] * 6, rows[2]: [0.0] * 23 + [20.0]}, last=LAST
    )
    return rows, product


def recorded(**fields: Any) -> PolicyEvent:
    told: dict[str, Any] = {
        "title": "第十一批集采", "kind": "vbp", "effective_on": date(2027, 1, 1), "generic_names": "安氯平片",
        "price_low": Decimal("-0.6"), "price_high": Decimal("-0.4"), "volume_low": Decimal(0),
        "volume_high": Decimal("0.5"), "source": "国家组织药品联合采购办公室",
    } | fields  # fmt: skip
    return services.policy_event_create(**DO, **told)


def own(product: Any) -> None:
    from yaomai.catalog.services import product_update

    product_update(**DO, pk=product.pk, changes={"is_own": True})


def test_every_customer_has_its_range_and_its_advice() -> None:
    rows, product = company()
    event = recorded(products=[product], generic_names="")
    assert services.policy_event_assess(**DO, pk=event.pk) == 2
    first, second = PolicyImpact.unscoped.order_by("-base")
    # Twelve months to October 2026: 12 × 1000; 0.4 to 0.9 of it.
    assert (first.institution_id, first.base, first.low, first.high) == (rows[0].pk, 12000, 4800, 10800)
    assert (first.at_risk, first.share, first.products) == (7200, 1, [[product.pk, "12000.00"]])
    assert (second.base, second.low) == (3600, 1440)
    assert first.advice == ["report", "meeting", "volume", "alternatives"]
    event.refresh_from_db()
    assert event.assessed_on == TODAY and event.inputs["months"] == ["2025-11-01", "2026-11-01"]
    assert event.inputs["sales_flow"] and event.inputs["products"] == [[product.pk, product.name]]
    found = assessing.totals(PolicyImpact.objects.filter(event=event))
    assert (found["count"], found["at_risk"]) == (2, Decimal("9360.00"))


def test_generic_names_mean_our_own_products_only() -> None:
    _rows, product = company()
    event = recorded()
    assert services.policy_event_assess(**DO, pk=event.pk) == 0
    own(product)
    assert services.policy_event_assess(**DO, pk=event.pk) == 2
    assert services.policy_event_assess(**DO, pk=event.pk) == PolicyImpact.unscoped.count() == 2


def test_only_the_regions_of_an_event_are_affected() -> None:
    from yaomai.customers.models import Institution

    rows, product = company()
    place = city()
    Institution.unscoped.filter(pk=rows[1].pk).update(division=place)
    event = recorded(products=[product], regions=[place.parent])
    assert services.policy_event_assess(**DO, pk=event.pk) == 1
    assert PolicyImpact.unscoped.get().institution_id == rows[1].pk


def test_what_came_is_held_against_the_same_months_a_year_before() -> None:
    rows, product = company()
    event = recorded(products=[product], effective_on=date(2026, 5, 1))
    with pytest.raises(Conflict):
        services.policy_event_compare(**DO, pk=event.pk)
    services.policy_event_assess(**DO, pk=event.pk)
    # The twelve months before May 2026, whatever came since.
    assert PolicyImpact.unscoped.get(institution=rows[1]).base == 6000
    assert services.policy_event_compare(**DO, pk=event.pk) == 6
    steady, fallen = (PolicyImpact.unscoped.get(institution=row) for row in rows[:2])
    assert (steady.actual, steady.expected_low, steady.expected_high) == (6000, 2400, 5400)
    assert (steady.standing, steady.months) == ("above", 6)
    assert (fallen.actual, fallen.expected_low, fallen.standing) == (600, 1200, "below")
    services.policy_event_assess(**DO, pk=event.pk)
    again = PolicyImpact.unscoped.get(institution=rows[0])
    assert again.actual is None and PolicyEvent.unscoped.get().compared_on is None


def test_before_it_takes_effect_there_is_nothing_to_compare() -> None:
    _rows, product = company()
    event = recorded(products=[product])
    services.policy_event_assess(**DO, pk=event.pk)
    with pytest.raises(Conflict):
        services.policy_event_compare(**DO, pk=event.pk)


def test_a_change_after_the_assessment_is_seen_and_the_range_it_was_assessed_with_stays() -> None:
    rows, product = company()
    event = recorded(products=[product], effective_on=date(2026, 5, 1))
    services.policy_event_assess(**DO, pk=event.pk)
    assert not assessing.is_stale(PolicyEvent.unscoped.get())
    services.policy_event_update(**DO, pk=event.pk, changes={"price_low": Decimal("-0.9")})
    assert assessing.is_stale(PolicyEvent.unscoped.get())
    services.policy_event_compare(**DO, pk=event.pk)
    assert PolicyImpact.unscoped.get(institution=rows[0]).expected_low == 2400


def test_without_any_sales_flow_nobody_is_affected() -> None:
    event = recorded()
    assert services.policy_event_assess(**DO, pk=event.pk) == 0
    with pytest.raises(Conflict):
        services.policy_event_compare(**DO, pk=event.pk)


def test_what_is_refused_changes_nothing() -> None:
    from yaomai.catalog.services import division_create

    place = city()
    district = division_create(**DO, code="910101", name="城东区", parent=place)
    for wrong in (
        {"generic_names": " 、"}, {"price_low": Decimal("0.1"), "price_high": Decimal("-0.1")},
        {"volume_low": Decimal(2), "volume_high": Decimal(1)}, {"price_low": Decimal(-2)}, {"regions": [district]},
        {"title": ""}, {"kind": "tax"}, {"source": ""}, {"source_url": "javascript:alert(1)"},
    ):  # fmt: skip
        with pytest.raises(Invalid):
            recorded(**wrong)
    assert PolicyEvent.unscoped.count() == 0
    event = recorded()
    with pytest.raises(Invalid):
        services.policy_event_update(**DO, pk=event.pk, changes={"generic_names": ""})
    assert PolicyEvent.unscoped.get().generic_names == "安氯平片"
    services.policy_event_archive(**DO, pk=event.pk)
    with pytest.raises(Conflict):
        services.policy_event_assess(**DO, pk=event.pk)


def test_a_merged_customer_keeps_one_impact() -> None:
    from yaomai.customers.services import institution_merge

    rows, product = company()
    event = recorded(products=[product])
    services.policy_event_assess(**DO, pk=event.pk)
    institution_merge(**DO, winner=rows[0].pk, loser=rows[1].pk)
    services.policy_event_assess(**DO, pk=event.pk)
    assert [row.base for row in PolicyImpact.unscoped.all()] == [Decimal(15600)]


def test_documents_for_us_and_for_the_customer() -> None:
    _rows, product = company()
    event = recorded(products=[product], effective_on=date(2026, 5, 1))
    services.policy_event_assess(**DO, pk=event.pk)
    services.policy_event_compare(**DO, pk=event.pk)
    event = PolicyEvent.unscoped.get()
    policy = EventPolicy()
    rows = list(PolicyImpact.objects.select_related("institution", "event").order_by("-at_risk"))
    for language in ("zh-hans", "en"):
        with translation.override(language):
            whole = event_document(event, rows, policy=policy, made_at=NOW, made_by="x", is_paper=True)
            assert (
                pdf(whole).startswith(b"%PDF") and word(whole).startswith(b"PK") and workbook(whole).startswith(b"PK")
            )
            ours, theirs = (
                impact_document(rows[0], policy=policy, made_at=NOW, made_by="x", is_for_customer=is_theirs)
                for is_theirs in (False, True)
            )
            assert word(ours).startswith(b"PK") and pdf(theirs).startswith(b"%PDF")
            advice = policy.text_of("meeting", "zh" if language.startswith("zh") else "en")
            assert advice in repr(ours) and advice not in repr(theirs)


def test_today_and_the_customer_page_tell_those_who_see_purchases_only() -> None:
    from yaomai.customers.models import Institution
    from yaomai.organization.models import Person, Territory

    rows, product = company()
    event = recorded(products=[product])
    (waiting,) = registrations.events_to_assess(BOSS, NOW)
    assert event.title in waiting.title
    services.policy_event_assess(**DO, pk=event.pk)
    assert registrations.events_to_assess(BOSS, NOW) == []
    near = Territory.unscoped.create(code="E", name="东", level="region", path="/1/", valid_from=TODAY)
    Institution.unscoped.filter(pk=rows[1].pk).update(territory=near)
    rights = frozenset({"insights.policyevent:view", "insights.policyimpact:view", "insights.policyevent:assess",
                        "customers.institution:view"})  # fmt: skip
    person = Person.unscoped.create(username="local", name="王")
    local = Actor(person.pk, "local", (Grant(rights, frozenset({near.pk})),))
    with acting(local):
        (item,) = registrations.events_ahead(local, NOW)
        assert item.money == Decimal("2160.00") and "1" in item.title
        (told,) = registrations.affected(rows[1], local, TODAY)
        assert "第十一批集采" in told.text
        assert [row.institution_id for row in PolicyImpact.objects.all()] == [rows[1].pk]
    filed = Actor(person.pk, "filed", (Grant(rights - wall.commercial(rights), None),))
    assert wall.commercial(rights) == {"insights.policyimpact:view", "insights.policyevent:assess"}
    with acting(filed):
        assert registrations.events_ahead(filed, NOW) == registrations.events_to_assess(filed, NOW) == []
        assert list(registrations.affected(rows[1], filed, TODAY)) == []
        assert PolicyEvent.objects.count() == 1 and PolicyImpact.objects.count() == 0
        with pytest.raises(Missing):
            services.policy_event_assess(actor=filed, now=NOW, pk=event.pk)


def taken_in(path: Path, *rows: list[str]) -> Any:
    """Import rows of a sheet, and return how it ended."""
    from openpyxl import Workbook

    from yaomai.kit.transfer import services as transfer

    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["政策名称", "政策类型", "执行日期", "适用地区", "涉及产品", "最大降幅", "最小降幅", "来源"])
    for row in rows:
        sheet.append(row)
    book.save(path)
    done = transfer.import_upload(**DO, importer="insights.policy_event", path=path, file_name=path.name)
    transfer.import_map(**DO, pk=done.pk, mapping=done.mapping)
    transfer.import_check(**DO, pk=done.pk)
    return transfer.import_apply(**DO, pk=done.pk)


def test_events_come_as_a_sheet_and_the_same_again_corrects(tmp_path: Path) -> None:
    _rows, product = company()
    own(product)
    province = city().parent
    told = ["第十二批集采", "集采", "2027-03-01", province.name, "AH1", "-0.6", "-0.4", "联采办"]
    taken_in(tmp_path / "一.xlsx", told, ["医保目录调整", "医保", "2027-01-01", "", "没有这个", "", "", "国家医保局"])
    event = PolicyEvent.unscoped.get()
    assert (event.title, event.kind, event.effective_on) == ("第十二批集采", "vbp", date(2027, 3, 1))
    assert (event.price_low, event.price_high) == (Decimal("-0.6"), Decimal("-0.4"))
    assert list(event.products.all()) == [product] and list(event.regions.all()) == [province]
    taken_in(tmp_path / "二.xlsx", told)
    event.refresh_from_db()
    assert event.version == 1
    taken_in(tmp_path / "三.xlsx", [*told[:3], "", "", "-0.7", "-0.4", "联采办"])
    event.refresh_from_db()
    assert (event.price_low, event.version) == (Decimal("-0.7"), 2)
    assert list(event.regions.all()) == [province]


def test_assessing_and_comparing_run_in_the_background() -> None:
    from yaomai.insights.jobs import assess_event, compare_event
    from yaomai.insights.services.events import NotAssessed, require_comparable

    _rows, product = company()
    own(product)
    event = recorded(effective_on=date(2026, 6, 1))
    with pytest.raises(NotAssessed):
        require_comparable(event, today=TODAY)

    class Handle:
        actor = BOSS

    assert assess_event.handler(job=Handle(), event=event.pk)["customers"] == 2
    event.refresh_from_db()
    require_comparable(event, today=TODAY)
    assert compare_event.handler(job=Handle(), event=event.pk)["months"] > 0
