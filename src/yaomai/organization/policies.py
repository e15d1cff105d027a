"""Figures of this room."""

from typing import ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from yaomai.kit.policies import Policy, figure


class EmergencyPolicy(Policy):
    """How long an administrator's power may be lent in an emergency."""

    name: ClassVar[str] = "organization.emergency"
    label: ClassVar[Promise | str] = _("Emergency power")
    help: ClassVar[Promise | str] = _("An administrator's power, lent to a named person for some hours.")

    most_hours: int = figure(8, label=_("Longest time"), origin="assumed", unit="hours", ge=1, le=72)


class TokenPolicy(Policy):
    """How long and how many programs may act in a person's name."""

    name: ClassVar[str] = "organization.token"
    label: ClassVar[Promise | str] = _("Access tokens")
    help: ClassVar[Promise | str] = _(
        "Programs use the REST API in a person's name, with a token instead of a password."
    )

    most_days: int = figure(365, label=_("Longest validity"), origin="assumed", unit="days", ge=1, le=730)
    most_tokens: int = figure(10, label=_("Open tokens per person"), origin="assumed", unit="count", ge=1, le=100)
