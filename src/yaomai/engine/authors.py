"""Which of our people wrote a publication: printed names, affiliations and co-authors against a list of people.

A name alone never decides, nor a name with its hospital: namesakes work there who are not in the list. A link is certain
when the name, the institution and a third thing agree — the department, or a co-author who is certain — and nobody else
of ours fits as well. Everything else that fits somebody is a question for a person. Initials are never certain.
"""

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import lru_cache
from itertools import compress, product
from operator import attrgetter
from typing import Literal, NamedTuple

_HAN = re.compile(r"[\u3400-\u9fff]")
_ALL_HAN = re.compile(r"[\u3400-\u9fff]+")
_NOT_HAN = re.compile(r"[^\u3400-\u9fff]+")
_NOT_TEXT = re.compile(r"[\W_]+")
_TOKEN = re.compile(r"[a-z]+")
_TOGETHER = re.compile(r"[-'’·]")

_DOUBLE = frozenset(
    ("欧阳", "司马", "上官", "诸葛", "夏侯", "皇甫", "尉迟", "公孙", "慕容", "令狐", "司徒", "端木", "南宫", "东方")
)
_READ: Mapping[str, str] = {
    "单": "shan", "仇": "qiu", "查": "zha", "解": "xie", "区": "ou", "任": "ren", "朴": "piao", "覃": "qin", "曾": "zeng",
    "翟": "zhai", "尉迟": "yuchi", "盖": "ge", "缪": "miao", "员": "yun", "吕": "lv", "万": "wan",
}  # fmt: skip
"""Surnames that are read otherwise than the same character elsewhere."""

SCORES: Mapping[str, float] = {"name": 0.3, "institution": 0.3, "department": 0.2, "coauthor": 0.2}
_JUDGED: Mapping[tuple[bool, ...], tuple[float, tuple[str, ...]]] = {
    holds: (round(min(1.0, sum(SCORES[reason] for reason in reasons)), 2), reasons)
    for holds in product((False, True), repeat=3)
    for reasons in [("name", *compress(("institution", "department", "coauthor"), holds))]
}
"""The score of, and what speaks for, somebody whose name, and perhaps institution, department or co-author, agree."""
_THIRD = frozenset(("department", "coauthor"))
"""What makes a name at its institution certain."""


@dataclass(frozen=True, slots=True)
class Person:
    """One of ours: where they work or worked, as names of institutions; departments and specialties as words."""

    id: int
    name: str
    institutions: frozenset[int] = frozenset()
    departments: tuple[str, ...] = ()
    known: frozenset[int] = frozenset()
    """People with whom they are known to have published."""


# Tuples: a file has them by the hundred thousand.


class Mention(NamedTuple):
    """A name on a publication, with its own affiliation as printed."""

    name: str
    affiliation: str = ""


class Candidate(NamedTuple):
    """Somebody who may be meant, and what speaks for it; `score` from 0 to 1."""

    id: int
    score: float
    reasons: tuple[str, ...]


class Finding(NamedTuple):
    """What a mention was found to be: certain of the first candidate, a question, or nobody of ours."""

    verdict: Literal["certain", "question", "nobody"]
    candidates: tuple[Candidate, ...] = ()


NOBODY = Finding("nobody")


@lru_cache(maxsize=400_000)
def printed_keys(name: str) -> tuple[frozenset[str], bool]:
    """Return the keys of a name as printed, and whether it gives no more than initials.

    >>> sorted(printed_keys("Wang, Xiao-Ming")[0]) == sorted(printed_keys("Xiaoming WANG")[0])
    True
    >>> printed_keys("王 晓明")
    (frozenset({'王晓明'}), False)
    """
    if _ALL_HAN.fullmatch(name):
        return frozenset({name}), False
    text = unicodedata.normalize("NFKC", name)
    if _HAN.search(text):
        return frozenset({_NOT_HAN.sub("", text)}), False
    if text.isascii():
        plain = text
    else:
        plain = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    parts = [_TOGETHER.sub("", part) for part in plain.replace(",", " , ").replace(".", ". ").split()]
    words = [(part, "".join(_TOKEN.findall(part.lower()))) for part in parts]
    words = [(part, word) for part, word in words if word]
    if len(words) < 2:
        return frozenset(), False
    short = [_is_initials(part, word) for part, word in words]
    if short.count(True) and not all(short):
        surname = "".join(word for (_part, word), is_short in zip(words, short, strict=True) if not is_short)
        initials = "".join(word for (_part, word), is_short in zip(words, short, strict=True) if is_short)
        return frozenset({f"{surname}.{initials}"}), True
    whole = [word for _part, word in words]
    # Either the first or the last word is the surname: journals print both orders.
    return frozenset({f"{whole[0]} {''.join(whole[1:])}", f"{whole[-1]} {''.join(whole[:-1])}"}), False


@lru_cache(maxsize=200_000)
def own_keys(name: str) -> tuple[frozenset[str], frozenset[str]]:
    """Return the keys of a Chinese name in full (characters, pinyin), and by initials.

    >>> own_keys("王晓明")[0] == {"王晓明", "wang xiaoming"}, sorted(own_keys("王晓明")[1])
    (True, ['wang.x', 'wang.xm'])
    """
    from pypinyin import lazy_pinyin  # its tables take 55 MB: only a process that imports publications reads them

    text = _NOT_HAN.sub("", unicodedata.normalize("NFKC", name))
    if len(text) < 2:
        return frozenset(filter(None, [text])), frozenset()
    length = 2 if text[:2] in _DOUBLE and len(text) > 2 else 1
    surname = _READ.get(text[:length]) or "".join(lazy_pinyin(text[:length]))
    given = lazy_pinyin(text[length:], v_to_u=False)
    initials = "".join(each[:1] for each in given)
    spelled = {f"{surname} {''.join(given)}"}
    # 吕 and 女 are printed with v, u or the letter that other fonts lack.
    spelled |= {key.replace("v", "u") for key in spelled} | {key.replace("v", "yu") for key in spelled}
    short = {f"{way.split()[0]}.{some}" for way in spelled for some in (initials, initials[:1])}
    return frozenset({text, *spelled}), frozenset(short)


def _is_initials(part: str, word: str) -> bool:
    """Tell initials from a short name: no Chinese syllable begins with i, u or v, so that LI and WU are surnames."""
    if len(word) == 1 or part.endswith("."):
        return True
    return len(word) == 2 and part.isupper() and not set(word) & set("iuv")


@dataclass(frozen=True, slots=True)
class _Bearers:
    """Who of ours bears a printed name: words of their places and departments, with the id of whose they are."""

    bare: tuple[Candidate, ...]
    """They, by id, where nothing but the name speaks for them."""
    is_short: bool
    places: tuple[tuple[str, int], ...]
    departments: tuple[tuple[str, int], ...]
    known: frozenset[int]
    """With whom one of them is known to have published."""


class Matcher:
    """Our people and institutions, ready to be asked.

    Args:
        people: everybody who may be meant.
        institutions: id -> the names by which an affiliation may print it, other and former names too.
    """

    def __init__(self, people: Iterable[Person], institutions: Mapping[int, Collection[str]]) -> None:
        self._full: dict[str, list[int]] = defaultdict(list)
        self._short: dict[str, list[int]] = defaultdict(list)
        self._known: dict[int, frozenset[int]] = {}
        self._places: dict[int, tuple[str, ...]] = {}
        self._departments: dict[int, tuple[str, ...]] = {}
        plain = {pk: [word for name in names if (word := _plain(name))] for pk, names in institutions.items()}
        for person in people:
            full, short = own_keys(person.name)
            for key in full:
                self._full[key].append(person.id)
            for key in short:
                self._short[key].append(person.id)
            self._known[person.id] = person.known - {person.id}
            self._places[person.id] = tuple(word for pk in person.institutions for word in plain.get(pk, ()))
            self._departments[person.id] = tuple(filter(None, map(_plain, person.departments)))
        self._of_name: dict[str, _Bearers | None] = {}
        self._alone: dict[Mention, Finding] = {}

    def fits(self, name: str) -> bool:
        """Tell whether a printed name may mean somebody of ours."""
        return self._bearers(name) is not None

    def _bearers(self, name: str) -> _Bearers | None:
        if name in self._of_name:
            return self._of_name[name]
        keys, is_short = printed_keys(name)
        index = self._short if is_short else self._full
        ids = sorted({pk for key in keys for pk in index.get(key, ())})
        found = self._of_name[name] = self._described(ids, is_short) if ids else None
        return found

    def _described(self, ids: Sequence[int], is_short: bool) -> _Bearers:
        return _Bearers(
            bare=tuple([_judged(pk) for pk in ids]),
            is_short=is_short,
            places=tuple([(word, pk) for pk in ids for word in self._places[pk]]),
            departments=tuple([(word, pk) for pk in ids for word in self._departments[pk]]),
            known=frozenset().union(*[self._known[pk] for pk in ids]),
        )

    def find(self, mentions: Sequence[Mention]) -> list[Finding]:
        """Return what each name of one publication is; who is certain speaks for those they published with."""
        found = [NOBODY] * len(mentions)
        certain: set[int] = set()
        waiting = [
            (place, mention, bearers)
            for place, mention in enumerate(mentions)
            if (bearers := self._bearers(mention.name)) is not None
        ]
        is_first = True
        while waiting:
            before = len(certain)
            for place, mention, bearers in waiting:
                if certain and not bearers.known.isdisjoint(certain):
                    helped = {each.id for each in bearers.bare if not self._known[each.id].isdisjoint(certain)}
                    found[place] = self._finding(mention, bearers, helped)
                elif is_first:
                    found[place] = self._found_alone(mention, bearers)
                if found[place].verdict == "certain":
                    certain.add(found[place].candidates[0].id)
            if len(certain) == before:
                break
            is_first = False
            waiting = [each for each in waiting if each[2].known and found[each[0]].verdict != "certain"]
        return self._each_once(found) if certain else found

    def _found_alone(self, mention: Mention, bearers: _Bearers) -> Finding:
        """Return what a name and its affiliation say by themselves; it is found out once."""
        alone = self._alone.get(mention)
        if alone is None:
            alone = self._alone[mention] = self._finding(mention, bearers, frozenset())
        return alone

    def _finding(self, mention: Mention, bearers: _Bearers, helped: AbstractSet[int]) -> Finding:
        affiliation = _plain(mention.affiliation)
        here = {pk for word, pk in bearers.places if word in affiliation}
        # Whose institution is printed otherwise is nobody of ours, unless the place is unknown or they may have moved.
        is_elsewhere = affiliation and not here and not helped
        if is_elsewhere and not _is_unknown_place(affiliation):
            return NOBODY
        there = {pk for word, pk in bearers.departments if word in affiliation}
        likely = here | there | helped
        judged = [
            _judged(each.id, each.id in here, each.id in there, each.id in helped) if each.id in likely else each
            for each in bearers.bare
        ]
        judged.sort(key=_score, reverse=True)  # of the same score, the one with the lower id stays first
        if is_elsewhere:
            return Finding("question", tuple(judged))
        rivals = [each for each in judged if each.id in here][1:]
        is_alone = not rivals or _THIRD.isdisjoint(rivals[0].reasons)
        best = judged[0]
        is_certain = best.id in here and not _THIRD.isdisjoint(best.reasons) and is_alone and not bearers.is_short
        return Finding("certain" if is_certain else "question", tuple(judged))

    def _each_once(self, found: list[Finding]) -> list[Finding]:
        """Take back what is certain of one person twice on one publication."""
        times = Counter(each.candidates[0].id for each in found if each.verdict == "certain")
        return [
            Finding("question", each.candidates)
            if each.verdict == "certain" and times[each.candidates[0].id] > 1
            else each
            for each in found
        ]


_score = attrgetter("score")


def _judged(pk: int, is_here: bool = False, is_department: bool = False, is_helped: bool = False) -> Candidate:
    score, reasons = _JUDGED[is_here, is_department, is_helped]
    return Candidate(pk, score, reasons)


def _is_unknown_place(affiliation: str) -> bool:
    """Tell whether an affiliation names no institution of ours: one in English, or one printed in other words."""
    return _HAN.search(affiliation) is None


@lru_cache(maxsize=400_000)
def _plain(text: str) -> str:
    return _NOT_TEXT.sub("", unicodedata.normalize("NFKC", text)).casefold()
