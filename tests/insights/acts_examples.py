"""One call of each service of this room; see tests/test_acts.py."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from yaomai.kit.access import system_actor

BOSS = system_actor("test", "an example")
NOW = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)
TODAY = date(2026, 11, 21)
Call = Callable[[], object]


def _call(service: str, /, **values: Any) -> Call:
    from yaomai.insights import services

    return lambda: getattr(services, service)(actor=BOSS, **{"now": NOW} | values)


def city(code: str = "9101", name: str = "江城市") -> Any:
    from yaomai.catalog.models import Division
    from yaomai.catalog.services import division_create

    province = Division.unscoped.filter(code=code[:2]).first() or division_create(
        actor=BOSS, now=NOW, code=code[:2], name="安东省"
    )
    return division_create(actor=BOSS, now=NOW, code=code, name=name, parent=province)


def indication(name: str = "高血压", code: str = "I10") -> Any:
    from yaomai.catalog.services import indication_create

    return indication_create(actor=BOSS, now=NOW, name=name, code=code)


def figure(**fields: Any) -> Any:
    """Return a market figure of a city; `fields` override what it says."""
    told = {"kind": "market", "year": 2025, "value": Decimal(1000), "source": "年鉴", **fields}
    told.setdefault("division", None)
    told["division"] = told["division"] or city()
    if "class_name" not in told:
        told.setdefault("indication", None)
        told["indication"] = told["indication"] or indication()
    return _call("market_figure_create", **told)()


def ready() -> Any:
    """Prepare one hospital of a growing market that a product of ours fits; return it."""
    from yaomai.catalog.services import product_create, standard_department_create
    from yaomai.customers.services import department_create, institution_create

    place, disease = city(), indication()
    for year, value in ((2024, 1000), (2025, 1200)):
        figure(division=place, indication=disease, year=year, value=Decimal(value))
    target = standard_department_create(actor=BOSS, now=NOW, code="T99", name="试验科")
    product_create(
        actor=BOSS, now=NOW, name="安衡平", generic_name="安氯平片", is_own=True, indications=[disease],
        departments=[target],
    )  # fmt: skip
    hospital = institution_create(actor=BOSS, now=NOW, name="江城市第一人民医院", grade="3A", beds=1200, division=place)
    department_create(actor=BOSS, now=NOW, institution=hospital, name="心内科", standard=target)
    return hospital


def placed() -> Any:
    """Return a run over one hospital."""
    from yaomai.insights import services
    from yaomai.insights.targets.analysis import Focus

    ready()
    return services.quadrants_compute(actor=BOSS, focus=Focus(), as_of=TODAY)


def saved() -> Any:
    from yaomai.insights.targets.analysis import Focus

    placed()
    return _call("target_list_create", name="2026年四季度", focus=Focus())()


def item() -> Any:
    from yaomai.insights.models import TargetItem

    return TargetItem.unscoped.get(target_list=saved())


def _ask_for_quadrants() -> Call:
    from yaomai.insights.targets.analysis import Focus

    return _call("quadrants_request", focus=Focus())


def _create_list() -> Call:
    from yaomai.insights.targets.analysis import Focus

    placed()
    return _call("target_list_create", name="2026年四季度", focus=Focus())


def report() -> Any:
    from yaomai.customers.services import institution_create

    hospital = institution_create(actor=BOSS, now=NOW, name="江城市第一人民医院")
    return _call("value_report_create", pks=[hospital.pk], title="一家", selection="勾选")


def _fill() -> Call:
    from yaomai.insights import services
    from yaomai.insights.models import ValueReport

    made = report()()
    ValueReport.unscoped.filter(pk=made.pk).update(rows=None)
    return lambda: services.value_report_fill(actor=BOSS, pk=made.pk)


def outlook_run() -> Any:
    """Return a finished run of customer outlooks over nothing."""
    from yaomai.insights import services

    return services.outlook_compute(actor=BOSS, as_of=TODAY)


def forecast_run() -> Any:
    """Return a finished run of sales forecasts over nothing."""
    from yaomai.insights import services

    return services.forecast_compute(actor=BOSS, as_of=TODAY)


def churn_alert(**fields: Any) -> Any:
    """Return an alert of a hospital; `fields` override what it says."""
    from yaomai.customers.services import institution_create
    from yaomai.insights.models import ChurnAlert

    hospital = fields.pop("institution", None) or institution_create(actor=BOSS, now=NOW, name="江城市第一人民医院")
    told = {"last_on": date(2026, 6, 1), "level": "core", "money": Decimal(5000), "opened_on": TODAY, **fields}
    return ChurnAlert.unscoped.create(institution=hospital, run=outlook_run(), updated_at=NOW, **told)


def study() -> Any:
    """Return a study whose first look waits."""
    from yaomai.customers.services import institution_create

    hospital = institution_create(actor=BOSS, now=NOW, name="江城市第一人民医院")
    return _call(
        "effect_study_create", name="增加拜访", change="visits", since=date(2026, 5, 1), institutions=[hospital.pk]
    )


def _look(*, is_done: bool) -> Any:
    from yaomai.insights.models import EffectCheck

    check = EffectCheck.unscoped.get(study=study()())
    if is_done:
        EffectCheck.unscoped.filter(pk=check.pk).update(result={"verdict": "early", "from": "2027-01-01"})
    return check


def _fill_look() -> Call:
    from yaomai.insights import services

    check = _look(is_done=False)
    return lambda: services.effect_check_fill(actor=BOSS, pk=check.pk)


def signal() -> Any:
    from yaomai.customers.services import institution_create
    from yaomai.insights.models import PurchaseSignal

    hospital = institution_create(actor=BOSS, now=NOW, name="江城市第一人民医院")
    return PurchaseSignal.unscoped.create(
        institution=hospital, month=date(2026, 10, 1), kind="drop", value=1, expected=900, low=400, high=2000, score=7,
        money=899, created_at=NOW, updated_at=NOW,
    )  # fmt: skip


def place(name: str = "华东") -> Any:
    """Return a region of the company."""
    from yaomai.organization.models import Territory
    from yaomai.organization.services import territory_create

    since = date(2025, 1, 1)
    company = Territory.unscoped.filter(level="company").first() or territory_create(
        actor=BOSS, now=NOW, code="ALL", name="全公司", level="company", valid_from=since
    )
    return territory_create(actor=BOSS, now=NOW, code=name, name=name, level="region", parent=company, valid_from=since)


def manager(territory: Any, name: str = "大区总监", role: str = "regional_director") -> Any:
    """Return a person who holds a role in a territory."""
    from yaomai.organization.models import Person, Role
    from yaomai.organization.services import holding_start, person_create, position_create, role_sync

    if not Role.unscoped.exists():
        role_sync(actor=BOSS, now=NOW)
    username = f"{role}-{territory.pk}-{Person.unscoped.count()}"
    person = person_create(actor=BOSS, now=NOW, username=username, name=name)
    seat = position_create(
        actor=BOSS, now=NOW, code=username[:32], title=name, role=Role.unscoped.get(code=role), territory=territory,
        valid_from=date(2026, 1, 1),
    )  # fmt: skip
    holding_start(actor=BOSS, now=NOW, position_id=seat.pk, person_id=person.pk, valid_from=date(2026, 1, 1))
    return person


def evaluation(*, is_computed: bool = True) -> Any:
    made = _call("evaluation_create", level="month", begins_on=date(2026, 10, 1), territory=place())()
    return _call("evaluation_compute", pk=made.pk)() if is_computed else made


def improvement(*steps: str) -> Any:
    """Return an improvement after some of its steps: answer, done, measure."""
    made = _call("improvement_create", evaluation=evaluation(), problem="配送常迟到")()
    calls: dict[str, dict[str, Any]] = {
        "answer": {"cause": "supply", "kind": "supply", "action": "换配送商"}, "done": {"note": "已换"}, "measure": {},
    }  # fmt: skip
    for step in steps:
        extra = {"responsible": manager(made.territory)} if step == "answer" else {}
        _call(f"improvement_{step}", pk=made.pk, **calls[step], **extra)()
    return made


def _answer() -> Call:
    made = improvement()
    person = manager(made.territory)
    return _call("improvement_answer", pk=made.pk, cause="supply", kind="supply", action="换配送商", responsible=person)


def _create_evaluation() -> Call:
    return _call("evaluation_create", level="month", begins_on=date(2026, 10, 1), territory=place())


def _refresh() -> Call:
    from yaomai.insights import services

    made = evaluation()
    return lambda: services.evaluation_refresh(actor=BOSS, pk=made.pk)


def _improve() -> Call:
    made = evaluation()
    return _call("improvement_create", evaluation=made, problem="配送常迟到")


def event(**fields: Any) -> Any:
    """Return a policy event; `fields` override what it says."""
    told = {"title": "第十一批集采", "kind": "vbp", "effective_on": date(2027, 1, 1), "generic_names": "安氯平片",
            "source": "联采办", **fields}  # fmt: skip
    return _call("policy_event_create", **told)


def _compare() -> Call:
    """Compare with a mirror of one month: a mirror is made of what is committed, and an example never is."""
    from tempfile import mkdtemp
    from unittest.mock import patch

    from pyarrow import parquet

    from yaomai.commerce.datasets import SALES
    from yaomai.kit.warehouse import Snapshot

    made = event(effective_on=date(2026, 5, 1))()
    _call("policy_event_assess", pk=made.pk)()
    file = Path(mkdtemp()) / "2026-05.parquet"
    parquet.write_table(SALES.schema.empty_table(), file)
    taken = Snapshot(SALES, {date(2026, 5, 1): file}, "none", 1, NOW, 0)

    def call() -> object:
        with patch("yaomai.insights.services.events.snapshot", lambda _dataset: taken):
            return _call("policy_event_compare", pk=made.pk)()

    return call


EXAMPLES: dict[str, Callable[[], Call]] = {
    "insights.marketfigure:create": lambda: _call(
        "market_figure_create", division=city(), indication=indication(), kind="market", year=2025,
        value=Decimal(1000), source="年鉴",
    ),
    "insights.marketfigure:update": lambda: _call("market_figure_update", pk=figure().pk, changes={"value": Decimal(2)}),
    "insights.marketfigure:archive": lambda: _call("market_figure_archive", pk=figure().pk),
    "insights.targetlist:create": _create_list,
    "insights.targetlist:update": lambda: _call("target_list_update", pk=saved().pk, changes={"name": "新名"}),
    "insights.targetlist:archive": lambda: _call("target_list_archive", pk=saved().pk),
    "insights.targetitem:assign": lambda: _call(
        "target_items_assign", pks=[item().pk], position=None
    ),
    "insights.targetitem:review": lambda: _call(
        "target_item_review", pk=item().pk, decision="kept", reason="科室主任支持"
    ),
    "insights.forecast:request": lambda: _call("forecast_request", as_of=TODAY),
    "insights.forecast:publish": lambda: _call("forecast_publish", pk=forecast_run().pk),
    "insights.quadrant:request": lambda: _ask_for_quadrants(),
    "insights.outlook:request": lambda: _call("outlook_request", as_of=TODAY),
    "insights.outlook:publish": lambda: _call("outlook_publish", pk=outlook_run().pk),
    "insights.churnalert:edit": lambda: _call(
        "alert_record", pk=churn_alert().pk, state="won_back", cause="supply", note="已优先发货"
    ),
    "insights.effectstudy:create": study,
    "insights.effectstudy:check": lambda: _call("effect_study_check", pk=_look(is_done=True).study_id),
    "insights.effectstudy:fill": _fill_look,
    "insights.effectstudy:update": lambda: _call("effect_study_update", pk=study()().pk, changes={"name": "新名"}),
    "insights.effectstudy:archive": lambda: _call("effect_study_archive", pk=study()().pk),
    "insights.purchasesignal:find": lambda: _call("purchase_signals_find", month=date(2026, 10, 1)),
    "insights.purchasesignal:triage": lambda: _call(
        "purchase_signal_triage", pk=signal().pk, cause="stock", action="核对库存"
    ),
    "insights.purchasesignal:dismiss": lambda: _call("purchase_signals_dismiss", pks=[signal().pk], outcome="误报"),
    "insights.policyevent:create": event,
    "insights.evaluation:create": _create_evaluation,
    "insights.evaluation:open": lambda: _call("evaluations_open"),
    "insights.evaluation:compute": lambda: _call("evaluation_compute", pk=evaluation(is_computed=False).pk),
    "insights.evaluation:refresh": _refresh,
    "insights.evaluation:update": lambda: _call(
        "evaluation_update", pk=evaluation().pk, changes={"learned": "盘点月份采购低"}
    ),
    "insights.evaluation:close": lambda: _call("evaluation_close", pk=evaluation().pk),
    "insights.improvement:create": _improve,
    "insights.improvement:answer": _answer,
    "insights.improvement:done": lambda: _call("improvement_done", pk=improvement("answer").pk, note="已换"),
    "insights.improvement:measure": lambda: _call("improvement_measure", pk=improvement("answer", "done").pk),
    "insights.improvement:conclude": lambda: _call(
        "improvement_conclude", pk=improvement("answer", "done", "measure").pk, conclusion="worked", note="不再迟到"
    ),
    "insights.improvement:review": lambda: _call("strategy_reviews_open"),
    "insights.policyevent:update": lambda: _call("policy_event_update", pk=event()().pk, changes={"title": "新名"}),
    "insights.policyevent:archive": lambda: _call("policy_event_archive", pk=event()().pk),
    "insights.policyevent:assess": lambda: _call("policy_event_assess", pk=event()().pk),
    "insights.policyevent:compare": _compare,
    "insights.valuereport:create": report,
    "insights.valuereport:fill": _fill,
}  # fmt: skip
