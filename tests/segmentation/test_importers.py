"""Assessments from a sheet: one row for a customer, one column for each attribute."""

import csv
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.access import world as access

from yaomai.kit.access import acting, system_actor
from yaomai.kit.transfer.command import import_file
from yaomai.kit.transfer.services import import_undo
from yaomai.segmentation.models import Assessment

pytestmark = pytest.mark.django_db
ACTOR = system_actor("test", "an example")
NOW = access.NOW
LATER = NOW + timedelta(days=1)


@pytest.fixture
def bring_in(tmp_path: Path) -> Callable[..., Any]:
    """Make two hospitals, and return how to import assessments of institutions."""
    from yaomai.customers.services import institution_create

    with acting(ACTOR):
        for name in ("江城一院", "江城二院"):
            institution_create(actor=ACTOR, now=NOW, name=name, kind="hospital")

    def run(rows: Sequence[dict[str, str]], **more: Any) -> Any:
        path = tmp_path / "file.csv"
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
        name = "segmentation.institution_assessment"
        return import_file(**({"actor": ACTOR, "now": NOW, "path": path, "importer": name, "source": "季度会"} | more))

    return run


def counted(done: Any) -> tuple[int, int, int, int]:
    return done.created_count, done.updated_count, done.unchanged_count, done.refused_count


def values() -> dict[tuple[str, str], Any]:
    rows = Assessment.unscoped.filter(superseded_at=None).select_related("institution")
    return {(row.institution.name, row.attribute): row.value for row in rows}


def test_assessments_come_in_supersede_and_are_undone(bring_in: Callable[..., Any]) -> None:
    rows = [
        {"医院": "江城一院", "决策影响力": "80", "政策标签": "高毛利市场", "评估日期": "2026-11-01", "来源": "访谈"},
        {"医院": "江城二院", "决策影响力": "62.5", "政策标签": "无", "评估日期": "", "来源": ""},
    ]
    done = bring_in(rows)
    assert counted(done) == (2, 0, 0, 0), done.result["problems"]
    assert values() == {
        ("江城一院", "decision_influence"): 80, ("江城一院", "tags"): ["high_margin"],
        ("江城二院", "decision_influence"): 62.5, ("江城二院", "tags"): [],
    }  # fmt: skip
    assert set(Assessment.unscoped.values_list("source", flat=True)) == {"访谈", "季度会"}
    assert counted(bring_in(rows, now=LATER)) == (0, 0, 2, 0)
    newer = bring_in([rows[0] | {"决策影响力": "90", "评估日期": "2026-11-10"}], now=LATER)
    assert counted(newer) == (0, 1, 0, 0)
    import_undo(actor=ACTOR, now=LATER, pk=newer.pk)
    assert values()["江城一院", "decision_influence"] == 80
    import_undo(actor=ACTOR, now=LATER, pk=done.pk)
    assert not Assessment.unscoped.exists()


def test_what_cannot_be_is_refused_at_its_cell(bring_in: Callable[..., Any]) -> None:
    bring_in([{"医院": "江城一院", "决策影响力": "80", "评估日期": "2026-11-01"}])
    done = bring_in(
        [
            {"医院": "江城一院", "决策影响力": "70", "政策标签": "", "评估日期": "2026-10-01"},
            {"医院": "江城二院", "决策影响力": "101", "政策标签": "", "评估日期": ""},
            {"医院": "没有的医院", "决策影响力": "50", "政策标签": "", "评估日期": ""},
            {"医院": "江城二院", "决策影响力": "", "政策标签": "没有的标签", "评估日期": ""},
            {"医院": "江城二院", "决策影响力": "", "政策标签": "", "评估日期": "2027-01-01"},
        ],
        now=LATER,
    )
    assert counted(done) == (0, 0, 0, 5)
    assert [(each["place"][1], each["column"], each["code"]) for each in done.result["problems"]] == [
        (2, "decision_influence", "segmentation.newer"), (3, "decision_influence", "maximum"), (4, "customer", "unknown"),
        (5, "tags", "segmentation.value"), (6, "assessed_on", "segmentation.future"),
    ]  # fmt: skip
    assert values() == {("江城一院", "decision_influence"): 80}
