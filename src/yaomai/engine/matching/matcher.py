"""Matching dirty names of institutions to a master list."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import partial
from itertools import groupby
from operator import itemgetter
from typing import Final

import numpy as np
from rapidfuzz.distance.Levenshtein import distance as _edits

from .comparison import Columns, columns, compare
from .index import Floats, Ints
from .master import Master, read_places
from .names import Name, read_name
from .pairs import Pairs, place_text
from .places import Place, short_name
from .policy import MatchPolicy
from .reasons import Reason, reason
from .region import Region, region_of
from .text import clean_all


class Decision(StrEnum):
    """What to do with a name."""

    ACCEPT = "accept"
    REVIEW = "review"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Candidate:
    """An institution that a name may mean: `row` in the master list, `score` in [0, 1]."""

    row: int
    score: float
    _explain: Callable[[], tuple[Reason, ...]] = field(repr=False, compare=False)

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """What speaks for and against it (written only when asked for: most are never read)."""
        return self._explain()


@dataclass(frozen=True, slots=True)
class Match:
    """The answer for one name; candidates best first. `reasons` say why a person must decide, or why not."""

    decision: Decision
    candidates: tuple[Candidate, ...]
    reasons: tuple[Reason, ...]

    @property
    def row(self) -> int | None:
        """The accepted row, None when a person decides or nothing is near."""
        return self.candidates[0].row if self.decision is Decision.ACCEPT else None


def match_names(
    names: Sequence[str],
    master: Master,
    *,
    places: Sequence[str | None] | None = None,
    regions: Sequence[str | None] | None = None,
    policy: MatchPolicy | None = None,
    remembered: Mapping[str, int] | None = None,
) -> list[Match]:
    """Match each dirty name, with the place that its file gives if any, to the master list.

    `regions` say where each name's file comes from (the seat of the distributor); names of one region, also of none,
    are taken as one file. For names that say no place the region and the file's certain names put candidates in order;
    they never make one certain. `remembered` maps `alias_key(name)` to a row and wins over everything. Equal questions
    are matched once. Names that contradict a master name in ordinal, place, affiliation, branch or kind are never
    accepted.
    """
    nothing = [None] * len(names)
    questions = list(zip(names, places or nothing, regions or nothing, strict=True))
    distinct = list(dict.fromkeys(questions))
    matching = _Matching(distinct, master, policy or MatchPolicy(), remembered or {})
    answers = dict(zip(distinct, matching.answers(), strict=True))
    return [answers[question] for question in questions]


class _Matching:
    """Matches distinct questions (name, place, region): first by what they say, then in their file's region."""

    def __init__(
        self,
        questions: Sequence[tuple[str, str | None, str | None]],
        master: Master,
        policy: MatchPolicy,
        remembered: Mapping[str, int],
    ) -> None:
        self.master = master
        self.policy = policy
        self.remembered = remembered
        self.texts = clean_all([name for name, _place, _region in questions])
        self.given = read_places([place for _name, place, _region in questions], len(questions), master.gazetteer)
        self.regions = [region or "" for _name, _place, region in questions]
        self.found: list[Match] = [_NOTHING] * len(questions)
        self.codebook = master.codebook.copy()

    def answers(self) -> list[Match]:
        """Give the answers in the order of the questions."""
        names: list[Name] = []
        positions: list[int] = []
        for position, (text, given) in enumerate(zip(self.texts, self.given, strict=True)):
            row = self.remembered.get(text.replace(",", "")) if self.remembered else None
            if row is not None:
                self.found[position] = _certain(row, reason("remembered"))
            elif (row := self.master.certain(text, given)) is not None:
                self.found[position] = _certain(row, reason("same_name"))
            elif text:
                for name in read_name(text, self.master.gazetteer):
                    positions.append(position)
                    names.append(_with_column(name, given))
        if names and self.master.names:
            places = [name.own_place.completed(self.given[at]) for name, at in zip(names, positions, strict=True)]
            side, position_of = columns(names, places, self.codebook), np.array(positions, dtype=np.int64)
            query, form = self.master.nearest(side, self.policy)
            self._decide(side, position_of, query, form)
            self._look_nearby(side, position_of, query, form)
        return self.found

    def _decide(self, side: Columns, position_of: Ints, query: Ints, form: Ints, near: Floats | None = None) -> None:
        compared = compare(side, self.master.columns, query, form, self.codebook.strings(), self.policy)
        given = [self.given[position] for position in position_of.tolist()]
        pairs_of_all = Pairs(side, self.master.columns, query, form, compared)
        decider = _Decider(pairs_of_all, position_of, given, self.master, self.policy)
        for position, pairs in decider.best_by_question(near):
            self.found[position] = decider.decide(pairs)

    def _look_nearby(self, side: Columns, position_of: Ints, query: Ints, form: Ints) -> None:
        """Look again, in the region of their files, for names that say no place and are not certain."""
        unsure = np.array([self.found[position].row is None for position in position_of.tolist()], dtype=bool)
        placed = np.array([bool(place) for place in side.places], dtype=bool)
        files: dict[str, list[int]] = {}
        for row in np.flatnonzero(unsure & ~placed).tolist():
            files.setdefault(self.regions[position_of[row]], []).append(row)
        regions = self._regions(list(files))
        asked: list[int] = []
        where: list[Place] = []
        file_of = np.full(len(side.names), len(files), dtype=np.int64)
        for number, (rows, region) in enumerate(zip(files.values(), regions, strict=True)):
            file_of[rows] = number
            asked += np.repeat(rows, len(region.places)).tolist()
            where += [*region.places] * len(rows)
        if not asked:
            return
        there = columns([side.names[row] for row in asked], where, self.codebook.copy())
        again, its_form = self.master.nearest(there, self.policy)
        known = np.isin(query, asked)
        pairs = np.unique(
            np.stack(
                [np.append(query[known], np.array(asked)[again]), np.append(form[known], its_form)],
            ),
            axis=1,
        )
        near = np.zeros(pairs.shape[1])
        by_file = np.argsort(file_of[pairs[0]], kind="stable")
        ends = np.searchsorted(file_of[pairs[0]][by_file], np.arange(len(files)), side="right")
        for region, its_pairs in zip(regions, np.split(by_file, ends)[: len(files)], strict=True):
            near[its_pairs] = region.near[pairs[1][its_pairs]] * self.policy.region_weight
        self._decide(side, position_of, pairs[0], pairs[1], near)

    def _regions(self, files: list[str]) -> list[Region]:
        certain: dict[str, list[int]] = {}
        for region, match in zip(self.regions, self.found, strict=True):
            if match.row is not None:
                certain.setdefault(region, []).append(match.row)
        seats = read_places(files, len(files), self.master.gazetteer)
        return [
            region_of(self.master, seat, certain.get(file, []), self.codebook)
            for file, seat in zip(files, seats, strict=True)
        ]


def _with_column(name: Name, given: Place) -> Name:
    """Read 新业县 as 新野县 when the column says 新野县: no division is called 新业, and one character is wrong."""
    own = name.own_place
    if not own or own.level or len(own.finest) != len(given.finest) or not given.agrees(own):
        return name
    if sum(one != other for one, other in zip(own.finest, given.finest, strict=True)) != 1:
        return name
    return replace(name, own_place=given, canon=short_name(given.finest) + name.core)


def _certain(row: int, *reasons: Reason) -> Match:
    return Match(Decision.ACCEPT, (Candidate(row, 1.0, lambda: reasons),), ())


_FORMER_PLACE: Final = re.compile("[^第]{1,3}[县市区旗]")
"""A place that is in no list of today (蓟县, 崇文区) says where as well, to who writes the name exactly so."""

_READ: Final = 8
"""Best pairs of a name that are looked at one by one."""

_NOTHING: Final = Match(Decision.NONE, (), (reason("nothing"),))


@dataclass(frozen=True, slots=True)
class _Decider:
    """Decides over compared pairs, in order of their left rows, of a dirty name and a form of a master name (right).

    A question may carry several names: `position_of` gives the question of each left row, in ascending order.
    """

    pairs: Pairs
    position_of: Ints
    given: Sequence[Place]
    master: Master
    policy: MatchPolicy

    def best_by_question(self, near: Floats | None = None) -> list[tuple[int, list[int]]]:
        """Give for each question its pairs, best first, one per master row.

        `near[i]` is added to the score of pair i for the order alone.
        """
        compared = self.pairs.compared
        question = self.position_of[self.pairs.query]
        row = self.master.rows[self.pairs.form]
        score = compared.score if near is None else compared.score + near
        order = np.lexsort((row, compared.conflict, -score, question))
        ordered = question[order]
        order = order[np.arange(len(order)) - np.searchsorted(ordered, ordered) < _READ]
        grouped: list[tuple[int, list[int]]] = []
        for position, each in groupby(zip(question[order].tolist(), order.tolist(), strict=True), itemgetter(0)):
            pairs = self._exact_first([pair for _position, pair in each], score)
            first_of = {int(row[pair]): pair for pair in reversed(pairs)}
            grouped.append((position, sorted(first_of.values(), key=pairs.index)))
        return grouped

    def _exact_first(self, pairs: list[int], score: Floats) -> list[int]:
        """Of pairs that are as near as the best, put what is written exactly so in front."""
        conflict = self.pairs.compared.conflict
        even = [p for p in pairs if score[p] == score[pairs[0]] and conflict[p] == conflict[pairs[0]]]
        if len(even) == 1:
            return pairs
        return sorted(even, key=lambda pair: not self._is_written_so(pair)) + pairs[len(even) :]

    def _is_written_so(self, pair: int) -> bool:
        name, form = self.pairs.names(pair)
        return name.written == form.written

    def decide(self, pairs: list[int]) -> Match:
        """Decide over the pairs of one question, best first."""
        score = self.pairs.compared.score
        shown = [pair for pair in pairs[: self.policy.shown] if score[pair] >= self.policy.review_score]
        if not shown:
            return _NOTHING
        candidates = tuple(
            Candidate(self._row(pair), round(float(score[pair]), 4), partial(self.pairs.reasons, pair))
            for pair in shown
        )
        best = pairs[0]
        doubts = [*self.pairs.conflicts(best), *self._doubts(best), *self._rivals(best, pairs[1:])]
        return Match(Decision.REVIEW if doubts else Decision.ACCEPT, candidates, tuple(doubts))

    def _row(self, pair: int) -> int:
        return int(self.master.rows[self.pairs.form[pair]])

    def _doubts(self, best: int) -> list[Reason]:
        """Say what is missing to be certain of the best pair."""
        compared, policy = self.pairs.compared, self.policy
        name, form = self.pairs.names(best)
        found: list[Reason] = []
        given, its_given = self.given[self.pairs.query[best]], self.master.given[self._row(best)]
        if not given.agrees(its_given or self.pairs.places(best)[1]) and not compared.place_conflict[best]:
            found.append(reason("place_conflict", dirty=place_text(given), master=place_text(its_given)))
        if not (name.residue and form.residue) and not compared.place_same[best]:
            found.append(reason("only_place_tells"))
        elif (
            compared.place_unknown[best]
            and len(name.residue) < policy.residue_without_place
            and not (self._is_written_so(best) and _FORMER_PLACE.match(name.text))
        ):
            found.append(reason("short_without_place"))
        elif compared.place_same[best] and self.pairs.left.places[self.pairs.query[best]].shared:
            found.append(reason("place_shared", place=name.own_place.finest))
        same = name.core == form.core or name.canon == form.canon or compared.contained[best]
        same = same or (compared.kind_unsaid[best] and name.stem == form.stem)
        if not same and min(len(name.residue), len(form.residue)) < policy.residue_with_error:
            found.append(reason("short_and_not_same"))
        elif not same and min(_edits(name.core, form.core), _edits(name.canon, form.canon)) > 1:
            found.append(reason("several_errors"))
        if compared.score[best] < policy.accept_score:
            found.append(reason("low_score"))
        return found or self._misfits(best)

    def _misfits(self, best: int) -> list[Reason]:
        """Name what the question says that fits no name of the institution as well: 第七医院（陆家镇医院）."""
        pairs, row = self.pairs, self._row(best)
        first, last = np.searchsorted(self.position_of, self.position_of[pairs.query[best]] + np.array([0, 1])).tolist()
        found: list[Reason] = []
        for left in range(first, last):
            low, high = np.searchsorted(pairs.query, [left, left + 1]).tolist()
            same = [pair for pair in range(low, high) if self._row(pair) == row]
            nearest = max(same, key=lambda pair: pairs.compared.text[pair], default=None)
            if nearest is None or pairs.compared.conflict[nearest]:
                found.append(reason("other_name", name=pairs.left.names[left].text))
        return found

    def _rivals(self, best: int, others: list[int]) -> list[Reason]:
        """Name the first other institution that is as near."""
        compared = self.pairs.compared
        name, form = self.pairs.names(best)
        exact = self._is_written_so(best)
        # written exactly so, place included: a namesake without that place is no rival
        certain = name.text == form.text and bool(name.own_place) and compared.place_same[best]
        for other in others:
            if compared.score[best] - compared.score[other] >= self.policy.margin or compared.conflict[other]:
                continue
            # 蓟县中医院 is no rival of 蓟县中医医院 for who writes 蓟县中医医院
            if not (certain and not compared.place_same[other]) and not (exact and not self._is_written_so(other)):
                return [reason("ambiguous", other=self.master.names[self._row(other)])]
        return []
