"""Figures of this room."""

from typing import Annotated, Any, ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from pydantic import Field, model_validator

from yaomai.customers import profile
from yaomai.customers.models import CustomerType
from yaomai.engine.inputs import Label
from yaomai.kit.policies import Policy, figure
from yaomai.kit.policies.schema import Document


class SourceRank(Document):
    """One kind of source, and how sure it is."""

    name: str = figure(label=_("Code"), origin="assumed")
    label: Label = figure(label=_("Kind of source"), origin="S4 数据来源")
    rank: int = figure(label=_("Rank, 1 is the surest"), origin="assumed", ge=1, le=20)


def _sources() -> tuple[SourceRank, ...]:
    told = (
        ("customer", "客户本人告知", "The customer said so", 1),
        ("observed", "拜访时观察", "Seen during a visit", 2),
        ("official", "机构官网或公示", "Website or notice of the institution", 2),
        ("colleague", "同事或他人转述", "Heard from others", 3),
        ("database", "第三方数据库", "Bought data", 4),
        ("file", "导入的文件", "A file brought in", 5),
    )
    return tuple(SourceRank(name=name, label=Label(zh=zh, en=en), rank=rank) for name, zh, en, rank in told)


ENTITIES: tuple[profile.Entity, ...] = ("institution", "professional")
Weight = Annotated[int, Field(ge=0, le=100)]


class ProfilePolicy(Policy):
    """What a complete profile is, and when it is stale (A15)."""

    name: ClassVar[str] = "customers.profile"
    label: ClassVar[Promise | str] = _("Customer profiles")
    help: ClassVar[Promise | str] = _("Weights of the profile fields, and how long a profile counts as fresh.")

    institution_weights: dict[str, Weight] = figure(
        default_factory=lambda: profile.default_weights("institution"),
        label=_("Weights of an institution's fields"),
        origin="S3、S4；权重 assumed",
        help=_("Completeness is the share of these weights that is known."),
    )
    professional_weights: dict[str, Weight] = figure(
        default_factory=lambda: profile.default_weights("professional"),
        label=_("Weights of a professional's fields"),
        origin="S3、S4；权重 assumed",
        help=_("Completeness is the share of these weights that is known."),
    )
    stale_after_days: int = figure(
        180,
        label=_("A profile is stale after"),
        origin="S4；天数 assumed",
        unit="days",
        ge=1,
        le=3650,
    )
    stale_after: dict[str, Annotated[int, Field(ge=1, le=3650)]] = figure(
        default_factory=lambda: {
            "clinical_questions": 90, "academic_needs": 120, "visit_points": 120, "background": 730,
            "academic_standing": 365, "leisure": 365, "purchasing_route": 365, "delivery": 365,
        },
        label=_("Fields that age faster or slower"),
        origin="S3、S4 定期更新；天数 assumed",
        unit="days",
    )  # fmt: skip
    sources: tuple[SourceRank, ...] = figure(
        default_factory=_sources,
        label=_("Kinds of sources, and which one wins"),
        origin="S4 CRM、竞品动态、第三方数据库；次序 assumed",
        help=_("While a value is fresh, a less sure source replaces it only when the writer insists."),
    )

    def weights(self, entity: str) -> dict[str, int]:
        """Return the weights of "institution" or "professional"."""
        return self.institution_weights if entity == "institution" else self.professional_weights

    def days(self, field: str) -> int:
        """Return after how many days a field is stale."""
        return self.stale_after.get(field, self.stale_after_days)

    def source(self, name: str) -> SourceRank | None:
        """Return a kind of source by its code."""
        return next((each for each in self.sources if each.name == name), None)


def unsound(policy: ProfilePolicy) -> dict[str, list[Any]]:
    """Return what is inconsistent, by field: weights of fields that do not exist, or nothing that counts."""
    found: dict[str, list[Any]] = {}
    for entity in ENTITIES:
        name, weights = f"{entity}_weights", policy.weights(entity)
        for code in sorted(set(weights) - set(profile.default_weights(entity))):
            found[f"{name}.{code}"] = [_("The profile has no field of this name. Remove it.")]
        if not any(weights.values()):
            found[name] = [
                _("Give at least one field a weight above 0: without any, nothing tells how complete it is.")
            ]
    return found


class Style(Document):
    """One interpersonal style."""

    name: str = figure(label=_("Code"), origin="assumed")
    label: Label = figure(label=_("Style"), origin="S0 三 人际风格；分类 assumed")
    signs: Label = figure(label=_("How to tell"), origin="assumed")
    advice: Label = figure(label=_("How to meet it"), origin="S0 三 人际风格；建议 assumed")


class StyleType(Document):
    """One style type (A13)."""

    name: str = figure(label=_("Code"), origin="S2")
    label: Label = figure(label=_("Style type"), origin="S2")
    cares: Label = figure(label=_("Looks for"), origin="S2")
    materials: Label = figure(label=_("Materials that help"), origin="S2")


class Playbook(Document):
    """How to win the trust of one customer type (D2, D3)."""

    name: str = figure(label=_("Customer type"), origin="S0 一")
    label: Label = figure(label=_("Playbook"), origin="S0 三")
    needs: Label = figure(label=_("Needs to look for"), origin="S0 三")
    strategy: Label = figure(label=_("How to win trust"), origin="S0 三；做法 assumed")
    avoid: Label = figure(
        label=_("Avoid"), origin="《医药代表备案管理办法（试行）》；《医药企业防范商业贿赂风险合规指引》"
    )


def _styles() -> tuple[Style, ...]:
    told = (
        ("evidence", "重证据", "Evidence first", "常问研究设计与样本量，要看原文", "Asks for study design and sample size; wants the original paper",
         "先给研究与指南原文，说清局限性；不急于下结论", "Bring studies and guidelines in full, name their limits; do not hurry to conclusions"),
        ("result", "重结果、简短", "Short and result-oriented", "时间紧，直接问要点", "Short of time, asks for the point",
         "三分钟讲一个要点，先结论后依据；约定下一步", "One point in three minutes, conclusion first; agree on a next step"),
        ("relation", "重关系", "Relationship first", "愿意聊近况，重视守信", "Likes to talk about how things are; values kept promises",
         "先兑现上次的承诺，再谈专业内容；保持定期联系", "First keep the last promise, then talk shop; stay in touch regularly"),
        ("open", "爱讨论", "Likes to discuss", "主动提病例，喜欢追问", "Brings up cases and asks further",
         "带病例和开放式问题来，记录其观点并反馈", "Bring cases and open questions; note the opinion and follow up"),
    )  # fmt: skip
    return tuple(
        Style(
            name=name,
            label=Label(zh=zh, en=en),
            signs=Label(zh=signs, en=signs_en),
            advice=Label(zh=advice, en=advice_en),
        )
        for name, zh, en, signs, signs_en, advice, advice_en in told
    )


def _style_types() -> tuple[StyleType, ...]:
    told = (
        ("academic", "学术型专家", "Academic expert", "循证依据、研究价值", "Evidence and research value",
         "定制文献包、真实世界研究邀请", "Literature put together for this person, invitation to real-world studies"),
        ("practical", "实用型医师", "Practical physician", "疗效与负担的平衡、患者管理", "Efficacy against burden, patient management",
         "典型病例随访数据、患者教育工具包", "Follow-up of typical cases, patient education kit"),
        ("managing", "管理型客户", "Managing customer", "供应稳定、成本效益", "Stable supply, cost and benefit",
         "供应链可靠性报告、药占比优化方案", "Report on supply reliability, plan for the share of drug costs"),
    )  # fmt: skip
    return tuple(
        StyleType(
            name=name,
            label=Label(zh=zh, en=en),
            cares=Label(zh=cares, en=cares_en),
            materials=Label(zh=materials, en=materials_en),
        )
        for name, zh, en, cares, cares_en, materials, materials_en in told
    )


def _playbooks() -> tuple[Playbook, ...]:
    told = (
        ("high_volume", "专业后盾", "Professional backing", "临床效果、个人认可", "Clinical results, recognition of the person",
         "解决临床问题：适应症与用法答疑、病例讨论、患者教育", "Solve clinical questions: label and use, case discussion, patient education",
         "不谈处方数量，不以任何利益换取处方", "No talk of prescription counts, no benefit in return for prescriptions"),
        ("high_influence", "学术合伙人", "Academic partner", "学术成就、资源平台", "Academic achievement, a platform with resources",
         "共同做学术：研究设计支持、会议平台、指南与共识工作", "Do academic work together: study design, meetings, guidelines and consensus",
         "不以讲课费换取推荐，学术支持按规定审批与公示", "No speaking fees for endorsement; support is approved and disclosed as the rules say"),
        ("decision_maker", "管理顾问", "Management adviser", "组织效能、合规安全", "Performance of the organisation, compliance and safety",
         "提供管理价值：药占比与费用分析、供应保障、合规资料", "Offer value to management: cost analysis, supply security, compliance papers",
         "不单独影响评审委员，不送礼，资料统一提交药剂科", "Never influence committee members one by one, no gifts; papers go to the pharmacy"),
    )  # fmt: skip
    return tuple(
        Playbook(
            name=name,
            label=Label(zh=zh, en=en),
            needs=Label(zh=needs, en=needs_en),
            strategy=Label(zh=strategy, en=strategy_en),
            avoid=Label(zh=avoid, en=avoid_en),
        )
        for name, zh, en, needs, needs_en, strategy, strategy_en, avoid, avoid_en in told
    )


class ApproachPolicy(Policy):
    """How to approach a customer, by type and style, and what to talk about next."""

    name: ClassVar[str] = "customers.approach"
    label: ClassVar[Promise | str] = _("How to approach customers")
    help: ClassVar[Promise | str] = _("Playbooks by customer type, materials by style type, advice by style.")

    playbooks: tuple[Playbook, ...] = figure(default_factory=_playbooks, label=_("Playbooks"), origin="S0 三")
    style_types: tuple[StyleType, ...] = figure(default_factory=_style_types, label=_("Style types"), origin="S2")
    styles: tuple[Style, ...] = figure(
        default_factory=_styles, label=_("Styles of communication"), origin="S0 三 人际风格；分类 assumed"
    )
    topic_order: tuple[str, ...] = figure(
        ("clinical_questions", "academic_needs", "style_type", "professional_interests", "customer_types"),
        label=_("Where the next topic comes from, the first that is known"),
        origin="S3 千人千面；顺序 assumed",
        help=_("Codes of profile fields; customer_types stands for the playbook."),
    )

    @model_validator(mode="after")
    def _named_once(self) -> "ApproachPolicy":
        if sorted(book.name for book in self.playbooks) != sorted(CustomerType.values):
            raise ValueError(str(_("Name every customer type once.")))
        for rows in (self.style_types, self.styles):
            names = [each.name for each in rows]
            if len(set(names)) < len(names):
                raise ValueError(str(_("Every code may stand once.")))
        return self

    def style(self, name: object) -> Style | None:
        """Return a style by its code."""
        return next((each for each in self.styles if each.name == name), None)

    def style_type(self, name: object) -> StyleType | None:
        """Return a style type by its code."""
        return next((each for each in self.style_types if each.name == name), None)
