"""Proposed tier changes that a region sends in as a file, before the meeting and into it."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from yaomai.kit.access import acting
from yaomai.kit.audit.models import Entry
from yaomai.kit.transfer.command import import_file
from yaomai.kit.transfer.services import import_undo
from yaomai.segmentation import services
from yaomai.segmentation.importers import TierChangeImporter
from yaomai.segmentation.models import TierChange

from .conftest import NOW, TODAY
from .test_review import RIGHTS, east, opened, person  # noqa: F401 - a fixture

pytestmark = pytest.mark.django_db
IMPORTER = RIGHTS | {"transfer.import:import", "transfer.import:view"}
HEAD = "医院,医生,分层方案,调整后等级,调整理由\n"


@pytest.fixture
def bring_in(tmp_path: Path) -> Callable[..., Any]:
    """Return how a file of proposals is imported by somebody."""

    def run(who: Any, lines: Sequence[str]) -> Any:
        path = tmp_path / "proposals.csv"
        path.write_text(HEAD + "\n".join(lines), encoding="utf-8")
        with acting(who):
            return import_file(actor=who, now=NOW, path=path, importer="segmentation.change", source="东区")

    return run


def counted(done: Any) -> tuple[int, int, int, int]:
    return done.created_count, done.updated_count, done.unchanged_count, done.refused_count


def test_proposals_of_a_file_come_onto_the_agenda_and_go_with_its_undo(
    east: dict[str, Any], bring_in: Callable[..., Any]  # noqa: F811
) -> None:  # fmt: skip
    cai = person("cai", rights=IMPORTER)
    with acting(cai):
        meeting = services.meeting_open(actor=cai, territory=east["east"], held_on=TODAY, now=NOW)
    lines = ["江城市甲州医院,,四级分层,核心客户,新院区开诊", "江城市乙州医院,,客户四级分层,strategic,区域标杆"]
    done = bring_in(cai, lines)
    assert counted(done) == (2, 0, 0, 0), done.result["problems"]
    rows = TierChange.unscoped.order_by("pk")
    assert [(row.customer.name, row.tier, row.reason, row.meeting, row.state) for row in rows] == [
        ("江城市甲州医院", "core", "新院区开诊", meeting, "open"), ("江城市乙州医院", "strategic", "区域标杆", meeting, "open"),
    ]  # fmt: skip
    assert Entry.unscoped.filter(code="segmentation.change:propose", outcome="done").count() == 2
    assert counted(bring_in(cai, lines)) == (0, 0, 2, 0), "the same file again adds nothing"
    bob = person("bob")
    with acting(bob):
        services.changes_decide(actor=bob, meeting=meeting.pk, pks=[rows[0].pk], accept=True, reason="同意", now=NOW)
    with acting(cai):
        undone = import_undo(actor=cai, now=NOW, pk=done.pk)
    assert (undone.result["removed"], len(undone.result["kept"])) == (1, 1), "what is decided stays"
    assert [row.customer.name for row in TierChange.unscoped.all()] == ["江城市甲州医院"]


def test_what_cannot_be_proposed_is_refused_by_its_cell(
    east: dict[str, Any], bring_in: Callable[..., Any]  # noqa: F811
) -> None:  # fmt: skip
    opened(east)
    ann = person("cai", east["east"].pk, rights=IMPORTER)
    lines = [
        "江城市甲州医院,,四级分层,战略客户,另一个提议",  # proposed already
        "江城市丙州医院,,四级分层,核心客户,不在本区",
        "江城市甲州医院,,没有的方案,核心客户,x",
        "江城市甲州医院,,四级分层,没有的等级,x",
        ",,四级分层,核心客户,没有客户",
    ]
    before = TierChange.unscoped.count()
    done = bring_in(ann, lines)
    assert counted(done) == (0, 0, 0, 5)
    assert [each["column"] for each in done.result["problems"]] == [
        "institution", "institution", "scheme", "tier", "institution",
    ]  # fmt: skip
    assert TierChange.unscoped.count() == before


def test_an_agenda_goes_out_as_it_comes_in(east: dict[str, Any], bring_in: Callable[..., Any]) -> None:  # noqa: F811
    opened(east)
    cai = person("cai", rights=IMPORTER)
    with acting(cai):
        lines = list(TierChangeImporter().lines(list(TierChange.unscoped.order_by("pk"))))
    assert [(line["institution"], line["tier_before"], line["tier"]) for line in lines] == [
        ("江城市甲州医院", "潜力客户", "核心客户"), ("江城市乙州医院", "潜力客户", "普通客户"), ("江城市丙州医院", "潜力客户", "核心客户"),
    ]  # fmt: skip
    told = [
        ",".join(line[name] for name in ("institution", "professional", "scheme", "tier", "reason")) for line in lines
    ]
    assert counted(bring_in(cai, told)) == (0, 0, 3, 0)
