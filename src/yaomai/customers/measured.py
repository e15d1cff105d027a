"""What this room can say of many institutions at once; see `measures`."""

from collections.abc import Sequence
from datetime import date

from django.db.models import Count
from django.utils.translation import gettext_lazy as _

from yaomai.customers.measures import Numbers, register_measure
from yaomai.customers.models import Institution, InstitutionFact, Professional, ProfessionalFact

INSTITUTION_NEEDS = ("tags", "department_preferences", "patient_groups", "development_plan")
PROFESSIONAL_NEEDS = ("tags", "academic_needs", "clinical_questions")
"""Profile fields that say what a customer wants or lacks (A8–A12)."""


def register() -> None:
    """Declare the measures."""
    register_measure(
        "customers.completeness", label=_("Profile complete"), of=_completeness, unit="percent",
        help=_("Fill in the profile on the customer's page."),
    )  # fmt: skip
    register_measure(
        "customers.professionals", label=_("Professionals known"), of=_professionals,
        help=_("Record who works there."),
    )  # fmt: skip
    register_measure(
        "customers.needs", label=_("Needs recorded"), of=_needs,
        help=_("Record preferences, patient groups, academic needs or clinical questions in the profiles."),
    )  # fmt: skip


def _completeness(keys: Sequence[int], _today: date) -> Numbers:
    return dict(Institution.unscoped.filter(pk__in=keys).values_list("pk", "completeness"))


def _professionals(keys: Sequence[int], _today: date) -> Numbers:
    rows = Professional.unscoped.filter(institution__in=keys, archived_at=None)
    return dict(rows.order_by().values_list("institution").annotate(Count("pk")))


def _needs(keys: Sequence[int], _today: date) -> Numbers:
    """Count the facts about needs of each institution and of the people who work there."""
    own = InstitutionFact.unscoped.filter(
        institution__in=keys, field__in=INSTITUTION_NEEDS, superseded_at=None
    ).order_by()
    people = ProfessionalFact.unscoped.filter(
        professional__institution__in=keys,
        professional__archived_at=None,
        field__in=PROFESSIONAL_NEEDS,
        superseded_at=None,
    ).order_by()
    found: dict[int, float] = dict(own.values_list("institution").annotate(Count("pk")))
    for key, count in people.values_list("professional__institution").annotate(Count("pk")):
        found[key] = found.get(key, 0) + count
    return found
