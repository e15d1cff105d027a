"""Read who the customers are, within the actor's view."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from yaomai.customers import profile
from yaomai.customers.approach import approach_to
from yaomai.customers.archives import facts_of, questions
from yaomai.customers.models import (
    Affiliation,
    CustomerType,
    Department,
    DuplicateProposal,
    Fact,
    Institution,
    InstitutionDuplicate,
    InstitutionMerge,
    InstitutionSplit,
    InstitutionTerritory,
    PatientPopulation,
    Professional,
    ProfessionalDuplicate,
    ProfessionalMerge,
    TypeMark,
)
from yaomai.customers.panels import Event, Signal
from yaomai.customers.policies import ProfilePolicy
from yaomai.customers.services.profiles import PROFILED
from yaomai.engine.matching import Reason
from yaomai.kit.access import Actor
from yaomai.kit.audit.selectors import history_of
from yaomai.kit.memo import read_together
from yaomai.kit.policies.selectors import policy_on
from yaomai.organization.models import Holding, Role, Territory, on_day

PEOPLE_SHOWN = 30
QUESTIONS_SHOWN = 5
NEWCOMERS_SHOWN = 4
Row = Institution | Professional


@dataclass(frozen=True, slots=True)
class ProfileLine:
    """A profile field with its value and where that comes from."""

    field: profile.ProfileField
    text: str = ""
    tags: tuple[str, ...] = ()
    source: str = ""
    who: str = ""
    recorded_at: datetime | None = None
    checked_on: date | None = None
    is_stale: bool = False
    source_kind: str = ""
    fact: int = 0
    """Its id, 0 when nothing is recorded."""


def entity_of(row: Row) -> profile.Entity:
    """Return "institution" or "professional"."""
    return "institution" if isinstance(row, Institution) else "professional"


def profile_of(row: Row, *, today: date) -> list[tuple[Any, list[ProfileLine]]]:
    """Return the fact fields by group, known and unknown, with their provenance."""
    policy, _version = policy_on(ProfilePolicy, on=today)
    facts = facts_of(row)
    groups: dict[profile.Group, list[ProfileLine]] = {}
    for field in profile.fact_fields(entity_of(row)):
        groups.setdefault(field.group, []).append(
            _line(field, facts.get(field.code), today - timedelta(days=policy.days(field.code)))
        )
    return [(profile.GROUP_LABELS[group], lines) for group, lines in groups.items()]


def fields_changed(row: Row, *, since: datetime) -> dict[str, str]:
    """Return the fields that were recorded, confirmed or cleared since a moment, with a mark of the latest; one query."""
    tables = PROFILED[entity_of(row)]
    rows = tables.facts.objects.filter(**{tables.owner: row.pk})
    found: dict[str, datetime] = {}
    for field, *moments in rows.filter(Q(checked_at__gt=since) | Q(superseded_at__gt=since)).values_list(
        "field", "checked_at", "superseded_at"
    ):
        found[field] = max(filter(None, (*moments, found.get(field))))
    return {field: f"{field}-{moment.timestamp():.6f}" for field, moment in found.items()}


def approach_panel(professional: Professional, actor: Actor) -> Mapping[str, Any] | None:
    """Return how to approach a person; None while nothing is marked or recorded."""
    found = approach_to(professional, facts_of(professional), today=timezone.localdate())
    return {"approach": found} if found.topic or found.advice else None


def questions_panel(row: Row, actor: Actor) -> Mapping[str, Any] | None:
    """Return what to ask on the next visit."""
    asked = questions(entity_of(row), facts_of(row), today=timezone.localdate())
    return {"questions": asked[:QUESTIONS_SHOWN], "more": max(0, len(asked) - QUESTIONS_SHOWN)} if asked else None


def profile_panel(row: Row, actor: Actor) -> Mapping[str, Any]:
    """Return the profile for its panel: what is known by group, and what nobody knows yet."""
    groups = profile_of(row, today=timezone.localdate())
    known = [(label, [line for line in lines if line.text]) for label, lines in groups]
    return {
        "groups": [(label, lines) for label, lines in known if lines],
        "unknown": [line for _label, lines in groups for line in lines if not line.text],
        "may_edit": actor.may(row.right("edit")) and row.archived_at is None,
    }


def profile_line(row: Row, code: str, *, today: date) -> tuple[ProfileLine, Any]:
    """Return one field as shown, and its stored value."""
    entity = entity_of(row)
    tables = PROFILED[entity]
    policy, _version = policy_on(ProfilePolicy, on=today)
    fact = (
        tables.facts.objects.filter(**{tables.owner: row.pk}, field=code, superseded_at=None)
        .select_related("recorded_by")
        .first()
    )
    field = profile.field(entity, code)
    assert field is not None
    return _line(field, fact, today - timedelta(days=policy.days(code))), fact.value if fact else None


def _line(field: profile.ProfileField, fact: Fact | None, oldest: date) -> ProfileLine:
    if fact is None:
        return ProfileLine(field)
    checked = timezone.localdate(fact.checked_at)
    shown = field.shown(fact.value)
    return ProfileLine(
        field,
        text=shown,
        tags=tuple(shown.split("、")) if field.kind is profile.Kind.CHOICES else (),
        source=fact.source,
        source_kind=fact.source_kind,
        who=fact.recorded_by.name if fact.recorded_by else "",
        recorded_at=fact.recorded_at,
        checked_on=checked,
        is_stale=checked < oldest,
        fact=fact.pk,
    )


# Panels of the institution ---------------------------------------------------------------------------------------


def institution_identity(institution: Institution, actor: Actor) -> Mapping[str, Any]:
    """Return who the institution is."""
    pairs = [
        (_("Customer code"), institution.code),
        (_("Kind"), institution.get_kind_display()),
        (_("Grade"), institution.get_grade_display() if institution.grade else ""),
        (_("Ownership"), institution.get_ownership_display() if institution.ownership else ""),
        (_("Status"), institution.get_status_display()),
        (_("Place"), institution.division),
        (_("Address"), institution.address),
        (_("Switchboard"), institution.phone),
        (_("Belongs to"), institution.parent),
        (_("Outlets"), institution.outlets),
        (_("Beds"), institution.beds),
        (_("Outpatients per year"), institution.outpatients),
    ]
    return {
        "pairs": [(label, value) for label, value in pairs if value not in (None, "")],
        "names": list(institution.names.order_by("kind", "pk")),
        "contacts": list(institution.contacts.order_by("pk")),
        "departments": list(
            Department.objects.filter(institution=institution, archived_at=None).order_by("name")[:PEOPLE_SHOWN]
        ),
        "branches": list(institution.branches.filter(archived_at=None).order_by("name")[:PEOPLE_SHOWN]),
    }


def institution_people(institution: Institution, actor: Actor) -> Mapping[str, Any]:
    """Return who works there now, leaders first; only people in the actor's view."""
    rows = (
        Affiliation.objects.filter(
            on_day(timezone.localdate()), institution=institution, professional__archived_at=None
        )
        .select_related("professional", "department")
        .order_by("-is_primary", "department__name", "professional__title", "professional__name", "pk")
    )
    found = list(rows[: PEOPLE_SHOWN + 1])
    return {
        "rows": found[:PEOPLE_SHOWN],
        "has_more": len(found) > PEOPLE_SHOWN,
        "may_create": actor.may("customers.professional:create"),
    }


def institution_patients(institution: Institution, actor: Actor) -> Mapping[str, Any]:
    """Return the newest estimate of each department and disease, the largest first."""
    newest = (
        PatientPopulation.objects.filter(institution=institution, archived_at=None, department__archived_at=None)
        .order_by("department", "indication", "-estimated_on", "-pk")
        .distinct("department", "indication")
    )
    rows = PatientPopulation.objects.filter(pk__in=newest.values("pk"))
    return {
        "rows": list(rows.select_related("department", "indication").order_by("-patients", "pk")[:PEOPLE_SHOWN]),
        "may_create": actor.may("customers.patientpopulation:create"),
    }


def institution_territory(institution: Institution, actor: Actor) -> Mapping[str, Any]:
    """Return the team that covers the institution, and the territories it belonged to."""
    history = InstitutionTerritory.objects.filter(institution=institution).select_related("territory")
    return {
        "team": team_of(institution.territory),
        "territory": institution.territory,
        "history": list(history.order_by("-valid_from")[:6]),
        "merges": list(
            InstitutionMerge.objects.filter(winner=institution, undone_at=None)
            .select_related("loser")
            .order_by("-pk")[:5]
        ),
        "splits": list(
            InstitutionSplit.objects.filter(Q(origin=institution) | Q(offspring=institution), undone_at=None)
            .select_related("origin", "offspring")
            .order_by("-day", "-pk")[:5]
        ),
    }


def team_of(territory: Territory | None) -> list[Holding]:
    """Return who holds the field positions of a territory and of those above it, the nearest first."""
    if territory is None:
        return []
    ids = [int(part) for part in territory.path.split("/") if part]
    rows = Holding.unscoped.filter(
        on_day(timezone.localdate()),
        position__territory_id__in=ids,
        position__role__reach=Role.Reach.TERRITORY,
        person__archived_at=None,
    ).select_related("person", "position__role", "position__territory")
    order = {pk: depth for depth, pk in enumerate(reversed(ids))}
    return sorted(rows, key=lambda each: (order[each.position.territory_id], each.position.role.order, each.pk))[:12]


# Panels of the professional --------------------------------------------------------------------------------------


def professional_identity(professional: Professional, actor: Actor) -> Mapping[str, Any]:
    """Return who the person is, with masked contacts."""
    pairs = [
        (_("Code"), professional.code),
        (_("Profession"), professional.get_profession_display()),
        (_("Professional title"), professional.get_title_display() if professional.title else ""),
        (_("Specialty"), professional.specialty),
        (_("Sex"), professional.get_sex_display() if professional.sex else ""),
    ]
    return {
        "pairs": [(label, value) for label, value in pairs if value],
        "contacts": list(professional.contacts.order_by("kind", "pk")),
    }


def professional_workplaces(professional: Professional, actor: Actor) -> Mapping[str, Any]:
    """Return where the person works and worked."""
    rows = Affiliation.objects.filter(professional=professional).select_related("institution", "department")
    return {"rows": list(rows.order_by("-is_primary", "-valid_from", "-pk")[:20]), "today": timezone.localdate()}


def professional_types(professional: Professional, actor: Actor) -> Mapping[str, Any]:
    """Return what the person matters for and mattered for, and why."""
    marks = list(type_marks([professional.pk]))
    return {
        "standing": [mark for mark in marks if mark.valid_to is None],
        "ended": [mark for mark in marks if mark.valid_to is not None],
        "has_all": len([mark for mark in marks if mark.valid_to is None]) == len(CustomerType.values),
    }


def type_marks(professionals: Sequence[int], *, only_standing: bool = False) -> QuerySet[TypeMark]:
    """Return the customer types of some professionals in the actor's view, the newest first."""
    rows = TypeMark.objects.filter(professional__in=professionals).select_related("marked_by", "ended_by")
    found: QuerySet[TypeMark] = rows.filter(valid_to=None) if only_standing else rows
    return found.order_by("-valid_from", "-pk")


@read_together("professional")
def standing_marks(professionals: Sequence[int]) -> Mapping[int, list[TypeMark]]:
    """Return the customer types of a professional that stand, in the actor's view."""
    found: dict[int, list[TypeMark]] = {}
    for mark in type_marks(professionals, only_standing=True):
        found.setdefault(mark.professional_id, []).append(mark)
    return found


def professional_territory(professional: Professional, actor: Actor) -> Mapping[str, Any]:
    """Return the team that covers the person."""
    return {
        "team": team_of(professional.territory),
        "territory": professional.territory,
        "history": [],
        "merges": list(
            ProfessionalMerge.objects.filter(winner=professional, undone_at=None)
            .select_related("loser")
            .order_by("-pk")[:5]
        ),
    }


# What matters now, and what happened -----------------------------------------------------------------------------


def profile_signals(row: Row, actor: Actor, today: date) -> Iterable[Signal]:
    """Say what is missing or old in a profile."""
    policy, _version = policy_on(ProfilePolicy, on=today)
    if row.territory_id is None:
        yield Signal(
            _("Belongs to no territory: nobody in the field sees it."), tone="bad", weight=95,
        )  # fmt: skip
    if isinstance(row, Professional) and row.institution_id is None:
        yield Signal(_("No current workplace."), reason=_("Find out where this person went."), tone="warn", weight=85)
    if row.checked_on is None:
        yield Signal(_("Nothing recorded in the profile yet."), url="#profile", tone="info", weight=30)
    elif (today - row.checked_on).days > policy.stale_after_days:
        days = (today - row.checked_on).days
        yield Signal(
            ngettext("Profile last checked %(count)s day ago.", "Profile last checked %(count)s days ago.", days)
            % {"count": days},
            reason=_("Profiles are checked at least every %(count)s days.") % {"count": policy.stale_after_days},
            tone="warn",
            weight=40,
        )
    if open_duplicates(row):
        url = reverse("customers:duplicates", args=[entity_of(row)]) if actor.may(row.right("merge")) else ""
        yield Signal(_("May be a duplicate of another customer."), url=url, tone="warn", weight=60)


def trail_events(row: Row, actor: Actor, limit: int) -> Iterable[Event]:
    """Return the trail of a row as events."""
    for line in history_of(row, limit=limit):
        yield Event(
            at=line.at,
            title=line.sentence,
            icon="ban" if line.is_refused else "edit",
            tone="bad" if line.is_refused else "",
        )


def workplace_events(row: Row, actor: Actor, limit: int) -> Iterable[Event]:
    """Return who came to an institution."""
    rows = Affiliation.objects.filter(institution=row).select_related("professional").order_by("-valid_from", "-pk")
    for affiliation in rows[:NEWCOMERS_SHOWN]:
        yield Event(
            at=affiliation.valid_from,
            title=_("%(name)s works here") % {"name": affiliation.professional.name},
            text=affiliation.position,
            icon="user",
        )


# Duplicates ------------------------------------------------------------------------------------------------------

Proposals = type[InstitutionDuplicate] | type[ProfessionalDuplicate]
PROPOSALS: dict[profile.Entity, Proposals] = {
    "institution": InstitutionDuplicate,
    "professional": ProfessionalDuplicate,
}


def open_duplicates(row: Row) -> bool:
    """Tell whether the row is in an open proposal that the actor sees."""
    model = PROPOSALS[entity_of(row)]
    rows = model.objects.filter(status=DuplicateProposal.Status.OPEN)
    return bool(rows.filter(Q(first=row) | Q(second=row)).exists())


def duplicate_queue(entity: profile.Entity) -> QuerySet[Any]:
    """Return the open proposals of which the actor may merge both rows, the likeliest first."""
    model = PROPOSALS[entity]
    owner = PROFILED[entity].model
    right = owner.right("merge")
    reach = owner.objects.allowed(right).filter(archived_at=None)
    rows = model.objects.allowed(right).filter(status=DuplicateProposal.Status.OPEN, second__in=reach)
    found: QuerySet[Any] = rows.select_related("first", "second").order_by("-score", "pk")
    return found


def duplicate_reasons(proposal: DuplicateProposal) -> list[str]:
    """Return what speaks for a proposal, in the reader's language."""
    return [
        Reason(each["code"], tuple(each["params"].items())).render(get_language() or "zh") for each in proposal.reasons
    ]


@dataclass(frozen=True, slots=True)
class Choice:
    """One field of two rows side by side."""

    name: str
    label: str
    kept: str
    gone: str
    is_offered: bool
    """Both differ and the loser has a value: it can be taken."""
    is_suggested: bool


def side_by_side(kept: Row, gone: Row, fields: Sequence[str]) -> list[Choice]:
    """Return the fields of two rows for the merge screen; what only the loser has is suggested."""
    found = []
    for name in fields:
        label = str(kept._meta.get_field(name).verbose_name)  # type: ignore[union-attr]
        left, right = _shown(kept, name), _shown(gone, name)
        differs = left != right and bool(right)
        found.append(Choice(name, label, left, right, differs, differs and not left))
    return found


def _shown(row: Row, name: str) -> str:
    display = getattr(row, f"get_{name}_display", None)
    value = display() if display is not None and getattr(row, name) not in (None, "") else getattr(row, name)
    if name == "customer_types":
        return "、".join(customer_type_labels(row))
    return "" if value in (None, "", []) else str(value)


def customer_type_labels(row: Any) -> list[str]:
    """Return the customer types of a professional in words."""
    return [str(CustomerType(value).label) for value in row.customer_types if value in CustomerType.values]
