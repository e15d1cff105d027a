"""Cleaning of names: one written form for every width, script, bracket and space."""

import re
import unicodedata
from collections.abc import Sequence
from functools import cache
from typing import Final

import opencc

_BRACKETS: Final = {ord(mark): "(" for mark in "[{【〔〖「『<《〈"} | {ord(mark): ")" for mark in "]}】〕〗」』>》〉"}
_SEPARATORS: Final = {ord(mark): "," for mark in "、;/|,"}
_DROPPED: Final = dict.fromkeys(map(ord, " \t\r\u00a0\u200b\ufeff\"'“”‘’·•.。-—–―_~*#!?&+:"))
_MARKS: Final = _BRACKETS | _SEPARATORS | _DROPPED
_INSIDE: Final = re.compile(r"\(([^()]*)\)?")


@cache
def _converter() -> opencc.OpenCC:
    return opencc.OpenCC("t2s")


def clean_all(names: Sequence[str | None]) -> list[str]:
    """Clean many names at once: NFKC, simplified characters, lower case, one bracket, no spaces or marks.

    >>> clean_all(["北京　協和醫院【东院】", None])
    ['北京协和医院(东院)', '']
    """
    if not names:
        return []
    joined = "\n".join((name or "").replace("\n", " ") for name in names)
    normal = unicodedata.normalize("NFKC", joined)
    if normal.count("\n") != joined.count("\n"):
        raise AssertionError("normalisation made or lost a line")
    return str(_converter().convert(normal)).lower().translate(_MARKS).split("\n")


def clean(name: str) -> str:
    """Clean one name; see `clean_all`."""
    return clean_all([name])[0]


def alias_key(name: str) -> str:
    """Give the form under which a remembered alias is kept: what a person would call the same writing."""
    return clean(name).replace(",", "")


def split_brackets(text: str) -> tuple[str, list[str]]:
    """Split cleaned text into what stands outside brackets and the parts inside.

    >>> split_brackets("漯河医专二附院(漯河市第二人民医院,东区")
    ('漯河医专二附院', ['漯河市第二人民医院', '东区'])
    """
    if "(" not in text and ")" not in text and "," not in text:
        return text, []
    inside = [part for found in _INSIDE.findall(text) for part in found.split(",") if part]
    outside = [part for part in _INSIDE.sub("", text).replace(")", "").split(",") if part]
    if not outside:
        return (inside[0], inside[1:]) if inside else ("", [])
    return outside[0], outside[1:] + inside
