"""The crisis room: plan, clock, chain of evidence, review; and voluntary disclosure."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from tests.access.world import picture
from tests.compliance.conftest import Company

from yaomai.kit.access import acting, system_actor
from yaomai.kit.errors import Conflict, Invalid, Missing, Refused

NOW = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)
TODAY = date(2026, 11, 21)
BOSS = system_actor("test", "prepare")


def opened(**said: Any) -> Any:
    from yaomai.integrity.services import crisis_open

    return crisis_open(actor=BOSS, now=NOW, **({"kind": "media", "title": "某平台报道夸大疗效"} | said))


@pytest.mark.django_db
def test_opening_starts_the_clock_of_the_plan_and_each_role_is_told(company: Company) -> None:
    from yaomai.integrity.services import crisis_task_done
    from yaomai.integrity.today import crisis_steps

    crisis = opened()
    tasks = list(crisis.tasks.order_by("number"))
    assert tasks[0].role == "compliance_officer" and tasks[0].due_at == NOW + timedelta(hours=1)
    with acting(company.officer):
        mine = crisis_steps(company.officer, NOW + timedelta(hours=2))
        assert mine[0].title == tasks[0].text and mine[0].is_overdue
        crisis_task_done(actor=company.officer, now=NOW + timedelta(minutes=30), pk=crisis.pk, number=1, note="已封存")
        assert tasks[0].text not in [item.title for item in crisis_steps(company.officer, NOW)]
        with pytest.raises(Invalid):
            crisis_task_done(actor=company.officer, now=NOW, pk=crisis.pk, number=1)
        with pytest.raises(Missing):
            crisis_task_done(actor=company.officer, now=NOW, pk=crisis.pk, number=99)


@pytest.mark.django_db
def test_whoever_has_a_step_in_a_plan_can_see_the_crisis_and_do_it(company: Company) -> None:
    from yaomai.integrity.models import Crisis
    from yaomai.integrity.policies import CrisisPolicy
    from yaomai.integrity.services import crisis_task_done
    from yaomai.integrity.words import CRISES
    from yaomai.organization.services import person_create

    roles = {step.role for plan in CrisisPolicy().plans for step in plan.steps}
    assert {plan.kind for plan in CrisisPolicy().plans} == set(CRISES) and len(roles) >= 5
    crises = {kind: opened(kind=kind, title=kind) for kind in CRISES}
    for role in sorted(roles):
        actor = company.seat(person_create(actor=BOSS, now=NOW, username=f"p{role}", name=role), role)
        for crisis in crises.values():
            for task in crisis.tasks.filter(role=role):
                with acting(actor):
                    assert Crisis.objects.filter(pk=crisis.pk).exists(), role
                    crisis_task_done(actor=actor, now=NOW, pk=crisis.pk, number=task.number)


@pytest.mark.django_db
def test_the_chain_of_evidence_shows_every_change_and_a_file_that_is_gone(
    company: Company, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.core.files.storage import FileSystemStorage

    from yaomai.integrity.models import CrisisRecord
    from yaomai.integrity.services import crisis_write
    from yaomai.integrity.services.crises import broken_link
    from yaomai.kit.attachments import store
    from yaomai.kit.attachments.errors import NotAccepted

    monkeypatch.setattr(store, "default_storage", FileSystemStorage(location=tmp_path))
    crisis = opened()
    said = {"actor": BOSS, "now": NOW, "pk": crisis.pk}
    crisis_write(
        **said, kind="fact", text="报道于今早发布", source="平台截图", file_name="截图.png", content=picture("报道")
    )
    crisis_write(**said, kind="statement", text="我公司已关注到报道。")
    crisis_write(**said, kind="decision", text="由法务统一答复。")
    assert broken_link(crisis) is None
    with pytest.raises(NotAccepted):
        crisis_write(**said, kind="file", text="x", file_name="a.png", content=b"MZ\x90\x00")
    with pytest.raises(Invalid):
        crisis_write(**said, kind="rumour", text=" ")
    second = CrisisRecord.unscoped.get(number=2)
    for column, value in (
        ("text", "没有这回事"),
        ("source", "别处"),
        ("writer", "别人"),
        ("at", NOW - timedelta(days=1)),
    ):
        before = getattr(second, column)
        CrisisRecord.unscoped.filter(pk=second.pk).update(**{column: value})
        assert broken_link(crisis) == 2, column
        CrisisRecord.unscoped.filter(pk=second.pk).update(**{column: before})
    CrisisRecord.unscoped.filter(pk=second.pk).update(number=9)
    assert broken_link(crisis) == 2
    CrisisRecord.unscoped.filter(pk=second.pk).update(number=2)
    assert broken_link(crisis) is None
    file = CrisisRecord.unscoped.get(number=1).file
    assert file is not None
    store.stored(file.sha256).write_bytes(b"another")
    assert broken_link(crisis) == 1


@pytest.mark.django_db
def test_what_is_over_takes_no_more_and_a_drill_is_reviewed(company: Company) -> None:
    from yaomai.integrity.services import crisis_close, crisis_write
    from yaomai.integrity.services.crises import CrisisOver

    drill = opened(is_drill=True)
    with pytest.raises(Invalid):
        crisis_close(actor=BOSS, now=NOW, pk=drill.pk, review="  ")
    crisis_close(actor=BOSS, now=NOW, pk=drill.pk, review="发言人两小时才确定，改为常设")
    for again in (
        lambda: crisis_close(actor=BOSS, now=NOW, pk=drill.pk, review="x"),
        lambda: crisis_write(actor=BOSS, now=NOW, pk=drill.pk, kind="fact", text="迟到的事实"),
    ):
        with pytest.raises(CrisisOver):
            again()


@pytest.mark.django_db
def test_a_disclosure_is_approved_by_somebody_else_before_it_is_handed_in(company: Company) -> None:
    from yaomai.integrity import services
    from yaomai.integrity.services.registers import NotInState

    assert company.officer
    rights = frozenset(f"integrity.disclosure:{verb}" for verb in ("view", "create", "edit", "approve"))
    author = company.actor(rights=rights)
    words = {
        "title": "科室会餐费超标",
        "authority": "市场监督管理局",
        "found_on": TODAY,
        "facts": "三次超标",
        "measures": "退回并整改",
    }
    with acting(author):
        row = services.disclosure_create(actor=author, now=NOW, **words)
        with pytest.raises(NotInState):
            services.disclosure_hand_in(actor=author, now=NOW, pk=row.pk, reference="回执1", on=TODAY)
        services.disclosure_ask(actor=author, now=NOW, pk=row.pk)
        with pytest.raises(NotInState):
            services.disclosure_update(actor=author, now=NOW, pk=row.pk, changes={"facts": "一次"})
    from yaomai.kit import approvals
    from yaomai.kit.approvals.services import OwnRequest, request_approve

    request = approvals.standing(row)
    assert request is not None
    with pytest.raises((OwnRequest, Refused, Missing)), acting(author):
        request_approve(actor=author, pk=request.pk, now=NOW)
    company.decide(row)
    assert row.state == "approved"
    with acting(author):
        with pytest.raises(Invalid):
            services.disclosure_hand_in(
                actor=author, now=NOW, pk=row.pk, reference="回执1", on=TODAY + timedelta(days=1)
            )
        services.disclosure_hand_in(actor=author, now=NOW, pk=row.pk, reference="回执1", on=TODAY)
        with pytest.raises(Conflict):
            services.disclosure_hand_in(actor=author, now=NOW, pk=row.pk, reference="回执2", on=TODAY)
        done = services.disclosure_mend(actor=author, now=NOW, pk=row.pk, result="餐费已退回，附凭证", on=TODAY)
    assert (done.state, done.reference) == ("mended", "回执1")


@pytest.mark.django_db
def test_a_kind_without_a_plan_says_where_to_write_one(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    from yaomai.integrity.models import Crisis
    from yaomai.integrity.policies import CrisisPolicy

    monkeypatch.setattr(CrisisPolicy, "plan", lambda _self, kind: type("Plan", (), {"steps": ()}))
    with pytest.raises(Invalid) as refused:
        opened()
    assert "危机预案" in str(refused.value.fields["kind"][0])
    assert not Crisis.unscoped.exists() and connection.in_atomic_block
