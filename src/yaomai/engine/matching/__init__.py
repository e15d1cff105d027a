"""Matching dirty Chinese names of institutions to a master list, and finding duplicates in one.

>>> master = Master(["南京市第一医院", "江苏省人民医院"], places=["江苏省南京市", "江苏省南京市"])
>>> answer = match_names(["南京市一院"], master)[0]
>>> answer.decision.value, answer.row
('accept', 0)
"""

from .duplicates import DuplicatePair, PersonRecord, duplicate_institutions, duplicate_persons
from .master import Master
from .matcher import Candidate, Decision, Match, match_names
from .places import Gazetteer, Place, default_gazetteer
from .policy import MatchPolicy
from .reasons import Reason, sentence
from .text import alias_key

__all__ = [
    "Candidate",
    "Decision",
    "DuplicatePair",
    "Gazetteer",
    "Master",
    "Match",
    "MatchPolicy",
    "PersonRecord",
    "Place",
    "Reason",
    "alias_key",
    "default_gazetteer",
    "duplicate_institutions",
    "duplicate_persons",
    "match_names",
    "sentence",
]
