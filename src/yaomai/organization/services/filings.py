"""Rep filings (医药代表备案) as records."""

from datetime import date, datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from yaomai.kit.access import Actor
from yaomai.kit.acts import Trail, act
from yaomai.kit.errors import Invalid
from yaomai.organization.models import Filing, Person
from yaomai.organization.services import rows

EDITABLE = ("number", "product_scope", "valid_from", "valid_to", "note")


@act("organization.filing:create", sentence=_("%(actor)s recorded the filing %(target)s of %(person)s"))
def filing_create(
    *,
    actor: Actor,
    trail: Trail,
    now: datetime,
    person: Person,
    number: str,
    product_scope: str,
    valid_from: date,
    valid_to: date | None = None,
    note: str = "",
) -> Filing:
    """Record a filing. It is a fact, so it is taken even when the person's position does business: the wall
    withholds those rights from its first day.

    Raises:
        Invalid: a field is not acceptable, or the number is recorded already.
    """
    filing = Filing(
        person=person,
        number=number.strip(),
        product_scope=product_scope.strip(),
        valid_from=valid_from,
        valid_to=valid_to,
        note=note,
    )
    rows.validated(filing)
    filing.save(force_insert=True)
    trail.note(
        filing,
        changes={name: (None, getattr(filing, name)) for name in ("person", *EDITABLE) if getattr(filing, name)},
        person=person.name,
    )
    return filing


@act("organization.filing:edit", sentence=_("%(actor)s edited the filing %(target)s"))
def filing_update(
    *, actor: Actor, trail: Trail, pk: int, now: datetime, changes: dict[str, Any], expected_version: int | None = None
) -> Filing:
    """Correct a filing.

    Raises:
        Invalid: a field is not acceptable.
        Stale: changed since it was read.
    """
    filing = rows.locked(Filing, pk, right="organization.filing:edit", expected_version=expected_version)
    trail.note(filing, changes=rows.updated(filing, changes, EDITABLE))
    return filing


@act(
    "organization.filing:stop",
    right="organization.filing:edit",
    sentence=_("%(actor)s stopped the filing %(target)s from %(valid_to)s"),
)
def filing_stop(*, actor: Actor, trail: Trail, pk: int, now: datetime, valid_to: date | None = None) -> Filing:
    """End a filing on a day, today when none is given.

    Raises:
        Invalid: the day is before its first, or it ended earlier already.
    """
    filing = rows.locked(Filing, pk, right="organization.filing:edit")
    day = valid_to or timezone.localdate(now)
    if filing.valid_to is not None and filing.valid_to <= day:
        raise Invalid(fields={"valid_to": [_("It ends earlier already.")]})
    before, filing.valid_to = filing.valid_to, day
    rows.validated(filing)
    filing.version += 1
    filing.save(update_fields=["valid_to", "version"])
    trail.note(filing, changes={"valid_to": (before, day)}, valid_to=day)
    return filing
