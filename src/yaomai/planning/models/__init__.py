"""What customers are owed, and the visits that are planned for it."""

from yaomai.planning.models.availability import Absence, Half, Location, WorkingTime
from yaomai.planning.models.callbacks import Callback
from yaomai.planning.models.duties import ServiceDuty
from yaomai.planning.models.goals import COMMERCIAL_MEASURES, RATES, EnvironmentNote, Goal, Level, Measure, Review
from yaomai.planning.models.plans import CalendarFeed, Plan, PlanLine, Replan
from yaomai.planning.models.visits import PlannedVisit
from yaomai.planning.models.words import (
    COMMERCIAL,
    EARLIER,
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
    "COMMERCIAL_MEASURES",
    "EARLIER",
    "ON_SITE",
    "RATES",
    "Absence",
    "Activity",
    "CalendarFeed",
    "Callback",
    "DutyOrigin",
    "DutyState",
    "EnvironmentNote",
    "Goal",
    "Half",
    "Level",
    "Location",
    "Measure",
    "MissedReason",
    "Plan",
    "PlanLine",
    "PlannedVisit",
    "Replan",
    "Review",
    "ServiceDuty",
    "VisitOrigin",
    "VisitState",
    "WorkingTime",
]
