"""Matching dirty names of institutions to a master list."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial
from typing import Final

import numpy as np

from .comparison import Codebook, Columns, Comparison, columns, compare
from .index import Ints, InvertedIndex, pieces
from .names import Name, read_name
from .places import NOWHERE, Gazetteer, Place, default_gazetteer
from .policy import MatchPolicy
from .reasons import Reason, reason
from .text import alias_key, clean_all


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


class Master:
    """A master list prepared for matching; build once, match many files.

    `names[i]` may carry other names in brackets. `places[i]` is any text that names province, city or county.
    `aliases[i]` are further names. All are as long as `names`; without `gazetteer` the shipped provinces and
    prefectures are known.
    """

    def __init__(
        self,
        names: Sequence[str],
        *,
        places: Sequence[str | None] | None = None,
        aliases: Sequence[Sequence[str]] | None = None,
        gazetteer: Gazetteer | None = None,
    ) -> None:
        self.names = list(names)
        self.gazetteer = gazetteer or default_gazetteer()
        given = read_places(places, len(names), self.gazetteer)
        forms: list[Name] = []
        rows: list[int] = []
        for row, cleaned in enumerate(clean_all(names)):
            found = read_name(cleaned, self.gazetteer)
            for alias in clean_all(aliases[row]) if aliases and aliases[row] else ():
                found += read_name(alias, self.gazetteer)
            forms += found
            rows += [row] * len(found)
        self.rows: Ints = np.array(rows, dtype=np.int64)
        self.codebook = Codebook()
        self.columns = columns(
            forms,
            [name.own_place.completed(given[row]) for name, row in zip(forms, rows, strict=True)],
            self.codebook,
        )
        self._by_text: dict[str, int] = {}
        self._within: dict[tuple[str, str], set[int]] = {}
        self._exactly: dict[tuple[str, str], set[int]] = {}
        for form, (name, place) in enumerate(zip(forms, self.columns.places, strict=True)):
            self._by_text.setdefault(name.text, form)
            self._exactly.setdefault((place.finest, name.core), set()).add(rows[form])
            for where in {name.own_place.finest, place.finest, place.city, place.province}:
                self._within.setdefault((where, name.core), set()).add(rows[form])
        self.vocabulary: dict[str, int] = {}
        contents = pieces([name.canon for name in forms], _words(self.columns), self.vocabulary)
        self.index = InvertedIndex(contents, len(forms))

    def certain(self, text: str, given: Place) -> int | None:
        """Give the row whose name is written exactly so, if that name says its place and no other row is near."""
        form = self._by_text.get(text)
        if form is None:
            return None
        name, place, row = self.columns.names[form], self.columns.places[form], int(self.rows[form])
        if not name.own_place or not place.agrees(given):
            return None
        near = self._within[name.own_place.finest, name.core] | self._exactly.get(("", name.core), set())
        near |= self._exactly.get((place.city, name.core), set())
        near |= self._exactly.get((place.province, name.core), set())
        return row if near == {row} else None


def read_places(places: Sequence[str | None] | None, count: int, gazetteer: Gazetteer) -> list[Place]:
    """Read the given places, each distinct text once."""
    if places is None:
        return [NOWHERE] * count
    known: dict[str | None, Place] = {}
    distinct = list(dict.fromkeys(places))
    for raw, cleaned in zip(distinct, clean_all(distinct), strict=True):
        known[raw] = gazetteer.locate(cleaned)
    return [known[place] for place in places]


def _words(side: Columns) -> list[list[str]]:
    """Give the combinations that find what single pieces cannot: every city has its 第一人民医院."""
    found: list[list[str]] = []
    for name, place in zip(side.names, side.places, strict=True):
        ordinals = "|".join(name.ordinals)
        words = [f"c:{name.core}"]
        if name.residue:
            words.append(f"r:{name.residue}")
        for where in {name.own_place.finest, place.finest, place.city, place.province} - {""}:
            words += [f"p:{where}|{ordinals}|{name.kind}", f"q:{where}|{ordinals}", f"w:{where}|{name.core}"]
        found.append(words)
    return found


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
                names.append(name)
    if not names or not master.names:
        return answers
    codebook = master.codebook.copy()
    side = columns(
        names,
        [name.own_place.completed(given[position]) for name, position in zip(names, open_questions, strict=True)],
        codebook,
    )
    vocabulary = dict(master.vocabulary)
    query, form = master.index.nearest(
        pieces([name.canon for name in names], _words(side), vocabulary),
        len(names),
        limit=policy.candidates,
        postings=policy.postings,
    )
    pairs = _Pairs(side, master, query, form, compare(side, master.columns, query, form, codebook.strings(), policy))
    position_of = np.array(open_questions, dtype=np.int64)
    for position, chosen in pairs.best_by_question(position_of[query]):
        answers[position] = pairs.decide(chosen, policy)
    return answers


def _certain(row: int, *reasons: Reason) -> Match:
    return Match(Decision.ACCEPT, (Candidate(row, 1.0, lambda: reasons),), ())


_NOTHING: Final = Match(Decision.NONE, (), (reason("nothing"),))


@dataclass(frozen=True, slots=True)
class _Pairs:
    """Compared pairs of a dirty name (row of `side`) and a master form."""

    side: Columns
    master: Master
    query: Ints
    form: Ints
    comparison: Comparison

    def best_by_question(self, question: Ints) -> list[tuple[int, list[int]]]:
        """Give for each question its pairs, best first, one per master row."""
        row = self.master.rows[self.form]
        order = np.lexsort((row, self.comparison.conflict, -self.comparison.score, question))
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

    def decide(self, pairs: list[int], policy: MatchPolicy) -> Match:
        """Decide over the pairs of one question, best first."""
        score = self.comparison.score
        shown = [pair for pair in pairs[: policy.shown] if score[pair] >= policy.review_score]
        if not shown:
            return _NOTHING
        candidates = tuple(
            Candidate(
                int(self.master.rows[self.form[pair]]),
                round(float(score[pair]), 4),
                partial(self.reasons, pair),
            )
            for pair in shown
        )
        doubts = self.doubts(pairs, policy)
        return Match(Decision.REVIEW if doubts else Decision.ACCEPT, candidates, doubts)

    def doubts(self, pairs: list[int], policy: MatchPolicy) -> tuple[Reason, ...]:
        """Say why the best pair must not be accepted without a person; empty when it may."""
        best, compared = pairs[0], self.comparison
        found = list(self.conflicts(best))
        name = self.side.names[self.query[best]]
        form = self.master.columns.names[self.form[best]]
        if not (name.residue and form.residue) and not compared.place_same[best]:
            found.append(reason("only_place_tells"))
        elif compared.place_unknown[best] and len(name.residue) < policy.residue_without_place:
            found.append(reason("short_without_place"))
        if compared.score[best] < policy.accept_score:
            found.append(reason("low_score"))
        for other in pairs[1:]:
            near = compared.score[best] - compared.score[other] < policy.margin
            if near and not compared.conflict[other]:
                found.append(reason("ambiguous", other=self.master.names[self.master.rows[self.form[other]]]))
                break
        return tuple(found)

    def conflicts(self, pair: int) -> tuple[Reason, ...]:
        """Name every contradiction of a pair."""
        name, form = self.side.names[self.query[pair]], self.master.columns.names[self.form[pair]]
        place, other_place = self.side.places[self.query[pair]], self.master.columns.places[self.form[pair]]
        compared = self.comparison
        found: list[Reason] = []
        if compared.ordinal_conflict[pair]:
            found.append(reason("ordinal_conflict", dirty="、".join(name.ordinals), master="、".join(form.ordinals)))
        if compared.place_conflict[pair]:
            found.append(reason("place_conflict", dirty=place_text(place), master=place_text(other_place)))
        if compared.level_conflict[pair]:
            found.append(reason("level_conflict", dirty=name.level, master=form.level))
        if compared.affiliation_conflict[pair]:
            found.append(reason("affiliation_conflict"))
        if compared.branch_conflict[pair]:
            found.append(reason("branch_conflict", dirty=name.branch, master=form.branch))
        if compared.kind_conflict[pair]:
            found.append(reason("kind_conflict", dirty=name.kind, master=form.kind))
        return tuple(found)

    def reasons(self, pair: int) -> tuple[Reason, ...]:
        """Say what speaks for and against a pair."""
        name, form = self.side.names[self.query[pair]], self.master.columns.names[self.form[pair]]
        place, other_place = self.side.places[self.query[pair]], self.master.columns.places[self.form[pair]]
        compared = self.comparison
        row_name = self.master.names[self.master.rows[self.form[pair]]]
        found: list[Reason] = []
        if name.text == form.text:
            found.append(reason("same_name"))
        elif name.core == form.core:
            found.append(reason("same_meaning"))
        elif compared.contained[pair]:
            found.append(reason("contained", master=row_name))
        else:
            found.append(reason("similar", percent=str(round(100 * float(compared.text[pair])))))
        if compared.place_same[pair]:
            found.append(reason("place_same", place=place_text(place)))
        elif compared.place_unknown[pair]:
            found.append(reason("place_unknown"))
        elif not compared.place_conflict[pair]:
            found.append(reason("place_coarser", dirty=place_text(place), master=place_text(other_place)))
        if compared.kind_unsaid[pair]:
            found.append(reason("kind_unsaid", kind=form.kind or name.kind))
        if compared.level_differs[pair]:
            found.append(reason("level_differs"))
        return (*found, *self.conflicts(pair))


def place_text(place: Place) -> str:
    """Write a place from large to small."""
    return "".join(dict.fromkeys(part for part in (place.province, place.city, place.finest) if part))


__all__ = ["Candidate", "Decision", "Master", "Match", "alias_key", "match_names"]
