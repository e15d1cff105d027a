"""Whether a visit took place as reported: what is odd about it, how odd, and what follows. Pure."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Literal

from yaomai.engagement.rules.visits import likeness, overlaps

Level = Literal["off", "note", "doubt", "proof"]
EARTH = 6_371_000.0


@dataclass(frozen=True, slots=True)
class Limit:
    """How a check is set: what it leads to, and where it begins."""

    level: Level
    limit: Decimal


@dataclass(frozen=True, slots=True)
class Neighbour:
    """Another visit of the same person."""

    pk: int
    started_at: datetime
    ended_at: datetime
    institution: int
    text: str = ""


@dataclass(frozen=True, slots=True)
class Reported:
    """A visit with what is known around it. Moments are local."""

    pk: int
    started_at: datetime
    ended_at: datetime
    has_end: bool
    institution: int
    text: str
    reported_at: datetime
    is_workday: bool
    clock_seconds: int = 0
    is_clock_changed: bool = False
    metres: float | None = None
    """From where the institution is to where the phone was; None where either is not known."""
    accuracy: int = 0
    evidence: frozenset[str] = frozenset()
    """What shows that it took place: "check_in", "photo", "colleague", "material"."""
    same_photos: tuple[tuple[int, int], ...] = ()
    """(visit, differing bits) of photos of other visits that look like one of these."""
    colleagues: tuple[int, ...] = ()
    """Visits of colleagues to the same people at the same time."""
    strangers: tuple[str, ...] = ()
    """Contacts that are not known to work there."""
    neighbours: tuple[Neighbour, ...] = ()
    """Own visits of the day."""
    earlier: tuple[Neighbour, ...] = ()
    """Own visits of the weeks before, for their texts."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something odd, with what fills its sentence."""

    code: str
    level: Level
    params: Mapping[str, Any] = field(default_factory=dict)


def findings(visit: Reported, limits: Mapping[str, Limit]) -> list[Finding]:
    """Return what is odd about a visit, the gravest first. `limits` by code; what is off is not asked."""
    found: list[tuple[str, dict[str, Any]]] = []
    for code, check in CHECKS.items():
        limit = limits.get(code)
        if limit is None or limit.level == "off":
            continue
        params = check(visit, limit.limit)
        if params is not None:
            found.append((code, params))
    made = [Finding(code, limits[code].level, params) for code, params in found]
    return sorted(made, key=lambda each: ORDER.index(each.level))


ORDER: tuple[Level, ...] = ("proof", "doubt", "note")


def validity(found: Sequence[Finding], *, doubts: int) -> str:
    """Return "invalid" where one finding proves it, "suspicious" from so many doubts on, else "valid"."""
    if any(each.level == "proof" for each in found):
        return "invalid"
    return "suspicious" if sum(each.level == "doubt" for each in found) >= doubts else "valid"


def metres_between(one: tuple[Decimal, Decimal], other: tuple[Decimal, Decimal]) -> float:
    """Return the distance of two points (latitude, longitude) on a sphere."""
    first, second = (tuple(math.radians(float(each)) for each in point) for point in (one, other))
    half = (
        math.sin((second[0] - first[0]) / 2) ** 2
        + math.cos(first[0]) * math.cos(second[0]) * math.sin((second[1] - first[1]) / 2) ** 2
    )
    return 2 * EARTH * math.asin(min(1.0, math.sqrt(half)))


# The checks -----------------------------------------------------------------------------------------------------

Params = dict[str, Any] | None


def _overlap(visit: Reported, limit: Decimal) -> Params:
    margin = timedelta(minutes=float(limit))
    for other in visit.neighbours:
        if other.institution != visit.institution and overlaps(
            visit.started_at + margin, max(visit.ended_at, visit.started_at + margin), other.started_at, other.ended_at
        ):
            return {"visit": other.pk, "time": f"{other.started_at:%H:%M}"}
    return None


def _too_near(visit: Reported, limit: Decimal) -> Params:
    least = timedelta(minutes=float(limit))
    for other in visit.neighbours:
        if other.institution == visit.institution:
            continue
        gap = max(visit.started_at - other.ended_at, other.started_at - visit.ended_at)
        if timedelta(0) <= gap < least:
            return {"visit": other.pk, "minutes": int(gap.total_seconds() // 60), "limit": int(limit)}
    return None


def _short(visit: Reported, limit: Decimal) -> Params:
    minutes = (visit.ended_at - visit.started_at).total_seconds() / 60
    return {"minutes": round(minutes), "limit": int(limit)} if visit.has_end and minutes < float(limit) else None


def _odd_hour(visit: Reported, limit: Decimal) -> Params:
    return {"time": f"{visit.started_at:%H:%M}"} if not limit <= visit.started_at.hour < 24 - limit // 2 else None


def _day_off(visit: Reported, _limit: Decimal) -> Params:
    return None if visit.is_workday else {"day": visit.started_at.date().isoformat()}


def _too_many(visit: Reported, limit: Decimal) -> Params:
    count = len(visit.neighbours) + 1
    return {"count": count, "limit": int(limit)} if count > limit else None


def _far(visit: Reported, limit: Decimal) -> Params:
    if visit.metres is None or visit.metres - visit.accuracy <= float(limit):
        return None
    return {"metres": round(visit.metres), "limit": int(limit)}


def _photo(visit: Reported, limit: Decimal) -> Params:
    same = [other for other, bits in visit.same_photos if bits <= limit]
    return {"visit": same[0]} if same else None


def _text(visit: Reported, limit: Decimal) -> Params:
    for other in (*visit.neighbours, *visit.earlier):
        if other.text and likeness(visit.text, other.text) >= float(limit):
            return {"visit": other.pk, "day": other.started_at.date().isoformat()}
    return None


def _late(visit: Reported, limit: Decimal) -> Params:
    days = (visit.reported_at.date() - visit.started_at.date()).days
    return {"days": days, "limit": int(limit)} if days > limit else None


def _clock(visit: Reported, limit: Decimal) -> Params:
    minutes = round(visit.clock_seconds / 60)
    return {"minutes": abs(minutes)} if abs(minutes) > limit else None


def _clock_set(visit: Reported, _limit: Decimal) -> Params:
    return {} if visit.is_clock_changed else None


def _no_evidence(visit: Reported, _limit: Decimal) -> Params:
    return None if visit.evidence else {}


def _colleague(visit: Reported, _limit: Decimal) -> Params:
    return {"visit": visit.colleagues[0]} if visit.colleagues else None


def _stranger(visit: Reported, _limit: Decimal) -> Params:
    return {"names": "、".join(visit.strangers)} if visit.strangers else None


CHECKS = {
    "overlap": _overlap, "photo": _photo, "too_near": _too_near, "far": _far, "too_many": _too_many, "text": _text,
    "colleague": _colleague, "short": _short, "clock_set": _clock_set, "clock": _clock, "late": _late,
    "odd_hour": _odd_hour, "day_off": _day_off, "stranger": _stranger, "no_evidence": _no_evidence,
}  # fmt: skip
