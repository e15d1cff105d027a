"""A master list of institutions, prepared for matching."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from .comparison import Codebook, Columns, columns
from .index import Ints, InvertedIndex, pieces
from .names import UNREAD, Name, read_name
from .places import NOWHERE, Gazetteer, Place, default_gazetteer
from .policy import MatchPolicy
from .text import clean_all

_FREQUENT_ORDINALS: Final = tuple("123456789")


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
        self.given = read_places(places, len(names), self.gazetteer)
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
            [name.own_place.completed(self.given[row]) for name, row in zip(forms, rows, strict=True)],
            self.codebook,
        )
        self._by_text: dict[str, int] = {}
        self.written: dict[str, set[int]] = {}
        """Rows by each name exactly as it is written."""
        for form, name in enumerate(forms):
            if name.branch_in_text:
                self._by_text.setdefault(name.text, form)
            self.written.setdefault(name.text, set()).add(rows[form])
        self._vocabulary: dict[str, int] = {}
        contents = pieces([name.canon for name in forms], words_of(self.columns), self._vocabulary)
        self._index = InvertedIndex(contents, len(forms))

    def certain(self, text: str, given: Place) -> int | None:
        """Give the row whose name is written exactly so, if that name says its place and no other row is called so.

        A row that is merely near, such as a duplicate written with one character less, is no reason to ask.
        """
        form = self._by_text.get(text)
        if form is None:
            return None
        name, place, row = self.columns.names[form], self.columns.places[form], int(self.rows[form])
        if not name.own_place or not place.agrees(given) or not self.given[row].agrees(given):
            return None
        return row if self.written[text] == {row} else None

    def says_place(self, names: Sequence[str]) -> list[bool]:
        """Say of each written name whether it tells where the institution is: 南京市第一医院, not 第一人民医院."""
        return [
            any(name.own_place for name in read_name(text, self.gazetteer)) if text else False
            for text in clean_all(names)
        ]

    def nearest(self, side: Columns, policy: MatchPolicy) -> tuple[Ints, Ints]:
        """Give candidate pairs as (row of `side`, row of `columns`)."""
        contents = pieces([name.canon for name in side.names], words_of(side), dict(self._vocabulary))
        return self._index.nearest(contents, len(side.names), limit=policy.candidates, postings=policy.postings)


def read_places(places: Sequence[str | None] | None, count: int, gazetteer: Gazetteer) -> list[Place]:
    """Read the given places, each distinct text once."""
    if places is None:
        return [NOWHERE] * count
    known: dict[str | None, Place] = {}
    distinct = list(dict.fromkeys(places))
    for raw, cleaned in zip(distinct, clean_all(distinct), strict=True):
        known[raw] = gazetteer.locate(cleaned)
    return [known[place] for place in places]


def words_of(side: Columns) -> list[list[str]]:
    """Give the combinations that find what single pieces cannot: every city has its 第一人民医院."""
    found: list[list[str]] = []
    for name, place in zip(side.names, side.places, strict=True):
        ordinals = ["|".join(name.ordinals)] if UNREAD not in name.ordinals else _FREQUENT_ORDINALS
        words = [f"c:{name.core}"]
        if name.residue:
            words.append(f"r:{name.residue}")
        for where in {name.own_place.finest, place.finest, place.city, place.province} - {""}:
            words.append(f"w:{where}|{name.core}")
            if not name.residue:
                words.append(f"l:{where}|{name.level}|{name.core}")
            for each in ordinals:
                words += [f"p:{where}|{each}|{name.kind}", f"q:{where}|{each}"]
        found.append(words)
    return found
