"""What a run of sales forecasts reads: sales flow by place, product and group, by month; and the rhythm of orders."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from yaomai.commerce.datasets import SALES
from yaomai.commerce.panels import first_month
from yaomai.customers.models import Institution
from yaomai.insights.forecast.policies import ForecastPolicy
from yaomai.insights.models.forecasts import GROUPS, Group
from yaomai.kit.policies.selectors import policy_on
from yaomai.kit.warehouse import Snapshot, snapshot
from yaomai.organization.models import Territory

NOWHERE = 0
"""The place of customers without a territory."""
WINDOW = 90


@dataclass(frozen=True, slots=True)
class Gathered:
    """Everything a run reads. `above`: of each lowest place, the places above it, itself included."""

    as_of: date
    policy: ForecastPolicy
    versions: dict[str, int | None]
    sales: Snapshot
    customers: tuple[tuple[int, int, str], ...]
    """(institution, lowest place, group)"""
    above: Mapping[int, tuple[int, ...]]

    def fingerprints(self) -> dict[str, str]:
        """Return what tells two gatherings apart."""
        places = repr((self.customers, sorted(self.above.items())))
        return {SALES.name: self.sales.fingerprint, "places": hashlib.sha256(places.encode()).hexdigest()}


def gather(as_of: date) -> Gathered:
    """Read what is known by a day."""
    policy, version = policy_on(ForecastPolicy, on=as_of)
    places = _places(policy.level)
    rows = Institution.unscoped.filter(merged_into=None).order_by("pk").values_list("pk", "territory", "kind")
    customers = tuple(
        (pk, places.get(territory, (NOWHERE,))[-1], GROUPS.get(kind, Group.OTHER)) for pk, territory, kind in rows
    )
    above = {way[-1]: way for way in places.values()} | {NOWHERE: (NOWHERE,)}
    versions = {ForecastPolicy.name: version.number if version is not None else None}
    return Gathered(as_of, policy, versions, snapshot(SALES), customers, above)


def _places(level: str) -> dict[int, tuple[int, ...]]:
    """Return, of every territory, the places from the top down to the lowest that is forecast."""
    ranks = [Territory.Level.COMPANY, Territory.Level.REGION, Territory.Level.AREA, Territory.Level.DISTRICT]
    kept = ranks[: ranks.index(Territory.Level(level)) + 1]
    levels = dict(Territory.unscoped.values_list("pk", "level"))
    found = {}
    for pk, path in Territory.unscoped.values_list("pk", "path"):
        way = tuple(key for part in path.split("/") if part and levels.get(key := int(part)) in kept)
        if way:
            found[pk] = way
    return found


@dataclass(frozen=True, slots=True)
class Sold:
    """Sales by (place, product, group) and number of the month; the first and the last month, the last day."""

    by_month: dict[tuple[int, int, str], dict[int, float]]
    first: date
    last: date
    last_day: date

    @property
    def periods(self) -> int:
        return (self.last.year - self.first.year) * 12 + self.last.month - self.first.month + 1


def read(gathered: Gathered) -> tuple[Sold | None, list[dict[str, Any]]]:
    """Return the sales by month and the signs of stock; None without a whole month of sales."""
    from yaomai.engine.backends import connected

    first = first_month(gathered.as_of, gathered.policy.history)
    files = [str(path) for path in gathered.sales.files(start=first, end=gathered.as_of + timedelta(days=1))]
    if not files:
        return None, []
    import pyarrow as pa

    keys, places, groups = zip(*gathered.customers, strict=True)
    customers = pa.table({"customer": pa.array(keys, pa.int64()), "place": pa.array(places, pa.int64()),
                          "kind": pa.array(groups, pa.string())})  # fmt: skip
    with connected() as engine:
        engine.con.register("customers", customers)
        bind = {"files": files, "first": first, "end": gathered.as_of.replace(day=1)}
        rows = engine.con.execute(MONTHLY, bind).fetchall()
        last_day = engine.con.execute(
            "SELECT max(date) FROM read_parquet($files) WHERE date <= $day",
            {"files": files, "day": gathered.as_of},
        ).fetchone()[0]
        signs = _signs(engine.con, files, last_day, gathered.policy) if last_day else []
    if not rows:
        return None, signs
    begin, end = min(row[3] for row in rows), max(row[3] for row in rows)
    found: dict[tuple[int, int, str], dict[int, float]] = {}
    for place, product, kind, month, amount in rows:
        number = (month.year - begin.year) * 12 + month.month - begin.month
        found.setdefault((place, product, kind), {})[number] = float(amount)
    return Sold(found, begin, end, last_day), signs


# The month of `as_of` is not over, and a part of a month says nothing about it.
MONTHLY = """
SELECT c.place, l.product, c.kind, date_trunc('month', l.date)::date AS month, sum(l.amount)
FROM read_parquet($files) l JOIN customers c ON c.customer = l.customer
WHERE l.date >= $first AND l.date < $end AND l.product IS NOT NULL GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
"""
RHYTHM = """
WITH days AS (
    SELECT l.customer, l.product, l.date, sum(l.quantity) AS quantity, sum(l.amount) AS amount
    FROM read_parquet($files) l JOIN customers c ON c.customer = l.customer
    WHERE l.date > $start AND l.date <= $until AND l.product IS NOT NULL GROUP BY 1, 2, 3
), orders AS (
    SELECT customer, product, count(*) FILTER (quantity > 0) AS orders, min(date) FILTER (quantity > 0) AS first_on,
           max(date) FILTER (quantity > 0) AS last_on, arg_max(quantity, date) FILTER (quantity > 0) AS last_quantity,
           sum(quantity) AS quantity, coalesce(sum(quantity) FILTER (date > $recent), 0) AS bought,
           coalesce(sum(amount) FILTER (date > $year), 0) AS money
    FROM days GROUP BY 1, 2
)
SELECT customer, product, orders, first_on, last_on, last_quantity, quantity, bought, money FROM orders
WHERE orders >= $fewest AND last_on > first_on AND quantity > last_quantity ORDER BY 1, 2
"""


def _signs(connection: Any, files: list[str], until: date, policy: ForecastPolicy) -> list[dict[str, Any]]:
    """Return where the rhythm of orders says that stock may be over or too much."""
    from yaomai.insights.forecast.stock import stock_sign

    rows = connection.execute(RHYTHM, {
        "files": files, "start": until - timedelta(days=365), "until": until, "year": until - timedelta(days=365),
        "recent": until - timedelta(days=WINDOW), "fewest": policy.fewest_orders,
    }).fetchall()  # fmt: skip
    found = []
    for customer, product, orders, first_on, last_on, last_quantity, quantity, bought, money in rows:
        sign = stock_sign(
            orders=orders, first_on=first_on, last_on=last_on, last_quantity=last_quantity, quantity=quantity,
            bought=bought, until=until, window=WINDOW, run_out_times=policy.run_out_times,
            overstock_times=policy.overstock_times, most_silent_days=policy.most_silent_days,
        )  # fmt: skip
        if sign is not None:
            found.append({"institution_id": customer, "product_id": product, "money": money, "last_on": last_on,
                          "bought": bought} | sign)  # fmt: skip
    return found
