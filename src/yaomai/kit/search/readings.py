"""Pinyin of names without tones: phrases decide between readings, a few characters keep two."""

from collections.abc import Sequence
from functools import cache
from itertools import islice, product
from typing import Final

from pypinyin.constants import PHRASES_DICT, PINYIN_DICT
from pypinyin.contrib.tone_convert import to_normal

_LONGEST_PHRASE: Final = 4
_MOST_VARIANTS: Final = 4
_ALSO: Final = {
    # surnames read otherwise than the word
    "单": "shan", "曾": "zeng", "解": "xie", "仇": "qiu", "区": "ou", "查": "zha", "盖": "ge", "朴": "piao",
    "翟": "zhai", "乐": "yue", "缪": "miao", "员": "yun", "折": "she", "种": "chong", "召": "shao", "繁": "po",
    "覃": "tan", "贾": "jia", "燕": "yan", "任": "ren", "宁": "ning", "尉": "yu", "隗": "kui", "洗": "xian",
    # common in names of places and institutions
    "长": "zhang", "重": "chong", "行": "hang", "朝": "zhao", "厦": "sha", "会": "kuai", "六": "lu", "番": "pan",
    "藏": "zang", "血": "xie",
}  # fmt: skip


@cache
def syllable(character: str) -> str:
    """Give the usual reading of one character, "" if it has none; ü is v."""
    return to_normal(_usual(character)) if _usual(character) else ""


@cache
def _usual(character: str) -> str:
    return PINYIN_DICT.get(ord(character), "").split(",")[0]


@cache
def _exceptions() -> tuple[dict[str, tuple[str, ...]], frozenset[str]]:
    """Give phrases that are not read character by character, and the characters that begin them."""
    found: dict[str, tuple[str, ...]] = {}
    for phrase, readings in PHRASES_DICT.items():
        if len(phrase) > _LONGEST_PHRASE or len(phrase) != len(readings):
            continue
        # most phrases are regular: compare before the costly removal of tones
        if [one[0] for one in readings] != [_usual(character) for character in phrase]:
            plain = tuple(to_normal(one[0]) for one in readings)
            if plain != tuple(syllable(character) for character in phrase):
                found[phrase] = plain
    return found, frozenset(phrase[0] for phrase in found)


def readings(text: str) -> list[tuple[str, ...]]:
    """Give the readings of each character, the likelier first, () for what has none.

    >>> readings("重庆曾丽")
    [('chong',), ('qing',), ('ceng', 'zeng'), ('li',)]
    """
    phrases, beginnings = _exceptions()
    found: list[tuple[str, ...]] = []
    position = 0
    while position < len(text):
        character = text[position]
        if character in beginnings:
            for length in range(min(_LONGEST_PHRASE, len(text) - position), 1, -1):
                phrase = text[position : position + length]
                if phrase in phrases:
                    found += [_spellings(one) for one in phrases[phrase]]
                    position += length
                    break
            else:
                found.append(_alternatives(character, syllable(character)))
                position += 1
        else:
            found.append(_alternatives(character, syllable(character)))
            position += 1
    return found


@cache
def _alternatives(character: str, usual: str) -> tuple[str, ...]:
    return _spellings(usual, _ALSO.get(character, usual)) if usual else ()


@cache
def _spellings(*syllables: str) -> tuple[str, ...]:
    # 吕 is typed lv and lu
    return tuple(dict.fromkeys([*syllables, *(one.replace("v", "u") for one in syllables if "v" in one)]))


def variants(syllables: Sequence[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """Give up to four ways to read a run of characters, the likeliest first."""
    return list(islice(product(*syllables), _MOST_VARIANTS))
