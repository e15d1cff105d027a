"""Requests of data subjects, the register of processing, consents, impact assessments, releases of data."""

from yaomai.privacy.models.registers import ImpactAssessment, PersonConsent, Processing, Release
from yaomai.privacy.models.requests import RetentionRun, SubjectRequest

__all__ = ["ImpactAssessment", "PersonConsent", "Processing", "Release", "RetentionRun", "SubjectRequest"]
