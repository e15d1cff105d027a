"""Calendar files (iCalendar, RFC 5545): leave and meetings that come in, planned visits that go out.

Read as people's calendars write them: events of a day or with times, in any time zone, repeated by a rule, moved or
taken out singly, cancelled. What cannot be read is named by its event, and nothing of the file is taken then.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

from dateutil.rrule import rruleset, rrulestr
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from yaomai.kit.errors import Invalid
from yaomai.spellings import one_line

MOST_BYTES: Final = 5_000_000
MOST_EVENTS: Final = 5_000
"""Occurrences within the period that is read."""


class UnreadableCalendar(Invalid):
    """A file is no calendar, or an event of it cannot be read."""

    code = "calendar_unreadable"
    message = _("This calendar cannot be read: %(problem)s. Nothing was taken in.")


@dataclass(frozen=True, slots=True)
class Entry:
    """One occurrence of an event."""

    uid: str
    title: str
    starts_at: datetime
    ends_at: datetime
    is_cancelled: bool


def read(content: bytes, *, since: date, until: date) -> list[Entry]:
    """Return what takes time between two days, half-open, in order; what is marked as free is left out.

    Raises:
        UnreadableCalendar: it is too large, no calendar, or an event has no readable beginning, end or rule.
    """
    from icalendar import Calendar

    if len(content) > MOST_BYTES:
        raise UnreadableCalendar(problem=_("the file is larger than 5 MB"))
    try:
        calendars: Any = Calendar.from_ical(content, multiple=True)
    except (ValueError, IndexError, KeyError, AttributeError, TypeError, UnicodeDecodeError) as error:
        raise UnreadableCalendar(problem=one_line(str(error))[:200] or _("it is not an iCalendar file")) from error
    events = [event for calendar in calendars for event in calendar.walk("VEVENT")]
    if not events:
        raise UnreadableCalendar(problem=_("it holds no events"))
    moved = {(str(event.get("UID", "")), _stamp(event)) for event in events if "RECURRENCE-ID" in event}
    found: list[Entry] = []
    for number, event in enumerate(events, start=1):
        try:
            for entry in _entries(event, since, until, moved):
                found.append(entry)
                if len(found) > MOST_EVENTS:
                    raise UnreadableCalendar(problem=_("it holds more than 5,000 events in the period"))
        except UnreadableCalendar:
            raise
        except Exception as error:
            title = one_line(str(event.get("SUMMARY", "")))[:60] or str(number)
            raise UnreadableCalendar(
                problem=_("event %(number)s (%(title)s) has no readable time or rule")
                % {"number": number, "title": title}
            ) from error
    return sorted(found, key=lambda entry: (entry.starts_at, entry.uid))


def _stamp(event: Any) -> datetime:
    try:
        return moment(event["RECURRENCE-ID"].dt)
    except Exception:
        return datetime.min.replace(tzinfo=UTC)


def moment(value: date | datetime) -> datetime:
    """Return a day or moment of a calendar as a moment; without a time zone it is ours."""
    if not isinstance(value, datetime):
        value = datetime.combine(value, time.min)
    return value if value.tzinfo is not None else value.replace(tzinfo=timezone.get_current_timezone())


def _entries(event: Any, since: date, until: date, moved: set[tuple[str, datetime]]) -> Iterator[Entry]:
    if str(event.get("TRANSP", "")).upper() == "TRANSPARENT":
        return
    start = event["DTSTART"].dt
    starts_at = moment(start)
    if "DTEND" in event:
        length = moment(event["DTEND"].dt) - starts_at
    elif "DURATION" in event:
        length = event["DURATION"].dt
    else:
        length = timedelta(days=0 if isinstance(start, datetime) else 1)
    if length < timedelta(0):
        raise ValueError("it ends before it begins")
    if length == timedelta(0):
        return  # takes no time
    uid, title = str(event.get("UID", "")), one_line(str(event.get("SUMMARY", "")))[:200]
    is_cancelled = str(event.get("STATUS", "")).upper() == "CANCELLED"
    first, last = moment(since), moment(until)
    for begins in _occurrences(event, starts_at, first - length, last):
        if begins + length <= first or begins >= last:
            continue
        if "RECURRENCE-ID" not in event and (uid, begins) in moved:
            continue
        # Of a series each occurrence is named by its beginning, so that the same file again changes it in place.
        name = f"{uid or title}@{begins.astimezone(UTC):%Y%m%dT%H%M}"[-200:]
        yield Entry(name, title, begins, begins + length, is_cancelled)


def _occurrences(event: Any, starts_at: datetime, first: datetime, last: datetime) -> Iterable[datetime]:
    if "RRULE" not in event and "RDATE" not in event:
        return [starts_at]
    rules = rruleset()
    rules.rdate(starts_at)
    for rule in _several(event.get("RRULE")):
        text = rule.to_ical().decode()
        # A last day without a time ends with that day; dateutil wants the same kind of moment as the beginning.
        parts = dict(part.split("=", 1) for part in text.split(";"))
        if "UNTIL" in parts:
            ends = _several(rule["UNTIL"])[0]
            whole = moment(ends) if isinstance(ends, datetime) else moment(ends) + timedelta(days=1, seconds=-1)
            parts["UNTIL"] = whole.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
        rules.rrule(rrulestr(";".join(f"{name}={value}" for name, value in parts.items()), dtstart=starts_at))
    for dates in _several(event.get("RDATE")):
        for each in dates.dts:
            value = each.dt[0] if isinstance(each.dt, tuple) else each.dt
            rules.rdate(moment(value))
    for dates in _several(event.get("EXDATE")):
        for each in dates.dts:
            rules.exdate(moment(each.dt))
    return _between(rules, first, last)


def _between(rules: rruleset, first: datetime, last: datetime) -> Iterator[datetime]:
    for number, begins in enumerate(rules):
        if begins >= last or number > 100_000:
            return
        if begins >= first:
            yield begins


def _several(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def feed(visits: Iterable[Any], *, name: str, now: datetime) -> bytes:
    """Return planned visits as a calendar for a phone: who, where and what for; nothing about purchases."""
    from icalendar import Calendar, Event

    calendar = Calendar()
    calendar.add("prodid", "-//Yaomai//Plan//ZH")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", name)
    zone = timezone.get_current_timezone()
    for visit in visits:
        event = Event()
        event.add("uid", f"planned-visit-{visit.pk}@yaomai")
        event.add("dtstamp", now)
        event.add("summary", f"{visit.customer} · {visit.get_activity_display()}")
        event.add("location", visit.institution.name)
        if visit.starts_at is not None:
            starts_at = datetime.combine(visit.day, visit.starts_at, zone)
            ends_at = (
                datetime.combine(visit.day, visit.ends_at, zone) if visit.ends_at else starts_at + timedelta(minutes=30)
            )
            event.add("dtstart", starts_at)
            event.add("dtend", ends_at)
        else:
            event.add("dtstart", visit.day)
            event.add("dtend", visit.day + timedelta(days=1))
        text = "\n".join(part for part in (visit.objective, visit.expected_result) if part)
        if text:
            event.add("description", text)
        calendar.add_component(event)
    return bytes(calendar.to_ical())
