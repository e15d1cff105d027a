"""The public lists of hospitals, pharmacies and divisions, through the path a user has."""

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from yaomai.customers.models import Institution, InstitutionContact, InstitutionName
from yaomai.kit.access import system_actor
from yaomai.kit.transfer.command import import_file

SHARED = Path(os.environ.get("YAOMAI_SHARED_DATA", Path(__file__).parents[3] / "shared" / "data"))
pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(not SHARED.exists(), reason=f"no shared data at {SHARED}; set YAOMAI_SHARED_DATA"),
]
NOW = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)


def bring_in(importer: str, name: str) -> Any:
    actor = system_actor("test", "real files")
    return import_file(actor=actor, now=NOW, path=SHARED / name, importer=importer, source="real")


def test_real_lists_come_in() -> None:
    for name, rows in (("provinces", 31), ("cities", 342), ("areas", 2978)):
        done = bring_in("catalog.division", f"divisions/{name}.csv")
        assert (done.created_count, done.refused_count) == (rows, 0)
    first = bring_in("customers.institution", "hospitals/national_first_3000.csv")
    assert (first.created_count, first.refused_count) == (3000, 0)
    assert Institution.unscoped.filter(division=None).count() == 0
    assert InstitutionName.unscoped.filter(name="卫生部中日友好医院", institution__name="中日友好医院").exists()
    again = bring_in("customers.institution", "hospitals/national_first_3000.csv")
    assert (again.unchanged_count, again.created_count, again.updated_count) == (3000, 0, 0)
    beijing = bring_in("customers.institution", "hospitals/beijing_hospitals_724.csv")
    assert beijing.refused_count == 0
    assert beijing.created_count + beijing.updated_count + beijing.unchanged_count == 724
    assert beijing.updated_count > 150
    shops = bring_in("customers.institution", "pharmacies/guangzhou_pharmacies.csv")
    assert (shops.created_count, shops.refused_count) == (166, 0)
    assert Institution.unscoped.filter(phone__regex=r"^1[3-9]\d{9}$").count() == 0
    assert InstitutionContact.unscoped.filter(masked__startswith="1").count() == 28
