"""Publication meets an undo, a clock that goes back, and files that are gone; nothing is lost or half-written."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connections

from yaomai.customers.models import Institution
from yaomai.kit.acts import GoneMeanwhile
from yaomai.kit.audit.verify import verify
from yaomai.kit.runs.models import Run
from yaomai.kit.runs.services import ClockBehind
from yaomai.kit.transfer.command import import_file
from yaomai.kit.transfer.services import NothingToUndo, import_undo
from yaomai.segmentation.models import TierAssignment
from yaomai.segmentation.services import publishing, tiers_publish

from .conftest import NOW, Market

LATER = NOW + timedelta(hours=1)


def in_force() -> list[tuple[Any, ...]]:
    rows = TierAssignment.unscoped.filter(valid_to=None)
    return sorted(rows.values_list("scheme", "tier", "institution_id", "run_id"))


@pytest.fixture
def imported(market: Market, tmp_path: Path) -> Any:
    """Bring in one more hospital by a file."""
    path = tmp_path / "名单.csv"
    path.write_text("机构名称,等级\n江城市新州医院,三甲\n", encoding="utf-8")
    return import_file(actor=market.actor, now=NOW, path=path, importer="customers.institution")


def test_an_import_is_undone_while_its_hospital_gets_its_tiers(
    market: Market, compute: Callable[..., Any], imported: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = compute(publish=False)
    new = Institution.unscoped.get(name="江城市新州医院")
    written, may_end = threading.Event(), threading.Event()
    overtake = publishing.overtake

    def slowly(*args: Any) -> None:
        written.set()
        assert may_end.wait(30)
        overtake(*args)

    def publish() -> None:
        try:
            tiers_publish(actor=market.actor, pk=run.pk, now=LATER)
        finally:
            connections.close_all()

    monkeypatch.setattr(publishing, "overtake", slowly)
    with ThreadPoolExecutor(1) as threads:
        publishing_it = threads.submit(publish)
        assert written.wait(30), publishing_it.exception(1)
        try:
            undone = import_undo(actor=market.actor, now=LATER, pk=imported.pk)
        finally:
            may_end.set()
        with pytest.raises(GoneMeanwhile):
            publishing_it.result(30)
    assert (undone.result["removed"], undone.result["kept"]) == (1, [])
    assert in_force() == []
    assert Run.unscoped.get(pk=run.pk).published_at is None

    monkeypatch.undo()
    tiers_publish(actor=market.actor, pk=run.pk, now=LATER)
    held = in_force()
    assert held
    assert new.pk not in {institution for _scheme, _tier, institution, _run in held}
    assert verify().findings == []


def test_what_has_tiers_stays_when_its_import_is_undone(
    market: Market, compute: Callable[..., Any], imported: Any
) -> None:
    compute()
    before = in_force()
    with pytest.raises(NothingToUndo):
        import_undo(actor=market.actor, now=LATER, pk=imported.pk)
    assert in_force() == before


def test_a_clock_that_goes_back_changes_nothing_and_is_said(
    market: Market, compute: Callable[..., Any], sell: Callable[[dict[int, int]], None]
) -> None:
    first = compute()
    before = in_force()
    sell({19: 90_000})
    second = compute(publish=False)
    with pytest.raises(ClockBehind, match=r"2026-11-19 12:00.*2026-11-21 12:00"):
        tiers_publish(actor=market.actor, pk=second.pk, now=NOW - timedelta(days=2), instead_of=first.pk)
    assert in_force() == before
    tiers_publish(actor=market.actor, pk=second.pk, now=NOW, instead_of=first.pk)
    assert in_force() != before
