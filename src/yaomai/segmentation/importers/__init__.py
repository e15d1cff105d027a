"""Imports of this room."""

from yaomai.segmentation.importers.assessments import InstitutionAssessmentImporter, ProfessionalAssessmentImporter
from yaomai.segmentation.importers.changes import TierChangeImporter

__all__ = ["InstitutionAssessmentImporter", "ProfessionalAssessmentImporter", "TierChangeImporter"]
