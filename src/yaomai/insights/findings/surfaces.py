"""Lists of effect studies and of signals in purchases."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from yaomai.insights import services
from yaomai.insights.models import EffectStudy, PurchaseSignal
from yaomai.kit.surfaces import BulkAction, Column, Panel, Surface, register
from yaomai.kit.surfaces.filters import ARCHIVED


def _effect(study: EffectStudy) -> str:
    from yaomai.insights.effects.presenting import value_text

    return "" if study.effect is None else value_text(study, study.effect)


@register
class EffectStudySurface(Surface):
    model = EffectStudy
    slug = "effectstudies"
    section = "insights"
    columns = (
        "name",
        "verdict",
        Column("effect_seen", label=_("Effect per customer and month"), value=_effect),
        "change",
        "since",
        "selection",
        "product",
        "recheck_on",
        Column("made_by", is_default=False),
    )
    filters = (
        "verdict", "change", "since", "product", "recheck_on",
        ARCHIVED,
    )  # fmt: skip
    order = ("-id",)
    form = ("name", "what", "recheck_on")
    services = {"update": services.effect_study_update, "archive": services.effect_study_archive}


def _reason(signal: PurchaseSignal) -> Any:
    from yaomai.insights.signals.presenting import sentence

    return sentence(signal)


def _month(signal: PurchaseSignal) -> str:
    return f"{signal.month:%Y-%m}"


@register
class PurchaseSignalSurface(Surface):
    model = PurchaseSignal
    section = "insights"
    columns = (
        "institution",
        "kind",
        Column("reason", label=_("Why"), value=_reason),
        Column("money", kind="money"),
        Column("month_seen", label=_("Month"), value=_month),
        Column("month", label=_("First day"), is_default=False),
        "product",
        "state",
        "cause",
        Column("action", sortable=False, is_default=False),
        Column("outcome", sortable=False, is_default=False),
        Column("decided_by", is_default=False),
        Column("updated_at", kind="date", is_default=False),
    )
    filters = ("state", "kind", "cause", "institution", "product", "month", "money")
    order = ("-money", "-id")
    panels = (
        Panel("facts", _("Signal"), fields=("institution", "kind", "month", "value", "expected", "money", "state")),
    )
    actions = (
        BulkAction(
            "dismiss",
            _("Dismiss"),
            services.purchase_signals_dismiss,
            "insights.purchasesignal:review",
            ("outcome",),
            "x",
        ),
    )
