"""The academic record of a professional: offices, studies and guideline work."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, TypeVar

from django.utils.translation import gettext_lazy as _

from yaomai.customers import merging
from yaomai.customers.models import Professional
from yaomai.influence.models import Guideline, Office, Record, Sourced, Study
from yaomai.influence.rules import text_key
from yaomai.kit.access import Actor, get_visible
from yaomai.kit.acts import Trail, act
from yaomai.kit.acts.rows import change, local_day, locked, require_open, save, touch
from yaomai.kit.errors import Invalid

RIGHT = "influence.record"
SOURCED = ("source", "evidence")
OFFICE = ("society", "level", "role", "valid_from", "valid_to", *SOURCED)
STUDY = ("title", "registration", "phase", "role", "valid_from", "valid_to", *SOURCED)
GUIDELINE = ("title", "issuer", "role", "year", *SOURCED)
R = TypeVar("R", bound=Record)
S = TypeVar("S", bound=Sourced)


@act(
    "influence.office:create", right=f"{RIGHT}:create", sentence=_("%(actor)s recorded an office of %(person)s: %(target)s")
)  # fmt: skip
def office_create(*, actor: Actor, trail: Trail, now: datetime, professional: Professional, **fields: Any) -> Office:
    """Record an office in a society.

    Raises:
        Missing: the professional is out of reach.
        Archived: the professional takes no changes.
        Invalid: recorded already, the last day is before the first, an evidence link that is no address.
    """
    return _create(Office, OFFICE, actor, trail, now, professional, fields)


@act(
    "influence.office:update",
    right=f"{RIGHT}:edit",
    sentence=_("%(actor)s changed an office of %(person)s: %(target)s"),
)
def office_update(
    *,
    actor: Actor,
    trail: Trail,
    pk: int,
    changes: Mapping[str, Any],
    now: datetime,
    expected_version: int | None = None,
) -> Office:
    """Correct an office, or end it.

    Raises:
        Missing, Stale, Archived, Invalid.
    """
    return _update(Office, OFFICE, trail, pk, changes, now, expected_version)


@act(
    "influence.office:archive",
    right=f"{RIGHT}:archive",
    sentence=_("%(actor)s withdrew an office of %(person)s: %(target)s"),
)
def office_archive(
    *, actor: Actor, trail: Trail, pk: int, now: datetime, expected_version: int | None = None
) -> Office:
    """Withdraw an office that was entered by mistake."""
    return _archive_record(Office, trail, pk, now, expected_version)


@act(
    "influence.study:create", right=f"{RIGHT}:create", sentence=_("%(actor)s recorded a study of %(person)s: %(target)s")
)  # fmt: skip
def study_create(*, actor: Actor, trail: Trail, now: datetime, professional: Professional, **fields: Any) -> Study:
    """Record that a professional takes part in a study.

    Raises:
        Missing, Archived, Invalid: as for `office_create`.
    """
    return _create(Study, STUDY, actor, trail, now, professional, fields)


@act("influence.study:update", right=f"{RIGHT}:edit", sentence=_("%(actor)s changed a study of %(person)s: %(target)s"))
def study_update(
    *,
    actor: Actor,
    trail: Trail,
    pk: int,
    changes: Mapping[str, Any],
    now: datetime,
    expected_version: int | None = None,
) -> Study:
    """Correct a study, or end it.

    Raises:
        Missing, Stale, Archived, Invalid.
    """
    return _update(Study, STUDY, trail, pk, changes, now, expected_version)


@act(
    "influence.study:archive",
    right=f"{RIGHT}:archive",
    sentence=_("%(actor)s withdrew a study of %(person)s: %(target)s"),
)
def study_archive(*, actor: Actor, trail: Trail, pk: int, now: datetime, expected_version: int | None = None) -> Study:
    """Withdraw a study that was entered by mistake."""
    return _archive_record(Study, trail, pk, now, expected_version)


@act(
    "influence.guideline:create",
    right=f"{RIGHT}:create",
    sentence=_("%(actor)s recorded guideline work of %(person)s: %(target)s"),
)
def guideline_create(
    *, actor: Actor, trail: Trail, now: datetime, professional: Professional, **fields: Any
) -> Guideline:
    """Record work on a guideline.

    Raises:
        Missing, Archived, Invalid: as for `office_create`; also a year that lies ahead.
    """
    return _create(Guideline, GUIDELINE, actor, trail, now, professional, fields)


@act(
    "influence.guideline:update",
    right=f"{RIGHT}:edit",
    sentence=_("%(actor)s changed guideline work of %(person)s: %(target)s"),
)
def guideline_update(
    *,
    actor: Actor,
    trail: Trail,
    pk: int,
    changes: Mapping[str, Any],
    now: datetime,
    expected_version: int | None = None,
) -> Guideline:
    """Correct guideline work.

    Raises:
        Missing, Stale, Archived, Invalid.
    """
    return _update(Guideline, GUIDELINE, trail, pk, changes, now, expected_version)


@act(
    "influence.guideline:archive",
    right=f"{RIGHT}:archive",
    sentence=_("%(actor)s withdrew guideline work of %(person)s: %(target)s"),
)
def guideline_archive(
    *, actor: Actor, trail: Trail, pk: int, now: datetime, expected_version: int | None = None
) -> Guideline:
    """Withdraw guideline work that was entered by mistake."""
    return _archive_record(Guideline, trail, pk, now, expected_version)


def _create(
    model: type[R],
    allowed: tuple[str, ...],
    actor: Actor,
    trail: Trail,
    now: datetime,
    professional: Professional,
    fields: Mapping[str, Any],
) -> R:
    person = reachable(professional, f"{RIGHT}:create")
    row = model(professional=person, entered_by_id=actor.person_id, created_at=now, updated_at=now)
    changes = change(row, fields, allowed=allowed)
    _complete(row, local_day(now))
    save(row)
    trail.note(row, changes=changes, person=person.name)
    return row


def _update(
    model: type[R],
    allowed: tuple[str, ...],
    trail: Trail,
    pk: int,
    changes: Mapping[str, Any],
    now: datetime,
    expected_version: int | None,
) -> R:
    row = locked(model, pk, expected_version=expected_version)
    require_open(row)
    wanted = {name: value for name, value in changes.items() if name != "professional" or value != row.professional}
    differing = change(row, wanted, allowed=allowed)
    _complete(row, local_day(now))
    touch(row, now)
    save(row, fields=[*differing, *(["society_key"] if "society" in differing else [])])
    trail.note(row, changes=differing, person=row.professional.name)
    return row


def _archive_record(model: type[R], trail: Trail, pk: int, now: datetime, expected_version: int | None) -> R:
    row = withdrawn(model, pk, now, expected_version)
    trail.note(row, changes={"archived_at": (None, now)}, person=row.professional.name)
    return row


def _complete(row: Record, today: date) -> None:
    if isinstance(row, Office):
        row.society_key = text_key(row.society)
    elif isinstance(row, Guideline) and row.year is not None and row.year > today.year:
        raise Invalid(fields={"year": [_("The year lies in the future.")]})


def reachable(professional: Professional, right: str) -> Professional:
    """Return the professional as of now, kept from being merged, where the actor holds the right.

    Raises:
        Missing: out of reach.
        Archived: takes no changes.
    """
    person: Professional = merging.standing(get_visible(Professional, pk=professional.pk))
    require_open(person)
    return person


def withdrawn(model: type[S], pk: int, now: datetime, expected_version: int | None = None) -> S:
    """Archive a row and return it.

    Raises:
        Missing: out of reach.
        Archived: it is already.
    """
    row = locked(model, pk, verb="archive", expected_version=expected_version)
    require_open(row)
    row.archived_at = now
    touch(row, now)
    save(row, fields=["archived_at"])
    return row
