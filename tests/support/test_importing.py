"""Requests come from the ticket system that a company had: resolved ones stay so, others run on here."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.support.acts_examples import BOSS, NOW, _hospital

from yaomai.kit.access import acting
from yaomai.kit.transfer.command import import_file
from yaomai.support.models import ServiceRequest

pytestmark = pytest.mark.django_db
SHEET = """受理时间,客户名称,工单类型,问题描述,受理渠道,处理结果,办结时间
2026-11-20 17:30,江城市第九医院,订单查询,订单何时发货,热线,已发货,2026/11/20 18:45
2026-11-21 08:00,江城市第九医院,complaint,送货总在中午,微信,,
2026-11-21,江城市第九医院,没有这一类,随便问问,热线,,
"""


def test_what_was_resolved_stays_so_and_the_rest_runs_on(tmp_path: Path) -> None:
    path = tmp_path / "工单.csv"
    path.write_text(SHEET, encoding="utf-8-sig")
    with acting(BOSS):
        _hospital()
        done = import_file(actor=BOSS, now=NOW, path=path, importer="support.request", source="旧工单系统")
    assert (done.created_count, done.refused_count) == (2, 1)
    resolved, running = ServiceRequest.unscoped.order_by("taken_at")
    assert (resolved.kind, resolved.state, resolved.resolved_at) == (
        "order_query", "resolved", datetime(2026, 11, 20, 10, 45, tzinfo=UTC),
    )  # fmt: skip
    assert (running.kind, running.state, running.channel, running.due_at) == (
        "complaint", "open", "wechat", datetime(2026, 11, 22, 0, 0, tzinfo=UTC),
    )  # fmt: skip
    assert running.next_step_at == datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
