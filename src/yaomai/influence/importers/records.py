"""Import of offices, studies, guideline work and ties: one line each."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar

from django.db.models import prefetch_related_objects
from django.utils.translation import gettext_lazy as _

from yaomai.customers.naming import institution_called, professional_called
from yaomai.influence import services
from yaomai.influence.models import FIRST_YEAR, LAST_YEAR, Guideline, Level, Office, Sourced, Study, Tie
from yaomai.influence.rules import text_key
from yaomai.kit.transfer.columns import Choice, Column, ColumnKind
from yaomai.kit.transfer.outgoing import reference
from yaomai.kit.transfer.registry import Context, register_importer
from yaomai.kit.transfer.service_importer import Doing, ServiceImporter, Values

PERSON = (
    Column("professional", _("Professional"), ColumnKind.REFERENCE, required=True, example="示例医生",
           synonyms=("姓名", "专家", "专家姓名", "医生", "医生姓名", "客户姓名", "人员", "医生编码", "expert name"),
           hint=_("Code or name of the professional. Import the professionals first.")),
    Column("institution", _("Institution"), ColumnKind.REFERENCE, example="示例市第一人民医院",
           synonyms=("医院", "医院名称", "机构", "机构名称", "单位", "工作单位", "所在医院", "所属医院", "hospital"),
           hint=_("Tells apart professionals of the same name.")),
)  # fmt: skip
PROOF = (
    Column("source", _("Source"), required=True, length=200, example="学会官网",
           synonyms=("来源", "信息来源", "出处", "数据来源", "依据", "获取途径", "资料来源", "渠道", "source of information")),
    Column("evidence", _("Evidence link"), length=500, example="https://example.org/notice",
           synonyms=("证据链接", "链接", "网址", "证明链接", "佐证链接", "证据", "证明材料", "公示链接", "url")),
)  # fmt: skip
PERIOD = (
    Column("valid_from", _("Valid from"), ColumnKind.DATE, required=True, example="2024-01-01",
           synonyms=("开始日期", "任职日期", "任期开始", "任职开始", "起始日期", "任期起", "聘任日期", "开始时间", "since")),
    Column("valid_to", _("Valid to"), ColumnKind.DATE,
           synonyms=("结束日期", "离任日期", "任期结束", "任职结束", "截止日期", "任期止", "届满日期", "结束时间", "until")),
)  # fmt: skip

_LEVELS: Mapping[str, tuple[str, ...]] = {
    Level.INTERNATIONAL: ("国际", "国际学会"),
    Level.NATIONAL: ("国家", "全国", "全国性"),
    Level.PROVINCIAL: ("省", "省部级"),
    Level.CITY: ("市", "地市级"),
}
_PHASES: Mapping[str, tuple[str, ...]] = {
    Study.Phase.ONE: ("I期", "1期", "Ⅰ期"),
    Study.Phase.TWO: ("II期", "2期", "Ⅱ期"),
    Study.Phase.THREE: ("III期", "3期", "Ⅲ期"),
    Study.Phase.FOUR: ("IV期", "4期", "Ⅳ期"),
    Study.Phase.OBSERVATIONAL: ("观察性研究", "真实世界", "真实世界研究", "RWS"),
}
_PARTS: Mapping[str, tuple[str, ...]] = {
    Study.Role.LEAD: ("牵头PI", "总PI", "Leading PI", "组长单位PI"),
    Study.Role.PRINCIPAL: ("PI", "主要研究者", "中心PI"),
    Study.Role.SUB: ("Sub-I", "参与者", "研究者"),
}
_KINDS: Mapping[str, tuple[str, ...]] = {
    Tie.Kind.TEACHER: ("师生", "师徒", "导师", "师承"),
    Tie.Kind.COLLEAGUE: ("同事", "同窗", "搭档"),
}
_SHARES: Mapping[str, tuple[str, ...]] = {
    Guideline.Role.LEAD: ("组长", "执笔组长", "主编"),
    Guideline.Role.AUTHOR: ("执笔", "编写组成员", "编委", "撰写"),
    Guideline.Role.REVIEWER: ("审阅", "审稿", "评审专家"),
}


class RecordImporter(ServiceImporter):
    """What all have in common: whose it is, and who is meant by a name."""

    right = "influence.record:import"
    model: ClassVar[type[Sourced]]

    def refer(self, column: Column, text: str, values: Values) -> Any:
        """Return the institution or the professional that a text means; with an institution, the one who works there."""
        if column.name == "institution":
            return institution_called(text, column.name)
        place = values.get("institution")
        return professional_called(
            text, column.name, institution=institution_called(place, "institution") if isinstance(place, str) else place
        )

    def find(self, values: Values, context: Context) -> Any:
        """Return the open row with the same key."""
        key = {name: self.spelled(name, values.get(name)) for name in self.keys[0]}
        fields = {self.compared(name): value for name, value in key.items()}
        return self.model.unscoped.filter(archived_at=None, **fields).order_by("pk").first()

    def compared(self, name: str) -> str:
        """Return the field by which a column tells rows apart."""
        return name

    def spelled(self, name: str, value: Any) -> Any:
        """Return a value as it is compared."""
        return value

    def make(self, values: Values, context: Context, doing: Doing) -> Any:
        """Make a row; the institution only told who was meant."""
        return super().make({name: said for name, said in values.items() if name != "institution"}, context, doing)

    def lines(self, rows: Sequence[Any]) -> Iterator[Mapping[str, Any]]:
        """Yield what the rows say; a professional by code, or by name and institution."""
        prefetch_related_objects(rows, "professional__institution")
        for row, line in zip(rows, super().lines(rows), strict=True):
            yield {**line, "institution": reference(row.professional.institution)}


@register_importer
class OfficeImporter(RecordImporter):
    """Offices in societies."""

    name = "influence.office"
    label = _("Society offices")
    results = ("influence:office_list", _("See the offices"))
    model = Office
    keys: ClassVar[Sequence[Sequence[str]]] = (("society", "professional", "role", "valid_from"),)
    columns: ClassVar[Sequence[Column]] = (
        *PERSON,
        Column("society", _("Society"), required=True, length=150, example="中华医学会心血管病学分会",
               synonyms=("学会", "学会名称", "学术组织", "协会", "协会名称", "学术团体", "组织名称", "专委会", "society name")),
        Column("level", _("Level"), ColumnKind.CHOICE, required=True, example="国家级",
               choices=tuple(Choice(value, label, _LEVELS[value]) for value, label in Level.choices),
               synonyms=("级别", "学会级别", "层级", "组织级别", "学会层级", "协会级别", "等级", "学术组织级别", "society level")),
        Column("role", _("Office"), ColumnKind.CHOICE, required=True, example="委员",
               choices=tuple(Choice(value, label) for value, label in Office.Role.choices),
               synonyms=("职务", "学会职务", "任职", "学术任职", "担任职务", "协会职务", "会内职务", "任职名称", "role")),
        *PERIOD,
        *PROOF,
    )  # fmt: skip
    create = staticmethod(services.office_create)
    update = staticmethod(services.office_update)

    def compared(self, name: str) -> str:
        """Compare societies by their keys."""
        return "society_key" if name == "society" else name

    def spelled(self, name: str, value: Any) -> Any:
        """Compare societies by their keys."""
        return text_key(value or "") if name == "society" else value


@register_importer
class StudyImporter(RecordImporter):
    """Clinical studies."""

    name = "influence.study"
    label = _("Clinical studies")
    results = ("influence:study_list", _("See the studies"))
    model = Study
    keys: ClassVar[Sequence[Sequence[str]]] = (("title", "professional"),)
    columns: ClassVar[Sequence[Column]] = (
        *PERSON,
        Column("title", _("Study"), required=True, length=300, example="示例药物治疗原发性高血压的多中心研究",
               synonyms=("研究名称", "临床研究", "试验名称", "项目名称", "研究题目", "临床试验", "课题名称", "研究标题", "trial")),
        Column("registration", _("Registration number"), length=40, example="CTR20250001",
               synonyms=("登记号", "注册号", "试验登记号", "备案号", "临床试验登记号", "研究编号", "项目编号", "CTR号", "trial number")),
        Column("phase", _("Phase"), ColumnKind.CHOICE, required=True, example="III期",
               choices=tuple(Choice(value, label, _PHASES[value]) for value, label in Study.Phase.choices),
               synonyms=("分期", "期别", "研究分期", "试验分期", "研究阶段", "临床分期", "阶段", "试验期别", "study phase")),
        Column("role", _("Role in the study"), ColumnKind.CHOICE, required=True, example="PI",
               choices=tuple(Choice(value, label, _PARTS[value]) for value, label in Study.Role.choices),
               synonyms=("角色", "研究角色", "承担角色", "职责", "担任角色", "参与角色", "研究职务", "研究者角色", "role")),
        *PERIOD,
        *PROOF,
    )  # fmt: skip
    create = staticmethod(services.study_create)
    update = staticmethod(services.study_update)


@register_importer
class GuidelineImporter(RecordImporter):
    """Work on guidelines and consensus papers."""

    name = "influence.guideline"
    label = _("Guideline work")
    results = ("influence:guideline_list", _("See the guideline work"))
    model = Guideline
    keys: ClassVar[Sequence[Sequence[str]]] = (("title", "professional", "year"),)
    columns: ClassVar[Sequence[Column]] = (
        *PERSON,
        Column("title", _("Guideline"), required=True, length=300, example="示例疾病诊疗指南",
               synonyms=("指南", "指南名称", "共识", "共识名称", "指南共识", "指南/共识", "专家共识", "诊疗指南", "guideline title")),
        Column("issuer", _("Issued by"), length=150, example="示例医学会",
               synonyms=("发布机构", "发布单位", "制定机构", "制定单位", "颁布机构", "发布组织", "牵头单位", "主编单位", "publisher")),
        Column("role", _("Part in the guideline"), ColumnKind.CHOICE, required=True, example="参与撰写",
               choices=tuple(Choice(value, label, _SHARES[value]) for value, label in Guideline.Role.choices),
               synonyms=("角色", "参与角色", "承担角色", "参与方式", "职责", "编写角色", "担任角色", "参与程度", "role")),
        Column("year", _("Year"), ColumnKind.INTEGER, required=True, minimum=FIRST_YEAR, maximum=LAST_YEAR, example="2025",
               synonyms=("年份", "发布年份", "发布年", "年度", "颁布年份", "出版年", "出版年份", "制定年份", "published")),
        *PROOF,
    )  # fmt: skip
    create = staticmethod(services.guideline_create)
    update = staticmethod(services.guideline_update)


@register_importer
class TieImporter(RecordImporter):
    """Ties between two people: a teacher and a student, or two colleagues."""

    name = "influence.tie"
    label = _("Personal ties")
    results = ("influence:tie_list", _("See the ties"))
    right = "influence.tie:import"
    model = Tie
    keys: ClassVar[Sequence[Sequence[str]]] = (("kind", "professional", "other"),)
    columns: ClassVar[Sequence[Column]] = (
        Column("kind", _("Kind of tie"), ColumnKind.CHOICE, required=True, example="师生",
               choices=tuple(Choice(value, label, _KINDS[value]) for value, label in Tie.Kind.choices),
               synonyms=("关系", "关系类型", "关系类别", "人际关系", "关联类型", "类型", "关系种类", "联系类型", "relation")),
        Column("professional", _("Teacher, or one colleague"), ColumnKind.REFERENCE, required=True, example="示例医生",
               synonyms=("老师", "导师", "导师姓名", "老师姓名", "上级医师", "师", "甲方姓名", "人员甲", "teacher name"),
               hint=_("Code or name of the professional. Import the professionals first.")),
        Column("institution", _("Institution of the first"), ColumnKind.REFERENCE, example="示例市第一人民医院",
               synonyms=("导师单位", "老师单位", "导师医院", "老师医院", "导师所在医院", "人员甲单位", "甲单位", "导师机构", "teacher hospital"),
               hint=_("Tells apart professionals of the same name.")),
        Column("other", _("Student, or the other colleague"), ColumnKind.REFERENCE, required=True, example="示例学生",
               synonyms=("学生", "弟子", "学生姓名", "弟子姓名", "学员", "生", "乙方姓名", "人员乙", "student name")),
        Column("other_institution", _("Institution of the other"), ColumnKind.REFERENCE,
               synonyms=("学生单位", "弟子单位", "学生医院", "弟子医院", "学生所在医院", "人员乙单位", "乙单位", "学生机构", "student hospital")),
        *PERIOD,
        *PROOF,
    )  # fmt: skip
    create = staticmethod(services.tie_create)
    update = staticmethod(services.tie_update)

    def refer(self, column: Column, text: str, values: Values) -> Any:
        """Return what a text means; either end has an institution of its own."""
        if column.name.endswith("institution"):
            return institution_called(text, column.name)
        beside = "other_institution" if column.name == "other" else "institution"
        place = values.get(beside)
        where = institution_called(place, beside) if isinstance(place, str) else place
        return professional_called(text, column.name, institution=where)

    def make(self, values: Values, context: Context, doing: Doing) -> Any:
        """Make a tie; the institutions only told who was meant."""
        return super().make(
            {name: said for name, said in values.items() if name != "other_institution"}, context, doing
        )

    def lines(self, rows: Sequence[Any]) -> Iterator[Mapping[str, Any]]:
        """Yield what the rows say, with the institution of either end."""
        prefetch_related_objects(rows, "other__institution")
        for row, line in zip(rows, super().lines(rows), strict=True):
            yield {**line, "other_institution": reference(row.other.institution)}
