"""Import of proposed tier changes: what a region sends in before the tier meeting of the quarter (B16)."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar

from django.db.models import prefetch_related_objects
from django.utils.translation import gettext_lazy as _

from yaomai.customers.naming import institution_called, professional_called
from yaomai.kit.errors import Invalid
from yaomai.kit.runs.selectors import run_in_force
from yaomai.kit.transfer.columns import Column, ColumnKind
from yaomai.kit.transfer.outgoing import reference
from yaomai.kit.transfer.registry import Context, register_importer
from yaomai.kit.transfer.service_importer import Doing, ServiceImporter, Values
from yaomai.segmentation import KIND, selectors, services
from yaomai.segmentation.models import Subject, TierChange
from yaomai.segmentation.services.changes import LONGEST, ChangeWaits
from yaomai.spellings import folded


def _schemes() -> list[selectors.Scheme]:
    return selectors.schemes(run_in_force(KIND))


def _labels() -> list[str]:
    return list(dict.fromkeys(scheme.label for scheme in _schemes()))


@register_importer
class TierChangeImporter(ServiceImporter):
    """Proposals for the meeting that is open around the customer, or else the next one; an open one again adds nothing."""

    name = "segmentation.change"
    label = _("Proposed tier changes")
    results = ("segmentation:tierchange_list", _("See the tier changes"))
    right = "segmentation.change:propose"
    model = TierChange
    keys: ClassVar[Sequence[Sequence[str]]] = (("institution",),)
    volatile: ClassVar[Sequence[str]] = ("meeting",)
    """A meeting that is opened takes it on its agenda: until somebody decides, an import can still be taken back."""
    columns: ClassVar[Sequence[Column]] = (
        Column("institution", _("Institution"), ColumnKind.REFERENCE, example="示例市第一人民医院",
               synonyms=("医院", "医院名称", "机构", "机构名称", "客户", "客户名称", "客户编码", "机构编码", "单位"),
               hint=_("Code or name; of a professional, where they work.")),
        Column("professional", _("Professional"), ColumnKind.REFERENCE,
               synonyms=("医生", "医生姓名", "专家", "专家姓名", "姓名", "客户姓名", "医生编码", "doctor"),
               hint=_("Code or name. Empty when the institution itself is meant.")),
        Column("scheme", _("Scheme"), required=True, length=60, example="四级分层", listed=_labels,
               synonyms=("分层方案", "分级方案", "方案", "方案名称", "分层体系", "分级体系", "分层方法", "tier scheme")),
        Column("tier_before", _("Tier now"), length=60,
               synonyms=("当前等级", "现等级", "原等级", "现分层", "当前分层", "调整前", "调整前等级", "current tier"),
               hint=_("For reading only; an import leaves it aside.")),
        Column("tier", _("Proposed tier"), required=True, length=60, example="核心客户",
               synonyms=("建议等级", "拟调整等级", "调整后", "调整后等级", "建议分层", "拟调整为", "新等级", "proposed class")),
        Column("reason", _("Reason"), required=True, length=LONGEST, example="新院区开诊，采购连续三月增长",
               synonyms=("理由", "调整理由", "建议理由", "原因", "调整原因", "说明", "依据", "申请理由")),
    )  # fmt: skip

    def refer(self, column: Column, text: str, values: Values) -> Any:
        """Return the institution, or the professional, at the institution where one is told."""
        if column.name == "institution":
            return institution_called(text, column.name)
        return professional_called(text, column.name, institution=values.get("institution"))

    def _referred(self, values: Values) -> Values:
        """Return whom, which scheme and which tier a row means; what is for reading only is left out."""
        found = super()._referred(values)
        if found.get("professional"):
            found["institution"] = None
        elif not found.get("institution"):
            raise Invalid(fields={"institution": [_("Name the institution or the professional.")]})
        scheme = self._scheme(_subject(found), found["scheme"])
        tiers = {
            folded(text): tier.name for tier in scheme.spec.tiers for text in (tier.name, tier.label.zh, tier.label.en)
        }
        tier = tiers.get(folded(found["tier"]))
        if tier is None:
            most = "、".join(scheme.tier_label(each.name) for each in scheme.spec.tiers)
            raise Invalid(fields={"tier": [_("The scheme has these tiers: %(tiers)s.") % {"tiers": most}]})
        return {**found, "scheme": scheme.name, "tier": tier, "tier_before": None}

    def _scheme(self, subject: str, text: str) -> selectors.Scheme:
        of_kind = [scheme for scheme in _schemes() if scheme.subject == subject]
        names = {
            scheme.name: [folded(each) for each in (scheme.name, scheme.spec.label.zh, scheme.spec.label.en)]
            for scheme in of_kind
        }
        exactly = [scheme for scheme in of_kind if folded(text) in names[scheme.name]]
        partly = [scheme for scheme in of_kind if any(folded(text) in name for name in names[scheme.name])]
        if len(found := exactly or partly) == 1:
            return found[0]
        most = "、".join(scheme.label for scheme in of_kind)
        raise Invalid(fields={"scheme": [_("These schemes classify such customers: %(schemes)s.") % {"schemes": most}]})

    def find(self, values: Values, context: Context) -> Any:
        """Return the proposal about this tier that waits for its decision."""
        subject = _subject(values)
        waiting = TierChange.unscoped.filter(scheme=values["scheme"], closed_at=None)
        return waiting.filter(**{subject: values[subject]}).first()

    def make(self, values: Values, context: Context, doing: Doing) -> Any:
        """Propose it."""
        subject = _subject(values)
        return services.change_propose(
            actor=context.actor, subject=subject, customer=values[subject].pk, scheme=values["scheme"],
            tier=values["tier"], reason=values["reason"], now=context.now,
        )  # fmt: skip

    def change(self, row: Any, changes: Values, values: Values, context: Context, doing: Doing) -> None:
        """Refuse: what is proposed waits for its decision as it is."""
        raise ChangeWaits

    def lines(self, rows: Sequence[Any]) -> Iterator[Mapping[str, Any]]:
        """Yield the proposals that wait; what is decided is not proposed again."""
        prefetch_related_objects(rows, "institution", "professional__institution")
        schemes = {(scheme.name, scheme.subject): scheme for scheme in _schemes()}
        for row in rows:
            scheme = schemes.get((row.scheme, row.subject))
            if row.state != TierChange.State.OPEN or scheme is None:
                continue
            place = row.institution if row.professional is None else row.professional.institution
            yield {
                "institution": reference(place),
                "professional": reference(row.professional),
                "scheme": scheme.label,
                "tier_before": scheme.tier_label(row.tier_before),
                "tier": scheme.tier_label(row.tier),
                "reason": row.reason,
            }


def _subject(values: Values) -> str:
    return Subject.PROFESSIONAL.value if values.get("professional") else Subject.INSTITUTION.value
