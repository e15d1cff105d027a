"""Reads of this room: the board, one process with its forecast, committees, and decision power for scorecards."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pyarrow as pa
from django.db import connection
from django.db.models import Count, Q
from django.utils.translation import gettext as _

from yaomai.catalog.models import Product
from yaomai.customers.models import Institution
from yaomai.engine.durations import Remaining, Spell, remaining
from yaomai.kit.explain import Input
from yaomai.kit.memo import once_a_page
from yaomai.kit.policies.selectors import policy_on
from yaomai.listing import rules
from yaomai.listing.models import Committee, Process, Seat, Stage, StageHolder, StagePeriod, Stance
from yaomai.listing.policies import DecisionPolicy, PipelinePolicy

MOST_CARDS = 60
"""Cards of one column; the list shows the rest."""

_SITS = "{0}.valid_from <= %(day)s AND ({0}.valid_to IS NULL OR {0}.valid_to > %(day)s)"
COMMITTEE_TIES = f"""
SELECT a.professional_id, b.professional_id, '', count(DISTINCT a.committee_id),
       min(greatest(a.valid_from, b.valid_from)), max(least(a.valid_to, b.valid_to))
FROM listing_seat a
JOIN listing_committee c ON c.id = a.committee_id AND c.archived_at IS NULL
JOIN listing_seat b ON b.committee_id = a.committee_id AND b.professional_id <> a.professional_id
WHERE {_SITS.format("a")} AND {_SITS.format("b")} GROUP BY 1, 2
"""  # noqa: S608 — names of tables only
"""Who sits on a committee with whom, as `influence.ties` asks for it."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """When a process is likely to be through, and what this rests on."""

    low: date
    middle: date
    high: date
    days: Remaining


@dataclass(frozen=True, slots=True)
class Card:
    """A process on the board."""

    process: Process
    days: int
    is_stuck: bool
    stances: Mapping[str, int]
    meeting_on: date | None


@dataclass(frozen=True, slots=True)
class Column:
    """A stage of the board: its cards, the longest waiting first, and how many there are in all."""

    stage: str
    label: str
    cards: Sequence[Card]
    count: int


def current(rows: Any, today: date) -> Any:
    """Keep the terms that hold on a day."""
    return rows.filter(Q(valid_to__isnull=True) | Q(valid_to__gt=today), valid_from__lte=today)


def board(*, today: date, product: int | None = None, territory: Sequence[int] | None = None) -> list[Column]:
    """Return the open processes in view by stage."""
    policy, _version = policy_on(PipelinePolicy, on=today)
    rows = Process.objects.filter(outcome="", archived_at=None)
    if product is not None:
        rows = rows.filter(product_id=product)
    if territory is not None:
        rows = rows.filter(institution__territory_id__in=territory)
    counts = dict(rows.order_by().values_list("stage").annotate(Count("pk")))
    shown: list[Process] = []
    for stage in rules.STAGES:
        waiting = rows.filter(stage=stage).select_related("institution", "product", "owner")
        shown += waiting.order_by("stage_since", "pk")[:MOST_CARDS]
    stances = _stance_counts([process.pk for process in shown])
    meetings = next_meetings([process.institution_id for process in shown], today=today)
    columns = []
    for stage in rules.STAGES:
        limit = policy.of(stage).expected_days * policy.stuck_factor
        cards = [
            Card(
                process,
                (today - process.stage_since).days,
                (today - process.stage_since).days > limit,
                stances.get(process.pk, {}),
                meetings.get(process.institution_id) if rules.is_before_decision(process.stage) else None,
            )
            for process in shown
            if process.stage == stage
        ]
        columns.append(Column(stage, str(Stage(stage).label), cards, counts.get(stage, 0)))
    return columns


def _stance_counts(processes: Sequence[int]) -> dict[int, dict[str, int]]:
    found: dict[int, dict[str, int]] = {}
    rows = Stance.objects.filter(process__in=processes, superseded_at__isnull=True)
    for process, value, count in rows.order_by().values_list("process", "value").annotate(Count("pk")):
        found.setdefault(process, {})[value] = count
    return found


def next_meetings(institutions: Sequence[int], *, today: date) -> dict[int, date]:
    """Return the next meeting of each institution's committee that is known."""
    rows = Committee.objects.filter(institution__in=institutions, archived_at=None, next_meeting_on__gte=today)
    return dict(rows.order_by("institution", "-next_meeting_on").values_list("institution", "next_meeting_on"))


def products_on_the_way() -> list[Product]:
    """Return the products of open processes in view."""
    on_the_way = Process.objects.filter(outcome="", archived_at=None).values("product")
    return list(Product.objects.filter(pk__in=on_the_way).order_by("name", "pk"))


def forecast(process: Process, *, today: date) -> Forecast | None:
    """Return when a process may be through by the durations in view of all; None for a closed one.

    Durations are facts of the company's own work and say nothing of a customer, so all of them count.
    """
    if process.outcome:
        return None
    policy, _version = policy_on(PipelinePolicy, on=today)
    days = remaining(
        spells(today=today, but=process.pk),
        rules.stages_from(process.stage),
        elapsed=(today - process.stage_since).days,
        assumed={each.stage: float(each.expected_days) for each in policy.stages},
        fewest=policy.fewest_cases,
        seed=process.pk,
    )
    low, middle, high = (today + timedelta(each) for each in (days.low, days.middle, days.high))
    return Forecast(low, middle, high, days)


def spells(*, today: date, but: int | None = None) -> dict[str, list[Spell]]:
    """Return how long processes were in each stage; what was returned, ended or still runs did not end by passing."""
    rows = StagePeriod.unscoped.filter(process__archived_at=None).exclude(process=but)
    found: dict[str, list[Spell]] = {}
    for stage, entered, left, result in rows.values_list("stage", "entered_on", "left_on", "result"):
        ended = result == StagePeriod.Result.PASSED
        found.setdefault(stage, []).append(Spell(((left or today) - entered).days, ended))
    return found


def periods(process: Process) -> list[StagePeriod]:
    """Return the stages a process went through, oldest first."""
    return list(StagePeriod.objects.filter(process=process).order_by("entered_on", "pk"))


def people(process: Process, *, today: date) -> list[tuple[Any, list[str], Stance | None]]:
    """Return who decides on a process: seats of the committee and holders of stages, with their roles and stances."""
    seats = current(
        Seat.objects.filter(committee__institution=process.institution_id, committee__archived_at=None), today
    )
    holders = current(StageHolder.objects.filter(institution=process.institution_id), today)
    stances = {
        stance.professional_id: stance
        for stance in Stance.objects.filter(process=process, superseded_at__isnull=True).select_related("professional")
    }
    persons: dict[int, Any] = {}
    roles: dict[int, list[str]] = {}
    for seat in by_role(seats.select_related("professional")):
        persons[seat.professional_id] = seat.professional
        roles.setdefault(seat.professional_id, []).append(
            _("%(role)s of the drug committee") % {"role": seat.get_role_display()}
        )
    for holder in holders.select_related("professional").order_by("pk"):
        persons[holder.professional_id] = holder.professional
        roles.setdefault(holder.professional_id, []).append(str(holder.get_stage_display()))
    persons |= {key: stance.professional for key, stance in stances.items() if key not in persons}
    return [(persons[key], roles.get(key, []), stances.get(key)) for key in persons]


def by_role(seats: Any) -> list[Seat]:
    """Return seats with the chair first."""
    order = {role: number for number, role in enumerate(Seat.Role.values)}
    return sorted(seats, key=lambda seat: (order[seat.role], seat.pk))


@once_a_page
def committees_of(institution: Institution) -> list[Committee]:
    """Return the committees of an institution."""
    return list(Committee.objects.filter(institution=institution, archived_at=None).order_by("pk"))


@once_a_page
def processes_of(institution: Institution) -> list[Process]:
    """Return the processes of an institution, the open ones first."""
    processes = Process.objects.filter(institution=institution, archived_at=None).select_related("product")
    return list(processes.order_by("outcome", "stage_since", "pk")[:MOST_CARDS])


@once_a_page
def decision_chain(institution: Institution, *, today: date) -> Mapping[str, Any]:
    """Return committees with their seats, the people of each stage, and the open processes of an institution."""
    committees = committees_of(institution)
    seats = current(Seat.objects.filter(committee__in=committees), today).select_related("professional")
    holders = current(StageHolder.objects.filter(institution=institution), today).select_related("professional")
    by_stage: dict[str, list[StageHolder]] = {}
    for holder in holders.order_by("pk"):
        by_stage.setdefault(holder.stage, []).append(holder)
    by_committee: dict[int, list[Seat]] = {}
    for seat in by_role(seats):
        by_committee.setdefault(seat.committee_id, []).append(seat)
    return {
        "committees": [(committee, by_committee.get(committee.pk, [])) for committee in committees],
        "stages": [(Stage(stage).label, by_stage.get(stage, [])) for stage in rules.STAGES],
        "processes": processes_of(institution),
    }


# For scorecards ---------------------------------------------------------------------------------------------------

_MEASURES = """
WITH seats AS (
    SELECT s.professional_id AS person, max(sp.points * vf.factor) AS points
    FROM listing_seat s JOIN listing_committee c ON c.id = s.committee_id AND c.archived_at IS NULL
    JOIN unnest(%(roles)s::text[], %(role_points)s::float8[]) AS sp(role, points) ON sp.role = s.role
    JOIN unnest(%(voices)s::text[], %(factors)s::float8[]) AS vf(voice, factor) ON vf.voice = s.voice
    WHERE s.valid_from <= %(day)s AND (s.valid_to IS NULL OR s.valid_to > %(day)s) GROUP BY 1
), path AS (
    SELECT h.professional_id AS person, max(sp.points * vf.factor) AS points
    FROM listing_stageholder h
    JOIN unnest(%(stages)s::text[], %(stage_points)s::float8[]) AS sp(stage, points) ON sp.stage = h.stage
    JOIN unnest(%(voices)s::text[], %(factors)s::float8[]) AS vf(voice, factor) ON vf.voice = h.voice
    WHERE h.valid_from <= %(day)s AND (h.valid_to IS NULL OR h.valid_to > %(day)s) GROUP BY 1
), voices AS (
    SELECT st.professional_id AS person, max(100 * vf.factor) AS points
    FROM listing_stance st JOIN listing_process p ON p.id = st.process_id AND p.archived_at IS NULL
    JOIN unnest(%(voices)s::text[], %(factors)s::float8[]) AS vf(voice, factor) ON vf.voice = st.voice
    WHERE st.superseded_at IS NULL AND st.recorded_on <= %(day)s GROUP BY 1
)
SELECT coalesce(seats.person, path.person, voices.person) AS professional, seats.points, path.points, voices.points
FROM seats FULL JOIN path ON path.person = seats.person
FULL JOIN voices ON voices.person = coalesce(seats.person, path.person)
ORDER BY 1
"""


def decision_measures(*, as_of: date) -> pa.Table:
    """Return decision power of everybody who has any: professional, seat_points, path_points, voice_points (0–100).

    Of several seats, places or voices of a person the strongest counts. Reads beyond scope: for runs only.
    """
    policy, _version = policy_on(DecisionPolicy, on=as_of)
    with connection.cursor() as cursor:
        cursor.execute(
            _MEASURES,
            {
                "day": as_of,
                "roles": list(policy.seat_points),
                "role_points": [float(points) for points in policy.seat_points.values()],
                "stages": list(policy.stage_points),
                "stage_points": [float(points) for points in policy.stage_points.values()],
                "voices": list(policy.voice_factor),
                "factors": [float(factor) for factor in policy.voice_factor.values()],
            },
        )
        rows = cursor.fetchall()
    names = ("professional", "seat_points", "path_points", "voice_points")
    kinds = (pa.int64(), pa.float64(), pa.float64(), pa.float64())
    columns = zip(*rows, strict=True) if rows else ((),) * len(names)
    return pa.table(
        {name: pa.array(list(values), kind) for name, kind, values in zip(names, kinds, columns, strict=True)}
    )


def decision_inputs(professional: int, *, as_of: date) -> tuple[Input, ...]:
    """Return the seats, places and voices behind a person's decision power, with source and date, in view."""
    found = [
        Input(label=f"{seat.committee} · {seat.get_role_display()}", value=str(seat.get_voice_display()),
              source=seat.source, as_of=seat.valid_from)
        for seat in current(Seat.objects.filter(professional=professional, committee__archived_at=None), as_of)
        .select_related("committee__institution").order_by("pk")
    ]  # fmt: skip
    found += [
        Input(label=f"{holder.institution} · {holder.get_stage_display()}", value=str(holder.get_voice_display()),
              source=holder.source, as_of=holder.valid_from)
        for holder in current(StageHolder.objects.filter(professional=professional), as_of)
        .select_related("institution").order_by("pk")
    ]  # fmt: skip
    found += [
        Input(label=str(stance.process), value=str(stance.get_voice_display()), source=stance.source,
              as_of=stance.recorded_on)
        for stance in Stance.objects.filter(professional=professional, superseded_at__isnull=True)
        .select_related("process__product", "process__institution").order_by("pk")
    ]  # fmt: skip
    return tuple(found)
