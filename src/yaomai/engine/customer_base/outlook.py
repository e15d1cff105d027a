"""What is to be expected of each customer: still active, next order, orders in a time to come, each with its spread.

Given that a customer is still active, its rate is Gamma(r + k x + j, alpha + T), where j < k stages of the next interval
have passed, and its probability of stopping is Beta(a, b + x [+ 1]), each independent of the other. So the chance of n
orders or more in a time t is a sum of k negative binomial tails times a ratio of beta functions: no simulation.
"""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.special import betainc, gammaln

from yaomai.engine.customer_base.histories import Counts, Numbers, Patterns
from yaomai.engine.customer_base.ordering import Fitted

LOW: Final = 0.1
HIGH: Final = 0.9
"""The interval holds four of five customers."""
_NEGLIGIBLE: Final = 1e-9
_MOST_ORDERS: Final = 20_000
_BATCH: Final = 200_000
_UNDERFLOW: Final = -600.0


@dataclass(frozen=True, slots=True)
class Outlook:
    """One value per pattern: chance to be active, chance of an order in the time to come; expected orders in it, their
    second moment, and the bounds of the 80 % interval."""

    active: Numbers
    any_order: Numbers
    expected: Numbers
    squared: Numbers
    low: Counts
    high: Counts


def activity(fitted: Fitted, patterns: Patterns) -> tuple[Numbers, Numbers]:
    """Return the chance that a customer is still active, and the weights of the k stages (patterns × k), given that."""
    k, first = fitted.model.k, int(fitted.model.at_first)
    shape = fitted.r + k * patterns.repeats
    log_alive = _log_stages(fitted, patterns, 0.0)
    stops = patterns.repeats + first
    with np.errstate(divide="ignore"):
        ratio = np.where(stops > 0, fitted.a / np.where(stops > 0, fitted.b + stops - 1, 1.0), 0.0)
        log_dead = np.log(ratio) + gammaln(shape) - shape * np.log(fitted.alpha + patterns.recency)
    total = np.logaddexp.reduce(log_alive, axis=1)
    return 1 / (1 + np.exp(log_dead - total)), np.exp(log_alive - total[:, None])


def _log_stages(fitted: Fitted, patterns: Patterns, ahead: Numbers | float) -> Numbers:
    """Return the logarithm of the likelihood of no order for `ahead` more weeks, by stage (patterns × k)."""
    age = patterns.age + ahead
    silence = age - patterns.recency
    shape = fitted.r + fitted.model.k * patterns.repeats
    with np.errstate(divide="ignore"):
        log_silence = np.log(silence)
    columns = [
        gammaln(shape + j)
        - math.lgamma(j + 1)
        - (shape + j) * np.log(fitted.alpha + age)
        + (j * log_silence if j else 0)
        for j in range(fitted.model.k)
    ]
    return np.stack(np.broadcast_arrays(*columns), axis=1)


def outlook(fitted: Fitted, patterns: Patterns, *, weeks: float) -> Outlook:
    """Compute what is to be expected within the next `weeks`."""
    parts = []
    for start in range(0, len(patterns.repeats), _BATCH):
        cut = slice(start, start + _BATCH)
        parts.append(
            _outlook(
                fitted,
                Patterns(
                    patterns.repeats[cut],
                    patterns.recency[cut],
                    patterns.age[cut],
                    patterns.count[cut],
                    patterns.place[:0],
                ),
                weeks,
            )
        )
    fields = ("active", "any_order", "expected", "squared", "low", "high")
    return Outlook(*(np.concatenate([getattr(part, name) for part in parts]) for name in fields))


def _outlook(fitted: Fitted, patterns: Patterns, weeks: float) -> Outlook:
    active, stages = activity(fitted, patterns)
    shapes = (fitted.r + fitted.model.k * patterns.repeats)[:, None] + np.arange(fitted.model.k)
    rate = fitted.alpha + patterns.age
    stops = fitted.b + patterns.repeats + int(fitted.model.at_first)
    size = len(active)
    nothing, none = np.zeros((3, size)), np.zeros((2, size), np.int64)
    result = Outlook(active, nothing[0], nothing[1], nothing[2], none[0], none[1])
    is_plain = (shapes * -np.log1p(weeks / rate)[:, None]).min(axis=1) > _UNDERFLOW
    for rows, exact in ((np.flatnonzero(is_plain), False), (np.flatnonzero(~is_plain), True)):
        if rows.size:
            tails = _Tails(shapes[rows], weeks / rate[rows], stages[rows], exact=exact)
            _add_up(result, rows, tails, fitted.a, stops[rows])
    return result


def _add_up(result: Outlook, rows: Counts, tails: "_Tails", a: float, stops: Numbers) -> None:
    """Add the chances of 1, 2, 3 … orders or more, until they are negligible."""
    lasting = result.active[rows]
    for number in range(1, _MOST_ORDERS):
        chance = lasting * tails.at_least(number)
        if number == 1:
            result.any_order[rows] = chance
        result.expected[rows] += chance
        result.squared[rows] += (2 * number - 1) * chance
        result.low[rows] += chance > HIGH
        result.high[rows] += chance > LOW
        lasting = lasting * stops / (a + stops)
        stops = stops + 1
        goes_on = chance > _NEGLIGIBLE
        if not goes_on.any():
            return
        if goes_on.mean() < 0.7:
            rows, lasting, stops = rows[goes_on], lasting[goes_on], stops[goes_on]
            tails.keep(goes_on)


class _Tails:
    """P(n orders or more), given that the customer stays active: of n = 1, 2, 3 … in turn."""

    def __init__(self, shapes: Numbers, odds: Numbers, stages: Numbers, *, exact: bool) -> None:
        self.shapes, self.stages, self.exact = shapes, stages, exact
        self.share = (odds / (1 + odds))[:, None]
        self.reached = np.ones_like(shapes)
        self.mass = np.exp(shapes * np.log1p(-self.share))
        self.steps = np.zeros(shapes.shape[1], np.int64)

    def at_least(self, number: int) -> Numbers:
        k = self.shapes.shape[1]
        for j in range(k):
            steps = k * number - j
            if self.exact:
                self.reached[:, j] = betainc(steps, self.shapes[:, j], self.share[:, 0])
                continue
            mass, reached, shape, share = self.mass[:, j], self.reached[:, j], self.shapes[:, j], self.share[:, 0]
            for step in range(int(self.steps[j]), steps):
                reached -= mass
                mass *= (shape + step) / (step + 1) * share
            self.steps[j] = steps
        return np.clip((self.stages * self.reached).sum(axis=1), 0.0, 1.0)

    def keep(self, rows: "np.ndarray[tuple[int], np.dtype[np.bool_]]") -> None:
        self.shapes, self.stages, self.share = self.shapes[rows], self.stages[rows], self.share[rows]
        self.mass, self.reached = self.mass[rows], self.reached[rows]


def silence(fitted: Fitted, patterns: Patterns) -> Numbers:
    """Return the chance that a customer who is still active says nothing for as long as this one has by now."""
    shape = fitted.r + fitted.model.k * patterns.repeats
    then = gammaln(shape) - shape * np.log(fitted.alpha + patterns.recency)
    return np.exp(np.minimum(np.logaddexp.reduce(_log_stages(fitted, patterns, 0.0), axis=1) - then, 0.0))


def next_order(fitted: Fitted, patterns: Patterns, *, share: float) -> Numbers:
    """Return the weeks from now by which a still active customer has ordered with chance `share`."""
    now = np.logaddexp.reduce(_log_stages(fitted, patterns, 0.0), axis=1)
    shape = fitted.r + fitted.model.k * patterns.repeats
    rate = fitted.alpha + patterns.age
    if fitted.model.k == 1:
        return rate * np.expm1(-np.log1p(-share) / shape)
    low, high = np.zeros(len(shape)), rate * np.expm1(-np.log1p(-share) / shape) * fitted.model.k + 1
    target = now + np.log1p(-share)
    for _ in range(60):
        late = np.logaddexp.reduce(_log_stages(fitted, patterns, high), axis=1) > target
        if not late.any():
            break
        high = np.where(late, high * 2, high)
    for _ in range(50):
        middle = (low + high) / 2
        is_before = np.logaddexp.reduce(_log_stages(fitted, patterns, middle), axis=1) > target
        low, high = np.where(is_before, middle, low), np.where(is_before, high, middle)
    return high
