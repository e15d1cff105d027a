"""How many patients a department sees: the lawful side of potential, which is never counted by doctor (X1)."""

from typing import ClassVar

from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from yaomai.catalog.models import Indication
from yaomai.customers.models.institutions import Department, Institution
from yaomai.kit.access import Scope, Versioned

MOST_PATIENTS = 1_000_000
"""A department that sees more in a year is a typing error."""


class PatientPopulation(Versioned):
    """The patients of a department with a disease in a year, as estimated on a day; the newest estimate counts."""

    class Basis(models.TextChoices):
        PUBLISHED = "published", _("Published by the hospital")
        DEPARTMENT = "department", _("Told by the department")
        EPIDEMIOLOGY = "epidemiology", _("Prevalence × catchment")
        THIRD_PARTY = "third_party", _("Third-party database")

    scope: ClassVar[Scope] = Scope(through="institution")

    institution = models.ForeignKey(
        Institution,
        verbose_name=_("Institution"),
        on_delete=models.PROTECT,
        related_name="patient_populations",
        editable=False,
    )
    department = models.ForeignKey(
        Department, verbose_name=_("Department"), on_delete=models.PROTECT, related_name="patient_populations"
    )
    indication = models.ForeignKey(
        Indication, verbose_name=_("Disease"), on_delete=models.PROTECT, related_name="+", db_index=False
    )
    patients = models.PositiveIntegerField(
        _("Patients per year"),
        validators=(MaxValueValidator(MOST_PATIENTS),),
        help_text=_("Of the whole department, never of one doctor."),
    )
    basis = models.CharField(_("Basis"), max_length=12, choices=Basis.choices)
    source = models.CharField(_("Source"), max_length=200, help_text=_("Which report, conversation or database."))
    estimated_on = models.DateField(_("Estimated on"))
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, editable=False, on_delete=models.PROTECT, related_name="+"
    )

    class Meta(Versioned.Meta):
        db_table = "customers_patientpopulation"
        verbose_name = _("patient population")
        verbose_name_plural = _("patient populations")
        constraints = (
            models.UniqueConstraint(
                fields=["department", "indication", "estimated_on"],
                condition=Q(archived_at__isnull=True),
                name="customers_patientpopulation_once",
                violation_error_message=_("There is an estimate of this department and disease for this day."),
            ),
        )

    def __str__(self) -> str:
        return f"{self.department} · {self.indication}"
