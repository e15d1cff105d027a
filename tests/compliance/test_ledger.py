"""The ledger: caps before anything is spent, one account whoever gives, refusals that cite, claims held against it."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from tests.compliance.conftest import BOSS, NOW, TODAY, Company

from yaomai.compliance import gate, ledger, rulebook
from yaomai.compliance.models import Check, Expense, Share, Transfer
from yaomai.compliance.services import (
    expense_record,
    expense_settle,
    transfer_drop,
    transfer_give,
    transfer_record,
    transfer_request,
)
from yaomai.compliance.services.transfers import MoreThanApproved, NotInState
from yaomai.kit.access import Actor, acting
from yaomai.kit.approvals.services import Overtaken, OwnRequest
from yaomai.kit.audit.models import Entry
from yaomai.kit.errors import Invalid, Missing

pytestmark = pytest.mark.django_db
SOON = TODAY + timedelta(days=3)
BOOK: dict[str, Any] = {
    "form": "gift", "item": "academic_book", "amount": Decimal(90), "on": SOON, "purpose": "学术交流",
}  # fmt: skip
DINNER: dict[str, Any] = {
    "form": "meal", "item": "meal", "amount": Decimal(200), "on": SOON, "purpose": "学术研讨", "own_heads": 1,
}  # fmt: skip


def ask(company: Company, *, actor: Actor | None = None, people: Any = None, **fields: Any) -> Transfer:
    assert company.officer
    who = [company.doctor] if people is None else people
    return transfer_request(
        actor=actor or company.actor(), now=NOW, institution=company.hospital, professionals=who, **(BOOK | fields)
    )


def approved(company: Company, **fields: Any) -> Transfer:
    transfer: Transfer = company.decide(ask(company, **fields))
    return transfer


def refused(company: Company, **fields: Any) -> list[str]:
    """Return the codes of the rules that forbid it."""
    with pytest.raises(gate.RuleForbids) as error:
        ask(company, **fields)
    assert error.value.citations
    entry = Entry.unscoped.filter(code="compliance.transfer:create").latest("pk")
    assert entry.outcome == "refused" and error.value.citations[0] in entry.content
    assert not Transfer.unscoped.exists() or Transfer.unscoped.filter(state="refused").count() == 0
    return [citation.rsplit("（", 1)[1].rstrip("）") for citation in error.value.citations]


# Caps before spending -------------------------------------------------------------------------------------------


def test_a_book_is_asked_for_approved_given_and_proved(company: Company) -> None:
    transfer = ask(company)
    assert transfer.state == "requested"
    check = Check.unscoped.get(target_type="compliance.transfer", target_id=str(transfer.pk))
    assert (check.outcome, check.facts["year_total"]) == ("needs_approval", "90.00")
    with pytest.raises(NotInState):
        transfer_give(
            actor=company.actor(), pk=transfer.pk, spent=Decimal(88), given_on=SOON, evidence="发票1", now=NOW
        )
    company.decide(transfer)
    assert transfer.state == "approved"
    later = NOW + timedelta(days=3)
    done = transfer_give(
        actor=company.actor(), pk=transfer.pk, spent=Decimal(88), given_on=SOON, evidence="发票1", now=later
    )
    assert (done.state, done.spent) == ("given", Decimal(88))
    assert list(Share.unscoped.values_list("professional", "amount")) == [(company.doctor.pk, Decimal(88))]


@pytest.mark.parametrize(
    ("fields", "rule"),
    [
        ({"item": "gift_card", "amount": Decimal(50)}, "UC1-CASH"),
        ({"form": "fee", "item": "transfer_to_person", "hours": Decimal(1)}, "UC1-CASH"),
        ({"form": "textbook", "item": "red_packet"}, "UC1-CASH"),
        ({"amount": Decimal("100.01")}, "K1"),
        ({"form": "textbook", "amount": Decimal(260)}, "K1"),
        ({"item": "other"}, "K2"),
        ({"purpose": " "}, "K4"),
        ({"purpose": "感谢本季度上量"}, "UC1-TIED"),
        ({"event": "年会"}, "K4-AGENDA"),
        ({"on": TODAY - timedelta(days=1)}, "K7-BEFORE"),
        ({**DINNER, "amount": Decimal(241)}, "K3"),
        ({"form": "fee", "item": "consulting", "hours": Decimal(2), "amount": Decimal(1001), "paid_as": "bank"}, "FMV"),
        ({"form": "sponsorship", "item": "event_support", "agenda": "议程", "event": "年会"}, "MR5"),
        ({"form": "sample", "item": "product_sample"}, "X7-PERSON"),
        ({"form": "sample", "item": "product_sample", "recipient": "organisation", "people": []}, "X7-AGREEMENT"),
    ],
)
def test_what_may_not_be_given_is_refused_with_its_source(company: Company, fields: dict[str, Any], rule: str) -> None:
    assert rule in refused(company, **fields)


def test_the_meal_is_held_against_the_level_of_its_city(company: Company) -> None:
    from yaomai.kit.policies.models import Version

    Version.unscoped.create(
        name="compliance.hospitality", number=1, status="published", valid_from=TODAY, published_at=NOW, created_at=NOW,
        document={"cities": [{"city": "江城", "per_head": "180"}], "elsewhere": "120", "ceiling": "300"}, reason="试",
    )  # fmt: skip
    assert ask(company, **(DINNER | {"amount": Decimal(360), "place": "江城市"})).pk
    Share.unscoped.all().delete()
    assert "K3" in refused(company, **(DINNER | {"amount": Decimal(360), "place": "海城市"}))


def test_a_dinner_split_in_two_is_caught_whoever_asks_for_the_second_half(company: Company) -> None:
    first = ask(company, **DINNER)
    assert first.pk
    other = company.actor(company.colleague)
    assert "K3-SPLIT" in refused(company, **(DINNER | {"amount": Decimal(60)}), actor=other)
    transfer_drop(actor=company.actor(), pk=first.pk, reason="改期", now=NOW)
    assert ask(company, **DINNER).pk, "what is not given counts no more"


def test_the_year_the_event_and_the_number_of_gifts_are_capped_over_all_departments(company: Company) -> None:
    for number in range(4):
        ask(company, on=SOON + timedelta(days=number))
    assert "CAP-GIFTS" in refused(company, on=SOON + timedelta(days=9))
    book = ledger.written(Transfer.unscoped.latest("pk"))
    assert [line.amount for line in book] == [Decimal(90)]
    big = {"form": "travel", "item": "room", "event": "年会", "agenda": "议程", "amount": Decimal(5999)}
    ask(company, **big)
    assert "CAP-EVENT" in refused(company, **(big | {"amount": Decimal(2)}))
    for number in range(2):
        ask(company, **(big | {"event": f"会{number}"}))
    assert "CAP-YEAR" in refused(company, **(big | {"event": "另一会"}))
    next_year = {"on": date(2027, 1, 4), "event": "明年"}
    assert ask(company, **(big | next_year)).pk, "a new year begins with an empty account"


def test_the_same_from_a_colleague_on_the_day_needs_another_look(company: Company) -> None:
    company.decide(ask(company))
    second = ask(company, item="notebook", amount=Decimal(20))
    verdict = Check.unscoped.get(target_id=str(second.pk))
    assert verdict.facts["same_that_day"] == "0", "the same person asked"
    company.seat(company.person, "compliance_officer")
    other = company.actor(company.colleague)
    third = ask(company, actor=other, item="pen", amount=Decimal(5))
    assert "DUPLICATE v1" in Check.unscoped.get(target_id=str(third.pk)).rules


def test_a_share_is_to_the_cent_and_counts_for_each(company: Company) -> None:
    from yaomai.customers.services import professional_create

    with acting(BOSS):
        second = professional_create(actor=BOSS, now=NOW, name="李雷", institution=company.hospital)
        third = professional_create(actor=BOSS, now=NOW, name="韩梅", institution=company.hospital)
    transfer = ask(company, people=[company.doctor, second, third], amount=Decimal(100), quantity=3)
    amounts = Share.unscoped.filter(transfer=transfer).values_list("amount", flat=True)
    assert sorted(amounts) == [Decimal("33.33"), Decimal("33.33"), Decimal("33.34")]
    assert Check.unscoped.filter(target_id=str(transfer.pk)).count() == 3


@pytest.mark.parametrize(
    ("fields", "where"),
    [
        ({"people": []}, "professionals"),
        ({"recipient": "organisation"}, "professionals"),
        ({"form": "meal"}, "item"),
        ({"form": "fee", "item": "consulting"}, "hours"),
        ({"quantity": 0}, "quantity"),
        ({"amount": Decimal(-1)}, "amount"),
        ({"amount": Decimal("1e14")}, "amount"),
        ({"form": "house"}, "form"),
        ({"state": "given"}, "state"),
    ],
)
def test_what_is_wrong_is_said_beside_the_field(company: Company, fields: dict[str, Any], where: str) -> None:
    with pytest.raises(Invalid) as error:
        ask(company, **fields)
    assert where in error.value.fields
    assert not Transfer.unscoped.exists()


# Approval -------------------------------------------------------------------------------------------------------


def test_nobody_approves_what_they_asked_for(company: Company) -> None:
    company.seat(company.person, "compliance_officer")
    transfer = ask(company, actor=company.officer)
    with pytest.raises(OwnRequest):
        company.decide(transfer)


def test_a_request_is_looked_at_again_when_it_is_decided(company: Company) -> None:
    transfer = ask(company)
    transfer_record(
        actor=BOSS, now=NOW, institution=company.hospital, professionals=[company.doctor],
        **(BOOK | {"on": TODAY, "quantity": 4, "amount": Decimal(40)}),
    )  # fmt: skip
    with pytest.raises(Overtaken):
        company.decide(transfer)
    company.decide(transfer, approve=False)
    assert transfer.state == "dropped"


def test_more_than_approved_is_not_given(company: Company) -> None:
    transfer = approved(company)
    later = NOW + timedelta(days=3)
    with pytest.raises(MoreThanApproved) as error:
        transfer_give(
            actor=company.actor(), pk=transfer.pk, spent=Decimal("94.51"), given_on=SOON, evidence="1", now=later
        )
    assert error.value.citations
    transfer_give(actor=company.actor(), pk=transfer.pk, spent=Decimal("94.50"), given_on=SOON, evidence="1", now=later)
    second = approved(company, on=SOON + timedelta(days=1))
    with pytest.raises(Invalid) as again:
        transfer_give(actor=company.actor(), pk=second.pk, spent=Decimal(90), given_on=SOON, evidence="1", now=later)
    assert "evidence" in again.value.fields, "one invoice proves one transfer"


def test_what_was_given_before_counts_whatever_the_rules_say(company: Company) -> None:
    record = {"on": date(2026, 3, 1), "amount": Decimal(19950), "form": "travel", "item": "room"}
    transfer_record(
        actor=BOSS, now=NOW, institution=company.hospital, professionals=[company.doctor], **(BOOK | record)
    )
    assert "CAP-YEAR" in refused(company)
    with pytest.raises(Missing):
        transfer_record(
            actor=company.actor(rights=frozenset({"compliance.transfer:create"})), now=NOW, institution=company.hospital,
            professionals=[company.doctor], **(BOOK | record),
        )  # fmt: skip


def test_the_account_is_one_query_beside_the_rule_book(company: Company, django_assert_num_queries: Any) -> None:
    transfer = ask(company)
    parts = ledger.written(transfer)
    rulebook.on_day(SOON)
    with acting(BOSS), django_assert_num_queries(3):
        list(ledger.verdicts(transfer, parts, amount=transfer.amount, actor=company.actor(), on=SOON))


# Claims ---------------------------------------------------------------------------------------------------------


def claim(company: Company, **fields: Any) -> Expense:
    said = {
        "claim": "BX1", "line": Expense.unscoped.count() + 1, "claimant": company.person, "form": "gift", "on": SOON,
        "amount": Decimal(90), "invoice": "",
    }  # fmt: skip
    expense: Expense = expense_record(actor=BOSS, now=NOW, **(said | fields))
    return expense


def test_claims_are_held_against_what_was_approved(company: Company) -> None:
    transfer = approved(company)
    nothing = claim(company, form="meal", amount=Decimal(500))
    good = claim(company, amount=Decimal(90), invoice="发票9")
    again = claim(company, claim="BX2", claimant=company.colleague, invoice="发票9")
    second = claim(company, claim="BX3", amount=Decimal(90), invoice="发票10")
    assert (nothing.finding, good.finding, again.finding) == ("unapproved", "matched", "duplicate")
    assert good.transfer_id == transfer.pk
    assert second.finding == "unapproved", "a transfer is claimed once"
    over = approved(company, on=SOON + timedelta(days=20))
    dear = claim(company, claim="BX4", on=SOON + timedelta(days=21), amount=Decimal(120))
    assert (dear.finding, dear.transfer_id) == ("over", over.pk)
    with pytest.raises(Invalid):
        expense_settle(actor=BOSS, pk=dear.pk, note=" ", now=NOW)
    assert expense_settle(actor=BOSS, pk=dear.pk, note="退回差额", now=NOW).finding == "settled"
