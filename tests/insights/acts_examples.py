"""One call of each service of this room; see tests/test_acts.py."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
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


def saved() -> Any:
    from yaomai.insights.analysis import Focus

    ready()
    return _call("target_list_create", name="2026年四季度", focus=Focus())()


def item() -> Any:
    from yaomai.insights.models import TargetItem

    return TargetItem.unscoped.get(target_list=saved())


def _create_list() -> Call:
    from yaomai.insights.analysis import Focus

    ready()
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
    "insights.outlook:request": lambda: _call("outlook_request", as_of=TODAY),
    "insights.outlook:publish": lambda: _call("outlook_publish", pk=outlook_run().pk),
    "insights.churnalert:edit": lambda: _call(
        "alert_record", pk=churn_alert().pk, state="won_back", cause="supply", note="已优先发货"
    ),
    "insights.valuereport:create": report,
    "insights.valuereport:fill": _fill,
}  # fmt: skip
