"""What people assess about customers for the schemes, each on a described scale. None counts prescriptions (X1)."""

from dataclasses import dataclass
from typing import Literal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from yaomai.segmentation.models import Subject

Text = str | Promise


@dataclass(frozen=True, slots=True)
class AssessedAttribute:
    """One assessed attribute: whose, in which unit, and what its scale means."""

    code: str
    label: Text
    subjects: tuple[str, ...]
    unit: Literal["points", "tags", "count", "money"] = "points"
    scale: Text = ""
    tags: tuple[tuple[str, Text], ...] = ()
    requirement: str = ""


_INSTITUTION = (Subject.INSTITUTION.value,)
_PROFESSIONAL = (Subject.PROFESSIONAL.value,)
_BOTH = (*_INSTITUTION, *_PROFESSIONAL)

ATTRIBUTES: tuple[AssessedAttribute, ...] = (
    AssessedAttribute(
        "decision_influence", _("Influence on decisions"), _INSTITUTION,
        scale=_("0 follows others, 50 has a voice in its area, 100 sets the standard for the region"), requirement="B1",
    ),
    AssessedAttribute(
        "brand_recognition", _("Recognition of our brand"), _BOTH,
        scale=_("0 unknown, 50 known and accepted, 100 recommends us to others"), requirement="B7",
    ),
    AssessedAttribute(
        "future_potential", _("Growth expected in one to three years"), _BOTH,
        scale=_("0 shrinking, 50 steady, 100 at least doubling"), requirement="B7",
    ),
    AssessedAttribute(
        "academic_influence", _("Academic influence"), _PROFESSIONAL,
        scale=_("0 none, 50 known in the province, 100 leads national guidelines"), requirement="B8",
    ),
    AssessedAttribute(
        "cooperation_depth", _("Depth of cooperation"), _PROFESSIONAL,
        scale=_("0 no contact, 50 regular exchange, 100 joint academic projects"), requirement="B8",
    ),
    AssessedAttribute(
        "department_fit", _("Fit of the department"), _PROFESSIONAL,
        scale=_("0 outside of our indications, 100 the core department of our indications"), requirement="B9",
    ),
    AssessedAttribute(
        "patient_potential", _("Patient potential of the department"), _PROFESSIONAL,
        scale=_("From the estimated patients of the department: 0 none, 100 the largest tenth"), requirement="B9",
    ),
    AssessedAttribute(
        "willingness", _("Willingness to cooperate"), _PROFESSIONAL,
        scale=_("As stated in conversation: 0 declines, 50 listens, 100 proposes himself or herself"), requirement="B9",
    ),
    AssessedAttribute(
        "market_influence", _("Influence on the market"), _INSTITUTION,
        scale=_("0 local only, 50 leads its city, 100 leads its region"), requirement="B10",
    ),
    AssessedAttribute(
        "strategic_fit", _("Strategic fit"), _INSTITUTION,
        scale=_("0 none of our priorities, 100 all of our priorities"), requirement="B10",
    ),
    AssessedAttribute(
        "pipeline_fit", _("Fit with our pipeline"), _INSTITUTION,
        scale=_("0 none of our products fits, 100 present and coming products all fit"), requirement="B11",
    ),
    AssessedAttribute(
        "long_term_need", _("Need for long-term cooperation"), _INSTITUTION,
        scale=_("0 single purchases suffice, 100 a long-term partnership is needed"), requirement="B14",
    ),
    AssessedAttribute(
        "satisfaction", _("Satisfaction with us"), _INSTITUTION,
        scale=_("From surveys and conversations: 0 about to leave, 50 content, 100 recommends us"), requirement="B15",
    ),
    AssessedAttribute(
        "competitor_share", _("Share of competitors"), _INSTITUTION,
        scale=_("Of its need in our therapeutic areas, as it says or as tenders publish: 0 none, 100 all"),
        requirement="B15",
    ),
    AssessedAttribute(
        "tags", _("Policy tags"), _INSTITUTION, unit="tags", requirement="B13",
        tags=(
            ("procurement_core", _("Core buyer under central procurement")),
            ("high_margin", _("High-margin market")),
            ("strategic_market", _("Strategic new market")),
        ),
    ),
    AssessedAttribute(
        "contacts_12m", _("Contacts in the last twelve months"), _BOTH, unit="count",
        scale=_("Visits and calls of our people; reported visits will count by themselves"), requirement="B21",
    ),
    AssessedAttribute(
        "spend_12m", _("Spent in the last twelve months"), _BOTH, unit="money",
        scale=_("What serving the customer cost"), requirement="B21",
    ),
)  # fmt: skip

BY_CODE = {attribute.code: attribute for attribute in ATTRIBUTES}
TAGGED = frozenset(attribute.code for attribute in ATTRIBUTES if attribute.unit == "tags")
