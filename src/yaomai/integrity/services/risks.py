"""The risk register (K20)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from yaomai.integrity.models import Risk
from yaomai.integrity.services.registers import archived, created, updated
from yaomai.kit.access import Actor
from yaomai.kit.acts import Trail, act

FIELDS = ("area", "title", "cause", "likelihood", "impact", "controls", "owner", "review_on")


@act("integrity.risk:create", sentence=_("%(actor)s entered the risk %(target)s"))
def risk_create(*, actor: Actor, trail: Trail, now: datetime, **fields: Any) -> Risk:
    """Enter a risk."""
    row: Risk = created(Risk(created_at=now, updated_at=now), trail, fields, FIELDS)
    return row


@act("integrity.risk:edit", sentence=_("%(actor)s changed the risk %(target)s"))
def risk_update(
    *,
    actor: Actor,
    trail: Trail,
    pk: int,
    changes: Mapping[str, Any],
    now: datetime,
    expected_version: int | None = None,
) -> Risk:
    """Judge a risk anew."""
    row: Risk = updated(Risk, trail, pk, changes, FIELDS, now, expected_version)
    return row


@act("integrity.risk:archive", sentence=_("%(actor)s archived the risk %(target)s"))
def risk_archive(*, actor: Actor, trail: Trail, pk: int, now: datetime, expected_version: int | None = None) -> Risk:
    """Take a risk off the register."""
    row: Risk = archived(Risk, trail, pk, now, expected_version)
    return row
