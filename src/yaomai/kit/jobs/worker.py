"""The worker: `python -m yaomai.kit.jobs.worker [--concurrency N]`. Any number of them, on any machines.

It runs what waits, puts back what dead workers held, and takes the slots of schedules. SIGTERM lets running
jobs reach their next call of `progress`; SIGKILL loses nothing either, it only takes seconds to be noticed.

What computes holds on to memory: libraries, and heaps that never shrink again. With `--renew-above MB` a worker that has
grown by more than that ends as soon as nothing runs, and whoever started it starts it anew.
"""

import asyncio
import logging
import os
import resource
import signal
from argparse import ArgumentParser
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

log = logging.getLogger(__name__)
HEARTBEAT = 3.0
HOUSEKEEPING = 3.0
GRACE = 8.0
"""Seconds that running jobs get at SIGTERM before they are told to stop at their next call of `progress`."""
RECONNECT = 2.0
POLLING = 1.0
"""Seconds after which a job whose turn came without a notice, such as an exclusive or a repeated one, is seen."""


class Service:
    """One worker process: procrastinate's loop, started anew when the database was away."""

    def __init__(self, *, concurrency: int, renew_above: int | None = None) -> None:
        self.concurrency, self.renew_above = concurrency, renew_above
        self.held = _held()
        self.was_idle = False
        self.stopped = asyncio.Event()
        self.worker: Any = None

    async def run(self) -> None:
        """Work until `stop`."""
        while not self.stopped.is_set():
            try:
                await self._work()
            except Exception as error:
                # The database is away or restarts: whatever ran is found again by its missing heartbeat.
                log.error("worker lost the database: %s", type(error).__name__)
            if not self.stopped.is_set():
                await self._wait(RECONNECT)

    def stop(self) -> None:
        """Fetch nothing more, let running jobs end or stop at their next safe point."""
        self.stopped.set()
        if self.worker is not None:
            self.worker.stop()

    async def _work(self) -> None:
        from procrastinate.contrib.django import app
        from procrastinate.contrib.django.db_cleanup import DjangoApp
        from procrastinate.worker import Worker

        # An application of its own: what handlers ask for must stay on their Django connection and transaction.
        own = DjangoApp(connector=app.connector.get_worker_connector())  # type: ignore[attr-defined]
        own.task(name=_task_name(), pass_context=True, retry=_strategy())(_run)
        async with own.open_async():
            self.worker = Worker(
                app=own,
                name="worker",
                concurrency=self.concurrency,
                delete_jobs="always",
                install_signal_handlers=False,
                update_heartbeat_interval=HEARTBEAT,
                stalled_worker_timeout=HEARTBEAT * 12,
                shutdown_graceful_timeout=GRACE,
                fetch_job_polling_interval=POLLING,
                task_middleware=own.worker_defaults["task_middleware"],
            )
            housekeeping = asyncio.create_task(self._keep_house(self.worker))
            try:
                await self.worker.run()
            finally:
                self.worker = None
                housekeeping.cancel()

    async def _keep_house(self, worker: Any) -> None:
        """Look for stalled jobs and due slots every few seconds, as long as this worker works."""
        suspects: set[int] = set()
        while self.worker is worker and not self.stopped.is_set():
            if worker.worker_id is not None:
                running = {context.job.id for context in worker._running_jobs.values()}
                try:
                    # Two looks in a row: a job just fetched or just ended is in neither list for a moment.
                    suspects = await asyncio.to_thread(_housekeeping, worker.worker_id, running, suspects)
                except Exception as error:
                    log.error("housekeeping failed: %s", type(error).__name__, exc_info=error)
                self._renew(is_idle=not running)
            await self._wait(HOUSEKEEPING)

    def _renew(self, *, is_idle: bool) -> None:
        """End at the second look in a row at which nothing runs, when this process has grown too large."""
        if self.renew_above is not None and is_idle and self.was_idle and _held() - self.held > self.renew_above:
            log.info("the worker has grown by %s MB and is started anew", _held() - self.held)
            self.stop()
        self.was_idle = is_idle

    async def _wait(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self.stopped.wait(), seconds)
        except TimeoutError:
            return


def _held() -> int:
    """Return the memory of this process in MB."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() // 2**20


def _task_name() -> str:
    from yaomai.kit.jobs.queue import TASK

    return TASK


def _run(context: Any, /, job: int) -> None:
    from yaomai.kit.jobs.running import run

    run(job, stopping=context.should_abort)


def _strategy() -> Any:
    """Return the strategy: start again when `Again` says, soon after a fault of the machinery itself."""
    from procrastinate.retry import BaseRetryStrategy, RetryDecision

    from yaomai.kit.jobs.running import Again

    class StartAgain(BaseRetryStrategy):
        def get_retry_decision(self, *, exception: BaseException, job: Any) -> RetryDecision:
            if isinstance(exception, Again):
                return RetryDecision(retry_at=exception.at)
            return RetryDecision(retry_at=datetime.now(UTC) + timedelta(seconds=RECONNECT))

    return StartAgain()


def _housekeeping(worker_id: int, running: set[int], suspects: set[int]) -> set[int]:
    """Release stalled jobs and take due slots; return this worker's jobs that nobody seems to run."""
    from django.db import close_old_connections
    from django.utils import timezone

    from yaomai.kit.jobs.queue import held_by, release_stalled
    from yaomai.kit.jobs.schedule import take_due_slots

    close_old_connections()
    try:
        idle = held_by(worker_id) - running
        release_stalled(abandoned=idle & suspects)
        take_due_slots(now=timezone.now())
        return idle
    finally:
        close_old_connections()


async def _serve(concurrency: int, renew_above: int | None) -> None:
    service = Service(concurrency=concurrency, renew_above=renew_above)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, service.stop)
    await service.run()


def work(*, concurrency: int = 2, renew_above: int | None = None) -> None:
    """Work off jobs until SIGTERM or SIGINT, or until it is to be started anew."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yaomai.server.settings")
    import django

    django.setup()
    from django.db import connection

    try:
        asyncio.run(_serve(concurrency, renew_above))
    finally:
        # A pool left to the interpreter's end waits for its own threads, seconds for each.
        connection.close_pool()  # type: ignore[attr-defined]


def main(arguments: list[str] | None = None, *, start: Callable[..., None] = work) -> None:
    """Read the command line and work."""
    parser = ArgumentParser(prog="python -m yaomai.kit.jobs.worker")
    parser.add_argument("--concurrency", type=int, default=int(os.environ.get("YAOMAI_JOBS_AT_ONCE", "2")))
    parser.add_argument("--renew-above", type=int, metavar="MB")
    start(**vars(parser.parse_args(arguments)))


if __name__ == "__main__":
    main()
