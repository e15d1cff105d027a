"""Two people at once: real connections, real commits."""

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db import connections, transaction

from yaomai.kit.access import acting, system_actor
from yaomai.kit.errors import Conflict
from yaomai.kit.runs import kinds, register_kind
from yaomai.kit.runs.models import Run
from yaomai.kit.runs.services import run_finish, run_publish, run_start

NOW = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)
SYSTEM = system_actor("test", "a test asks")
WENT_IN: dict[str, Any] = {
    "parameters": {}, "as_of": date(2026, 10, 31), "inputs": {}, "policies": {}, "engine_version": "1.0",
}  # fmt: skip


@pytest.fixture(autouse=True)
def trial_kinds(own_database: str) -> Iterator[None]:
    for kind in ("trial.published", "trial.started"):
        register_kind(kind, label=kind)
    yield
    for kind in ("trial.published", "trial.started"):
        kinds.forget(kind)


def at_once(*works: Callable[[], object]) -> list[object]:
    """Do all at the same moment; return what each gave or the name of its refusal."""
    ready, outcomes = threading.Barrier(len(works)), []

    def run(work: Callable[[], object]) -> None:
        try:
            ready.wait(10)
            outcomes.append(work())
        except Conflict as error:
            outcomes.append(type(error).__name__)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return outcomes


def test_two_people_publish_at_once() -> None:
    rivals = []
    for seed in (1, 2):
        run, _is_new = run_start(actor=SYSTEM, now=NOW, kind="trial.published", seed=seed, **WENT_IN)
        rivals.append(run_finish(actor=SYSTEM, pk=run.pk, result={}, now=NOW).pk)

    def publish(pk: int) -> int:
        with acting(SYSTEM), transaction.atomic():
            return run_publish(actor=SYSTEM, pk=pk, now=NOW).pk

    outcomes = at_once(*(lambda pk=pk: publish(pk) for pk in rivals))
    assert "PublishedMeanwhile" in outcomes
    [in_force] = Run.unscoped.filter(kind="trial.published", published_at__isnull=False, superseded_at__isnull=True)
    assert in_force.pk in outcomes


def test_two_people_start_the_same_at_once() -> None:
    def start() -> object:
        run, is_new = run_start(actor=SYSTEM, now=NOW, kind="trial.started", **WENT_IN)
        return run.pk, is_new

    outcomes: Any = at_once(start, start)
    assert len({pk for pk, _is_new in outcomes}) == 1
    assert sorted(is_new for _pk, is_new in outcomes) == [False, True]
