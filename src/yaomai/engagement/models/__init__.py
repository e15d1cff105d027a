"""What happens between us and our customers: key accounts, visits and whether they took place, adverse events heard of."""

from yaomai.engagement.models.accounts import KeyAccount, Stage, StageMove
from yaomai.engagement.models.adverse import AdverseEvent
from yaomai.engagement.models.devices import Device
from yaomai.engagement.models.strategy import Communication, CommunicationStage, StrategyAlert
from yaomai.engagement.models.truth import CheckIn, CheckInConsent, Photo, Site, VisitAudit
from yaomai.engagement.models.visits import CoachingNote, NextStep, Visit

__all__ = [
    "AdverseEvent",
    "CheckIn",
    "CheckInConsent",
    "CoachingNote",
    "Communication",
    "CommunicationStage",
    "Device",
    "KeyAccount",
    "NextStep",
    "Photo",
    "Site",
    "Stage",
    "StageMove",
    "StrategyAlert",
    "Visit",
    "VisitAudit",
]
