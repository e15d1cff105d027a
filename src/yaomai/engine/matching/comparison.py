"""Comparing pairs of names as columns: similarity, doubts and contradictions of 100,000 pairs at once."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from rapidfuzz.distance import Indel
from rapidfuzz.process import cpdist

from .index import Floats, Ints
from .names import UNREAD, Name
from .places import Place
from .policy import MatchPolicy

_PARENT = re.compile("(?:大学|学院|科学院|研究院|附属)$")
_HAS_PARENT = re.compile("大学|学院|科学院|研究院|附属")
Bools = npt.NDArray[np.bool_]
Strings = npt.NDArray[np.object_]
_TEXTS = ("text", "core", "canon", "residue")
_FEATURES = ("ordinals", "branch", "kind", "level", "province", "city", "county", "own", "where")


class Codebook:
    """Numbers for strings, "" is 0; a copy numbers the strings of one batch without growing the original."""

    def __init__(self, known: dict[str, int] | None = None) -> None:
        self._known = {"": 0} if known is None else dict(known)

    def copy(self) -> "Codebook":
        """Give a codebook that agrees with this one and grows by itself."""
        return Codebook(self._known)

    def __len__(self) -> int:
        return len(self._known)

    def numbers(self, strings: Sequence[str]) -> Ints:
        """Number strings, new ones included."""
        known = self._known
        return np.fromiter((known.setdefault(one, len(known)) for one in strings), np.int64, len(strings))

    def strings(self) -> list[str]:
        """Give the strings in the order of their numbers."""
        return list(self._known)


@dataclass(frozen=True, slots=True)
class Columns:
    """Names as columns of numbers, one row per name."""

    names: Sequence[Name]
    places: Sequence[Place]
    texts: dict[str, Strings]
    features: dict[str, Ints]
    affiliated: Bools
    place_level: Ints
    level_exists: Bools
    residue_length: Ints
    has_parent: Bools


def columns(names: Sequence[Name], places: Sequence[Place], codebook: Codebook) -> Columns:
    """Lay out names with the place of each institution (own and given, see `Place.completed`)."""
    strings: dict[str, list[str]] = {
        "ordinals": ["|".join(name.ordinals) for name in names],
        "branch": [branch_key(name.branch) for name in names],
        "kind": [name.kind for name in names],
        "level": [name.level[:1] for name in names],
        "province": [place.province for place in places],
        "city": [place.city for place in places],
        "county": [place.county for place in places],
        "own": [name.own_place.finest for name in names],
        "where": [name.own_place.finest or place.finest for name, place in zip(names, places, strict=True)],
    }
    return Columns(
        names=names,
        places=places,
        texts={part: _strings([getattr(name, part) for name in names]) for part in _TEXTS},
        features={feature: codebook.numbers(strings[feature]) for feature in _FEATURES},
        affiliated=np.array([name.affiliated for name in names], dtype=bool),
        place_level=np.array([name.own_place.level for name in names], dtype=np.int64),
        level_exists=np.array([name.level_exists for name in names], dtype=bool),
        residue_length=np.array([len(name.residue) for name in names], dtype=np.int64),
        has_parent=np.array([bool(_HAS_PARENT.search(name.text)) for name in names], dtype=bool),
    )


def branch_key(branch: str) -> str:
    """Give what tells branches apart: 西院区, 西院 and 西区 are one."""
    for ending in ("门诊部", "院区", "分院", "院部", "分部", "校区", "分店", "院", "区", "部", "店"):
        if branch.endswith(ending) and branch != ending:
            return branch.removesuffix(ending)
    return branch


@dataclass(frozen=True, slots=True)
class Comparison:
    """What holds for each pair; `score` is in [0, 1].

    A pair with any contradiction (`conflict`) is never accepted without a person.
    """

    score: Floats
    text: Floats
    contained: Bools
    conflict: Bools
    ordinal_conflict: Bools
    place_conflict: Bools
    level_conflict: Bools
    affiliation_conflict: Bools
    branch_conflict: Bools
    kind_conflict: Bools
    place_same: Bools
    place_unknown: Bools
    kind_unsaid: Bools
    level_differs: Bools


def compare(
    left: Columns, right: Columns, left_row: Ints, right_row: Ints, strings: list[str], policy: MatchPolicy
) -> Comparison:
    """Compare left[left_row[i]] (a dirty name) with right[right_row[i]] (a master name) for every i."""
    ordinals, other_ordinals = left.features["ordinals"][left_row], right.features["ordinals"][right_row]
    branch_conflict = left.features["branch"][left_row] != right.features["branch"][right_row]
    affiliation_conflict = left.affiliated[left_row] != right.affiliated[right_row]
    unread = np.array([UNREAD in text for text in strings], dtype=bool)[ordinals]
    ordinal_conflict = (ordinals != other_ordinals) | unread
    unread &= other_ordinals > 0
    same, unknown, place_conflict = _places(left, right, left_row, right_row)
    kind_unsaid, kind_conflict = _kinds(left.features["kind"][left_row], right.features["kind"][right_row], strings)
    level, other_level = left.features["level"][left_row], right.features["level"][right_row]
    levels_differ = (level != other_level) & (level > 0) & (other_level > 0)
    # 新野市 for 新野县 is a slip when there is no 新野市; 朝阳市 and 朝阳县 both exist
    own = left.features["own"][left_row] > 0
    town = np.array([text in {"市", "县"} for text in strings], dtype=bool)
    own &= town[level] & town[other_level]
    slip = levels_differ & same & own & ((left.place_level[left_row] == 0) | ~left.level_exists[left_row])
    level_conflict = levels_differ & ~slip
    text, contained = _texts(left, right, left_row, right_row, policy)
    deductions = (
        (ordinal_conflict & ~unread, policy.ordinal_conflict),
        (unread, policy.ordinal_unread),
        (place_conflict, policy.place_conflict),
        (level_conflict, policy.place_conflict),
        (affiliation_conflict, policy.affiliation_conflict),
        (branch_conflict, policy.affiliation_conflict),
        (kind_conflict, policy.kind_conflict),
        (unknown, policy.place_unknown),
        (~same & ~unknown & ~place_conflict, policy.place_coarser),
        (kind_unsaid, policy.kind_unsaid),
        (slip, policy.level_differs),
    )
    score = text.copy()
    for holds, deduction in deductions:
        score *= np.where(holds, 1 - deduction, 1.0)
    conflict = ordinal_conflict | place_conflict | level_conflict
    conflict |= affiliation_conflict | branch_conflict | kind_conflict
    return Comparison(
        score,
        text,
        contained,
        conflict,
        ordinal_conflict,
        place_conflict,
        level_conflict,
        affiliation_conflict,
        branch_conflict,
        kind_conflict,
        same,
        unknown,
        kind_unsaid,
        slip,
    )


def _places(left: Columns, right: Columns, left_row: Ints, right_row: Ints) -> tuple[Bools, Bools, Bools]:
    def pair(feature: str) -> tuple[Ints, Ints]:
        return left.features[feature][left_row], right.features[feature][right_row]

    where, other_where = pair("where")
    province, other_province = pair("province")
    city, other_city = pair("city")
    county, other_county = pair("county")
    unknown = (where == 0) | (other_where == 0)
    apart = _differ(province, other_province) | _differ(city, other_city) | _differ(county, other_county)
    around = (where == other_province) | (where == other_city) | (other_where == province) | (other_where == city)
    named_apart = _differ(where, other_where) & ~around
    conflict = apart | named_apart
    same = (where == other_where) & ~unknown & ~conflict
    return same, unknown & ~conflict, conflict


def _differ(left: Ints, right: Ints) -> Bools:
    return (left != right) & (left > 0) & (right > 0)


def _kinds(kind: Ints, other: Ints, strings: list[str]) -> tuple[Bools, Bools]:
    hospital = np.array([text == "" or text.endswith("院") for text in strings], dtype=bool)
    differ = kind != other
    unsaid = differ & ((kind == 0) & hospital[other] | (other == 0) & hospital[kind])
    return unsaid, differ & ~unsaid


def _texts(left: Columns, right: Columns, left_row: Ints, right_row: Ints, policy: MatchPolicy) -> tuple[Floats, Bools]:
    def alike(attribute: str) -> Floats:
        queries = left.texts[attribute][left_row].tolist()
        choices = right.texts[attribute][right_row].tolist()
        return np.asarray(cpdist(queries, choices, scorer=Indel.normalized_similarity, dtype=np.float64))

    own, other_own = left.features["own"][left_row], right.features["own"][right_row]
    canon = alike("canon")
    core = alike("core")
    whole = np.where(_differ(own, other_own), canon, np.maximum(core, canon))
    empty, other_empty = left.residue_length[left_row] == 0, right.residue_length[right_row] == 0
    residue = np.where(empty & other_empty, 1.0, np.where(empty != other_empty, core * 0.5, alike("residue")))
    # a place that one side could not recognise is in its residue: 新野人民医院 against 新野县人民医院
    residue = np.where(_differ(own, other_own), np.minimum(residue, canon), residue)
    residue = np.where((own > 0) != (other_own > 0), np.maximum(residue, canon * 0.9), residue)
    text = policy.residue_weight * residue + (1 - policy.residue_weight) * whole
    contained = np.zeros(len(left_row), dtype=bool)
    # few names have a parent to leave out: compare strings only there
    maybe = np.flatnonzero(right.has_parent[right_row] & (left.residue_length[left_row] >= 2))
    for attribute in ("core", "text"):
        names, longer = left.texts[attribute][left_row[maybe]], right.texts[attribute][right_row[maybe]]
        contained[maybe] |= _endings(names, longer)
    return np.maximum(text, contained * policy.containment_score), contained


def _endings(names: Strings, longer: Strings) -> Bools:
    """Say where a name is the end of a longer one after its university or institute."""
    return np.fromiter(
        (
            other.endswith(one) and other != one and bool(_PARENT.search(other.removesuffix(one)))
            for one, other in zip(names.tolist(), longer.tolist(), strict=True)
        ),
        dtype=bool,
        count=len(names),
    )


def _strings(texts: list[str]) -> Strings:
    strings = np.empty(len(texts), dtype=object)
    strings[:] = texts
    return strings
