"""Figures of service: kinds and their hours, what comes first, and who hears of it when the hours run out."""

from typing import Any, ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from pydantic import model_validator

from yaomai.engine.inputs import Label
from yaomai.kit.policies import Policy, figure
from yaomai.kit.policies.schema import Document
from yaomai.kit.ui import formats
from yaomai.organization.roles import ROLES
from yaomai.segmentation.policies import scheme_words, tier_words

_C6 = "S1 客户服务热线（C6）"


def _role_words(_document: Any) -> dict[str, str]:
    return {"": str(_("Responsible")), **{
        role.code: role.name if formats.language() == "zh" else role.name_en for role in ROLES
    }}  # fmt: skip


class RequestKind(Document):
    """Something that customers ask for."""

    name: str = figure(label=_("Code"), origin="", min_length=2, max_length=32, pattern=r"^[a-z][a-z0-9_]*$")
    label: Label = figure(label=_("Name"), origin="")
    hours: int = figure(24, label=_("To be resolved within"), origin=_C6, unit="hour", ge=1, le=720)
    is_order: bool = figure(
        False, label=_("About orders and prices"), origin="X2",
        help=_("People with an active filing hand it on and see no more of it; it may come first (C12)."),
    )  # fmt: skip
    origin: str = figure("assumed", label=_("Origin"), origin="")


class TierService(Document):
    """A tier that is served otherwise."""

    scheme: str = figure(label=_("Scheme"), origin="", choices=scheme_words)
    tier: str = figure(label=_("Tier"), origin="", choices=tier_words)
    hours: int = figure(24, label=_("To be resolved within"), origin="", unit="hour", ge=1, le=720)
    orders_first: bool = figure(False, label=_("Problems with orders come first"), origin="")
    origin: str = figure("assumed", label=_("Origin"), origin="")


class EscalationStep(Document):
    """Somebody hears of a request when so much of its time has passed."""

    percent: int = figure(label=_("When so much of the time has passed (%)"), origin="", ge=1, le=1000)
    role: str = figure(
        "", label=_("Who hears of it"), origin="", choices=_role_words,
        help=_("Whoever holds the role nearest above the customer's territory."),
    )  # fmt: skip


def _kinds() -> tuple[RequestKind, ...]:
    told = (
        ("order_query", "订单查询", "Order query", True, f"{_C6}：24 小时内解决"),
        ("return_exchange", "退换货", "Return or exchange", True, f"{_C6}：24 小时内解决"),
        ("product_information", "产品咨询", "Product information", False, "assumed"),
        ("complaint", "投诉", "Complaint", False, f"{_C6}；assumed"),
        ("other", "其他", "Other", False, "assumed"),
    )
    return tuple(
        RequestKind(name=name, label=Label(zh=zh, en=en), hours=24, is_order=is_order, origin=origin)
        for name, zh, en, is_order, origin in told
    )


class ServicePolicy(Policy):
    """C6, C12: how fast requests are resolved, which come first, and who hears of those that are late."""

    name: ClassVar[str] = "support.requests"
    label: ClassVar[Promise | str] = _("Service requests")
    help: ClassVar[Promise | str] = _(
        "How fast requests of customers are resolved, which come first, and who hears of those that are late."
    )

    kinds: tuple[RequestKind, ...] = figure(
        default_factory=_kinds,
        label=_("Kinds"),
        origin=_C6,
        min_length=1,
    )
    tiers: tuple[TierService, ...] = figure(
        (TierService(scheme="four_tiers", tier="strategic", hours=12, origin=f"{_C6}；时限 assumed"),
         TierService(scheme="commercial_abc", tier="b", orders_first=True, origin="S4 B 类客户：优先处理订单问题（C12）")),
        label=_("Tiers that are served otherwise"), origin="S1 S4",
    )  # fmt: skip
    steps: tuple[EscalationStep, ...] = figure(
        (EscalationStep(percent=50), EscalationStep(percent=100, role="area_manager"),
         EscalationStep(percent=200, role="sales_director")),
        label=_("Escalation"), origin=f"{_C6}；步骤 assumed",
    )  # fmt: skip
    role: str = figure(
        "customer_service", label=_("Who serves"), origin=_C6, choices=_role_words,
        help=_("Whoever holds the role nearest above the customer's territory answers for its requests."),
    )  # fmt: skip
    soon_hours: int = figure(
        4, label=_("Runs out within"), origin="assumed", unit="hour", ge=1, le=168,
        help=_("From then on a request stands above those that have time."),
    )  # fmt: skip
    stops_waiting: bool = figure(
        False, label=_("The clock stands still while the customer is asked"), origin="assumed",
        help=_("The documents know no pause: 24 hours are 24 hours."),
    )  # fmt: skip

    @model_validator(mode="after")
    def _sound(self) -> "ServicePolicy":
        names = [kind.name for kind in self.kinds]
        if len(set(names)) < len(names):
            raise ValueError(str(_("Every kind has a code of its own.")))
        percents = [step.percent for step in self.steps]
        if percents != sorted(set(percents)):
            raise ValueError(str(_("The steps follow each other in time.")))
        return self

    @staticmethod
    def role_words() -> dict[str, str]:
        """Return what roles are called, by code; "" is whoever is responsible."""
        return _role_words(None)

    @property
    def first(self) -> frozenset[tuple[str, str]]:
        """Return scheme and tier of those whose problems with orders come first (C12)."""
        return frozenset((row.scheme, row.tier) for row in self.tiers if row.orders_first)

    def kind(self, name: str) -> RequestKind | None:
        """Return a kind by its code, None when it is no longer one."""
        return next((kind for kind in self.kinds if kind.name == name), None)

    def labels(self, language: str) -> dict[str, str]:
        """Return what each kind is called, by code."""
        return {kind.name: kind.label.in_language(language) for kind in self.kinds}
