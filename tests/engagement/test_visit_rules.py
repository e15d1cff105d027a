"""Checks, repetitions and clocks, without a database."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yaomai.engagement.policies import TruthPolicy
from yaomai.engagement.rules import truth
from yaomai.engagement.rules.truth import CHECKS, Limit, Neighbour, Reported
from yaomai.engagement.rules.visits import Clock, Said, corrected, overlaps, repeats, without_progress

AT = datetime(2026, 11, 18, 10, 0, tzinfo=UTC)
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
LIMITS = TruthPolicy().limits()


def visit(**fields: Any) -> Reported:
    usual: dict[str, Any] = {
        "pk": 1, "started_at": AT, "ended_at": AT + 30 * MINUTE, "has_end": True, "institution": 1, "text": "谈了随访",
        "reported_at": AT + 60 * MINUTE, "is_workday": True, "evidence": frozenset({"photo"}),
    }  # fmt: skip
    return Reported(**usual | fields)


def beside(minutes: int, institution: int = 2, length: int = 30, text: str = "") -> Neighbour:
    start = AT + minutes * MINUTE
    return Neighbour(2, start, start + length * MINUTE, institution, text)


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"neighbours": (beside(10),)}, "overlap"),
        ({"neighbours": (beside(32),)}, "too_near"),
        ({"neighbours": (beside(-33),)}, "too_near"),
        ({"ended_at": AT + MINUTE}, "short"),
        ({"started_at": AT.replace(hour=4), "ended_at": AT.replace(hour=5)}, "odd_hour"),
        ({"started_at": AT.replace(hour=22), "ended_at": AT.replace(hour=23)}, "odd_hour"),
        ({"is_workday": False}, "day_off"),
        ({"neighbours": tuple(beside(60 * number, 1, 5) for number in range(20))}, "too_many"),
        ({"metres": 3000.0, "accuracy": 100}, "far"),
        ({"same_photos": ((9, 2),)}, "photo"),
        ({"earlier": (beside(-9999, 1, text="谈了随访"),)}, "text"),
        ({"reported_at": AT + 9 * DAY}, "late"),
        ({"clock_seconds": -86400}, "clock"),
        ({"is_clock_changed": True}, "clock_set"),
        ({"evidence": frozenset()}, "no_evidence"),
        ({"colleagues": (7,)}, "colleague"),
        ({"strangers": ("王芳",)}, "stranger"),
    ],
)
def test_each_check_finds_what_it_looks_for(fields: dict[str, Any], code: str) -> None:
    assert truth.findings(visit(), LIMITS) == []
    assert [each.code for each in truth.findings(visit(**fields), LIMITS)] == [code]
    off = {**LIMITS, code: Limit("off", Decimal(0))}
    assert truth.findings(visit(**fields), off) == []


@pytest.mark.parametrize(
    "fields",
    [
        {"neighbours": (beside(36),)},
        {"neighbours": (beside(10, institution=1),)},
        {"metres": 1550.0, "accuracy": 60},
        {"same_photos": ((9, 7),)},
        {"reported_at": AT + 7 * DAY},
    ],
)
def test_what_lies_within_the_limits_is_not_odd(fields: dict[str, Any]) -> None:
    assert truth.findings(visit(**fields), LIMITS) == []


def test_every_check_has_a_figure_and_a_sentence() -> None:
    from yaomai.engagement.policies.truth import NAMES
    from yaomai.engagement.visit_presenting import SENTENCES

    assert set(CHECKS) == set(LIMITS) == set(NAMES) == set(SENTENCES) - {"rule"}


def test_proof_weighs_more_than_doubts_and_notes_decide_nothing() -> None:
    def found(*levels: Any) -> list[truth.Finding]:
        return [truth.Finding("x", level) for level in levels]

    assert truth.validity(found("note", "note"), doubts=1) == "valid"
    assert truth.validity(found("doubt"), doubts=2) == "valid"
    assert truth.validity(found("doubt", "doubt"), doubts=2) == "suspicious"
    assert truth.validity(found("proof", "note"), doubts=9) == "invalid"


def test_distances_are_those_of_the_earth() -> None:
    # Beijing, Tiananmen – Shanghai, People's Square: 1,067 km on the sphere.
    metres = truth.metres_between((Decimal("39.9087"), Decimal("116.3975")), (Decimal("31.2304"), Decimal("121.4737")))
    assert 1_066_000 < metres < 1_069_000


@given(st.integers(-200, 200), st.integers(0, 120), st.integers(0, 120))
def test_overlap_is_symmetric(shift: int, one: int, other: int) -> None:
    start, second = AT, AT + shift * MINUTE
    ends = start + one * MINUTE, second + other * MINUTE
    assert overlaps(start, ends[0], second, ends[1]) == overlaps(second, ends[1], start, ends[0])


@pytest.mark.parametrize(
    ("latest", "asked", "count"),
    [
        (["none", "none", "none"], "mentioned", 3),
        (["none", "mentioned", "none"], "mentioned", 1),
        (["mentioned", "none", "advanced"], "advanced", 2),
        ([], "mentioned", 0),
    ],
)
def test_contacts_without_progress_are_counted_in_a_row(latest: list[str], asked: str, count: int) -> None:
    assert without_progress(latest, asked=asked) == count


def test_repetition_is_topic_material_or_words() -> None:
    last = Said("science", frozenset({1}), frozenset({5}), "介绍了安衡平的肾功能亚组数据")
    assert repeats(last, last, alike=85) == ["topic", "material", "text"]
    assert repeats(Said("science", frozenset({2}), frozenset()), last, alike=85) == []
    assert repeats(Said("problem", frozenset({1}), frozenset({5})), last, alike=85) == ["material"]
    assert repeats(Said("science", frozenset(), frozenset()), Said("science", frozenset(), frozenset()), alike=85) == []


TOLERANCE = timedelta(minutes=10)


def by(
    device_at: datetime,
    *,
    offset_now: timedelta,
    offset_then: timedelta | None,
    written_at: datetime | None = None,
    now: datetime = AT + MINUTE,
) -> Clock:
    return corrected(
        device_at, written_at=written_at or device_at, offset_now=offset_now, offset_then=offset_then,
        tolerance=TOLERANCE, now=now,
    )  # fmt: skip


def test_a_clock_that_is_a_day_off_is_corrected() -> None:
    clock = by(AT + DAY, offset_now=-DAY, offset_then=-DAY)
    assert (clock.at, clock.seconds, clock.is_changed) == (AT, -86400, False)


def test_a_clock_that_was_set_in_between_is_known_by_what_the_phone_knew_then() -> None:
    clock = by(AT + DAY, offset_now=timedelta(0), offset_then=-DAY)
    assert (clock.at, clock.is_changed) == (AT, True)
    right = by(AT, offset_now=-DAY, offset_then=timedelta(0))
    assert (right.at, right.is_changed) == (AT, True)


def test_what_would_lie_in_the_future_was_written_by_the_clock_as_it_is_now() -> None:
    """The phone was a day behind when it last heard the server; its clock was put right before the report was written."""
    clock = by(AT, offset_now=timedelta(0), offset_then=DAY)
    assert (clock.at, clock.is_changed) == (AT, True)
    # It tells so by when it was written, however long ago it took place.
    told_late = by(AT - 9 * DAY, written_at=AT, offset_now=timedelta(0), offset_then=DAY)
    assert (told_late.at, told_late.is_changed) == (AT - 9 * DAY, True)


def test_a_moment_that_a_person_wrote_by_mistake_does_not_speak_against_the_clock() -> None:
    clock = by(AT + 2 * DAY, written_at=AT + DAY, offset_now=timedelta(0), offset_then=-DAY)
    assert (clock.at, clock.is_changed) == (AT + DAY, True)


def test_two_offsets_that_hardly_differ_do_not_add_up() -> None:
    """What is put right is what the phone knew as it wrote, also where the clock has been moved a little since."""
    clock = by(AT - 14 * MINUTE, offset_now=5 * MINUTE, offset_then=14 * MINUTE)
    assert (clock.at, clock.is_changed) == (AT, False)


def test_small_differences_are_none_and_a_phone_that_never_synced_is_trusted_now() -> None:
    assert by(AT, offset_now=5 * MINUTE, offset_then=None, now=AT + DAY).at == AT
    assert by(AT, offset_now=60 * MINUTE, offset_then=None, now=AT + DAY).at == AT + 60 * MINUTE


@given(st.integers(-200_000, 200_000))
def test_a_phone_whose_clock_is_steadily_wrong_reports_the_true_moment(seconds: int) -> None:
    wrong = timedelta(seconds=seconds)
    clock = by(AT + wrong, offset_now=-wrong, offset_then=-wrong)
    assert abs(clock.at - AT) <= TOLERANCE
    assert not clock.is_changed
