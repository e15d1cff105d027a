"""The job worker: procrastinate on the same database."""

import os
from argparse import ArgumentParser


def work(*, concurrency: int) -> None:
    """Work off jobs until SIGTERM or SIGINT; a job that runs then gets a moment to reach its next safe point."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yaomai.server.settings")
    import django

    django.setup()

    from procrastinate.contrib.django import app

    # A dead worker's heartbeat is noticed within seconds, so that its jobs go on soon after a kill.
    with app.replace_connector(app.connector.get_worker_connector()) as running:
        running.run_worker(
            concurrency=concurrency,
            name="worker",
            update_heartbeat_interval=2.0,
            stalled_worker_timeout=6.0,
            shutdown_graceful_timeout=8.0,
        )


if __name__ == "__main__":
    parser = ArgumentParser(prog="python -m yaomai.server.worker")
    parser.add_argument("--concurrency", type=int, required=True)
    work(**vars(parser.parse_args()))
