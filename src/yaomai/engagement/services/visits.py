"""Visits: reported, corrected, joined, taken away."""

import uuid as uuids
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from yaomai.catalog.models import Product
from yaomai.compliance import gate
from yaomai.compliance.models import Level
from yaomai.customers import merging
from yaomai.customers.models import Department, Institution, Professional
from yaomai.engagement.models import NextStep, Visit
from yaomai.engagement.policies import VisitPolicy
from yaomai.engagement.services import judging
from yaomai.engagement.services.carrying import carry_out, plan_of
from yaomai.engagement.services.proofs import point_note
from yaomai.engagement.services.steps import step_note
from yaomai.engagement.services.strategies import alert_follow, stage_note
from yaomai.kit.access import Actor, get_visible
from yaomai.kit.acts import Trail, act
from yaomai.kit.acts.rows import change, local_day, locked, require_open, save, touch
from yaomai.kit.errors import Conflict, Invalid, Refused
from yaomai.kit.policies.selectors import policy_on
from yaomai.materials.models import MaterialVersion
from yaomai.materials.services import material_use
from yaomai.organization.models import Person
from yaomai.planning.models import PlannedVisit

TEXTS = ("place", "content", "objective", "expected_result", "achieved", "result", "progress")
FIELDS = ("started_at", "ended_at", "content_type", *TEXTS)
SHORTEST = 4
MOST_STEPS = 10
MOST_CONTACTS = 12
RELATIONSHIP = "《医药代表备案管理办法（试行）》第十三条；《企业拜访规范》D18"


class SentBefore(Conflict):
    """The report is there already: its first sending arrived."""

    code = "visit_sent_before"
    message = _("This report arrived already. Nothing was saved a second time.")

    def __init__(self, visit: Visit) -> None:
        super().__init__()
        self.visit = visit


class LooksTheSame(Conflict):
    """Somebody reported this contact at that time already: the same person again, or a colleague."""

    code = "visit_looks_the_same"
    message = _(
        "%(who)s reported a visit to the same people at %(time)s. Join that report if you were there together, or say"
        " that it was another visit."
    )

    def __init__(self, other: Visit, *, is_own: bool) -> None:
        local = other.started_at.astimezone()
        super().__init__(who=str(other.person or ""), time=f"{local:%H:%M}")
        self.other, self.is_own = other, is_own


class NotAcademic(Refused):
    """A visit to keep in touch names no product and shows no material."""

    code = "visit_not_academic"
    message = _(
        "A visit of this kind is no academic visit: no product may be spoken of and no material shown. Choose another"
        " kind, or leave product and material out."
    )

    def __init__(self) -> None:
        super().__init__(citations=[RELATIONSHIP])


class TooLateToCorrect(Conflict):
    """The time for corrections is over."""

    code = "visit_correction_over"
    message = _("A report may be corrected for %(hours)s hours. Write an explanation instead; an auditor reads it.")


@act("engagement.visit:create", sentence=_("%(actor)s reported a visit: %(target)s, with %(contacts)s"))
def visit_report(
    *,
    actor: Actor,
    trail: Trail,
    now: datetime,
    institution: Institution,
    contacts: Iterable[Professional],
    started_at: datetime,
    content_type: str,
    content: str,
    uuid: uuids.UUID | None = None,
    department: Department | None = None,
    attendees: Iterable[Person] = (),
    products: Iterable[Product] = (),
    materials: Iterable[MaterialVersion | int] = (),
    next_steps: Sequence[Mapping[str, Any]] = (),
    stage: str = "",
    is_separate: bool = False,
    origin: str = Visit.Origin.SCREEN,
    device_started_at: datetime | None = None,
    clock_seconds: int | None = None,
    is_clock_changed: bool = False,
    check_in: Mapping[str, Any] | None = None,
    **fields: Any,
) -> Visit:
    """Report a visit that took place.

    Raises:
        SentBefore: the same report arrived already. LooksTheSame: another report seems to be of the same visit.
        Missing: institution, contact, colleague or product is out of reach.
        RuleForbids, NotAcademic: no filing, no consent, product out of scope, material that may not be shown.
        Invalid: by field.
    """
    wanted = uuid or uuids.uuid4()
    _require_new(wanted, actor)
    policy, _version = policy_on(VisitPolicy, on=local_day(now))
    place = standing(Institution, institution.pk)
    require_open(place)
    people = _standing_people(contacts)
    visit = Visit(
        uuid=wanted, person_id=actor.person_id, institution=place, territory_id=place.territory_id, origin=origin,
        department=_department(department, place), reported_at=now, device_started_at=device_started_at,
        clock_seconds=clock_seconds, is_clock_changed=is_clock_changed, is_separate=is_separate, created_at=now,
        updated_at=now,
    )  # fmt: skip
    offered = [get_visible(Product, pk=each.pk) for each in products]
    shown = list(materials)
    said = {"started_at": started_at, "content_type": content_type, "content": content, **fields}
    changes = change(visit, said, allowed=FIELDS)
    if not visit.progress:
        visit.progress = Visit.Progress.MENTIONED if offered else Visit.Progress.NONE
    _check(visit, people, policy, now)
    colleagues = _colleagues(attendees, actor)
    if not is_separate:
        _require_no_other(visit, people, policy)
    plan = plan_of(visit, people)
    if isinstance(plan, PlannedVisit):
        visit.planned = plan
        visit.objective, visit.expected_result = (
            visit.objective or plan.objective,
            visit.expected_result or plan.expected_result,
        )
    else:
        visit.duty = plan
    verdict = _ask_gate(visit, people, offered, shown, policy, actor, now)
    _insert(visit)
    _tie(visit, contacts=people, attendees=colleagues, products=offered)
    if verdict is not None:
        verdict.keep(visit)
    for version in shown:
        for person in people:
            visit.uses.add(
                material_use(actor=actor, now=now, used=version, institution=place, professional=person, on=visit.on)
            )
    if check_in is not None:
        point_note(visit, check_in, now=now)
    for each in next_steps[:MOST_STEPS]:
        step_note(visit, each, actor=actor, now=now, policy=policy)
    for person in people:
        if stage:
            stage_note(person, stage, on=visit.on, reason=visit.content[:200], actor=actor, now=now)
        alert_follow(person, actor=actor, now=now)
    judging.judge(visit, now=now)
    names = "、".join(person.name for person in people)
    trail.note(visit, changes={**changes, "validity": (None, visit.validity)}, contacts=names)
    return visit


def _require_new(uuid: uuids.UUID, actor: Actor) -> None:
    """Raise where the report is there; of two that arrive at once the second waits for the first.

    Raises:
        SentBefore. Invalid: it is somebody else's: forged, or an id used twice.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [uuid.int >> 65])
    known = Visit.unscoped.filter(uuid=uuid).first()
    if known is None:
        return
    if known.person_id == actor.person_id:
        raise SentBefore(known)
    raise Invalid(fields={"uuid": [_("This number belongs to another report. Write the report anew.")]})


def standing(model: Any, pk: int) -> Any:
    """Return a customer in reach, held; one that was merged, today or a month ago, is who is left.

    Raises:
        Missing.
    """
    return get_visible(model, pk=merging.hold(model, [pk])[pk])


def _standing_people(contacts: Iterable[Professional]) -> list[Professional]:
    found: dict[int, Professional] = {}
    for each in contacts:
        person = standing(Professional, each.pk)
        require_open(person)
        found[person.pk] = person
    return list(found.values())


def _department(department: Department | None, place: Institution) -> Department | None:
    """Return the department where it is one of the institution; one that a phone remembers may be gone."""
    if department is None:
        return None
    found: Department | None = Department.objects.filter(pk=department.pk, institution=place).first()
    return found


def _colleagues(attendees: Iterable[Person], actor: Actor) -> list[Person]:
    """Return who came along: people who work here and are somebody else."""
    wanted = {each.pk for each in attendees} - {actor.person_id}
    if not wanted:
        return []
    found = list(Person.unscoped.filter(pk__in=wanted, archived_at=None))
    if len(found) != len(wanted):
        raise Invalid(fields={"attendees": [_("Somebody of these does not work here any more.")]})
    return found


def _check(
    visit: Visit, people: Sequence[Professional], policy: VisitPolicy, now: datetime, *, is_old: bool = False
) -> None:
    """Raise `Invalid` by field; sets the day."""
    fields: dict[str, list[Any]] = {}
    if not people:
        fields["contacts"] = [_("Say whom you met.")]
    elif len(people) > MOST_CONTACTS:
        fields["contacts"] = [_("At most %(most)s people; a meeting with more is an event.") % {"most": MOST_CONTACTS}]
    if len(visit.content.strip()) < SHORTEST:
        fields["content"] = [_("Say in a few words what was spoken of.")]
    ahead = visit.started_at - now
    if ahead > timedelta(minutes=policy.ahead_minutes):
        fields["started_at"] = [_("This moment is still to come. Check the clock of the phone.")]
    elif not is_old and -ahead > timedelta(days=policy.longest_back_days):
        fields["started_at"] = [
            _("A visit may be reported for %(days)s days; this one is older.") % {"days": policy.longest_back_days}
        ]
    if visit.ended_at is not None:
        if visit.ended_at < visit.started_at:
            fields["ended_at"] = [_("It ended before it began.")]
        elif visit.ended_at - visit.started_at > timedelta(hours=policy.longest_hours):
            fields["ended_at"] = [_("At most %(hours)s hours.") % {"hours": policy.longest_hours}]
        elif visit.ended_at > now + timedelta(minutes=policy.ahead_minutes):
            fields["ended_at"] = [_("This moment is still to come. Check the clock of the phone.")]
    if fields:
        raise Invalid(fields=fields)
    visit.on = local_day(visit.started_at)


def _require_no_other(visit: Visit, people: Sequence[Professional], policy: VisitPolicy) -> None:
    """Raise where another report seems to be of this visit."""
    margin = timedelta(minutes=policy.same_minutes)
    begun, ended = visit.started_at - margin, (visit.ended_at or visit.started_at) + margin
    other = (
        Visit.unscoped.filter(institution=visit.institution, on=visit.on, archived_at=None, contacts__in=people)
        .exclude(pk=visit.pk).filter(started_at__lte=ended)
        .filter(Q(ended_at__gte=begun) | Q(started_at__gte=begun)).select_related("person").order_by("pk").first()
    )  # fmt: skip
    if other is not None:
        raise LooksTheSame(other, is_own=other.person_id == visit.person_id)


def _ask_gate(
    visit: Visit, people: Sequence[Professional], products: Sequence[Product], shown: Sequence[Any],
    policy: VisitPolicy, actor: Actor, now: datetime,
) -> gate.Verdict | None:  # fmt: skip
    """Ask whether the visit is allowed (MR1, MR2, X9, E15); None where nobody needs to ask."""
    visit.rule_doubts = []
    if visit.content_type not in policy.academic:
        if products or shown:
            raise NotAcademic
        return None
    verdict = gate.check("visit", visit_facts(visit, products, people, now=now), actor, visit.on)
    verdict.require(approved=True)
    # What happened is not lost because it takes an approval: it is kept, and an auditor decides whether it counts.
    visit.rule_doubts = [[str(rule.text), rule.citation] for rule in verdict.rules if rule.level == Level.AVOID]
    return verdict


def _insert(visit: Visit) -> None:
    """Write a new visit; what it refers to was read and held just before, so only its own fields are checked.

    Raises:
        Invalid: by field.
    """
    references = [each.name for each in visit._meta.concrete_fields if each.is_relation]
    try:
        visit.clean_fields(exclude=references)
    except ValidationError as error:
        raise Invalid(fields={name: list(texts) for name, texts in error.message_dict.items()}) from error
    visit.save(force_insert=True)


def _tie(visit: Visit, **rows: Sequence[Any]) -> None:
    """Write what a new visit is tied to, one statement for each kind."""
    for name, some in rows.items():
        through: Any = getattr(Visit, name).through
        column = Visit._meta.get_field(name).m2m_reverse_field_name()  # type: ignore[union-attr]
        if some:
            through.objects.bulk_create(through(visit=visit, **{column: each}) for each in some)


def visit_facts(
    visit: Visit, products: Sequence[Product], people: Sequence[Professional], *, now: datetime
) -> dict[str, Any]:
    """Return what the gate is asked with."""
    return {
        "person": visit.person_id, "professional": people[0].pk if people else None, "institution": visit.institution_id,
        "department": visit.department_id or (people[0].department_id if people else None),
        "territory": visit.territory_id, "products": sorted(each.code for each in products if each.code),
        "noted_on": local_day(now), "off_label": None, "tied_to_use": None,
    }  # fmt: skip


@act("engagement.visit:update", right="engagement.visit:edit", sentence=_("%(actor)s corrected the visit %(target)s"))
def visit_update(
    *,
    actor: Actor,
    trail: Trail,
    pk: int,
    changes: Mapping[str, Any],
    now: datetime,
    expected_version: int | None = None,
) -> Visit:
    """Correct one's own report while that is allowed; what it says of whom and where stays.

    Raises:
        Missing, Stale, Archived, Invalid. TooLateToCorrect: an auditor decided, or the time is over.
    """
    visit = locked(Visit, pk, expected_version=expected_version)
    require_open(visit)
    _require_own(visit, actor)
    policy, _version = policy_on(VisitPolicy, on=local_day(now))
    if visit.decided_at is not None or now - visit.reported_at > timedelta(hours=policy.correct_hours):
        raise TooLateToCorrect(hours=policy.correct_hours)
    differing = change(visit, changes, allowed=FIELDS)
    people = list(Professional.unscoped.filter(visits=visit).order_by("pk"))
    _check(visit, people, policy, now)
    verdict = None
    if differing.keys() & {"content_type", "started_at"}:
        verdict = _ask_gate(visit, people, list(visit.products.all()), _links(visit, "uses"), policy, actor, now)
    touch(visit, now)
    save(visit, fields=[*differing, "on", "rule_doubts"])
    if verdict is not None:
        verdict.keep(visit)
    judging.judge(visit, now=now)
    trail.note(visit, changes=differing)
    return visit


def _links(visit: Visit, name: str) -> list[Any]:
    """Return the rows that tie a visit to others, whoever may see those."""
    return list(getattr(Visit, name).through.objects.filter(visit=visit))


def _require_own(visit: Visit, actor: Actor) -> None:
    if visit.person_id != actor.person_id:
        raise Invalid(_("Only whoever made the visit may change its report."))


@act(
    "engagement.visit:bring_in",
    right="engagement.visit:import",
    sentence=_("%(actor)s brought the visit %(target)s in"),
)
def visit_bring_in(
    *,
    actor: Actor,
    trail: Trail,
    now: datetime,
    person: Person,
    institution: Institution,
    contacts: Iterable[Professional],
    started_at: datetime,
    content_type: str,
    content: str,
    products: Iterable[Product] = (),
    attendees: Iterable[Person] = (),
    **fields: Any,
) -> Visit:
    """Bring a visit of the past in as another system kept it, by whoever made it; it opens no alert and carries nothing out.

    What a rule says of it is kept beside it, so that a replay shows it; what took place is not refused.

    Raises:
        Missing, Archived. Invalid: by field.
    """
    policy, _version = policy_on(VisitPolicy, on=local_day(now))
    place, people = standing(Institution, institution.pk), _standing_people(contacts)
    require_open(place)
    visit = Visit(
        person=person, institution=place, territory_id=place.territory_id, origin=Visit.Origin.IMPORT, reported_at=now,
        created_at=now, updated_at=now,
    )  # fmt: skip
    said = {"started_at": started_at, "content_type": content_type, "content": content, **fields}
    changes = change(visit, said, allowed=FIELDS)
    offered = [get_visible(Product, pk=each.pk) for each in products]
    visit.progress = visit.progress or (Visit.Progress.MENTIONED if offered else Visit.Progress.NONE)
    _check(visit, people, policy, now, is_old=True)
    _insert(visit)
    _tie(visit, contacts=people, attendees=[each for each in attendees if each.pk != person.pk], products=offered)
    if visit.content_type in policy.academic:
        gate.check("visit", visit_facts(visit, offered, people, now=now), actor, visit.on).keep(visit)
    judging.judge(visit, now=now)
    trail.note(visit, changes=changes)
    return visit


@act("engagement.visit:archive", sentence=_("%(actor)s took the visit %(target)s away"))
def visit_archive(*, actor: Actor, trail: Trail, pk: int, now: datetime, expected_version: int | None = None) -> Visit:
    """Take a report away that was made by mistake; it counts for nothing any more."""
    visit = locked(Visit, pk, verb="archive", expected_version=expected_version)
    require_open(visit)
    visit.archived_at = now
    touch(visit, now)
    save(visit, fields=["archived_at"])
    NextStep.unscoped.filter(visit=visit, state="open").update(state="dropped", closed_at=now)
    judging.left(visit, now=now)
    carry_out(visit, now=now)
    trail.note(visit, changes={"archived_at": (None, now)})
    return visit


@act(
    "engagement.visit:join",
    right="engagement.visit:create",
    sentence=_("%(actor)s was at the visit %(target)s as well"),
)
def visit_join(*, actor: Actor, trail: Trail, uuid: uuids.UUID, now: datetime, note: str = "") -> Visit:
    """Say that one was at a visit that a colleague reported; both made it together.

    Raises:
        Missing: there is no such visit in reach of the institution. Archived.
    """
    found = Visit.unscoped.filter(uuid=uuid).first()
    if found is None or actor.person_id is None:
        raise Invalid(fields={"uuid": [_("There is no such report.")]})
    get_visible(Institution, pk=found.institution_id)
    visit = Visit.unscoped.select_for_update(of=("self",)).get(pk=found.pk)
    require_open(visit)
    if visit.person_id != actor.person_id:
        visit.attendees.add(actor.person_id)
    if note.strip() and note.strip() not in visit.result:
        visit.result = f"{visit.result}；{note.strip()}".lstrip("；")[:300]
    touch(visit, now)
    visit.save(update_fields=["result", "version", "updated_at"])
    judging.judge(visit, now=now)
    trail.note(visit, changes={"attendees": (None, actor.label)})
    return visit
