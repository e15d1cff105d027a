"""Where institutions are, in kilometres east and north; without a known location estimated from the administrative division.

An estimate is the same every time, near the known places of the same district, city or province, and never on top of
another: good enough for the order of a day, and said to be an estimate wherever ways are shown.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from math import cos, pi, radians, sin
from typing import Final

from yaomai.customers.models import Institution
from yaomai.planning.models import Location

_DEGREE: Final = 111.2
"""Kilometres of a degree of latitude."""
_CITY: Final = 4
"""Digits of a city's code."""
_RADIUS: Final = {6: 3.0, 4: 9.0, 2: 60.0, 0: 200.0}
"""By digits of the division's code that are shared: how far from the middle of known places an estimate may lie."""


@dataclass(frozen=True, slots=True)
class Spot:
    """A place of a plan."""

    x: float
    y: float
    is_estimated: bool


def spots(institutions: Sequence[int], *, between: float = 1.0) -> dict[int, Spot]:
    """Return where institutions are, around the middle of those that are known.

    Args:
        between: by how much the ways between cities count less than within one: trains are faster than streets.
    """
    known = {
        pk: (float(latitude), float(longitude))
        for pk, latitude, longitude in Location.unscoped.filter(institution__in=institutions).values_list(
            "institution_id", "latitude", "longitude"
        )
    }
    codes = dict(Institution.unscoped.filter(pk__in=institutions).order_by("pk").values_list("pk", "division__code"))
    placed = _flat(known)
    found = {pk: placed.get(pk) or _estimated(pk, codes.get(pk) or "", placed, codes) for pk in codes}
    return found if between == 1.0 else _closer(found, codes, between)


def _closer(found: Mapping[int, Spot], codes: Mapping[int, str | None], between: float) -> dict[int, Spot]:
    """Move cities together; within each everything stays as far apart as it is."""
    cities: dict[str, list[Spot]] = {}
    for pk, spot in found.items():
        cities.setdefault((codes[pk] or "")[:_CITY], []).append(spot)
    middles = {
        city: (sum(spot.x for spot in held) / len(held), sum(spot.y for spot in held) / len(held))
        for city, held in cities.items()
    }
    moved = {}
    for pk, spot in found.items():
        x, y = middles[(codes[pk] or "")[:_CITY]]
        moved[pk] = Spot(spot.x + x * (between - 1), spot.y + y * (between - 1), spot.is_estimated)
    return moved


def _flat(known: Mapping[int, tuple[float, float]]) -> dict[int, Spot]:
    if not known:
        return {}
    north = sum(latitude for latitude, _longitude in known.values()) / len(known)
    east = sum(longitude for _latitude, longitude in known.values()) / len(known)
    return {
        pk: Spot((longitude - east) * _DEGREE * cos(radians(north)), (latitude - north) * _DEGREE, False)
        for pk, (latitude, longitude) in known.items()
    }


def _estimated(pk: int, code: str, placed: Mapping[int, Spot], codes: Mapping[int, str | None]) -> Spot:
    for digits, radius in _RADIUS.items():
        near = [spot for other, spot in placed.items() if (codes.get(other) or "")[:digits] == code[:digits]]
        if near:
            x, y = sum(spot.x for spot in near) / len(near), sum(spot.y for spot in near) / len(near)
            return _around(x, y, radius, str(pk))
    x, y = 0.0, 0.0
    for digits, radius in ((2, 200.0), (4, 60.0), (6, 9.0)):
        middle = _around(x, y, radius, code[:digits])
        x, y = middle.x, middle.y
    return _around(x, y, _RADIUS[6], str(pk))


def _around(x: float, y: float, radius: float, word: str) -> Spot:
    digest = sha256(word.encode()).digest()
    angle, share = 2 * pi * digest[0] / 256, (1 + digest[1]) / 256
    return Spot(x + radius * share**0.5 * cos(angle), y + radius * share**0.5 * sin(angle), True)
