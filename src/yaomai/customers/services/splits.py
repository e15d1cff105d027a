"""Split an institution: a part becomes one of its own from a day; what was before stays. Undone by a merge."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from yaomai.customers import splitting
from yaomai.customers.models import (
    Affiliation,
    Department,
    Institution,
    InstitutionSplit,
    PatientPopulation,
)
from yaomai.customers.services import institutions
from yaomai.customers.services.currents import apply_workplaces, people_of
from yaomai.customers.services.merges import MergedMeanwhile, merged
from yaomai.customers.services.profiles import measure
from yaomai.customers.services.searching import index_institutions
from yaomai.customers.services.territories import assign
from yaomai.kit.access import Actor, get_visible
from yaomai.kit.acts import Trail, act
from yaomai.kit.acts.rows import local_day, locked, require_open, save, touch
from yaomai.kit.errors import Conflict, Invalid

SAME = ("kind", "grade", "ownership", "division", "parent")
"""What the new institution has from the old one unless said otherwise."""


@act(
    "customers.institution:split",
    right="customers.institution:merge",
    sentence=_("%(actor)s split %(offspring)s off %(target)s from %(day)s"),
)
def institution_split(
    *,
    actor: Actor,
    trail: Trail,
    pk: int,
    name: str,
    day: date,
    now: datetime,
    departments: Sequence[int] = (),
    people: Sequence[int] = (),
    follow: Mapping[str, Sequence[int]] | None = None,
    **fields: Any,
) -> InstitutionSplit:
    """Make a part of an institution one of its own from a day on.

    Args:
        departments: of the institution; everybody who works in them follows.
        people: further professionals who work there and follow.
        follow: what other rooms let follow, by the name of the part (`splitting`): keys that its `choices` give.
        fields: of the new institution, as in `institution_create`; kind, grade, owner, place and parent are taken over.

    Raises:
        Missing, Archived.
        Invalid: by field; also what is not of the institution, a day to come, and when nothing follows.
    """
    origin = locked(Institution, pk, verb="merge")
    require_open(origin)
    chosen, keys, today = list(dict.fromkeys(departments)), dict(follow or {}), local_day(now)
    if day > today:
        raise Invalid(fields={"day": [_("Choose a day that has come: what is to come cannot have happened yet.")]})
    if not chosen and not people and not any(keys.values()):
        raise Invalid(_("Choose what belongs to the new institution: departments, people or names in sales flow."))
    own = _departments_of(origin, chosen)
    working = _working(origin, chosen, people, day)
    _require_known(origin, keys, actor)
    offspring = institutions.make(
        actor=actor, now=now, name=name, fields={each: getattr(origin, each) for each in SAME} | fields
    )
    if origin.territory is not None:
        assign([offspring.pk], origin.territory, valid_from=day, today=today, actor=actor)
        offspring.refresh_from_db(fields=["territory"])
    pairs = _follow_departments(own, offspring, now)
    _follow_people(working, offspring, dict(pairs), day, source=str(_("Split of %(name)s") % {"name": origin.name}))
    followed = {"departments": len(pairs), "people": len({each.professional_id for each in working})}
    for part in splitting.parts():
        if keys.get(part.name):
            followed[part.name] = part.follow(origin.pk, offspring.pk, day, keys[part.name])
    touch(origin, now)
    save(origin)
    split = InstitutionSplit.unscoped.create(
        origin=origin,
        offspring=offspring,
        day=day,
        departments=pairs,
        followed=followed,
        split_by_id=actor.person_id,
        split_at=now,
    )
    _settle([origin, offspring], today)
    trail.note(origin, changes={}, offspring=offspring.name, day=day, split=split.pk, followed=followed)
    return split


def _departments_of(origin: Institution, pks: Sequence[int]) -> list[Department]:
    rows = list(Department.unscoped.filter(institution=origin, pk__in=pks, archived_at__isnull=True).order_by("pk"))
    if len(rows) != len(pks):
        raise Invalid(fields={"departments": [_("Choose departments that the institution has today.")]})
    return rows


def _working(origin: Institution, departments: Sequence[int], people: Sequence[int], day: date) -> list[Affiliation]:
    """Return the affiliations that follow: those of the departments and of the people that hold on the day or later."""
    held = Affiliation.unscoped.select_for_update(of=("self",)).filter(
        Q(valid_to__isnull=True) | Q(valid_to__gt=day), institution=origin
    )
    rows = list(held.filter(Q(department__in=departments) | Q(professional__in=people)).order_by("pk"))
    if set(people) - {each.professional_id for each in rows}:
        raise Invalid(fields={"people": [_("Choose people who work here on that day.")]})
    return rows


def _require_known(origin: Institution, keys: Mapping[str, Sequence[int]], actor: Actor) -> None:
    known = {part.name: part for part in splitting.parts() if actor.may(part.right)}
    for name, chosen in keys.items():
        offered = {key for key, _label in known[name].choices(origin)} if name in known else set()
        if set(chosen) - offered:
            raise Invalid(fields={name: [_("Choose from the list.")]})


def _follow_departments(own: Sequence[Department], offspring: Institution, now: datetime) -> list[tuple[int, int]]:
    """Let departments go on in the new institution, with what is estimated of them; the old rows keep their history."""
    pairs = []
    for old in own:
        new = Department(
            institution=offspring, name=old.name, standard=old.standard, beds=old.beds, created_at=now, updated_at=now
        )
        save(new)
        estimates = PatientPopulation.unscoped.filter(department=old, archived_at__isnull=True).order_by("pk")
        copies = []
        for each in estimates:
            each.pk, each.institution, each.department = None, offspring, new
            each.created_at = each.updated_at = now
            copies.append(each)
        PatientPopulation.unscoped.bulk_create(copies)
        old.archived_at = now
        touch(old, now)
        save(old, fields=["archived_at"])
        pairs.append((old.pk, new.pk))
    return pairs


def _follow_people(
    working: Iterable[Affiliation], offspring: Institution, departments: Mapping[int, int], day: date, *, source: str
) -> None:
    """End workplaces on the day and begin them in the new institution; who came later was always there."""
    begun = []
    for each in working:
        department = departments.get(each.department_id) if each.department_id else None
        if each.valid_from >= day:
            each.institution_id, each.department_id = offspring.pk, department
            each.save(update_fields=["institution", "department"])
            continue
        begun.append(
            Affiliation(
                professional_id=each.professional_id,
                institution=offspring,
                department_id=department,
                position=each.position,
                is_primary=each.is_primary,
                valid_from=day,
                valid_to=each.valid_to,
                source=source[:200],
            )
        )
        each.valid_to = day
        each.save(update_fields=["valid_to"])
    Affiliation.unscoped.bulk_create(begun)


def _settle(rows: Sequence[Institution], today: date) -> None:
    pks = [row.pk for row in rows]
    apply_workplaces(people_of(pks), on=today)
    measure("institution", pks, today=today)
    index_institutions(pks)


@act(
    "customers.institution:unsplit",
    right="customers.institution:merge",
    sentence=_("%(actor)s undid the split of %(offspring)s from %(target)s"),
)
def institution_unsplit(*, actor: Actor, trail: Trail, pk: int, now: datetime) -> Institution:
    """Undo a split: its departments are back, and the new institution is merged into the one it came from.

    All that happened at the new institution since comes along; the merge itself can be undone.

    Raises:
        Missing: no such split in reach.
        MergedMeanwhile: one of the two was merged since.
        Conflict: it is undone already.
    """
    found = get_visible(InstitutionSplit, pk=pk)
    split = InstitutionSplit.unscoped.select_for_update().get(pk=found.pk)
    if split.undone_at is not None:
        raise Conflict
    rows = {each: locked(Institution, each, verb="merge") for each in sorted((split.origin_id, split.offspring_id))}
    origin, offspring = rows[split.origin_id], rows[split.offspring_id]
    for row in (origin, offspring):
        if row.merged_into_id is not None:
            raise MergedMeanwhile(name=row.name)
        require_open(row)
    _take_departments_back(split.departments, now)
    merge = merged(origin, offspring, actor=actor, now=now)
    split.undone_at, split.undone_by_id = now, actor.person_id
    split.save(update_fields=["undone_at", "undone_by"])
    trail.note(origin, changes={}, offspring=offspring.name, split=split.pk, merge=merge.pk)
    return origin


def _take_departments_back(pairs: Sequence[Sequence[int]], now: datetime) -> None:
    """Open the departments that were closed by the split, unless the institution has one of the name again."""
    for old, _new in pairs:
        row = Department.unscoped.select_for_update().get(pk=old)
        taken = Department.unscoped.filter(
            institution=row.institution_id, name=row.name, archived_at__isnull=True
        ).exists()
        if row.archived_at is not None and not taken:
            row.archived_at = None
            touch(row, now)
            save(row, fields=["archived_at"])
