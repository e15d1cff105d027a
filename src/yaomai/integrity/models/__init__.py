"""Cases of the watch, the anonymous channel, and inspection dossiers."""

from yaomai.integrity.models.dossiers import Dossier
from yaomai.integrity.models.speaking import Enclosure, Letter, Message, Report
from yaomai.integrity.models.watch import Case

__all__ = ["Case", "Dossier", "Enclosure", "Letter", "Message", "Report"]
