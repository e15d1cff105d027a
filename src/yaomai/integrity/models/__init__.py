"""Cases of the watch, the anonymous channel, crises, third parties and contracts, risks, audits, inspection dossiers."""

from yaomai.integrity.models.audits import Audit, AuditItem
from yaomai.integrity.models.crises import Crisis, CrisisRecord, CrisisTask, Disclosure
from yaomai.integrity.models.dossiers import Dossier
from yaomai.integrity.models.risks import Risk
from yaomai.integrity.models.speaking import Enclosure, Letter, Message, Report
from yaomai.integrity.models.third_parties import Contract, Provider
from yaomai.integrity.models.watch import Case

__all__ = [
    "Audit", "AuditItem", "Case", "Contract", "Crisis", "CrisisRecord", "CrisisTask", "Disclosure", "Dossier", "Enclosure",
    "Letter", "Message", "Provider", "Report", "Risk",
]  # fmt: skip
