"""Institutions and their names."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from yaomai.customers import rules
from yaomai.customers.models import Institution, InstitutionName, Professional
from yaomai.customers.services.profiles import measure
from yaomai.customers.services.searching import index_institutions
from yaomai.customers.services.territories import assign, default_territory
from yaomai.kit.access import Actor, get_visible
from yaomai.kit.acts import Trail, act
from yaomai.kit.acts.rows import change, local_day, locked, require_open, save, touch
from yaomai.kit.errors import Conflict, Invalid, Missing
from yaomai.organization.models import Territory

FIELDS = (
    "code",
    "name",
    "kind",
    "grade",
    "ownership",
    "status",
    "division",
    "address",
    "phone",
    "parent",
    "outlets",
    "beds",
    "outpatients",
)


class HasPeople(Conflict):
    """An institution where people work cannot be archived."""

    code = "institution_has_people"
    message = _("%(count)s professionals work at %(name)s. Move or archive them first.")


def _check_relations(institution: Institution, changes: Mapping[str, Any]) -> None:
    """Refuse a parent out of sight, itself, or one of its own branches, and a mobile number as switchboard."""
    parent = changes.get("parent")
    if parent is not None:
        get_visible(Institution, pk=parent.pk)
        above: Institution | None = parent
        while above is not None:
            if above.pk == institution.pk:
                raise Invalid(fields={"parent": [_("An institution cannot belong to itself.")]})
            above = above.parent
    if rules.is_mobile(changes.get("phone") or ""):
        raise Invalid(
            fields={"phone": [_("A mobile number is personal: add it as a contact, where it is kept sealed.")]}
        )


def set_keys(institution: Institution) -> None:
    """Set what follows from name and place."""
    institution.name_key = rules.name_key(institution.name)
    division = institution.division
    institution.natural_key = rules.institution_key(institution.name_key, division.code if division else "")


def _territory_for(actor: Actor, territory: Territory | None) -> Territory | None:
    if territory is None:
        return default_territory(actor, "customers.institution:create")
    return get_visible(Territory, pk=territory.pk)


@act("customers.institution:create", sentence=_("%(actor)s created institution %(target)s"))
def institution_create(
    *,
    actor: Actor,
    trail: Trail,
    now: datetime,
    name: str,
    territory: Territory | None = None,
    valid_from: date | None = None,
    **fields: Any,
) -> Institution:
    """Create an institution. Names in brackets become other names; without a territory it falls to the creator's.

    Raises:
        Invalid: by field.
        Missing: a territory or parent out of reach.
    """
    institution, changes = _written(actor, now, name, fields)
    today = local_day(now)
    home = _territory_for(actor, territory)
    if home is not None:
        assign([institution.pk], home, valid_from=valid_from or today, today=today, actor=actor)
        institution.refresh_from_db(fields=["territory"])
        changes["territory"] = (None, home)
    index_institutions([institution.pk])
    measure("institution", [institution.pk], today=today)
    trail.note(institution, changes=changes)
    return institution


def make(*, actor: Actor, now: datetime, name: str, fields: Mapping[str, Any]) -> Institution:
    """Write a new institution within another act, which places, indexes and measures it.

    Raises:
        Invalid: by field.
        Missing: a parent out of reach.
    """
    institution, _changes = _written(actor, now, name, fields)
    return institution


def _written(
    actor: Actor, now: datetime, name: str, fields: Mapping[str, Any]
) -> tuple[Institution, dict[str, tuple[Any, Any]]]:
    plain, aliases, former = rules.split_name(name)
    institution = Institution(
        created_at=now, updated_at=now, is_unverified=not actor.may("customers.institution:review")
    )
    changes = change(institution, {"name": plain, **fields}, allowed=FIELDS)
    _check_relations(institution, fields)
    set_keys(institution)
    save(institution)
    kinds = [(alias, InstitutionName.Kind.ALIAS) for alias in aliases]
    kinds += [(old, InstitutionName.Kind.FORMER) for old in former]
    for other, kind in kinds:
        remember(institution, other, kind, InstitutionName.Source.ENTERED, actor, now)
    return institution, dict(changes)


@act(
    "customers.institution:update",
    right="customers.institution:edit",
    sentence=_("%(actor)s changed institution %(target)s"),
)
def institution_update(
    *,
    actor: Actor,
    trail: Trail,
    pk: int,
    changes: Mapping[str, Any],
    now: datetime,
    expected_version: int | None = None,
) -> Institution:
    """Change an institution. A new name keeps the old one as a former name; a territory holds from today.

    Raises:
        Missing, Stale, Archived, Invalid.
    """
    institution = locked(Institution, pk, expected_version=expected_version)
    require_open(institution)
    wanted = dict(changes)
    moves, territory = "territory" in wanted, wanted.pop("territory", None)
    _check_relations(institution, wanted)
    old_name = institution.name
    differing = change(institution, wanted, allowed=FIELDS)
    if "name" in differing:
        _rename(institution, old_name, actor, now)
    if moves and institution.territory_id != (territory.pk if territory else None):
        differing["territory"] = (institution.territory, territory)
        _move(institution, territory, actor, now)
    set_keys(institution)
    touch(institution, now)
    save(institution, fields=[*(name for name in differing if name != "territory"), "name_key", "natural_key"])
    if {"name", "code"} & differing.keys():
        index_institutions([institution.pk])
    measure("institution", [pk], today=local_day(now))
    trail.note(institution, changes=differing)
    return institution


def _rename(institution: Institution, old_name: str, actor: Actor, now: datetime) -> None:
    set_keys(institution)
    InstitutionName.unscoped.filter(institution=institution, key=institution.name_key).delete()
    if rules.name_key(old_name) != institution.name_key:
        remember(institution, old_name, InstitutionName.Kind.FORMER, InstitutionName.Source.ENTERED, actor, now)


def _move(institution: Institution, territory: Territory | None, actor: Actor, now: datetime) -> None:
    if territory is not None:
        get_visible(Territory, pk=territory.pk)
    today = local_day(now)
    assign([institution.pk], territory, valid_from=today, today=today, actor=actor)
    institution.territory = territory


@act("customers.institution:archive", sentence=_("%(actor)s archived institution %(target)s"))
def institution_archive(
    *, actor: Actor, trail: Trail, pk: int, now: datetime, expected_version: int | None = None
) -> Institution:
    """Take an institution out of the lists; nothing is deleted.

    Raises:
        HasPeople: professionals have their workplace there.
        Archived: it is archived already.
    """
    institution = locked(Institution, pk, verb="archive", expected_version=expected_version)
    require_open(institution)
    count = Professional.unscoped.filter(institution=institution, archived_at__isnull=True).count()
    if count:
        raise HasPeople(count=count, name=institution.name)
    institution.archived_at = now
    touch(institution, now)
    save(institution, fields=["archived_at"])
    trail.note(institution, changes={"archived_at": (None, now)})
    return institution


@act(
    "customers.institution:restore",
    right="customers.institution:archive",
    sentence=_("%(actor)s restored institution %(target)s"),
)
def institution_restore(*, actor: Actor, trail: Trail, pk: int, now: datetime) -> Institution:
    """Put an archived institution back; one that was merged comes back by undoing the merge."""
    institution = locked(Institution, pk, verb="archive")
    if institution.archived_at is None or institution.merged_into_id is not None:
        raise Conflict
    before, institution.archived_at = institution.archived_at, None
    touch(institution, now)
    save(institution, fields=["archived_at"])
    trail.note(institution, changes={"archived_at": (before, None)})
    return institution


def remember(
    institution: Institution, name: str, kind: str, source: str, actor: Actor, now: datetime
) -> InstitutionName | None:
    """Write another name unless it is there; return it when it is new."""
    key = rules.name_key(name)
    if not key or key == institution.name_key:
        return None
    row, made = InstitutionName.unscoped.get_or_create(
        institution=institution,
        key=key,
        defaults={
            "name": name.strip()[:200],
            "kind": kind,
            "source": source,
            "recorded_by_id": actor.person_id,
            "created_at": now,
        },
    )
    return row if made else None


@act(
    "customers.institution:alias_add",
    right="customers.institution:edit",
    sentence=_("%(actor)s added the name %(name)s to %(target)s"),
)
def institution_name_add(
    *,
    actor: Actor,
    trail: Trail,
    pk: int,
    name: str,
    now: datetime,
    kind: str = InstitutionName.Kind.ALIAS,
    source: str = InstitutionName.Source.ENTERED,
) -> InstitutionName:
    """Remember another name for ever.

    Raises:
        Invalid: empty, or known for this institution.
    """
    institution = locked(Institution, pk)
    require_open(institution)
    row = remember(institution, name, kind, source, actor, now)
    if row is None:
        raise Invalid(fields={"name": [_("Empty, or known already.")]})
    touch(institution, now)
    save(institution)
    index_institutions([institution.pk])
    trail.note(institution, changes={"names": (None, row.name)}, name=row.name)
    return row


@act(
    "customers.institution:alias_remove",
    right="customers.institution:edit",
    sentence=_("%(actor)s removed the name %(name)s of %(target)s"),
)
def institution_name_remove(*, actor: Actor, trail: Trail, pk: int, name_id: int, now: datetime) -> None:
    """Forget another name, so that files with it are matched anew.

    Raises:
        Missing: no such name of this institution.
    """
    institution = locked(Institution, pk)
    row = InstitutionName.unscoped.filter(institution=institution, pk=name_id).first()
    if row is None:
        raise Missing
    row.delete()
    touch(institution, now)
    save(institution)
    index_institutions([institution.pk])
    trail.note(institution, changes={"names": (row.name, None)}, name=row.name)
