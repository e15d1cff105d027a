"""Recency, frequency and monetary scores by classes of equal size."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from yaomai.engine.population import Integers, Population


def rfm_table(metrics: pa.Table, *, bins: int = 5) -> pa.Table:
    """Score customers by recency, frequency and money, 1 (worst) to `bins` (best), in order of customer.

    The score is 1 + floor(bins × customers with a worse value / customers): equal values get equal scores, and classes
    have equal sizes as far as ties allow. A customer that never ordered has no recency and r = 1.

    Shape: customer, recency_days, frequency, monetary, r, f, m, rfm_score (the digits r, f, m as one number).

    Raises:
        ValueError: `bins` is not 2 to 9.
    """
    if not 2 <= bins <= 9:
        raise ValueError(f"bins must be 2 to 9, not {bins}")
    population = Population(metrics)
    recency = _score(population, "recency_days", bins, money=False, lower_is_better=True)
    frequency = _score(population, "frequency", bins, money=False, lower_is_better=False)
    monetary = _score(population, "monetary", bins, money=True, lower_is_better=False)
    kept = metrics.take(pc.index_in(population.customers, value_set=metrics.column("customer").combine_chunks()))
    return pa.table(
        {
            "customer": population.customers,
            "recency_days": kept.column("recency_days"),
            "frequency": kept.column("frequency"),
            "monetary": kept.column("monetary"),
            "r": pa.array(recency),
            "f": pa.array(frequency),
            "m": pa.array(monetary),
            "rfm_score": pa.array(recency * 100 + frequency * 10 + monetary),
        }
    )


def _score(population: Population, name: str, bins: int, *, money: bool, lower_is_better: bool) -> Integers:
    values = population.values(name, money=money)
    worse = population.worse(name, money=money, lower_is_better=lower_is_better)
    known = max(int(np.count_nonzero(values.known)), 1)
    return np.where(values.known, 1 + worse * bins // known, 1)
