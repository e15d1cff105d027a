"""What the parts of a scheme are called in the policy editor; the engine that declares them knows no languages."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from yaomai.engine import scorecards
from yaomai.engine.inputs import METRICS, Attribute, Label
from yaomai.kit.policies.schema import describe
from yaomai.kit.ui import formats
from yaomai.segmentation.attributes import ATTRIBUTES

RATIO = {"unit": "ratio"}
POINTS = {"unit": "points"}
# The words that choices of a scheme are shown with.
CHOICES = (
    gettext_noop("institution"), gettext_noop("professional"), gettext_noop("any"),
    gettext_noop("shares"), gettext_noop("score"), gettext_noop("rules"),
    gettext_noop("add"), gettext_noop("multiply"),
    gettext_noop("percentile"), gettext_noop("quantiles"), gettext_noop("steps"), gettext_noop("scale"),
    gettext_noop("choices"), gettext_noop("neutral"), gettext_noop("zero"), gettext_noop("leave_out"),
    gettext_noop("short"), gettext_noop("long"), gettext_noop("money"), gettext_noop("days"), gettext_noop("ratio"),
    gettext_noop("count"), gettext_noop("months"), gettext_noop("points"), gettext_noop("date"), gettext_noop("text"),
    gettext_noop("tags"), gettext_noop("flag"),
)  # fmt: skip


def inputs_of(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a scheme can measure: every metric, what is assessed, and what it declares itself."""
    spec = document.get("spec") or {}
    language = formats.language()
    own = {each.get("name"): (each.get("label") or {}).get(language) for each in spec.get("attributes") or []}
    metrics = {name: metric.label.in_language(language) for name, metric in METRICS.items()}
    return metrics | {each.code: each.label for each in ATTRIBUTES} | {code: word for code, word in own.items() if code}


_UNITS = {"money": "CNY", "ratio": "ratio", "days": "days", "months": "months", "count": "count", "points": "points"}


def unit_of_input(code: str, document: Mapping[str, Any]) -> str:
    """Return the unit in which values of what is measured are read and written."""
    own = {each.get("name"): each.get("unit") for each in (document.get("spec") or {}).get("attributes") or []}
    assessed: dict[str, str] = {each.code: each.unit for each in ATTRIBUTES}
    metric = METRICS.get(code)
    return _UNITS.get(own.get(code) or (metric.unit if metric else assessed.get(code, "")), "")


def tiers_of(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return the tiers of the scheme itself."""
    tiers = (document.get("spec") or {}).get("tiers") or []
    return {each.get("name"): (each.get("label") or {}).get(formats.language()) for each in tiers if each.get("name")}


OF_INPUT = {"unit": unit_of_input}
MEASURED = {"label": _("Metric or attribute"), "choices": inputs_of}


def register() -> None:
    """Describe the documents of the engine."""
    describe(Label, zh=_("In Chinese"), en=_("In English"))
    describe(Attribute, name=_("Code"), label=_("Name"), unit=_("Unit"), note=_("Note"))
    describe(
        scorecards.SchemeSpec,
        name=_("Code"),
        label=_("Name"),
        origin=_("Origin"),
        subject=_("Classifies"),
        note=_("Note"),
        attributes=_("Attributes that are assessed"),
        components=_("Scored components"),
        combine=_("Points are"),
        assign=_("Tiers are given by"),
        tiers=_("Tiers, best first"),
        rules=_("Rules"),
        hints=_("Type hints"),
        overrides=_("Direct tiers by rule"),
        boosts=_("Added points by rule"),
    )
    describe(
        scorecards.Component,
        name=_("Code"),
        input=MEASURED,
        weight={"label": _("Weight"), **RATIO},
        scoring=_("Scoring"),
        label=_("Name"),
        dimension=_("Dimension"),
        missing=_("When unknown"),
        horizon=_("Horizon"),
        origin=_("Origin"),
    )
    describe(scorecards.Percentile, method=_("Method"), lower_is_better=_("Lower is better"))
    describe(scorecards.Quantiles, method=_("Method"), bins=_("Classes"), lower_is_better=_("Lower is better"))
    describe(scorecards.Steps, method=_("Method"), steps=_("Steps"))
    describe(scorecards.Step, at_least={"label": _("At least"), **OF_INPUT}, points={"label": _("Points"), **POINTS})
    describe(
        scorecards.Scale,
        method=_("Method"),
        low={"label": _("0 points at"), **OF_INPUT},
        high={"label": _("100 points at"), **OF_INPUT},
    )
    describe(scorecards.Choices, method=_("Method"), points=_("Points by value"), other=_("Points for other values"))
    describe(
        scorecards.Condition,
        input=MEASURED,
        at_least={"label": _("At least"), **OF_INPUT},
        below={"label": _("Below"), **OF_INPUT},
        one_of=_("One of"),
    )
    describe(
        scorecards.Rule,
        tier={"label": _("Tier"), "choices": tiers_of},
        when=_("When all hold"),
        label=_("Name"),
        origin=_("Origin"),
    )
    describe(
        scorecards.Boost,
        points={"label": _("Points"), **POINTS},
        when=_("When all hold"),
        label=_("Name"),
        origin=_("Origin"),
    )
    describe(
        scorecards.Tier,
        name=_("Code"),
        label=_("Name"),
        share={"label": _("Share of customers"), **RATIO},
        at_least={"label": _("Lowest score"), **POINTS},
        origin=_("Origin"),
    )
