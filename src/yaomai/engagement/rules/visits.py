"""What follows from reports alone: stalls, repetitions, clocks. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from rapidfuzz import fuzz

STAGES = ("first", "deep", "trust")
NO_PROGRESS: dict[str, frozenset[str]] = {
    "mentioned": frozenset({"none"}),
    "advanced": frozenset({"none", "mentioned"}),
}
"""What does not count as progress, by what the policy asks for."""


def without_progress(latest: Sequence[str], *, asked: str) -> int:
    """Return how many of the contacts in a row, the latest first, brought the product no further."""
    count = 0
    for progress in latest:
        if progress not in NO_PROGRESS[asked]:
            break
        count += 1
    return count


@dataclass(frozen=True, slots=True)
class Said:
    """What one contact was about."""

    content_type: str
    products: frozenset[int]
    materials: frozenset[int]
    text: str = ""


def repeats(planned: Said, last: Said, *, alike: int) -> list[str]:
    """Return in what a contact repeats the last one (D15): "topic", "material", "text" (alike by so many per cent)."""
    found = []
    if planned.content_type == last.content_type and planned.products and planned.products == last.products:
        found.append("topic")
    if planned.materials & last.materials:
        found.append("material")
    if planned.text and last.text and likeness(planned.text, last.text) >= alike:
        found.append("text")
    return found


def likeness(one: str, other: str) -> float:
    """Return how alike two texts are, 0–100."""
    return fuzz.ratio(one, other)


@dataclass(frozen=True, slots=True)
class Clock:
    """What a phone's clock said, and what the server makes of it."""

    at: datetime
    seconds: int
    """To add to the phone's clock."""
    is_changed: bool


def corrected(
    device_at: datetime,
    *,
    written_at: datetime,
    offset_now: timedelta,
    offset_then: timedelta | None,
    tolerance: timedelta,
    now: datetime,
) -> Clock:
    """Return when something happened by the server's clock.

    Args:
        written_at: the phone's clock as this was written.
        offset_now: server's clock less the phone's, when the report is sent.
        offset_then: the same as the phone had last learned it when the report was written; None if it does not know.
        tolerance: a difference up to this is no difference.
        now: the server's clock as the report arrives. Nothing arrives before it was written: of two offsets, one that
            says so was learned before somebody set the clock, and the other holds.
    """
    is_changed = offset_then is not None and abs(offset_now - offset_then) > tolerance
    offset = offset_now if offset_then is None else offset_then
    if written_at + offset > now + tolerance >= written_at + offset_now:
        offset = offset_now
    if abs(offset) <= tolerance:
        return Clock(device_at, 0, is_changed)
    return Clock(device_at + offset, round(offset.total_seconds()), is_changed)


def overlaps(start: datetime, end: datetime, other_start: datetime, other_end: datetime) -> bool:
    """Tell whether two periods have a moment in common; periods without length have when they begin at once."""
    if start == other_start:
        return True
    return start < other_end and other_start < end
