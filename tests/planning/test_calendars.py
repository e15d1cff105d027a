"""Calendar files as people's programs write them: read, or refused by naming what is wrong; and the feed for phones."""

import os
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from icalendar import Calendar

from yaomai.planning import calendars, services
from yaomai.planning.calendars import UnreadableCalendar
from yaomai.planning.models import Absence

from .acts_examples import BOSS, NOW, TODAY, person, visit

DO = {"actor": BOSS, "now": NOW}
YEAR = {"since": date(2026, 11, 23), "until": date(2027, 11, 23)}


def ics(*lines: str) -> bytes:
    body = "\r\n".join(["BEGIN:VCALENDAR", "VERSION:2.0", "BEGIN:VEVENT", *lines, "END:VEVENT", "END:VCALENDAR", ""])
    return body.encode()


def test_every_real_file_is_read_or_refused_in_words() -> None:
    folder = Path(os.environ.get("YAOMAI_SHARED_DATA", "/nowhere")) / "icalendar"
    files = sorted(folder.glob("*.ics"))
    if not files:
        pytest.skip("YAOMAI_SHARED_DATA does not name the shared data")
    read, refused = 0, 0
    for path in files:
        try:
            entries = calendars.read(path.read_bytes(), since=date(1990, 1, 1), until=date(2030, 1, 1))
        except UnreadableCalendar as error:
            refused += bool(str(error.params["problem"]).strip())
        else:
            assert all(entry.ends_at > entry.starts_at for entry in entries), path.name
            read += 1
    assert len(files) > 90 and read >= 60 and refused >= 5 and read + refused == len(files), (read, refused)


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["UID:1", "DTSTART;VALUE=DATE:20261201", "DTEND;VALUE=DATE:20261204"],
         [(datetime(2026, 11, 30, 16, tzinfo=UTC), timedelta(days=3))]),
        (["UID:2", "DTSTART;VALUE=DATE:20261201"], [(datetime(2026, 11, 30, 16, tzinfo=UTC), timedelta(days=1))]),
        (["UID:3", "DTSTART:20261201T090000", "DURATION:PT90M"],
         [(datetime(2026, 12, 1, 1, tzinfo=UTC), timedelta(minutes=90))]),
        (["UID:4", "DTSTART:20261201T010000Z", "DTEND:20261201T020000Z"],
         [(datetime(2026, 12, 1, 1, tzinfo=UTC), timedelta(hours=1))]),
        (["UID:5", "DTSTART:20260907T090000", "DURATION:PT1H", "RRULE:FREQ=WEEKLY;UNTIL=20261207",
          "EXDATE:20261130T090000"],
         [(datetime(2026, 11, 23, 1, tzinfo=UTC), timedelta(hours=1)), (datetime(2026, 12, 7, 1, tzinfo=UTC), timedelta(hours=1))]),
        (["UID:6", "DTSTART:20261201T090000", "DURATION:PT1H", "TRANSP:TRANSPARENT"], []),
        (["UID:7", "DTSTART:20261201T090000"], []),
        (["UID:8", "DTSTART:20200101T090000", "DURATION:PT1H"], []),
    ],
)  # fmt: skip
def test_times_days_and_repetitions(lines: list[str], expected: list[Any]) -> None:
    entries = calendars.read(ics(*lines), **YEAR)
    assert [(entry.starts_at, entry.ends_at - entry.starts_at) for entry in entries] == expected


def test_one_occurrence_that_was_moved_replaces_its_own() -> None:
    series = ["UID:1", "DTSTART:20261123T090000", "DURATION:PT1H", "RRULE:FREQ=DAILY;COUNT=2"]
    moved = ["UID:1", "RECURRENCE-ID:20261124T090000", "DTSTART:20261124T140000", "DURATION:PT1H"]
    content = ics(*series, "END:VEVENT", "BEGIN:VEVENT", *moved)
    assert [entry.starts_at.astimezone(UTC).hour for entry in calendars.read(content, **YEAR)] == [1, 6]


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"", "iCalendar"), (b"hello", "iCalendar"), (b"\xff\xfe\x00", "iCalendar"), (b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n", "event"),
        (ics("UID:1", "SUMMARY:周会", "DTSTART:20261401T000000"), "周会"),
        (ics("UID:1", "SUMMARY:周会"), "周会"),
        (ics("UID:1", "SUMMARY:周会", "DTSTART:20261201T090000", "DTEND:20261201T080000"), "周会"),
        (ics("UID:1", "SUMMARY:周会", "DTSTART:20261201T090000", "DURATION:PT1H", "RRULE:FREQ=NEVER"), "周会"),
        (b"x" * 5_000_001, "5 MB"),
    ],
)  # fmt: skip
def test_broken_files_name_what_is_wrong(content: bytes, word: str) -> None:
    with pytest.raises(UnreadableCalendar) as error:
        calendars.read(content, **YEAR)
    assert str(error.value.params["problem"])


@pytest.mark.django_db
def test_the_same_file_again_changes_what_changed_and_takes_back_what_was_cancelled() -> None:
    mine = person()
    weekly = ["UID:1", "SUMMARY:周会", "DTSTART:20261123T090000", "DURATION:PT1H", "RRULE:FREQ=WEEKLY;COUNT=3"]
    assert services.absences_take_in(**DO, content=ics(*weekly), person=mine) == (3, 0)
    assert services.absences_take_in(**DO, content=ics(*weekly), person=mine) == (0, 0)
    weekly[1] = "SUMMARY:区域周会"
    assert services.absences_take_in(**DO, content=ics(*weekly), person=mine) == (0, 3)
    assert services.absences_take_in(**DO, content=ics(*weekly, "STATUS:CANCELLED"), person=mine) == (0, 3)
    assert not Absence.unscoped.filter(archived_at=None).exists()
    with pytest.raises(UnreadableCalendar):
        services.absences_take_in(**DO, content=ics("UID:9", "DTSTART:oops"), person=mine)
    assert Absence.unscoped.count() == 3


@pytest.mark.django_db
def test_the_feed_reads_back_as_what_was_planned() -> None:
    from datetime import time

    planned = visit(starts_at=time(9), ends_at=time(9, 30), objective="带样本回执\n第二行")
    visit(institution=planned.institution, day=TODAY + timedelta(days=1))
    content = calendars.feed([*planned.__class__.unscoped.order_by("day")], name="卫华海", now=NOW)
    first, second = Calendar.from_ical(content).walk("VEVENT")
    assert first["DTSTART"].dt.astimezone(UTC) == datetime(2026, 11, 23, 1, tzinfo=UTC)
    assert (str(first["LOCATION"]), second["DTSTART"].dt) == ("江城市第一人民医院", date(2026, 11, 24))
