"""Customers that probably belong to a type but are not marked (A2): proposed from the bands of the scorecards."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from django.utils.translation import gettext_lazy as _

from yaomai.customers.models import CustomerType, Professional
from yaomai.customers.services import types
from yaomai.engine.scorecards import SchemeSpec
from yaomai.kit.access import Actor
from yaomai.kit.acts import Trail, act
from yaomai.kit.acts.rows import local_day
from yaomai.kit.errors import Conflict, Invalid, Missing
from yaomai.kit.policies.selectors import policy_on
from yaomai.kit.runs.models import Run
from yaomai.kit.ui import formats
from yaomai.segmentation import results
from yaomai.segmentation.models import Subject, TypeProposal
from yaomai.segmentation.policies import ReviewPolicy

BEHIND = {
    "prescriber_potential": CustomerType.HIGH_VOLUME,
    "academic_influence": CustomerType.HIGH_INFLUENCE,
    "decision_power": CustomerType.DECISION_MAKER,
}
"""The scorecard that speaks for a type: its best band proposes."""
SAID = ("tier", "score", "rank", "evidence", "reasons")
"""What a run says of a proposal."""
LONGEST = 500
HUNDREDTHS = 100
"""Of a point: as which results hold points."""
State = TypeProposal.State


class ProposalDecided(Conflict):
    """Somebody has decided."""

    code = "type_proposal_decided"
    message = _("%(proposal)s is decided already: %(state)s.")


def types_propose(run: Run, now: datetime) -> int:
    """Let the open proposals be the best of each scorecard's best band who are not marked; return how many are new.

    Whoever was rejected is not proposed again until the points behind it differ. What waits for a decision says what
    this run says, and goes where the run no longer says it: ranks of two runs do not stand side by side.
    """
    policy, _version = policy_on(ReviewPolicy, on=local_day(now))
    count = 0
    for scheme, customer_type in BEHIND.items():
        if scheme in run.result.get("subjects", {}).get(Subject.PROFESSIONAL, {}):
            rows = _candidates(run, scheme, customer_type)[: policy.most_proposals]
            count += _renew(run, scheme, customer_type, {row["professional_id"]: row for row in rows}, now)
    return count


def _renew(run: Run, scheme: str, customer_type: str, rows: Mapping[int, Mapping[str, Any]], now: datetime) -> int:
    """Bring what waits up to date, drop what no longer stands, and add the rest; return how many were added."""
    waiting = TypeProposal.unscoped.filter(customer_type=customer_type, state=State.OPEN)
    waiting.exclude(professional__in=rows).delete()
    standing = list(waiting.select_for_update(no_key=True))
    for proposal in standing:
        proposal.scheme, proposal.run = scheme, run
        for name, value in rows[proposal.professional_id].items():
            setattr(proposal, name, value)
    TypeProposal.unscoped.bulk_update(standing, ["scheme", "run", *SAID], batch_size=1000)
    known = {proposal.professional_id for proposal in standing}
    made = [
        TypeProposal(customer_type=customer_type, scheme=scheme, run=run, created_at=now, **row)
        for customer, row in rows.items()
        if customer not in known
    ]
    TypeProposal.unscoped.bulk_create(made, ignore_conflicts=True, batch_size=1000)
    return len(made)


def _candidates(run: Run, scheme: str, customer_type: str) -> list[dict[str, Any]]:
    """Return who stands in the best band unmarked and undecided, the best ranked first."""
    stored = results.scheme(run.pk, Subject.PROFESSIONAL, scheme)
    best = stored.spec.tiers[0].name
    points = [f"points_{part.name}" for part in stored.spec.components]
    table = results.table(
        run.pk, Subject.PROFESSIONAL, scheme, ["customer", "tier", "score", "rank", "ranked", *points]
    )
    table = table.filter(pc.and_(pc.equal(table["tier"].cast(pa.string()), best), table["ranked"]))
    rows = Professional.unscoped.filter(archived_at=None, merged_into=None)
    marked = rows.filter(customer_types__contains=[customer_type]).values_list("pk", flat=True)
    table = table.filter(pc.invert(pc.is_in(table["customer"], pa.array(marked, pa.int64()))))
    standing = set(rows.filter(pk__in=table["customer"].to_pylist()).values_list("pk", flat=True))
    earlier = TypeProposal.unscoped.filter(customer_type=customer_type)
    rejected = set(earlier.filter(state=State.REJECTED).values_list("professional_id", "evidence"))
    found = []
    for row in table.sort_by([("rank", "ascending"), ("customer", "ascending")]).to_pylist():
        evidence = hashlib.sha256("|".join(f"{name}={row[name]}" for name in points).encode()).hexdigest()
        customer = row["customer"]
        if customer in standing and (customer, evidence) not in rejected:
            found.append(
                {
                    "professional_id": customer, "tier": best, "score": Decimal(str(round(row["score"], 2))),
                    "rank": row["rank"], "evidence": evidence, "reasons": _reasons(stored.spec, row),
                }
            )  # fmt: skip
    return found


def _reasons(spec: SchemeSpec, row: Mapping[str, Any]) -> list[tuple[str, float]]:
    """Return the components that gave points, with their points, the most first."""
    given = [(part.name, (row[f"points_{part.name}"] or 0) / HUNDREDTHS) for part in spec.components]
    return sorted(((name, points) for name, points in given if points > 0), key=lambda each: (-each[1], each[0]))


def _decide(actor: Actor, pks: Sequence[int], state: str, reason: str, now: datetime) -> list[TypeProposal]:
    reason = reason.strip()
    if not 0 < len(reason) <= LONGEST:
        raise Invalid(fields={"decision": [_("Say it in 1 to %(most)s characters.") % {"most": LONGEST}]})
    allowed = TypeProposal.objects.all().allowed("segmentation.typeproposal:approve")
    rows = list(
        allowed.filter(pk__in=pks).select_for_update(of=("self",)).select_related("professional", "run").order_by("pk")
    )
    if not rows or len(rows) != len(set(pks)):
        raise Missing
    for row in rows:
        if row.state != State.OPEN:
            raise ProposalDecided(proposal=str(row), state=row.get_state_display())
        row.state, row.decision, row.decided_by_id, row.decided_at = state, reason, actor.person_id, now
    TypeProposal.unscoped.bulk_update(rows, ["state", "decision", "decided_by", "decided_at"], batch_size=1000)
    return rows


@act(
    "segmentation.typeproposal:accept",
    right="segmentation.typeproposal:approve",
    sentence=_("%(actor)s marked %(count)s customers with the type that was proposed: %(reason)s"),
)
def types_accept(*, actor: Actor, trail: Trail, pks: Sequence[int], decision: str, now: datetime) -> int:
    """Mark the customers with the proposed types.

    Raises:
        Missing, ProposalDecided; Invalid: no reason.
    """
    rows = _decide(actor, pks, State.ACCEPTED, decision, now)
    groups: dict[tuple[str, str], list[int]] = {}
    for row in rows:
        groups.setdefault((row.customer_type, str(row.run)), []).append(row.professional_id)
    for (customer_type, source), people in groups.items():
        types.mark_many(
            people,
            customer_type=customer_type,
            source=source,
            reason=rows[0].decision,
            person_id=actor.person_id,
            now=now,
        )
    names = formats.listed(row.professional for row in rows)
    trail.note(
        rows[0] if len(rows) == 1 else None, changes={"customers": (None, names)}, count=len(rows),
        reason=decision.strip(),
    )  # fmt: skip
    return len(rows)


@act(
    "segmentation.typeproposal:reject",
    right="segmentation.typeproposal:approve",
    sentence=_("%(actor)s rejected the proposed type of %(count)s customers: %(reason)s"),
)
def types_reject(*, actor: Actor, trail: Trail, pks: Sequence[int], decision: str, now: datetime) -> int:
    """Reject the proposals; they come back only when the evidence changes.

    Raises:
        Missing, ProposalDecided; Invalid: no reason.
    """
    rows = _decide(actor, pks, State.REJECTED, decision, now)
    names = formats.listed(row.professional for row in rows)
    trail.note(
        rows[0] if len(rows) == 1 else None, changes={"customers": (None, names)}, count=len(rows),
        reason=decision.strip(),
    )  # fmt: skip
    return len(rows)
