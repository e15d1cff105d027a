"""Regional growth × product match over the hospitals in view: read once, set-based, however many there are."""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow as pa
from django.core.exceptions import EmptyResultSet
from django.db import connection

from yaomai.catalog.models import Division, Indication, Product, ProductLine
from yaomai.commerce.datasets import SALES
from yaomai.customers.models import Institution
from yaomai.engine.windows import window_starts
from yaomai.insights import rules
from yaomai.insights.models import MarketFigure
from yaomai.insights.policies import TargetPolicy, TargetRulesPolicy
from yaomai.kit.policies.selectors import policy_on
from yaomai.kit.warehouse import Snapshot, snapshot

SEE = "insights.quadrant:view"
"""Held by nobody with an active filing (X2): growth and quadrants tell purchases."""


@dataclass(frozen=True, slots=True)
class Focus:
    """What is to be placed: one product, the products of a line, or all of our own."""

    product: Product | None = None
    line: ProductLine | None = None

    def products(self) -> dict[int, str]:
        """Return the products by id with their names."""
        rows = Product.objects.filter(archived_at=None)
        if self.product is not None:
            rows = rows.filter(pk=self.product.pk)
        elif self.line is not None:
            rows = rows.filter(product_line=self.line)
        else:
            rows = rows.filter(is_own=True)
        return dict(rows.order_by("pk").values_list("pk", "name"))

    @property
    def key(self) -> str:
        """Return how an address names it: "p12" a product, "l3" a line, "" all of our own."""
        return f"p{self.product.pk}" if self.product else f"l{self.line.pk}" if self.line else ""

    def __str__(self) -> str:
        return str(self.product or self.line or "")


@dataclass(frozen=True, slots=True)
class Place:
    """A region with the growth that counts there, and both that are known."""

    pk: int
    code: str
    name: str
    growth: rules.Growth
    sales: rules.Growth
    market: rules.Growth
    sold: rules.Sold | None


@dataclass(frozen=True, slots=True)
class Point:
    """A hospital between the axes."""

    institution: int
    name: str
    grade: str
    beds: int | None
    region: str
    product: int
    match: rules.Match
    quadrant: rules.Quadrant
    rules: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Analysis:
    """What all hospitals in view between the axes have in common: what went into it, their regions, how many stand where."""

    as_of: date
    policy: TargetPolicy
    rules_policy: TargetRulesPolicy
    versions: dict[str, int | None]
    fingerprint: str
    places: dict[str, Place]
    products: dict[int, str]
    tally: list[tuple[str, rules.Quadrant, int, int]]
    """Region, quadrant, match, and how many hospitals stand there."""

    def growth_of(self, point: Point) -> rules.Growth:
        place = self.places.get(point.region)
        return place.growth if place is not None else rules.UNKNOWN

    def counts(self) -> Counter[str]:
        """Return how many hospitals each quadrant holds; "" those without usable growth."""
        found: Counter[str] = Counter()
        for _region, quadrant, _match, count in self.tally:
            found[quadrant] += count
        return found

    def periods(self) -> tuple[tuple[date, date], tuple[date, date]]:
        """Return the first and last day of the twelve months and of the twelve before."""
        starts = window_starts(self.as_of)
        return (starts[12], self.as_of), (starts[24], date.fromordinal(starts[12].toordinal() - 1))


@dataclass(frozen=True, slots=True)
class Gathered:
    """Everything that is read, as of one moment."""

    focus: Focus
    as_of: date
    policy: TargetPolicy
    rules_policy: TargetRulesPolicy
    versions: dict[str, int | None]
    sales: Snapshot

    def fingerprints(self) -> dict[str, str]:
        """Return what tells two gatherings apart: the sales flow, and what is known of hospitals and markets."""
        return {SALES.name: self.sales.fingerprint} | {
            f"{table}": "|".join(map(str, _rows(f"SELECT count(*), sum(version), max(updated_at) FROM {table}")[0]))  # noqa: S608
            for table in READ
        }


READ = (
    "customers_institution", "customers_department", "customers_patientpopulation", "catalog_product",
    "catalog_division", "insights_marketfigure",
)  # fmt: skip


def gather(focus: Focus, *, as_of: date) -> Gathered:
    """Read the policies, and bring the mirror of the sales flow up to date."""
    policy, version = policy_on(TargetPolicy, on=as_of)
    rules_policy, rules_version = policy_on(TargetRulesPolicy, on=as_of)
    versions = {
        TargetPolicy.name: version.number if version is not None else None,
        TargetRulesPolicy.name: rules_version.number if rules_version is not None else None,
    }
    return Gathered(focus, as_of, policy, rules_policy, versions, snapshot(SALES, fresh=True))


def reach() -> str:
    """Return what tells apart whose customers the actor sees: who sees the same, sees the same analysis."""
    return hashlib.sha256(repr(_scoped(Institution.objects.all())).encode()).hexdigest()[:16]


def analyse(gathered: Gathered) -> tuple[Analysis, list[Point]]:
    """Place every hospital in view of the actor, the best match first.

    Regional growth is that of the customers in view: nobody learns the purchases of a foreign territory from it.
    """
    policy, as_of = gathered.policy, gathered.as_of
    products = gathered.focus.products()
    hospitals = _hospitals()
    places, incidence = _places(products, gathered.sales, policy, as_of)
    fits = _fits(list(products))
    conditions = gathered.rules_policy.conditions()
    best = _Best(policy.match_figures, fits)
    points = []
    for key, name, grade, beds, region, city in hospitals:
        product, match = best.of(key, grade)
        if product is None:
            continue
        place = places.get(region)
        growth = place.growth if place is not None else rules.UNKNOWN
        found = rules.Hospital(name, city, grade, beds, incidence.get(region, {}))
        points.append(
            Point(
                key, name, grade, beds, region, product, match,
                rules.quadrant(growth, match.points, growth_cut=policy.growth_cut, match_cut=policy.match_cut),
                tuple(rules.applying(conditions, found)),
            )
        )  # fmt: skip
    points.sort(key=lambda point: (-point.match.points, -(point.beds or 0), point.institution))
    tally = Counter((point.region, point.quadrant, point.match.points) for point in points)
    regions = {point.region for point in points}
    analysis = Analysis(
        as_of, policy, gathered.rules_policy, gathered.versions, gathered.sales.fingerprint,
        {code: place for code, place in places.items() if code in regions}, products,
        [(*where, count) for where, count in sorted(tally.items())],
    )  # fmt: skip
    return analysis, points


# Hospitals and their regions: a city where the place says one, else the province.
_REGION = (
    "CASE WHEN split_part(d.path, '/', 3) <> '' THEN split_part(d.path, '/', 3) ELSE split_part(d.path, '/', 2) END"
)


def _hospitals() -> list[tuple[int, str, str, int | None, str, str]]:
    """Return id, name, grade, beds, code and name of the region of every hospital in view."""
    seen: Any = Institution.objects.filter(kind=Institution.Kind.HOSPITAL, archived_at=None, merged_into=None)
    sql, params = _scoped(seen)
    return _rows(
        f"""
        SELECT i.id, i.name, i.grade, i.beds, coalesce({_REGION}, ''),
               regexp_replace(coalesce(r.name, ''), '市$', '')
        FROM customers_institution i
        LEFT JOIN catalog_division d ON d.id = i.division_id
        LEFT JOIN catalog_division r ON r.code = {_REGION}
        WHERE i.id IN ({sql})
        """,  # noqa: S608 — the scope of the actor, as Django builds it
        params,
    )


def _customers_by_region() -> pa.Table:
    """Return customer and region of every institution in view, whatever its kind."""
    seen: Any = Institution.objects.filter(archived_at=None, division__isnull=False)
    sql, params = _scoped(seen)
    found = _rows(
        f"SELECT i.id, {_REGION} FROM customers_institution i JOIN catalog_division d ON d.id = i.division_id"  # noqa: S608
        f" WHERE i.id IN ({sql})",
        params,
    )
    keys, regions = zip(*found, strict=True) if found else ((), ())
    return pa.table({"customer": pa.array(keys, pa.int64()), "region": pa.array(regions, pa.string())})


def _scoped(rows: Any) -> tuple[str, Any]:
    """Return the query for the ids of rows on which the actor may see purchases, as Django builds it."""
    try:
        found: tuple[str, Any] = rows.allowed(SEE).order_by().values("pk").query.sql_with_params()
    except EmptyResultSet:  # nothing is in reach
        return "SELECT NULL::bigint WHERE false", ()
    return found


def _rows(sql: str, params: Any = ()) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        found: list[Any] = cursor.fetchall()
    return found


def _places(
    products: Mapping[int, str], taken: Snapshot, policy: TargetPolicy, as_of: date
) -> tuple[dict[str, Place], dict[str, dict[str, Decimal]]]:
    """Return the regions by code, and the growth of incidence by region and disease code."""
    sold = _sold(taken, list(products), as_of)
    market, incidence = _published(list(products))
    divisions = {
        code: (pk, name, path)
        for pk, code, name, path in Division.unscoped.filter(level__in=("province", "city")).values_list(
            "pk", "code", "full_name", "path"
        )
    }
    found = {}
    rising: dict[str, dict[str, Decimal]] = {}
    for code, (pk, name, path) in divisions.items():
        above = path.split("/")[1]
        own = sold.get(code)
        by_sales = rules.UNKNOWN
        if own is not None:
            by_sales = rules.sales_growth(
                own, fewest_buyers=policy.fewest_buyers, least_amount=policy.least_amount, cut=policy.growth_cut
            )
        by_market = rules.largest_market(market.get(code) or market.get(above) or {})
        first, second = (by_market, by_sales) if policy.prefers_market else (by_sales, by_market)
        found[code] = Place(pk, code, name, first if first.is_usable else second, by_sales, by_market, own)
        rising[code] = {**incidence.get(above, {}), **incidence.get(code, {})}
    return found, rising


def _sold(taken: Snapshot, products: list[int], as_of: date) -> dict[str, rules.Sold]:
    """Return what each region bought, from the mirror."""
    from yaomai.engine.backends import arrow_table, connected
    from yaomai.engine.growth import regional_growth
    from yaomai.engine.metrics import sales_lines

    files = taken.files(start=window_starts(as_of)[24])
    if not files:
        return {}
    with TemporaryDirectory(prefix="yaomai-insights-") as folder, connected() as engine:
        lines = sales_lines(engine.read_parquet([str(path) for path in files]))
        places = arrow_table(engine, _customers_by_region(), folder, "places")
        rows = regional_growth(lines, places, as_of=as_of, products=products).to_pyarrow().to_pylist()
    return {
        row["region"]: rules.Sold(row["amount"], row["prior"], row["buyers"], row["largest"], row["largest_prior"])
        for row in rows
    }


def _published(products: list[int]) -> tuple[dict[str, dict[Any, dict[int, Decimal]]], dict[str, dict[str, Decimal]]]:
    """Return market sizes by region, market and year for the products, and growth of incidence by region and disease."""
    diseases = set(Indication.objects.filter(products__in=products).values_list("pk", flat=True))
    classes = set(Product.objects.filter(pk__in=products).exclude(class_name="").values_list("class_name", flat=True))
    market: dict[str, dict[Any, dict[int, Decimal]]] = {}
    cases: dict[str, dict[str, dict[int, Decimal]]] = {}
    rows = MarketFigure.unscoped.filter(archived_at=None).order_by("pk")
    for code, kind, disease, icd, name, year, value in rows.values_list(
        "division__code", "kind", "indication_id", "indication__code", "class_name", "year", "value"
    ):
        if kind == MarketFigure.Kind.INCIDENCE:
            if icd:
                cases.setdefault(code, {}).setdefault(icd, {})[year] = value
        elif disease in diseases or name in classes:
            market.setdefault(code, {}).setdefault(disease or name, {})[year] = value
    growing = {
        code: {
            icd: growth.rate
            for icd, values in by_disease.items()
            if (growth := rules.market_growth(values)).rate is not None
        }
        for code, by_disease in cases.items()
    }
    return market, growing


@dataclass(frozen=True, slots=True)
class _Fits:
    """What is known of hospitals for the match: targets and patients by (hospital, product), departments by hospital."""

    products: Sequence[int]
    targets: frozenset[tuple[int, int]]
    patients: Mapping[tuple[int, int], int]
    with_departments: frozenset[int]


def _fits(products: list[int]) -> _Fits:
    targets = _rows(
        """
        SELECT DISTINCT d.institution_id, t.product_id FROM customers_department d
        JOIN catalog_product_departments t ON t.standarddepartment_id = d.standard_id AND t.product_id = ANY(%s)
        WHERE d.archived_at IS NULL
        """,
        [products],
    )
    patients = _rows(
        """
        SELECT p.institution_id, t.product_id, sum(p.patients)::int FROM (
            SELECT DISTINCT ON (department_id, indication_id) institution_id, indication_id, patients
            FROM customers_patientpopulation WHERE archived_at IS NULL
            ORDER BY department_id, indication_id, estimated_on DESC, id DESC
        ) p JOIN catalog_product_indications t ON t.indication_id = p.indication_id AND t.product_id = ANY(%s)
        GROUP BY 1, 2
        """,
        [products],
    )
    known = _rows("SELECT DISTINCT institution_id FROM customers_department WHERE archived_at IS NULL")
    return _Fits(
        products,
        frozenset(targets),
        {(key, product): count for key, product, count in patients},
        frozenset(key for (key,) in known),
    )


class _Best:
    """Finds the product that fits a hospital best; of equals the first."""

    def __init__(self, figures: rules.MatchFigures, fits: _Fits) -> None:
        self.figures, self.fits = figures, fits

    def of(self, key: int, grade: str) -> tuple[int | None, rules.Match]:
        best: tuple[int | None, rules.Match] = (None, rules.Match(None, None, None))
        for product in self.fits.products:
            found = rules.match(
                has_target=(key, product) in self.fits.targets,
                knows_departments=key in self.fits.with_departments,
                patients=self.fits.patients.get((key, product)),
                grade=grade,
                figures=self.figures,
            )
            if best[0] is None or found.points > best[1].points:
                best = (product, found)
        return best
