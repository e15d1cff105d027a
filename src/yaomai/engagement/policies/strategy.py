"""Figures of D13: when a product makes no progress, what may be tried, and when that is measured."""

from typing import Any, ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from yaomai.engine.inputs import Label
from yaomai.kit.policies import Policy, figure
from yaomai.kit.policies.schema import Document

_ORIGIN = "S2（D13）"


def _asked_words(_document: Any) -> dict[str, Promise | str]:
    from yaomai.engagement.models import Visit

    return {each.value: each.label for each in Visit.Progress if each.value != "none"}


class Strategy(Document):
    """Something that may be tried."""

    name: str = figure(label=_("Code"), origin="", min_length=2, max_length=32, pattern=r"^[a-z][a-z0-9_]*$")
    label: Label = figure(label=_("Name"), origin="")


def _strategies() -> tuple[Strategy, ...]:
    told = (
        ("academic", "学术支持：带文献、指南更新", "Academic support: literature, guideline updates"),
        ("clinical", "临床问题解决：从他的疑难病例谈起", "Solve a clinical problem: begin with a difficult case"),
        ("joint", "换人同行：请医学部或经理一起拜访", "Come with somebody: medical or the manager"),
        ("meeting", "转到科室会、病例讨论", "Move to a department meeting or case discussion"),
        ("pause", "暂缓产品沟通，先兑现承诺", "Leave the product aside and keep promises first"),
    )
    return tuple(Strategy(name=name, label=Label(zh=zh, en=en)) for name, zh, en in told)


class StrategyPolicy(Policy):
    """D13, L9: contacts in a row without progress call for another strategy."""

    name: ClassVar[str] = "engagement.strategy"
    label: ClassVar[Promise | str] = _("Strategy alerts")
    help: ClassVar[Promise | str] = _(
        "When a product makes no progress with somebody, another strategy is chosen and measured."
    )

    contacts: int = figure(3, label=_("Contacts in a row without progress"), origin=_ORIGIN, unit="count", ge=2, le=20)
    asked: str = figure("mentioned", label=_("Progress is at least"), origin=_ORIGIN, choices=_asked_words)
    choose_days: int = figure(7, label=_("To be chosen within"), origin="assumed", unit="days", ge=1, le=60)
    measured_after: int = figure(
        3, label=_("Measured after so many further contacts"), origin="assumed", unit="count", ge=1, le=20
    )
    strategies: tuple[Strategy, ...] = figure(
        default_factory=_strategies, label=_("Strategies"), origin="S2（D13）；选项 assumed", min_length=1
    )

    def labels(self, language: str) -> dict[str, str]:
        """Return what each strategy is called, by code."""
        return {each.name: each.label.in_language(language) for each in self.strategies}
