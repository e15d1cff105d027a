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
from collections.abc import Iterable, Sequence
from functools import cache
from itertools import accumulate, islice, takewhile
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
    return _split(normal(text))


def _split(plain: str) -> list[str]:
    return [run[:_LONGEST_RUN] for run in _RUNS.findall(plain)]


def is_chinese(run: str) -> bool:
    """Say whether a run is Chinese."""
    return bool(_IS_CHINESE.match(run))


def tokens(*texts: str) -> list[str]:
    """Give the lexemes of a name and its other names, each once.

    >>> tokens("重庆")
    ['^icq', '^pchongqing', '^重庆', 'icq', 'iq', 'pchongqing', 'pqing', '庆', '重庆']
    """
    return sorted(set(_lexemes(map(normal, texts))))


def _lexemes(texts: Iterable[str]) -> list[str]:
    """Give the lexemes of normal texts, some of them twice."""
    found: list[str] = []
    for text in texts:
        beginning = True
        for run in _split(text):
            if is_chinese(run):
                found += _of_chinese(run, beginning)
            else:
                word = f"w{run[:WORD_LENGTH]}"
                found += (word, f"^{word}") if beginning else (word,)
            beginning = False
    return found


def _of_chinese(run: str, beginning: bool) -> list[str]:
    syllables = readings(run)
    places: Iterable[int] = range(len(run))
    found = [run[place : place + 2] for place in places]
    usual = [one[0] if one else " " for one in syllables]
    spelled, starts = "".join(usual), [0, *accumulate(map(len, usual))]
    initials = "".join([one[0] for one in usual])
    # What is read in several ways, or in none, is spelled out; all else is cut from the whole.
    several = [at for at, one in enumerate(syllables) if len(one) != 1]
    if several:
        spread = {at - back for at in several for back in range(INITIALS_LENGTH)}
        for place in spread.intersection(places):
            found += _spelled_out(syllables, place)
        places = [place for place in places if place not in spread]
    found += [f"p{spelled[starts[place] : starts[place] + PINYIN_LENGTH]}" for place in places]
    found += [f"i{initials[place : place + INITIALS_LENGTH]}" for place in places]
    if beginning:
        found.append(f"^{run[:2]}")
        found += [f"^{token}" for token in _spelled_out(syllables, 0)]
    return found


def _spelled_out(syllables: Sequence[tuple[str, ...]], place: int) -> list[str]:
    """Give pinyin and initials from a place on, up to the first character without a reading."""
    found: list[str] = []
    for reading in variants(list(takewhile(bool, syllables[place : place + INITIALS_LENGTH]))):
        if reading:
            found += ("p" + "".join(reading)[:PINYIN_LENGTH], "i" + "".join(one[0] for one in reading))
    return found


def vector(*texts: str) -> str:
    """Write the lexemes of a row as a tsvector literal."""
    return _literal(tokens(*texts))


def vectors(rows: Iterable[Sequence[str]]) -> list[str]:
    """Write the lexemes of many rows, for `COPY`; all their texts are brought into the normal form at once."""
    listed = list(rows)
    plain = iter(normal("\n".join(text.replace("\n", " ") for row in listed for text in row)).split("\n"))
    return [_literal(_lexemes(islice(plain, len(row)))) for row in listed]


def _literal(lexemes: Iterable[str]) -> str:
    # The database puts them in order, each once. A lexeme is of letters and digits, so nothing in it needs an escape.
    joined = "' '".join(lexemes)
    return f"'{joined}'" if joined else ""
