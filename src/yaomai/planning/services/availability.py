"""When customers can be met, when they or our people are away, where institutions are."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from yaomai.customers.models import Institution, Professional
from yaomai.kit.access import Actor
from yaomai.kit.acts import Trail, act
from yaomai.kit.acts.rows import change, local_day, locked, require_open, save, touch
from yaomai.kit.errors import Invalid
from yaomai.organization.models import Person
from yaomai.planning import calendars
from yaomai.planning.models import Absence, Half, Location, WorkingTime
from yaomai.planning.services.owners import customers_of, owner_of, require_own
from yaomai.planning.services.plans import territory_of

MANAGE: Final = "planning.absence:manage"
_OURS: Final = frozenset({"leave", "illness", "meeting", "training"})
Marks = Mapping[tuple[int, str], str]
"""By weekday and half, what the customer does: "" is nothing known."""


@act(
    "planning.workingtime:set",
    right="planning.workingtime:edit",
    sentence=_("%(actor)s set the working times of %(target)s (%(source)s)"),
)
def working_times_set(
    *,
    actor: Actor,
    trail: Trail,
    now: datetime,
    institution: Institution,
    marks: Marks,
    professional: Professional | None = None,
    source: str = "",
) -> int:
    """Replace the week of a customer; returns how many half-days are marked.

    Raises:
        Missing, Archived.
        Invalid: an unknown weekday, half or kind, or one that is not this customer's.
    """
    institution, professional = customers_of(institution, professional)
    kinds = WorkingTime.Kind
    allowed = {kinds.VISITING} if professional is None else {kinds.CLINIC, kinds.SURGERY, kinds.ROUNDS}
    rows = []
    for (weekday, half), kind in marks.items():
        if not kind:
            continue
        if weekday not in WorkingTime.Weekday.values or half not in Half.values or kind not in allowed:
            raise Invalid(fields={"marks": [_("Choose from the list.")]})
        rows.append(WorkingTime(
            institution=institution, professional=professional, weekday=weekday, half=half, kind=kind,
            source=source.strip()[:200], recorded_by_id=actor.person_id, updated_at=now,
        ))  # fmt: skip
    # What a person does on a half-day is one thing, wherever it is done.
    held = WorkingTime.unscoped.filter(professional=professional)
    (held.filter(institution=institution) if professional is None else held).delete()
    WorkingTime.unscoped.bulk_create(rows)
    trail.note(professional or institution, changes={"working_times": (None, len(rows))}, source=source.strip() or "–")
    return len(rows)


TIME_FIELDS: Final = ("weekday", "half", "kind", "source")


@act("planning.workingtime:create", sentence=_("%(actor)s entered when %(target)s can be met"))
def working_time_enter(
    *, actor: Actor, trail: Trail, now: datetime, institution: Institution, professional: Professional | None = None,
    **fields: Any,
) -> WorkingTime:  # fmt: skip
    """Enter one half-day of a customer's week.

    Raises:
        Missing, Archived.
        Invalid: by field; something is known of this half-day already.
    """
    institution, professional = customers_of(institution, professional)
    row = WorkingTime(
        institution=institution, professional=professional, recorded_by_id=actor.person_id, updated_at=now
    )
    changes = change(row, fields, allowed=TIME_FIELDS)
    _require_theirs(row)
    save(row)
    trail.note(row, changes=changes)
    return row


@act("planning.workingtime:update", right="planning.workingtime:edit",
     sentence=_("%(actor)s changed when %(target)s can be met"))  # fmt: skip
def working_time_change(
    *,
    actor: Actor,
    trail: Trail,
    pk: int,
    changes: Mapping[str, Any],
    now: datetime,
    expected_version: int | None = None,
) -> WorkingTime:
    """Change what a customer does on a half-day, or where.

    Raises:
        Missing, Stale, Archived.
        Invalid: by field, such as surgery of an institution.
    """
    row = locked(WorkingTime, pk, expected_version=expected_version)
    place, _person = customers_of(changes.get("institution", row.institution), row.professional)
    wanted = {
        name: value
        for name, value in changes.items()
        if name != "institution" and not (name == "professional" and value == row.professional)
    }
    differing = change(row, wanted, allowed=TIME_FIELDS)
    if place != row.institution:
        differing["institution"] = (str(row.institution), str(place))
        row.institution = place
    _require_theirs(row)
    row.recorded_by_id = actor.person_id
    touch(row, now)
    save(row, fields=[*differing, "recorded_by"])
    trail.note(row, changes=differing)
    return row


def _require_theirs(row: WorkingTime) -> None:
    """Refuse what an institution or a person does not do: only an institution receives representatives."""
    is_reception = row.kind == WorkingTime.Kind.VISITING
    if is_reception != (row.professional_id is None):
        raise Invalid(
            fields={"kind": [_("Institutions receive representatives; persons have clinics, surgery or rounds.")]}
        )


ABSENCE_FIELDS: Final = ("kind", "starts_at", "ends_at", "title")


@act("planning.absence:create", sentence=_("%(actor)s entered the absence %(target)s"))
def absence_create(
    *,
    actor: Actor,
    trail: Trail,
    now: datetime,
    kind: str,
    starts_at: datetime,
    ends_at: datetime,
    person: Person | None = None,
    institution: Institution | None = None,
    professional: Professional | None = None,
    title: str = "",
) -> Absence:
    """Enter leave or a meeting of one of our people, or when a customer or an institution cannot be met.

    Raises:
        Missing, Archived, NotYours.
        Invalid: it ends before it begins, or the kind does not fit whom it is about.
    """
    if institution is None and professional is not None:
        institution = professional.institution
        if institution is None:  # else it would be taken for an absence of the actor
            raise Invalid(fields={"professional": [_("%(name)s works nowhere.") % {"name": professional.name}]})
    if institution is not None:
        institution, professional = customers_of(institution, professional)
        if person is not None:
            raise Invalid(fields={"person": [_("Name either one of our people or a customer.")]})
        absence = Absence(institution=institution, professional=professional, created_at=now, updated_at=now)
    else:
        ours = owner_of(actor, person)
        require_own(actor, ours, MANAGE)
        absence = Absence(
            person=ours, territory_id=territory_of(ours.pk, local_day(now)), created_at=now, updated_at=now
        )
    values = {"kind": kind, "starts_at": starts_at, "ends_at": ends_at, "title": title}
    changes = change(absence, values, allowed=ABSENCE_FIELDS)
    _require_fitting(absence)
    save(absence)
    trail.note(absence, changes=changes)
    return absence


def _require_fitting(absence: Absence) -> None:
    is_ours = absence.person_id is not None
    if (absence.kind in _OURS) != is_ours:
        raise Invalid(
            fields={
                "kind": [
                    _("Our own people have leave, illness, meetings or training; customers are away or receive nobody.")
                ]
            }
        )


@act("planning.absence:update", right="planning.absence:edit", sentence=_("%(actor)s changed the absence %(target)s"))
def absence_update(
    *,
    actor: Actor,
    trail: Trail,
    pk: int,
    changes: Mapping[str, Any],
    now: datetime,
    expected_version: int | None = None,
) -> Absence:
    """Change kind, times or title.

    Raises:
        Missing, Stale, Archived, NotYours, Invalid.
    """
    absence = locked(Absence, pk, expected_version=expected_version)
    require_open(absence)
    require_own(actor, absence.person, MANAGE)
    same = ("person", "institution", "professional")
    wanted = {name: value for name, value in changes.items() if name not in same or getattr(absence, name) != value}
    differing = change(absence, wanted, allowed=ABSENCE_FIELDS)
    _require_fitting(absence)
    touch(absence, now)
    save(absence, fields=differing)
    trail.note(absence, changes=differing)
    return absence


@act("planning.absence:archive", sentence=_("%(actor)s took the absence %(target)s back"))
def absence_archive(
    *, actor: Actor, trail: Trail, pk: int, now: datetime, expected_version: int | None = None
) -> Absence:
    """Take an absence back."""
    absence = locked(Absence, pk, verb="archive", expected_version=expected_version)
    require_open(absence)
    require_own(actor, absence.person, MANAGE)
    absence.archived_at = now
    touch(absence, now)
    save(absence, fields=["archived_at"])
    trail.note(absence, changes={"archived_at": (None, now)})
    return absence


@act(
    "planning.absence:take_in",
    right="planning.absence:create",
    sentence=_("%(actor)s took %(count)s entries of a calendar file in"),
)
def absences_take_in(
    *, actor: Actor, trail: Trail, now: datetime, content: bytes, person: Person | None = None, kind: str = "meeting"
) -> tuple[int, int]:
    """Take leave or meetings of the coming year from a calendar file; return how many are new, and changed.

    The same file again changes what changed in it; an entry that is cancelled there is taken back here.

    Raises:
        NotYours.
        UnreadableCalendar: the file, or an event in it; nothing is taken then.
    """
    ours = owner_of(actor, person)
    require_own(actor, ours, MANAGE)
    if kind not in _OURS:
        raise Invalid(fields={"kind": [_("Choose from the list.")]})
    today = local_day(now)
    entries = calendars.read(content, since=today, until=today + timedelta(days=370))
    known = {row.uid: row for row in Absence.unscoped.select_for_update().filter(person=ours).exclude(uid="")}
    territory = territory_of(ours.pk, today)
    made, changed = [], []
    for entry in {entry.uid: entry for entry in entries}.values():
        row = known.get(entry.uid)
        archived_at = now if entry.is_cancelled else None
        if row is None:
            if not entry.is_cancelled:
                made.append(Absence(
                    person=ours, territory_id=territory, kind=kind, starts_at=entry.starts_at, ends_at=entry.ends_at,
                    title=entry.title, uid=entry.uid, created_at=now, updated_at=now,
                ))  # fmt: skip
        elif (row.starts_at, row.ends_at, row.title, row.archived_at is None) != (
            entry.starts_at, entry.ends_at, entry.title, archived_at is None,
        ):  # fmt: skip
            row.starts_at, row.ends_at, row.title, row.archived_at = (
                entry.starts_at, entry.ends_at, entry.title, archived_at,
            )  # fmt: skip
            touch(row, now)
            changed.append(row)
    Absence.unscoped.bulk_create(made, batch_size=1000)
    fields = ["starts_at", "ends_at", "title", "archived_at", "version", "updated_at"]
    Absence.unscoped.bulk_update(changed, fields, batch_size=1000)
    trail.note(changes={"person": (None, str(ours)), "changed": (None, len(changed))}, count=len(made))
    return len(made), len(changed)


LOCATION_FIELDS: Final = ("latitude", "longitude", "source")


@act("planning.location:create", sentence=_("%(actor)s entered where %(target)s is"))
def location_create(
    *,
    actor: Actor,
    trail: Trail,
    now: datetime,
    institution: Institution,
    latitude: Decimal,
    longitude: Decimal,
    source: str = "",
) -> Location:
    """Enter the location of an institution.

    Raises:
        Missing, Archived.
        Invalid: it has one, or there is no such place.
    """
    institution, _nobody = customers_of(institution, None)
    location = Location(institution=institution, created_at=now, updated_at=now)
    values = {"latitude": latitude, "longitude": longitude, "source": source}
    changes = change(location, values, allowed=LOCATION_FIELDS)
    save(location)
    trail.note(location, changes=changes)
    return location


@act("planning.location:update", right="planning.location:edit", sentence=_("%(actor)s changed where %(target)s is"))
def location_update(
    *,
    actor: Actor,
    trail: Trail,
    pk: int,
    changes: Mapping[str, Any],
    now: datetime,
    expected_version: int | None = None,
) -> Location:
    """Change a location.

    Raises:
        Missing, Stale, Invalid.
    """
    location = locked(Location, pk, expected_version=expected_version)
    wanted = {name: v for name, v in changes.items() if name != "institution" or location.institution != v}
    differing = change(location, wanted, allowed=LOCATION_FIELDS)
    touch(location, now)
    save(location, fields=differing)
    trail.note(location, changes=differing)
    return location
