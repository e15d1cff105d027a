"""What a person types, as a raw tsquery."""

from .tokens import INITIALS_LENGTH, PINYIN_LENGTH, WORD_LENGTH, is_chinese, runs


def search_query(text: str) -> str:
    """Write the tsquery that every match satisfies: all parts, anywhere; "" when nothing can be searched.

    >>> search_query("重庆 yy")
    "'重庆' & ('pyy':* | 'iyy':* | 'wyy':*)"
    """
    return " & ".join(_part(run) for run in runs(text))


def beginning_query(text: str) -> str:
    """Write the tsquery of rows that begin with what was typed; its other parts may be anywhere."""
    parts = runs(text)
    if not parts:
        return ""
    return " & ".join([_part(parts[0], "^"), *(_part(run) for run in parts)])


def _part(run: str, mark: str = "") -> str:
    if is_chinese(run):
        return _chinese(run, mark)
    word = f"'{mark}w{run[:WORD_LENGTH]}':*"
    if not (run.isascii() and run.isalpha()):
        return word
    # a longer text of initials is found by pieces: a token begins at every character
    pieces = [run[start : start + INITIALS_LENGTH] for start in range(0, 1 if mark else len(run), INITIALS_LENGTH)]
    initials = [f"'{mark}i{piece}':*" for piece in pieces]
    joined = initials[0] if len(initials) == 1 else f"({' & '.join(initials)})"
    return f"('{mark}p{run[:PINYIN_LENGTH]}':* | {joined} | {word})"


def _chinese(run: str, mark: str) -> str:
    if mark:
        return f"'{mark}{run[:2]}'" + (":*" if len(run) == 1 else "")
    if len(run) == 1:
        return f"'{run}':*"
    pairs = dict.fromkeys(run[position : position + 2] for position in range(len(run) - 1))
    return " & ".join(f"'{pair}'" for pair in pairs)
