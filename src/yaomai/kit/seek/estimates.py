"""How many rows the planner expects: a count over millions takes longer than the page that shows it."""

import json
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db.models import QuerySet


def estimated(queryset: QuerySet[Any]) -> int:
    """Return how many rows the planner expects; it reads none of them."""
    plain = queryset.order_by().values("pk")
    try:
        plain.query.get_compiler(plain.db).as_sql()
    except EmptyResultSet:
        return 0
    return int(json.loads(plain.explain(format="json"))[0]["Plan"]["Plan Rows"])
