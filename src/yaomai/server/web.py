"""The web processes: granian serving the WSGI application."""

import gc
import multiprocessing
import sys
from argparse import ArgumentParser
from collections.abc import Callable
from typing import Any

from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server import Server

from yaomai.kit.embedded import die_with_parent

CONNECTIONS = 4096
"""That a process keeps open. A browser holds up to six while its reader reads, so they say nothing of what is asked: how
many requests run and wait is decided in `admission`."""
LOGGING: dict[str, Any] = {
    "formatters": {
        "generic": {"()": "yaomai.server.logs.JsonFormatter"},
        "access": {"()": "yaomai.server.logs.JsonFormatter"},
    },
}


class WebServer(Server):  # type: ignore[misc, valid-type]
    """Granian, which gives up when workers end twice within seconds; here they are only ever killed.

    A worker that cannot start is found before any is forked, because the application is loaded in the parent.
    """

    def _respawn_workers(self, *arguments: Any, **options: Any) -> None:
        super()._respawn_workers(*arguments, **options)
        self.respawned_wrks.clear()


def load_application(target: str) -> Callable[..., Any]:
    """Return the application in a worker, which must not outlive its parent: it would keep the port."""
    die_with_parent()
    from yaomai.server.wsgi import application

    return application


def serve(*, host: str, port: int, workers: int) -> None:
    """Serve until SIGTERM or SIGINT.

    The application is loaded before the workers are forked: one that comes back after a kill answers at once
    instead of importing for seconds, and all of them share its memory. Nothing may be connected or running yet.
    """
    import yaomai.server.wsgi  # noqa: F401 — loaded for the workers
    from yaomai.server.admission import THREADS

    multiprocessing.set_start_method("fork", force=True)
    gc.collect()
    gc.freeze()  # what is loaded stays: the collector shall not touch, and so copy, the shared pages
    gc.set_threshold(20_000, 20, 20)  # a page makes tens of thousands of objects, and nearly none of them in circles
    WebServer(
        "yaomai.server.wsgi:application",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=THREADS,
        backpressure=CONNECTIONS,
        respawn_failed_workers=True,
        respawn_interval=0.1,
        workers_kill_timeout=10,
        log_level=LogLevels.warning,
        log_dictconfig=LOGGING,
    ).serve(target_loader=load_application)


if __name__ == "__main__":
    parser = ArgumentParser(prog="python -m yaomai.server.web")
    parser.add_argument("--host", required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--workers", type=int, required=True)
    serve(**vars(parser.parse_args()))
    sys.exit(0)
