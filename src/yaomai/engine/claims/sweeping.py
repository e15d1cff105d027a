"""Ask every detector, join pairs into rings, and sum hits up into findings and scores of lines."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any, Final

import ibis
import ibis.expr.types as ir
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from yaomai.engine.claims import detectors
from yaomai.engine.claims.settings import Settings

SCHEMA: Final = pa.schema(
    [
        ("detector", pa.string()), ("key", pa.string()), ("person", pa.string()), ("other", pa.string()),
        ("line", pa.string()), ("day", pa.date32()), ("amount", pa.float64()), ("recipient", pa.string()),
        ("measure", pa.float64()), ("expected", pa.float64()), ("strength", pa.float64()),
    ]
)  # fmt: skip
MOST_LINES: Final = 50
"""Lines that a finding names."""


def sweep(
    lines: ir.Table,
    settings: Settings,
    *,
    off_days: Sequence[date] = (),
    values: ir.Table | None = None,
    leave_out: Collection[str] = (),
) -> pa.Table:
    """Return the hits of all detectors, in the columns of `detectors.HITS`.

    Args:
        lines: as `standard_lines` gives them.
        off_days: days on which offices are closed; without them Saturdays and Sundays.
        values: institution, value; without it spending is not compared with value.
        leave_out: names of detectors that are not asked.
    """
    found = []
    for name, detector in detectors.DETECTORS.items():
        if name in leave_out:
            continue
        if name == "ring":
            found.append(rings(lines, settings))
        elif name == "off_days":
            found.append(_read(detector(lines, settings, off_days)))
        elif name != "spend_against_value":
            found.append(_read(detector(lines, settings)))
        elif values is not None:
            found.append(_read(detector(lines, values, settings)))
    return pa.concat_tables(found)


def _read(table: ir.Table) -> pa.Table:
    hits: pa.Table = table.to_pyarrow()
    return hits.select(SCHEMA.names).cast(SCHEMA)


def rings(lines: ir.Table, settings: Settings) -> pa.Table:
    """Return the lines of people who are joined by invoices in a row: groups of two and more."""
    pairs: pa.Table = detectors.coincidences(lines).to_pyarrow()
    for number, name in enumerate(("first", "second")):
        pairs = pairs.set_column(number, name, pairs[name].cast(pa.string()))
    counted = pairs.group_by(["first", "second"]).aggregate([("line", "count")])
    strong = counted.filter(pc.greater_equal(counted["line_count"], settings.ring_links))
    if not strong.num_rows:
        return SCHEMA.empty_table()
    groups = _groups(strong)
    joined = pairs.join(strong.select(["first", "second"]), ["first", "second"], join_type="left semi")
    names = pc.unique(pa.chunked_array([*joined["line"].chunks, *joined["after_line"].chunks])).to_pylist()
    kept: pa.Table = lines.filter(lines.line.isin(names)).to_pyarrow()
    links: dict[str, int] = {}
    for row in strong.to_pylist():
        links[groups[row["first"]]] = links.get(groups[row["first"]], 0) + row["line_count"]
    rows = []
    for line in kept.to_pylist():
        group = groups[str(line["person"])]
        person, other, *_rest = group.split("|")
        recipient = None if line["recipient"] is None else str(line["recipient"])
        rows.append(
            {
                "detector": "ring", "key": group, "person": person, "other": other, "line": str(line["line"]),
                "day": line["day"], "amount": line["amount"], "recipient": recipient, "measure": links[group],
                "expected": 0.0, "strength": 1 - 1 / (1 + links[group]),
            }
        )  # fmt: skip
    return pa.Table.from_pylist(rows, schema=SCHEMA)


def _groups(pairs: pa.Table) -> Mapping[str, str]:
    """Return the group of each person: all of its people, by name, in a row."""
    people = sorted({*pairs["first"].to_pylist(), *pairs["second"].to_pylist()})
    place = {person: number for number, person in enumerate(people)}
    one, other = ([place[person] for person in pairs[name].to_pylist()] for name in ("first", "second"))
    graph = coo_matrix((np.ones(len(one)), (one, other)), shape=(len(people), len(people)))
    _number, labels = connected_components(graph, directed=False)
    members: dict[int, list[str]] = {}
    for person, label in zip(people, labels.tolist(), strict=True):
        members.setdefault(label, []).append(person)
    return {person: "|".join(members[label]) for person, label in zip(people, labels.tolist(), strict=True)}


def findings(hits: pa.Table, weights: Mapping[str, float] | None = None) -> pa.Table:
    """Return one row per finding, the heaviest first: what it says, whom it concerns, and its lines.

    detector, key, person, other, recipient (where all lines have the same), first_day, last_day, lines (their number),
    amount, measure, expected, strength, score (strength × weight of the detector), named (at most 50 lines).
    """
    if not hits.num_rows:
        columns = ("recipients", "first_day", "last_day", "lines", "score", "named")
        return pa.table({name: pa.array([], pa.string()) for name in (*SCHEMA.names, *columns) if name != "line"})
    table = ibis.memtable(hits)
    summed = table.group_by("detector", "key").aggregate(
        person=table.person.min(), other=table.other.max(), recipient=table.recipient.min(),
        recipients=table.recipient.nunique(), first_day=table.day.min(), last_day=table.day.max(), lines=table.count(),
        amount=table.amount.sum(), measure=table.measure.max(), expected=table.expected.min(),
        strength=table.strength.max(), named=table.line.collect(),
    )  # fmt: skip
    rows: list[dict[str, Any]] = summed.to_pyarrow().to_pylist()
    for row in rows:
        row["score"] = row["strength"] * (weights or {}).get(row["detector"], 1.0)
        row["named"] = sorted(row["named"])[:MOST_LINES]
        row["recipient"] = row["recipient"] if row["recipients"] == 1 else None
    rows.sort(key=lambda row: (-row["score"], row["detector"], row["key"]))
    return pa.Table.from_pylist(rows)


def line_scores(hits: pa.Table, weights: Mapping[str, float] | None = None) -> pa.Table:
    """Return `line` and `score`: one minus the chance that none of its findings means anything; the highest first."""
    table = ibis.memtable(hits)
    weight = ibis.literal(1.0)
    for name, worth in (weights or {}).items():
        weight = ibis.ifelse(table.detector == name, worth, weight)
    once = table.mutate(doubt=(1 - (table.strength * weight).clip(0, 0.999)).log())
    # A line that two findings of one detector name counts once for it.
    once = once.group_by("line", "detector").aggregate(doubt=once.doubt.min())
    scored = once.group_by("line").aggregate(score=1 - once.doubt.sum().exp())
    return scored.order_by([ibis.desc("score"), "line"]).to_pyarrow()
