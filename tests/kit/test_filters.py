"""Filters of lists: what the words of an address mean to the database."""

from datetime import date, datetime, time

import pytest
from django.db.models import Q
from django.utils import timezone

from yaomai.commerce.models import FlowBatch, SalesLine
from yaomai.compliance.models import Consent
from yaomai.kit.surfaces.filters import ARCHIVED, Filter, condition, resolve_filter


def test_the_last_day_of_a_range_counts_to_its_end() -> None:
    item = resolve_filter(FlowBatch, "taken_in_at")
    first, last = date(2026, 11, 1), date(2026, 11, 30)
    begin, end = (timezone.make_aware(datetime.combine(*each)) for each in ((first, time.min), (last, time.max)))
    values = {"taken_in_at_from": first, "taken_in_at_to": last}
    assert condition(item, values) == Q(taken_in_at__gte=begin) & Q(taken_in_at__lte=end)
    assert condition(item, {"taken_in_at_from": None, "taken_in_at_to": last}) == Q(taken_in_at__lte=end)
    day = resolve_filter(SalesLine, "sold_on")
    assert condition(day, {"sold_on_from": None, "sold_on_to": last}) == Q(sold_on__lte=last)


def test_archived_is_asked_of_a_moment() -> None:
    assert condition(resolve_filter(Consent, ARCHIVED), {"archived": "1"}) == Q(archived_at__isnull=False)
    with pytest.raises(ValueError, match="no yes or no"):
        resolve_filter(Consent, Filter("archived_at", kind="flag"))
