"""Did it help? A study computed from the mirror of the sales flow, by `yaomai.engine.effects`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from django.db.models import Q

from yaomai import __version__
from yaomai.commerce.datasets import SALES
from yaomai.customers.models import Institution
from yaomai.insights.effects import rules
from yaomai.insights.findings.policies import EffectPolicy
from yaomai.insights.models import EffectStudy
from yaomai.insights.panel_data import monthly, reach
from yaomai.kit.policies.selectors import policy_on
from yaomai.kit.warehouse import snapshot

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from yaomai.engine.effects.estimating import Difference, Effect

PURCHASES = "commerce.salesline:view"
DIGITS = 6


@dataclass(frozen=True, slots=True)
class Groups:
    """Who had the change and with whom they may be compared: ids, in order. `gone` had it and are in view no more."""

    treated: list[int]
    others: list[int]
    gone: int
    merged: int


def standing_of(keys: Sequence[int]) -> dict[int, int]:
    """Return where institutions stand by now: themselves, or what they were merged into."""
    standing = {key: key for key in keys}
    while True:
        rows = Institution.unscoped.filter(pk__in=set(standing.values()), merged_into__isnull=False)
        winners = dict(rows.values_list("pk", "merged_into_id"))
        if not winners:
            return standing
        standing = {key: winners.get(now, now) for key, now in standing.items()}


def groups(treated: Sequence[int]) -> Groups:
    """Return the groups as the actor may see them: others are of the kinds of those that had the change."""
    standing = standing_of(treated)
    wanted = set(standing.values())
    seen: Any = Institution.objects.filter(merged_into=None).allowed(PURCHASES)
    own = dict(seen.filter(pk__in=wanted).values_list("pk", "kind"))
    alike = seen.filter(kind__in=set(own.values()), archived_at=None).exclude(pk__in=wanted)
    merged = len(standing) - len(wanted)
    return Groups(sorted(own), sorted(alike.values_list("pk", flat=True)), len(wanted) - len(own), merged)


def measured(study: EffectStudy, *, as_of: date) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what the data say of a study on a day, and what went in; both are plain JSON.

    The result holds: verdict; effect, placebo and trend (mean, low, high, chance); baseline, relative, total; counts;
    months with the means of those with the change and of those compared with; how alike they were; each customer with
    the change before and after; on whom it rests. Without a whole month after the change it is "early".
    """
    policy, version = policy_on(EffectPolicy, on=as_of)
    taken = snapshot(SALES)
    limits = reach(taken, as_of=as_of)
    through = limits.through if limits is not None else date.min
    window = rules.window(
        study.since, first=limits.first if limits is not None else date.max, through=through,
        before=policy.months_before, after=policy.months_after,
    )  # fmt: skip
    found = groups(study.treated)
    result, matched = _result(study, found, window, taken, policy)
    inputs = {
        "sales_flow": taken.fingerprint,
        "engine": __version__,
        "policies": {EffectPolicy.name: version.number if version is not None else None},
        "least": str(policy.least),
        "through": str(through) if limits is not None else None,
        "treated": found.treated,
        "compared_with": matched,
        "gone": found.gone,
        "merged": found.merged,
    }
    return result, inputs


def _result(
    study: EffectStudy, found: Groups, window: rules.Window, taken: Any, policy: EffectPolicy
) -> tuple[dict[str, Any], list[int]]:
    import numpy as np

    said: dict[str, Any] = {
        "months": [str(month) for month in window.months],
        "since": window.since,
        "left_out": str(window.left_out) if window.left_out is not None else None,
        "before": window.since,
        "after": window.after,
        "treated": len(found.treated),
        "pool": len(found.others),
    }
    if not window.after:
        return said | {"verdict": "early", "from": str(rules.first_answer(study.since))}, []
    keys = [*found.treated, *found.others]
    values = monthly(taken, keys, window.months, measure=study.measure, product=study.product_id)
    flags = np.arange(len(keys)) < len(found.treated)
    # Who never bought is no equal of who did: they stay out unless some of those with the change are such.
    bought = (values[:, : window.since] != 0).any(1)
    newcomers = int((flags & ~bought).sum())
    kept = flags | bought if not newcomers else np.ones(len(keys), dtype=bool)
    ids = np.array(keys, dtype=np.int64)[kept]
    values, flags = values[kept], flags[kept]
    outcome = _estimate(values, flags, window.since, float(policy.least))
    rows = outcome.matched
    said |= {
        "newcomers": newcomers,
        "controls": outcome.controls,
        "matched": len(rows),
        "verdict": outcome.verdict,
        "needed": outcome.needed,
        "means": _means(values, flags, rows),
        "alike": _alike(values[:, : window.since], flags, rows),
        "units": _units(ids, values, flags, window.since),
    }
    if outcome.difference is not None:
        said |= _told(outcome, count=len(found.treated), after=window.after)
        said["months_needed"] = rules.months_needed(
            count=outcome.treated, needed=outcome.needed, before=window.since, after=window.after
        )
        said |= _resting(outcome, ids, values, flags, window.since, float(policy.least))
    return said, [int(key) for key in ids[rows]]


def _estimate(values: "NDArray[np.float64]", flags: "NDArray[np.bool_]", since: int, least: float) -> "Effect":
    from yaomai.engine.effects.estimating import estimate

    return estimate(values, treated=flags, since=since, least=least)


def _told(outcome: "Effect", *, count: int, after: int) -> dict[str, Any]:
    assert outcome.difference is not None and outcome.placebo is not None and outcome.trend is not None
    return {
        "effect": _difference(outcome.difference),
        "placebo": _difference(outcome.placebo),
        "trend": _difference(outcome.trend),
        "baseline": round(outcome.baseline, DIGITS),
        "relative": outcome.relative,
        "total": round(outcome.difference.effect * count * after, DIGITS),
    }


def _difference(found: "Difference") -> dict[str, float]:
    return {
        "mean": round(found.effect, DIGITS),
        "low": round(found.low, DIGITS),
        "high": round(found.high, DIGITS),
        "chance": round(found.chance, DIGITS),
    }


def _means(
    values: "NDArray[np.float64]", flags: "NDArray[np.bool_]", rows: "NDArray[np.int64]"
) -> dict[str, list[float]]:
    def mean(some: "NDArray[np.float64]") -> list[float]:
        return [round(float(each), DIGITS) for each in some.mean(0)] if len(some) else []

    return {"treated": mean(values[flags]), "matched": mean(values[rows])}


def _alike(
    before: "NDArray[np.float64]", flags: "NDArray[np.bool_]", rows: "NDArray[np.int64]"
) -> dict[str, list[float]]:
    """Return level and monthly trend before the change: of those with it, those compared with, and all others."""
    import numpy as np

    if not before.shape[1]:
        return {}
    time = np.arange(before.shape[1]) - (before.shape[1] - 1) / 2
    slopes = before @ time / max(float(time @ time), 1.0)

    def both(some: Any) -> list[float]:
        return [round(float(before[some].mean()), DIGITS), round(float(slopes[some].mean()), DIGITS)]

    named = {"treated": flags, "matched": rows, "others": ~flags}
    return {name: both(some) for name, some in named.items() if len(slopes[some])}


def _units(
    ids: "NDArray[np.int64]", values: "NDArray[np.float64]", flags: "NDArray[np.bool_]", since: int
) -> list[tuple[int, float, float]]:
    """Return each customer with the change: id, mean per month before and after; who gained most first."""
    own = values[flags]
    earlier = own[:, :since].mean(1) if since else own[:, :0].sum(1)
    pairs = zip(ids[flags].tolist(), earlier.tolist(), own[:, since:].mean(1).tolist(), strict=True)
    told = [(key, round(one, DIGITS), round(two, DIGITS)) for key, one, two in pairs]
    return sorted(told, key=lambda each: (each[1] - each[2], each[0]))


def _resting(
    outcome: "Effect", ids: "NDArray[np.int64]", values: "NDArray[np.float64]", flags: "NDArray[np.bool_]",
    since: int, least: float,
) -> dict[str, Any]:  # fmt: skip
    """Tell whether the answer is another without the one customer that moved most; then it rests on it."""
    import numpy as np

    if outcome.verdict not in ("helps", "harms", "none"):
        return {}
    used = np.concatenate([np.flatnonzero(flags), outcome.matched])
    moved = values[used, since:].mean(1) - values[used, :since].mean(1)
    largest = int(used[np.abs(moved - np.median(moved)).argmax()])
    rest = np.arange(len(ids)) != largest
    without = _estimate(values[rest], flags[rest], since, least)
    if without.verdict == outcome.verdict or without.difference is None:
        return {}
    return {
        "verdict": "fragile",
        "rests_on": {"institution": int(ids[largest]), "without": _difference(without.difference),
                     "verdict": without.verdict},
    }  # fmt: skip


def names_of(keys: Sequence[int]) -> Mapping[int, str]:
    """Return the names of the institutions whose purchases the actor may see."""
    seen: Any = Institution.objects.filter(pk__in=keys).allowed(PURCHASES)
    return dict(seen.values_list("pk", "name"))


def in_group(kind: str, value: Any) -> Any:
    """Return the institutions of a group that the actor sees with their purchases, as a query.

    kind: "chosen" (ids), "tier" ((scheme, tier)), "territory" (a territory, with what lies below), "list" (a list of
    target hospitals, without those that were dropped).
    """
    from yaomai.insights.models import TargetItem
    from yaomai.segmentation.models import TierAssignment

    seen: Any = Institution.objects.filter(merged_into=None).allowed(PURCHASES)
    if kind == "chosen":
        return seen.filter(pk__in=value)
    if kind == "territory":
        return seen.filter(territory__path__startswith=value.path, archived_at=None)
    if kind == "tier":
        scheme, tier = value
        held = TierAssignment.unscoped.filter(scheme=scheme, tier=tier, valid_to=None, institution__isnull=False)
        return seen.filter(pk__in=held.values("institution"), archived_at=None)
    items = TargetItem.unscoped.filter(Q(target_list=value) & ~Q(decision=TargetItem.Decision.DROPPED))
    return seen.filter(pk__in=items.values("institution"))
