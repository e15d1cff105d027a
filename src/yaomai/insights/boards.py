"""The board that each role starts with, and the goals of cards that nobody sets person by person."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, ClassVar, Final

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from yaomai.kit.dashboards.registry import (
    Asked,
    Goal,
    StartingBoard,
    cards,
    register_boards,
    register_goals,
)
from yaomai.kit.policies import Policy, figure
from yaomai.kit.policies.schema import Document
from yaomai.kit.policies.selectors import policy_on

_SELLING: Final = (
    "commerce.sales", "insights.forecast", "insights.alerts", "insights.improvements", "segmentation.underserved",
    "planning.compliance", "engagement.valid", "listing.pipeline", "support.in_time", "planning.callers",
)  # fmt: skip
_FIELD: Final = (
    "planning.mine", "planning.compliance", "planning.visits", "engagement.visits", "engagement.valid",
    "engagement.academic", "planning.callbacks", "segmentation.underserved", "customers.completeness",
)  # fmt: skip
BOARDS: Final[Mapping[str, tuple[str, ...]]] = {
    "sales_director": (*_SELLING, "approvals.waiting"),
    "regional_director": (*_SELLING, "approvals.waiting"),
    "area_manager": (*_SELLING, "planning.mine", "approvals.waiting"),
    "key_account_manager": (
        "commerce.sales", "insights.alerts", "commerce.buyers", "planning.mine", "planning.compliance", "listing.pipeline", "listing.listed",
        "segmentation.underserved", "customers.completeness",
    ),
    "commerce_manager": (
        "commerce.sales", "insights.forecast", "insights.alerts", "commerce.buyers", "segmentation.top", "segmentation.moves", "planning.mine",
        "support.open", "support.in_time", "customers.completeness",
    ),
    "representative": _FIELD,
    "customer_service": (
        "support.open", "support.in_time", "support.hours", "planning.callbacks", "planning.mine", "planning.compliance", "commerce.buyers", "segmentation.underserved", "customers.completeness",
    ),
    "medical_manager": (
        "engagement.adverse", "engagement.academic", "engagement.visits", "planning.mine", "listing.pipeline",
        "listing.listed", "materials.usable", "customers.completeness",
    ),
    "marketing": (
        "commerce.sales", "commerce.buyers", "segmentation.top", "segmentation.moves", "engagement.academic",
        "materials.usable", "listing.pipeline",
    ),
    "supply_manager": ("commerce.sales", "insights.forecast", "commerce.buyers"),
    "compliance_officer": (
        "engagement.doubtful", "engagement.valid", "integrity.open", "integrity.precision", "compliance.spend",
        "compliance.held", "compliance.expenses", "privacy.open", "privacy.on_time", "engagement.adverse",
    ),
    "legal": ("privacy.open", "privacy.on_time", "compliance.held", "compliance.spend", "organization.filings"),
    "finance": ("compliance.spend", "compliance.expenses", "commerce.sales"),
    "system_administrator": ("jobs.failed",),
    "security_administrator": ("organization.filings",),
    "audit_administrator": ("audit.refused", "organization.filings"),
}  # fmt: skip


def _card_words(_document: Any) -> dict[str, Promise | str]:
    return {card.key: card.label for card in cards().values() if card.unit == "percent"}


class CardGoal(Document):
    """What a card that shows a share is to reach."""

    card: str = figure(label=_("Card"), origin="", choices=_card_words)
    value: Decimal = figure(label=_("Goal"), origin="", unit="ratio", ge=0, le=1)
    origin: str = figure("assumed", label=_("Origin"), origin="")


def _goal(card: str, value: str, origin: str = "assumed") -> CardGoal:
    return CardGoal(card=card, value=Decimal(value), origin=origin)


class BoardPolicy(Policy):
    """What shares on dashboards are to reach, where no goal was set person by person."""

    name: ClassVar[str] = "insights.boards"
    label: ClassVar[Promise | str] = _("Goals of dashboards")
    help: ClassVar[Promise | str] = _("What the shares on dashboards are to reach; goals of territories go before.")

    goals: tuple[CardGoal, ...] = figure(
        default_factory=lambda: (
            _goal("planning.compliance", "0.90", "S1 服务与拜访考核；assumed"),
            _goal("engagement.valid", "0.95", "S1 拜访真实性；assumed"),
            _goal("engagement.academic", "0.70", "S2；assumed"),
            _goal("segmentation.underserved", "0.15", "S1 §五；assumed"),
            _goal("customers.completeness", "0.80", "S1 档案完整；assumed"),
            _goal("customers.fresh", "0.80"),
            _goal("integrity.precision", "0.50"),
            _goal("support.in_time", "1", "S1 客户服务热线（C6）；比例 assumed"),
            _goal("privacy.on_time", "1", "《个人信息保护法》第五十条"),
        ),
        label=_("Goals"), origin="S1",
    )  # fmt: skip


def register() -> None:
    """Register the boards and the goals."""
    register_boards(*(StartingBoard(role, keys) for role, keys in BOARDS.items()))
    register_goals(_goals)


def _goals(asked: Asked, keys: frozenset[str]) -> Mapping[str, Goal]:
    policy, _version = policy_on(BoardPolicy, on=asked.today)
    url = reverse("policies:policy_detail", args=[BoardPolicy.name]) if asked.actor.may("policies.version:view") else ""
    return {row.card: Goal(row.value, row.origin, url) for row in policy.goals if row.card in keys}
