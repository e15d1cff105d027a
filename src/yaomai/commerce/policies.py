"""The figures of commerce."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from yaomai.kit.policies import Policy, figure


class MatchingPolicy(Policy):
    """When a written name counts as certain."""

    name = "commerce.matching"
    label = _("Matching of names in sales flow")
    help = _("Other ordinals, places and affiliations are never accepted automatically, whatever these figures say.")

    accept_score: float = figure(
        0.86,
        label=_("Accepted without a person from"),
        unit="score",
        origin="measured（5,052 家医院名单）",
        ge=0.7,
        le=1,
    )
    review_score: float = figure(
        0.45,
        label=_("Proposed to a person from"),
        unit="score",
        origin="measured（5,052 家医院名单）",
        ge=0.1,
        le=0.9,
    )
    margin: float = figure(
        0.04,
        label=_("Least distance to the next candidate"),
        unit="score",
        origin="measured（5,052 家医院名单）",
        ge=0,
        le=0.5,
    )


class IntakePolicy(Policy):
    """What a file of sales flow may contain."""

    name = "commerce.intake"
    label = _("Intake of sales flow")

    days_ahead: int = figure(0, label=_("Days a date may lie in the future"), unit="day", origin="assumed", ge=0, le=31)
    years_back: int = figure(10, label=_("Years a date may lie back"), unit="year", origin="assumed", ge=1, le=50)


class PurchasePolicy(Policy):
    """H6: when the purchases of a customer give reason to act."""

    name = "commerce.purchases"
    label = _("Purchase alerts")

    days: int = figure(90, label=_("Days without a purchase"), unit="day", origin="S1：超过3个月未下单", ge=7, le=730)
    fall: float = figure(
        0.3,
        label=_("Fall against the year before"),
        unit="ratio",
        origin="assumed",
        ge=0.05,
        le=1,
    )


def unsound(policy: MatchingPolicy) -> dict[str, list[Any]]:
    """Return what is inconsistent, by field."""
    if policy.review_score < policy.accept_score:
        return {}
    lower = _("This must be less than what is accepted without a person (%(accepted)s).")
    return {"review_score": [lower % {"accepted": policy.accept_score}]}
