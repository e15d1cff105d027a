"""What changes when a scheme changes: who moves from which tier to which, and how much money moves with them."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from yaomai.engine.population import money_in_cents
from yaomai.engine.scorecards import SchemeSpec

_SIDES: Final = ("tier", "score", "rank")


@dataclass(frozen=True, slots=True)
class Flow:
    """Customers that go from one tier to another (None: not in that result), and their amount in yuan."""

    before: str | None
    after: str | None
    customers: int
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two results of one scheme side by side.

    `flows` lists every pair of tiers that occurs, stays included, in order of the tiers. `movers` has one row per
    customer whose tier changes: customer, tier_before, tier_after, score_before, score_after, rank_before, rank_after,
    amount; the largest amount first. `risen` and `fallen` count movers that have both tiers in both versions of the
    scheme.
    """

    flows: tuple[Flow, ...]
    movers: pa.Table
    risen: int
    fallen: int


def compare(before: pa.Table, after: pa.Table, *, tiers: Sequence[str], amounts: pa.Table | None = None) -> Comparison:
    """Compare two result tables (`SchemeResult.table`) of a scheme.

    tiers: names from best to worst, of both versions; amounts: `customer` and `amount_12m`, for the money of the flows.

    Raises:
        ValueError: a tier of a result is not among `tiers`.
    """
    first, second = before.column("customer").combine_chunks(), after.column("customer").combine_chunks()
    everyone = pc.unique(pa.concat_arrays([first, second.cast(first.type)]))
    everyone = everyone.take(pc.sort_indices(everyone))
    old = before.select(_SIDES).take(pc.index_in(everyone, value_set=first))
    new = after.select(_SIDES).take(pc.index_in(everyone, value_set=second))
    left, right = _positions(old, tiers), _positions(new, tiers)
    cents = _cents(everyone, amounts)
    moved = np.flatnonzero(left != right)
    moved = moved[np.argsort(-cents[moved], kind="stable")]
    both = (left < len(tiers)) & (right < len(tiers))
    return Comparison(
        flows=tuple(_flows(left, right, cents, tiers)),
        movers=_movers(everyone, old, new, cents, moved),
        risen=int(np.count_nonzero(both & (right < left))),
        fallen=int(np.count_nonzero(both & (right > left))),
    )


def tier_order(*specs: SchemeSpec) -> tuple[str, ...]:
    """Give the tiers of versions of a scheme from best to worst, those of the first version first among equals."""
    names = dict.fromkeys(tier.name for spec in specs for tier in spec.tiers)
    places = {name: next(place for spec in specs if (place := _place(spec, name)) is not None) for name in names}
    return tuple(sorted(names, key=places.__getitem__))


def sample(metrics: pa.Table, *, size: int, seed: int = 0) -> pa.Table:
    """Draw customers at random, the same for the same seed, for a quick look at the shape of a change.

    Shape: `size` rows of `metrics` in order of customer; all of them when there are fewer.
    """
    order = pc.sort_indices(metrics.column("customer")).to_numpy()
    if size >= len(order):
        return metrics.take(order)
    drawn = np.random.default_rng(seed).choice(len(order), size, replace=False)
    return metrics.take(order[np.sort(drawn)])


def _place(spec: SchemeSpec, name: str) -> float | None:
    for position, tier in enumerate(spec.tiers):
        if tier.name == name:
            return position / max(len(spec.tiers) - 1, 1)
    return None


def _positions(table: pa.Table, tiers: Sequence[str]) -> npt.NDArray[np.int64]:
    """Give the position of each customer's tier, the number of tiers where it has none."""
    tier = table.column("tier").cast(pa.string())
    found = pc.index_in(tier, value_set=pa.array(tiers, pa.string()))
    if found.null_count > tier.null_count:
        unknown = pc.unique(tier.filter(pc.and_(found.is_null(), tier.is_valid()))).to_pylist()
        raise ValueError(f"tiers {unknown} are not among {list(tiers)}")
    return np.asarray(found.fill_null(len(tiers)).to_numpy(), np.int64)


def _cents(customers: pa.Array, amounts: pa.Table | None) -> npt.NDArray[np.int64]:
    if amounts is None:
        return np.zeros(len(customers), np.int64)
    keys = amounts.column("customer").combine_chunks().cast(customers.type)
    return money_in_cents(amounts.column("amount_12m").take(pc.index_in(customers, value_set=keys)))


def _flows(
    left: npt.NDArray[np.int64],
    right: npt.NDArray[np.int64],
    cents: npt.NDArray[np.int64],
    tiers: Sequence[str],
) -> list[Flow]:
    names = (*tiers, None)
    cells = left * len(names) + right
    flows = []
    for cell in np.unique(cells):
        inside = cells == cell
        amount = Decimal(int(cents[inside].sum())).scaleb(-2)
        flows.append(Flow(names[cell // len(names)], names[cell % len(names)], int(np.count_nonzero(inside)), amount))
    return flows


def _movers(
    customers: pa.Array, old: pa.Table, new: pa.Table, cents: npt.NDArray[np.int64], moved: npt.NDArray[np.int64]
) -> pa.Table:
    columns = {"customer": customers.take(moved)}
    for side, table in (("before", old), ("after", new)):
        taken = table.take(moved)
        columns[f"tier_{side}"] = taken.column("tier").cast(pa.string())
        columns[f"score_{side}"] = taken.column("score")
        columns[f"rank_{side}"] = taken.column("rank")
    columns["amount"] = pa.array([Decimal(int(value)).scaleb(-2) for value in cents[moved]], pa.decimal128(18, 2))
    return pa.table(columns)
