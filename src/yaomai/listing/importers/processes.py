"""Import of listing processes: where the way of a product into an institution stands today."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from yaomai.customers.naming import institution_called, professional_called
from yaomai.kit.acts.rows import local_day
from yaomai.kit.transfer.columns import Choice, Column, ColumnKind
from yaomai.kit.transfer.outgoing import reference
from yaomai.kit.transfer.registry import Context, register_importer
from yaomai.kit.transfer.service_importer import Doing, ServiceImporter, Values, present
from yaomai.listing import services
from yaomai.listing.models import Process, Stage, StagePeriod, Stance, Voice

PLAIN = ("institution", "product", "opened_on", "blocker", "next_step", "next_step_on", "owner")


@register_importer
class ProcessImporter(ServiceImporter):
    """Processes by institution, product and first day, and one stance a row."""

    name = "listing.process"
    label = _("Listing processes and stances")
    results = ("listing:board", _("See the board"))
    right = "listing.process:import"
    model = Process
    keys: ClassVar[Sequence[Sequence[str]]] = (("institution", "product", "opened_on"),)
    child = "person"
    references: ClassVar[Mapping[str, Sequence[str]]] = {
        "product": ("code", "name"),
        "owner": ("username", "employee_number", "name"),
    }
    columns: ClassVar[Sequence[Column]] = (
        Column("institution", _("Institution"), ColumnKind.REFERENCE, required=True, example="示例市第一人民医院",
               synonyms=("医院", "医院名称", "机构", "机构名称", "目标医院", "单位", "医疗机构", "客户名称", "医院编码", "hospital"),
               hint=_("Code, name or another name.")),
        Column("product", _("Product"), ColumnKind.REFERENCE, required=True, example="P001",
               synonyms=("产品", "产品名称", "产品编码", "药品", "药品名称", "品种", "品名", "商品名称", "product code"), hint=_("Code or name.")),
        Column("opened_on", _("Opened on"), ColumnKind.DATE, required=True, example="2026-03-01",
               synonyms=("开始日期", "立项日期", "启动日期", "申请日期", "开启日期", "发起日期", "进程开始日期", "开发开始日期", "opened")),
        Column("stage", _("Stage"), ColumnKind.CHOICE, choices=tuple(Choice(value, label) for value, label in Stage.choices),
               synonyms=("阶段", "节点", "准入节点", "当前节点", "当前阶段", "进度", "准入阶段", "准入进度", "进展", "stage")),
        Column("stage_since", _("In this stage since"), ColumnKind.DATE,
               synonyms=("进入节点日期", "节点开始日期", "进入阶段日期", "阶段开始日期", "当前节点开始", "节点日期", "节点起始日期", "到达日期", "stage since")),
        Column("outcome", _("Outcome"), ColumnKind.CHOICE,
               choices=tuple(Choice(value, label) for value, label in Process.Outcome.choices),
               synonyms=("结果", "准入结果", "最终结果", "结论", "开发结果", "进院结果", "完成情况", "是否准入", "outcome")),
        Column("closed_on", _("Closed on"), ColumnKind.DATE,
               synonyms=("结束日期", "完成日期", "关闭日期", "准入日期", "进院日期", "办结日期", "结案日期", "通过日期", "closed")),
        Column("blocker", _("Blocker"), length=300,
               synonyms=("卡点", "障碍", "难点", "问题", "阻碍", "当前卡点", "主要障碍", "存在问题", "blocked by")),
        Column("next_step", _("Next step"), length=300,
               synonyms=("下一步", "下一步行动", "下步计划", "行动计划", "下一步计划", "后续动作", "下步行动", "跟进计划", "next action")),
        Column("next_step_on", _("Next step by"), ColumnKind.DATE,
               synonyms=("下一步日期", "下一步截止", "计划日期", "计划完成日期", "跟进日期", "下次跟进日期", "下一步期限", "截止日期", "due")),
        Column("owner", _("Responsible"), ColumnKind.REFERENCE,
               synonyms=("负责人", "责任人", "跟进人", "代表", "经办人", "负责代表", "员工", "负责人员", "owner"), hint=_("User name, employee number, or the name where nobody else has it.")),
        Column("person", _("Who takes a stance"), ColumnKind.REFERENCE,
               synonyms=("态度人", "表态人", "专家", "专家姓名", "医生姓名", "关键人", "关键人姓名", "决策人", "stakeholder"),
               hint=_("Code or name of the professional. One a row.")),
        Column("stance", _("Stance"), ColumnKind.CHOICE, choices=tuple(Choice(value, label) for value, label in Stance.Value.choices),
               synonyms=("态度", "立场", "支持程度", "意见", "支持度", "倾向", "态度倾向", "对产品态度", "attitude")),
        Column("voice", _("Voice on this product"), ColumnKind.CHOICE, choices=tuple(Choice(value, label) for value, label in Voice.choices),
               synonyms=("话语权", "影响力", "决策权重", "影响程度", "权重", "发言权", "决策影响", "话语权重", "voice")),
        Column("reason", _("Reason"), length=300, synonyms=("原因", "理由", "态度原因", "说明", "顾虑", "具体原因", "原因说明", "态度说明", "reason")),
        Column("source", _("Source"), length=200,
               synonyms=("来源", "信息来源", "出处", "依据", "获取途径", "资料来源", "渠道", "数据来源", "source of information")),
        Column("recorded_on", _("Recorded on"), ColumnKind.DATE,
               synonyms=("记录日期", "态度日期", "了解日期", "沟通日期", "更新日期", "表态日期", "获知日期", "访谈日期", "recorded")),
    )  # fmt: skip
    create = staticmethod(services.process_create)
    update = staticmethod(services.process_update)

    def refer(self, column: Column, text: str, values: Values) -> Any:
        """Return what a text means."""
        if column.name == "institution":
            return institution_called(text, column.name)
        if column.name == "person":
            return professional_called(text, column.name, institution=values.get("institution"))
        return super().refer(column, text, values)

    def make(self, values: Values, context: Context, doing: Doing) -> Any:
        """Open a process, and bring it to where it stands."""
        plain = {name: value for name, value in values.items() if name in PLAIN and name != "blocker"}
        process = super().make(plain, context, doing)
        self._bring(process, values, context)
        doing.beside += [(period, None) for period in StagePeriod.unscoped.filter(process=process)]
        return process

    def differing(self, row: Any, values: Values) -> Values:
        """Return what differs; a stage's first day alone is history."""
        found = super().differing(row, values)
        if "stage" not in found:
            found.pop("stage_since", None)
        if "outcome" not in found:
            found.pop("closed_on", None)
        return found

    def change(self, row: Any, changes: Values, values: Values, context: Context, doing: Doing) -> None:
        """Change a process, move it, close it."""
        periods = {each.pk: (each, present(each)) for each in row.periods.all()}
        plain = {name: value for name, value in changes.items() if name in PLAIN and name != "blocker"}
        if plain:
            super().change(row, plain, values, context, doing)
        self._bring(row, values, context)
        for period in StagePeriod.unscoped.filter(process=row):
            if period.pk not in periods:
                doing.beside.append((period, None))
            elif present(period) != periods[period.pk][1]:
                doing.beside.append(periods[period.pk])

    def _bring(self, process: Any, values: Values, context: Context) -> None:
        """Move to the stage that the file says, note what holds it up there, and close it where it has an outcome."""
        said = {"pk": process.pk, "actor": context.actor, "now": context.now}
        day = values.get("stage_since") or local_day(context.now)
        note = str(_("From the import of %(file)s") % {"file": context.file_name})
        stage, outcome = values.get("stage"), values.get("outcome")
        if stage and stage != process.stage:
            services.process_move(**said, stage=stage, on=day, note=note)
        if values.get("blocker") and values["blocker"] != Process.unscoped.get(pk=process.pk).blocker:
            services.process_update(**said, changes={"blocker": values["blocker"]})
        if outcome and outcome != process.outcome:
            services.process_close(**said, outcome=outcome, on=values.get("closed_on") or day, note=note)

    def take_child(self, row: Any, values: Values, context: Context, doing: Doing) -> bool:
        """Record where somebody stands, unless that is what we have."""
        said = {name: values.get(name) for name in ("stance", "voice", "reason", "source", "recorded_on")}
        now = Stance.unscoped.filter(process=row, professional=values["person"], superseded_at=None).first()
        ours = {"stance": now.value, "voice": now.voice, "reason": now.reason, "source": now.source,
                "recorded_on": now.recorded_on} if now else {}  # fmt: skip
        if now and all(value in (None, "", ours[name]) for name, value in said.items()):
            return False
        if now:
            doing.beside.append((now, present(now)))
        made = services.stance_record(
            actor=context.actor, process=row.pk, professional=values["person"], value=said["stance"] or "",
            voice=said["voice"] or Voice.ORDINARY, reason=said["reason"] or "", source=said["source"] or "",
            recorded_on=said["recorded_on"] or local_day(context.now), now=context.now,
        )  # fmt: skip
        doing.beside.append((made, None))
        return True

    def lines(self, rows: Sequence[Any]) -> Iterator[Mapping[str, Any]]:
        """Yield a line for each present stance on an open process, one for a process without any or with its outcome."""
        now = Stance.unscoped.filter(superseded_at=None).select_related("professional").order_by("pk")
        models.prefetch_related_objects(rows, models.Prefetch("stances", now))
        for row, line in zip(rows, super().lines(rows), strict=True):
            stances = [] if row.outcome else list(row.stances.all())
            for stance in stances:
                yield {
                    **line,
                    "person": reference(stance.professional),
                    "stance": stance.get_value_display(),
                    "voice": stance.get_voice_display(),
                    "reason": stance.reason,
                    "source": stance.source,
                    "recorded_on": stance.recorded_on,
                }
            if not stances:
                yield line
