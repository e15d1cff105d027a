"""Where people stand in a network of ties: how far they reach, how much runs through them, to which group they belong.

Betweenness by Brandes (2001), estimated from sampled sources as Geisberger, Sanders and Schultes (2008) where the network
is large; groups by the parallel Louvain method of Staudt and Meyerhenke (2016); both by networkit.
"""

from typing import Any

import numpy as np
import pyarrow as pa

EXACT_PEOPLE = 2_000
"""Up to so many people every one of them is a source of shortest ways; beyond, a sample is."""
SAMPLES = 256
BLOCK = 8_192
"""Rows of the two-step matrix at once: keeps the memory bounded."""

SCHEMA = pa.schema(
    [
        ("person", pa.int64()),
        ("direct", pa.int64()),
        ("reach", pa.int64()),
        ("bridge", pa.float64()),
        ("group", pa.int64()),
    ]
)


def positions(first: pa.Array, second: pa.Array, *, samples: int = SAMPLES, seed: int = 1) -> pa.Table:
    """Return where everybody stands who has a tie, by id.

    Args:
        first, second: ids of the two ends of each tie (int64, equally long); several ties of a pair count once, ties
            of a person with themselves not at all; the order of ends means nothing.
        samples: sources from which betweenness is estimated beyond `EXACT_PEOPLE`.

    Returns:
        `SCHEMA`: direct, people with a direct tie; reach, people within two steps, without the person; bridge, the
        share of all shortest ways between two others that lead through the person (0 to 1); group, 1 the largest.
        The same ties and seed give the same table.
    """
    people, rows, columns = _pairs(np.asarray(first), np.asarray(second))
    if not len(people):
        return SCHEMA.empty_table()
    from scipy.sparse import csr_matrix

    ones = np.ones(2 * len(rows), np.int32)
    both = (np.concatenate([rows, columns]), np.concatenate([columns, rows]))
    ties = csr_matrix((ones, both), shape=(len(people), len(people)))
    bridge, group = _bridge_and_group(rows, columns, len(people), samples, seed)
    return pa.table(
        [people, np.diff(ties.indptr), _reach(ties), bridge, group],
        schema=SCHEMA,
    )


def _pairs(first: np.ndarray, second: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the people, and each pair of them once as places among the people, the lower first."""
    differ = first != second
    low, high = np.minimum(first, second)[differ], np.maximum(first, second)[differ]
    people, places = np.unique(np.concatenate([low, high]), return_inverse=True)
    codes = np.unique(places[: len(low)].astype(np.int64) * len(people) + places[len(low) :])
    return people, codes // max(len(people), 1), codes % max(len(people), 1)


def _reach(ties: Any) -> np.ndarray:
    """Return how many others each person reaches within two steps."""
    found = []
    for start in range(0, ties.shape[0], BLOCK):
        block = ties[start : start + BLOCK]
        within = block @ ties + block
        # Whoever has a tie comes back to themselves in two steps.
        found.append(np.diff(within.indptr) - 1)
    return np.concatenate(found)


def _bridge_and_group(
    rows: np.ndarray, columns: np.ndarray, count: int, samples: int, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    import networkit

    networkit.setNumberOfThreads(1)  # more would add in another order each time
    networkit.setSeed(seed, False)
    graph = networkit.GraphFromCoo((rows.astype(np.uint64), columns.astype(np.uint64)), n=count)
    if count <= EXACT_PEOPLE:
        measure = networkit.centrality.Betweenness(graph, normalized=True)
    else:
        measure = networkit.centrality.EstimateBetweenness(graph, min(samples, count), normalized=True)
    # Between two people there is no third: their share is no number.
    bridge = np.nan_to_num(np.asarray(measure.run().scores(), float))
    groups = np.asarray(networkit.community.PLM(graph, refine=True).run().getPartition().getVector())
    return np.clip(bridge, 0, 1), _ranked(groups)


def _ranked(groups: np.ndarray) -> np.ndarray:
    """Number groups by size, the largest 1."""
    known, places, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    order = np.argsort(-sizes, kind="stable")
    rank = np.empty(len(known), np.int64)
    rank[order] = np.arange(1, len(known) + 1)
    ranked: np.ndarray = rank[places]
    return ranked


def layout(first: pa.Array, second: pa.Array, *, rounds: int = 90, seed: int = 1) -> dict[int, tuple[float, float]]:
    """Return a place in the unit square for everybody who has a tie, for a picture of some hundred people.

    By the forces of Fruchterman and Reingold (1991): ties draw together, everybody pushes away, and a pull to the middle
    keeps in the picture who has no way to the others. Takes time and memory of the square of the people.
    """
    people, rows, columns = _pairs(np.asarray(first), np.asarray(second))
    count = len(people)
    if not count:
        return {}
    places = np.random.default_rng(seed).random((count, 2))
    length = count**-0.5
    for step in np.linspace(0.1, 0.002, rounds):
        norms = np.einsum("ik,ik->i", places, places)
        square = np.maximum(norms[:, None] + norms[None, :] - 2 * places @ places.T, 1e-6)
        push = length**2 / square
        force = places * push.sum(axis=1, keepdims=True) - push @ places
        along = places[rows] - places[columns]
        pull = along * np.linalg.norm(along, axis=1, keepdims=True) / length
        np.subtract.at(force, rows, pull)
        np.add.at(force, columns, pull)
        force -= (places - 0.5) * 2
        size = np.maximum(np.linalg.norm(force, axis=1, keepdims=True), 1e-9)
        places += force / size * np.minimum(size, step)
    low, high = places.min(axis=0), places.max(axis=0)
    places = (places - low) / np.maximum(high - low, 1e-9)
    return {
        int(person): (round(float(x), 4), round(float(y), 4)) for person, (x, y) in zip(people, places, strict=True)
    }
