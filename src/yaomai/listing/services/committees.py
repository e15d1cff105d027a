"""Committees, their seats, and who answers for the stages of the path."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from yaomai.customers.models import Institution, Professional
from yaomai.kit.access import Actor, get_visible
from yaomai.kit.acts import Trail, act
from yaomai.kit.acts.rows import change, locked, require_open, save, touch
from yaomai.kit.errors import Conflict, Invalid, Missing
from yaomai.listing import rules
from yaomai.listing.models import Committee, Seat, Stage, StageHolder, Term, Voice

FIELDS = ("name", "rhythm", "next_meeting_on", "source")


class TwoChairs(Conflict):
    """A committee has one chair at a time."""

    code = "two_chairs"
    message = _("%(person)s chairs this committee in that time. End that term first, or choose another role.")


class TermsOverlap(Conflict):
    """Somebody would hold the same thing twice at once."""

    code = "terms_overlap"
    message = _("%(person)s holds this already in that time (%(period)s). End that term first, or choose another day.")


@act("listing.committee:create", sentence=_("%(actor)s recorded the committee %(target)s"))
def committee_create(
    *, actor: Actor, trail: Trail, now: datetime, institution: Institution, **fields: Any
) -> Committee:
    """Record a committee.

    Raises:
        Missing: the institution is out of reach.
        Archived: it takes no changes.
        Invalid: the institution has this committee already.
    """
    institution = get_visible(Institution, pk=institution.pk)
    require_open(institution)
    committee = Committee(institution=institution, created_at=now, updated_at=now)
    changes = change(committee, fields, allowed=FIELDS)
    save(committee)
    trail.note(committee, changes=changes)
    return committee


@act(
    "listing.committee:update", right="listing.committee:edit", sentence=_("%(actor)s changed the committee %(target)s")
)
def committee_update(
    *,
    actor: Actor,
    trail: Trail,
    pk: int,
    changes: Mapping[str, Any],
    now: datetime,
    expected_version: int | None = None,
) -> Committee:
    """Change a committee; it stays with its institution.

    Raises:
        Missing, Stale, Archived, Invalid.
    """
    committee = locked(Committee, pk, expected_version=expected_version)
    require_open(committee)
    wanted = dict(changes)
    if wanted.get("institution") == committee.institution:
        wanted.pop("institution")
    differing = change(committee, wanted, allowed=FIELDS)
    touch(committee, now)
    save(committee, fields=differing)
    trail.note(committee, changes=differing)
    return committee


@act("listing.committee:archive", sentence=_("%(actor)s archived the committee %(target)s"))
def committee_archive(
    *, actor: Actor, trail: Trail, pk: int, now: datetime, expected_version: int | None = None
) -> Committee:
    """Take a committee out of use; its seats stay as history."""
    committee = locked(Committee, pk, verb="archive", expected_version=expected_version)
    require_open(committee)
    committee.archived_at = now
    touch(committee, now)
    save(committee, fields=["archived_at"])
    trail.note(committee, changes={"archived_at": (None, now)})
    return committee


@act(
    "listing.committee:seat",
    right="listing.committee:edit",
    sentence=_("%(actor)s recorded %(person)s as %(role)s of %(target)s from %(valid_from)s"),
)
def seat_start(
    *,
    actor: Actor,
    trail: Trail,
    committee: int,
    professional: Professional,
    role: str,
    valid_from: date,
    source: str,
    now: datetime,
    voice: str = Voice.ORDINARY,
    valid_to: date | None = None,
) -> Seat:
    """Record a seat.

    Raises:
        Missing: the committee or the person is out of reach.
        TwoChairs, TermsOverlap: somebody holds it in that time.
        Invalid: unknown role or voice, no source, or the last day is before the first.
    """
    row = locked(Committee, committee)
    require_open(row)
    person = get_visible(Professional, pk=professional.pk)
    _check(role=(role, Seat.Role.values), voice=(voice, Voice.values), source=source, period=(valid_from, valid_to))
    seats = list(row.seats.select_related("professional"))
    _refuse_overlap((valid_from, valid_to), [seat for seat in seats if seat.professional_id == person.pk])
    if role == Seat.Role.CHAIR:
        for seat in seats:
            held = (seat.valid_from, seat.valid_to)
            if seat.role == Seat.Role.CHAIR and rules.overlap((valid_from, valid_to), held):
                raise TwoChairs(person=seat.professional.name)
    seat = Seat.unscoped.create(
        committee=row, professional=person, role=role, voice=voice, valid_from=valid_from, valid_to=valid_to,
        source=source.strip(),
    )  # fmt: skip
    touch(row, now)
    save(row)
    trail.note(
        row, changes={"seat": (None, person.name)}, person=person.name, role=seat.get_role_display(),
        valid_from=valid_from,
    )  # fmt: skip
    return seat


@act(
    "listing.committee:seat_end",
    right="listing.committee:edit",
    sentence=_("%(actor)s ended the seat of %(person)s on %(target)s on %(valid_to)s"),
)
def seat_end(*, actor: Actor, trail: Trail, committee: int, seat: int, valid_to: date, now: datetime) -> Seat:
    """End a seat on a day; the history stays.

    Raises:
        Missing: no such seat in reach.
        Invalid: the day is not after its first.
    """
    row = locked(Committee, committee)
    found = get_visible(Seat, pk=seat, committee=row)
    _end(found, valid_to)
    touch(row, now)
    save(row)
    trail.note(
        row, changes={"seat": (found.professional.name, None)}, person=found.professional.name, valid_to=valid_to
    )
    return found


@act(
    "listing.committee:holder",
    right="listing.committee:edit",
    sentence=_("%(actor)s recorded %(person)s for the stage %(stage)s at %(target)s from %(valid_from)s"),
)
def holder_start(
    *,
    actor: Actor,
    trail: Trail,
    institution: Institution,
    professional: Professional,
    stage: str,
    valid_from: date,
    source: str,
    now: datetime,
    voice: str = Voice.STRONG,
) -> StageHolder:
    """Record who answers for a stage at an institution.

    Raises:
        Missing: the institution or the person is out of reach.
        TermsOverlap: the person holds the stage there already.
        Invalid: unknown stage or voice, or no source.
    """
    place = Institution.objects.allowed("listing.committee:edit").select_for_update().filter(pk=institution.pk).first()
    if place is None:
        raise Missing
    person = get_visible(Professional, pk=professional.pk)
    _check(stage=(stage, Stage.values), voice=(voice, Voice.values), source=source, period=(valid_from, None))
    same = StageHolder.unscoped.filter(institution=place, stage=stage, professional=person)
    _refuse_overlap((valid_from, None), list(same.select_related("professional")))
    holder = StageHolder(
        institution=place, professional=person, stage=stage, voice=voice, valid_from=valid_from, source=source.strip()
    )
    holder.save(force_insert=True)
    trail.note(
        holder, changes={"stage_holder": (None, person.name)}, person=person.name, stage=holder.get_stage_display(),
        valid_from=valid_from,
    )  # fmt: skip
    return holder


@act(
    "listing.committee:holder_end",
    right="listing.committee:edit",
    sentence=_("%(actor)s ended the part of %(person)s in the path on %(valid_to)s"),
)
def holder_end(*, actor: Actor, trail: Trail, pk: int, valid_to: date, now: datetime) -> StageHolder:
    """End somebody's part in the path.

    Raises:
        Missing: there is none in reach.
        Invalid: the day is not after its first.
    """
    reach = StageHolder.objects.allowed("listing.committee:edit").select_related("professional")
    holder: StageHolder | None = reach.filter(pk=pk).first()
    if holder is None:
        raise Missing
    _end(holder, valid_to)
    trail.note(
        holder, changes={"stage_holder": (holder.professional.name, None)}, person=holder.professional.name,
        valid_to=valid_to,
    )  # fmt: skip
    return holder


def _check(*, source: str, period: rules.Period, **choices: tuple[str, list[str]]) -> None:
    fields: dict[str, list[Any]] = {
        name: [_("Choose from the list.")] for name, (value, known) in choices.items() if value not in known
    }
    if not source.strip():
        fields["source"] = [_("Say where this comes from.")]
    if period[1] is not None and period[1] <= period[0]:
        fields["valid_to"] = [_("The last day must come after the first.")]
    if fields:
        raise Invalid(fields=fields)


def _refuse_overlap(period: rules.Period, others: list[Any]) -> None:
    for other in others:
        if rules.overlap(period, (other.valid_from, other.valid_to)):
            raise TermsOverlap(
                person=other.professional.name, period=f"{other.valid_from} – {other.valid_to or ''}".strip()
            )


def _end(term: Term, valid_to: date) -> None:
    if valid_to <= term.valid_from:
        raise Invalid(fields={"valid_to": [_("The last day must come after the first.")]})
    if term.valid_to is not None and term.valid_to <= valid_to:
        raise Invalid(fields={"valid_to": [_("It ends earlier already.")]})
    term.valid_to = valid_to
    term.save(update_fields=["valid_to"])
