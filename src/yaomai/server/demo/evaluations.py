"""What the demo company made of its months: one evaluation that was closed and re-checked, two that are being written."""

from datetime import datetime, timedelta

from yaomai.commerce.panels import first_month
from yaomai.insights import services
from yaomai.insights.models import Improvement
from yaomai.insights.services.evaluations import answering
from yaomai.kit.access import Actor
from yaomai.organization.models import Person, Territory

MONTHS_AGO = 4
LEARNED = "核心客户采购平稳，潜力客户受医院库存盘点影响；配送延误集中在月末。"
NEXT_STEPS = "与配送企业约定月中补货；潜力客户拜访提前到月初。"
WRITING = "战略客户采购与去年同期相比基本持平，异常项待各区域说明。"


def evaluations_record(*, actor: Actor, now: datetime) -> None:
    """Close the evaluation of a month some months ago, with a measure that was re-checked, and begin those of the last."""
    region = Territory.unscoped.filter(level=Territory.Level.REGION).order_by("code").first()
    company = Territory.unscoped.filter(level=Territory.Level.COMPANY).order_by("pk").first()
    if region is None or company is None:
        return
    _closed(actor, now, region)
    for place in (region, company):
        made = services.evaluation_create(
            actor=actor, now=now, level="month", begins_on=first_month(now.date(), 1), territory=place
        )
        services.evaluation_update(actor=actor, now=now, pk=made.pk, changes={"learned": WRITING})


def _closed(actor: Actor, now: datetime, region: Territory) -> None:
    month = first_month(now.date(), MONTHS_AGO)
    written = now - timedelta(days=(now.date() - first_month(now.date(), MONTHS_AGO - 1)).days - 4)
    common = {"actor": actor, "now": written}
    made = services.evaluation_create(**common, level="month", begins_on=month, territory=region)
    problem = services.improvement_create(
        **common, evaluation=made, problem="月末配送延误，部分医院断货两到三天", measure=Improvement.Measure.PURCHASES
    )
    responsible = Person.unscoped.filter(pk=answering(written.date()).at(region.path) or 0).first()
    for row in Improvement.unscoped.filter(evaluation=made, state=Improvement.State.OPEN).exclude(pk=problem.pk):
        services.improvement_answer(
            **common,
            pk=row.pk,
            cause="stock",
            cause_text="药剂科月末盘点",
            kind="none",
            action="盘点后恢复正常，下月再看",
        )
    services.improvement_answer(
        **common, pk=problem.pk, cause="supply", cause_text="经销商月末车辆不足", kind="supply",
        action="与配送企业约定月中补货，月末只补急单", responsible=responsible,
    )  # fmt: skip
    services.evaluation_update(**common, pk=made.pk, changes={"learned": LEARNED, "next_steps": NEXT_STEPS})
    services.evaluation_close(**common, pk=made.pk)
    done = written + timedelta(days=12)
    services.improvement_done(actor=actor, now=done, pk=problem.pk, note="已签补货约定，本月起执行")
    services.improvement_measure(actor=actor, now=now, pk=problem.pk)
    services.improvement_conclude(
        actor=actor, now=now, pk=problem.pk, conclusion="worked", note="月末断货未再发生，采购保持平稳"
    )
