"""What a person types, as raw tsqueries."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import Final

from .tokens import INITIALS_LENGTH, PINYIN_LENGTH, WORD_LENGTH, is_chinese, runs

Shares = Mapping[str, float]
"""In which share of the rows each of the most common lexemes is."""
_MOST_RARE: Final = 3


@dataclass(frozen=True, slots=True)
class Condition:
    """A row meets it when both tsqueries hold; "" always holds.

    The index looks for `index` alone. `recheck` holds neighbours that come with it: those in 人民医院 are found together,
    and a planner that multiplies their shares expects a hundredth of the rows.
    """

    index: str = ""
    recheck: str = ""


@dataclass(frozen=True, slots=True)
class SearchText:
    """A typed text: what is found anywhere in a name, what begins with it, and in about which share of the rows it is.

    `anywhere.index` is "" when nothing can be searched. A text of rare parts has the share 0.
    """

    anywhere: Condition
    beginning: Condition
    share: float = 0.0


def read_query(text: str, shares: Shares | None = None) -> SearchText:
    """Write the queries of a typed text: all of its parts must be found.

    >>> read_query("人民医院", {"人民": 0.15, "民医": 0.14, "医院": 0.3}).anywhere
    Condition(index="'民医'", recheck="'人民' & '医院'")
    """
    known = shares or {}
    parts = [_anywhere(run, known) for run in runs(text)]
    first = [_beginning(run, known) for run in runs(text)[:1]]
    return SearchText(
        _joined(part.condition for part in parts),
        _joined(part.condition for part in (*first, *parts[1:])),
        prod(part.share for part in parts) if parts else 0.0,
    )


@dataclass(frozen=True, slots=True)
class _Part:
    """One run of a text."""

    condition: Condition
    share: float


def _joined(conditions: Iterable[Condition]) -> Condition:
    every = list(conditions)
    return Condition(_all(one.index for one in every), _all(one.recheck for one in every))


def _all(queries: Iterable[str]) -> str:
    return " & ".join(dict.fromkeys(filter(None, queries)))


def _anywhere(run: str, shares: Shares) -> _Part:
    if not is_chinese(run):
        return _Part(Condition(_word(run)), _word_share(run, shares))
    if len(run) == 1:
        return _Part(Condition(_prefix(run)), _prefix_share(run, shares))
    return _pairs([run[start : start + 2] for start in range(len(run) - 1)], shares)


def _beginning(run: str, shares: Shares) -> _Part:
    if not is_chinese(run):
        return _Part(Condition(_word(run, "^")), 0.0)
    if len(run) == 1:
        return _Part(Condition(_prefix(f"^{run}")), 0.0)
    return _pairs([f"^{run[:2]}", *(run[start : start + 2] for start in range(1, len(run) - 1))], shares)


def _pairs(pairs: Sequence[str], shares: Shares) -> _Part:
    """Let the index look for the rarest neighbours, and check the others where it found them."""
    distinct = list(dict.fromkeys(pairs))
    rare = [pair for pair in distinct if pair not in shares][:_MOST_RARE]
    chosen = rare or [min(distinct, key=lambda pair: shares[pair])]
    rest = [pair for pair in distinct if pair not in chosen]
    share = 0.0 if rare else shares[chosen[0]]
    return _Part(Condition(_all(map(_whole, chosen)), _all(map(_whole, rest))), share)


def _whole(lexeme: str) -> str:
    return f"'{lexeme}'"


def _prefix(lexeme: str) -> str:
    return f"'{lexeme}':*"


def _prefix_share(prefix: str, shares: Shares) -> float:
    return min(1.0, sum(share for lexeme, share in shares.items() if lexeme.startswith(prefix)))


def _word(run: str, mark: str = "") -> str:
    word = _prefix(f"{mark}w{run[:WORD_LENGTH]}")
    if not _is_pinyin(run):
        return word
    pieces = [_prefix(f"{mark if start == 0 else ''}i{piece}") for start, piece in _initials(run)]
    joined = pieces[0] if len(pieces) == 1 else f"({' & '.join(pieces)})"
    return f"({_prefix(f'{mark}p{run[:PINYIN_LENGTH]}')} | {joined} | {word})"


def _word_share(run: str, shares: Shares) -> float:
    if not _is_pinyin(run):
        return _prefix_share(f"w{run[:WORD_LENGTH]}", shares)
    initials = min(_prefix_share(f"i{piece}", shares) for _start, piece in _initials(run))
    return max(initials, _prefix_share(f"p{run[:PINYIN_LENGTH]}", shares))


def _is_pinyin(run: str) -> bool:
    return run.isascii() and run.isalpha()


def _initials(run: str) -> list[tuple[int, str]]:
    """Return the pieces by which a text of initials is found, with their places.

    A token begins at every character; the last piece is whole, for a short one would read a large part of the index.
    """
    starts = [*range(0, max(1, len(run) - INITIALS_LENGTH), INITIALS_LENGTH), max(0, len(run) - INITIALS_LENGTH)]
    return [(start, run[start : start + INITIALS_LENGTH]) for start in dict.fromkeys(starts)]
