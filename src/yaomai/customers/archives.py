"""Archives that stay alive (A15, A19): what to ask next, where a value comes from, what waits for a steward, the team."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import zip_longest
from typing import Any

from django.db.models import Avg, Count, F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from yaomai.customers import profile
from yaomai.customers.approach import said
from yaomai.customers.models import ChangeRequest, Fact, Institution, Professional
from yaomai.customers.policies import ProfilePolicy, SourceRank
from yaomai.customers.services.profiles import PROFILED
from yaomai.customers.services.requests import REQUESTS
from yaomai.kit.access import Actor
from yaomai.kit.acts.rows import local_day
from yaomai.kit.inbox import Item
from yaomai.kit.inbox.registry import kind_of
from yaomai.kit.memo import read_together
from yaomai.kit.policies.selectors import policy_on
from yaomai.organization.models import Holding, Role, Territory, on_day

Row = Institution | Professional
MOST_NUDGES = 5
MOST_OPEN = 200
MODELS: dict[profile.Entity, type[Any]] = {"institution": Institution, "professional": Professional}


@dataclass(frozen=True, slots=True)
class Question:
    """One thing to ask next, and why."""

    field: profile.ProfileField
    reason: str
    is_stale: bool


def questions(entity: profile.Entity, facts: Mapping[str, Fact], *, today: date) -> list[Question]:
    """Return what to ask next: the weightiest first, what nobody knows before what is old, the oldest first."""
    policy, _version = policy_on(ProfilePolicy, on=today)
    weights = policy.weights(entity)
    found: list[tuple[tuple[int, bool, int], Question]] = []
    for field in profile.fact_fields(entity):
        weight, fact = weights.get(field.code, 0), facts.get(field.code)
        if not weight:
            continue
        if fact is None:
            reason = _("Not known yet; weight %(weight)s") % {"weight": weight}
            found.append(((-weight, False, 0), Question(field, reason, is_stale=False)))
            continue
        days, most = (today - timezone.localdate(fact.checked_at)).days, policy.days(field.code)
        if days > most:
            reason = _("Last checked %(days)s days ago, to be checked every %(most)s days; weight %(weight)s") % {
                "days": days, "most": most, "weight": weight,
            }  # fmt: skip
            found.append(((-weight, True, most - days), Question(field, reason, is_stale=True)))
    return [question for _key, question in sorted(found, key=lambda each: each[0])]


def facts_of(row: Row) -> Mapping[str, Fact]:
    """Return what a profile holds, by field; one query, however many parts of a page ask."""
    read = _institution_facts if isinstance(row, Institution) else _professional_facts
    return read(row.pk) or {}


@read_together("institution")
def _institution_facts(institutions: Sequence[int]) -> Mapping[int, Mapping[str, Fact]]:
    return _facts("institution", institutions)


@read_together("professional")
def _professional_facts(professionals: Sequence[int]) -> Mapping[int, Mapping[str, Fact]]:
    return _facts("professional", professionals)


def _facts(entity: profile.Entity, owners: Sequence[int]) -> Mapping[int, Mapping[str, Fact]]:
    tables = PROFILED[entity]
    rows = tables.facts.objects.filter(**{f"{tables.owner}__in": owners}, superseded_at=None)
    found: dict[int, dict[str, Fact]] = {}
    for fact in rows.select_related("recorded_by"):
        found.setdefault(getattr(fact, tables.owner), {})[fact.field] = fact
    return found


@dataclass(frozen=True, slots=True)
class Provenance:
    """A value that stands or stood: what, from whom, when, and why it won over the one before."""

    text: str
    source: str
    kind: str
    who: str
    at: datetime
    until: datetime | None
    why: str


def provenance(row: Row, field: profile.ProfileField, *, today: date) -> list[Provenance]:
    """Return every value that a field had, the newest first."""
    tables = PROFILED[field.entity]
    policy, _version = policy_on(ProfilePolicy, on=today)
    rows = list(
        tables.facts.objects.filter(**{tables.owner: row.pk}, field=field.code)
        .select_related("recorded_by")
        .order_by("-recorded_at", "-pk")
    )
    return [
        Provenance(
            text=field.shown(fact.value),
            source=fact.source,
            kind=source_label(policy.source(fact.source_kind)),
            who=fact.recorded_by.name if fact.recorded_by else "",
            at=fact.recorded_at,
            until=fact.superseded_at,
            why=_why(policy, fact, before),
        )
        for fact, before in zip_longest(rows, rows[1:])
    ]


def source_label(rank: SourceRank | None) -> str:
    """Return a kind of source in the reader's language, "" for none."""
    return said(rank.label) if rank is not None else ""


def _why(policy: ProfilePolicy, fact: Fact, before: Fact | None) -> str:
    if before is None:
        return _("The first value")
    mine, theirs = policy.source(fact.source_kind), policy.source(before.source_kind)
    if mine is None or theirs is None:
        return _("The newer value; its kind of source or that before is not known")
    ranks = {"mine": mine.rank, "theirs": theirs.rank}
    if mine.rank < theirs.rank:
        return _("A surer source (rank %(mine)s) than before (rank %(theirs)s)") % ranks
    if mine.rank == theirs.rank:
        return _("The newer value of equally sure sources (rank %(mine)s)") % ranks
    if (local_day(fact.recorded_at) - local_day(before.checked_at)).days > policy.days(fact.field):
        return _("The surer value before (rank %(theirs)s) was stale") % ranks
    return _("Put in place although the source before was surer (rank %(theirs)s)") % ranks


# The steward's queue ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Asked:
    """A change that somebody asks for, beside what stands there."""

    entity: profile.Entity
    request: ChangeRequest
    row: Row
    label: str
    now: str
    wanted: str
    kind: str
    has_changed: bool
    """Something else stands there by now than when it was asked for."""
    is_own: bool


def open_requests(actor: Actor, *, today: date) -> list[Asked]:
    """Return the open requests in the actor's reach as a steward, the oldest first."""
    policy, _version = policy_on(ProfilePolicy, on=today)
    found: list[Asked] = []
    for entity, model in REQUESTS.items():
        right = MODELS[entity].right("review")
        if not actor.may(right):
            continue
        rows: Any = model.objects.allowed(right).filter(status=ChangeRequest.Status.OPEN)
        requests = list(rows.select_related(entity, "proposed_by").order_by("proposed_at", "pk")[:MOST_OPEN])
        standing = _standing(entity, requests)
        found += [_asked(entity, each, standing, policy, actor) for each in requests]
    return sorted(found, key=lambda each: (each.request.proposed_at, each.request.pk))


def _standing(entity: profile.Entity, requests: Sequence[Any]) -> dict[tuple[int, str], Any]:
    tables = PROFILED[entity]
    owners = [getattr(each, tables.owner) for each in requests]
    rows = tables.facts.objects.filter(**{f"{tables.owner}__in": owners}, superseded_at=None)
    return {(getattr(fact, tables.owner), fact.field): fact.value for fact in rows}


def _asked(
    entity: profile.Entity, request: Any, standing: Mapping[tuple[int, str], Any], policy: ProfilePolicy, actor: Actor
) -> Asked:
    row, field = getattr(request, entity), profile.field(entity, request.field)
    now = standing.get((row.pk, request.field))
    return Asked(
        entity=entity,
        request=request,
        row=row,
        label=str(field.label) if field else request.field,
        now=field.shown(now) if field else str(now or ""),
        wanted=field.shown(request.value) if field else str(request.value or ""),
        kind=source_label(policy.source(request.source_kind)),
        has_changed=now != request.was,
        is_own=request.proposed_by_id is not None and request.proposed_by_id == actor.person_id,
    )


def own_requests(actor: Actor) -> list[tuple[ChangeRequest, Row, str, str]]:
    """Return what the actor asked for last: the request, of whom, which field, which value."""
    if actor.person_id is None:
        return []
    found: list[tuple[ChangeRequest, Row, str, str]] = []
    for entity, model in REQUESTS.items():
        rows = model.objects.filter(proposed_by_id=actor.person_id).select_related(entity, "decided_by")
        for request in rows.order_by("-proposed_at", "-pk")[:20]:
            field = profile.field(entity, request.field)
            label, wanted = (str(field.label), field.shown(request.value)) if field else (request.field, "")
            found.append((request, getattr(request, entity), label, wanted))
    return sorted(found, key=lambda each: each[0].proposed_at, reverse=True)


def unverified(actor: Actor) -> list[tuple[profile.Entity, Row]]:
    """Return the records that wait for the actor's verification, the newest first."""
    found: list[tuple[profile.Entity, Row]] = []
    for entity, model in MODELS.items():
        right = model.right("review")
        if actor.may(right):
            rows = model.objects.allowed(right).filter(is_unverified=True, archived_at=None).select_related("territory")
            found += [(entity, row) for row in rows.order_by("-pk")[:MOST_OPEN]]
    return found


# The team --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class TeamLine:
    """How the archives of one territory stand, and who holds it."""

    territory: Territory
    people: str
    count: int
    completeness: int
    due: int
    """Profiles with a stale field, or with nothing recorded."""
    unverified: int
    url: str

    @property
    def due_share(self) -> int:
        return round(100 * self.due / self.count) if self.count else 0


def team_lines(entity: profile.Entity, *, today: date) -> list[TeamLine]:
    """Return completeness and staleness by territory with its people, the least complete first; three queries."""
    model = MODELS[entity]
    due = Q(refresh_on__lte=today) | Q(refresh_on=None)
    rows = (
        model.objects.filter(archived_at=None, territory__isnull=False)
        .order_by()
        .values("territory")
        .annotate(
            count=Count("pk"),
            mean=Avg("completeness"),
            due=Count("pk", filter=due),
            waiting=Count("pk", filter=Q(is_unverified=True)),
        )
    )
    figures = {row["territory"]: row for row in rows}
    territories = Territory.unscoped.in_bulk(list(figures))
    people = _people_of(list(figures), today)
    address = reverse(f"customers:{entity}_list")
    lines = [
        TeamLine(
            territory=territories[pk],
            people="、".join(people.get(pk, ())),
            count=row["count"],
            completeness=round(row["mean"] or 0),
            due=row["due"],
            unverified=row["waiting"],
            url=f"{address}?territory={pk}&sort=completeness",
        )
        for pk, row in figures.items()
    ]
    return sorted(lines, key=lambda line: (line.completeness, line.territory.path))


def _people_of(territories: Sequence[int], today: date) -> dict[int, list[str]]:
    rows = Holding.unscoped.filter(
        on_day(today), position__territory__in=territories, position__role__reach=Role.Reach.TERRITORY,
        person__archived_at=None,
    ).select_related("person", "position")  # fmt: skip
    found: dict[int, list[str]] = {}
    for holding in rows.order_by("position__role__order", "pk"):
        found.setdefault(holding.position.territory_id, []).append(holding.person.name)
    return found


# 今日 -------------------------------------------------------------------------------------------------------------


def profiles_due(actor: Actor, now: datetime) -> list[Item]:
    """Return the profiles that whoever covers a territory should refresh first, the longest overdue first."""
    right = Professional.right("edit")
    if actor.person_id is None or not actor.may(right) or actor.reach(right) is None:
        return []
    today = local_day(now)
    rows: Any = Professional.objects.all()
    due = rows.allowed(right).filter(refresh_on__lte=today, archived_at=None).select_related("institution")
    return [
        Item(
            kind=kind_of("customers.refresh"),
            title=_("Refresh the profile on the next visit"),
            reason=_("A recorded field has been stale since %(day)s.") % {"day": row.refresh_on.isoformat()},
            url=reverse("customers:professional_detail", args=[row.pk]) + "#ask-next",
            subject=f"{row} · {row.institution}" if row.institution else str(row),
        )
        for row in due.order_by(F("refresh_on"), "pk")[:MOST_NUDGES]
    ]


def requests_waiting(actor: Actor, now: datetime) -> list[Item]:
    """Return one line for a steward with whom change requests or new records wait."""
    asked = [each for each in open_requests(actor, today=local_day(now)) if not each.is_own]
    new = len(unverified(actor))
    if not asked and not new:
        return []
    return [
        Item(
            kind=kind_of("customers.steward"),
            title=_("Decide change requests and verify new records"),
            reason=_("%(requests)s requests, %(records)s new records") % {"requests": len(asked), "records": new},
            url=reverse("customers:requests"),
            since=asked[0].request.proposed_at if asked else None,
        )
    ]
