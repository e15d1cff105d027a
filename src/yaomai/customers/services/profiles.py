"""Profile facts: recorded with a source, checked, never overwritten; and how complete a profile is."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import connection
from django.db.models import CharField
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from yaomai.customers import profile
from yaomai.customers.models import (
    Fact,
    Institution,
    InstitutionFact,
    Professional,
    ProfessionalFact,
)
from yaomai.customers.policies import ProfilePolicy, SourceRank
from yaomai.kit.access import Actor
from yaomai.kit.acts import Trail, act
from yaomai.kit.acts.rows import local_day, locked, require_open
from yaomai.kit.errors import Conflict, Invalid, Missing, Stale
from yaomai.kit.policies.selectors import policy_on

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


class FactChanged(Stale):
    """Somebody recorded the field while it was being edited."""

    code = "fact_changed"
    message = _(
        "Just recorded by somebody else: “%(value)s” (source: %(source)s). Save again to put yours in its place."
    )


class SurerSource(Conflict):
    """A surer source said something else, not long ago."""

    code = "surer_source"
    message = _("A surer source stands here: “%(value)s” (%(kind)s, %(source)s). Save again to put yours in its place.")


@dataclass(frozen=True, slots=True)
class Written:
    """What a write did to a field: the row, the field, what stood there, what stands there now."""

    row: Institution | Professional
    field: profile.ProfileField
    before: Fact | None
    fact: Fact | None


def write_fact(
    tables: Profiled,
    *,
    actor: Actor,
    pk: int,
    field: str,
    value: Any,
    source: str,
    now: datetime,
    seen: int | None = None,
    source_kind: str = "",
    insists: bool = False,
    verb: str = "edit",
) -> Written:
    """Write a field of a row on which the actor holds `verb`, within the act of the caller."""
    declared = profile.field(tables.entity, field)
    if declared is None:
        raise Missing
    row = locked(tables.model, pk, verb=verb)
    require_open(row)
    policy, _version = policy_on(ProfilePolicy, on=local_day(now))
    source = source.strip()
    _require_source(policy, source, source_kind)
    new = declared.clean(value)
    current = tables.facts.unscoped.filter(**{tables.owner: pk}, field=field, superseded_at__isnull=True).first()
    fact: Fact | None = current
    if seen is not None and seen != (current.pk if current is not None else 0):
        raise FactChanged(
            value=declared.shown(current.value) if current is not None else "–",
            source=current.source if current is not None else "–",
        )
    if current is not None and current.value == new:
        current.checked_at, current.checked_by_id = now, actor.person_id
        current.save(update_fields=["checked_at", "checked_by"])
    else:
        if current is not None and not insists:
            _require_surer(policy, declared, current, source_kind, now)
        given = {"field": field, "value": new, "source": source, "source_kind": source_kind}
        fact = _replace(tables, current, given, pk=pk, actor=actor, now=now)
    measure(tables.entity, [pk], today=local_day(now))
    return Written(row, declared, current, fact)


def _require_source(policy: ProfilePolicy, source: str, source_kind: str) -> None:
    if not source or len(source) > LONGEST_SOURCE:
        raise Invalid(fields={"source": [_("Say where this comes from, in at most 200 characters.")]})
    if source_kind and policy.source(source_kind) is None:
        raise Invalid(fields={"source_kind": [_("Choose from the list.")]})


def _record(tables: Profiled, *, actor: Actor, trail: Trail, source: str, **said: Any) -> Fact | None:
    done = write_fact(tables, actor=actor, source=source, **said)
    # The value itself stays in the fact, where it can be erased; the trail says who, when, which field.
    trail.note(
        done.row,
        field=done.field.label,
        source=source.strip(),
        was=done.before and done.before.pk,
        fact=done.fact and done.fact.pk,
    )
    return done.fact


def _require_surer(
    policy: ProfilePolicy, declared: profile.ProfileField, current: Fact, source_kind: str, now: datetime
) -> None:
    """Refuse to let a less sure source replace a fresh value of a surer one."""
    theirs, mine = policy.source(current.source_kind), policy.source(source_kind)
    is_fresh = (local_day(now) - local_day(current.checked_at)).days <= policy.days(declared.code)
    if is_fresh and theirs is not None and mine is not None and mine.rank > theirs.rank:
        raise SurerSource(value=declared.shown(current.value), source=current.source, kind=_in_words(theirs))


def _in_words(rank: SourceRank) -> str:
    return rank.label.in_language(get_language() or "zh")


def _replace(
    tables: Profiled, current: Fact | None, given: Mapping[str, Any], *, pk: int, actor: Actor, now: datetime
) -> Fact | None:
    if current is not None:
        current.superseded_at = now
        current.save(update_fields=["superseded_at"])
    if given["value"] is None:
        return None
    fact: Fact = tables.facts.unscoped.create(
        **{tables.owner: pk},
        **given,
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
    *,
    actor: Actor,
    trail: Trail,
    pk: int,
    field: str,
    value: Any,
    source: str,
    now: datetime,
    seen: int | None = None,
    source_kind: str = "",
    insists: bool = False,
) -> Fact | None:
    """Record a profile field; the same value again counts as a check, an empty one clears the field.

    `seen` is the fact that was shown when the editing began, 0 for none; `insists` puts the value in place of one of
    a surer source (`ProfilePolicy.sources`).

    Raises:
        SurerSource: a fresh value of a surer source stands there.
        Missing: no such institution in reach, or no such field.
        FactChanged: another fact stands there by now.
        Invalid: no source, or the value does not fit the field.
        Archived: the institution takes no changes.
    """
    return _record(
        INSTITUTION, actor=actor, trail=trail, pk=pk, field=field, value=value, source=source, now=now, seen=seen,
        source_kind=source_kind, insists=insists,
    )  # fmt: skip


@act(
    "customers.professional:record",
    right="customers.professional:edit",
    sentence=_("%(actor)s recorded “%(field)s” of %(target)s (source: %(source)s)"),
)
def professional_fact_record(
    *,
    actor: Actor,
    trail: Trail,
    pk: int,
    field: str,
    value: Any,
    source: str,
    now: datetime,
    seen: int | None = None,
    source_kind: str = "",
    insists: bool = False,
) -> Fact | None:
    """Record a profile field of a person; see `institution_fact_record`."""
    return _record(
        PROFESSIONAL, actor=actor, trail=trail, pk=pk, field=field, value=value, source=source, now=now, seen=seen,
        source_kind=source_kind, insists=insists,
    )  # fmt: skip


@act(
    "customers.institution:check",
    right="customers.institution:edit",
    sentence=_("%(actor)s confirmed %(count)s profile fields of %(target)s"),
)
def institution_facts_check(*, actor: Actor, trail: Trail, pk: int, now: datetime, fields: Sequence[str] = ()) -> int:
    """Confirm that recorded fields still hold (all when none is named); return how many."""
    return _check(INSTITUTION, actor=actor, trail=trail, pk=pk, fields=fields, now=now)


@act(
    "customers.professional:check",
    right="customers.professional:edit",
    sentence=_("%(actor)s confirmed %(count)s profile fields of %(target)s"),
)
def professional_facts_check(*, actor: Actor, trail: Trail, pk: int, now: datetime, fields: Sequence[str] = ()) -> int:
    """Confirm that recorded fields of a person still hold; see `institution_facts_check`."""
    return _check(PROFESSIONAL, actor=actor, trail=trail, pk=pk, fields=fields, now=now)


# Completeness ---------------------------------------------------------------------------------------------------

RELATED: dict[str, str] = {
    "contacts": "EXISTS (SELECT 1 FROM customers_professionalcontact c WHERE c.professional_id = r.id)",
    "people": (
        "EXISTS (SELECT 1 FROM customers_affiliation a WHERE a.institution_id = r.id AND a.valid_to IS NULL)"
        " OR EXISTS (SELECT 1 FROM customers_institutioncontact c WHERE c.institution_id = r.id)"
    ),
    "size": "r.beds IS NOT NULL OR r.outlets IS NOT NULL",
}
"""How to see that a field has a value which is no single column."""
MEASURE = """
    UPDATE {table} AS t
       SET completeness = found.completeness, checked_on = found.checked_on, refresh_on = found.refresh_on
      FROM (SELECT r.id, (100 * ({known} + coalesce(f.weight, 0)) / %(whole)s)::smallint AS completeness,
                   (f.checked_at AT TIME ZONE %(zone)s)::date AS checked_on, f.refresh_on
              FROM {table} AS r
              LEFT JOIN (SELECT {owner}, sum(w.weight)::int AS weight, max(checked_at) AS checked_at,
                                min((checked_at AT TIME ZONE %(zone)s)::date + w.days + 1) AS refresh_on
                           FROM {facts}
                           LEFT JOIN unnest(%(fields)s::text[], %(weights)s::int[], %(days)s::int[])
                                  AS w(field, weight, days) USING (field)
                          WHERE superseded_at IS NULL AND {owner} = ANY(%(ids)s)
                          GROUP BY {owner}) AS f ON f.{owner} = r.id
             WHERE r.id = ANY(%(ids)s)) AS found
     WHERE t.id = found.id AND (t.completeness, t.checked_on, t.refresh_on)
           IS DISTINCT FROM (found.completeness, found.checked_on, found.refresh_on)
"""


def measure(entity: profile.Entity, pks: Sequence[int], *, today: date) -> None:
    """Write completeness, the day of the last check and the day of the next of some profiles, by the policy."""
    tables = PROFILED[entity]
    policy, _version = policy_on(ProfilePolicy, on=today)
    weights = policy.weights(entity)
    facts = {each.code: weights.get(each.code, 0) for each in profile.fact_fields(entity)}
    columns = [each for each in profile.fields(entity) if each.column and weights.get(each.code)]
    known = " + ".join(
        f"CASE WHEN {_known(tables, each)} THEN {int(weights[each.code])} ELSE 0 END" for each in columns
    )
    statement = MEASURE.format(
        table=tables.table, facts=tables.facts._meta.db_table, owner=tables.owner, known=known or "0"
    )
    whole = sum(facts.values()) + sum(weights[each.code] for each in columns)
    values: dict[str, Any] = {
        "whole": whole or 1,
        "zone": settings.TIME_ZONE,
        "fields": list(facts),
        "weights": list(facts.values()),
        "days": [policy.days(code) for code in facts],
        "ids": list(pks),
    }
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def measure_all(entity: profile.Entity, *, today: date, batch: int = 20_000) -> int:
    """Measure every profile by the policy of the day; return how many were looked at."""
    model, last, count = PROFILED[entity].model, 0, 0
    while pks := list(model.unscoped.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:batch]):
        measure(entity, pks, today=today)
        last, count = pks[-1], count + len(pks)
    return count


def shares(entity: profile.Entity, known: Iterable[Iterable[str]], *, today: date) -> list[int]:
    """Return the completeness of new profiles, of which only these fields are known; as `measure` would write it."""
    policy, _version = policy_on(ProfilePolicy, on=today)
    declared = {each.code for each in profile.fields(entity)}
    weights = {code: weight for code, weight in policy.weights(entity).items() if code in declared}
    whole = sum(weights.values()) or 1
    return [100 * sum(weights.get(code, 0) for code in codes) // whole for codes in known]


def _known(tables: Profiled, field: profile.ProfileField) -> str:
    """Return the condition that a row has a value; every name in it is declared in code."""
    if field.column in RELATED:
        return f"({RELATED[field.column]})"
    column = next(each for each in tables.model._meta.concrete_fields if each.attname == field.column)
    if isinstance(column, ArrayField):
        return f"cardinality(r.{column.column}) > 0"
    return f"r.{column.column} <> ''" if isinstance(column, CharField) else f"r.{column.column} IS NOT NULL"
