"""Visits: reported once, allowed or refused with the rule, judged with the reason, followed up."""

import uuid
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from yaomai.compliance.gate import RuleForbids
from yaomai.compliance.models import Check
from yaomai.compliance.prescriptions import PrescriptionCountStated
from yaomai.customers import panels
from yaomai.customers.models import Professional
from yaomai.customers.services import institution_merge, professional_merge
from yaomai.engagement import briefs, services, visit_panels
from yaomai.engagement.models import (
    AdverseEvent,
    CheckIn,
    Communication,
    NextStep,
    Photo,
    Site,
    StrategyAlert,
    Visit,
    VisitAudit,
)
from yaomai.engagement.services import adverse, judging
from yaomai.engagement.services.steps import StepClosed
from yaomai.engagement.services.visits import LooksTheSame, NotAcademic, SentBefore, TooLateToCorrect
from yaomai.engagement.visit_presenting import explanation_of
from yaomai.kit.access import Actor, acting
from yaomai.kit.acts.rows import Archived
from yaomai.kit.errors import Invalid, Missing
from yaomai.kit.inbox.models import Nudge
from yaomai.materials.models import MaterialVersion, Use

from . import visits as world
from .acts_examples import BOSS, picture
from .visits import NOW, TODAY, actor, doctor, hospital, material, person, product, report

pytestmark = pytest.mark.django_db
DO = world.DO


@pytest.fixture
def rep() -> Any:
    return person("赵敏")


@pytest.fixture
def place() -> Any:
    return hospital()


@pytest.fixture
def wang(place: Any) -> Any:
    return doctor("王芳", place)


# Reported -------------------------------------------------------------------------------------------------------


def test_a_report_keeps_what_was_said_and_asks_the_gate(rep: Any, place: Any, wang: Any) -> None:
    shown, drug = material(), product()
    visit = report(
        rep, place, [wang], products=[drug], materials=[shown], stage="deep", achieved="partly",
        next_steps=[{"text": "带肾功能亚组数据", "due_on": date(2026, 11, 25)}],
    )  # fmt: skip
    assert (visit.person, visit.institution, visit.on, visit.territory) == (rep, place, TODAY, place.territory)
    assert visit.progress == "mentioned"
    check = Check.unscoped.get(target_type="engagement.visit", target_id=str(visit.pk))
    assert (check.kind, check.outcome, check.facts["filing_valid"], check.facts["consent_on_file"]) == (
        "visit", "allow", True, True,
    )  # fmt: skip
    use = Use.unscoped.get()
    assert (use.used, use.professional, use.on) == (shown, wang, TODAY)
    step = NextStep.unscoped.get(visit=visit)
    assert (step.text, step.due_on, step.owner) == ("带肾功能亚组数据", date(2026, 11, 25), rep)
    assert Communication.unscoped.get(professional=wang).stage == "deep"


def test_the_same_report_sent_again_is_one(rep: Any, place: Any, wang: Any) -> None:
    wanted = uuid.uuid4()
    first = report(rep, place, [wang], uuid=wanted)
    with pytest.raises(SentBefore) as error:
        report(rep, place, [wang], uuid=wanted)
    assert error.value.visit == first
    assert Visit.unscoped.count() == 1


def test_somebody_elses_number_is_refused(rep: Any, place: Any, wang: Any) -> None:
    first = report(rep, place, [wang])
    with pytest.raises(Invalid) as error:
        report(person("周芷若"), place, [wang], uuid=first.uuid, is_separate=True)
    assert "uuid" in error.value.fields


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"content": "  "}, "content"),
        ({"started_at": NOW + timedelta(days=1), "ended_at": None}, "started_at"),
        ({"started_at": NOW - timedelta(days=61), "ended_at": None}, "started_at"),
        ({"ended_at": NOW - timedelta(hours=3)}, "ended_at"),
        ({"ended_at": NOW + timedelta(hours=9)}, "ended_at"),
        ({"content_type": "party"}, "content_type"),
        ({"next_steps": [{"text": ""}]}, "text"),
        ({"next_steps": [{"text": "送指南", "due_on": date(2026, 11, 1)}]}, "next_steps"),
        ({"stage": "friends"}, "stage"),
    ],
)
def test_what_cannot_be_is_said_by_field_and_nothing_is_kept(
    rep: Any, place: Any, wang: Any, said: dict[str, Any], field: str
) -> None:
    with pytest.raises(Invalid) as error:
        report(rep, place, [wang], **said)
    assert field in error.value.fields
    assert not Visit.unscoped.exists()
    assert not NextStep.unscoped.exists()


def test_nobody_met_is_no_visit(rep: Any, place: Any) -> None:
    with acting(actor(rep)), pytest.raises(Invalid) as error:
        services.visit_report(
            actor=actor(rep),
            now=NOW,
            institution=place,
            contacts=[],
            started_at=NOW,
            content_type="problem",
            content="谈了",
        )
    assert "contacts" in error.value.fields


# Allowed --------------------------------------------------------------------------------------------------------


def test_without_a_filing_no_academic_visit(place: Any, wang: Any) -> None:
    manager = person("林平之", is_filed=False)
    with pytest.raises(RuleForbids) as error:
        report(manager, place, [wang])
    assert any("第十三条" in each for each in error.value.citations)
    assert not Visit.unscoped.exists()
    kept = report(manager, place, [wang], content_type="relationship")
    assert not Check.unscoped.filter(target_id=str(kept.pk)).exists()


def test_without_consent_of_the_institution_none_either(rep: Any) -> None:
    closed = hospital("江城市第二人民医院", consents=False)
    with pytest.raises(RuleForbids):
        report(rep, closed, [doctor("李强", closed)])


def test_a_product_outside_the_filing_is_refused(rep: Any, place: Any, wang: Any) -> None:
    with pytest.raises(RuleForbids):
        report(rep, place, [wang], products=[product("呼安舒", "AH6")])
    assert not Visit.unscoped.exists()


def test_keeping_in_touch_names_no_product_and_shows_nothing(rep: Any, place: Any, wang: Any) -> None:
    with pytest.raises(NotAcademic):
        report(rep, place, [wang], content_type="relationship", products=[product()])
    with pytest.raises(NotAcademic):
        report(rep, place, [wang], content_type="relationship", materials=[material()])


def test_withdrawn_material_holds_the_report_back_whole(rep: Any, place: Any, wang: Any) -> None:
    shown = material()
    MaterialVersion.unscoped.filter(pk=shown.pk).update(state="withdrawn")
    with pytest.raises(RuleForbids):
        report(rep, place, [wang], materials=[shown])
    assert (Visit.unscoped.count(), Use.unscoped.count(), Check.unscoped.filter(target_type="engagement.visit").count()) == (0, 0, 0)  # fmt: skip


def test_a_count_of_prescriptions_may_not_be_written(rep: Any, place: Any, wang: Any) -> None:
    with pytest.raises(PrescriptionCountStated):
        report(rep, place, [wang], content="王芳医生上月开了 320 盒安衡平")
    assert not Visit.unscoped.exists()


def test_who_is_out_of_reach_is_missing(rep: Any, place: Any, wang: Any) -> None:
    from yaomai.customers.services import institution_create

    far = institution_create(**DO, name="远方医院", territory=world.territory("W"))
    with pytest.raises(Missing):
        report(rep, far, [wang])


def test_what_takes_an_approval_is_kept_and_counts_once_an_auditor_approved(rep: Any, place: Any, wang: Any) -> None:
    late = report(rep, place, [wang], started_at=NOW - timedelta(days=40))
    assert (late.validity, late.rule_doubts[0][1]) == ("suspicious", "公司规定（LATE）")
    assert Check.unscoped.get(target_id=str(late.pk)).outcome == "needs_approval"
    services.audit_decide(
        **DO, pk=VisitAudit.unscoped.get(visit=late).pk, outcome="valid", reason="手机在外地无网络，已核实"
    )
    assert Visit.unscoped.get(pk=late.pk).validity == "valid"


# The same visit, merged customers ---------------------------------------------------------------------------------


def test_two_reports_of_one_visit_are_asked_about(rep: Any, place: Any, wang: Any) -> None:
    first, colleague = report(rep, place, [wang]), person("周芷若")
    with pytest.raises(LooksTheSame) as error:
        report(colleague, place, [wang], started_at=first.started_at + timedelta(minutes=10), ended_at=None)
    assert (error.value.other, error.value.is_own) == (first, False)
    joined = services.visit_join(actor=actor(colleague), now=NOW, uuid=first.uuid, note="一起谈了随访")
    with acting(world.BOSS):
        assert (list(joined.attendees.all()), joined.result) == ([colleague], "一起谈了随访")
    with acting(actor(colleague)):
        assert Visit.objects.filter(pk=first.pk).exists()


def test_it_may_have_been_another_visit_and_says_so(rep: Any, place: Any, wang: Any) -> None:
    first = report(rep, place, [wang])
    other = report(person("周芷若"), place, [wang], is_separate=True)
    assert [each["code"] for each in other.findings if each["code"] == "colleague"] == ["colleague"]
    assert other.findings[0]["params"]["visit"] == first.pk
    assert other.validity == "valid", "noted only, as the policy says"


def test_a_report_of_a_merged_customer_goes_to_who_is_left(rep: Any, place: Any, wang: Any) -> None:
    double, twin = hospital("江城一院"), doctor("王芳（重复）", place)
    institution_merge(**DO, winner=place.pk, loser=double.pk)
    professional_merge(**DO, winner=wang.pk, loser=twin.pk)
    visit = report(rep, double, [twin, wang])
    with acting(world.BOSS):
        assert (visit.institution, list(visit.contacts.all())) == (place, [wang])


def test_visits_move_with_a_merge(rep: Any, place: Any, wang: Any) -> None:
    double = hospital("江城一院")
    twin = doctor("王方", double)
    visit = report(rep, double, [twin], stage="deep")
    institution_merge(**DO, winner=place.pk, loser=double.pk)
    professional_merge(**DO, winner=wang.pk, loser=twin.pk)
    visit = Visit.unscoped.get(pk=visit.pk)
    with acting(world.BOSS):
        assert (visit.institution, list(visit.contacts.all())) == (place, [wang])
    assert Communication.unscoped.get(superseded_at=None).professional == wang


# Corrected ------------------------------------------------------------------------------------------------------


def test_one_corrects_ones_own_report_for_a_while(rep: Any, place: Any, wang: Any) -> None:
    visit = report(rep, place, [wang])
    with acting(actor(rep)):
        changed = services.visit_update(
            actor=actor(rep),
            pk=visit.pk,
            now=NOW + timedelta(hours=1),
            changes={"content": "改：谈了随访"},
        )
        assert (changed.content, changed.version) == ("改：谈了随访", 2)
        with pytest.raises(TooLateToCorrect):
            services.visit_update(
                actor=actor(rep), pk=visit.pk, now=NOW + timedelta(hours=80), changes={"content": "再改一次"}
            )
    with acting(actor(person("周芷若"))), pytest.raises(Invalid):
        services.visit_update(actor=actor(person("别人")), pk=visit.pk, now=NOW, changes={"content": "改成这样"})


def test_what_is_taken_away_counts_no_more_and_frees_the_others(rep: Any, place: Any, wang: Any) -> None:
    second = hospital("江城市第二人民医院")
    one = report(rep, place, [wang])
    other = report(
        rep, second, [doctor("李强", second)], started_at=one.started_at + timedelta(minutes=10), ended_at=None
    )
    assert (other.validity, Visit.unscoped.get(pk=one.pk).validity) == ("invalid", "invalid")
    services.visit_archive(**DO, pk=other.pk)
    assert Visit.unscoped.get(pk=one.pk).validity == "valid"
    with pytest.raises(Archived):
        services.visit_archive(**DO, pk=other.pk)


# Does it count? ---------------------------------------------------------------------------------------------------


def test_doubts_reach_the_visitor_with_the_reason_and_an_answer(rep: Any, place: Any, wang: Any) -> None:
    text = "讨论了安衡平在老年患者中的用药，约好下周带数据"
    report(rep, place, [wang], content=text, started_at=NOW - timedelta(days=7))
    visit = report(rep, place, [wang], content=text)
    assert (visit.validity, visit.findings[0]["code"]) == ("suspicious", "text")
    explained = explanation_of(visit)
    assert "2026-11-11" in explained.children[0].sentence
    assert explained.lift
    audit = VisitAudit.unscoped.get(visit=visit)
    assert audit.cause == "doubt"
    with acting(actor(rep)):
        from yaomai.engagement.today import own_doubts

        assert len(own_doubts(actor(rep), NOW)) == 1
        services.visit_explain(actor=actor(rep), pk=visit.pk, text="同一个话题续谈", now=NOW)
        assert own_doubts(actor(rep), NOW) == []
        with pytest.raises(Missing):
            services.audit_decide(actor=actor(rep), pk=audit.pk, outcome="valid", reason="我自己看", now=NOW)
    assert VisitAudit.unscoped.get(visit=visit).cause == "objection"
    services.audit_decide(**DO, pk=audit.pk, outcome="valid", reason="电话核实")
    decided = Visit.unscoped.get(pk=visit.pk)
    assert (decided.validity, decided.decided_at) == ("valid", NOW)
    judging.judge(decided, now=NOW)
    assert Visit.unscoped.get(pk=visit.pk).validity == "valid", "what a person decided stands"


def test_nobody_audits_what_they_took_part_in(place: Any, wang: Any) -> None:
    manager = person("林平之", leaving=())
    visit = report(manager, place, [wang])
    audit, _made = VisitAudit.unscoped.get_or_create(
        visit=visit, defaults={"cause": "sample", "created_at": NOW, "updated_at": NOW}
    )
    with acting(actor(manager)), pytest.raises(judging.OwnVisit):
        services.audit_decide(actor=actor(manager), pk=audit.pk, outcome="valid", reason="很好", now=NOW)


def test_chance_is_the_share_of_the_policy_and_cannot_be_foreseen() -> None:
    drawn = [judging._is_sampled(Visit(uuid=uuid.UUID(int=number)), Decimal("0.03")) for number in range(20_000)]
    assert 0.025 < sum(drawn) / len(drawn) < 0.035
    assert drawn[:50] == [
        judging._is_sampled(Visit(uuid=uuid.UUID(int=number)), Decimal("0.03")) for number in range(50)
    ]


def test_a_location_takes_consent_and_is_deleted_in_time(rep: Any, place: Any, wang: Any) -> None:
    point = {"latitude": 30.59, "longitude": 114.30, "accuracy": 20}
    report(rep, place, [wang], check_in=point)
    assert not CheckIn.unscoped.exists(), "nobody agreed"
    services.consent_give(actor=actor(rep), now=NOW, text="说明")
    for days in (3, 2, 1):
        report(rep, place, [wang], check_in=point, started_at=NOW - timedelta(days=days))
    assert Site.unscoped.get(institution=place).learned_from == 3
    far = report(rep, place, [wang], check_in={**point, "latitude": 30.79}, started_at=NOW - timedelta(days=5))
    assert (far.validity, far.findings[0]["code"]) == ("suspicious", "far")
    assert 22_000 < far.findings[0]["params"]["metres"] < 22_500
    assert services.locations_forget(now=NOW + timedelta(days=26)) == 1
    services.consent_withdraw(actor=actor(rep), now=NOW)
    assert not CheckIn.unscoped.exists()
    assert Site.unscoped.exists(), "where a hospital is says nothing about anybody"


@pytest.mark.parametrize(
    "point", [{"latitude": 91, "longitude": 0}, {"latitude": "x", "longitude": 0}, {"latitude": 1}]
)
def test_what_is_no_location_is_said(rep: Any, place: Any, wang: Any, point: dict[str, Any]) -> None:
    services.consent_give(actor=actor(rep), now=NOW, text="说明")
    with pytest.raises(Invalid) as error:
        report(rep, place, [wang], check_in=point)
    assert "check_in" in error.value.fields


def add_photo(rep: Any, visit: Any, content: bytes, key: uuid.UUID | None = None) -> Any:
    with acting(actor(rep)):
        return services.photo_add(
            actor=actor(rep), now=NOW, visit=visit.uuid, uuid=key or uuid.uuid4(), name="门诊.png", content=content
        )


def test_the_same_photo_again_casts_doubt_however_it_was_saved(rep: Any, place: Any, wang: Any) -> None:
    one, other = report(rep, place, [wang], started_at=NOW - timedelta(days=1)), report(rep, place, [wang])
    key = uuid.uuid4()
    first = add_photo(rep, one, picture(7), key)
    assert add_photo(rep, one, picture(7), key) == first, "sent twice, kept once"
    assert Photo.unscoped.count() == 1
    add_photo(rep, other, picture(8))
    assert Visit.unscoped.get(pk=other.pk).validity == "valid"
    add_photo(rep, other, picture(7, size=128))
    judged = Visit.unscoped.get(pk=other.pk)
    assert (judged.validity, judged.findings[0]["code"], judged.findings[0]["params"]["visit"]) == (
        "suspicious", "photo", one.pk,
    )  # fmt: skip


def test_a_photo_of_40_mb_is_refused_with_the_limit(rep: Any, place: Any, wang: Any) -> None:
    from yaomai.kit.attachments.errors import TooLarge

    visit = report(rep, place, [wang])
    with pytest.raises(TooLarge) as error:
        add_photo(rep, visit, b"\xff\xd8\xff" + b"0" * (40 * 1024 * 1024))
    assert (error.value.params["size"], error.value.params["limit"]) == (41, 20)


def test_pictures_attached_on_the_screen_are_looked_at_at_night(rep: Any, place: Any, wang: Any) -> None:
    from yaomai.kit.attachments.services import attachment_add

    visit = report(rep, place, [wang])
    with acting(actor(rep)):
        attachment_add(actor=actor(rep), now=NOW, carrier="engagement.visit", carrier_id=visit.pk, name="a.png", content=picture(5))  # fmt: skip
    assert services.photos_catch_up(now=NOW) == 1
    assert services.photos_catch_up(now=NOW) == 0
    assert "no_evidence" not in {each["code"] for each in Visit.unscoped.get(pk=visit.pk).findings}


# Followed up ----------------------------------------------------------------------------------------------------


def test_three_contacts_without_progress_call_for_another_strategy_and_it_is_measured(
    rep: Any, place: Any, wang: Any
) -> None:
    for days in (9, 8, 7):
        now = NOW - timedelta(days=days)
        report(rep, place, [wang], now=now)
    alert = StrategyAlert.unscoped.get(professional=wang)
    assert (alert.contacts, alert.state, alert.owner) == (3, "open", rep)
    assert Nudge.unscoped.get(kind="engagement.strategy").owner_id == rep.pk
    with acting(actor(rep)):
        assert any("3" in each.text for each in panels.signals_of("professional", wang, actor(rep), TODAY))
        with pytest.raises(Invalid):
            services.strategy_choose(
                actor=actor(rep), pk=alert.pk, strategy="magic", reason="", now=NOW - timedelta(days=6)
            )
        services.strategy_choose(
            actor=actor(rep), pk=alert.pk, strategy="clinical", reason="他有疑难病例", now=NOW - timedelta(days=6)
        )
    assert not Nudge.unscoped.filter(kind="engagement.strategy", cause_ended_at=None).exists()
    report(rep, place, [wang], now=NOW - timedelta(days=5))
    assert StrategyAlert.unscoped.get(pk=alert.pk).state == "chosen"
    report(rep, place, [wang], products=[product()])
    measured = StrategyAlert.unscoped.get(pk=alert.pk)
    assert (measured.state, measured.outcome, measured.measured_contacts) == ("measured", "progress", 2)


def test_a_strategy_that_brings_nothing_is_said_so_and_a_new_alert_may_follow(rep: Any, place: Any, wang: Any) -> None:
    for days in (20, 19, 18):
        report(rep, place, [wang], now=NOW - timedelta(days=days))
    alert = StrategyAlert.unscoped.get()
    with acting(actor(rep)):
        services.strategy_choose(
            actor=actor(rep), pk=alert.pk, strategy="pause", reason="先兑现承诺", now=NOW - timedelta(days=17)
        )
    for days in (16, 15, 14, 13, 12, 11):
        report(rep, place, [wang], now=NOW - timedelta(days=days))
    assert StrategyAlert.unscoped.get(pk=alert.pk).outcome == "no_progress"
    assert StrategyAlert.unscoped.exclude(pk=alert.pk).get().contacts == 3


def test_the_brief_says_what_counts_before_a_visit(rep: Any, place: Any, wang: Any) -> None:
    shown = material()
    report(rep, place, [wang], materials=[shown], products=[product()], stage="deep", now=NOW - timedelta(days=8),
           next_steps=[{"text": "带肾功能亚组数据", "due_on": date(2026, 11, 17)}])  # fmt: skip
    with acting(actor(rep)):
        brief = briefs.brief_of(Professional.unscoped.get(pk=wang.pk), actor(rep), now=NOW)
    assert "带肾功能亚组数据" in brief.why[0]
    assert [step.text for step in brief.promises] == ["带肾功能亚组数据"]
    assert (brief.stage, len(brief.prompts), len(brief.last)) == ("deep", 2, 1)
    assert brief.materials == ((shown, True),)
    assert brief.refusals == ()
    assert brief.questions


def test_the_brief_warns_where_no_academic_visit_is_allowed() -> None:
    closed = hospital("江城市第二人民医院", consents=False)
    li, who = doctor("李强", closed), person("赵敏")
    with acting(actor(who)):
        brief = briefs.brief_of(Professional.unscoped.get(pk=li.pk), actor(who), now=NOW)
    assert len(brief.refusals) == 1


def test_a_next_step_is_closed_with_what_came_of_it(rep: Any, place: Any, wang: Any) -> None:
    report(rep, place, [wang], next_steps=[{"text": "送指南"}])
    step = NextStep.unscoped.get()
    assert step.due_on == date(2026, 12, 2)
    with acting(actor(rep)):
        with pytest.raises(Invalid):
            services.step_close(actor=actor(rep), pk=step.pk, state="dropped", now=NOW)
        services.step_close(actor=actor(rep), pk=step.pk, state="done", outcome="已送", now=NOW)
        with pytest.raises(StepClosed):
            services.step_close(actor=actor(rep), pk=step.pk, state="done", now=NOW)


def test_an_adverse_event_runs_against_a_clock_and_names_no_patient(rep: Any, place: Any, wang: Any) -> None:
    drug, key = product(), uuid.uuid4()
    said = {
        "product": drug,
        "learned_at": NOW - timedelta(hours=2),
        "institution": place,
        "professional": wang,
        "now": NOW,
    }
    with acting(actor(rep)):
        with pytest.raises(Invalid) as error:
            services.adverse_report(actor=actor(rep), what="患者王小明，67岁，服药后晕厥", **said)
        assert "what" in error.value.fields
        event = services.adverse_report(
            actor=actor(rep), what="服药后晕厥，停药缓解", severity="serious", uuid=key, **said
        )
        with pytest.raises(adverse.SentBefore):
            services.adverse_report(actor=actor(rep), what="服药后晕厥，停药缓解", uuid=key, **said)
    assert event.due_at == NOW + timedelta(hours=22)
    nudge = Nudge.unscoped.get(kind="engagement.adverse")
    assert (nudge.role_right, nudge.due_at) == ("safety.adverseevent:review", event.due_at)
    with acting(actor(person("周芷若"))):
        assert not AdverseEvent.objects.exists(), "in confidence, though it lies in the same territory"
    services.adverse_take_over(**DO, pk=event.pk, reference="PV-2026-0007")
    assert Nudge.unscoped.get(pk=nudge.pk).cause_ended_at == NOW
    with pytest.raises(adverse.TakenOver):
        services.adverse_take_over(**DO, pk=event.pk, reference="PV-2026-0008")


def test_coaching_is_read_by_who_was_coached_alone(rep: Any, place: Any, wang: Any) -> None:
    from yaomai.engagement.visit_panels import visit as shown

    manager, visit = person("林平之", leaving=()), report(rep, place, [wang])
    with acting(actor(manager)):
        services.coaching_write(actor=actor(manager), pk=visit.pk, text="先问后说很好", listening=4, now=NOW)
        services.coaching_write(actor=actor(manager), pk=visit.pk, text="先问后说很好，多停一停", listening=5, now=NOW)
        with pytest.raises(Invalid):
            services.coaching_write(actor=actor(manager), pk=visit.pk, text="好", listening=9, now=NOW)
    with acting(actor(rep)):
        (note,) = shown(Visit.unscoped.get(pk=visit.pk), actor(rep))["notes"]
    assert (note.text, note.listening, note.author) == ("先问后说很好，多停一停", 5, manager)
    colleague = actor(person("周芷若"))
    with acting(colleague):
        assert shown(Visit.unscoped.get(pk=visit.pk), colleague)["notes"] == []


# The plan -------------------------------------------------------------------------------------------------------


def planned(rep: Any, place: Any, wang: Any) -> Any:
    from yaomai.planning.models import PlannedVisit

    return PlannedVisit.unscoped.create(
        owner=rep, institution=place, professional=wang, day=TODAY, activity="academic_visit", objective="谈亚组数据",
        expected_result="同意做病例讨论", created_at=NOW, updated_at=NOW,
    )  # fmt: skip


def test_a_valid_report_carries_the_plan_out_and_a_decision_takes_that_back(place: Any, wang: Any) -> None:
    from yaomai.planning.models import PlannedVisit

    rep = person("赵敏", plans=True)
    row = planned(rep, place, wang)
    visit = report(rep, place, [wang])
    assert (visit.planned, visit.objective, visit.expected_result) == (row, "谈亚组数据", "同意做病例讨论")
    done = PlannedVisit.unscoped.get(pk=row.pk)
    assert (done.state, done.done_on, done.reference) == ("done", TODAY, f"engagement.visit:{visit.pk}")
    audit, _made = VisitAudit.unscoped.get_or_create(
        visit=visit, defaults={"cause": "sample", "created_at": NOW, "updated_at": NOW}
    )
    services.audit_decide(**DO, pk=audit.pk, outcome="invalid", reason="科室登记没有这次来访")
    assert PlannedVisit.unscoped.get(pk=row.pk).state == "planned"


def test_what_was_planned_shows_the_report_that_carried_it_out_or_that_it_is_of_the_earlier_system(
    place: Any, wang: Any, client: Any
) -> None:
    from yaomai.planning.models import EARLIER, PlannedVisit

    rep = person("赵敏", plans=True)
    row = planned(rep, place, wang)
    client.force_login(rep, backend="yaomai.organization.sign_in.Backend")
    page = f"/planning/visits/{row.pk}/"
    assert "完成依据" not in client.get(page).content.decode()
    made = report(rep, place, [wang])
    assert f'href="/engagement/visits/{made.pk}/"' in client.get(page).content.decode()
    row.refresh_from_db()
    stranger = Actor(10**6, "路人", ())
    with acting(stranger):
        assert visit_panels.proof(row, stranger) == {"visit": None}
    PlannedVisit.unscoped.filter(pk=row.pk).update(reference=EARLIER)
    assert "记录在旧系统中" in client.get(page).content.decode()


def test_a_doubtful_report_carries_nothing_out_until_somebody_decided(place: Any, wang: Any) -> None:
    from yaomai.planning.models import PlannedVisit

    rep = person("赵敏", plans=True)
    text = "讨论了安衡平在老年患者中的用药，约好下周带数据"
    report(rep, place, [wang], content=text, started_at=NOW - timedelta(days=7))
    row = planned(rep, place, wang)
    visit = report(rep, place, [wang], content=text)
    assert (visit.planned, visit.validity, PlannedVisit.unscoped.get(pk=row.pk).state) == (row, "suspicious", "planned")
    services.audit_decide(**DO, pk=VisitAudit.unscoped.get(visit=visit).pk, outcome="valid", reason="电话核实")
    assert PlannedVisit.unscoped.get(pk=row.pk).state == "done"


def test_next_steps_are_duties_and_are_done_with_them(place: Any, wang: Any) -> None:
    from yaomai.planning.models import ServiceDuty

    rep = person("赵敏", plans=True)
    visit = report(
        rep, place, [wang], next_steps=[{"text": "带亚组数据", "due_on": date(2026, 11, 25)}, {"text": "送会议通知"}]
    )
    duty = ServiceDuty.unscoped.get(task="带亚组数据")
    assert (duty.owner, duty.professional, duty.origin, duty.due_on) == (rep, wang, "next_step", date(2026, 11, 25))
    assert duty.reference == f"engagement.visit:{visit.pk}"
    with acting(actor(rep)):
        services.step_close(actor=actor(rep), pk=duty.next_step.pk, state="done", outcome="已带去", now=NOW)
        other = NextStep.unscoped.get(text="送会议通知")
        services.step_close(actor=actor(rep), pk=other.pk, state="dropped", outcome="会议取消", now=NOW)
    assert ServiceDuty.unscoped.get(pk=duty.pk).state == "done"
    missed = ServiceDuty.unscoped.get(pk=other.duty_id)
    assert (missed.state, missed.note) == ("missed", "会议取消")


def test_a_duty_without_a_plan_is_carried_out_too(place: Any, wang: Any) -> None:
    from yaomai.planning.models import ServiceDuty

    rep = person("赵敏", plans=True)
    duty = ServiceDuty.unscoped.create(
        owner=rep, institution=place, professional=wang, activity="academic_visit", window_from=date(2026, 11, 1),
        window_to=date(2026, 12, 1), created_at=NOW, updated_at=NOW,
    )  # fmt: skip
    visit = report(rep, place, [wang])
    assert (visit.planned, visit.duty, ServiceDuty.unscoped.get(pk=duty.pk).state) == (None, duty, "done")


@pytest.mark.django_db
def test_whoever_told_of_an_adverse_event_is_kept_by_law(rep: Any, place: Any, wang: Any) -> None:
    from yaomai.customers.erasing import holds_of

    assert holds_of(wang, TODAY) == []
    with acting(actor(rep)):
        services.adverse_report(
            actor=actor(rep), product=product(), what="服药后晕厥", learned_at=NOW, institution=place,
            professional=wang, now=NOW,
        )  # fmt: skip
    (hold,) = holds_of(wang, TODAY)
    assert hold.until == TODAY.replace(year=2036) and "药物警戒质量管理规范" in hold.citation


@pytest.mark.django_db
def test_visits_their_audit_and_adverse_events_are_in_inspection_dossiers(rep: Any, place: Any, wang: Any) -> None:
    from yaomai.integrity.inspection import INSTITUTION, PERSON, PRODUCT, Wanted, sections

    drug, other = product(), hospital("安东市中心医院")
    visit = report(rep, place, [wang], products=[drug])
    elsewhere = report(rep, other, [doctor("赵敏", other)], now=NOW + timedelta(hours=3))
    found = {each.code: each for each in sections()}
    first, last = TODAY, TODAY
    with acting(BOSS):
        told = {
            subject: set(found["visits"].rows(Wanted(subject, key, first, last)).values_list("pk", flat=True))
            for subject, key in ((PERSON, rep.pk), (INSTITUTION, place.pk), (PRODUCT, drug.pk))
        }
        assert told == {PERSON: {visit.pk, elsewhere.pk}, INSTITUTION: {visit.pk}, PRODUCT: {visit.pk}}
        before = Wanted(PERSON, rep.pk, TODAY - timedelta(days=9), TODAY - timedelta(days=1))
        assert not found["visits"].rows(before).exists()
        assert {"audits", "adverse"} <= found.keys()


@pytest.mark.django_db
def test_a_report_names_the_department_where_it_is_one_of_the_place(rep: Any, place: Any, wang: Any) -> None:
    from yaomai.customers.services import department_create

    heart = department_create(**DO, institution=place, name="心内科")
    elsewhere = department_create(**DO, institution=hospital("安东市中心医院"), name="心内科")
    assert report(rep, place, [wang], department=heart).department == heart
    later = NOW + timedelta(hours=5)
    assert report(rep, place, [wang], department=elsewhere, now=later).department is None
