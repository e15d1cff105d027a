"""Figures of this room."""

from typing import ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from yaomai.kit.policies import Policy, figure


class PrivacyPolicy(Policy):
    """Requests of data subjects, and how long data about persons are kept."""

    name: ClassVar[str] = "privacy.persons"
    label: ClassVar[Promise | str] = _("Personal data")

    answer_days: int = figure(
        15, label=_("A request is answered within"), origin="PI7；法律未定天数，assumed", unit="workdays", ge=1, le=30
    )
    latest_days: int = figure(30, label=_("At the latest within"), origin="PI7；assumed", unit="days", ge=1, le=90)
    ledger_years: int = figure(
        5, label=_("What was given to a person proves it for"), origin="K6、5.7；assumed", unit="years", ge=1, le=30
    )
    idle_months: int = figure(
        36,
        label=_("An archived person is erased after"),
        origin="PI6（第十九条、第四十七条）；assumed",
        unit="months",
        ge=1,
        le=240,
    )
    request_years: int = figure(
        3, label=_("A closed request is kept for"), origin="PI9（第五十六条，三年）；assumed", unit="years", ge=1, le=10
    )
    impact_years: int = figure(
        3, label=_("An impact assessment is kept for at least"), origin="PI9：第五十六条", unit="years", ge=3, le=30
    )
    impact_months: int = figure(
        24, label=_("An impact assessment is looked at again after"), origin="assumed", unit="months", ge=1, le=120
    )
