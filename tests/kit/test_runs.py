"""Runs: equal inputs are one run, one run of a kind is in force, history stays as it was."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from yaomai.kit.access import Actor, NoActor, acting, system_actor
from yaomai.kit.audit.models import Entry
from yaomai.kit.errors import Invalid, Missing
from yaomai.kit.phrases import phrase
from yaomai.kit.runs import kinds, register_kind
from yaomai.kit.runs.models import Run
from yaomai.kit.runs.selectors import run_compare, run_get, run_in_force, run_in_force_at, run_list
from yaomai.kit.runs.services import (
    NotFinished,
    NothingBefore,
    NotRunning,
    PublishedMeanwhile,
    run_fail,
    run_finish,
    run_publish,
    run_roll_back,
    run_start,
)

NOW = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)
SYSTEM = system_actor("test", "a test asks")
WENT_IN: dict[str, Any] = {
    "kind": "trial.tiers", "parameters": {"scheme": "four"}, "as_of": date(2026, 10, 31),
    "inputs": {"trial.lines": "3f"}, "policies": {"trial.cuts": 4}, "engine_version": "1.0",
}  # fmt: skip


@pytest.fixture(autouse=True)
def trial_kind() -> Iterator[None]:
    register_kind("trial.tiers", label="Tiers")
    register_kind("trial.secret", label="Secret", entity="trial.secret")
    yield
    kinds.forget("trial.tiers")
    kinds.forget("trial.secret")


def publish(**call: Any) -> Run:
    """Publish as a room's act does."""
    with acting(call["actor"]), transaction.atomic():
        return run_publish(**call)


def roll_back(**call: Any) -> Run:
    """Roll back as a room's act does."""
    with acting(call["actor"]), transaction.atomic():
        return run_roll_back(**call)


def finished(number: int, **options: Any) -> Run:
    run, _is_new = run_start(actor=SYSTEM, now=NOW, seed=number, **WENT_IN | options)
    return run_finish(actor=SYSTEM, pk=run.pk, result={"customers": number}, now=NOW)


class TestStart:
    def test_equal_inputs_are_the_same_run(self, db: None) -> None:
        first, is_new = run_start(actor=SYSTEM, now=NOW, **WENT_IN)
        assert (first.number, is_new, str(first)) == (1, True, "Tiers #1")
        again, is_new = run_start(actor=SYSTEM, now=NOW, **WENT_IN)
        assert (again.pk, is_new) == (first.pk, False)
        run_finish(actor=SYSTEM, pk=first.pk, result={}, now=NOW)
        assert run_start(actor=SYSTEM, now=NOW, **WENT_IN)[0].pk == first.pk

    @pytest.mark.parametrize(
        "difference",
        [
            {"seed": 1}, {"engine_version": "1.1"}, {"as_of": date(2026, 10, 30)}, {"parameters": {"scheme": "abc"}},
            {"inputs": {"trial.lines": "40"}}, {"policies": {"trial.cuts": None}}, {"kind": "trial.secret"},
        ],
    )  # fmt: skip
    def test_any_difference_is_another_run(self, db: None, difference: dict[str, Any]) -> None:
        first, _ = run_start(actor=SYSTEM, now=NOW, **WENT_IN)
        other, is_new = run_start(actor=SYSTEM, now=NOW, **WENT_IN | difference)
        assert is_new and other.fingerprint != first.fingerprint

    def test_what_failed_may_be_tried_again(self, db: None) -> None:
        first, _ = run_start(actor=SYSTEM, now=NOW, **WENT_IN)
        run_fail(actor=SYSTEM, pk=first.pk, error=phrase("No lines"), now=NOW)
        again, is_new = run_start(actor=SYSTEM, now=NOW, **WENT_IN)
        assert (is_new, again.number, again.fingerprint == first.fingerprint) == (True, 2, True)

    def test_the_future_is_not_known(self, db: None) -> None:
        with pytest.raises(Invalid):
            run_start(actor=SYSTEM, now=NOW, **WENT_IN | {"as_of": date(2026, 11, 22)})
        assert not Run.unscoped.exists()

    def test_compare_names_what_went_in_differently(self, db: None) -> None:
        first, _ = run_start(actor=SYSTEM, now=NOW, **WENT_IN)
        second, _ = run_start(actor=SYSTEM, now=NOW, **WENT_IN | {"policies": {"trial.cuts": 5}})
        assert run_compare(first=first, second=second) == {"policies.trial.cuts": (4, 5)}
        assert run_compare(first=first, second=first) == {}


class TestPublish:
    def test_one_is_in_force_and_the_past_is_known(self, db: None) -> None:
        first, second = finished(1), finished(2)
        assert run_in_force("trial.tiers") is None
        publish(actor=SYSTEM, pk=first.pk, now=NOW)
        later = NOW + timedelta(days=1)
        publish(actor=SYSTEM, pk=second.pk, now=later, instead_of=first.pk)
        assert run_in_force("trial.tiers") == second
        first.refresh_from_db()
        assert (first.superseded_at, first.superseded_by, first.is_in_force) == (later, second, False)
        assert run_in_force_at("trial.tiers", at=NOW - timedelta(seconds=1)) is None
        assert run_in_force_at("trial.tiers", at=NOW) == first
        assert run_in_force_at("trial.tiers", at=later) == second

    def test_second_publisher_is_told(self, db: None) -> None:
        first, second = finished(1), finished(2)
        publish(actor=SYSTEM, pk=first.pk, now=NOW)
        with pytest.raises(PublishedMeanwhile) as told:
            publish(actor=SYSTEM, pk=second.pk, now=NOW)
        assert told.value.params == {"person": "test", "run": "Tiers #1"}
        assert run_in_force("trial.tiers") == first

    def test_publishing_twice_changes_nothing(self, db: None) -> None:
        first = finished(1)
        publish(actor=SYSTEM, pk=first.pk, now=NOW)
        publish(actor=SYSTEM, pk=first.pk, now=NOW + timedelta(hours=1))
        first.refresh_from_db()
        assert first.published_at == NOW
        assert first.periods.count() == 1

    def test_only_finished_ones(self, db: None) -> None:
        run, _ = run_start(actor=SYSTEM, now=NOW, **WENT_IN)
        with pytest.raises(NotFinished):
            publish(actor=SYSTEM, pk=run.pk, now=NOW)
        run_fail(actor=SYSTEM, pk=run.pk, error=phrase("No lines"), now=NOW)
        with pytest.raises(NotFinished):
            publish(actor=SYSTEM, pk=run.pk, now=NOW)
        with pytest.raises(NotRunning):
            run_finish(actor=SYSTEM, pk=run.pk, result={}, now=NOW)

    def test_roll_back_goes_back_step_by_step(self, db: None) -> None:
        runs = [finished(number) for number in (1, 2, 3)]
        before = None
        for day, run in enumerate(runs):
            publish(actor=SYSTEM, pk=run.pk, now=NOW + timedelta(days=day), instead_of=before)
            before = run.pk
        back = NOW + timedelta(days=9)
        assert roll_back(actor=SYSTEM, pk=runs[2].pk, reason="wrong file", now=back) == runs[1]
        assert run_in_force("trial.tiers") == runs[1]
        assert run_in_force_at("trial.tiers", at=back - timedelta(days=1)) == runs[2]
        assert roll_back(actor=SYSTEM, pk=runs[1].pk, reason="wrong too", now=back) == runs[0]
        with pytest.raises(NothingBefore):
            roll_back(actor=SYSTEM, pk=runs[0].pk, reason="all wrong", now=back)
        with pytest.raises(PublishedMeanwhile):
            roll_back(actor=SYSTEM, pk=runs[2].pk, reason="again", now=back)
        with pytest.raises(Invalid):
            roll_back(actor=SYSTEM, pk=runs[0].pk, reason=" ", now=back)

    def test_the_entry_is_left_to_the_act_of_the_room(self, db: None) -> None:
        run = finished(1)
        publish(actor=SYSTEM, pk=run.pk, now=NOW)
        codes = list(Entry.unscoped.order_by("pk").values_list("code", flat=True))
        assert codes == ["runs.run:run", "runs.run:finish"]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE runs_run SET result = '{}'", "UPDATE runs_run SET as_of = '2020-01-01'", "DELETE FROM runs_run",
        "UPDATE runs_run SET state = 'running', finished_at = NULL", "UPDATE runs_run SET fingerprint = 'x'",
        "UPDATE runs_run SET started_by_label = 'somebody else'",
    ],
)  # fmt: skip
def test_history_is_frozen(db: None, statement: str) -> None:
    run = finished(1)
    with pytest.raises(DatabaseError, match="is history"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    run.refresh_from_db()
    assert run.result == {"customers": 1}


class TestPeople:
    def test_rights_of_the_kind_decide(self, db: None, make_actor: Callable[..., Actor]) -> None:
        open_run, secret = finished(1), finished(2, kind="trial.secret")
        reader = make_actor("reader", "runs.run:view")
        with acting(reader):
            assert run_list() == [open_run]
            with pytest.raises(Missing):
                run_get(pk=secret.pk)
        with pytest.raises(Missing):
            publish(actor=reader, pk=open_run.pk, now=NOW)
        with pytest.raises(Missing):
            run_start(actor=reader, now=NOW, **WENT_IN | {"seed": 5})
        assert run_in_force("trial.tiers") is None
        publish(actor=make_actor("head", "runs.run:view", "runs.run:publish"), pk=open_run.pk, now=NOW)

    def test_nobody_sees_nothing(self, db: None) -> None:
        with pytest.raises(NoActor):
            run_list()
