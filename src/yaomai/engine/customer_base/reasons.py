"""What stands out of a customer, as a code with its figures, and its sentence in Chinese and English; loads nothing heavy."""

from dataclasses import dataclass
from typing import Any, Final

_REASONS: Final[dict[str, tuple[str, str]]] = {
    "silent": ("已 {days} 天没有订货，平时约 {usual} 天一次", "no order for {days} days, usually one every {usual}"),
    "once": ("只订过一次，已过去 {days} 天", "ordered once only, {days} days ago"),
    "fall": (
        "近半年采购比前半年下降 {share:.0%}",
        "purchases of the last half-year are {share:.0%} below those of the half-year before",
    ),
    "contacts": (
        "近三个月接触 {now} 次，之前三个月 {before} 次",
        "{now} contacts in the last three months, {before} in the three before",
    ),
    "quiet": ("已 {days} 天没有订货", "no order for {days} days"),
    "seldom": (
        "订货稀疏：{days} 天内不订货的可能为 {share:.0%}",
        "orders are rare: {share:.0%} chance of none within {days} days",
    ),
    "steady": ("按平时的节奏订货", "orders at its usual pace"),
}


@dataclass(frozen=True, slots=True)
class Reason:
    """What stands out of a customer: a code, and what its sentence says."""

    code: str
    params: dict[str, Any]


def said(reason: Reason, language: str) -> str:
    """Return the sentence of a reason."""
    chinese, english = _REASONS[reason.code]
    return (chinese if language.startswith("zh") else english).format(**reason.params)
