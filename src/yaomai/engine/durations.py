"""How long a path of stages still takes: from past spells, ended and running, without assuming a distribution.

A stage's durations are estimated by Kaplan and Meier (1958), so that spells that still run, or ended otherwise, count
as "longer than this". Stages are combined by drawing: the sum of one draw a stage, many times over. The share of spells
beyond the longest that ended gets the longest duration seen.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

DRAWS: Final = 4_000
SPREAD: Final = 0.5
"""Standard deviation of the logarithm of an assumed duration: two of three lie between 0.6 and 1.6 times of it."""

Days = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Spell:
    """Days that something spent in a stage; `ended` is False when it still runs or left otherwise."""

    days: int
    ended: bool = True


@dataclass(frozen=True, slots=True)
class StageBasis:
    """What a stage's durations rest on: `ended` spells, or nothing but the assumed days."""

    stage: str
    ended: int
    is_assumed: bool
    middle: float


@dataclass(frozen=True, slots=True)
class Remaining:
    """Days from now to the end of the path: of ten like it one is through by `low`, five by `middle`, nine by `high`."""

    low: int
    middle: int
    high: int
    basis: tuple[StageBasis, ...]


def survival(spells: Sequence[Spell]) -> tuple[Days, Days]:
    """Give the days at which spells ended, ascending, and the share of all that lasts longer than each.

    >>> days, longer = survival([Spell(1), Spell(2, ended=False), Spell(3)])
    >>> days.tolist(), longer.round(3).tolist()
    ([1.0, 3.0], [0.667, 0.0])
    """
    lasted = np.array([spell.days for spell in spells], float)
    ended = np.array([spell.ended for spell in spells], bool)
    times = np.unique(lasted[ended])
    at_risk = (lasted[None, :] >= times[:, None]).sum(axis=1)
    deaths = ((lasted[None, :] == times[:, None]) & ended[None, :]).sum(axis=1)
    return times, np.cumprod(1 - deaths / at_risk)


def remaining(
    spells: Mapping[str, Sequence[Spell]],
    path: Sequence[str],
    *,
    elapsed: int,
    assumed: Mapping[str, float],
    fewest: int = 5,
    seed: int = 0,
) -> Remaining:
    """Forecast the days that a path of stages still takes.

    Args:
        spells: past spells by stage.
        path: the stages ahead, the first of which has been running for `elapsed` days.
        assumed: days by stage where fewer than `fewest` spells have ended.

    Raises:
        ValueError: the path is empty, or a stage has neither spells nor an assumption.
    """
    if not path:
        raise ValueError("no stage ahead")
    random = np.random.default_rng(seed)
    total: Days = np.zeros(DRAWS)
    basis = []
    for number, stage in enumerate(path):
        known = spells.get(stage, ())
        ended = sum(spell.ended for spell in known)
        if ended < fewest and stage not in assumed:
            raise ValueError(f"nothing is known about {stage}")
        over = elapsed if number == 0 else 0
        if ended < fewest:
            drawn = assumed[stage] * np.exp(SPREAD * random.standard_normal(DRAWS))
            drawn = np.maximum(drawn - over, drawn * 0.1) if over else drawn
        else:
            drawn = _draw(known, over, random)
        total += drawn
        basis.append(StageBasis(stage, ended, ended < fewest, float(np.median(drawn))))
    low, middle, high = (max(0, round(float(day))) for day in np.quantile(total, (0.1, 0.5, 0.9)))
    return Remaining(low, middle, high, tuple(basis))


def _draw(spells: Sequence[Spell], over: int, random: np.random.Generator) -> Days:
    """Draw days still to come of a stage that has lasted `over` days."""
    times, longer = survival(spells)
    later = times > over
    if not later.any():
        # It has lasted longer than any before: as likely to end on the next day as ever, which is all one can say.
        return random.exponential(max(over, 1) / 2, DRAWS)
    reached = longer[~later][-1] if (~later).any() else 1.0
    shares = np.diff(np.concatenate(([reached], longer[later], [0.0]))) * -1
    days = np.append(times[later], times[-1])
    return random.choice(days, DRAWS, p=shares / shares.sum()) - over
