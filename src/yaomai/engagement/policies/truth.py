"""Figures of E9 and E15: what makes a visit doubtful or invalid, who is looked at, and how long a location is kept."""

from decimal import Decimal
from typing import ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from pydantic import model_validator

from yaomai.engagement.rules.truth import CHECKS, Limit
from yaomai.kit.policies import Policy, figure
from yaomai.kit.policies.schema import Document

LEVELS: dict[str, Promise | str] = {
    "off": _("Not asked"), "note": _("Only noted"), "doubt": _("Casts doubt"), "proof": _("Makes it invalid"),
}  # fmt: skip
NAMES: dict[str, Promise | str] = {
    "overlap": _("At two institutions at once (minutes)"),
    "photo": _("The same photo as of another visit (differing bits of 64)"),
    "too_near": _("No time for the way between two institutions (minutes)"),
    "far": _("Location away from the institution (metres)"),
    "too_many": _("Too many visits in a day"),
    "text": _("The same text as in another report (%)"),
    "colleague": _("A colleague reported the same people at the same time"),
    "short": _("Very short (minutes)"),
    "clock_set": _("The phone's clock was set in between"),
    "clock": _("The phone's clock was wrong (minutes)"),
    "late": _("Reported late (days)"),
    "odd_hour": _("At an odd hour (before this hour)"),
    "day_off": _("On a day off"),
    "stranger": _("Somebody is not known to work there"),
    "no_evidence": _("Neither location, photo, material nor colleague"),
}
_DEFAULTS: dict[str, tuple[str, int]] = {
    "overlap": ("proof", 5), "photo": ("doubt", 6), "too_near": ("doubt", 5), "far": ("doubt", 1500), "too_many": ("doubt", 20),
    "text": ("doubt", 95), "colleague": ("note", 0), "short": ("note", 2), "clock_set": ("doubt", 0), "clock": ("note", 60),
    "late": ("note", 7), "odd_hour": ("note", 6), "day_off": ("note", 0), "stranger": ("note", 0), "no_evidence": ("note", 0),
}  # fmt: skip


class CheckFigures(Document):
    """One check."""

    code: str = figure(label=_("What is odd"), origin="", choices=lambda _document: NAMES)
    level: str = figure(label=_("What follows"), origin="assumed", choices=lambda _document: LEVELS)
    limit: Decimal = figure(Decimal(0), label=pgettext_lazy("visit", "From"), origin="assumed", ge=0, le=10_000)


def _checks() -> tuple[CheckFigures, ...]:
    return tuple(
        CheckFigures(code=code, level=level, limit=Decimal(limit)) for code, (level, limit) in _DEFAULTS.items()
    )


class TruthPolicy(Policy):
    """E9, E15: whether a visit counts. Whoever made it always sees why."""

    name: ClassVar[str] = "engagement.truth"
    label: ClassVar[Promise | str] = _("Whether a visit counts")
    help: ClassVar[Promise | str] = _(
        "What casts doubt on a visit or makes it invalid. Whoever made it always sees why, and can answer."
    )

    checks: tuple[CheckFigures, ...] = figure(
        default_factory=_checks, label=_("What is looked for"), origin="S1 拜访真实性（E9）；界限 assumed"
    )
    doubts: int = figure(1, label=_("Doubtful from so many doubts on"), origin="assumed", unit="count", ge=1, le=10)
    sample_share: Decimal = figure(
        Decimal("0.03"), label=_("Share that is audited by chance"), origin="assumed", unit="ratio", ge=0, le=1
    )
    keep_days: int = figure(
        30, label=_("A location is deleted after"), origin="《个人信息保护法》第十九条（X8、PI6）；天数 assumed", unit="days", ge=1,
        le=180,
    )  # fmt: skip
    site_from: int = figure(
        3, label=_("Check-ins from which the place of an institution is known"), origin="assumed", unit="count", ge=2,
        le=50,
    )  # fmt: skip
    photo_days: int = figure(
        400, label=_("Photos are compared with those of the last"), origin="assumed", unit="days", ge=30, le=3650
    )

    @model_validator(mode="after")
    def _each_once(self) -> "TruthPolicy":
        if sorted(each.code for each in self.checks) != sorted(CHECKS):
            raise ValueError(str(_("Name every check once.")))
        if any(each.level not in LEVELS for each in self.checks):
            raise ValueError(str(_("Choose from the list.")))
        return self

    def limits(self) -> dict[str, Limit]:
        """Return how each check is set, by its code."""
        return {each.code: Limit(each.level, each.limit) for each in self.checks}  # type: ignore[arg-type]
