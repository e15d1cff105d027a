"""Figures of this room."""

from typing import ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from pydantic import NonNegativeInt

from yaomai.customers import profile
from yaomai.kit.policies import Policy, figure


class ProfilePolicy(Policy):
    """What a complete profile is, and when it is stale (A15)."""

    name: ClassVar[str] = "customers.profile"
    label: ClassVar[Promise | str] = _("Customer profiles")
    help: ClassVar[Promise | str] = _("Weights of the profile fields, and how long a profile counts as fresh.")

    institution_weights: dict[str, NonNegativeInt] = figure(
        default_factory=lambda: profile.default_weights("institution"),
        label=_("Weights of an institution's fields"),
        origin="S3、S4；权重 assumed",
        help=_("Completeness is the share of these weights that is known."),
    )
    professional_weights: dict[str, NonNegativeInt] = figure(
        default_factory=lambda: profile.default_weights("professional"),
        label=_("Weights of a professional's fields"),
        origin="S3、S4；权重 assumed",
        help=_("Completeness is the share of these weights that is known."),
    )
    stale_after_days: int = figure(
        180,
        label=_("A profile is stale after"),
        origin="S4；天数 assumed",
        unit="days",
        ge=1,
        le=3650,
    )

    def weights(self, entity: str) -> dict[str, int]:
        """Return the weights of "institution" or "professional"."""
        return self.institution_weights if entity == "institution" else self.professional_weights
