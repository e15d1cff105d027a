"""Third parties and their due diligence (SA6)."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from yaomai.integrity.models import Provider
from yaomai.integrity.policies import DiligencePolicy
from yaomai.integrity.services.registers import archived, created, updated
from yaomai.kit.access import Actor
from yaomai.kit.acts import Trail, act
from yaomai.kit.acts.rows import local_day, locked
from yaomai.kit.errors import Invalid
from yaomai.kit.policies.selectors import policy_on

FIELDS = (
    "name", "kind", "credit_code", "owners", "services", "is_related", "has_offences", "has_capacity", "finding", "basis",
    "checked_on", "valid_to",
)  # fmt: skip


def _require_diligence(fields: Mapping[str, Any], now: datetime, row: Provider | None = None) -> None:
    """Require that a clearance has a day, an end in time, and something that was looked at."""

    def said(name: str) -> Any:
        return fields[name] if name in fields else getattr(row, name, None)

    if not said("finding"):
        return
    problems: dict[str, list[Any]] = {}
    if said("checked_on") is None:
        problems["checked_on"] = [_("Say when it was checked.")]
    if not str(said("basis") or "").strip():
        problems["basis"] = [_("Say what was looked at: licences, lists of defaulters, staff, premises, references.")]
    if said("finding") != Provider.Finding.REFUSED:
        start, end = said("checked_on"), said("valid_to")
        policy, _version = policy_on(DiligencePolicy, on=local_day(now))
        if end is None or (start is not None and end - start > timedelta(days=policy.most_days)):
            problems["valid_to"] = [
                _("A clearance holds for %(days)s days at most; say until when.") % {"days": policy.most_days}
            ]
        if said("has_offences"):
            problems["finding"] = [_("Whoever was punished for bribery is not cleared.")]
        if said("finding") == Provider.Finding.CLEARED and said("is_related"):
            problems["finding"] = [_("With ties to customers or staff it is cleared under conditions at most.")]
    if problems:
        raise Invalid(fields=problems)


@act("integrity.provider:create", sentence=_("%(actor)s took in the third party %(target)s"))
def provider_create(*, actor: Actor, trail: Trail, now: datetime, **fields: Any) -> Provider:
    """Take in a third party, with its due diligence where it is done.

    Raises:
        Invalid: by field; a clearance without day, end or basis.
    """
    _require_diligence(fields, now)
    row: Provider = created(Provider(created_at=now, updated_at=now), trail, fields, FIELDS)
    return row


@act("integrity.provider:edit", sentence=_("%(actor)s changed the third party %(target)s"))
def provider_update(
    *,
    actor: Actor,
    trail: Trail,
    pk: int,
    changes: Mapping[str, Any],
    now: datetime,
    expected_version: int | None = None,
) -> Provider:
    """Correct a third party, or note its due diligence."""
    _require_diligence(changes, now, locked(Provider, pk))
    row: Provider = updated(Provider, trail, pk, changes, FIELDS, now, expected_version)
    return row


@act("integrity.provider:archive", sentence=_("%(actor)s archived the third party %(target)s"))
def provider_archive(
    *, actor: Actor, trail: Trail, pk: int, now: datetime, expected_version: int | None = None
) -> Provider:
    """Take a third party out of sight: nothing is signed with it any more."""
    row: Provider = archived(Provider, trail, pk, now, expected_version)
    return row
