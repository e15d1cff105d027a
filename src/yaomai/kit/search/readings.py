"""Pinyin of names without tones: phrases decide between readings, a few characters keep two."""

from collections.abc import Callable, Sequence
from functools import cache
from itertools import islice, product
from threading import Lock
from typing import Final

Exceptions = dict[str, list[tuple[str, tuple[tuple[str, ...], ...]]]]

_finding: Final = Lock()
_LONGEST_PHRASE: Final = 4
_MOST_VARIANTS: Final = 4
_ALSO: Final = {
    # surnames read otherwise than the word
    "单": "shan", "曾": "zeng", "解": "xie", "仇": "qiu", "查": "zha", "盖": "ge", "朴": "piao",
    "翟": "zhai", "乐": "yue", "缪": "miao", "员": "yun", "折": "she", "种": "chong", "召": "shao", "繁": "po",
    "覃": "tan", "贾": "jia", "燕": "yan", "任": "ren", "宁": "ning", "尉": "yu", "隗": "kui", "洗": "xian",
    # common in names of places and institutions
    "长": "zhang", "重": "chong", "行": "hang", "朝": "zhao", "厦": "sha", "会": "kuai", "六": "lu", "番": "pan",
    "藏": "zang", "血": "xie",
}  # fmt: skip
_ALSO_IN_FRONT: Final = {"区": "ou"}
"""Surnames that behind a name are another word, and there so frequent that each reading more would cost."""


@cache
def _tables() -> tuple[dict[str, list[list[str]]], dict[int, str], Callable[[str], str]]:
    """Give phrases, characters, and how a tone is removed: 55 MB, read when the first name is, not by every process.

    The package's modules import each other in a circle: a thread that asks for one of them while another thread still
    imports the package leaves it broken for as long as the process lives. Asking for the package itself waits.
    """
    import pypinyin  # noqa: F401
    from pypinyin.constants import PHRASES_DICT, PINYIN_DICT
    from pypinyin.contrib.tone_convert import to_normal

    return PHRASES_DICT, PINYIN_DICT, to_normal


@cache
def syllable(character: str) -> str:
    """Give the usual reading of one character, "" if it has none; ü is v."""
    _phrases, _characters, to_normal = _tables()
    return to_normal(_usual(character)) if _usual(character) else ""


@cache
def _usual(character: str) -> str:
    _phrases, characters, _to_normal = _tables()
    return characters.get(ord(character), "").split(",")[0]


def _exceptions() -> Exceptions:
    """Give the phrases that are not read character by character; of threads that want them at once one finds them."""
    with _finding:
        return _find_exceptions()


@cache
def _find_exceptions() -> Exceptions:
    """Find them, the longest first, by their first two characters."""
    phrases, _characters, to_normal = _tables()
    found: Exceptions = {}
    for phrase, readings in sorted(phrases.items(), key=lambda pair: -len(pair[0])):
        if not 2 <= len(phrase) <= _LONGEST_PHRASE or len(phrase) != len(readings):
            continue
        # most phrases are regular: compare before the costly removal of tones
        if [one[0] for one in readings] != [_usual(character) for character in phrase]:
            plain = tuple(to_normal(one[0]) for one in readings)
            if plain != tuple(syllable(character) for character in phrase):
                found.setdefault(phrase[:2], []).append((phrase, tuple(_spellings(one) for one in plain)))
    return found


def readings(text: str) -> list[tuple[str, ...]]:
    """Give the readings of each character, the likelier first, () for what has none.

    >>> readings("重庆曾丽")
    [('chong',), ('qing',), ('ceng', 'zeng'), ('li',)]
    """
    phrases = _exceptions()
    if phrases.keys().isdisjoint(text[at : at + 2] for at in range(len(text))):
        return [_alternatives(text[0], True), *map(_inside, text[1:])] if text else []
    found: list[tuple[str, ...]] = []
    while (position := len(found)) < len(text):
        for phrase, spelled in phrases.get(text[position : position + 2], ()):
            if text.startswith(phrase, position):
                found += spelled
                break
        else:
            found.append(_alternatives(text[position], position == 0))
    return found


@cache
def _alternatives(character: str, is_in_front: bool) -> tuple[str, ...]:
    usual = syllable(character)
    also = _ALSO.get(character) or (is_in_front and _ALSO_IN_FRONT.get(character)) or usual
    return _spellings(usual, also) if usual else ()


@cache
def _inside(character: str) -> tuple[str, ...]:
    return _alternatives(character, False)


@cache
def _spellings(*syllables: str) -> tuple[str, ...]:
    # 吕 is typed lv and lu
    return tuple(dict.fromkeys([*syllables, *(one.replace("v", "u") for one in syllables if "v" in one)]))


def variants(syllables: Sequence[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """Give up to four ways to read a run of characters, the likeliest first."""
    return list(islice(product(*syllables), _MOST_VARIANTS))
