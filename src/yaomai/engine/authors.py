"""Which of our people wrote a publication: printed names, affiliations and co-authors against a list of people.

A name alone never decides, nor a name with its hospital: namesakes work there who are not in the list. A link is certain
when the name, the institution and a third thing agree — the department, or a co-author who is certain — and nobody else
of ours fits as well. Everything else that fits somebody is a question for a person. Initials are never certain.
"""

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import compress, product
from typing import Literal

_HAN = re.compile(r"[\u3400-\u9fff]")
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
_REASONS: Mapping[tuple[bool, ...], tuple[str, ...]] = {
    holds: ("name", *compress(("institution", "department", "coauthor"), holds))
    for holds in product((False, True), repeat=3)
}
"""What speaks for somebody whose name, and perhaps institution, department or co-author, agree."""


@dataclass(frozen=True, slots=True)
class Person:
    """One of ours: where they work or worked, as names of institutions; departments and specialties as words."""

    id: int
    name: str
    institutions: frozenset[int] = frozenset()
    departments: tuple[str, ...] = ()
    known: frozenset[int] = frozenset()
    """People with whom they are known to have published."""


@dataclass(frozen=True, slots=True)
class Mention:
    """A name on a publication, with its own affiliation as printed."""

    name: str
    affiliation: str = ""


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who may be meant, and what speaks for it; `score` from 0 to 1."""

    id: int
    score: float
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Finding:
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
    text = unicodedata.normalize("NFKC", name)
    if _HAN.search(text):
        return frozenset({_NOT_HAN.sub("", text)}), False
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


class Matcher:
    """Our people and institutions, ready to be asked.

    Args:
        people: everybody who may be meant.
        institutions: id -> the names by which an affiliation may print it, other and former names too.
    """

    def __init__(self, people: Iterable[Person], institutions: Mapping[int, Collection[str]]) -> None:
        self.full: dict[str, list[int]] = defaultdict(list)
        self.short: dict[str, list[int]] = defaultdict(list)
        self.known: dict[int, frozenset[int]] = {}
        self.places: dict[int, tuple[str, ...]] = {}
        self.departments: dict[int, tuple[str, ...]] = {}
        plain = {pk: [word for name in names if (word := _plain(name))] for pk, names in institutions.items()}
        for person in people:
            full, short = own_keys(person.name)
            for key in full:
                self.full[key].append(person.id)
            for key in short:
                self.short[key].append(person.id)
            self.known[person.id] = person.known - {person.id}
            self.places[person.id] = tuple(word for pk in person.institutions for word in plain.get(pk, ()))
            self.departments[person.id] = tuple(filter(None, map(_plain, person.departments)))
        self._of_name: dict[str, tuple[int, ...]] = {}
        self._alone: dict[Mention, Finding] = {}

    def fitting(self, name: str) -> tuple[int, ...]:
        """Return who of ours bears a printed name."""
        found = self._of_name.get(name)
        if found is None:
            keys, is_short = printed_keys(name)
            index = self.short if is_short else self.full
            found = tuple(dict.fromkeys(pk for key in sorted(keys) for pk in index.get(key, ())))
            self._of_name[name] = found
        return found

    def find(self, mentions: Sequence[Mention]) -> list[Finding]:
        """Return what each name of one publication is; who is certain speaks for those they published with."""
        found = [NOBODY] * len(mentions)
        certain: set[int] = set()
        waiting = [(place, mention) for place, mention in enumerate(mentions) if self.fitting(mention.name)]
        while waiting:
            before = len(certain)
            for place, mention in waiting:
                found[place] = self._decide(mention, certain)
                if found[place].verdict == "certain":
                    certain.add(found[place].candidates[0].id)
            if len(certain) == before:
                break
            waiting = [(place, mention) for place, mention in waiting if found[place].verdict != "certain"]
        return self._each_once(found) if certain else found

    def _decide(self, mention: Mention, certain: Collection[int]) -> Finding:
        """Return the verdict; what a name and its affiliation say by themselves is found out once."""
        if certain:
            ids = self.fitting(mention.name)
            helped = frozenset(pk for pk in ids if not self.known[pk].isdisjoint(certain))
            if helped:
                return self._finding(mention, helped)
        alone = self._alone.get(mention)
        if alone is None:
            alone = self._alone[mention] = self._finding(mention, frozenset())
        return alone

    def _finding(self, mention: Mention, helped: Collection[int]) -> Finding:
        ids, affiliation = self.fitting(mention.name), _plain(mention.affiliation)
        here = {pk for pk in ids if affiliation and _any_in(self.places[pk], affiliation)}
        # Whose institution is printed otherwise is nobody of ours, unless the place is unknown or they may have moved.
        is_elsewhere = affiliation and not here and not helped
        if is_elsewhere and not self._is_unknown_place(affiliation):
            return NOBODY
        judged = [self._judge(pk, affiliation, pk in here, pk in helped) for pk in ids]
        judged.sort(key=lambda candidate: (-candidate.score, candidate.id))
        if is_elsewhere:
            return Finding("question", tuple(judged))
        third = {"department", "coauthor"}
        rivals = [each for each in judged if each.id in here][1:]
        is_alone = not rivals or third.isdisjoint(rivals[0].reasons)
        best = judged[0]
        is_certain = best.id in here and not third.isdisjoint(best.reasons) and is_alone
        is_certain = is_certain and not printed_keys(mention.name)[1]
        return Finding("certain" if is_certain else "question", tuple(judged))

    def _judge(self, pk: int, affiliation: str, is_here: bool, is_helped: bool) -> Candidate:
        is_department = _any_in(self.departments[pk], affiliation)
        return _candidate(pk, _REASONS[is_here, is_department, is_helped])

    def _is_unknown_place(self, affiliation: str) -> bool:
        """Tell whether an affiliation names no institution of ours: one in English, or one printed in other words."""
        return _HAN.search(affiliation) is None

    def _each_once(self, found: list[Finding]) -> list[Finding]:
        """Take back what is certain of one person twice on one publication."""
        times = Counter(each.candidates[0].id for each in found if each.verdict == "certain")
        return [
            Finding("question", each.candidates)
            if each.verdict == "certain" and times[each.candidates[0].id] > 1
            else each
            for each in found
        ]


def _any_in(words: Iterable[str], text: str) -> bool:
    for word in words:  # noqa: SIM110 — a generator for `any` takes longer than the search itself
        if word in text:
            return True
    return False


@lru_cache(maxsize=100_000)
def _candidate(pk: int, reasons: tuple[str, ...]) -> Candidate:
    return Candidate(pk, round(min(1.0, sum(SCORES[reason] for reason in reasons)), 2), reasons)


@lru_cache(maxsize=400_000)
def _plain(text: str) -> str:
    return _NOT_TEXT.sub("", unicodedata.normalize("NFKC", text)).casefold()
