"""Files of sales flow as the importer takes them."""

import csv
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest

from yaomai.commerce import names
from yaomai.commerce.importers.flow import SalesFlowImporter
from yaomai.commerce.models import FlowBatch, SalesLine, SourceName
from yaomai.commerce.policies import MatchingPolicy
from yaomai.commerce.services import intake
from yaomai.kit.access import acting
from yaomai.kit.errors import Invalid
from yaomai.kit.phrases import rendered
from yaomai.kit.transfer import services
from yaomai.kit.transfer.models import Import

from .conftest import NOW, Market

HEADINGS = ["配送商", "日期", "医院名称", "产品", "规格", "数量", "金额"]


def run(market: Market, path: Path, lines: Sequence[Sequence[str]]) -> Import:
    with path.open("w", newline="") as stream:
        csv.writer(stream).writerows([HEADINGS, *lines])
    with acting(market.actor):
        row = services.import_upload(
            actor=market.actor, now=NOW, importer="commerce.flow", path=path, file_name=path.name
        )
        services.import_map(actor=market.actor, now=NOW, pk=row.pk, mapping=row.mapping)
        services.import_check(actor=market.actor, now=NOW, pk=row.pk)
        done: Import = services.import_apply(actor=market.actor, now=NOW, pk=row.pk)
    return done


def line(buyer: str, quantity: str = "10") -> list[str]:
    return ["安东九州医药有限公司", "2026-10-08", buyer, "安衡平", "5mg×28片", quantity, "368.00"]


@pytest.mark.parametrize("buyer", ["张伟医生", "心内科李主任", "Dr. Wang"])
def test_a_doctor_among_the_buyers_is_refused_and_the_rest_is_taken(market: Market, tmp_path: Path, buyer: str) -> None:
    lines = [
        line("江城市第一人民医院"),
        *(line("江城市第二人民医院", str(number)) for number in range(30)),
        line(buyer, "7"),
    ]
    lines += [line(f"江城市{number}号药店") for number in range(30)]
    done = run(market, tmp_path / "流向.csv", lines)
    assert (done.created_count, done.refused_count) == (61, 1)
    (problem,) = done.result["problems"]
    assert (problem["code"], problem["value"], problem["place"][1:]) == ("doctor_as_buyer", buyer, [33, "C"])
    assert not SourceName.unscoped.filter(name=buyer).exists()
    assert SalesLine.unscoped.count() == 61


def test_names_that_the_check_matched_are_not_matched_again(
    market: Market, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []
    kept: dict[str, pa.Table] = {}

    def counted(keys: Sequence[names.Key], policy: MatchingPolicy, *, region: str) -> dict[names.Key, names.Reading]:
        asked.append(len(keys))
        return names.institution_readings(keys, policy, region=region)

    def recall(name: str, make: Callable[[], pa.Table]) -> pa.Table:
        if name not in kept:
            kept[name] = make()
        return kept[name]

    monkeypatch.setattr(intake, "institution_readings", counted)
    written = [line("张伟医生"), *map(line, ("江城市第一人民医院", "江城第一医院"))]
    written += [line(f"江城市{number}号药店") for number in range(30)]
    done = run(market, tmp_path / "流向.csv", written)
    with acting(market.actor):
        services.import_undo(actor=market.actor, now=NOW, pk=done.pk)
        SalesLine.unscoped.all().delete()
        SourceName.unscoped.all().delete()
        context = replace(services.context_of(done, market.actor, NOW), recall=recall)
        asked.clear()
        first, second = (SalesFlowImporter().check(services.table_of(done), context) for _each in range(2))
    assert asked == [32]
    assert first.problems.counts() == second.problems.counts() == [("buyer", "doctor_as_buyer", 1)]
    (one,), (other,) = first.plan.plans, second.plan.plans
    assert one.buyers == other.buyers
    assert one.table.equals(other.table) and one.fingerprint == other.fingerprint


def test_a_file_keeps_its_name_and_one_of_the_same_days_is_announced(market: Market, tmp_path: Path) -> None:
    first = run(market, tmp_path / "十月.csv", [line("江城市第一人民医院", str(number)) for number in range(1, 9)])
    assert FlowBatch.unscoped.get().file_name == "十月.csv"
    assert first.result["notices"] == []
    second = run(market, tmp_path / "另一仓.csv", [line("江城市第二人民医院", str(number)) for number in range(50, 58)])
    (notice,) = map(rendered, second.result["notices"])
    assert "十月.csv" in notice
    assert SalesLine.unscoped.filter(is_active=True).count() == 16


def test_a_distributor_that_is_none_is_refused_before_the_file_is_kept(market: Market, tmp_path: Path) -> None:
    path = tmp_path / "流向.csv"
    path.write_text("日期,医院名称,产品,数量\n2026-10-08,江城市第一人民医院,安衡平,10\n")
    with acting(market.actor), pytest.raises(Invalid) as refused:
        services.import_upload(
            actor=market.actor, now=NOW, importer="commerce.flow", path=path, file_name=path.name,
            options={"distributor": "没有这家公司"},
        )  # fmt: skip
    assert list(refused.value.fields) == ["distributor"]
    assert not Import.unscoped.exists()
