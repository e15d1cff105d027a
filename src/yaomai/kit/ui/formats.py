"""Dates, money and numbers as people write them, in the language of the page. Pure functions."""

import re
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal

from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from yaomai.kit.phrases import Text

Number = Decimal | float | int

WEEKDAYS = {"zh": "一二三四五六日", "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")}
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
MINUS = "\N{MINUS SIGN}"
# Chinese counts in steps of ten thousand, English in thousands.
STEPS = {
    "zh": ((Decimal(10**8), "亿"), (Decimal(10**4), "万")),
    "en": ((Decimal(10**9), "B"), (Decimal(10**6), "M"), (Decimal(10**3), "K")),
}


def language() -> str:
    """Return "zh" or "en", the two complete languages of the interface."""
    return "zh" if (get_language() or "zh").startswith("zh") else "en"


def listed(values: Iterable[object]) -> str:
    """Return several things in a row: 甲、乙 in Chinese, A, B in English."""
    return _(", ").join(str(value) for value in values)


def decimal(value: Number) -> Decimal:
    """Return the number as an exact decimal; a float keeps the digits it is written with."""
    return value if isinstance(value, Decimal) else Decimal(str(value))


def grouped(value: Number, places: int = 0) -> str:
    """Return 1,234,567 with a true minus sign and `places` digits after the point."""
    text = f"{abs(decimal(value)):,.{places}f}"
    is_negative = value < 0 and any(digit in text for digit in "123456789")
    return f"{MINUS if is_negative else ''}{text}"


def money(value: Number, places: int = 0) -> str:
    """Return ¥1,234,567."""
    text = grouped(value, places)
    return f"{MINUS}¥{text[1:]}" if text.startswith(MINUS) else f"¥{text}"


def short(value: Number) -> str:
    """Return the number to one decimal of the largest fitting step: 123.5万, 2.3亿; 123.5K in English."""
    amount = decimal(value)
    for size, name in STEPS[language()]:
        if abs(amount) >= size:
            text = grouped(amount / size, 1).removesuffix(".0")
            return f"{text}{name}"
    return grouped(amount, 0 if amount == amount.to_integral_value() else 1)


def short_money(value: Number) -> str:
    """Return ¥123.5万; below ten thousand (a thousand in English) whole yuan."""
    smallest = STEPS[language()][-1][0]
    text = short(value) if abs(decimal(value)) >= smallest else grouped(value)
    return f"{MINUS}¥{text[1:]}" if text.startswith(MINUS) else f"¥{text}"


_documents: dict[str, Text] = {}
_CODE = re.compile(r"\b[A-Z]\d+\b")


def register_document(code: str, title: Text) -> None:
    """Say what document origins mean by a code: "S1 §二" is written with its title."""
    _documents[code] = title


def origin(text: str) -> str:
    """Return an origin as a reader understands it: plain words in their language, documents by title."""
    text = _CODE.sub(lambda code: str(_documents.get(code[0], code[0])), text)
    return text.replace("assumed", _("assumed")).replace("measured", _("measured"))


def origin_codes(text: str) -> str:
    """Return an origin as it is kept, from what a reader was shown and may have changed; the reverse of `origin`."""
    for code, title in _documents.items():
        text = text.replace(str(title), code)
    return text.replace(_("assumed"), "assumed").replace(_("measured"), "measured")


def origins(texts: Iterable[str]) -> str:
    """Return several origins in a row; of those that name the same documents the first one."""
    told: set[str] = set()
    kept = []
    for text in texts:
        documents = set(_CODE.findall(text)) or {text}
        if documents - told:
            kept.append(origin(text))
        told |= documents
    return " · ".join(kept)


def percent(value: Number, places: int = 1) -> str:
    """Return a ratio such as 0.1234 as 12.3%; what is more than nothing never reads 0%."""
    text = grouped(decimal(value) * 100, places)
    if value > 0 and not any(digit in text for digit in "123456789"):
        return f"<{grouped(Decimal(1).scaleb(-places), places)}%"
    return f"{text}%"


def change(value: Number) -> str:
    """Return a ratio by which something changed with its sign: +12%, −3%, ±0%."""
    text = percent(value, 0)
    return "±0%" if text == "0%" else text if text.startswith(MINUS) else f"+{text}"


def day(value: date, *, today: date) -> str:
    """Return 11月21日 周六; another year than today's is named."""
    if language() == "zh":
        year = "" if value.year == today.year else f"{value.year}年"
        return f"{year}{value.month}月{value.day}日 周{WEEKDAYS['zh'][value.weekday()]}"
    year = "" if value.year == today.year else f" {value.year}"
    return f"{WEEKDAYS['en'][value.weekday()]} {value.day} {MONTHS[value.month - 1]}{year}"


def month(value: date) -> str:
    """Return 2026年11月."""
    return f"{value.year}年{value.month}月" if language() == "zh" else f"{MONTHS[value.month - 1]} {value.year}"


def moment(value: datetime, *, today: date) -> str:
    """Return 11月21日 周六 20:21 in the time zone of the site."""
    local = timezone.localtime(value) if timezone.is_aware(value) else value
    return f"{day(local.date(), today=today)} {local:%H:%M}"


def relative_day(value: date, *, today: date) -> str:
    """Return 今天, 昨天, 3 天前, 2 个月后: days up to two months, months up to two years, then years."""
    distance = (value - today).days
    near = {0: _("today"), -1: _("yesterday"), 1: _("tomorrow")}
    if distance in near:
        return near[distance]
    days = abs(distance)
    if days <= 60:
        count, past, future = (
            days,
            ngettext("%(count)s day ago", "%(count)s days ago", days),
            ngettext("in %(count)s day", "in %(count)s days", days),
        )
    elif days < 730:
        count = days // 30
        past = ngettext("%(count)s month ago", "%(count)s months ago", count)
        future = ngettext("in %(count)s month", "in %(count)s months", count)
    else:
        count = days // 365
        past = ngettext("%(count)s year ago", "%(count)s years ago", count)
        future = ngettext("in %(count)s year", "in %(count)s years", count)
    return (past if distance < 0 else future) % {"count": count}
