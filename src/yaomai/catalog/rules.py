"""What follows from the text of a catalogue alone. Pure functions; no Django."""

import re
import unicodedata
from typing import Final

_MARKS: Final = re.compile(r"[\s,，、。.·•;；:：()（）\[\]【】\-—_/\\]+")
_PLACEHOLDERS: Final = frozenset({"市辖区", "县", "省直辖县级行政区划", "自治区直辖县级行政区划"})
LEVELS: Final = {2: "province", 4: "city", 6: "district", 9: "street", 12: "street"}


def plain(text: str) -> str:
    """Return text for comparing: one width, lower case, without spaces and marks.

    >>> plain("阿莫西林（胶囊） ０.25g") == plain("阿莫西林胶囊0.25G")
    True
    """
    return _MARKS.sub("", unicodedata.normalize("NFKC", text)).lower()


def product_key(
    *, generic_name: str, trade_name: str = "", dosage_form: str = "", specification: str = "", manufacturer: str = ""
) -> str:
    """Return what tells a product without a code apart from all others."""
    parts = (generic_name, trade_name, dosage_form, specification, manufacturer)
    return "|".join(plain(part) for part in parts)[:600]


def product_name(*, generic_name: str, trade_name: str = "", specification: str = "") -> str:
    """Return how a product is called in lists: 立普妥（阿托伐他汀钙片）20mg."""
    name = f"{trade_name}（{generic_name}）" if trade_name and trade_name != generic_name else generic_name
    return f"{name} {specification}".strip()[:200]


def division_level(code: str) -> str | None:
    """Return the level that the length of an official code tells, or None."""
    return LEVELS.get(len(code)) if code.isascii() and code.isdigit() else None


def parent_code(code: str) -> str:
    """Return the code of the division above: the official code is built from it; "" for a province."""
    return {4: code[:2], 6: code[:4], 9: code[:6], 12: code[:9]}.get(len(code), "")


def is_placeholder(name: str) -> bool:
    """Tell whether a division stands for "directly governed" and is left out of full names."""
    return name in _PLACEHOLDERS


def full_name(above: str, name: str) -> str:
    """Return the name with what is above it, each part once: 北京市 + 朝阳区."""
    return above if is_placeholder(name) and above else f"{above}{name}"
