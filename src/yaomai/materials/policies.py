"""Figures of this room."""

from typing import ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from yaomai.kit.policies import Policy, figure


class MaterialPolicy(Policy):
    """How long material stays usable."""

    name: ClassVar[str] = "materials.validity"
    label: ClassVar[Promise | str] = _("Validity of materials")

    longest_months: int = figure(
        24, label=_("Longest validity"), origin="assumed（MR6：不得使用过期材料）", unit="months", ge=1, le=60
    )
    remind_days: int = figure(30, label=_("Remind before it expires"), origin="assumed", unit="days", ge=1, le=365)
    tell_days: int = figure(
        90, label=_("After a withdrawal tell those who used it within"), origin="assumed", unit="days", ge=1, le=730
    )
