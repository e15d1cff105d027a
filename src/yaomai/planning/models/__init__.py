"""What customers are owed, and the visits that are planned for it."""

from yaomai.planning.models.duties import ServiceDuty
from yaomai.planning.models.visits import PlannedVisit
from yaomai.planning.models.words import (
    COMMERCIAL,
    ON_SITE,
    Activity,
    DutyOrigin,
    DutyState,
    MissedReason,
    VisitOrigin,
    VisitState,
)

__all__ = [
    "COMMERCIAL",
    "ON_SITE",
    "Activity",
    "DutyOrigin",
    "DutyState",
    "MissedReason",
    "PlannedVisit",
    "ServiceDuty",
    "VisitOrigin",
    "VisitState",
]
