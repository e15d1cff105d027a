"""The registry of profile fields (A7–A12): a new field costs one line.

A field never holds a number about a professional: what a doctor prescribes is not counted here (X1). What an
institution buys comes from the sales flow, not from a form.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Literal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from yaomai.engine.prescriptions import names_count
from yaomai.kit.errors import Invalid
from yaomai.kit.ui.formats import listed

Entity = Literal["institution", "professional"]
Label = Promise | str
LONGEST_TEXT = 2000


class Kind(StrEnum):
    """What the value of a field is."""

    TEXT = "text"
    CHOICE = "choice"
    CHOICES = "choices"


class Group(StrEnum):
    """Where a field stands on the page."""

    BASIC = "basic"
    BUSINESS = "business"
    INTERACTION = "interaction"
    EXTENDED = "extended"
    PREFERENCES = "preferences"


GROUP_LABELS: dict[Group, Label] = {
    Group.BASIC: _("Basic"),
    Group.BUSINESS: _("Business"),
    Group.INTERACTION: _("Interaction"),
    Group.EXTENDED: _("Academic and personal"),
    Group.PREFERENCES: _("Preferences"),
}


@dataclass(frozen=True, slots=True)
class ProfileField:
    """One field of a profile.

    requirement: the row it comes from.
    column:      how completeness finds it, when it is a column or relation rather than a fact.
    offered:     gives the choices of the day, when a policy decides them rather than code.
    """

    code: str
    entity: Entity
    group: Group
    label: Label
    kind: Kind = Kind.TEXT
    choices: tuple[tuple[str, Label], ...] = ()
    help: Label = ""
    weight: int = 1
    requirement: str = ""
    column: str = ""
    offered: Callable[[], tuple[tuple[str, Label], ...]] | None = None

    def options(self) -> tuple[tuple[str, Label], ...]:
        """Return the choices as (code, label)."""
        return self.choices if self.offered is None else self.offered()

    def clean(self, value: Any) -> Any:
        """Return the value as it is stored; None when empty.

        Raises:
            Invalid: not one of the choices, or too long.
        """
        if self.kind is Kind.TEXT:
            text = str(value or "").strip()
            if len(text) > LONGEST_TEXT:
                raise Invalid(fields={self.code: [_("At most %(most)s characters.") % {"most": LONGEST_TEXT}]})
            return text or None
        known = {code for code, _label in self.options()}
        chosen = [str(each) for each in (value if isinstance(value, list | tuple | set) else [value]) if each]
        if set(chosen) - known or (self.kind is Kind.CHOICE and len(chosen) > 1):
            raise Invalid(fields={self.code: [_("Choose from the list.")]})
        if not chosen:
            return None
        if self.kind is Kind.CHOICE:
            return chosen[0]
        return [code for code, _label in self.options() if code in chosen]

    def shown(self, value: Any) -> str:
        """Return a stored value as a person reads it."""
        if value in (None, "", []):
            return ""
        if self.kind is Kind.TEXT:
            return str(value)
        labels = {code: str(label) for code, label in self.options()}
        if self.kind is Kind.CHOICE:
            return labels.get(str(value), str(value))
        return listed(labels.get(each, each) for each in value)


_fields: dict[tuple[Entity, str], ProfileField] = {}


def register(field: ProfileField) -> ProfileField:
    """Declare a field.

    Raises:
        ValueError: the code is taken, or the field would hold a count of prescriptions.
    """
    if (field.entity, field.code) in _fields:
        raise ValueError(f"{field.entity} field {field.code} is declared twice")
    if names_count(f"{field.code} {field.label}"):
        raise ValueError(f"{field.code} names a count of prescriptions, which may not be recorded (X1)")
    _fields[field.entity, field.code] = field
    return field


def fields(entity: Entity) -> list[ProfileField]:
    """Return every field of an entity, facts and columns, in the order of declaration."""
    return [field for field in _fields.values() if field.entity == entity]


def fact_fields(entity: Entity) -> list[ProfileField]:
    """Return the fields that are recorded as facts."""
    return [field for field in fields(entity) if not field.column]


def field(entity: Entity, code: str) -> ProfileField | None:
    """Return a fact field, or None."""
    found = _fields.get((entity, code))
    return found if found is not None and not found.column else None


def default_weights(entity: Entity) -> dict[str, int]:
    """Return the weights as declared."""
    return {each.code: each.weight for each in fields(entity)}


def _declare(entity: Entity, group: Group, requirement: str, declared: Iterable[dict[str, Any]]) -> None:
    for each in declared:
        register(ProfileField(entity=entity, group=group, requirement=requirement, **each))


TAGS: tuple[tuple[str, Label], ...] = (
    ("academic_support", _("Wants academic support")),
    ("price", _("Price sensitive")),
    ("supply", _("Stable supply")),
    ("payment", _("Payment terms")),
    ("lead_time", _("Delivery time")),
    ("service", _("Service and training")),
    ("safety", _("Safety evidence")),
    ("convenience", _("Ease of use")),
)
SCOPES: tuple[tuple[str, Label], ...] = (
    ("formulary", _("Drug committee")),
    ("listing", _("Application for listing")),
    ("department", _("Use in the department")),
    ("purchasing", _("Purchasing")),
    ("insurance", _("Insurance control")),
    ("budget", _("Budget")),
)
CHANNELS: tuple[tuple[str, Label], ...] = (
    ("visit", _("Visit")),
    ("meeting", _("Department meeting")),
    ("wechat", _("WeChat")),
    ("phone", _("Telephone")),
    ("email", _("E-mail")),
    ("conference", _("Conference")),
)
ACCEPTANCE: tuple[tuple[str, Label], ...] = (
    ("pioneer", _("Pioneer")),
    ("early", _("Adopts early")),
    ("majority", _("With the majority")),
    ("late", _("Adopts late")),
    ("reluctant", _("Reluctant")),
)
REACHES: tuple[tuple[str, Label], ...] = (
    ("department", _("Own department")),
    ("institution", _("Own institution")),
    ("city", _("Across the city")),
    ("province", _("Across the province")),
    ("country", _("Nationwide")),
    ("world", _("International")),
)
NEEDS: tuple[tuple[str, Label], ...] = (
    ("literature", _("Literature")),
    ("guidelines", _("Guideline updates")),
    ("cases", _("Case discussion")),
    ("speaking", _("Speaking")),
    ("research", _("Research cooperation")),
    ("training", _("Training")),
)
PAYMENTS: tuple[tuple[str, Label], ...] = (
    ("prepaid", _("Payment in advance")),
    ("30", _("Within 30 days")),
    ("60", _("Within 60 days")),
    ("90", _("Within 90 days")),
    ("180", _("Within 180 days")),
    ("longer", _("Later than that")),
)

_declare("professional", Group.BASIC, "A7", (
    {"code": "institution", "label": _("Institution"), "column": "institution_id", "weight": 3},
    {"code": "department", "label": _("Department"), "column": "department_id", "weight": 2},
    {"code": "title", "label": _("Professional title"), "column": "title", "weight": 2},
    {"code": "specialty", "label": _("Specialty"), "column": "specialty"},
    {"code": "customer_types", "label": _("Customer types"), "column": "customer_types", "weight": 2},
    {"code": "contact", "label": _("Contact data"), "column": "contacts", "weight": 2},
    {"code": "academic_circle", "label": _("Academic circle"), "help": _("Teachers, fellow students, co-authors.")},
    {"code": "decision_scope", "label": _("Decides on"), "kind": Kind.CHOICES, "choices": SCOPES, "weight": 2},
))  # fmt: skip
_declare("professional", Group.BUSINESS, "A8", (
    {"code": "product_preference", "label": _("Product preference"), "weight": 2,
     "help": _("Which products, for which patients, and why. No quantities.")},
    {"code": "influence_range", "label": _("Range of influence"), "kind": Kind.CHOICE, "choices": REACHES},
    {"code": "development_plan", "label": _("Development plan"), "help": _("Of the department or the person.")},
))  # fmt: skip
_declare(
    "professional",
    Group.INTERACTION,
    "A9",
    (
        {"code": "visit_points", "label": _("Points to remember when visiting"), "weight": 2},
        {"code": "academic_resources", "label": _("Academic resources given")},
        {"code": "personal_notes", "label": _("Personal"), "help": _("Only what was told freely and helps the work.")},
    ),
)
_declare("professional", Group.EXTENDED, "A10", (
    {"code": "background", "label": _("Professional background")},
    {"code": "clinical_strengths", "label": _("Clinical strengths")},
    {"code": "prescribing_habits", "label": _("Prescribing habits and what shapes them"), "weight": 2,
     "help": _("In words: lines of therapy, criteria, concerns. Never how many.")},
    {"code": "new_product_acceptance", "label": _("Acceptance of new products"), "kind": Kind.CHOICE,
     "choices": ACCEPTANCE},
    {"code": "academic_needs", "label": _("Academic needs"), "kind": Kind.CHOICES, "choices": NEEDS, "weight": 2},
    {"code": "professional_interests", "label": _("Professional interests")},
    {"code": "academic_standing", "label": _("Academic standing")},
    {"code": "organizations", "label": _("Academic organizations")},
    {"code": "clinical_questions", "label": _("Clinical questions of the moment"), "weight": 2},
    {"code": "leisure", "label": _("Interests outside work"), "help": _("Reading, sport and the like.")},
))  # fmt: skip
_declare(
    "professional",
    Group.PREFERENCES,
    "A12",
    (
        {"code": "tags", "label": _("Preference tags"), "kind": Kind.CHOICES, "choices": TAGS, "weight": 2},
        {"code": "channels", "label": _("Preferred ways of contact"), "kind": Kind.CHOICES, "choices": CHANNELS},
    ),
)
_declare(
    "institution",
    Group.BASIC,
    "A11",
    (
        {"code": "grade", "label": _("Grade"), "column": "grade", "weight": 2},
        {"code": "division", "label": _("Place"), "column": "division_id", "weight": 2},
        {"code": "address", "label": _("Address"), "column": "address"},
        {"code": "territory", "label": _("Territory"), "column": "territory_id", "weight": 3},
        {"code": "size", "label": _("Beds or outlets"), "column": "size"},
        {"code": "people", "label": _("Contact persons"), "column": "people", "weight": 3},
    ),
)
_declare("institution", Group.BUSINESS, "A8, A11", (
    {"code": "patient_groups", "label": _("Patient groups"), "weight": 2,
     "help": _("Diseases, ages, origin; estimates by department, never by doctor.")},
    {"code": "department_preferences", "label": _("Medication preferences of departments"), "weight": 2},
    {"code": "purchasing_route", "label": _("How purchasing is decided"), "weight": 2,
     "help": _("Application, department, pharmacy, drug committee, purchasing, insurance office.")},
    {"code": "product_preference", "label": _("Product preference")},
    {"code": "influence_range", "label": _("Range of influence"), "kind": Kind.CHOICE, "choices": REACHES},
    {"code": "development_plan", "label": _("Development plan")},
))  # fmt: skip
_declare(
    "institution",
    Group.INTERACTION,
    "A9",
    (
        {"code": "visit_points", "label": _("Points to remember when visiting")},
        {"code": "academic_resources", "label": _("Academic resources given")},
    ),
)
_declare(
    "institution",
    Group.PREFERENCES,
    "A12",
    (
        {"code": "tags", "label": _("Preference tags"), "kind": Kind.CHOICES, "choices": TAGS, "weight": 2},
        {"code": "payment_terms", "label": _("Payment terms"), "kind": Kind.CHOICE, "choices": PAYMENTS},
        {"code": "delivery", "label": _("Delivery and storage"), "help": _("Times, cold chain, who receives.")},
    ),
)
