"""Jobs in one process: asking, running, failing, cancelling, schedules, screens."""

import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _

from yaomai.kit.access import Actor, Grant, NoActor, acting, current_actor, system_actor
from yaomai.kit.audit.models import Entry
from yaomai.kit.errors import Conflict, Missing, Unavailable
from yaomai.kit.jobs import JobHandle, definitions, job, periodic, register_actor_loader
from yaomai.kit.jobs import actors as job_actors
from yaomai.kit.jobs.handle import Cancelled, Interrupted, Lost
from yaomai.kit.jobs.models import Job, Slot
from yaomai.kit.jobs.running import MOST_INTERRUPTIONS, Again, pause, run
from yaomai.kit.jobs.schedule import take_due_slots
from yaomai.kit.jobs.selectors import job_get, job_list
from yaomai.kit.jobs.services import job_cancel, job_retry

NOW = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)
SYSTEM = system_actor("test", "a test asks")


@pytest.fixture(autouse=True)
def declarations() -> Iterator[None]:
    """Take back what a test declared."""
    before, schedules = dict(definitions._definitions), dict(definitions._schedules)
    loaders = list(job_actors._loaders)
    definitions._schedules.clear()
    yield
    definitions._definitions.clear()
    definitions._definitions.update(before)
    definitions._schedules.clear()
    definitions._schedules.update(schedules)
    job_actors._loaders[:] = loaders


def waiting(job_id: int) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT queue_name, lock, status::text FROM procrastinate_jobs WHERE args->>'job' = %s", [str(job_id)]
        )
        return cursor.fetchall()


class TestAsking:
    def test_job_and_place_in_the_queue_share_the_transaction(self, db: None) -> None:
        @job("trial.queue", queue="heavy", exclusive_by="flow:{distributor}")
        def handler(*, job: JobHandle, distributor: int) -> None: ...

        kept = handler.defer(actor=SYSTEM, distributor=7)
        assert waiting(kept.pk) == [("heavy", "flow:7", "todo")]
        with transaction.atomic():
            lost = handler.defer(actor=SYSTEM, distributor=8)
            transaction.set_rollback(True)
        assert not Job.unscoped.filter(pk=lost.pk).exists()
        assert waiting(lost.pk) == []

    def test_same_key_gives_the_same_job(self, db: None) -> None:
        @job("trial.keyed")
        def handler(*, job: JobHandle) -> None: ...

        first = handler.defer(actor=SYSTEM, key="batch 1")
        run(first.pk)
        assert handler.defer(actor=SYSTEM, key="batch 1").pk == first.pk
        assert handler.defer(actor=SYSTEM, key="batch 2").pk != first.pk

    def test_coalesces_only_what_has_not_started(self, db: None) -> None:
        @job("trial.coalesced", coalesce=True)
        def handler(*, job: JobHandle, dataset: str) -> None: ...

        first = handler.defer(actor=SYSTEM, dataset="sales")
        assert handler.defer(actor=SYSTEM, dataset="sales").pk == first.pk
        assert handler.defer(actor=SYSTEM, dataset="visits").pk != first.pk
        Job.unscoped.filter(pk=first.pk).update(state=Job.State.RUNNING)
        assert handler.defer(actor=SYSTEM, dataset="sales").pk != first.pk

    def test_arguments_must_be_plain(self, db: None) -> None:
        @job("trial.plain")
        def handler(*, job: JobHandle, day: date) -> None: ...

        with pytest.raises(TypeError):
            handler.defer(actor=SYSTEM, day=date(2026, 11, 21))
        assert not Job.unscoped.exists()

    def test_immediate_mode_runs_after_the_commit(
        self, db: None, settings: Any, django_capture_on_commit_callbacks: Callable[..., AbstractContextManager[Any]]
    ) -> None:
        settings.JOBS_IMMEDIATE = True
        ran = []

        @job("trial.immediate")
        def handler(*, job: JobHandle, number: int) -> None:
            job.progress(1, 1)
            ran.append(number)

        with django_capture_on_commit_callbacks(execute=True):
            asked = handler.defer(actor=SYSTEM, number=3)
            assert ran == []
        asked.refresh_from_db()
        assert (ran, asked.state, asked.done) == ([3], "done", 1)

    def test_a_name_is_declared_once(self) -> None:
        job("trial.twice")(lambda *, job: None)
        with pytest.raises(ValueError, match="twice"):
            job("trial.twice")(lambda *, job: None)


class TestRunning:
    def test_effect_and_mark_are_one_transaction_and_happen_once(self, db: None, settings: Any) -> None:
        ran = []

        @job("trial.once")
        def handler(*, job: JobHandle) -> dict[str, Any]:
            ran.append(job.attempt)
            return {"url": "/there/"}

        asked = handler.defer(actor=SYSTEM)
        run(asked.pk)
        run(asked.pk)
        asked.refresh_from_db()
        assert (ran, asked.state, asked.result, asked.attempts) == ([1], "done", {"url": "/there/"}, 1)

    def test_runs_as_who_asked_with_todays_positions(self, make_actor: Callable[..., Actor]) -> None:
        seen = []
        asker = make_actor("asker", "old.right:view")
        today = Actor(person_id=asker.person_id, label="asker", grants=(Grant(frozenset({"new.right:view"})),))
        register_actor_loader(lambda person_id, on: today if person_id == asker.person_id else None)

        @job("trial.actor")
        def handler(*, job: JobHandle) -> None:
            seen.append((current_actor(), job.actor))

        run(handler.defer(actor=asker).pk)
        assert seen == [(today, today)]
        with pytest.raises(NoActor):
            current_actor()

    def test_who_left_gets_nothing_done(self, make_actor: Callable[..., Actor]) -> None:
        ran = []
        asker = make_actor("leaver")
        register_actor_loader(lambda person_id, on: None)

        @job("trial.left")
        def handler(*, job: JobHandle) -> None:
            ran.append(1)

        asked = handler.defer(actor=asker)
        run(asked.pk)
        asked.refresh_from_db()
        assert (ran, asked.state, asked.error["params"]) == ([], "failed", {"person": "leaver"})

    def test_system_job_brings_its_reason(self, db: None) -> None:
        seen = []

        @job("trial.system")
        def handler(*, job: JobHandle) -> None:
            seen.append((current_actor().is_system, current_actor().reason))

        run(handler.defer(actor=SYSTEM).pk)
        assert seen == [(True, "a test asks")]

    def test_failure_waits_longer_each_time_then_ends(self, db: None) -> None:
        @job("trial.failing", retries=2)
        def handler(*, job: JobHandle) -> None:
            Entry.unscoped.count()
            raise RuntimeError("password=secret")

        asked = handler.defer(actor=SYSTEM)
        for failures in (1, 2):
            with pytest.raises(Again):
                run(asked.pk)
            asked.refresh_from_db()
            assert (asked.state, asked.failures) == ("retrying", failures)
        run(asked.pk)
        asked.refresh_from_db()
        assert (asked.state, asked.attempts) == ("failed", 3)
        assert "secret" not in str(asked.error) and "RuntimeError" in asked.error_text
        assert [pause(n).seconds for n in (1, 2, 3, 4, 9)] == [5, 15, 45, 135, 600]

    def test_refusal_is_told_in_its_words_and_not_repeated(self, db: None) -> None:
        class Full(Conflict):
            message = _("There are %(count)s rows too many.")

        @job("trial.refused")
        def handler(*, job: JobHandle) -> None:
            raise Full(count=3)

        asked = handler.defer(actor=SYSTEM)
        run(asked.pk)
        asked.refresh_from_db()
        assert (asked.state, asked.error_text) == ("failed", "There are 3 rows too many.")

    def test_what_is_away_for_a_moment_is_tried_again(self, db: None) -> None:
        @job("trial.away")
        def handler(*, job: JobHandle) -> None:
            raise Unavailable

        with pytest.raises(Again):
            run(handler.defer(actor=SYSTEM).pk)

    def test_attempt_that_was_taken_over_leaves_nothing(self, db: None) -> None:
        @job("trial.fenced")
        def handler(*, job: JobHandle) -> None:
            Slot.objects.create(name="effect", at=NOW)
            # What another worker does when it believes this one dead:
            Job.unscoped.filter(pk=job.id).update(attempts=job.attempt + 1)

        asked = handler.defer(actor=SYSTEM)
        run(asked.pk)
        assert not Slot.objects.filter(name="effect").exists()

    def test_interruptions_end_a_job_that_kills_its_worker(self, db: None) -> None:
        @job("trial.deadly")
        def handler(*, job: JobHandle) -> None:
            raise AssertionError("must not run")

        asked = handler.defer(actor=SYSTEM)
        Job.unscoped.filter(pk=asked.pk).update(state=Job.State.RUNNING, interruptions=MOST_INTERRUPTIONS)
        run(asked.pk)
        asked.refresh_from_db()
        assert (asked.state, asked.interruptions) == ("failed", MOST_INTERRUPTIONS + 1)

    def test_unknown_job_says_so(self, db: None) -> None:
        @job("trial.gone")
        def handler(*, job: JobHandle) -> None: ...

        asked = handler.defer(actor=SYSTEM)
        definitions.forget("trial.gone")
        run(asked.pk)
        asked.refresh_from_db()
        assert asked.state == "failed"

    def test_stopping_worker_gives_the_job_back(self, db: None, settings: Any) -> None:
        settings.JOBS_IMMEDIATE = True

        @job("trial.stopping")
        def handler(*, job: JobHandle) -> None:
            Slot.objects.create(name="effect", at=NOW)
            job.progress(1, 1)

        asked = handler.defer(actor=SYSTEM)
        with pytest.raises(Again):
            run(asked.pk, stopping=lambda: True)
        asked.refresh_from_db()
        assert (asked.state, asked.failures) == ("queued", 0)
        assert not Slot.objects.filter(name="effect").exists()


class TestHandle:
    @pytest.fixture
    def running(self, db: None, settings: Any) -> Job:
        settings.JOBS_IMMEDIATE = True
        return Job.unscoped.create(name="x", actor_label="x", state="running", attempts=2, created_at=NOW)

    def test_progress_is_throttled_and_the_last_one_always_written(self, running: Job) -> None:
        handle = JobHandle(running, actor=SYSTEM)
        handle.progress(1, 1000, _("Reading %(what)s"), what="lines")
        with connection.execute_wrapper(_refuse_queries):
            for done in range(2, 1000):
                handle.progress(done, 1000)
        handle.progress(1000, 1000)
        running.refresh_from_db()
        assert (running.done, running.total) == (1000, 1000)
        assert running.message == {"msgid": "Reading %(what)s", "params": {"what": "lines"}}

    def test_cancel_takes_effect_at_progress(self, running: Job) -> None:
        Job.unscoped.filter(pk=running.pk).update(cancel_requested=True)
        handle = JobHandle(running, actor=SYSTEM)
        with pytest.raises(Cancelled):
            handle.progress(1, 2)
        assert handle.cancelled

    def test_stop_takes_effect_at_progress(self, running: Job) -> None:
        with pytest.raises(Interrupted):
            JobHandle(running, actor=SYSTEM, stopping=lambda: True).progress(1, 2)

    def test_place_is_kept_with_its_step_and_fenced(self, running: Job) -> None:
        handle = JobHandle(running, actor=SYSTEM)
        assert handle.place == {}
        handle.keep(row=17)
        assert JobHandle(running, actor=SYSTEM).place == {"row": 17}
        Job.unscoped.filter(pk=running.pk).update(attempts=3)
        with pytest.raises(Lost):
            handle.keep(row=18)
        assert handle.place == {"row": 17}


def _refuse_queries(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
    raise AssertionError(f"a query where none is due: {sql}")


class TestSchedule:
    def declare(self, cron: str, **options: Any) -> None:
        @periodic(cron, reason=_("Nightly work"), **options)
        @job("trial.periodic")
        def handler(*, job: JobHandle) -> None: ...

    def slots(self) -> list[str]:
        rows = Job.unscoped.filter(name="trial.periodic").order_by("pk")
        return [row.key.removeprefix("slot ") for row in rows]

    def test_first_sight_makes_nothing_up_then_each_slot_runs_once(self, db: None) -> None:
        self.declare("0 3 * * *")
        before = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)
        assert take_due_slots(now=before) == []
        assert take_due_slots(now=before + timedelta(hours=8, minutes=59)) == []
        due = before + timedelta(hours=9)
        assert len(take_due_slots(now=due)) == 1
        assert take_due_slots(now=due + timedelta(minutes=1)) == []
        assert self.slots() == ["2026-11-22T03:00:00+08:00"]

    def test_year_of_days_with_leap_day_and_clock_jumps(self, db: None) -> None:
        self.declare("30 2 * * *")
        start = datetime(2027, 12, 31, 19, 0, tzinfo=UTC)
        take_due_slots(now=start)
        for day in range(1, 401):
            moment = start + timedelta(days=day)
            for jump in (0, -30, 7, -3, 0):
                take_due_slots(now=moment + timedelta(hours=jump / 10))
        expected = [f"{(date(2028, 1, 1) + timedelta(days=day)).isoformat()}T02:30:00+08:00" for day in range(1, 401)]
        assert self.slots() == expected
        assert "2028-02-29T02:30:00+08:00" in expected

    def test_after_a_long_stop_the_latest_slot_or_every_slot(self, db: None) -> None:
        start = datetime(2026, 1, 1, 0, 0, tzinfo=UTC)
        self.declare("0 * * * *")
        take_due_slots(now=start)
        take_due_slots(now=start + timedelta(hours=5))
        assert self.slots() == ["2026-01-01T13:00:00+08:00"]
        definitions.forget("trial.periodic")
        self.declare("0 * * * *", every_slot=True)
        take_due_slots(now=start + timedelta(hours=8))
        assert self.slots()[1:] == [f"2026-01-01T{hour}:00:00+08:00" for hour in (14, 15, 16)]

    def test_the_job_knows_its_slot_and_its_reason(self, db: None) -> None:
        seen = []

        @periodic("0 3 * * *", reason=_("Nightly work"))
        @job("trial.slot")
        def handler(*, job: JobHandle) -> None:
            seen.append((job.slot, current_actor().reason))

        take_due_slots(now=NOW)
        [asked] = take_due_slots(now=NOW + timedelta(days=1))
        run(asked.pk)
        assert seen == [(datetime(2026, 11, 21, 19, 0, tzinfo=UTC), "Nightly work")]

    def test_not_a_cron_line(self) -> None:
        with pytest.raises(ValueError, match="not a cron line"):
            periodic("every morning", reason="x")


class TestPeople:
    @pytest.fixture
    def asked(self, make_actor: Callable[..., Actor]) -> Job:
        @job("trial.asked", label=_("Refresh"))
        def handler(*, job: JobHandle) -> None: ...

        self.owner = make_actor("owner")
        return handler.defer(actor=self.owner)

    def test_owner_and_right_see_it_others_do_not(self, asked: Job, make_actor: Callable[..., Actor]) -> None:
        with acting(self.owner):
            assert job_list() == [asked]
        with acting(make_actor("chief", "jobs.job:view")):
            assert job_get(pk=asked.pk) == asked
        with acting(make_actor("other")), pytest.raises(Missing):
            job_get(pk=asked.pk)
        with pytest.raises(NoActor):
            job_list()

    def test_cancel_before_the_start(self, asked: Job) -> None:
        job_cancel(actor=self.owner, pk=asked.pk, now=NOW)
        asked.refresh_from_db()
        assert (asked.state, asked.finished_at, waiting(asked.pk)) == ("cancelled", NOW, [])
        run(asked.pk)
        asked.refresh_from_db()
        assert asked.attempts == 0
        with pytest.raises(Conflict):
            job_cancel(actor=self.owner, pk=asked.pk, now=NOW)

    def test_cancel_while_it_runs_is_a_request(self, asked: Job) -> None:
        Job.unscoped.filter(pk=asked.pk).update(state="running")
        job_cancel(actor=self.owner, pk=asked.pk, now=NOW)
        asked.refresh_from_db()
        assert (asked.state, asked.cancel_requested) == ("running", True)

    def test_view_is_not_manage(self, asked: Job, make_actor: Callable[..., Actor]) -> None:
        with pytest.raises(Missing):
            job_cancel(actor=make_actor("viewer", "jobs.job:view"), pk=asked.pk, now=NOW)
        asked.refresh_from_db()
        assert asked.state == "queued"
        job_cancel(actor=make_actor("manager", "jobs.job:view", "jobs.job:manage"), pk=asked.pk, now=NOW)

    def test_retry_after_failure(self, asked: Job) -> None:
        with pytest.raises(Conflict):
            job_retry(actor=self.owner, pk=asked.pk, now=NOW)
        Job.unscoped.filter(pk=asked.pk).update(state="failed", failures=4, error={"msgid": "x"})
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM procrastinate_jobs")
        job_retry(actor=self.owner, pk=asked.pk, now=NOW)
        asked.refresh_from_db()
        assert (asked.state, asked.failures, asked.error) == ("queued", 0, {})
        assert len(waiting(asked.pk)) == 1
        assert Entry.unscoped.filter(code="jobs.job:retry").count() == 1


class TestScreens:
    @pytest.fixture
    def asked(self, make_actor: Callable[..., Actor]) -> Job:
        @job("trial.screen", label=_("Refresh"))
        def handler(*, job: JobHandle) -> None: ...

        self.owner = make_actor("owner")
        return handler.defer(actor=self.owner)

    def test_list_detail_and_progress(self, asked: Job, visit: Callable[..., HttpResponse]) -> None:
        def text(path: str) -> str:
            response = visit(self.owner, path)
            assert response.status_code == 200
            return response.content.decode()

        assert "Refresh" in text("/jobs/")
        assert "Refresh" in text(f"/jobs/{asked.pk}/")
        assert f'hx-get="/jobs/{asked.pk}/progress"' in text(f"/jobs/{asked.pk}/progress")
        Job.unscoped.filter(pk=asked.pk).update(state="done", result={"url": "/there/"})
        over = text(f"/jobs/{asked.pk}/progress")
        assert visit(self.owner, f"/jobs/{asked.pk}/progress").headers["HX-Refresh"] == "true"
        assert "hx-get" not in over and 'href="/there/"' in over

    def test_error_is_shown_in_the_readers_language(self, asked: Job, visit: Callable[..., HttpResponse]) -> None:
        error = {"msgid": "Something went wrong on our side (%(kind)s).", "params": {"kind": "<b>"}}
        Job.unscoped.filter(pk=asked.pk).update(state="failed", error=error)
        page = visit(self.owner, "/jobs/?state=failed").content.decode()
        assert "(&lt;b&gt;)" in page and "<b>" not in page

    def test_cancel_and_retry(self, asked: Job, visit: Callable[..., HttpResponse]) -> None:
        assert visit(self.owner, f"/jobs/{asked.pk}/cancel", post={}).status_code == 302
        asked.refresh_from_db()
        assert asked.state == "cancelled"
        assert visit(self.owner, f"/jobs/{asked.pk}/retry", post={}).status_code == 302
        assert visit(self.owner, f"/jobs/{asked.pk}/retry", post={}).status_code == 409
        assert visit(self.owner, f"/jobs/{asked.pk}/cancel").status_code == 405

    def test_others_get_404(
        self, asked: Job, visit: Callable[..., HttpResponse], make_actor: Callable[..., Actor]
    ) -> None:
        stranger = make_actor("stranger")
        for path in ("", "progress"):
            assert visit(stranger, f"/jobs/{asked.pk}/{path}").status_code == 404
        assert visit(stranger, f"/jobs/{asked.pk}/cancel", post={}).status_code == 404
        assert "Refresh" not in visit(stranger, "/jobs/").content.decode()
        with pytest.raises(NoActor):
            visit(None, "/jobs/")

    def test_pages_by_key(self, asked: Job, visit: Callable[..., HttpResponse]) -> None:
        rows = [Job(name="x", actor_label="x", owner_id=self.owner.person_id, created_at=NOW) for _n in range(60)]
        Job.unscoped.bulk_create(rows)
        first = visit(self.owner, "/jobs/").content.decode()
        last = int(re.findall(r"before=(\d+)", first)[0])
        assert "Refresh" not in first and "Refresh" in visit(self.owner, f"/jobs/?before={last}").content.decode()
