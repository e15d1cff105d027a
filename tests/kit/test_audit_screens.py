"""The trail on the screen: sentences, filters, pages, proof, and who may see it."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from yaomai.kit.access import Actor, Grant, acting, system_actor
from yaomai.kit.audit import trail
from yaomai.kit.audit.models import Entry
from yaomai.kit.audit.selectors import PAGE_SIZE, Wanted, entry_page, history_of
from yaomai.kit.audit.sentences import Line, act_title
from yaomai.kit.errors import Missing

AUDITOR = Actor(person_id=None, label="auditor", grants=(Grant(frozenset({"audit.entry:view"})),))
WRITER = system_actor("导入任务", "a test")


@pytest.fixture
def auditor(db: None) -> Client:
    from yaomai.organization.models import Holding, Person, Position, Role, Territory

    company = Territory.unscoped.create(code="C", name="C", level="company", path="/", valid_from=date(2025, 1, 1))
    rights = [f"audit.entry:{verb}" for verb in ("view", "verify", "export")] + ["organization.person:view"]
    role = Role.unscoped.create(code="a", name="审计", name_en="Audit", reach="company", rights=rights)
    position = Position.unscoped.create(
        code="A", title="审计", role=role, territory=company, valid_from=date(2025, 1, 1)
    )
    person = Person.unscoped.create(username="sun", name="孙静")
    Holding.unscoped.create(person=person, position=position, valid_from=date(2025, 1, 1))
    client = Client()
    client.force_login(person, backend="yaomai.organization.sign_in.Backend")
    return client


def link() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")


def entry(number: int = 1, **values: Any) -> Entry:
    made = trail.record(
        **{
            "actor": WRITER,
            "code": "organization.person:create",
            "changes": {"name": (None, f"人员{number}")},
            "at": timezone.now() - timedelta(minutes=1000 - number),
        }
        | values
    )
    link()
    return made


def test_what_a_schedule_did_is_said_by_the_label_of_its_work(db: None) -> None:
    from django.utils import translation

    from yaomai.integrity import jobs

    actor = system_actor("integrity.letterbox", "The letterbox is emptied every night.")
    line = Line(entry(actor=actor))
    with translation.override("zh-hans"):
        assert line.who == f"系统（{jobs.empty_letterbox.label}）"
        assert "letterbox" not in line.sentence


def test_an_entry_reads_as_a_sentence_in_both_languages(db: None) -> None:
    from django.utils import translation

    from yaomai.organization.models import Person

    line = Line(entry(target=Person.unscoped.create(username="x", name="王芳")))
    with translation.override("zh-hans"):
        assert line.sentence == "导入任务 新建了人员 王芳"
    with translation.override("en"):
        assert line.sentence == "导入任务 created the person 王芳"
        refused = Line(entry(outcome=Entry.Outcome.REFUSED, params={"reason": "No."}))
        assert refused.sentence == "导入任务 was refused: “created the person …” No."
    assert act_title("no.such:act") == "· no.such:act"


def test_pages_go_by_key_and_meet(db: None) -> None:
    ids = [entry(number).pk for number in range(PAGE_SIZE * 2 + 5)]
    with acting(AUDITOR):
        first = entry_page(Wanted())
        second = entry_page(Wanted(), older_than=first.older_than)
        third = entry_page(Wanted(), older_than=second.older_than)
        back = entry_page(Wanted(), newer_than=second.newer_than)
    pages = [[line.pk for line in page.lines] for page in (first, second, third)]
    assert [pk for page in pages for pk in page] == ids[::-1]
    assert (third.older_than, first.newer_than) == (None, None)
    assert [line.pk for line in back.lines] == pages[0]


@pytest.mark.parametrize(
    ("wanted", "count"),
    [
        (Wanted(code="organization.person:create"), 2),
        (Wanted(outcome="refused"), 1),
        (Wanted(actor_id=7), 1),
        (Wanted(target_type="a.b", target_id="9"), 0),
        (Wanted(since=date(2026, 11, 2), until=date(2026, 11, 2)), 1),
    ],
)
def test_filters_narrow(db: None, wanted: Wanted, count: int, time_machine: Any) -> None:
    moment = timezone.make_aware(timezone.datetime(2026, 11, 2, 23, 59))
    entry(at=moment)
    entry(at=moment + timedelta(minutes=2), outcome=Entry.Outcome.REFUSED)
    entry(code="organization.person:edit", actor=Actor(person_id=7, label="王芳"), at=moment + timedelta(days=3))
    with acting(AUDITOR):
        assert len(entry_page(wanted).lines) == count


def test_the_list_costs_the_same_however_long_the_trail(auditor: Client) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert auditor.get(reverse("audit:entry_list")).status_code == 200
        return len(captured)

    entry(1)
    few = cost()
    for number in range(2, 40):
        entry(number)
    assert cost() == few


def test_the_detail_shows_the_change_and_the_proof(auditor: Client) -> None:
    made = entry(5)
    page = auditor.get(reverse("audit:entry_detail", args=[made.pk])).content.decode()
    assert "人员5" in page and "签章一致" in page
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_entry DISABLE TRIGGER audit_entry_fixed")
        cursor.execute("UPDATE audit_entry SET content = replace(content, '人员5', '人员6') WHERE id = %s", [made.pk])
        cursor.execute("ALTER TABLE audit_entry ENABLE TRIGGER audit_entry_fixed")
    page = auditor.get(reverse("audit:entry_detail", args=[made.pk])).content.decode()
    assert "签章不符" in page


def test_without_the_right_the_trail_is_not_there(auditor: Client) -> None:
    from yaomai.organization.models import Role

    made = entry()
    Role.unscoped.update(rights=[])
    for url in (reverse("audit:entry_list"), reverse("audit:entry_detail", args=[made.pk]), reverse("audit:verify")):
        assert auditor.get(url).status_code == 404
    assert auditor.post(reverse("audit:export")).status_code == 404
    with pytest.raises(Missing), acting(Actor(person_id=None, label="x")):
        history_of(Entry.unscoped.first())


def test_verifying_and_exporting_leave_entries(auditor: Client, settings: Any, tmp_path: Any) -> None:
    settings.DATA = tmp_path
    entry()
    assert auditor.post(reverse("audit:verify")).status_code == 302
    link()
    assert "条，完整" in auditor.get(reverse("audit:verify")).content.decode()
    answer = auditor.post(reverse("audit:export"))
    lines = b"".join(answer.streaming_content).splitlines()
    assert len(lines) == 2
    codes = list(Entry.unscoped.order_by("-pk").values_list("code", flat=True)[:2])
    assert codes == ["audit.entry:export", "audit.entry:verify"]


def test_history_of_a_row_needs_the_right_on_the_row(db: None) -> None:
    from yaomai.organization.models import Person

    person = Person.unscoped.create(username="x", name="王芳")
    entry(target=person)
    seer = Actor(person_id=None, label="x", grants=(Grant(frozenset({"organization.person:view"})),))
    with acting(seer):
        assert [line.target for line in history_of(person)] == ["王芳"]
    with pytest.raises(Missing), acting(Actor(person_id=None, label="y")):
        history_of(person)


@pytest.mark.parametrize("query", ["code=nonsense", "since=yesterday", "person=x", "outcome=maybe"])
def test_a_filter_that_cannot_be_read_is_said_not_ignored(auditor: Client, query: str) -> None:
    assert auditor.get(f"{reverse('audit:entry_list')}?{query}").status_code == 422


@pytest.mark.parametrize("query", ["older=x", "older=99999999999999999999", "newer=-1"])
def test_strange_cursors_show_the_first_page(auditor: Client, query: str) -> None:
    assert auditor.get(f"{reverse('audit:entry_list')}?{query}").status_code == 200
