"""Matching dirty names of institutions to a master list."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import partial
from typing import Final

import numpy as np

from .comparison import columns, compare
from .index import Ints
from .master import Master, read_places
from .names import Name, read_name
from .pairs import Pairs, place_text
from .places import Place, short_name
from .policy import MatchPolicy
from .reasons import Reason, reason
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
    policy: MatchPolicy | None = None,
    remembered: Mapping[str, int] | None = None,
) -> list[Match]:
    """Match each dirty name, with the place that its file gives if any, to the master list.

    `remembered` maps `alias_key(name)` to a row and wins over everything. Equal (name, place) pairs are matched
    once. Names that contradict a master name in ordinal, place, affiliation, branch or kind are never accepted.
    """
    policy = policy or MatchPolicy()
    questions = list(zip(names, places or [None] * len(names), strict=True))
    distinct = list(dict.fromkeys(questions))
    answers = dict(zip(distinct, _match_distinct(distinct, master, policy, remembered or {}), strict=True))
    return [answers[question] for question in questions]


def _match_distinct(
    questions: Sequence[tuple[str, str | None]],
    master: Master,
    policy: MatchPolicy,
    remembered: Mapping[str, int],
) -> list[Match]:
    answers: list[Match] = [_NOTHING] * len(questions)
    cleaned = clean_all([name for name, _ in questions])
    given = read_places([place for _, place in questions], len(questions), master.gazetteer)
    open_questions: list[int] = []
    names: list[Name] = []
    for position, text in enumerate(cleaned):
        row = remembered.get(text.replace(",", "")) if remembered else None
        if row is not None:
            answers[position] = _certain(row, reason("remembered"))
        elif (row := master.certain(text, given[position])) is not None:
            answers[position] = _certain(row, reason("same_name"))
        elif text:
            for name in read_name(text, master.gazetteer):
                open_questions.append(position)
                names.append(_with_column(name, given[position]))
    if not names or not master.names:
        return answers
    codebook = master.codebook.copy()
    side = columns(
        names,
        [name.own_place.completed(given[position]) for name, position in zip(names, open_questions, strict=True)],
        codebook,
    )
    query, form = master.nearest(side, policy)
    compared = compare(side, master.columns, query, form, codebook.strings(), policy)
    places = [given[position] for position in open_questions]
    decider = _Decider(Pairs(side, master.columns, query, form, compared), places, master, policy)
    position_of = np.array(open_questions, dtype=np.int64)
    for position, pairs in decider.best_by_question(position_of[query]):
        answers[position] = decider.decide(pairs)
    return answers


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


_READ: Final = 8
"""Best pairs of a name that are looked at one by one."""

_NOTHING: Final = Match(Decision.NONE, (), (reason("nothing"),))


@dataclass(frozen=True, slots=True)
class _Decider:
    """Decides over compared pairs of a dirty name (left) and a form of a master name (right)."""

    pairs: Pairs
    given: Sequence[Place]
    master: Master
    policy: MatchPolicy

    def best_by_question(self, question: Ints) -> list[tuple[int, list[int]]]:
        """Give for each question its pairs, best first, one per master row; `question[i]` belongs to pair i."""
        compared = self.pairs.compared
        row = self.master.rows[self.pairs.form]
        order = np.lexsort((row, compared.conflict, -compared.score, question))
        ordered = question[order]
        order = order[np.arange(len(order)) - np.searchsorted(ordered, ordered) < _READ]
        grouped: list[tuple[int, list[int]]] = []
        seen: set[int] = set()
        for pair, position, its_row in zip(order.tolist(), question[order].tolist(), row[order].tolist(), strict=True):
            if not grouped or grouped[-1][0] != position:
                grouped.append((position, []))
                seen = set()
            if its_row not in seen:
                seen.add(its_row)
                grouped[-1][1].append(pair)
        return grouped

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
        elif compared.place_unknown[best] and len(name.residue) < policy.residue_without_place:
            found.append(reason("short_without_place"))
        elif compared.place_same[best] and self.pairs.left.places[self.pairs.query[best]].shared:
            found.append(reason("place_shared", place=name.own_place.finest))
        same = name.core == form.core or name.canon == form.canon or compared.contained[best]
        same = same or (compared.kind_unsaid[best] and name.stem == form.stem)
        if not same and min(len(name.residue), len(form.residue)) < policy.residue_with_error:
            found.append(reason("short_and_not_same"))
        if compared.score[best] < policy.accept_score:
            found.append(reason("low_score"))
        return found

    def _rivals(self, best: int, others: list[int]) -> list[Reason]:
        """Name the first other institution that is as near."""
        compared = self.pairs.compared
        name, form = self.pairs.names(best)
        # written exactly so, place included: a namesake without that place is no rival
        certain = name.text == form.text and bool(name.own_place) and compared.place_same[best]
        for other in others:
            near = compared.score[best] - compared.score[other] < self.policy.margin
            if near and not compared.conflict[other] and not (certain and not compared.place_same[other]):
                return [reason("ambiguous", other=self.master.names[self._row(other)])]
        return []
