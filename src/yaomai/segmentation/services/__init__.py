"""Writes of segmentation: assessments, runs, publication."""

from yaomai.segmentation.services.assessments import assessment_record, assessments_record
from yaomai.segmentation.services.publishing import tiers_publish, tiers_roll_back
from yaomai.segmentation.services.running import tiers_compute, tiers_request

__all__ = [
    "assessment_record",
    "assessments_record",
    "tiers_compute",
    "tiers_publish",
    "tiers_request",
    "tiers_roll_back",
]
