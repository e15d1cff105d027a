"""The pieces that a text is found by, as lexemes of a tsvector.

| lexeme | for 重庆 H1 | found by |
|---|---|---|
| neighbours, and the last character alone | 重庆, 庆 | any part of the Chinese text |
| `p` and the pinyin from each syllable on, 12 letters | pchongqing, pqing | chongq, qing |
| `i` and the initials from each character on, 6 letters | icq, iq | cq |
| `w` and each word or number | wh1 | h1 |
| `^` before the first of each kind | ^重庆, ^pchongqing, ^icq, ^wh1 | the beginning, which ranks first |
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from functools import cache, lru_cache
from itertools import takewhile
from typing import Final

import opencc

from .readings import readings, variants

PINYIN_LENGTH: Final = 12
INITIALS_LENGTH: Final = 6
WORD_LENGTH: Final = 24
_LONGEST_RUN: Final = 60
CHINESE: Final = "〇\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_RUNS: Final = re.compile(rf"[{CHINESE}]+|[^\W{CHINESE}_]+")
_IS_CHINESE: Final = re.compile(rf"[{CHINESE}]")


@cache
def _converter() -> opencc.OpenCC:
    return opencc.OpenCC("t2s")


def normal(text: str) -> str:
    """Give the form that is compared: half-width, lower case, simplified."""
    plain = unicodedata.normalize("NFKC", text).lower().replace("\0", " ")
    return plain if plain.isascii() else str(_converter().convert(plain))


def runs(text: str) -> list[str]:
    """Split text into runs of Chinese characters, and words of letters and digits, in order.

    >>> runs("重庆 (H-1) 医院")
    ['重庆', 'h', '1', '医院']
    """
    return [run[:_LONGEST_RUN] for run in _RUNS.findall(normal(text))]


def is_chinese(run: str) -> bool:
    """Say whether a run is Chinese."""
    return bool(_IS_CHINESE.match(run))


def tokens(*texts: str) -> list[str]:
    """Give the lexemes of a name and its other names, each once.

    >>> tokens("重庆")
    ['^icq', '^pchongqing', '^重庆', 'icq', 'iq', 'pchongqing', 'pqing', '庆', '重庆']
    """
    found: set[str] = set()
    for text in texts:
        beginning = True
        for run in runs(text):
            if is_chinese(run):
                found.update(_chinese_tokens(run, beginning))
            else:
                found.add("w" + run[:WORD_LENGTH])
                if beginning:
                    found.add("^w" + run[:WORD_LENGTH])
            beginning = False
    return sorted(found)


@lru_cache(maxsize=20_000)
def _chinese_tokens(run: str, beginning: bool) -> frozenset[str]:
    found = {run[position : position + 2] for position in range(len(run))}
    if beginning:
        found.add("^" + run[:2])
    syllables = readings(run)
    if all(len(one) == 1 for one in syllables):
        found.update(_plain_tokens([one[0] for one in syllables]))
    else:
        for position in range(len(run)):
            for reading in variants(_readable(syllables, position)):
                found.add("p" + "".join(reading)[:PINYIN_LENGTH])
                found.add("i" + "".join(one[0] for one in reading))
    if beginning:
        for reading in variants(_readable(syllables, 0)):
            found.add("^p" + "".join(reading)[:PINYIN_LENGTH])
            found.add("^i" + "".join(one[0] for one in reading))
    found -= {"p", "i", "^p", "^i"}
    return frozenset(found)


def _plain_tokens(syllables: Sequence[str]) -> Iterator[str]:
    """Give pinyin and initials from each character on, where each is read in one way (nearly all names)."""
    pinyin, initials = "".join(syllables), "".join(one[0] for one in syllables)
    start = 0
    for position, syllable in enumerate(syllables):
        yield "p" + pinyin[start : start + PINYIN_LENGTH]
        yield "i" + initials[position : position + INITIALS_LENGTH]
        start += len(syllable)


def _readable(syllables: Sequence[tuple[str, ...]], position: int) -> list[tuple[str, ...]]:
    """Give the next characters up to the first without a reading, no more than the tokens can hold."""
    return list(takewhile(bool, syllables[position : position + INITIALS_LENGTH]))


def vector(*texts: str) -> str:
    """Write the lexemes of a row as a tsvector literal."""
    return " ".join(f"'{token}'" for token in tokens(*texts))


def vectors(rows: Iterable[Sequence[str]]) -> list[str]:
    """Write the lexemes of many rows, for `COPY`."""
    return [vector(*texts) for texts in rows]
