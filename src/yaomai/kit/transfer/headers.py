"""Guess which header means which declared column."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from rapidfuzz import fuzz

from yaomai.kit.transfer.columns import Column
from yaomai.kit.transfer.reading import shapes

_BRACKETS = re.compile(r"[(\[{【<〈《][^)\]}】>〉》]*[)\]}】>〉》]")
_DECORATION = re.compile(r"^[*※★\d]*[.、)]?|(必填|选填|可选|required|optional)$", re.IGNORECASE)
_SEPARATORS = re.compile(r"[\s_\-—–·•:：,，.。/\\|*※★#&+\"'“”‘’?？!！]+")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_WORDS: tuple[tuple[str, str], ...] = (
    (r"(编号|编码|代码|代号|号码|序列号|(?<=[a-z])(code|no|num|number|id)$)", "码"),
    (r"(名称|名字|全称|全名|(?<=[a-z])names?$)", "名"),
    (r"(日期|时间|年月日|(?<=[a-z])(date|time|day)$)", "日期"),
    (r"(联系电话|电话号码|电话号|手机号码|手机号|手机|联系方式|telephone|tel|phone|mobile)", "电话"),
    (r"(详细地址|联系地址|通讯地址|住址|地址|address|addr)", "地址"),
    (r"(数量|件数|数目|quantity|qty)", "数量"),
    (r"(金额|总额|总价|价税合计|amount|amt)", "金额"),
    (r"(等级|级别|级次|grade|level)", "等级"),
    (r"(类型|类别|种类|分类|type|category|kind)", "类型"),
    (r"(备注|说明|附注|remarks?|notes?|comments?)", "备注"),
    (r"(所属|所在|归属)", ""),
)
_SYNONYMOUS = tuple((re.compile(pattern, re.IGNORECASE), word) for pattern, word in _WORDS)
_HAN = re.compile("[\u3400-\u9fff]")
_SIMILAR = 84.0
_CLEARLY_BETTER = 6.0


class Certainty(StrEnum):
    """How a header was recognised."""

    REMEMBERED = "remembered"
    EXACT = "exact"
    LIKELY = "likely"


@dataclass(frozen=True, slots=True)
class Guess:
    """The table's column (from 0) that is taken for a declared column."""

    column: str
    index: int
    certainty: Certainty


def normalised(header: str) -> str:
    """Return a header without case, width, blanks, brackets' content, numbering and marks of required."""
    text = shapes.plain(header)
    text = _CAMEL.sub(" ", text)
    bare = _BRACKETS.sub("", text)
    text = bare if _SEPARATORS.sub("", bare) else text
    text = _DECORATION.sub("", text.strip())
    return _SEPARATORS.sub("", text).casefold() or _SEPARATORS.sub("", shapes.plain(header)).casefold()


def reduced(header: str) -> str:
    """Return a normalised header with words of the same meaning made one."""
    text = normalised(header)
    for pattern, word in _SYNONYMOUS:
        text = pattern.sub(word, text)
    return text or normalised(header)


class KnownHeaders:
    """Tells whether a text is a spelling of a declared column."""

    def __init__(self, columns: Sequence[Column]) -> None:
        self._spellings = {normalised(spelling) for column in columns for spelling in column.spellings}

    def __call__(self, text: str) -> bool:
        return normalised(text) in self._spellings


def guess(
    headers: Sequence[str], columns: Sequence[Column], *, remembered: Mapping[str, str] | None = None
) -> list[Guess]:
    """Return the guessed columns; no header and no column is used twice.

    Args:
        remembered: header -> column name ("" for "leave out") as a person decided it earlier; wins over all.
    """
    found = _remembered(headers, columns, remembered or {})
    decided = set(remembered or {})
    for spelled, written, only_labels, certainty in _PASSES:
        by_form = _by_form(columns, spelled, only_labels=only_labels)
        for index, header in enumerate(headers):
            if header and header not in decided and not _taken(found, index=index):
                free = [name for name in by_form.get(written(header), ()) if not _taken(found, column=name)]
                if len(free) == 1:
                    found.append(Guess(free[0], index, certainty))
    return sorted(found + _fuzzy(headers, columns, found, decided), key=lambda each: each.index)


def _by_form(columns: Sequence[Column], form: Callable[[str], str], *, only_labels: bool) -> dict[str, list[str]]:
    """Return the names of the columns that have a spelling of each form."""
    names: dict[str, list[str]] = {}
    for column in columns:
        spellings = (str(column.label),) if only_labels else column.spellings
        for text in dict.fromkeys(map(form, spellings)):
            names.setdefault(text, []).append(column.name)
    return names


def last_part(header: str) -> str:
    """Return what a header says below the heading it shares with its neighbours: 商品信息 规格 → 规格."""
    above, _space, below = header.rpartition(" ")
    return normalised(below) if above and _HAN.search(header) else ""


_PASSES: tuple[tuple[Callable[[str], str], Callable[[str], str], bool, Certainty], ...] = (
    (normalised, normalised, True, Certainty.EXACT),
    (shapes.plain, shapes.plain, False, Certainty.EXACT),
    (normalised, normalised, False, Certainty.EXACT),
    (reduced, reduced, False, Certainty.LIKELY),
    (normalised, last_part, False, Certainty.LIKELY),
    (reduced, last_part, False, Certainty.LIKELY),
)
"""Forms of spellings and of headers, from the strictest comparison to the loosest: what an earlier one took, a later
one leaves alone."""


def _taken(found: Sequence[Guess], *, column: str = "", index: int = -1) -> bool:
    return any(each.column == column or each.index == index for each in found)


def _remembered(headers: Sequence[str], columns: Sequence[Column], remembered: Mapping[str, str]) -> list[Guess]:
    names = {column.name for column in columns}
    found: list[Guess] = []
    for index, header in enumerate(headers):
        name = remembered.get(header, "")
        if name in names and not _taken(found, column=name):
            found.append(Guess(name, index, Certainty.REMEMBERED))
    return found


def _fuzzy(headers: Sequence[str], columns: Sequence[Column], found: list[Guess], decided: set[str]) -> list[Guess]:
    """Pair the rest by likeness, best first; a pair that is not clearly better than the next is left to the person."""
    pairs = []
    for index, header in enumerate(headers):
        if not header or header in decided or _taken(found, index=index):
            continue
        scores = sorted(
            ((likeness(header, column), column.name) for column in columns if not _taken(found, column=column.name)),
            reverse=True,
        )
        best = scores[0][0] if scores else 0.0
        if best >= _SIMILAR and (len(scores) == 1 or best - scores[1][0] >= _CLEARLY_BETTER):
            pairs.append((best, index, scores[0][1]))
    guessed: list[Guess] = []
    for _score, index, name in sorted(pairs, key=lambda pair: (-pair[0], pair[1])):
        if not _taken(guessed, column=name, index=index):
            guessed.append(Guess(name, index, Certainty.LIKELY))
    return guessed


def likeness(header: str, column: Column) -> float:
    """Return how alike a header and the best spelling of a column are, 0 to 100."""
    text = reduced(header)
    best = 0.0
    for spelling in column.spellings:
        other = reduced(spelling)
        score = fuzz.ratio(text, other)
        shorter, longer = sorted((text, other), key=len)
        if len(shorter) >= 2 and (longer.startswith(shorter) or longer.endswith(shorter)):
            score = max(score, 80.0 + 15.0 * len(shorter) / len(longer))
        best = max(best, score)
    return best
