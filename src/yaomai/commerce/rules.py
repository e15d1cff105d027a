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
SHOWN = 5
LEAST_SCORE = 60.0


@dataclass(frozen=True, slots=True)
class ProductEntry:
    """A product as the master list knows it: every way to call it, its specification, its codes."""

    key: int
    names: tuple[str, ...]
    specification: str
    codes: tuple[str, ...] = ()


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


class ProductIndex:
    """The product list prepared for reading written names."""

    def __init__(self, entries: Sequence[ProductEntry]) -> None:
        self._by_code: dict[str, int] = {}
        self._by_name: dict[str, set[int]] = defaultdict(set)
        self._specification: dict[int, str] = {}
        self._choices: dict[tuple[int, int], str] = {}
        for entry in entries:
            self._specification[entry.key] = specification_key(entry.specification)
            for code in entry.codes:
                if code:
                    self._by_code[product_name_key(code)] = entry.key
            for number, name in enumerate(entry.names):
                self._by_name[product_name_key(name)].add(entry.key)
                self._choices[entry.key, number] = product_name_key(name + entry.specification)

    def read(self, name: str, specification: str, code: str = "") -> ProductAnswer:
        """Return what a written product means.

        Certain are: a known code; a known name with the same specification; a known name that only one product
        has when the file says no specification. Another specification is never accepted.
        """
        if code and (key := self._by_code.get(product_name_key(code))) is not None:
            return ProductAnswer(key)
        named = self._by_name.get(product_name_key(name), set())
        wanted = specification_key(specification)
        fitting = {key for key in named if not wanted or self._specification[key] == wanted}
        if len(fitting) == 1:
            return ProductAnswer(next(iter(fitting)))
        return ProductAnswer(None, self._nearest(name + specification))

    def _nearest(self, text: str) -> tuple[tuple[int, float], ...]:
        found = process.extract(
            product_name_key(text), self._choices, scorer=fuzz.WRatio, limit=SHOWN * 3, score_cutoff=LEAST_SCORE
        )
        best: dict[int, float] = {}
        for _text, score, (key, _number) in found:
            best[key] = max(best.get(key, 0.0), score / 100)
        return tuple(sorted(best.items(), key=lambda pair: (-pair[1], pair[0]))[:SHOWN])


def is_correction(own: Mapping[str, int], other: Mapping[str, int]) -> bool:
    """Tell whether a file corrects another of the same days: it repeats at least a third of the smaller one.

    Both map a line's content to how often it occurs. Files that share days without sharing lines (one per
    product, one per warehouse) stand side by side.
    """
    shared = sum(min(count, other.get(line, 0)) for line, count in own.items())
    smaller = min(sum(own.values()), sum(other.values()))
    return smaller > 0 and shared * 3 >= smaller
