"""Exports of persons ask the gate: more than the policy allows takes an approved release (K5)."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.utils import timezone

from yaomai.compliance import gate
from yaomai.compliance.vocabulary import FORESEEN
from yaomai.kit.access import Actor, current_actor
from yaomai.kit.acts.rows import local_day
from yaomai.kit.errors import Refused
from yaomai.privacy.models import Release

KIND = "export"
FACTS = ("persons", "abroad", "route", "to_third_party", "separate_consent")
PERSONAL = frozenset({"customers.professional:export"})
"""Exports whose rows are persons outside the company."""


def register() -> None:
    """Register the kind of act."""
    gate.register_kind(KIND, label=FORESEEN[KIND], facts=FACTS)


def _verdict(actor: Actor, on: date, **facts: Any) -> gate.Verdict:
    return gate.check(KIND, facts | {"territory": None, "products": [], "noted_on": on}, actor, on)


def release_verdict(row: Release, actor: Actor, on: date) -> gate.Verdict:
    """Return what the gate says of taking data out."""
    return _verdict(
        actor, on, persons=row.persons, abroad=row.abroad, route=row.route or None, to_third_party=row.to_third_party,
        separate_consent=row.separate_consent,
    )  # fmt: skip


def export_gate(code: str, arguments: Mapping[str, Any]) -> Refused | None:
    """Refuse an export of more persons than the policy allows, unless a release for so many holds today.

    Every other act passes unasked.
    """
    rows = arguments.get("rows")
    if arguments.get("right") not in PERSONAL or not isinstance(rows, int):
        return None
    actor, on = current_actor(), local_day(timezone.now())
    held = Release.unscoped.filter(
        author_id=actor.person_id, state=Release.State.APPROVED, valid_until__gte=on, persons__gte=rows
    )
    verdict = _verdict(actor, on, persons=rows, abroad=False, route=None, to_third_party=False, separate_consent=None)
    try:
        verdict.require(approved=actor.person_id is not None and held.exists())
    except Refused as refusal:
        return refusal
    return None
