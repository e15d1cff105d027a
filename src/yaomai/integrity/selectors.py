"""Reads of this room."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from django.db.models import Count, Q

from yaomai.integrity.models import Case
from yaomai.integrity.policies import WatchPolicy
from yaomai.integrity.words import DETECTORS

ENOUGH = 5
"""Closed cases from which a detector's weight is learned: fewer say nothing."""
HUNDREDTH = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Record:
    """How a detector has done: cases by state, and how many of the closed ones were confirmed."""

    detector: str
    open: int
    closed: int
    confirmed: int

    @property
    def precision(self) -> float | None:
        """Confirmed among closed; None while nothing is closed."""
        return self.confirmed / self.closed if self.closed else None

    @property
    def expected_precision(self) -> float:
        """Mean of the Beta(1, 1) prior brought up to date: what the next case is worth."""
        return (self.confirmed + 1) / (self.closed + 2)


def records() -> list[Record]:
    """Return how every detector has done over all cases of the company, own ones included: it is about detectors."""
    counted = {
        row["detector"]: row
        for row in Case.unscoped.values("detector").annotate(
            closed=Count("pk", filter=Q(state=Case.State.CLOSED)),
            confirmed=Count("pk", filter=Q(outcome=Case.Outcome.CONFIRMED)),
            still=Count("pk", filter=~Q(state=Case.State.CLOSED)),
        )
    }
    none = {"still": 0, "closed": 0, "confirmed": 0}
    return [
        Record(code, found["still"], found["closed"], found["confirmed"])
        for code, found in ((code, counted.get(code, none)) for code in DETECTORS)
    ]


def learned(policy: WatchPolicy) -> Mapping[str, Decimal]:
    """Return the weight of every detector as outcomes teach it; the present one where too few cases are closed.

    The expected precision of each, as a share of the best: the best detector counts in full.
    """
    done = {record.detector: record for record in records() if record.closed >= ENOUGH}
    best = max((record.expected_precision for record in done.values()), default=1.0)
    now = policy.weight_of
    return {
        code: Decimal(done[code].expected_precision / best if code in done else now[code]).quantize(
            HUNDREDTH, ROUND_HALF_UP
        )
        for code in DETECTORS
    }
