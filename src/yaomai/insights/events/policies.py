"""What to do at a customer when a policy changes: texts with their origin."""

from decimal import Decimal
from typing import ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from yaomai.engine.inputs import Label
from yaomai.insights.events.rules import Advised
from yaomai.kit.policies import Policy, figure
from yaomai.kit.policies.schema import Document

HOSPITALS = ("hospital", "community", "township", "clinic")
RETAIL = ("chain", "chain_store", "pharmacy")


class EventAdvice(Document):
    """One thing to do, and for whom."""

    code: str = figure(label=_("Advice"), origin="", min_length=1, max_length=40, pattern="^[a-z_]+$")
    text: Label = figure(label=pgettext_lazy("advice", "What to do"), origin="assumed")
    event_kind: str = figure(
        "", label=_("Of events of this kind"), origin="", pattern="^(|vbp|nrdl|drg|other)$",
        help=_("vbp, nrdl, drg or other; empty: of all."),
    )  # fmt: skip
    customer_kinds: tuple[str, ...] = figure((), label=_("For institutions of these kinds"), origin="")
    least_share: Decimal = figure(
        Decimal(0), label=_("From this share of the customer's purchases"), unit="ratio", origin="assumed", ge=0, le=1
    )
    direction: str = figure(
        "any", label=_("When it costs or brings"), origin="", pattern="^(any|loss|gain)$", help=_("any, loss or gain")
    )


class EventPolicy(Policy):
    """F12: what a 政策影响评估报告 advises."""

    name: ClassVar[str] = "insights.events"
    label: ClassVar[Promise | str] = _("Policy events")
    help: ClassVar[Promise | str] = _(
        "What to do at which customer when procurement, insurance or payment policy changes."
    )

    notice_days: int = figure(
        60, label=_("Told ahead"), unit="days", origin="assumed", ge=0, le=365,
        help=_("So many days before it takes effect Today tells whoever covers affected customers."),
    )  # fmt: skip
    least_money: Decimal = figure(
        Decimal(1000), label=_("Too small to look at: less money than"), unit="CNY", origin="assumed", ge=0,
        le=1_000_000_000,
    )  # fmt: skip
    advices: tuple[EventAdvice, ...] = figure(
        default_factory=lambda: (
            EventAdvice(code="report", text=Label(
                zh="向战略客户递交政策影响评估报告，当面说明受影响品种、价格和供应保障",
                en="Hand the impact report over and explain products, prices and supply in person")),
            EventAdvice(code="meeting", least_share=Decimal("0.3"), direction="loss", text=Label(
                zh="安排高层拜访，商定未来12个月的品种结构",
                en="Arrange a visit of an executive and agree on the products of the next twelve months")),
            EventAdvice(code="volume", event_kind="vbp", customer_kinds=HOSPITALS, text=Label(
                zh="核对报量、协议量与配送企业，按月跟踪完成进度",
                en="Check reported and agreed volumes and the distributor; follow them month by month")),
            EventAdvice(code="stock", event_kind="vbp", customer_kinds=RETAIL, text=Label(
                zh="执行日前清点库存并办理差价补偿，避免降价损失和集中退货",
                en="Count stock before the day and settle price differences, so that nothing is returned at once")),
            EventAdvice(code="alternatives", event_kind="vbp", direction="loss", customer_kinds=HOSPITALS, text=Label(
                zh="梳理院内非集采品种与新适应症，准备准入材料",
                en="Look for products outside the procurement and new indications; prepare their listing")),
            EventAdvice(code="academic", event_kind="nrdl", direction="gain", text=Label(
                zh="医保新增：为战略客户增加学术支持，推动药事会评审",
                en="Newly reimbursed: more academic support for strategic customers; bring it to the committee")),
            EventAdvice(code="limits", event_kind="nrdl", customer_kinds=HOSPITALS, text=Label(
                zh="向药剂科和医保办说明支付范围与限定条件",
                en="Explain what is reimbursed and on which conditions to pharmacy and insurance office")),
            EventAdvice(code="cost", event_kind="drg", customer_kinds=HOSPITALS, text=Label(
                zh="准备病组费用与日均治疗成本对比，供科室控费参考",
                en="Prepare the cost of the group and of a day of treatment for the departments")),
        ),
        label=_("Advice"), origin="S1：政策影响评估；J14 医保新增→更多战略学术支持；其余 assumed",
    )  # fmt: skip

    def conditions(self) -> list[Advised]:
        """Return the advices as plain conditions."""
        return [
            Advised(each.code, each.event_kind, frozenset(each.customer_kinds), each.least_share, each.direction)  # type: ignore[arg-type]
            for each in self.advices
        ]

    def text_of(self, code: str, language: str) -> str:
        """Return what to do; its code when the policy has it no more."""
        found = next((each for each in self.advices if each.code == code), None)
        return found.text.in_language(language) if found is not None else code
