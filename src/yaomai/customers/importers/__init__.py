"""Imports of this room."""

from yaomai.customers.importers.departments import DepartmentImporter
from yaomai.customers.importers.institutions import InstitutionImporter
from yaomai.customers.importers.patients import PatientPopulationImporter
from yaomai.customers.importers.professionals import ProfessionalImporter

__all__ = ["DepartmentImporter", "InstitutionImporter", "PatientPopulationImporter", "ProfessionalImporter"]
