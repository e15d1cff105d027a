"""What a cell's text looks like: a number, a date, a label. Used to find the header, never to convert a value."""

import re
import unicodedata

_NUMBER = re.compile(r"^[-+(]?\s*[¥$€]?\s*[-+]?\d[\d,]*(\.\d+)?(e[-+]?\d+)?\s*[%元]?\)?$", re.IGNORECASE)
_DATE = re.compile(
    r"^(\d{2,4}[-/.年]\d{1,2}[-/.月]\d{1,2}日?|\d{1,2}[-/.]\d{1,2}[-/.]\d{4}|\d{4}[-/]\d{1,2})"
    r"([ T]\d{1,2}:\d{2}(:\d{2})?)?$"
)
_PAIR = re.compile(r"^[^:：]{1,20}[:：]\s*\S")
_HAN = "\u3400-\u9fff"
_BETWEEN_HAN = re.compile(rf"(?<=[{_HAN}（）()])\s+(?=[{_HAN}（）()])")
_YEAR = re.compile(r"^(19|20)\d{2}$")
_LONGEST_LABEL = 60


def plain(text: str) -> str:
    """Return the text with full-width characters folded and blanks taken away at the ends."""
    return unicodedata.normalize("NFKC", text).strip()


def is_value(text: str) -> bool:
    """Tell whether the text is a number or a date."""
    text = plain(text)
    return bool(_NUMBER.match(text) or _DATE.match(text))


def is_year(text: str) -> bool:
    return bool(_YEAR.match(plain(text)))


def is_label(text: str) -> bool:
    """Tell whether the text could name a column: short, no value, and not a "name: value" line."""
    return len(text) <= _LONGEST_LABEL and not is_value(text) and not _PAIR.match(text)


def header_text(text: str) -> str:
    """Return a header in one line: no breaks, no blanks between Chinese characters."""
    return _BETWEEN_HAN.sub("", " ".join(text.split()))
