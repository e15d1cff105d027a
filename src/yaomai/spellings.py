"""Read one value as people write it. What can be read in two ways is refused, never guessed."""

import re
import unicodedata
from collections.abc import Iterable
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Any

_EXCEL_EPOCH = date(1899, 12, 30)
_SERIALS = range(20_000, 80_000)
"""Day numbers of a spreadsheet between 1954 and 2119."""
_YEARS = range(1900, 2101)
_SMALLEST = Decimal("1e-9")
_TOO_LARGE = Decimal(10) ** 18
_MINUS = str.maketrans({"−": "-", "–": "-", "—": "-", "‐": "-", "‑": "-", "﹣": "-"})
_NOTHING = frozenset({"-", "--", "---", "/", "\\", "无", "暂无", "空", "n/a", "na", "null", "none", "nil"})
_CURRENCY = re.compile(r"^(cny|rmb|usd|人民币|[¥$€£])|(cny|rmb|usd|人民币|元整|元|[¥$€£])$", re.IGNORECASE)
_GROUPED = re.compile(r"^\d{1,3}([,' ]\d{3})+(\.\d+)?$")
_BARE = re.compile(r"^(\d+(\.\d*)?|\.\d+)(e[-+]?\d{1,2})?$", re.IGNORECASE)
_MULTIPLES = {"万": Decimal(10_000), "亿": Decimal(100_000_000), "千": Decimal(1_000)}
_TIME = re.compile(
    r"[ T]\s*\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?\s*(am|pm)?(z|utc|[+-]\d{2}:?\d{2})?$|(?<=日)\s*\d{1,2}[时:].*$",
    re.IGNORECASE,
)
_WEEKDAY = re.compile(r"\s*[(]?(星期|周|礼拜)[一二三四五六日天][)]?\s*$")
_YEAR_FIRST = re.compile(r"^(\d{4})\s*[-/.年\s]\s*(\d{1,2})\s*[-/.月\s]\s*(\d{1,2})\s*[日号]?$")
_SHORT_CHINESE = re.compile(r"^(\d{2})年(\d{1,2})月(\d{1,2})[日号]?$")
_YEAR_LAST = re.compile(r"^(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})$")
_SHORT_YEAR_LAST = re.compile(r"^(\d{1,2})[-/.](\d{1,2})[-/.](\d{2})$")
_SHORT = re.compile(r"^\d{1,2}[-/.]\d{1,2}[-/.]\d{1,2}$")
_COMPACT = re.compile(r"^(\d{4})(\d{2})(\d{2})$")
_NAMED = re.compile(
    r"^(\d{1,2})[-/ ]?([a-z]{3})[a-z]*[-/ ,]*(\d{4}|\d\d)$|^([a-z]{3})[a-z]*[-/ ]?(\d{1,2}),? (\d{4})$",
    re.IGNORECASE,
)
_MONTH = re.compile(r"^(\d{4})\s*[-/年]\s*(\d{1,2})\s*(月份?)?$")
_MONTH_DOT = re.compile(r"^(\d{4})\.(\d{1,2})$")
_BETWEEN_HAN = re.compile(r"(?<=[\u3400-\u9fff])\s+(?=[\u3400-\u9fff])")
_TOTAL = re.compile(
    r"^(本页|本月|本年|本期|全部|以上)?(合计|总计|小计|累计|汇总|共计|总合计)(数|金额|数量)?$|^(grand|sub)?[- ]?totals?$",
    re.IGNORECASE,
)
_ENDS_AS_TOTAL = re.compile(r"(合计|总计|小计|汇总|\btotals?)$", re.IGNORECASE)
_MONTH_COMPACT = re.compile(r"^(\d{4})(\d{2})$")
_MONTH_NAMED = re.compile(r"^([a-z]{3})[a-z]*[-/ ,]*(\d{4})$", re.IGNORECASE)
_MONTH_SHORT = re.compile(r"^(\d{2})年(\d{1,2})月份?$")
_MONTH_ALONE = re.compile(r"^\d{1,2}月份?$")
_MONTH_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_HAN_DIGITS = str.maketrans("〇零一二三四五六七八九", "00123456789")
_HAN_DATE = re.compile(
    r"^[〇零一二三四五六七八九]{4}年([一二三四五六七八九十]{1,3})月(([一二三四五六七八九十]{1,3})[日号]?)?$"
)
_TRUE = frozenset({"是", "有", "对", "真", "√", "✓", "✔", "y", "yes", "true", "t", "1", "on", "启用"})
_FALSE = frozenset(
    {
        "否",
        "无",
        "不",
        "不是",
        "没有",
        "错",
        "假",
        "×",
        "✗",
        "✘",
        "x",
        "n",
        "no",
        "false",
        "f",
        "0",
        "off",
        "停用",
    }
)


_UNSEEN = "".join(
    f"{chr(first)}-{chr(last)}"
    for first, last in (
        (0x00, 0x08), (0x0B, 0x0C), (0x0E, 0x1F), (0x7F, 0x9F),  # control characters but tab and line ends
        (0xAD, 0xAD), (0x180E, 0x180E), (0x200B, 0x200B), (0x2060, 0x2064), (0xFEFF, 0xFEFF),  # without width
        (0x061C, 0x061C), (0x200E, 0x200F), (0x2028, 0x202E), (0x2066, 0x206F),  # turn the direction of what follows
        (0xFDD0, 0xFDEF), (0xFFF9, 0xFFFB), (0xFFFE, 0xFFFF), (0xE0000, 0xE007F),  # no characters, hidden tags
    )
)  # fmt: skip
UNSEEN = f"[{_UNSEEN}]"
"""What no text of a business holds on purpose: it lets two names look alike, or one name look like another."""
_NO_TEXT = re.compile(f"[{_UNSEEN}\ud800-\udfff]")
_NOTE = re.compile(
    r"^(备注|注|注意|说明|附注|填表说明|制表|制单|审核|复核|批准|填表|填报|打印|导出|数据来源|来源|统计口径|以上"
    r"|notes?|remarks?|source|prepared|printed|exported)[^,，]{0,8}([:：.．]|日期|人|时间|\d)",
    re.IGNORECASE,
)
_LINE_ENDS = re.compile(r"\s*[\r\n\t]\s*")


class DayOrder(StrEnum):
    """How a date with the year at its end is meant."""

    UNKNOWN = "unknown"
    MONTH_FIRST = "month_first"
    DAY_FIRST = "day_first"


class NotReadable(ValueError):
    """The text is not of the kind; `code` names the message in `problems.MESSAGES`."""

    def __init__(self, code: str, **params: Any) -> None:
        self.code, self.params = code, params
        super().__init__(code)


def sums_others(label: str) -> bool:
    """Tell whether a label says that its row sums other rows: 合计, 本页小计, Grand total."""
    return bool(_TOTAL.match(_label(label)))


def ends_as_sum(label: str) -> bool:
    """Tell whether a label ends as one that sums others does: 华东小计. A name may end so as well."""
    return bool(_ENDS_AS_TOTAL.search(_label(label)))


def reads_as_note(text: str) -> bool:
    """Tell whether a text reads as one that stands under a table: 备注：…, 审核：李经理, printed on."""
    return bool(_NOTE.match(unicodedata.normalize("NFKC", text).strip()))


def _label(text: str) -> str:
    """Return a label without the blanks and colons that people put into it."""
    return _BETWEEN_HAN.sub("", unicodedata.normalize("NFKC", text)).strip(" :：")


def printable(text: str) -> str:
    """Return the text without what nobody sees (`UNSEEN`); tabs, line ends, joiners and variants of characters stay."""
    return _NO_TEXT.sub("", text) if _NO_TEXT.search(text) else text


def one_line(text: str) -> str:
    """Return the text with a blank for each line end or tab, and none at its ends."""
    return _LINE_ENDS.sub(" ", text).strip()


def folded(text: str) -> str:
    """Return the text as compared: full-width folded, case and blanks away."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


def _is_nothing(text: str) -> bool:
    return folded(text).translate(_MINUS) in _NOTHING


def _cleaned(text: str) -> str:
    return unicodedata.normalize("NFKC", text).translate(_MINUS).strip()


def decimal(text: str | None) -> Decimal | None:
    """Return a number with at most 9 places; "-", "无" and the like are empty.

    Raises:
        NotReadable: it is no number, or could be two.
    """
    if text is None or _is_nothing(text):
        return None
    bare, negative = _sign(_cleaned(text))
    factor = Decimal(1)
    if bare.endswith(("%", "‰")):
        factor = Decimal("0.01") if bare.endswith("%") else Decimal("0.001")
        bare = bare[:-1].strip()
    bare = _CURRENCY.sub("", bare).strip()
    if bare and bare[-1] in _MULTIPLES:
        factor *= _MULTIPLES[bare[-1]]
        bare = bare[:-1].strip()
    if bare.startswith(("-", "+")) and not negative:
        negative, bare = bare[0] == "-", bare[1:].strip()
    number = _unsigned(bare) * factor
    return _quantised(-number if negative else number)


def _sign(text: str) -> tuple[str, bool]:
    """Return the text without brackets or minus, and whether they made it negative."""
    if text.startswith("(") and text.endswith(")"):
        return text[1:-1].strip(), True
    if text.startswith("-"):
        return text[1:].strip(), True
    if text.endswith("-"):
        return text[:-1].strip(), True
    return text.removeprefix("+").strip(), False


def _unsigned(text: str) -> Decimal:
    if _GROUPED.match(text):
        text = re.sub("[,' ]", "", text)
    elif re.match(r"^\d+,\d+$", text):
        raise NotReadable("number_ambiguous")
    elif not _BARE.match(text):
        raise NotReadable("number")
    return Decimal(text)


def _quantised(number: Decimal) -> Decimal:
    if abs(number) >= _TOO_LARGE:
        raise NotReadable("too_large", digits=18)
    return number.quantize(_SMALLEST, rounding=ROUND_HALF_UP)


def integer(text: str | None) -> int | None:
    """Return a whole number; 12.0 is one, 12.5 is not.

    Raises:
        NotReadable: it is none.
    """
    number = decimal(text)
    if number is None:
        return None
    if number != number.to_integral_value():
        raise NotReadable("integer")
    return int(number)


def _date(year: int, month: int, day: int) -> date:
    if year not in _YEARS:
        raise NotReadable("date_range")
    try:
        return date(year, month, day)
    except ValueError:
        raise NotReadable("date") from None


def _number_of_month(name: str) -> int:
    try:
        return _MONTH_NAMES.index(name.lower()) + 1
    except ValueError:
        raise NotReadable("date") from None


def day(text: str | None, order: DayOrder = DayOrder.UNKNOWN) -> date | None:
    """Return a date; a time of day or a weekday behind it is dropped, a spreadsheet's day number is understood.

    Raises:
        NotReadable: it is no date, or 3/5/2024 with the order unknown.
    """
    if text is None or _is_nothing(text):
        return None
    cleaned = _WEEKDAY.sub("", _TIME.sub("", _cleaned(text))).strip()
    if match := _YEAR_FIRST.match(cleaned) or _COMPACT.match(cleaned):
        return _date(int(match[1]), int(match[2]), int(match[3]))
    if match := _SHORT_CHINESE.match(cleaned):
        return _date(2000 + int(match[1]), int(match[2]), int(match[3]))
    if match := _YEAR_LAST.match(cleaned):
        return _year_last(int(match[1]), int(match[2]), int(match[3]), order)
    if order is not DayOrder.UNKNOWN and (match := _SHORT_YEAR_LAST.match(cleaned)):
        return _year_last(int(match[1]), int(match[2]), _century(match[3]), order)
    if match := _NAMED.match(cleaned):
        if match[1]:
            return _date(_century(match[3]), _number_of_month(match[2]), int(match[1]))
        return _date(int(match[6]), _number_of_month(match[4]), int(match[5]))
    if (match := _HAN_DATE.match(cleaned)) and match[3]:
        return _date(_han_year(cleaned), _han_number(match[1]), _han_number(match[3]))
    if re.match(r"^\d{5}(\.\d+)?$", cleaned) and int(float(cleaned)) in _SERIALS:
        return _EXCEL_EPOCH + timedelta(days=int(float(cleaned)))
    raise NotReadable("date_ambiguous" if _SHORT.match(cleaned) else "date")


def order_of(texts: Iterable[str | None]) -> DayOrder:
    """Return the order that dates with the year at their end show: 3/25/2024 cannot be day first; UNKNOWN if none."""
    shown = set()
    for text in texts:
        if text and (match := _YEAR_LAST.match(_TIME.sub("", _cleaned(text)).strip())):
            if int(match[1]) > 12:
                shown.add(DayOrder.DAY_FIRST)
            elif int(match[2]) > 12:
                shown.add(DayOrder.MONTH_FIRST)
    return shown.pop() if len(shown) == 1 else DayOrder.UNKNOWN


def _century(year: str) -> int:
    """Return a year of two digits as that of 1970 to 2069, another as it is."""
    number = int(year)
    return number if len(year) == 4 else number + (2000 if number < 70 else 1900)


def _year_last(first: int, second: int, year: int, order: DayOrder) -> date:
    if first > 12 or (order is DayOrder.DAY_FIRST and second <= 12):
        return _date(year, second, first)
    if second > 12 or order is DayOrder.MONTH_FIRST or first == second:
        return _date(year, first, second)
    raise NotReadable("date_ambiguous")


def _han_year(text: str) -> int:
    return int(text[:4].translate(_HAN_DIGITS))


def _han_number(text: str) -> int:
    tens, ten, ones = text.partition("十")
    if not ten:
        return int(text.translate(_HAN_DIGITS))
    return int(tens.translate(_HAN_DIGITS) or 1) * 10 + int(ones.translate(_HAN_DIGITS) or 0)


def month(text: str | None, order: DayOrder = DayOrder.UNKNOWN) -> date | None:
    """Return the first day of a month; a full date stands for its month.

    Raises:
        NotReadable: it is no month, has no year, or 2024.1, which a spreadsheet also makes of 2024.10.
    """
    if text is None or _is_nothing(text):
        return None
    cleaned = _cleaned(text)
    if match := _MONTH.match(cleaned) or _MONTH_COMPACT.match(cleaned):
        return _first_of(int(match[1]), int(match[2]))
    if match := _MONTH_DOT.match(cleaned):
        if match[2] == "1":
            raise NotReadable("month_ambiguous")
        return _first_of(int(match[1]), int(match[2]))
    if match := _MONTH_SHORT.match(cleaned):
        return _first_of(2000 + int(match[1]), int(match[2]))
    if match := _MONTH_NAMED.match(cleaned):
        return _first_of(int(match[2]), _number_of_month(match[1]))
    if (match := _HAN_DATE.match(cleaned)) and not match[2]:
        return _first_of(_han_year(cleaned), _han_number(match[1]))
    if _MONTH_ALONE.match(cleaned):
        raise NotReadable("year_missing")
    try:
        found = day(cleaned, order)
    except NotReadable as error:
        raise NotReadable("month" if error.code == "date" else error.code) from None
    return found and found.replace(day=1)


def _first_of(year: int, number: int) -> date:
    if not 1 <= number <= 12:
        raise NotReadable("month")
    return _date(year, number, 1)


def boolean(text: str) -> bool:
    """Return yes or no.

    Raises:
        NotReadable: it is neither.
    """
    word = folded(text)
    if word in _TRUE:
        return True
    if word in _FALSE:
        return False
    raise NotReadable("boolean")
