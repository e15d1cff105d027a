"""Cases of the watch, and the anonymous channel."""

from yaomai.integrity.models.speaking import Enclosure, Letter, Message, Report
from yaomai.integrity.models.watch import Case

__all__ = ["Case", "Enclosure", "Letter", "Message", "Report"]
