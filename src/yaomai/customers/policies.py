"""Figures of this room."""

from typing import Annotated, Any, ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from pydantic import Field

from yaomai.customers import profile
from yaomai.kit.policies import Policy, figure

ENTITIES: tuple[profile.Entity, ...] = ("institution", "professional")
Weight = Annotated[int, Field(ge=0, le=100)]


class ProfilePolicy(Policy):
    """What a complete profile is, and when it is stale (A15)."""

    name: ClassVar[str] = "customers.profile"
    label: ClassVar[Promise | str] = _("Customer profiles")
    help: ClassVar[Promise | str] = _("Weights of the profile fields, and how long a profile counts as fresh.")

    institution_weights: dict[str, Weight] = figure(
        default_factory=lambda: profile.default_weights("institution"),
        label=_("Weights of an institution's fields"),
        origin="S3、S4；权重 assumed",
        help=_("Completeness is the share of these weights that is known."),
    )
    professional_weights: dict[str, Weight] = figure(
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


def unsound(policy: ProfilePolicy) -> dict[str, list[Any]]:
    """Return what is inconsistent, by field: weights of fields that do not exist, or nothing that counts."""
    found: dict[str, list[Any]] = {}
    for entity in ENTITIES:
        name, weights = f"{entity}_weights", policy.weights(entity)
        for code in sorted(set(weights) - set(profile.default_weights(entity))):
            found[f"{name}.{code}"] = [_("The profile has no field of this name. Remove it.")]
        if not any(weights.values()):
            found[name] = [
                _("Give at least one field a weight above 0: without any, nothing tells how complete it is.")
            ]
    return found
