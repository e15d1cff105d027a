"""What dirty product names mean, and which files repeat one another. Pure functions."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz, process

_NOISE = re.compile(r"[\s　()（）\[\]【】<>《》,，.。·・:：;；'\"“”‘’_/\\-]+")
_TIMES = re.compile(r"[×xX*＊✕]")
_UNITS = {"毫克": "mg", "微克": "ug", "μg": "ug", "克": "g", "毫升": "ml", "升": "l", "片装": "片", "粒装": "粒"}
_BREAKS = re.compile(r"[\s()\[\]【】<>《》,，;；/]+")
_STRENGTH = re.compile(
    r"[\d.]+\s*(mg|g|ug|μg|ml|l|iu|u|万?单位|毫克|微克|克|毫升|升|%|片|粒|支|袋|丸|瓶|贴|喷|揿)", re.IGNORECASE
)
_SALT = re.compile(
    r"^(盐酸|硫酸|磷酸|硝酸|醋酸|枸橼酸|富马酸|马来酸|苯磺酸|甲磺酸|对甲苯磺酸|琥珀酸|氢溴酸|重?酒石酸|乳酸|草酸|门冬氨酸)"
)
SHOWN = 5
LEAST_SCORE = 0.6
# How far a name carries when the specification says something else, or one of both does not say it.
OTHER_SPECIFICATION = 0.75
UNSAID_SPECIFICATION = 0.9
WITHOUT_SALT = 0.97


@dataclass(frozen=True, slots=True)
class ProductEntry:
    """A product as the master list knows it: every way to call it, its specification, its codes."""

    key: int
    names: tuple[str, ...]
    specification: str
    codes: tuple[str, ...] = ()
    is_own: bool = False


@dataclass(frozen=True, slots=True)
class ProductAnswer:
    """What a written product may mean: `key` when it is certain, candidates best first otherwise."""

    key: int | None
    candidates: tuple[tuple[int, float], ...] = ()
    """(key, score in [0, 1])"""


def product_name_key(text: str) -> str:
    """Return the writing that two spellings of one product name share."""
    return _NOISE.sub("", unicodedata.normalize("NFKC", text)).casefold()


def specification_key(text: str) -> str:
    """Return the writing that two spellings of one strength and pack share: 5mg×7片 and 5毫克*7片."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    for written, unit in _UNITS.items():
        plain = plain.replace(written, unit)
    plain = _TIMES.sub("*", plain)
    return _NOISE.sub("", re.sub(r"/(盒|瓶|支|袋|板)$", "", plain))


def written_parts(name: str, specification: str) -> tuple[tuple[str, ...], str]:
    """Return the words of a written product, and its specification, taken from the name when it stands there.

    >>> written_parts("苯磺酸氨氯地平片（恒压平）5mg×28片/盒", "")
    (('苯磺酸氨氯地平片', '恒压平'), '5mg*28片')
    """
    text = unicodedata.normalize("NFKC", name)
    found = _STRENGTH.search(text)
    if found and found.start() > 0 and not specification.strip():
        text, specification = text[: found.start()], text[found.start() :]
    words = (product_name_key(word) for word in _BREAKS.split(text))
    return tuple(dict.fromkeys(filter(None, words))), specification_key(specification)


class ProductIndex:
    """The product list prepared for reading written names."""

    def __init__(self, entries: Sequence[ProductEntry]) -> None:
        self._by_code: dict[str, int] = {}
        self._by_name: dict[str, set[int]] = defaultdict(set)
        self._specification: dict[int, str] = {}
        self._own = {entry.key for entry in entries if entry.is_own}
        for entry in entries:
            self._specification[entry.key] = specification_key(entry.specification)
            for code in filter(None, entry.codes):
                self._by_code[product_name_key(code)] = entry.key
            for name in entry.names:
                self._by_name[product_name_key(name)].add(entry.key)
        self._names = list(self._by_name)
        self._without_salt = [_SALT.sub("", name) for name in self._names]

    def read(self, name: str, specification: str, code: str = "") -> ProductAnswer:
        """Return what a written product means.

        Certain are: a known code; a known name, or several words that are all names of one product, with the same
        specification; such names that only one product has when the file says no specification. Where several
        products fit, the only one of our own is meant: a file of sales flow reports what we sold. Another
        specification is never accepted.
        """
        if code and (key := self._by_code.get(product_name_key(code))) is not None:
            return ProductAnswer(key)
        words, wanted = written_parts(name, specification)
        whole = product_name_key(name)
        named = self._by_name.get(whole, set()) | self._named_by_all(words)
        fitting = {key for key in named if not wanted or self._specification[key] == wanted}
        for certain in (fitting, fitting & self._own):
            if len(certain) == 1:
                return ProductAnswer(next(iter(certain)))
        return ProductAnswer(None, self._nearest((whole, "".join(words), *words), wanted))

    def _named_by_all(self, words: Sequence[str]) -> set[int]:
        return set.intersection(*(self._by_name.get(word, set()) for word in words)) if words else set()

    def _nearest(self, written: Sequence[str], wanted: str) -> tuple[tuple[int, float], ...]:
        best: dict[int, float] = {}
        for text in dict.fromkeys(written):
            for choices, query, worth in (
                (self._names, text, 1.0),
                (self._without_salt, _SALT.sub("", text), WITHOUT_SALT),
            ):
                found = process.extract(query, choices, scorer=fuzz.ratio, limit=SHOWN * 4, score_cutoff=50)
                for _name, score, position in found:
                    for key in self._by_name[self._names[position]]:
                        best[key] = max(best.get(key, 0.0), score / 100 * worth * self._fit(key, wanted))
        ranked = sorted(best.items(), key=lambda pair: (-pair[1], pair[0] not in self._own, pair[0]))
        return tuple((key, score) for key, score in ranked if score >= LEAST_SCORE)[:SHOWN]

    def _fit(self, key: int, wanted: str) -> float:
        had = self._specification[key]
        if not wanted or not had:
            return UNSAID_SPECIFICATION
        return 1.0 if had == wanted else OTHER_SPECIFICATION


def is_correction(own: Mapping[str, int], other: Mapping[str, int]) -> bool:
    """Tell whether a file corrects another of the same days: it repeats at least a third of the smaller one.

    Both map a line's content to how often it occurs. Files that share days without sharing lines (one per
    product, one per warehouse) stand side by side.
    """
    shared = sum(min(count, other.get(line, 0)) for line, count in own.items())
    smaller = min(sum(own.values()), sum(other.values()))
    return smaller > 0 and shared * 3 >= smaller
