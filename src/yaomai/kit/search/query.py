"""What a person types, as raw tsqueries."""

from dataclasses import dataclass

from .tokens import INITIALS_LENGTH, PINYIN_LENGTH, WORD_LENGTH, is_chinese, runs


@dataclass(frozen=True, slots=True)
class SearchText:
    """A typed text as tsqueries; `anywhere` is "" when nothing can be searched.

    A row matches when `anywhere` and `recheck` ("" is always true) hold; it begins with the text when `beginning`
    holds too. `anywhere` and `beginning` are for the index. `recheck` holds the neighbours that they leave out: the
    neighbours in 人民医院 come together, and a planner that multiplies three shares expects a tenth of the matches.
    """

    anywhere: str
    recheck: str
    beginning: str


def read_query(text: str) -> SearchText:
    """Write the queries of a typed text: all of its parts must be found.

    >>> read_query("人民医院")
    SearchText(anywhere="'人民' & '医院'", recheck="'民医'", beginning="'^人民' & '医院'")
    """
    parts = runs(text)
    anywhere = [term for run in parts for term in _terms(run)]
    recheck = [term for run in parts for term in _left_out(run)]
    beginning: list[str] = []
    for position, run in enumerate(parts):
        beginning += _first_terms(run) if position == 0 else _terms(run)
    return SearchText(*(" & ".join(dict.fromkeys(terms)) for terms in (anywhere, recheck, beginning)))


def _terms(run: str) -> list[str]:
    if not is_chinese(run):
        return [_word(run)]
    if len(run) == 1:
        return [f"'{run}':*"]
    starts = [*range(0, len(run) - 1, 2)] if len(run) > 3 else [*range(len(run) - 1)]
    # the last two are searched even where the step passes over them
    starts += [len(run) - 2] if len(run) - 2 not in starts else []
    return [_pair(run, start) for start in starts]


def _left_out(run: str) -> list[str]:
    if not is_chinese(run):
        return []
    return [pair for start in range(len(run) - 1) if (pair := _pair(run, start)) not in _terms(run)]


def _first_terms(run: str) -> list[str]:
    if not is_chinese(run):
        return [_word(run, "^")]
    return [f"'^{run[:2]}'" + (":*" if len(run) == 1 else ""), *(_terms(run)[1:] if len(run) > 1 else [])]


def _pair(run: str, start: int) -> str:
    return f"'{run[start : start + 2]}'"


def _word(run: str, mark: str = "") -> str:
    word = f"'{mark}w{run[:WORD_LENGTH]}':*"
    if not (run.isascii() and run.isalpha()):
        return word
    # a longer text of initials is found by pieces: a token begins at every character; the last piece is whole, for a
    # short one would read a large part of the index
    starts = [*range(0, max(1, len(run) - INITIALS_LENGTH), INITIALS_LENGTH), max(0, len(run) - INITIALS_LENGTH)]
    pieces = [run[start : start + INITIALS_LENGTH] for start in dict.fromkeys(starts)]
    initials = [f"'{mark if position == 0 else ''}i{piece}':*" for position, piece in enumerate(pieces)]
    joined = initials[0] if len(initials) == 1 else f"({' & '.join(initials)})"
    return f"('{mark}p{run[:PINYIN_LENGTH]}':* | {joined} | {word})"
