"""Writes of segmentation: assessments, runs, publication, and the review of tiers."""

from yaomai.segmentation.services.assessments import assessment_record, assessments_record
from yaomai.segmentation.services.changes import change_propose, change_withdraw, changes_decide, tiers_return
from yaomai.segmentation.services.meetings import meeting_close, meeting_open, meeting_update
from yaomai.segmentation.services.publishing import tiers_publish, tiers_roll_back
from yaomai.segmentation.services.running import tiers_compute, tiers_request
from yaomai.segmentation.services.signals import (
    fast_upgrade,
    signal_propose,
    signals_dismiss,
    signals_find,
    signals_review,
)
from yaomai.segmentation.services.type_proposals import types_accept, types_reject

__all__ = [
    "assessment_record",
    "assessments_record",
    "change_propose",
    "change_withdraw",
    "changes_decide",
    "fast_upgrade",
    "meeting_close",
    "meeting_open",
    "meeting_update",
    "signal_propose",
    "signals_dismiss",
    "signals_find",
    "signals_review",
    "tiers_compute",
    "tiers_publish",
    "tiers_request",
    "tiers_return",
    "tiers_roll_back",
    "types_accept",
    "types_reject",
]
