"""Who they are: institutions, professionals, what is known about them, and what was merged."""

from yaomai.customers.models.institutions import (
    Department,
    Institution,
    InstitutionName,
    InstitutionTerritory,
)
from yaomai.customers.models.merging import (
    DuplicateProposal,
    InstitutionDuplicate,
    InstitutionMerge,
    Merge,
    ProfessionalDuplicate,
    ProfessionalMerge,
)
from yaomai.customers.models.patients import PatientPopulation
from yaomai.customers.models.professionals import Affiliation, CustomerType, Professional
from yaomai.customers.models.profiles import (
    ContactPoint,
    Fact,
    InstitutionContact,
    InstitutionFact,
    ProfessionalContact,
    ProfessionalFact,
)
from yaomai.customers.models.requests import ChangeRequest, InstitutionRequest, ProfessionalRequest
from yaomai.customers.models.splitting import InstitutionSplit
from yaomai.customers.models.types import TypeMark

__all__ = [
    "Affiliation",
    "ChangeRequest",
    "ContactPoint",
    "CustomerType",
    "Department",
    "DuplicateProposal",
    "Fact",
    "Institution",
    "InstitutionContact",
    "InstitutionDuplicate",
    "InstitutionFact",
    "InstitutionMerge",
    "InstitutionName",
    "InstitutionRequest",
    "InstitutionSplit",
    "InstitutionTerritory",
    "Merge",
    "PatientPopulation",
    "Professional",
    "ProfessionalContact",
    "ProfessionalDuplicate",
    "ProfessionalFact",
    "ProfessionalMerge",
    "ProfessionalRequest",
    "TypeMark",
]
