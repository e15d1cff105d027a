"""The figures of an evaluation from the company's own records: by tier, for a period and the two it is held against."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, Final

from django.db.models import Count, Q
from django.utils import timezone

from yaomai.commerce.datasets import SALES
from yaomai.customers.models import Institution, InstitutionFact, ProfessionalFact
from yaomai.engagement.models import Visit
from yaomai.insights.evaluations import rules
from yaomai.insights.evaluations.policies import EvaluationPolicy
from yaomai.insights.evaluations.rules import Span
from yaomai.insights.models import EffectCheck, EffectStudy, Evaluation, Improvement, Outlook, PolicyImpact
from yaomai.insights.months import month_after, months_between
from yaomai.insights.outlook.policies import OutlookPolicy
from yaomai.kit.policies.selectors import policy_on
from yaomai.kit.runs.selectors import run_in_force
from yaomai.kit.warehouse import Snapshot, snapshot
from yaomai.organization.models import Territory
from yaomai.segmentation import KIND as TIERS
from yaomai.segmentation import selectors as tiers
from yaomai.segmentation.models import Assessment, Subject, TierAssignment, TierSignal
from yaomai.segmentation.panels import LEADING

Measure = Improvement.Measure
ALL, UNTIERED = "", "-"
MEASURES: Final[Mapping[str, tuple[str, ...]]] = {
    "month": (Measure.PURCHASES, Measure.VISITS, Measure.LOST),
    "quarter": (Measure.PURCHASES, Measure.VISITS, Measure.LOST, Measure.SATISFACTION, Measure.NEEDS),
    "year": (
        Measure.PURCHASES, Measure.VISITS, Measure.LOST, Measure.SATISFACTION, Measure.NEEDS, Measure.VALUE,
    ),
}  # fmt: skip
NAMES: Final = ("value", "before", "year")
MOST_NEEDS, MOST_STUDIES = 6, 20
Values = dict[str, tuple[float | None, ...]]
"""By tier: the figure in the period, in the one before, and in the same one last year."""


@dataclass(frozen=True, slots=True)
class Group:
    """Customers with the tier each held; they stay the same for all periods that are compared."""

    tiers: Mapping[int, str]

    def sums(self, values: Mapping[int, float]) -> Counter[str]:
        """Return the sums by tier of what is known by customer, all together included."""
        found: Counter[str] = Counter()
        for key, value in values.items():
            if key in self.tiers:
                for into in {self.tiers[key], ALL}:
                    found[into] += value  # type: ignore[assignment]
        return found

    @property
    def sizes(self) -> Counter[str]:
        return self.sums(dict.fromkeys(self.tiers, 1))


def group_in(territory: Territory, day: date) -> Group:
    """Return the customers of a territory with the tier of the leading scheme that each held on a day.

    Who had none yet counts with the first it was given; without any it is untiered.
    """
    here = {"territory__path__startswith": territory.path, "archived_at": None, "merged_into": None}
    found = dict.fromkeys(
        Institution.unscoped.filter(**here)
        .exclude(kind__in=(Institution.Kind.DISTRIBUTOR,))
        .values_list("pk", flat=True),
        UNTIERED,
    )
    held = TierAssignment.unscoped.filter(
        scheme=LEADING[Subject.INSTITUTION], institution__territory__path__startswith=territory.path
    )
    for key, tier, since in held.order_by("valid_from", "pk").values_list("institution", "tier", "valid_from"):
        if key in found and (since <= day or found[key] == UNTIERED):
            found[key] = tier
    return Group(found)


def group_of(improvement: Improvement) -> Group:
    """Return the customers that an improvement is measured by, whatever became of them since it was found."""
    if improvement.trigger == Improvement.Trigger.POLICY:
        rows = PolicyImpact.unscoped.filter(
            event=improvement.event_id, institution__territory__path__startswith=improvement.territory.path
        )
        return Group(dict.fromkeys(rows.values_list("institution", flat=True), ALL))
    if improvement.trigger == Improvement.Trigger.COMPETITOR:
        return Group(dict.fromkeys(competitors(improvement.territory, improvement.month), ALL))
    end = improvement.evaluation.ends_on if improvement.evaluation else timezone.localdate(improvement.created_at)
    group = group_in(improvement.territory, month_after(end, 0))
    if not improvement.tier:
        return group
    return Group({key: tier for key, tier in group.tiers.items() if tier == improvement.tier})


def competitors(territory: Territory, month: Any) -> list[int]:
    """Return the customers of a territory at which competitors gained in a month."""
    rows = TierSignal.unscoped.filter(
        kind=TierSignal.Kind.COMPETITOR_ROSE, month=month, institution__territory__path__startswith=territory.path
    )
    return list(rows.values_list("institution", flat=True))


def _has_flow(taken: Snapshot, first: date, end: date) -> bool:
    return all(month in taken.paths for month in months_between(first, month_after(end, -1)))


def _flow(group: Group, spans: Sequence[Span], taken: Snapshot, silent: int) -> tuple[Values, Values]:
    """Return purchases, and the share of customers that fell silent: ordered before the period, not at its end."""
    import pyarrow as pa

    from yaomai.engine.backends import connected

    first = min(month_after(span.begin, -silent) for span in spans)
    files = [str(path) for path in taken.files(start=first, end=max(span.end for span in spans))]
    known = [_has_flow(taken, span.begin, span.end) for span in spans]
    known_lost = [_has_flow(taken, month_after(span.begin, -silent), span.end) for span in spans]
    keys = list(group.tiers)
    if not files or not keys:
        return {}, {}
    columns, given = [], {"files": files, "first": first}
    for place, span in enumerate(spans):
        given |= {f"a{place}": span.begin, f"b{place}": span.end, f"c{place}": month_after(span.begin, -silent),
                  f"d{place}": month_after(span.end, -silent)}  # fmt: skip
        columns += [
            f"coalesce(sum(l.amount) FILTER (l.date >= $a{place} AND l.date < $b{place}), 0)::DOUBLE AS s{place}",
            f"coalesce(bool_or(l.amount > 0) FILTER (l.date >= $c{place} AND l.date < $a{place}), false) AS w{place}",
            f"coalesce(bool_or(l.amount > 0) FILTER (l.date >= $d{place} AND l.date < $b{place}), false) AS k{place}",
        ]
    summed = ", ".join(
        f"sum(s{place}), count(*) FILTER (w{place}), count(*) FILTER (w{place} AND NOT k{place})"
        for place in range(len(spans))
    )
    wanted = pa.table({
        "customer": pa.array(keys, pa.int64()), "tier": pa.array([group.tiers[key] for key in keys], pa.string()),
    })  # fmt: skip
    with connected() as engine:
        engine.con.register("wanted", wanted)
        rows = engine.con.execute(
            f"""
            WITH each AS (
                SELECT w.tier, l.customer, {", ".join(columns)} FROM read_parquet($files) l
                JOIN wanted w ON w.customer = l.customer WHERE l.date >= $first GROUP BY ALL
            )
            SELECT tier, {summed} FROM each GROUP BY tier
            """,  # noqa: S608 — names of columns only
            given,
        ).fetchall()
    sums: dict[str, list[float]] = defaultdict(lambda: [0.0] * (3 * len(spans)))
    for tier, *values in rows:
        for into in {tier, ALL}:
            sums[into] = [one + float(two) for one, two in zip(sums[into], values, strict=True)]
    purchases: Values = {
        tier: tuple(round(row[3 * at], 2) if known[at] else None for at in range(len(spans)))
        for tier, row in sums.items()
    }
    lost: Values = {
        tier: tuple(
            round(row[3 * at + 2] / row[3 * at + 1], 4) if known_lost[at] and row[3 * at + 1] else None
            for at in range(len(spans))
        )
        for tier, row in sums.items()
    }
    return purchases, lost


def _visited(group: Group, span: Span) -> Mapping[int, int]:
    rows = Visit.unscoped.filter(
        archived_at=None, validity=Visit.Validity.VALID, on__gte=span.begin, on__lt=span.end,
        institution__isnull=False,
    )  # fmt: skip
    found = dict(rows.order_by().values_list("institution").annotate(count=Count("pk")))
    return {key: count for key, count in found.items() if key in group.tiers}


def _visits(group: Group, spans: Sequence[Span]) -> Values:
    """Return valid visits per customer and month; nothing of periods from before visits were reported here."""
    sizes, found = group.sizes, [group.sums(_visited(group, span)) for span in spans]
    return {
        tier: tuple(
            round(found[at][tier] / sizes[tier] / span.months, 4) if found[at][ALL] else None
            for at, span in enumerate(spans)
        )
        for tier in sizes
    }


def _satisfaction(group: Group, spans: Sequence[Span]) -> Values:
    """Return the mean of the satisfaction that was assessed in each period, the latest of each customer."""
    found: dict[str, list[float | None]] = defaultdict(lambda: [None] * len(spans))
    for at, span in enumerate(spans):
        rows = Assessment.unscoped.filter(
            attribute="satisfaction", institution__isnull=False, assessed_on__gte=span.begin, assessed_on__lt=span.end
        ).order_by("assessed_on", "pk")
        points = {key: float(value) for key, value in rows.values_list("institution", "value")}
        sums = group.sums(points)
        counts = group.sums(dict.fromkeys(points, 1))
        for tier, count in counts.items():
            found[tier][at] = round(sums[tier] / count, 1)
    return {tier: tuple(values) for tier, values in found.items()}


def _on_record(group: Group, end: date) -> Mapping[int, set[str]]:
    """Return the needs on record at the end of a period, by customer: its own, and those of its people."""
    at = timezone.make_aware(datetime.combine(end, time()))
    held = Q(superseded_at=None) | Q(superseded_at__gte=at)
    found: dict[int, set[str]] = defaultdict(set)
    asked: tuple[Any, ...] = (
        InstitutionFact.unscoped.filter(held, field="tags", recorded_at__lt=at).values_list("institution", "value"),
        ProfessionalFact.unscoped.filter(held, field="academic_needs", recorded_at__lt=at).values_list(
            "professional__institution", "value"
        ),
    )
    for rows in asked:
        for key, value in rows:
            if key in group.tiers and value:
                found[key] |= set(value if isinstance(value, list) else [value])
    return found


def _needs(group: Group, spans: Sequence[Span]) -> tuple[Values, list[list[Any]]]:
    """Return at how many customers needs are on record and no valid visit took place; and which needs, most first."""
    values: dict[str, list[float | None]] = defaultdict(lambda: [None] * len(spans))
    which: Counter[str] = Counter()
    for at, span in enumerate(spans):
        recorded = _on_record(group, span.end)
        if not recorded:
            continue
        visited = _visited(group, span)
        left = {key: needs for key, needs in recorded.items() if key not in visited}
        sums = group.sums(dict.fromkeys(left, 1))
        for tier in group.sizes:
            values[tier][at] = float(sums[tier])
        if not at:
            which = Counter(need for needs in left.values() for need in needs)
    return {tier: tuple(row) for tier, row in values.items()}, [list(pair) for pair in which.most_common(MOST_NEEDS)]


def _values(group: Group) -> Values:
    """Return lifetime values as the run in force says, now and a year ago."""
    rows = Outlook.unscoped.exclude(value=None).exclude(value_before=None)
    found: list[tuple[int, Any, Any]] = list(rows.values_list("institution", "value", "value_before"))
    now = group.sums({key: float(value) for key, value, _before in found})
    before = group.sums({key: float(value) for key, _value, value in found})
    return {tier: (round(now[tier], 2), round(before[tier], 2), round(before[tier], 2)) for tier in now}


def values_of(
    group: Group, spans: Sequence[Span], measures: Iterable[str], taken: Snapshot, *, silent: int
) -> tuple[dict[str, Values], list[list[Any]]]:
    """Return the figures asked for by measure and tier, and which needs nobody followed up."""
    wanted = set(measures)
    found: dict[str, Values] = {}
    needs: list[list[Any]] = []
    if wanted & {Measure.PURCHASES, Measure.LOST}:
        found[Measure.PURCHASES.value], found[Measure.LOST.value] = _flow(group, spans, taken, silent)
    if Measure.VISITS in wanted:
        found[Measure.VISITS.value] = _visits(group, spans)
    if Measure.SATISFACTION in wanted:
        found[Measure.SATISFACTION.value] = _satisfaction(group, spans)
    if Measure.NEEDS in wanted:
        found[Measure.NEEDS.value], needs = _needs(group, spans)
    if Measure.VALUE in wanted:
        found[Measure.VALUE.value] = _values(group)
    return found, needs


def _studies(territory: Territory, span: Span, group: Group) -> list[dict[str, Any]]:
    """Return the effect studies looked at in a period whose customers with the change all belong to the group."""
    looked = EffectCheck.unscoped.filter(as_of__gte=span.begin, result__isnull=False)
    rows = EffectStudy.unscoped.filter(
        archived_at=None, since__gte=span.begin, since__lt=span.end, pk__in=looked.values("study")
    )
    found = [
        {"id": study.pk, "name": study.name, "change": study.change, "since": str(study.since),
         "verdict": study.verdict, "effect": study.effect, "measure": study.measure, "customers": len(study.treated)}
        for study in rows.exclude(verdict="").order_by("-since", "pk")
        if set(study.treated) <= group.tiers.keys()
    ]  # fmt: skip
    return found[:MOST_STUDIES]


def scheme() -> Any:
    """Return the leading scheme as the run in force used it; None without a run."""
    return tiers.scheme_named(run_in_force(TIERS), LEADING[Subject.INSTITUTION], Subject.INSTITUTION)


def measured(evaluation: Evaluation, *, on: date) -> dict[str, Any]:
    """Return all figures of an evaluation as plain JSON: rows by measure and tier, what is odd, what went in."""
    policy, version = policy_on(EvaluationPolicy, on=evaluation.ends_on)
    outlook, _version = policy_on(OutlookPolicy, on=evaluation.ends_on)
    span = Span(evaluation.begins_on, evaluation.ends_on)
    spans = rules.compared(span)
    taken = snapshot(SALES)
    group = group_in(evaluation.territory, evaluation.ends_on)
    measures = MEASURES[evaluation.level]
    found, needs = values_of(group, spans, measures, taken, silent=outlook.alert_months)
    sizes, leading = group.sizes, scheme()
    order = [ALL, *(tier.name for tier in leading.spec.tiers)] if leading is not None else [ALL]
    order += [*sorted(set(sizes) - set(order) - {UNTIERED}), UNTIERED]
    rows = []
    for measure in measures:
        for tier in order:
            values = found.get(measure, {}).get(tier)
            if values is None or not sizes[tier] or (tier == UNTIERED and not any(values)):
                continue
            limits = policy.limits(measure, tier, outlook.goal)
            value, before, year = values
            rows.append({
                "measure": str(measure), "tier": tier, "customers": int(sizes[tier]), "value": value, "before": before,
                "year": year, "goal": limits.goal,
                "odd": tier != UNTIERED
                and rules.is_odd(measure, value, before, year, customers=int(sizes[tier]), limits=limits),
            })  # fmt: skip
    run = run_in_force("insights.outlook")
    return {
        "as_of": str(on),
        "spans": [[str(each.begin), str(each.end)] for each in spans],
        "rows": rows,
        "needs": needs,
        "studies": _studies(evaluation.territory, span, group) if evaluation.level == "year" else [],
        "value_as_of": str(run.as_of) if run is not None else None,
        "value_goal": float(outlook.goal),
        "silent": outlook.alert_months,
        "customers": int(sizes[ALL]),
        "inputs": {
            "sales_flow": taken.fingerprint,
            "policies": {EvaluationPolicy.name: version.number if version is not None else None},
        },
    }


def once(improvement: Improvement, span: Span) -> dict[str, Any]:
    """Return the figure of an improvement in a period, with the two it is held against: what `found` keeps."""
    outlook, _version = policy_on(OutlookPolicy, on=span.end)
    measure = improvement.measure
    found, _needs = values_of(
        group_of(improvement), rules.compared(span), (measure,), snapshot(SALES), silent=outlook.alert_months
    )
    values = found.get(measure, {}).get(ALL) or (None, None, None)
    return dict(zip(NAMES, values, strict=True)) | {"from": str(span.begin), "to": str(span.end)}


def span_again(improvement: Improvement, *, today: date) -> Span:
    """Return the period of a re-check: as many whole months as when it was found, up to the one that ended last."""
    found = improvement.found
    months = Span(date.fromisoformat(found["from"]), date.fromisoformat(found["to"])).months if found else 1
    end = today.replace(day=1)
    return Span(month_after(end, -months), end)
