"""Requests of data subjects: the clock, the answer, and erasing that leaves nothing, not even in the trail."""

import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from tests.compliance.conftest import Company

from yaomai.customers import erasing
from yaomai.customers.models import Professional
from yaomai.kit.access import Actor, acting, system_actor
from yaomai.kit.errors import Conflict, Invalid, Refused

NOW = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)
TODAY = date(2026, 11, 21)
BOSS = system_actor("test", "prepare")
NAME, PHONE = "独孤求败", "13800001234"


def linked() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")


def dump(*, besides: tuple[str, ...] = ()) -> str:
    """Return every value of every table."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        texts = []
        for (table,) in cursor.fetchall():
            if table not in besides:
                cursor.execute(f'SELECT row_to_json(t)::text FROM "{table}" t')
                texts += [f"{table}: {row[0]}" for row in cursor.fetchall()]
    return "\n".join(texts)


@pytest.fixture
def person(company: Company) -> Professional:
    """Return somebody of whom many rooms know something."""
    from yaomai.customers.services import (
        professional_contact_add,
        professional_create,
        professional_fact_record,
        professional_update,
    )
    from yaomai.influence.services import office_create

    with acting(BOSS):
        row: Professional = professional_create(
            actor=BOSS, now=NOW, name=NAME, code="P-777", institution=company.hospital, profession="physician"
        )
        professional_update(actor=BOSS, now=NOW, pk=row.pk, changes={"specialty": f"{NAME}门诊"})
        professional_contact_add(actor=BOSS, now=NOW, pk=row.pk, kind="mobile", value=PHONE, source=f"{NAME}名片")
        professional_fact_record(actor=BOSS, now=NOW, pk=row.pk, field="clinical_strengths", value=f"{NAME}希望参加年会",
                    source="拜访")  # fmt: skip
        office_create(actor=BOSS, now=NOW, professional=row, society=f"{NAME}学会", level="city", role="member",
                      valid_from=TODAY, source="学会官网")  # fmt: skip
        row.refresh_from_db()
    return row


def asked(person: Professional, kind: str = "delete", actor: Actor = BOSS, **said: Any) -> Any:
    from yaomai.privacy.services import request_take

    usual = {"professional": person, "kind": kind, "received_on": TODAY, "channel": "phone", "identity": f"回拨{NAME}",
             "words": f"我是{NAME}，请删除"}  # fmt: skip
    with acting(actor):
        return request_take(actor=actor, now=NOW, **(usual | said))


def closed(service: str, row: Any, actor: Actor = BOSS, answer: str = "已办理") -> Any:
    from yaomai.privacy import services

    with acting(actor):
        return getattr(services, service)(actor=actor, now=NOW, pk=row.pk, answer=answer)


@pytest.mark.django_db
def test_erasing_leaves_nothing_of_a_person_in_any_table_and_the_chain_is_whole(person: Professional) -> None:
    from yaomai.kit.audit.models import Entry
    from yaomai.kit.audit.sentences import Line
    from yaomai.kit.audit.verify import verify

    row = asked(person)
    before = dump()
    assert NAME in before
    done = closed("request_erase", row)
    assert done.state == "done" and done.done["customers.professionalcontact.professional"] == 1
    after = dump()
    for trace in (NAME, PHONE, "P-777", "独孤"):
        assert trace not in after, [line for line in after.splitlines() if trace in line]
    person.refresh_from_db()
    assert person.name == f"已删除#{person.pk}" and person.erased_at == NOW
    linked()
    assert verify().intact, "the chain is over the sealed words"
    made = Entry.unscoped.get(code="customers.professional:create", target_id=str(person.pk))
    assert "［已删除］" in Line(made).sentence and NAME not in Line(made).sentence
    assert not Professional.unscoped.exclude(search=None).filter(pk=person.pk, search__contains="独孤").exists()


@pytest.mark.django_db
def test_the_trail_reads_as_before_while_nobody_was_erased_and_keeps_no_name_in_clear(person: Professional) -> None:
    from yaomai.kit.audit.models import Entry
    from yaomai.kit.audit.selectors import history_of
    from yaomai.kit.audit.sentences import Line

    entries = list(Entry.unscoped.filter(target_id=str(person.pk), target_type="customers.professional"))
    assert entries and all(NAME not in entry.content for entry in entries)
    assert any(NAME in Line(entry).sentence for entry in entries)
    changed = next(Line(entry) for entry in entries if entry.code == "customers.professional:update")
    assert changed.changes["specialty"][1] == f"{NAME}门诊"
    with acting(BOSS):
        assert any(NAME in line.sentence for line in history_of(person))


@pytest.mark.django_db
def test_names_in_the_trail_are_opened_with_one_query_for_a_whole_page(
    company: Company, django_assert_num_queries: Any
) -> None:
    from yaomai.customers.services import professional_create
    from yaomai.kit.audit.models import Entry
    from yaomai.kit.audit.sentences import lines_of

    with acting(BOSS):
        for number in range(20):
            professional_create(actor=BOSS, now=NOW, name=f"独孤{number}", institution=company.hospital)
    entries = list(Entry.unscoped.filter(code="customers.professional:create"))
    with django_assert_num_queries(1):
        said = [line.sentence for line in lines_of(entries)]
    assert sum("独孤" in text for text in said) == 20


@pytest.mark.django_db
def test_where_a_law_wants_a_person_kept_they_are_restricted_with_the_reason_and_erased_when_it_ends(
    person: Professional, company: Company
) -> None:
    from yaomai.compliance.models import Share, Transfer
    from yaomai.privacy.services import retention_run

    transfer = Transfer.unscoped.create(
        form="gift", item="academic_book", institution=company.hospital, on=TODAY, amount=Decimal(45), asked_on=TODAY,
        state="given", created_at=NOW, updated_at=NOW,
    )  # fmt: skip
    Share.unscoped.create(transfer=transfer, professional=person, on=TODAY, amount=Decimal(45), form="gift")
    done = closed("request_erase", asked(person))
    assert done.state == "restricted" and done.holds[0][1] == "2031-11-21" and "第四十七条" in done.holds[0][2]
    person.refresh_from_db()
    assert person.name == NAME and person.restricted_at == NOW and person.archived_at == NOW
    with acting(BOSS):
        early = retention_run(actor=BOSS, now=NOW + timedelta(days=365 * 4), reason="年度清理")
        assert early.counts["restricted"] == [0, 0, 0]
        later = retention_run(actor=BOSS, now=NOW + timedelta(days=365 * 5 + 10), reason="年度清理")
    assert later.counts["restricted"] == [1, 1, 0]
    assert NAME not in dump()
    assert Share.unscoped.get().professional_id == person.pk, "the sum stays, of somebody without a name"


@pytest.mark.django_db
def test_whoever_took_a_request_does_not_erase_alone(person: Professional, company: Company) -> None:
    officer = company.officer
    row = asked(person, actor=officer)
    with pytest.raises(Refused):
        closed("request_erase", row, officer)
    person.refresh_from_db()
    assert person.name == NAME
    with pytest.raises(Invalid):
        closed("request_erase", row, answer=" ")
    assert closed("request_erase", row).state == "done"
    with pytest.raises(Conflict):
        closed("request_erase", row)


@pytest.mark.django_db
def test_merged_records_of_a_person_go_with_the_one_that_stands(person: Professional, company: Company) -> None:
    from yaomai.customers.services import professional_create, professional_merge

    with acting(BOSS):
        other = professional_create(actor=BOSS, now=NOW, name=f"{NAME}（重复）", institution=company.hospital)
        professional_merge(actor=BOSS, now=NOW, winner=person.pk, loser=other.pk)
    person.refresh_from_db()
    closed("request_erase", asked(person))
    assert "独孤" not in dump()


def test_every_reference_to_a_person_says_what_becomes_of_it() -> None:
    declared = {rows.name for rows in erasing.declared()}
    found = {
        f"{model._meta.label_lower}.{field.name}"
        for model in apps.get_models(include_auto_created=True)
        for field in model._meta.concrete_fields
        if field.related_model is Professional
    }
    assert found == declared


@pytest.mark.django_db
def test_the_clock_counts_working_days_and_never_passes_the_latest_day(person: Professional) -> None:
    row = asked(person, "copy", received_on=date(2026, 11, 20))
    assert (row.due_on, row.latest_on) == (date(2026, 12, 11), date(2026, 12, 20))
    with pytest.raises(Invalid):
        asked(person, "copy", received_on=TODAY + timedelta(days=1))


@pytest.mark.django_db
def test_a_copy_holds_what_is_kept_and_opens_what_is_sealed(person: Professional) -> None:
    from yaomai.kit.documents.pdf import pdf
    from yaomai.privacy import copies

    said = json.dumps(copies.as_json(person), ensure_ascii=False)
    for words in (NAME, PHONE, f"{NAME}希望参加年会", f"{NAME}学会", f"{NAME}名片"):
        assert words in said
    assert pdf(copies.as_document(person, made_by="合规", now=NOW)).startswith(b"%PDF")


@pytest.mark.django_db
def test_each_kind_takes_its_own_answer(person: Professional) -> None:
    for kind, right, wrong in (
        ("access", "request_answer", "request_erase"),
        ("withdraw", "request_withdraw", "request_answer"),
        ("restrict", "request_restrict", "request_withdraw"),
        ("explain", "request_refuse", "request_restrict"),
    ):
        row = asked(person, kind)
        with pytest.raises(Conflict):
            closed(wrong, row)
        assert closed(right, row).closed_at == NOW
    person.refresh_from_db()
    assert person.restricted_at == NOW


@pytest.mark.django_db
def test_waiting_requests_stand_in_today_but_not_an_erasure_one_may_not_do(
    person: Professional, company: Company
) -> None:
    from yaomai.privacy.today import requests_waiting

    officer = company.officer
    asked(person, "copy", actor=officer)
    asked(person, "delete", actor=officer)
    with acting(officer):
        items = requests_waiting(officer, NOW + timedelta(days=40))
    assert len(items) == 1 and items[0].is_overdue
