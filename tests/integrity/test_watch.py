"""From claims and accounts to cases, from outcomes to weights; nobody sees what is held against them."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from tests.compliance.conftest import Company
from tests.integrity.acts_examples import found

from yaomai.kit.access import Actor, Grant, acting, system_actor
from yaomai.kit.errors import Invalid, Missing

NOW = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)
TODAY = date(2026, 11, 21)
BOSS = system_actor("test", "prepare")
RIGHTS = frozenset(f"integrity.case:{verb}" for verb in ("view", "edit", "compute", "export")) | {
    "policies.version:view", "policies.version:propose", "compliance.expense:create",
}  # fmt: skip


def officer(company: Company, person: Any = None) -> Actor:
    who = person or company.colleague
    return Actor(who.pk, who.name, grants=(Grant(RIGHTS, None, company.position.pk, "compliance_officer"),))


def claim(company: Company, number: int, **said: Any) -> Any:
    from yaomai.compliance.services import expense_record

    usual: dict[str, Any] = {
        "claim": f"BX{number}", "claimant": company.person, "form": "travel", "on": TODAY - timedelta(days=number),
        "amount": Decimal("61.50") + number, "invoice": f"FP-{1000 + 17 * number}", "customer": f"医院{number}",
    }  # fmt: skip
    return expense_record(actor=BOSS, now=NOW, **(usual | said))


def opened(company: Company, **said: Any) -> Any:
    from yaomai.integrity.models import Case
    from yaomai.integrity.services import cases_open

    cases_open(actor=BOSS, now=NOW, found=[found(**({"person": company.person.pk} | said))])
    return Case.unscoped.latest("pk")


@pytest.mark.django_db(transaction=True)
def test_an_invoice_claimed_twice_becomes_one_case_with_its_lines(company: Company) -> None:
    from yaomai.integrity import presenting, services, watching
    from yaomai.integrity.models import Case

    with acting(BOSS):
        claim(company, 1, invoice="FP-9")
        claim(company, 2, invoice="FP-9", claimant=company.colleague)
        claim(company, 3)
        told = watching.look(on=TODAY)
        assert [(each.detector, each.person, each.other, each.lines) for each in told] == [
            ("same_invoice", company.person.pk, company.colleague.pk, 2)
        ]
        assert services.cases_open(actor=BOSS, now=NOW, found=told) == 1
        assert services.cases_open(actor=BOSS, now=NOW, found=told) == 0, "a second sweep opens nothing"
        case = Case.unscoped.get()
        assert case.amount == Decimal("126.00") and case.state == "open"
        shown = presenting.lines_of(case).rows
        assert [row.cells[2] for row in shown] == ["BX2-1", "BX1-1"]


@pytest.mark.django_db(transaction=True)
def test_a_claim_that_belongs_to_a_transfer_and_a_bill_for_several_guests_are_not_odd(company: Company) -> None:
    from yaomai.compliance.services import transfer_record
    from yaomai.customers.services import professional_create
    from yaomai.integrity import watching

    with acting(BOSS):
        others = [professional_create(actor=BOSS, now=NOW, name=name, institution=company.hospital) for name in "甲乙"]
        transfer_record(
            actor=BOSS, now=NOW, institution=company.hospital, professionals=[company.doctor, *others], form="meal",
            item="meal", on=TODAY - timedelta(days=4), amount=Decimal(240), own_heads=1, purpose="学术交流",
            evidence="FP-7", requester=company.person,
        )  # fmt: skip
        matched = claim(company, 4, form="meal", amount=Decimal(240), invoice="FP-7")
        assert matched.finding == "matched"
        assert watching.look(on=TODAY) == []


@pytest.mark.django_db(transaction=True)
def test_meals_split_below_the_limit_are_found_in_the_accounts(company: Company) -> None:
    from yaomai.compliance.services import transfer_record
    from yaomai.integrity import watching

    with acting(BOSS):
        for number in range(3):
            transfer_record(
                actor=BOSS, now=NOW, institution=company.hospital, professionals=[company.doctor], form="fee", item="lecture",
                on=TODAY - timedelta(days=10 + number), amount=Decimal(480), hours=Decimal(1), purpose="讲课", paid_as="bank",
                evidence=f"FP-{number}{number}", requester=company.person,
            )  # fmt: skip
        (split,) = (each for each in watching.look(on=TODAY) if each.detector == "split")
        assert split.professional == company.doctor.pk and split.lines == 3 and split.measure == 1440
        assert split.person == company.person.pk


@pytest.mark.django_db(transaction=True)
def test_visits_in_three_cities_on_one_day_are_found_from_checked_acts(company: Company) -> None:
    from yaomai.catalog.services import division_create
    from yaomai.compliance.models import Check
    from yaomai.customers.services import institution_create
    from yaomai.integrity import watching

    with acting(BOSS):
        province = division_create(actor=BOSS, now=NOW, code="91", name="安东省", level="province")
        for number in range(3):
            city = division_create(
                actor=BOSS, now=NOW, code=f"910{number + 1}", name=f"城{number}市", level="city", parent=province
            )
            place = institution_create(actor=BOSS, now=NOW, name=f"第{number}医院", division=city)
            Check.unscoped.create(
                kind="visit", on=TODAY, facts={"institution": place.pk, "professional": None}, outcome="allow",
                person=company.person, created_at=NOW,
            )  # fmt: skip
        (day,) = watching.look(on=TODAY)
        assert (day.detector, day.person, day.measure) == ("impossible_days", company.person.pk, 3.0)


@pytest.mark.django_db
def test_nobody_sees_or_touches_what_is_held_against_them(company: Company, client: Client) -> None:
    from yaomai.integrity.models import Case
    from yaomai.integrity.services import case_close, case_take

    about = opened(company, other=company.colleague.pk)
    for person in (company.person, company.colleague):
        with acting(officer(company, person)):
            assert not Case.objects.exists()
        for act in (
            lambda: case_take(actor=officer(company, person), now=NOW, pk=about.pk),  # noqa: B023 — called at once
            lambda: case_close(actor=officer(company, person), now=NOW, pk=about.pk, outcome="explained", note="没事"),  # noqa: B023
        ):
            with pytest.raises(Missing):
                act()
    about.refresh_from_db()
    assert about.state == "open"


@pytest.mark.django_db
def test_a_case_is_closed_once_with_an_outcome_and_opened_again_with_a_reason(company: Company) -> None:
    from yaomai.integrity import services
    from yaomai.integrity.services.watch import NotInState

    case, actor = opened(company), officer(company)
    common = {"actor": actor, "now": NOW, "pk": case.pk}
    assert services.case_take(**common).owner_id == actor.person_id
    with pytest.raises(Invalid):
        services.case_close(**common, outcome="explained", note="  ")
    with pytest.raises(Invalid):
        services.case_close(**common, outcome="whatever", note="说明")
    closed = services.case_close(**common, outcome="confirmed", note="两人同票，退回 480 元")
    assert closed.state == "closed" and closed.closed_at == NOW
    with pytest.raises(NotInState):
        services.case_close(**common, outcome="explained", note="再说")
    assert services.cases_open(actor=BOSS, now=NOW, found=[found(person=company.person.pk, lines=9)]) == 0
    closed.refresh_from_db()
    assert (closed.state, closed.lines) == ("closed", 2), "what was closed is frozen"
    with pytest.raises(Invalid):
        services.case_reopen(**common, reason="")
    assert services.case_reopen(**common, reason="新证据").outcome == ""


@pytest.mark.django_db
def test_weights_are_learned_from_outcomes_and_hold_only_once_approved(company: Company) -> None:
    from yaomai.integrity import selectors, services
    from yaomai.integrity.models import Case
    from yaomai.integrity.policies import WatchPolicy
    from yaomai.kit.policies.selectors import policy_on

    actor = company.officer
    outcomes = {
        "same_invoice": ["confirmed"] * 6,
        "round_amounts": ["confirmed"] + ["explained"] * 5,
        "ring": ["mistaken"],
    }
    services.cases_open(
        actor=BOSS, now=NOW,
        found=[found(detector=name, key=f"{number}") for name, some in outcomes.items() for number in range(len(some))],
    )  # fmt: skip
    with pytest.raises(Invalid):
        services.weights_propose(actor=actor, now=NOW)
    for case in Case.unscoped.all():
        services.case_close(
            actor=BOSS, now=NOW, pk=case.pk, outcome=outcomes[case.detector][int(case.key)], note="查过"
        )
    told = {each.detector: (each.closed, each.confirmed, each.precision) for each in selectors.records()}
    assert told["same_invoice"] == (6, 6, 1.0) and told["round_amounts"] == (6, 1, 1 / 6) and told["split"][2] is None
    learned = selectors.learned(WatchPolicy())
    assert learned["same_invoice"] == 1 and learned["round_amounts"] == Decimal("0.29"), "2/8 of 7/8"
    assert learned["ring"] == learned["split"] == 1, "too few closed cases teach nothing"
    company.seat(company.person, "legal")
    version = services.weights_propose(actor=actor, now=NOW)
    assert {each["detector"]: each["weight"] for each in version.document["weights"]}["round_amounts"] == "0.29"
    assert policy_on(WatchPolicy, on=TODAY)[0].weight_of["round_amounts"] == 1.0, "nobody has approved it"


@pytest.mark.django_db
def test_the_figures_of_the_policy_are_those_of_the_engine() -> None:
    from yaomai.engine.claims.settings import Settings
    from yaomai.integrity.policies import WatchPolicy

    policy = WatchPolicy(split_limit=Decimal(500), ring_links=7)
    assert policy.settings == Settings(split_limit=500, ring_links=7)


@pytest.mark.django_db
def test_the_pages_show_why_and_how_often_a_detector_was_right(company: Company, client: Client) -> None:
    case = opened(company, professional=company.doctor.pk)
    assert company.officer
    client.force_login(company.colleague, backend="yaomai.organization.sign_in.Backend")
    page = client.get(reverse("integrity:case_detail", args=[case.pk])).content.decode()
    assert "一张发票对应 2 笔明细" in page and "一张账单分摊报销" in page and "结案" in page
    assert "一票多报" in client.get(reverse("integrity:case_list")).content.decode()
    close = reverse("integrity:case_close", args=[case.pk])
    assert client.post(close, {"outcome": "", "note": "x"}).status_code == 422
    assert client.post(close, {"outcome": "explained", "note": "分摊，已核对"}).status_code == 302
    watch = client.get(reverse("integrity:watch")).content.decode()
    assert "命中率" in watch and "0.0%" in watch
    today = client.get("/").content.decode()
    assert "个疑点待核查" not in today
    opened(company, key="FP2")
    assert "有 1 个疑点待核查" in client.get("/").content.decode()
