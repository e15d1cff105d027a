"""What follows from a set of rights: duties that exclude each other, and what the wall withholds. Pure functions."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fnmatch import translate
from functools import cache
from itertools import combinations

NOTHING = "(?!)"


def matching(rights: Iterable[str], patterns: Iterable[str]) -> frozenset[str]:
    """Return the rights that fit any of the patterns, such as "commerce.*:*"."""
    wanted = _any_of(frozenset(patterns))
    return frozenset(right for right in rights if wanted.match(right))


@cache
def _any_of(patterns: frozenset[str]) -> re.Pattern[str]:
    """Compile patterns once: a role has dozens of them, and hundreds of rights are held against each."""
    return re.compile("|".join(map(translate, patterns)) or NOTHING)


def duties(rights: Iterable[str], patterns_by_duty: Mapping[str, Iterable[str]]) -> frozenset[str]:
    """Return the administrative duties (system, security, audit) that a set of rights amounts to."""
    held = frozenset(rights)
    return frozenset(duty for duty, patterns in patterns_by_duty.items() if matching(held, patterns))


def merged(rights: Iterable[str], shipped_before: Iterable[str], shipped_now: Iterable[str]) -> list[str]:
    """Return a role's rights after an update: the new defaults with what the customer had added and removed."""
    own, before, now = set(rights), set(shipped_before), set(shipped_now)
    return sorted((now - (before - own)) | (own - before))


@dataclass(frozen=True, slots=True)
class Seat:
    """A position as one person holds it: half-open period and the rights it carries."""

    label: str
    valid_from: date
    valid_to: date | None
    rights: frozenset[str]

    def overlaps(self, other: "Seat") -> bool:
        """Tell whether there is a day on which both are held."""
        return (self.valid_to is None or self.valid_to > other.valid_from) and (
            other.valid_to is None or other.valid_to > self.valid_from
        )


def separation_breaches(
    seats: Sequence[Seat], patterns_by_duty: Mapping[str, Iterable[str]]
) -> Iterator[tuple[tuple[Seat, ...], frozenset[str]]]:
    """Yield the seats that one person may not hold at once, with the duties they bring together."""
    of_seat = {seat: duties(seat.rights, patterns_by_duty) for seat in seats}
    for seat, held in of_seat.items():
        if len(held) > 1:
            yield (seat,), held
    for one, other in combinations(seats, 2):
        together = of_seat[one] | of_seat[other]
        if len(together) > 1 and of_seat[one] and of_seat[other] and one.overlaps(other):
            yield (one, other), together
