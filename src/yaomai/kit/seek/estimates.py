"""What the planner expects: a count over millions takes longer than the page that shows it."""

import json
from typing import Any, NamedTuple

from django.core.exceptions import EmptyResultSet
from django.db.models import QuerySet


class Estimate(NamedTuple):
    """How many rows there are, and what finding all of them costs: about 1 for each row that is read anywhere."""

    rows: int
    cost: float


def estimated(queryset: QuerySet[Any], *columns: str) -> Estimate:
    """Ask the planner about a queryset and the columns to sort it by; it reads none of the rows.

    Finding a row by an index may be cheap, and reading a column that the index lacks dear.
    """
    plain = queryset.order_by().values("pk", *columns)
    try:
        plain.query.get_compiler(plain.db).as_sql()
    except EmptyResultSet:
        return Estimate(0, 0.0)
    plan = json.loads(plain.explain(format="json"))[0]["Plan"]
    return Estimate(int(plan["Plan Rows"]), float(plan["Total Cost"]))
