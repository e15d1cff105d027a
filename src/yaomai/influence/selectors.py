"""Reads of this room: the academic record of a person, and what it counts for scorecards."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.csv
from django.db import connection
from django.db.models import Case, F, Value, When
from django.utils.translation import gettext as _

from yaomai.customers.models import Professional
from yaomai.influence import ties
from yaomai.influence.models import Authorship, Guideline, Level, Office, Publication, Record, Standing, Study
from yaomai.influence.policies import AcademicPolicy, NetworkPolicy
from yaomai.kit.explain import Input
from yaomai.kit.memo import read_together
from yaomai.kit.policies.selectors import policy_on

KINDS = ("office", "publication", "study", "guideline")
FULL = 100
"""What the items of one kind count together at most."""

# One line for each item that counts on a day. Measures add them up, inputs show them: both tell the same points.
_ITEMS = """
SELECT o.professional_id AS professional, 'office' AS kind, o.id,
       lp.points * f.factor * (CASE WHEN o.evidence = '' THEN %(unproven)s ELSE 1 END) AS points
FROM influence_office o
JOIN unnest(%(levels)s::text[], %(level_points)s::float8[]) AS lp(level, points) ON lp.level = o.level
JOIN unnest(%(offices)s::text[], %(office_factors)s::float8[]) AS f(role, factor) ON f.role = o.role
WHERE o.archived_at IS NULL AND o.valid_from <= %(day)s AND (o.valid_to IS NULL OR o.valid_to > %(day)s) {of_o}
UNION ALL
SELECT a.professional_id, 'publication', p.id,
       (ap.points + CASE WHEN a.role = 'other' THEN 0
                         ELSE least(coalesce(p.citations, 0), %(most_citations)s) * %(citation)s END)
       * f.factor * (CASE WHEN p.evidence = '' AND p.doi = '' AND p.pmid = '' THEN %(unproven)s ELSE 1 END)
FROM influence_authorship a JOIN influence_publication p ON p.id = a.publication_id
JOIN unnest(%(authors)s::text[], %(author_points)s::float8[]) AS ap(role, points) ON ap.role = a.role
JOIN unnest(%(indexings)s::text[], %(indexing_factors)s::float8[]) AS f(indexing, factor) ON f.indexing = p.indexing
WHERE a.professional_id IS NOT NULL AND p.archived_at IS NULL
  AND p.year BETWEEN %(first_year)s AND %(last_year)s {of_a}
UNION ALL
SELECT s.professional_id, 'study', s.id,
       sp.points * f.factor * (CASE WHEN s.evidence = '' THEN %(unproven)s ELSE 1 END)
FROM influence_study s
JOIN unnest(%(studies)s::text[], %(study_points)s::float8[]) AS sp(role, points) ON sp.role = s.role
JOIN unnest(%(phases)s::text[], %(phase_factors)s::float8[]) AS f(phase, factor) ON f.phase = s.phase
WHERE s.archived_at IS NULL AND s.valid_from <= %(day)s {of_s}
UNION ALL
SELECT g.professional_id, 'guideline', g.id, gp.points * (CASE WHEN g.evidence = '' THEN %(unproven)s ELSE 1 END)
FROM influence_guideline g
JOIN unnest(%(guidelines)s::text[], %(guideline_points)s::float8[]) AS gp(role, points) ON gp.role = g.role
WHERE g.archived_at IS NULL AND g.year <= %(last_year)s {of_g}
"""
_OF_KIND = "CASE WHEN bool_or(kind = '{0}') THEN least(%(full)s, sum(points) FILTER (WHERE kind = '{0}')) END"
_MEASURES = f"""
SELECT professional, {", ".join(map(_OF_KIND.format, KINDS))}
FROM ({_ITEMS.format(of_o="", of_a="", of_s="", of_g="")}) items GROUP BY 1 ORDER BY 1
"""  # noqa: S608 — the kinds are written above
_OF_SOME = _ITEMS.format(
    **{f"of_{table}": f"AND {table}.professional_id = ANY(%(professionals)s)" for table in "oasg"}
) + " ORDER BY 1, 2, 3"  # fmt: skip


@dataclass(frozen=True, slots=True)
class AcademicInput:
    """One item of an academic record: what it is, what proves it, who entered it, what it counts on the day.

    kind: one of `KINDS`; as_of: the first day of an office or study, the first day of the year of a publication or
    guideline; evidence: http(s) address, "" where there is none.
    """

    kind: str
    pk: int
    label: str
    detail: str
    source: str
    as_of: date
    evidence: str
    entered_by: str
    points: Decimal

    def as_input(self) -> Input:
        """Return it as an input of an explanation."""
        told = " · ".join(filter(None, (self.source, self.entered_by, self.evidence)))
        return Input(label=self.label, value=self.points, unit=_("points"), source=told, as_of=self.as_of)


def academic_measures(*, as_of: date) -> pa.Table:
    """Return the academic record in points for everybody who has any, by id.

    Columns: professional, office_points, publication_points, study_points, guideline_points (0–100, null where there
    is no item of the kind). Reads beyond scope: for runs only.
    """
    schema = pa.schema([("professional", pa.int64()), *((f"{kind}_points", pa.float64()) for kind in KINDS)])
    return copied(_MEASURES, _figures(as_of), schema)


def academic_inputs(professional: int, *, as_of: date) -> tuple[AcademicInput, ...]:
    """Return the items that count for a person on a day, in view, the weightiest of each kind first."""
    return _inputs(professional, as_of) or ()


@read_together("professional")
def _inputs(professionals: Sequence[int], as_of: date) -> Mapping[int, tuple[AcademicInput, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(_OF_SOME, {**_figures(as_of), "professionals": list(professionals)})
        counted = {(kind, pk, person): Decimal(str(round(points, 2))) for person, kind, pk, points in cursor.fetchall()}
    shown: dict[int, list[AcademicInput]] = {}
    for kind in KINDS:
        for person, item in _items(kind, counted):
            shown.setdefault(person, []).append(item)
    return {
        person: tuple(sorted(items, key=lambda item: (KINDS.index(item.kind), -item.points, item.pk)))
        for person, items in shown.items()
    }


def copied(query: str, params: Mapping[str, Any], schema: pa.Schema) -> pa.Table:
    """Return what a query of the present transaction selects, by COPY: as fast as rows leave the database."""
    connection.ensure_connection()
    with connection.connection.cursor() as cursor, cursor.copy(f"COPY ({query}) TO STDOUT (FORMAT csv)", params) as out:
        text = b"".join(bytes(block) for block in out)
    if not text:
        return schema.empty_table()
    return pyarrow.csv.read_csv(
        pa.BufferReader(text),
        read_options=pyarrow.csv.ReadOptions(column_names=schema.names),
        convert_options=pyarrow.csv.ConvertOptions(column_types=schema, strings_can_be_null=False),
    )


def _figures(day: date) -> dict[str, Any]:
    policy, _version = policy_on(AcademicPolicy, on=day)
    tables: Sequence[tuple[str, str, Mapping[str, Any]]] = (
        ("levels", "level_points", policy.level_points),
        ("offices", "office_factors", policy.office_factor),
        ("authors", "author_points", policy.author_points),
        ("indexings", "indexing_factors", policy.indexing_factor),
        ("studies", "study_points", policy.study_points),
        ("phases", "phase_factors", policy.phase_factor),
        ("guidelines", "guideline_points", policy.guideline_points),
    )
    return {
        "day": day,
        "full": FULL,
        "first_year": day.year - policy.publication_years + 1,
        "last_year": day.year,
        "unproven": float(policy.unproven_factor),
        "citation": float(policy.citation_points),
        "most_citations": policy.most_citations,
        **{name: list(table) for name, _values, table in tables},
        **{values: [float(value) for value in table.values()] for _name, values, table in tables},
    }


def _items(kind: str, counted: Mapping[tuple[str, int, int], Decimal]) -> list[tuple[int, AcademicInput]]:
    """Return the items of a kind in view, each with its professional."""
    found: list[tuple[int, AcademicInput]] = []
    keys = {(pk, person) for of, pk, person in counted if of == kind}
    if not keys:
        return found
    pks = {pk for pk, _person in keys}
    if kind == "publication":
        persons = {person for _pk, person in keys}
        rows: Any = Authorship.objects.filter(professional__in=persons, publication__in=pks)
        for row in rows.select_related("publication__entered_by"):
            person = row.professional_id
            if (row.publication_id, person) in keys:
                found.append((person, _publication_item(row, counted[kind, row.publication_id, person])))
        return found
    model = {"office": Office, "study": Study, "guideline": Guideline}[kind]
    records: Any = model.objects.filter(pk__in=pks).select_related("entered_by")
    return [
        (row.professional_id, _record_item(kind, row, counted[kind, row.pk, row.professional_id])) for row in records
    ]


def _publication_item(row: Authorship, points: Decimal) -> AcademicInput:
    work: Publication = row.publication
    detail = [str(row.get_role_display()), work.journal, str(work.year)]
    if work.citations is not None:
        detail.append(_("cited %(count)s times") % {"count": work.citations})
    return AcademicInput(
        "publication", work.pk, work.title, " · ".join(filter(None, detail)), work.source, date(work.year, 1, 1),
        work.link, str(work.entered_by or ""), points,
    )  # fmt: skip


def _record_item(kind: str, row: Record, points: Decimal) -> AcademicInput:
    if isinstance(row, Office):
        detail, day = f"{Level(row.level).label} · {row.get_role_display()}", row.valid_from
        label = row.society
    elif isinstance(row, Study):
        detail, day = f"{row.get_phase_display()} · {row.get_role_display()}", row.valid_from
        label = row.title
    else:
        assert isinstance(row, Guideline)
        detail, day, label = f"{row.get_role_display()} · {row.year}", date(row.year, 1, 1), row.title
    return AcademicInput(kind, row.pk, label, detail, row.source, day, row.evidence, str(row.entered_by or ""), points)


@dataclass(frozen=True, slots=True)
class AcademicPart:
    """The items of one kind, and what they count together."""

    kind: str
    label: str
    points: Decimal
    items: Sequence[AcademicInput]


def academic_record(professional: int, *, as_of: date) -> list[AcademicPart]:
    """Return a person's academic record by kind, kinds without an item included."""
    items = academic_inputs(professional, as_of=as_of)
    labels = {"office": _("Society offices"), "publication": _("Publications"), "study": _("Clinical studies"),
              "guideline": _("Guideline work")}  # fmt: skip
    parts = []
    for kind in KINDS:
        own = [item for item in items if item.kind == kind]
        parts.append(
            AcademicPart(kind, labels[kind], min(Decimal(FULL), sum((i.points for i in own), Decimal(0))), own)
        )
    return parts


def authors(publication: Publication) -> tuple[list[Authorship], int]:
    """Return the authors of a publication in view, in their order, and how many others there are."""
    order = ("position", "pk")
    seen = list(Authorship.objects.filter(publication=publication).select_related("professional").order_by(*order))
    return seen, max(publication.author_count, Authorship.unscoped.filter(publication=publication).count()) - len(seen)


# Ties and the network ------------------------------------------------------------------------------------------------

TIES = pa.schema(
    [
        ("kind", pa.string()),
        ("person", pa.int64()),
        ("other", pa.int64()),
        ("part", pa.string()),
        ("amount", pa.float64()),
        ("strength", pa.float64()),
        ("since", pa.date32()),
        ("until", pa.date32()),
    ]
)
MOST_PEOPLE = 500
"""People of one picture: more cannot be told apart on it."""


@dataclass(frozen=True, slots=True)
class Tied:
    """One tie as a person's page shows it; `part` says what the other is to the person."""

    other: Professional
    kind: str
    part: str
    amount: float
    strength: float
    since: date | None
    until: date | None


@dataclass(frozen=True, slots=True)
class Network:
    """A part of the network: people in view who are tied to one another, at most `MOST_PEOPLE`."""

    people: Sequence[Professional]
    ties: Sequence[Mapping[str, Any]]
    standings: Mapping[int, Standing]
    count: int
    """How many people were asked for."""
    unseen: int
    """How many people out of view those shown are tied to: counted, not named."""


def all_ties(day: date) -> pa.Table:
    """Return every tie that holds on a day, from one end. Reads beyond scope: for jobs only."""
    return _ties(day, "person < other")


def ties_of(professional: int, *, day: date) -> tuple[list[Tied], int]:
    """Return a person's ties to people in view, the strongest first, and how many people out of view they have ties to."""
    return _tied(professional, day) or ([], 0)


@read_together("professional")
def _tied(professionals: Sequence[int], day: date) -> Mapping[int, tuple[list[Tied], int]]:
    by_person: dict[int, list[dict[str, Any]]] = {}
    for row in _ties(day, "person = ANY(%(people)s)", people=list(professionals)).to_pylist():
        by_person.setdefault(row["person"], []).append(row)
    everybody = {row["other"] for rows in by_person.values() for row in rows}
    seen = {person.pk: person for person in Professional.objects.filter(pk__in=everybody, archived_at=None)}
    words = _parts(ties.labels())
    told: dict[int, tuple[list[Tied], int]] = {}
    for person, rows in by_person.items():
        found = [
            Tied(
                seen[row["other"]], row["kind"], words[row["part"] or row["kind"]], row["amount"], row["strength"],
                row["since"], row["until"],
            )
            for row in rows
            if row["other"] in seen
        ]  # fmt: skip
        found.sort(key=lambda tie: (-tie.strength, tie.other.name, tie.other.pk, tie.kind))
        told[person] = (found, len({row["other"] for row in rows} - set(seen)))
    return told


def _parts(labels: Mapping[str, str]) -> dict[str, str]:
    return {**labels, "teacher": _("Teacher"), "student": _("Student")}


def network(people: Any, *, day: date, kinds: Sequence[str] | None = None) -> Network:
    """Return the network among people in view (a queryset of professionals) by some kinds of ties."""
    chosen = Standing.objects.filter(professional__in=people.values("pk")).order_by("-direct", "professional")
    standings = {row.professional_id: row for row in chosen[:MOST_PEOPLE]}
    among = "person = ANY(%(people)s) AND other = ANY(%(people)s) AND person < other"
    rows = _ties(day, among, kinds, people=list(standings)).to_pylist()
    tied = {row[end] for row in rows for end in ("person", "other")}
    shown = list(Professional.objects.filter(pk__in=tied).select_related("institution").order_by("pk"))
    beyond = _ties(day, "person = ANY(%(people)s) AND other <> ALL(%(people)s)", kinds, people=sorted(tied))
    others = set(beyond.column("other").to_pylist())
    unseen = len(others) - Professional.objects.filter(pk__in=others).count()
    return Network(shown, rows, standings, people.count(), unseen)


@read_together("professional")
def standing_of(professionals: Sequence[int]) -> Mapping[int, Standing]:
    """Return where a person in view stands, None before the first computation or without any tie."""
    return {row.professional_id: row for row in Standing.objects.filter(professional__in=professionals)}


def _ties(day: date, condition: str, kinds: Sequence[str] | None = None, **params: Any) -> pa.Table:
    policy, _version = policy_on(NetworkPolicy, on=day)
    query = (
        "SELECT t.kind, t.person, t.other, t.part, t.amount, least(t.amount, %(most_times)s) * coalesce(w.weight, 1),"  # noqa: S608
        f" t.since, t.until FROM (SELECT * FROM ({ties.query(kinds)}) found WHERE {condition}) AS t"
        " LEFT JOIN unnest(%(kinds)s::text[], %(weights)s::float8[]) AS w (kind, weight) ON w.kind = t.kind"
    )
    return copied(query, {
        **params,
        "day": day,
        "most_authors": policy.most_authors,
        "most_members": policy.most_members,
        "most_times": policy.most_times,
        "kinds": list(policy.strength),
        "weights": [float(weight) for weight in policy.strength.values()],
    }, TIES)  # fmt: skip


# Whom a printed name means -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Question:
    """An open name: where it stands, who of those in view may be meant, and how many others."""

    author: Authorship
    candidates: Sequence[tuple[Professional, float, Sequence[str]]]
    others: int
    works: int
    """On how many publications the same name at the same affiliation waits."""


LOOKED_AT = 60
"""Open names that are looked at for one in view."""


def author_question(*, but: int | None = None) -> tuple[Question | None, int]:
    """Return the open name with the most at stake of which a candidate is in view, and how many names are open.

    First and last authors of much-cited publications stand first.
    """
    rows = Authorship.unscoped.filter(link=Authorship.Link.OPEN, publication__archived_at=None)
    count = rows.count()
    leading = Case(When(role=Authorship.Role.OTHER, then=Value(0)), default=Value(1))
    order = (leading.desc(), F("publication__citations").desc(nulls_last=True), "pk")
    passed = [] if but is None else [but]
    asked = list(rows.exclude(pk__in=passed).select_related("publication").order_by(*order)[:LOOKED_AT])
    told = {pk for row in asked for pk, _score, _reasons in row.candidates}
    seen = {person.pk: person for person in Professional.objects.filter(pk__in=told).select_related("institution")}
    for row in asked:
        found = [(seen[pk], score, reasons) for pk, score, reasons in row.candidates if pk in seen]
        if found:
            works = rows.filter(name=row.name, affiliation=row.affiliation).count() if row.affiliation else 1
            return Question(row, found, len(row.candidates) - len(found), works), count
    return None, count
