"""Proposing pairs of master records that may be one institution or one person."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final

import numpy as np
from rapidfuzz.distance import Indel

from .comparison import compare
from .master import Master
from .pairs import Pairs
from .policy import MatchPolicy
from .reasons import Reason, reason
from .text import clean_all

_LARGEST_BLOCK: Final = 200
"""Records with one value in common that are compared pair by pair; a larger block tells nobody apart."""


@dataclass(frozen=True, slots=True)
class DuplicatePair:
    """Two rows that may be one, `left` < `right`; `score` in [0, 1] and why."""

    left: int
    right: int
    score: float
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class PersonRecord:
    """What is compared of a professional.

    `institution` and `phone` are any text that is equal for equal ones (a key, a blind index); "" is unknown.
    """

    name: str
    institution: str = ""
    specialty: str = ""
    phone: str = ""


def duplicate_institutions(master: Master, *, policy: MatchPolicy | None = None) -> list[DuplicatePair]:
    """Propose pairs of institutions that are near and contradict each other in nothing, the nearest first.

    Institutions without distinctive characters (人民医院) are proposed only when their places are the same.
    """
    policy = policy or MatchPolicy()
    if not master.names:
        return []
    side = master.columns
    query, form = master.nearest(side, policy)
    apart = master.rows[query] != master.rows[form]
    query, form = query[apart], form[apart]
    compared = compare(side, side, query, form, master.codebook.strings(), policy)
    pairs = Pairs(side, side, query, form, compared)
    distinctive = (side.residue_length[query] > 0) & (side.residue_length[form] > 0)
    near = (compared.score >= policy.duplicate_score) & ~compared.conflict & (distinctive | compared.place_same)
    best: dict[tuple[int, int], int] = {}
    for pair in np.flatnonzero(near).tolist():
        first, second = sorted((int(master.rows[query[pair]]), int(master.rows[form[pair]])))
        known = best.get((first, second))
        if known is None or compared.score[pair] > compared.score[known]:
            best[first, second] = pair
    return _ranked(
        DuplicatePair(first, second, round(float(compared.score[pair]), 4), pairs.reasons(pair))
        for (first, second), pair in best.items()
    )


def duplicate_persons(persons: Sequence[PersonRecord], *, policy: MatchPolicy | None = None) -> list[DuplicatePair]:
    """Propose pairs of persons: the same phone, or a name that is or sounds the same in one institution.

    The same name in different institutions is proposed only when the specialty is the same too and the name has at
    least three characters: 王伟 is not one person.
    """
    policy = policy or MatchPolicy()
    names = clean_all([person.name for person in persons])
    specialties = clean_all([person.specialty for person in persons])
    from pypinyin import Style, lazy_pinyin  # its tables take 55 MB: only a process that is asked reads them

    sounds = {name: "".join(lazy_pinyin(name, style=Style.NORMAL)) for name in set(names)}
    blocks: defaultdict[tuple[str, ...], list[int]] = defaultdict(list)
    for row, (person, name, specialty) in enumerate(zip(persons, names, specialties, strict=True)):
        if person.phone:
            blocks["phone", person.phone].append(row)
        if person.institution and name:
            blocks["sound", person.institution, sounds[name]].append(row)
            blocks["family", person.institution, name[:1], specialty].append(row)
        if len(name) >= 3 and specialty:
            blocks["name", name, specialty].append(row)
    found: dict[tuple[int, int], DuplicatePair] = {}
    for rows in blocks.values():
        if len(rows) <= _LARGEST_BLOCK:
            for left, right in combinations(rows, 2):
                if (left, right) not in found:
                    score, why = _compare_persons(persons, names, specialties, sounds, left, right)
                    if score >= policy.person_score:
                        found[left, right] = DuplicatePair(left, right, score, why)
    return _ranked(found.values())


def _compare_persons(
    persons: Sequence[PersonRecord],
    names: Sequence[str],
    specialties: Sequence[str],
    sounds: dict[str, str],
    left: int,
    right: int,
) -> tuple[float, tuple[Reason, ...]]:
    """Score two persons: 0.5 for the name, 0.25 for the institution, 0.1 for the specialty, 0.35 for the phone."""
    one, other = persons[left], persons[right]
    reasons: list[Reason] = []
    if names[left] == names[right]:
        name_score = 1.0
        reasons.append(reason("person_same_name"))
    elif sounds[names[left]] == sounds[names[right]]:
        name_score = 0.9
        reasons.append(reason("person_same_sound"))
    else:
        name_score = Indel.normalized_similarity(names[left], names[right])
        reasons.append(reason("similar", percent=str(round(100 * name_score))))
    score = 0.5 * name_score
    for value, other_value, weight, code in (
        (one.institution, other.institution, 0.25, "institution"),
        (specialties[left], specialties[right], 0.1, "specialty"),
        (one.phone, other.phone, 0.35, "phone"),
    ):
        if value and other_value:
            score += weight if value == other_value else -weight / 2
            reasons.append(reason(f"person_{'same' if value == other_value else 'other'}_{code}"))
    return round(max(0.0, min(1.0, score + 0.15 * name_score)), 4), tuple(reasons)


def _ranked(pairs: Iterable[DuplicatePair]) -> list[DuplicatePair]:
    return sorted(pairs, key=lambda one: (-one.score, one.left, one.right))
