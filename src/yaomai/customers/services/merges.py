"""Merge two rows that are one customer, and undo it: nothing is deleted, everything that moved is on record."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from yaomai.customers import merging
from yaomai.customers.models import (
    Affiliation,
    Department,
    DuplicateProposal,
    Institution,
    InstitutionDuplicate,
    InstitutionMerge,
    InstitutionName,
    Merge,
    Professional,
    ProfessionalDuplicate,
    ProfessionalMerge,
)
from yaomai.customers.services import institutions, professionals
from yaomai.customers.services.currents import apply_workplaces, people_of
from yaomai.customers.services.profiles import measure
from yaomai.customers.services.searching import index_institutions, index_professionals
from yaomai.customers.services.types import repeat_marks
from yaomai.kit.access import Actor, get_visible
from yaomai.kit.acts import Trail, act
from yaomai.kit.acts.rows import local_day, locked, require_open, save, touch
from yaomai.kit.errors import Conflict, Invalid

Row = Institution | Professional


class MergedMeanwhile(Conflict):
    """A later merge stands on this one."""

    code = "merged_meanwhile"
    message = _("%(name)s was merged again later. Undo that merge first.")


def _both(model: type[Any], winner: int, loser: int) -> tuple[Any, Any]:
    """Lock both rows in the order of their keys.

    Raises:
        Invalid: they are the same row.
        Missing: one is out of the actor's reach.
        Archived: one takes no changes.
    """
    if winner == loser:
        raise Invalid(_("Choose two different rows."))
    rows = {pk: locked(model, pk, verb="merge") for pk in sorted((winner, loser))}
    for row in rows.values():
        require_open(row)
    return rows[winner], rows[loser]


def _take(winner: Row, loser: Row, fields: Sequence[str], allowed: Sequence[str]) -> dict[str, list[Any]]:
    """Take the chosen values of the loser; return {field: [before, after]} as plain JSON."""
    unknown = set(fields) - set(allowed)
    if unknown:
        raise Invalid(fields={name: [_("This cannot be changed here.")] for name in sorted(unknown)})
    taken: dict[str, list[Any]] = {}
    for name in fields:
        attribute = winner._meta.get_field(name).attname  # type: ignore[union-attr]
        before, after = getattr(winner, attribute), getattr(loser, attribute)
        if before != after:
            taken[name] = [before, after]
            setattr(winner, attribute, after)
    return taken


def _give_back(winner: Row, taken: Mapping[str, Sequence[Any]]) -> dict[str, tuple[Any, Any]]:
    """Restore values that were taken, unless they were changed again meanwhile."""
    restored: dict[str, tuple[Any, Any]] = {}
    for name, (before, after) in taken.items():
        attribute = winner._meta.get_field(name).attname  # type: ignore[union-attr]
        if getattr(winner, attribute) == after:
            setattr(winner, attribute, before)
            restored[name] = (after, before)
    return restored


def _retire(loser: Row, winner: Row, now: datetime, *, without_code: bool) -> None:
    loser.archived_at, loser.merged_into_id = now, winner.pk
    if without_code:
        loser.code = ""
    touch(loser, now)
    save(loser, fields=["archived_at", "merged_into", "code"])


def _revive(loser: Row, code: str | None, now: datetime) -> None:
    loser.archived_at, loser.merged_into_id = None, None
    if code is not None:
        loser.code = code
    touch(loser, now)
    save(loser, fields=["archived_at", "merged_into", "code"])


def _close_proposals(
    model: type[DuplicateProposal], winner: int, loser: int, actor: Actor, now: datetime, status: str
) -> None:
    """Decide the proposal of this pair; others with the loser are moot."""
    rows: Any = model.unscoped
    rows.filter(first_id=min(winner, loser), second_id=max(winner, loser)).update(
        status=status, decided_by_id=actor.person_id, decided_at=now
    )
    rows.filter(models.Q(first_id=loser) | models.Q(second_id=loser), status=DuplicateProposal.Status.OPEN).delete()


def _demote(loser: Professional, winner: Professional) -> list[int]:
    """Make primary workplaces of the loser secondary where the winner has one of its own at the same time."""
    primary = Affiliation.unscoped.filter(is_primary=True)
    own = list(primary.filter(professional=winner))
    demoted = [row.pk for row in primary.filter(professional=loser) if any(_overlap(row, each) for each in own)]
    Affiliation.unscoped.filter(pk__in=demoted).update(is_primary=False)
    return demoted


def _promote(gone: Professional, demoted: Sequence[int]) -> None:
    """Make workplaces primary again that a merge made secondary, where nothing else is primary by now."""
    primary = list(Affiliation.unscoped.filter(professional=gone, is_primary=True))
    for row in Affiliation.unscoped.filter(pk__in=demoted, professional=gone).order_by("pk"):
        if not any(_overlap(row, each) for each in primary):
            row.is_primary = True
            row.save(update_fields=["is_primary"])
            primary.append(row)


def _overlap(one: Affiliation, other: Affiliation) -> bool:
    """Say whether two affiliations hold on a common day."""
    begin = max(one.valid_from, other.valid_from)
    return all(row.valid_to is None or row.valid_to > begin for row in (one, other))


# Institutions ---------------------------------------------------------------------------------------------------


@act("customers.institution:merge", sentence=_("%(actor)s merged %(loser)s into %(target)s"))
def institution_merge(
    *, actor: Actor, trail: Trail, winner: int, loser: int, now: datetime, take: Sequence[str] = ()
) -> InstitutionMerge:
    """Merge `loser` into `winner`; `take` names the fields whose value comes from the loser.

    The loser is archived; what points at it moves; its name becomes another name of the winner.

    Raises:
        Missing, Archived, Invalid: see `_both`; a field that cannot be taken.
    """
    kept, gone = _both(Institution, winner, loser)
    merge = merged(kept, gone, actor=actor, now=now, take=take)
    trail.note(
        kept,
        changes={name: (pair[0], pair[1]) for name, pair in merge.before["taken"].items()},
        loser=gone.name,
        merge=merge.pk,
        moved={move["reference"]: len(move["rows"]) for move in merge.moved["moves"]},
    )
    return merge


def merged(
    kept: Institution, gone: Institution, *, actor: Actor, now: datetime, take: Sequence[str] = ()
) -> InstitutionMerge:
    """Merge two institutions that are locked; see `institution_merge`."""
    taken = _take(kept, gone, take, institutions.FIELDS)
    if kept.parent_id == gone.pk:
        taken["parent"] = [taken.get("parent", [gone.pk])[0], None]
        kept.parent = None
    gone_code, old_name = gone.code, taken.get("name", [kept.name])[0]
    moves = _merge_departments(kept, gone) + merging.move(Institution, old=gone.pk, new=kept.pk)
    _retire(gone, kept, now, without_code="code" in taken)
    institutions.set_keys(kept)
    touch(kept, now)
    save(kept, fields=[*taken, "name_key", "natural_key"])
    aliases = _names_of_loser(kept, [gone.name, old_name], actor, now)
    merge = InstitutionMerge.unscoped.create(
        winner=kept,
        loser=gone,
        before={"taken": taken, "code": gone_code},
        moved={"moves": moves},
        alias_ids=aliases,
        merged_by_id=actor.person_id,
        merged_at=now,
    )
    _close_proposals(InstitutionDuplicate, kept.pk, gone.pk, actor, now, DuplicateProposal.Status.MERGED)
    _settle_institutions([kept, gone], local_day(now))
    return merge


def _merge_departments(kept: Institution, gone: Institution) -> list[merging.Move]:
    """Move what points at departments of the loser that the winner has too."""
    own = dict(Department.unscoped.filter(institution=kept, archived_at__isnull=True).values_list("name", "pk"))
    moves: list[merging.Move] = []
    for name, pk in Department.unscoped.filter(institution=gone).order_by("pk").values_list("name", "pk"):
        if name in own:
            moves += merging.move(Department, old=pk, new=own[name])
    return moves


def _names_of_loser(kept: Institution, names: Sequence[str], actor: Actor, now: datetime) -> list[int]:
    made = [
        institutions.remember(kept, name, InstitutionName.Kind.MERGED, InstitutionName.Source.MERGED, actor, now)
        for name in dict.fromkeys(names)
    ]
    return [row.pk for row in made if row is not None]


def _settle_institutions(rows: Sequence[Institution], today: date) -> None:
    """Bring what is repeated back into step after rows moved."""
    pks = [row.pk for row in rows]
    apply_workplaces(people_of(pks), on=today)
    measure("institution", pks, today=today)
    index_institutions(pks)


@act(
    "customers.institution:unmerge",
    right="customers.institution:merge",
    sentence=_("%(actor)s undid the merge of %(loser)s into %(target)s"),
)
def institution_unmerge(*, actor: Actor, trail: Trail, pk: int, now: datetime) -> Institution:
    """Undo a merge: the loser comes back with everything that moved and still stands where it was moved to.

    Raises:
        Missing: no such merge in reach.
        MergedMeanwhile: the winner was itself merged later.
        Conflict: it is undone already.
    """
    merge = get_visible(InstitutionMerge, pk=pk)
    kept: Institution
    gone: Institution
    kept, gone = _for_undo(merge, Institution)
    taken = merge.before["taken"]
    restored = _give_back(kept, taken)
    institutions.set_keys(kept)
    InstitutionName.unscoped.filter(pk__in=merge.alias_ids).delete()
    touch(kept, now)
    save(kept, fields=[*restored, "name_key", "natural_key"])
    _revive(gone, merge.before["code"] if "code" in taken else None, now)
    merging.move_back(merge.moved["moves"])
    _mark_undone(merge, actor, now)
    _close_proposals(InstitutionDuplicate, kept.pk, gone.pk, actor, now, DuplicateProposal.Status.REJECTED)
    _settle_institutions([kept, gone], local_day(now))
    trail.note(kept, changes=restored, loser=gone.name, merge=merge.pk)
    return gone


def _for_undo(merge: Merge, model: type[Any]) -> tuple[Any, Any]:
    row: Any = type(merge).unscoped.select_for_update().get(pk=merge.pk)
    if row.undone_at is not None:
        raise Conflict
    rows = {pk: model.unscoped.select_for_update().get(pk=pk) for pk in sorted((row.winner_id, row.loser_id))}
    kept, gone = rows[row.winner_id], rows[row.loser_id]
    if kept.merged_into_id is not None or gone.merged_into_id != kept.pk:
        raise MergedMeanwhile(name=str(kept))
    locked(model, kept.pk, verb="merge")
    return kept, gone


def _mark_undone(merge: Merge, actor: Actor, now: datetime) -> None:
    merge.undone_at, merge.undone_by_id = now, actor.person_id
    merge.save(update_fields=["undone_at", "undone_by"])


# Professionals --------------------------------------------------------------------------------------------------


@act("customers.professional:merge", sentence=_("%(actor)s merged %(loser)s into %(target)s"))
def professional_merge(
    *, actor: Actor, trail: Trail, winner: int, loser: int, now: datetime, take: Sequence[str] = ()
) -> ProfessionalMerge:
    """Merge `loser` into `winner`; see `institution_merge`. The winner's primary workplace stays the primary one."""
    kept, gone = _both(Professional, winner, loser)
    taken = _take(kept, gone, take, professionals.MERGED)
    gone_code = gone.code
    demoted = _demote(gone, kept)
    moves = merging.move(Professional, old=gone.pk, new=kept.pk)
    _retire(gone, kept, now, without_code="code" in taken)
    touch(kept, now)
    save(kept, fields=taken)
    merge = ProfessionalMerge.unscoped.create(
        winner=kept,
        loser=gone,
        before={"taken": taken, "code": gone_code},
        moved={"moves": moves, "demoted": demoted},
        merged_by_id=actor.person_id,
        merged_at=now,
    )
    _close_proposals(ProfessionalDuplicate, winner, loser, actor, now, DuplicateProposal.Status.MERGED)
    _settle_professionals([kept, gone], local_day(now))
    trail.note(
        kept,
        changes={name: (pair[0], pair[1]) for name, pair in taken.items()},
        loser=gone.name,
        merge=merge.pk,
        moved={move["reference"]: len(move["rows"]) for move in moves},
    )
    return merge


def _settle_professionals(rows: Sequence[Professional], today: date) -> None:
    pks = [row.pk for row in rows]
    apply_workplaces(pks, on=today)
    repeat_marks(pks)
    measure("professional", pks, today=today)
    index_professionals(pks)


@act(
    "customers.professional:unmerge",
    right="customers.professional:merge",
    sentence=_("%(actor)s undid the merge of %(loser)s into %(target)s"),
)
def professional_unmerge(*, actor: Actor, trail: Trail, pk: int, now: datetime) -> Professional:
    """Undo a merge of two people; see `institution_unmerge`."""
    merge = get_visible(ProfessionalMerge, pk=pk)
    kept: Professional
    gone: Professional
    kept, gone = _for_undo(merge, Professional)
    taken = merge.before["taken"]
    restored = _give_back(kept, taken)
    touch(kept, now)
    save(kept, fields=restored)
    _revive(gone, merge.before["code"] if "code" in taken else None, now)
    merging.move_back(merge.moved["moves"])
    _promote(gone, merge.moved["demoted"])
    _mark_undone(merge, actor, now)
    _close_proposals(ProfessionalDuplicate, kept.pk, gone.pk, actor, now, DuplicateProposal.Status.REJECTED)
    _settle_professionals([kept, gone], local_day(now))
    trail.note(kept, changes=restored, loser=gone.name, merge=merge.pk)
    return gone
