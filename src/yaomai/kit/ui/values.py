"""Values as HTML, in the language of the page and exact on hover: the filters of `{% load ui %}`."""

import re
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from yaomai.kit.ui import formats

HAN = re.compile(r"[\u3400-\u9fff]")


def _number(value: Any) -> Decimal | None:
    """Return the value as an exact number, or None when it is not one."""
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def nothing() -> SafeString:
    return format_html('<span class="ym-none">–<span class="visually-hidden">{}</span></span>', _("no value"))


def number(value: Any, places: int = 0) -> SafeString:
    """1,234,567; `places` digits after the point."""
    exact = _number(value)
    return nothing() if exact is None else format_html('<span class="ym-num">{}</span>', formats.grouped(exact, places))


def money(value: Any, places: int = 0) -> SafeString:
    """¥1,234,567, with the cents on hover."""
    exact = _number(value)
    if exact is None:
        return nothing()
    return format_html(
        '<data class="ym-num" value="{}" title="{}">{}</data>',
        exact,
        formats.money(exact, 2),
        formats.money(exact, places),
    )


def short_money(value: Any) -> SafeString:
    """¥123.5万, with the exact amount on hover."""
    exact = _number(value)
    if exact is None:
        return nothing()
    return format_html(
        '<data class="ym-num" value="{}" title="{}">{}</data>',
        exact,
        formats.money(exact, 2),
        formats.short_money(exact),
    )


def percent(value: Any, places: int = 1) -> SafeString:
    """A ratio such as 0.1234 as 12.3%."""
    exact = _number(value)
    return nothing() if exact is None else format_html('<span class="ym-num">{}</span>', formats.percent(exact, places))


def ym_date(value: date | None) -> SafeString:
    """11月21日 周六, with the ISO date on hover."""
    if not value:
        return nothing()
    plain = _local_day(value)
    return format_html(
        '<time datetime="{0}" title="{0}">{1}</time>',
        plain.isoformat(),
        formats.day(plain, today=timezone.localdate()),
    )


def ym_moment(value: datetime | None) -> SafeString:
    """11月21日 周六 20:21, with the full moment on hover."""
    if not value:
        return nothing()
    local = timezone.localtime(value) if timezone.is_aware(value) else value
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        local.isoformat(timespec="seconds"),
        local.strftime("%Y-%m-%d %H:%M:%S"),
        formats.moment(value, today=timezone.localdate()),
    )


def relative_day(value: date | None) -> SafeString:
    """3 天前, with the date on hover."""
    if not value:
        return nothing()
    plain = _local_day(value)
    today = timezone.localdate()
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        plain.isoformat(),
        formats.day(plain, today=today),
        formats.relative_day(plain, today=today),
    )


def _local_day(value: date | datetime) -> date:
    if isinstance(value, datetime):
        return (timezone.localtime(value) if timezone.is_aware(value) else value).date()
    return value


def origin(value: Any) -> Any:
    """Write where a figure comes from; see `formats.origin`."""
    return as_written(formats.origin(value)) if isinstance(value, str) else value


def origins(value: Any) -> Any:
    """Write where several figures come from, each document once; see `formats.origins`."""
    return as_written(formats.origins(value))


def as_written(value: Any) -> Any:
    """Chinese that the company or the law wrote is marked as Chinese on an English page: it is read out as such."""
    if formats.language() == "zh" or not isinstance(value, str) or not HAN.search(value):
        return value
    return format_html('<span lang="zh-CN">{}</span>', value)


def shown(value: Any) -> Any:
    """Any value of an explanation or a change: numbers grouped, dates written out, several in a row, nothing as a dash."""
    if value is None or value in ("", [], ()):
        return nothing()
    if isinstance(value, list | tuple):
        return formats.listed(value)
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, datetime):
        return ym_moment(value)
    if isinstance(value, date):
        return ym_date(value)
    if isinstance(value, Decimal | int | float):
        exact = formats.decimal(value)
        places = min(max(-int(exact.normalize().as_tuple().exponent), 0), 4)
        return format_html('<span class="ym-num">{}</span>', formats.grouped(exact, places))
    return value


FILTERS = (number, money, short_money, percent, ym_date, ym_moment, relative_day, origin, origins, as_written, shown)
