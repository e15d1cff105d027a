"""Profile facts: recorded with a source, checked, never overwritten; and how complete a profile is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from yaomai.customers import profile, rules
from yaomai.customers.models import (
    Affiliation,
    Fact,
    Institution,
    InstitutionContact,
    InstitutionFact,
    Professional,
    ProfessionalContact,
    ProfessionalFact,
)
from yaomai.customers.policies import ProfilePolicy
from yaomai.kit.acts.rows import local_day, locked, require_open
from yaomai.kit.access import Actor
from yaomai.kit.acts import Trail, act
from yaomai.kit.errors import Invalid, Missing
from yaomai.kit.policies.selectors import policy_on

AT_ONCE = 5000
LONGEST_SOURCE = 200


@dataclass(frozen=True, slots=True)
class Profiled:
    """The tables behind the profile of one entity; `owner` is the foreign key to it."""

    entity: profile.Entity
    model: type[Institution] | type[Professional]
    facts: type[Fact]
    owner: str
    table: str


INSTITUTION = Profiled("institution", Institution, InstitutionFact, "institution_id", "customers_institution")
PROFESSIONAL = Profiled("professional", Professional, ProfessionalFact, "professional_id", "customers_professional")
PROFILED: dict[profile.Entity, Profiled] = {"institution": INSTITUTION, "professional": PROFESSIONAL}


def _record(
    tables: Profiled, *, actor: Actor, trail: Trail, pk: int, field: str, value: Any, source: str, now: datetime
) -> Fact | None:
    declared = profile.field(tables.entity, field)
    if declared is None:
        raise Missing
    row = locked(tables.model, pk)
    require_open(row)
    source = source.strip()
    if not source or len(source) > LONGEST_SOURCE:
        raise Invalid(fields={"source": [_("Say where this comes from, in at most 200 characters.")]})
    new = declared.clean(value)
    current = tables.facts.unscoped.filter(**{tables.owner: pk}, field=field, superseded_at__isnull=True).first()
    fact: Fact | None = current
    if current is not None and current.value == new:
        current.checked_at, current.checked_by_id = now, actor.person_id
        current.save(update_fields=["checked_at", "checked_by"])
    else:
        fact = _replace(tables, current, pk=pk, field=field, value=new, source=source, actor=actor, now=now)
    measure(tables.entity, [pk], today=local_day(now))
    # The value itself stays in the fact, where it can be erased; the trail says who, when, which field.
    trail.note(
        row, field=str(declared.label), source=source, was=current and current.pk, fact=fact and fact.pk
    )
    return fact


def _replace(
    tables: Profiled, current: Fact | None, *, pk: int, field: str, value: Any, source: str, actor: Actor, now: datetime
) -> Fact | None:
    if current is not None:
        current.superseded_at = now
        current.save(update_fields=["superseded_at"])
    if value is None:
        return None
    fact: Fact = tables.facts.unscoped.create(
        **{tables.owner: pk},
        field=field,
        value=value,
        source=source,
        recorded_by_id=actor.person_id,
        recorded_at=now,
        checked_by_id=actor.person_id,
        checked_at=now,
    )
    return fact


def _check(tables: Profiled, *, actor: Actor, trail: Trail, pk: int, fields: Sequence[str], now: datetime) -> int:
    row = locked(tables.model, pk)
    require_open(row)
    rows = tables.facts.unscoped.filter(**{tables.owner: pk}, superseded_at__isnull=True)
    if fields:
        rows = rows.filter(field__in=fields)
    count = rows.update(checked_at=now, checked_by_id=actor.person_id)
    if not count:
        raise Invalid(_("There is nothing recorded to check."))
    measure(tables.entity, [pk], today=local_day(now))
    trail.note(row, count=count, fields=sorted(fields))
    return count


@act(
    "customers.institution:record",
    right="customers.institution:edit",
    sentence=_("%(actor)s recorded “%(field)s” of %(target)s (source: %(source)s)"),
)
def institution_fact_record(
    *, actor: Actor, trail: Trail, pk: int, field: str, value: Any, source: str, now: datetime
) -> Fact | None:
    """Record a profile field; the same value again counts as a check, an empty one clears the field.

    Raises:
        Missing: no such institution in reach, or no such field.
        Invalid: no source, or the value does not fit the field.
        Archived: the institution takes no changes.
    """
    return _record(INSTITUTION, actor=actor, trail=trail, pk=pk, field=field, value=value, source=source, now=now)


@act(
    "customers.professional:record",
    right="customers.professional:edit",
    sentence=_("%(actor)s recorded “%(field)s” of %(target)s (source: %(source)s)"),
)
def professional_fact_record(
    *, actor: Actor, trail: Trail, pk: int, field: str, value: Any, source: str, now: datetime
) -> Fact | None:
    """Record a profile field of a person; see `institution_fact_record`.

    Raises:
        PrescriptionCountRefused: the text states how much the person prescribes.
    """
    return _record(PROFESSIONAL, actor=actor, trail=trail, pk=pk, field=field, value=value, source=source, now=now)


@act(
    "customers.institution:check",
    right="customers.institution:edit",
    sentence=_("%(actor)s confirmed %(count)s profile fields of %(target)s"),
)
def institution_facts_check(
    *, actor: Actor, trail: Trail, pk: int, now: datetime, fields: Sequence[str] = ()
) -> int:
    """Confirm that recorded fields still hold (all when none is named); return how many."""
    return _check(INSTITUTION, actor=actor, trail=trail, pk=pk, fields=fields, now=now)


@act(
    "customers.professional:check",
    right="customers.professional:edit",
    sentence=_("%(actor)s confirmed %(count)s profile fields of %(target)s"),
)
def professional_facts_check(
    *, actor: Actor, trail: Trail, pk: int, now: datetime, fields: Sequence[str] = ()
) -> int:
    """Confirm that recorded fields of a person still hold; see `institution_facts_check`."""
    return _check(PROFESSIONAL, actor=actor, trail=trail, pk=pk, fields=fields, now=now)


# Completeness ---------------------------------------------------------------------------------------------------

MEASURE = """
    UPDATE {table} AS r SET completeness = each.completeness, checked_on = each.checked_on
      FROM unnest(%s::bigint[], %s::smallint[], %s::date[]) AS each(id, completeness, checked_on)
     WHERE r.id = each.id AND (r.completeness, r.checked_on) IS DISTINCT FROM (each.completeness, each.checked_on)
"""


def measure(entity: profile.Entity, pks: Sequence[int], *, today: date) -> None:
    """Write completeness and the day of the last check of some profiles, by the policy of the day."""
    tables = PROFILED[entity]
    policy, _version = policy_on(ProfilePolicy, on=today)
    weights = policy.weights(entity)
    for start in range(0, len(pks), AT_ONCE):
        some = list(pks[start : start + AT_ONCE])
        known = _known(tables, some)
        checked = dict(
            tables.facts.unscoped.filter(**{f"{tables.owner}__in": some}, superseded_at__isnull=True)
            .values_list(tables.owner)
            .annotate(Max("checked_at"))
        )
        days = [local_day(checked[pk]) if pk in checked else None for pk in some]
        shares = [rules.completeness(weights, known.get(pk, ())) for pk in some]
        with connection.cursor() as cursor:
            cursor.execute(MEASURE.format(table=tables.table), [some, shares, days])


def _known(tables: Profiled, pks: list[int]) -> dict[int, set[str]]:
    """Return which fields of each row have a value."""
    columns = [each for each in profile.fields(tables.entity) if each.column]
    own = {field.attname for field in tables.model._meta.concrete_fields}
    plain = [each for each in columns if each.column in own]
    names = [each.column for each in plain]
    known: dict[int, set[str]] = {}
    for pk, *values in tables.model.unscoped.filter(pk__in=pks).values_list("pk", *names):
        known[pk] = {each.code for each, value in zip(plain, values, strict=True) if value not in (None, "", [])}
    for pk, code in tables.facts.unscoped.filter(
        **{f"{tables.owner}__in": pks}, superseded_at__isnull=True
    ).values_list(tables.owner, "field"):
        known.setdefault(pk, set()).add(code)
    for code, found in _related(tables, pks).items():
        for pk in found:
            known.setdefault(pk, set()).add(code)
    return known


def _related(tables: Profiled, pks: list[int]) -> dict[str, set[int]]:
    """Return the rows that have what is no column: contacts, people, a size."""
    if tables.entity == "professional":
        contacts = ProfessionalContact.unscoped.filter(professional_id__in=pks)
        return {"contact": set(contacts.values_list("professional_id", flat=True))}
    sized = Institution.unscoped.filter(pk__in=pks)
    people = Affiliation.unscoped.filter(institution_id__in=pks, valid_to__isnull=True)
    contacts = InstitutionContact.unscoped.filter(institution_id__in=pks)
    return {
        "size": set(sized.exclude(beds=None, outlets=None).values_list("pk", flat=True)),
        "people": set(people.values_list("institution_id", flat=True))
        | set(contacts.values_list("institution_id", flat=True)),
    }
