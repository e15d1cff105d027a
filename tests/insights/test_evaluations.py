"""Evaluations: opened, computed, written together, closed; improvements carried out, re-checked, opened again."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from django.utils import translation

from yaomai.customers.services import institution_update
from yaomai.insights import services
from yaomai.insights.evaluations import presenting, registrations, selectors
from yaomai.insights.evaluations.documents import evaluation_document
from yaomai.insights.models import Evaluation, Improvement, ImprovementCheck
from yaomai.kit.access import Actor, Grant, acting
from yaomai.kit.documents.excel import workbook
from yaomai.kit.documents.pdf import pdf
from yaomai.kit.documents.word import word
from yaomai.kit.errors import Conflict, Invalid, Missing, Stale
from yaomai.organization import wall
from yaomai.organization.models import Territory

from .acts_examples import BOSS, NOW, TODAY, manager, place
from .flow import hospitals, take_in

pytestmark = pytest.mark.django_db(transaction=True)
DO = {"actor": BOSS, "now": NOW}
OCTOBER = date(2026, 10, 1)
SPRING = datetime(2027, 3, 2, 2, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def own_files(settings: Any, tmp_path: Path) -> Iterator[None]:
    settings.DATA = tmp_path
    with acting(BOSS):
        yield


def company(*, last: date = OCTOBER, tail: float = 400.0) -> tuple[Territory, list[Any]]:
    """Return a region of six hospitals that bought 1000 a month for two years and `tail` in the last one."""
    region, rows = place("华东"), hospitals(6)
    for row in rows:
        institution_update(**DO, pk=row.pk, changes={"territory": region})
    take_in({row: [1000.0] * 24 + [tail] for row in rows}, last=last)
    return region, rows


def computed(level: str = "month", **planted: Any) -> Evaluation:
    region, _rows = company(**planted)
    made = services.evaluation_create(**DO, level=level, begins_on=OCTOBER, territory=region)
    return services.evaluation_compute(**DO, pk=made.pk)


def row_of(evaluation: Evaluation, measure: str, tier: str = "") -> dict[str, Any]:
    return next(each for each in evaluation.figures["rows"] if (each["measure"], each["tier"]) == (measure, tier))


def anomaly(evaluation: Evaluation) -> Improvement:
    return Improvement.unscoped.get(evaluation=evaluation, measure="purchases")


def answered(row: Improvement, **fields: Any) -> Improvement:
    told: dict[str, Any] = {
        "cause": "competitor", "cause_text": "竞品进院", "kind": "visits", "action": "每月两次学术拜访",
        "responsible": manager(row.territory),
    } | fields  # fmt: skip
    return services.improvement_answer(**DO, pk=row.pk, **told)


def test_figures_stand_beside_the_period_before_and_last_year() -> None:
    evaluation = computed()
    found = row_of(evaluation, "purchases")
    assert (found["value"], found["before"], found["year"], found["odd"]) == (2400.0, 6000.0, 6000.0, True)
    lost = row_of(evaluation, "lost")
    assert (lost["value"], lost["before"], lost["odd"]) == (0.0, 0.0, False)
    assert row_of(evaluation, "visits")["value"] is None
    assert found["customers"] == 6 and evaluation.figures["inputs"]["sales_flow"]
    one = anomaly(evaluation)
    assert (one.trigger, one.state, one.tier, one.found["value"]) == ("anomaly", "open", "", 2400.0)
    with translation.override("zh-hans"):
        tables = {each["measure"]: each for each in presenting.tables(evaluation)}
        assert tables["visits"]["nothing"] and not tables["visits"]["rows"]
        assert "−60%" in presenting.problem(one) or "-60%" in presenting.problem(one)


def test_a_quarter_says_plainly_what_is_not_on_record() -> None:
    region, rows = company()
    with pytest.raises(Invalid):  # the quarter of October is not over
        services.evaluation_create(**DO, level="quarter", begins_on=OCTOBER, territory=region)
    made = services.evaluation_create(**DO, level="quarter", begins_on=date(2026, 7, 5), territory=region)
    assert (made.begins_on, made.ends_on) == (date(2026, 7, 1), OCTOBER)
    services.evaluation_compute(**DO, pk=made.pk)
    made.refresh_from_db()
    tables = {each["measure"]: each for each in presenting.tables(made)}
    assert set(tables) == {"purchases", "visits", "lost", "satisfaction", "needs"}
    assert tables["satisfaction"]["nothing"] and tables["needs"]["nothing"]
    from yaomai.customers.services import institution_fact_record
    from yaomai.segmentation.services import assessment_record

    early = datetime(2026, 8, 3, 2, 0, tzinfo=UTC)
    institution_fact_record(actor=BOSS, now=early, pk=rows[0].pk, field="tags", value=["supply"], source="拜访")
    assessment_record(
        actor=BOSS, now=early, subject="institution", customer=rows[0].pk, attribute="satisfaction", value=70,
        source="问卷", assessed_on=early.date(),
    )  # fmt: skip
    services.evaluation_compute(**DO, pk=made.pk)
    made.refresh_from_db()
    assert row_of(made, "satisfaction")["value"] == 70.0 and row_of(made, "needs")["value"] == 1.0
    assert len(presenting.need_words(made.figures)) == 1


def test_who_stays_away_is_churn() -> None:
    region, rows = place("华东"), hospitals(6)
    for row in rows:
        institution_update(**DO, pk=row.pk, changes={"territory": region})
    # The first stopped after July: it ordered within three months before October, and not in the three to its end.
    take_in({rows[0]: [1000.0] * 21 + [0.0] * 3} | {row: [1000.0] * 24 for row in rows[1:]}, last=OCTOBER)
    made = services.evaluation_create(**DO, level="month", begins_on=OCTOBER, territory=region)
    services.evaluation_compute(**DO, pk=made.pk)
    made.refresh_from_db()
    lost = row_of(made, "lost")
    assert (lost["value"], lost["before"], lost["odd"]) == (round(1 / 6, 4), 0.0, True)


def test_computing_again_keeps_answers_and_drops_what_is_odd_no_more() -> None:
    evaluation = computed()
    answered(anomaly(evaluation))
    services.evaluation_compute(**DO, pk=evaluation.pk)
    one = anomaly(evaluation)
    assert (one.state, one.cause, one.action) == ("planned", "competitor", "每月两次学术拜访")
    Improvement.unscoped.create(
        evaluation=evaluation, territory=evaluation.territory, trigger="anomaly", measure="lost", found={},
        created_at=NOW, updated_at=NOW,
    )  # fmt: skip
    services.evaluation_compute(**DO, pk=evaluation.pk)
    assert set(Improvement.unscoped.values_list("measure", flat=True)) == {"purchases"}


def test_closing_needs_every_answer_and_freezes() -> None:
    evaluation = computed()
    with pytest.raises(Conflict):
        services.evaluation_close(**DO, pk=evaluation.pk)
    one = anomaly(evaluation)
    for wrong in (
        {"cause": ""}, {"action": " "}, {"kind": "magic"}, {"responsible": None}, {"due_on": date(2026, 1, 1)},
        {"due_on": date(2026, 12, 1), "recheck_on": date(2026, 12, 1)}, {"kind": "none", "action": ""},
    ):  # fmt: skip
        with pytest.raises(Invalid):
            answered(one, **wrong)
    with pytest.raises(Stale):
        answered(one, expected_version=7)
    answered(one, kind="none", action="医院盘点，下月恢复")
    one.refresh_from_db()
    assert (one.state, one.responsible, one.due_on) == ("no_action", None, None)
    services.evaluation_update(**DO, pk=evaluation.pk, changes={"learned": "盘点月份采购低"}, expected_version=1)
    with pytest.raises(Stale):
        services.evaluation_update(**DO, pk=evaluation.pk, changes={"learned": "别的"}, expected_version=1)
    services.evaluation_close(**DO, pk=evaluation.pk)
    evaluation.refresh_from_db()
    assert evaluation.state == "closed" and evaluation.closed_at is not None
    for write in (
        lambda: services.evaluation_update(**DO, pk=evaluation.pk, changes={"learned": "x"}),
        lambda: services.evaluation_compute(**DO, pk=evaluation.pk),
        lambda: services.evaluation_close(**DO, pk=evaluation.pk),
        lambda: services.improvement_create(**DO, evaluation=evaluation, problem="x"),
    ):
        with pytest.raises(Conflict):
            write()


def recovering() -> Improvement:
    """Return an improvement of May that was carried out in June; by October customers bought as they did before."""
    region, rows = place("华东"), hospitals(6)
    for row in rows:
        institution_update(**DO, pk=row.pk, changes={"territory": region})
    take_in({row: [1000.0] * 24 + [400.0] + [1000.0] * 5 for row in rows}, last=OCTOBER)
    made = services.evaluation_create(**DO, level="month", begins_on=date(2026, 5, 1), territory=region)
    services.evaluation_compute(**DO, pk=made.pk)
    one = answered(anomaly(made))
    with pytest.raises(Conflict):
        services.improvement_measure(**DO, pk=one.pk)
    with pytest.raises(Invalid):
        services.improvement_done(**DO, pk=one.pk, note=" ")
    return services.improvement_done(**DO, pk=one.pk, note="每院两次学术拜访", done_on=date(2026, 9, 15))


def test_a_re_check_measures_the_same_figure_and_people_conclude() -> None:
    one = recovering()
    with pytest.raises(Conflict):
        services.improvement_conclude(**DO, pk=one.pk, conclusion="worked", note="x")
    early = services.improvement_measure(actor=BOSS, now=datetime(2026, 10, 3, 2, 0, tzinfo=UTC), pk=one.pk)
    assert (early.verdict, early.result["reason"]) == ("unclear", "early")
    assert services.improvements_to_measure(date(2027, 3, 2)) == []  # a result waits for a conclusion
    with pytest.raises(Invalid):
        services.improvement_conclude(**DO, pk=one.pk, conclusion="later", note="还早", recheck_on=TODAY)
    services.improvement_conclude(**DO, pk=one.pk, conclusion="later", note="还早", recheck_on=date(2027, 3, 1))
    assert services.improvements_to_measure(date(2027, 3, 2)) == [one.pk]
    check = services.improvement_measure(**DO, pk=one.pk)
    assert (check.verdict, check.result["value"], check.result["from"]) == ("better", 6000.0, "2026-10-01")
    with translation.override("en"):
        assert "2026-10" in presenting.check_text(one, check) and presenting.explained(one, check).cutoffs[0].reached
    services.improvement_conclude(actor=BOSS, now=SPRING, pk=one.pk, conclusion="worked", note="采购恢复")
    one.refresh_from_db()
    assert one.state == "worked" and ImprovementCheck.unscoped.filter(improvement=one).count() == 2
    with pytest.raises(Conflict):
        services.improvement_conclude(actor=BOSS, now=SPRING, pk=one.pk, conclusion="worked", note="x")


def test_what_did_not_work_is_open_again_with_its_history() -> None:
    one = recovering()
    services.improvement_measure(**DO, pk=one.pk)
    services.improvement_conclude(actor=BOSS, now=SPRING, pk=one.pk, conclusion="failed", note="恢复与拜访无关")
    one.refresh_from_db()
    assert (one.state, one.round, one.action, one.responsible, one.cause) == ("open", 2, "", None, "competitor")
    check = ImprovementCheck.unscoped.get(improvement=one)
    assert (check.conclusion, check.action) == ("failed", "每月两次学术拜访")
    answered(one, kind="price", action="调整商务条款")
    one.refresh_from_db()
    assert one.state == "planned"


def test_periods_that_ended_are_opened_once_for_company_and_regions() -> None:
    region, _rows = company()
    january = datetime(2027, 1, 4, 2, 0, tzinfo=UTC)
    made = services.evaluations_open(actor=BOSS, now=january)
    rows = Evaluation.unscoped.filter(territory=region)
    assert set(rows.values_list("level", "begins_on")) == {
        ("month", date(2026, 12, 1)), ("quarter", OCTOBER), ("year", date(2026, 1, 1)),
    }  # fmt: skip
    assert len(made) == 3 * Territory.unscoped.filter(level__in=("company", "region")).count()
    assert services.evaluations_open(actor=BOSS, now=january) == []


def person_actor(person: Any, *rights: str) -> Actor:
    return Actor(label=person.name, person_id=person.pk, grants=(Grant(rights=frozenset(rights)),))


WRITES = (
    "insights.evaluation:view",
    "insights.evaluation:edit",
    "insights.improvement:view",
    "insights.improvement:edit",
)


def test_today_tells_who_carries_out_and_later_who_answers() -> None:
    evaluation = computed()
    owner = manager(evaluation.territory, "主管")
    services.evaluation_update(**DO, pk=evaluation.pk, changes={"owner": owner})
    one = answered(anomaly(evaluation), due_on=TODAY)
    boss, doer = person_actor(owner, *WRITES), person_actor(one.responsible, *WRITES)
    with translation.override("en"):
        with acting(boss):
            (written,) = registrations.evaluations_open(boss, NOW)
            assert written.url.endswith(f"/evaluations/{evaluation.pk}/")
            assert registrations.improvements_due(boss, NOW) == []
        with acting(doer):
            (item,) = registrations.improvements_due(doer, NOW)
            assert item.title == one.action and item.due_at is not None and "60%" in item.reason
        with acting(boss):
            assert registrations.improvements_late(boss, NOW) == []
            (late,) = registrations.improvements_late(boss, SPRING)
            assert one.responsible.name in late.reason
        services.improvement_done(**DO, pk=one.pk, note="做了")
        services.improvement_measure(**DO, pk=one.pk)
        with acting(boss):
            (waits,) = registrations.improvements_due(boss, NOW)
            assert "Measured again" in waits.reason


def test_scope_and_the_wall() -> None:
    evaluation = computed()
    elsewhere = place("华北")
    outsider = Actor(
        label="别处",
        person_id=None,
        grants=(Grant(rights=frozenset(WRITES), territory_ids=frozenset({elsewhere.pk}), position_id=1),),
    )
    with acting(outsider):
        assert not Evaluation.objects.exists() and not Improvement.objects.exists()
        with pytest.raises(Missing):
            services.evaluation_update(actor=outsider, now=NOW, pk=evaluation.pk, changes={"learned": "x"})
    assert wall.commercial(WRITES) == frozenset(WRITES)


def test_documents_say_what_the_screen_says() -> None:
    evaluation = computed()
    one = anomaly(evaluation)
    answered(one)
    rows = selectors.improvements_of(evaluation)
    for language in ("zh-hans", "en"):
        with translation.override(language):
            document = evaluation_document(evaluation, rows, [], made_at=NOW, made_by="测试")
            assert pdf(document)[:5] == b"%PDF-" and word(document)[:2] == b"PK" and workbook(document)[:2] == b"PK"


def test_a_problem_that_people_saw_is_measured_too() -> None:
    evaluation = computed()
    with pytest.raises(Invalid):
        services.improvement_create(**DO, evaluation=evaluation, problem=" ")
    made = services.improvement_create(**DO, evaluation=evaluation, problem="配送常迟到", measure="lost")
    assert made.found["value"] == 0.0 and made.trigger == "by_hand"
    with translation.override("en"):
        assert presenting.problem(made) == "配送常迟到"


def test_events_and_competitors_ask_a_region_to_review_its_strategy() -> None:
    from yaomai.customers.services import institution_create
    from yaomai.insights.models import PolicyImpact
    from yaomai.segmentation.models import TierSignal

    from .acts_examples import event

    region, rows = company()
    other = place("华北")
    institution_create(**DO, name="北地医院")
    director, above = manager(region), manager(region.parent, "总监", "sales_director")
    policy = event(kind="nrdl", title="医保目录调整")()
    assert services.strategy_reviews_open(**DO) == 0  # nobody knows yet whom it concerns
    type(policy).unscoped.filter(pk=policy.pk).update(assessed_on=TODAY)
    for row in rows[:2]:
        PolicyImpact.unscoped.create(
            event=policy, institution=row, base=900, share=1, low=360, high=540, at_risk=540, created_at=NOW
        )
        TierSignal.unscoped.create(
            institution=row, month=OCTOBER, kind="competitor_rose", before=10, after=30, money=500, created_at=NOW
        )
    assert services.strategy_reviews_open(**DO) == 2
    assert services.strategy_reviews_open(**DO) == 0
    review, rivals = Improvement.unscoped.get(trigger="policy"), Improvement.unscoped.get(trigger="competitor")
    assert (review.territory, review.customers, review.responsible, review.owner) == (region, 2, director, above)
    assert review.found["value"] == 2 * (1000.0 + 1000.0 + 400.0) and not Improvement.unscoped.filter(territory=other)
    with translation.override("zh-hans"):
        texts = [each["text"] for each in presenting.alternatives(review)]
        assert any("学术支持" in text for text in texts) and len(presenting.affected(review)) == 2
        assert any("拜访频次" in each["text"] for each in presenting.alternatives(rivals))
        assert len(presenting.affected(rivals)) == 2
    told = person_actor(director, *WRITES)
    with acting(told), translation.override("en"):
        assert {item.kind.code for item in registrations.improvements_due(told, NOW)} == {"insights.strategy"}
    # Decided without a cause: the question is what to do, not what went wrong.
    decided = services.improvement_answer(
        **DO, pk=review.pk, kind="academic", action="战略客户每季一场科室会：新适应症纳入报销", responsible=director
    )
    assert decided.state == "planned" and decided.recheck_on is not None
    kept = services.improvement_answer(**DO, pk=rivals.pk, kind="none", action="竞品仅供货恢复，维持策略")
    assert kept.state == "no_action"
