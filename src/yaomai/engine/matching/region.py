"""Where the institutions of a file lie, judged by its distributor's seat and by its other names.

It puts what is otherwise equal in order (人民医院 of the distributor's own city first) and never makes a match certain.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from .comparison import Codebook
from .index import Floats, Ints
from .master import Master
from .places import CITY, Place

_SEAT: Final = 3.0
"""The seat of the distributor counts like so many certain names in its city."""
_PLACES: Final = 4
"""Cities of a file in which an uncertain name is looked for, the likeliest first."""
_LEAST: Final = 0.05
"""Share of a file's institutions from which on a city or province says something about the others."""
_CITY: Final = 0.8
"""Weight of the city in how near an institution is; the rest is the province's."""


@dataclass(frozen=True, slots=True)
class Region:
    """How near the institutions of a master list are to a file.

    `places` are where to look for more candidates; `near[i]` in [0, 1] belongs to form i of the master list.
    """

    places: tuple[Place, ...]
    near: Floats


def region_of(master: Master, seat: Place, certain_rows: Sequence[int], codebook: Codebook) -> Region:
    """Judge a file by the seat of its distributor (`NOWHERE` if unknown) and the rows of its certain names."""
    city, province = master.columns.features["city"], master.columns.features["province"]
    first_form = np.searchsorted(master.rows, np.array(certain_rows, dtype=np.int64))
    city_seat, province_seat = codebook.numbers([seat.city, seat.province]).tolist()
    cities = _shares(city[first_form], city_seat, len(codebook))
    provinces = _shares(province[first_form], province_seat, len(codebook))
    likeliest = np.argsort(-cities, kind="stable")[:_PLACES]
    names = codebook.strings()
    places = [seat] if seat else []
    for number in likeliest[cities[likeliest] > 0].tolist():
        form = int(np.flatnonzero(city == number)[0]) if number != city_seat else -1
        if form >= 0:
            places.append(Place(names[number], CITY, names[int(province[form])], names[number]))
    return Region(tuple(places), _CITY * cities[city] + (1 - _CITY) * provinces[province])


def _shares(numbers: Ints, seat: int, count: int) -> Floats:
    """Count how often each number occurs, the seat's with its weight, as shares; 0 for unknown."""
    counts = np.bincount(numbers, minlength=count).astype(np.float64)
    counts[seat] += _SEAT
    counts[0] = 0.0
    shares = counts / max(counts.sum(), 1.0)
    return np.where(shares < _LEAST, 0.0, shares)
