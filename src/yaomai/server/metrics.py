"""The figures that operators watch, in the text format of Prometheus."""

import os
import resource
import shutil
import time
from collections.abc import Iterable
from typing import Any

import psycopg
from django.conf import settings

from . import admission
from .health import Broken, database_connection, readiness

Sample = tuple[dict[str, str], float]

_STARTED = time.time()
_JOBS = "SELECT state, count(*) FROM jobs_job GROUP BY state"
_WAITING = """
    SELECT coalesce(extract(epoch FROM now() - min(coalesce(next_at, created_at))), 0)
    FROM jobs_job WHERE state IN ('queued', 'retrying') AND coalesce(next_at, created_at) <= now()
"""
_WORKERS = "SELECT count(*) FROM procrastinate_workers WHERE last_heartbeat > now() - interval '30 seconds'"
_TRAIL = "SELECT coalesce(max(sequence), 0) FROM audit_head"
_CONNECTIONS = "SELECT coalesce(state, 'background'), count(*) FROM pg_stat_activity GROUP BY 1"
_SIZE = "SELECT pg_database_size(current_database())"


def exposition() -> str:
    """Return all metrics as text."""
    disk = shutil.disk_usage(settings.DATA)
    usage = resource.getrusage(resource.RUSAGE_SELF)
    process = {"pid": str(os.getpid())}
    lines = [
        *_metric("yaomai_ready", "gauge", "1 when a part is in order", _readiness()),
        *_metric("yaomai_disk_free_bytes", "gauge", "Free space of the data folder", [({}, disk.free)]),
        *_metric("yaomai_disk_size_bytes", "gauge", "Size of the data folder's disk", [({}, disk.total)]),
        *_metric("yaomai_web_start_seconds", "gauge", "When this web process started", [(process, _STARTED)]),
        *_metric(
            "yaomai_web_cpu_seconds_total",
            "counter",
            "Processor time of this web process",
            [(process, usage.ru_utime + usage.ru_stime)],
        ),
        *_metric(
            "yaomai_web_refused_total",
            "counter",
            "Requests of this web process that were told to come again later",
            [(process, admission.turns.refused)],
        ),
        *_metric("yaomai_web_memory_bytes", "gauge", "Memory of this web process", [(process, _memory())]),
    ]
    try:
        with database_connection() as connection:
            lines += _database(connection)
    except Broken:
        return "\n".join(lines) + "\n"
    return "\n".join(lines) + "\n"


def _database(connection: psycopg.Connection[Any]) -> list[str]:
    return [
        *_metric("yaomai_jobs", "gauge", "Jobs by state", _labelled(connection, _JOBS, "state")),
        *_metric("yaomai_job_wait_seconds", "gauge", "Age of the oldest job that waits", _single(connection, _WAITING)),
        *_metric("yaomai_workers", "gauge", "Workers heard of lately", _single(connection, _WORKERS)),
        *_metric("yaomai_trail_entries_total", "counter", "Entries of the trail", _single(connection, _TRAIL)),
        *_metric(
            "yaomai_database_connections", "gauge", "Connections by state", _labelled(connection, _CONNECTIONS, "state")
        ),
        *_metric("yaomai_database_size_bytes", "gauge", "Size of the database", _single(connection, _SIZE)),
    ]


def _readiness() -> list[Sample]:
    return [({"part": part}, float(state == "ok")) for part, state in readiness().items()]


def _memory() -> float:
    with open("/proc/self/statm") as file:
        return float(int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE"))


def _single(connection: psycopg.Connection[Any], query: str) -> list[Sample]:
    return [({}, float(row[0])) for row in _rows(connection, query)]


def _labelled(connection: psycopg.Connection[Any], query: str, label: str) -> list[Sample]:
    return [({label: str(row[0])}, float(row[1])) for row in _rows(connection, query)]


def _rows(connection: psycopg.Connection[Any], query: str) -> list[Any]:
    """Return the rows, none when the table does not exist yet: metrics must answer during an upgrade too."""
    try:
        return connection.execute(query).fetchall()
    except psycopg.errors.UndefinedTable:
        return []


def _metric(name: str, kind: str, help_text: str, samples: Iterable[Sample]) -> list[str]:
    lines = [f"# HELP {name} {help_text}.", f"# TYPE {name} {kind}"]
    for labels, value in samples:
        inside = ",".join(f'{key}="{_escaped(text)}"' for key, text in sorted(labels.items()))
        lines.append(f"{name}{{{inside}}} {value:.15g}" if inside else f"{name} {value:.15g}")
    return lines


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
