"""Read the names on a file of sales flow: what is known, what the matcher is certain of, what a person decides."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
from django.db.models import Count, Max, Q

from yaomai.catalog.models import Division, Product
from yaomai.commerce.models import SourceName
from yaomai.commerce.policies import MatchingPolicy
from yaomai.commerce.rules import ProductEntry, ProductIndex
from yaomai.customers.models import Institution, InstitutionName
from yaomai.engine.matching import Decision, Gazetteer, Master, MatchPolicy, default_gazetteer, match_names
from yaomai.kit.memo import kept

Key = tuple[str, str]
"""(name as written, place or specification as written)"""
LONGEST_NAME = 300
LONGEST_PLACE = 200


@dataclass(frozen=True, slots=True)
class Reading:
    """What one written name means. `source_id` is None while the name is new."""

    decision: str
    target_id: int | None
    source_id: int | None = None
    score: float = 0.0
    candidates: list[dict[str, Any]] = field(default_factory=list)

    @property
    def is_settled(self) -> bool:
        return self.target_id is not None


def known_readings(kind: str, keys: Iterable[Key], *, distributor_id: int) -> dict[Key, Reading]:
    """Return the remembered readings of names that a distributor writes."""
    wanted = owners(kind, keys, distributor_id=distributor_id)
    rows = SourceName.unscoped.filter(
        Q(distributor=None) | Q(distributor=distributor_id), kind=kind, name__in=sorted({name for name, _ in wanted})
    ).values_list("pk", "name", "place", "distributor_id", "decision", "institution_id", "product_id")
    return {
        (name, place): Reading(decision, institution_id or product_id, source_id=pk)
        for pk, name, place, owner, decision, institution_id, product_id in rows.iterator(chunk_size=20_000)
        if wanted.get((name, place), 0) == owner
    }


def owners(kind: str, keys: Iterable[Key], *, distributor_id: int) -> dict[Key, int | None]:
    """Say which names mean something only in this distributor's files: institutions with no place told or in the name."""
    found: dict[Key, int | None] = dict.fromkeys(keys)
    if kind == SourceName.Kind.INSTITUTION:
        placeless = [key for key in found if not key[1]]
        master, _ids = institution_master()
        for key, says_place in zip(placeless, master.says_place([name for name, _ in placeless]), strict=True):
            found[key] = None if says_place else distributor_id
    return found


def institution_readings(keys: Sequence[Key], policy: MatchingPolicy, *, region: str) -> dict[Key, Reading]:
    """Return what the matcher makes of new names of institutions in the files of a distributor seated in `region`."""
    if not keys:
        return {}
    master, ids = institution_master()
    figures = MatchPolicy(accept_score=policy.accept_score, review_score=policy.review_score, margin=policy.margin)
    answers = match_names(
        [name for name, _place in keys],
        master,
        places=[place for _name, place in keys],
        regions=[region] * len(keys),
        policy=figures,
    )
    readings = {}
    for key, answer in zip(keys, answers, strict=True):
        if answer.decision is Decision.ACCEPT and answer.row is not None:
            readings[key] = Reading(SourceName.Decision.ACCEPTED, ids[answer.row], score=answer.candidates[0].score)
            continue
        candidates = [
            {
                "id": ids[candidate.row],
                "score": round(candidate.score, 4),
                "reasons": [{"code": reason.code, "params": dict(reason.params)} for reason in candidate.reasons],
            }
            for candidate in answer.candidates
        ]
        score = answer.candidates[0].score if answer.candidates else 0.0
        readings[key] = Reading(SourceName.Decision.REVIEW, None, score=score, candidates=candidates)
    return readings


_READINGS = pa.schema(
    [
        ("name", pa.string()), ("place", pa.string()), ("decision", pa.string()), ("target", pa.int64()),
        ("source", pa.int64()), ("score", pa.float64()), ("candidates", pa.string()),
    ]
)  # fmt: skip


def readings_table(readings: Mapping[Key, Reading]) -> pa.Table:
    """Return readings as a table, which can be kept and read back by `readings_of`."""
    rows = [
        (name, place, each.decision, each.target_id, each.source_id, each.score, json.dumps(each.candidates))
        for (name, place), each in readings.items()
    ]
    return pa.Table.from_pylist([dict(zip(_READINGS.names, row, strict=True)) for row in rows], _READINGS)


def readings_of(table: pa.Table) -> dict[Key, Reading]:
    """Return the readings that a table holds."""
    columns = (column.to_pylist() for column in table.columns)
    return {
        (name, place): Reading(decision, target, source, score, json.loads(candidates))
        for name, place, decision, target, source, score, candidates in zip(*columns, strict=True)
    }


def region_of(distributor: Institution | None) -> str:
    """Return the full name of the place where a distributor is seated, "" if it is not known."""
    return distributor.division.full_name if distributor is not None and distributor.division is not None else ""


def institution_master() -> tuple[Master, list[int]]:
    """Return the prepared master list and the ids of its rows; rebuilt when an institution or name changed."""
    changed = Institution.unscoped.aggregate(at=Max("updated_at"), last=Max("pk"))
    named = InstitutionName.unscoped.aggregate(last=Max("pk"), count=Count("pk"))
    placed = Division.unscoped.aggregate(last=Max("pk"))
    return _master(f"{changed} {named} {placed}")


@kept(most=1)
def _master(_changed: str) -> tuple[Master, list[int]]:
    aliases: dict[int, list[str]] = {}
    for institution_id, name in InstitutionName.unscoped.values_list("institution_id", "name").iterator(20_000):
        aliases.setdefault(institution_id, []).append(name)
    rows = list(
        Institution.unscoped.filter(merged_into__isnull=True, archived_at__isnull=True)
        .order_by("pk")
        .values_list("pk", "name", "division__full_name")
        .iterator(20_000)
    )
    ids = [pk for pk, _name, _place in rows]
    master = Master(
        [name for _pk, name, _place in rows],
        places=[place for _pk, _name, place in rows],
        aliases=[aliases.get(pk, []) for pk in ids],
        gazetteer=_gazetteer(),
    )
    return master, ids


def _gazetteer() -> Gazetteer:
    """Return the company's divisions down to the county; the shipped ones while it has none."""
    levels = (Division.Level.PROVINCE, Division.Level.CITY, Division.Level.DISTRICT)
    rows = list(
        Division.unscoped.filter(level__in=levels, archived_at__isnull=True)
        .order_by("path")
        .values_list("code", "name", "parent__code")
    )
    return Gazetteer((code, name, parent or "") for code, name, parent in rows) if rows else default_gazetteer()


def product_readings(keys: Sequence[Key], codes: dict[Key, str]) -> dict[Key, Reading]:
    """Return what new product names mean."""
    if not keys:
        return {}
    index = ProductIndex(
        [
            ProductEntry(
                key=product.pk,
                names=tuple(dict.fromkeys(filter(None, (product.name, product.generic_name, product.trade_name)))),
                specification=product.specification,
                codes=(product.code, product.approval_number, product.insurance_code),
                is_own=product.is_own,
            )
            for product in Product.unscoped.filter(archived_at__isnull=True).iterator(5000)
        ]
    )
    readings = {}
    for key in keys:
        answer = index.read(*key, codes.get(key, ""))
        if answer.key is not None:
            readings[key] = Reading(SourceName.Decision.ACCEPTED, answer.key, score=1.0)
        else:
            candidates = [{"id": pk, "score": round(score, 4), "reasons": []} for pk, score in answer.candidates]
            score = answer.candidates[0][1] if answer.candidates else 0.0
            readings[key] = Reading(SourceName.Decision.REVIEW, None, score=score, candidates=candidates)
    return readings
