"""Checks of the installation: keys, worker, jobs, trail, files, mail, addresses, backups."""

import json
import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from yaomai.kit import keys
from yaomai.words import _

from .findings import Finding, Surroundings, check, fail, ok, warn

DAY = 24 * 3600


def _age_in_days(path: Path) -> float:
    return (time.time() - path.stat().st_mtime) / DAY


def _private(path: Path) -> Finding | None:
    mode = path.stat().st_mode & 0o777
    return fail(f"{mode:o}", f"chmod 600 {path}") if mode & 0o077 else None


@check(_("Secret key"))
def secret_key(around: Surroundings) -> Finding:
    if given := around.environment.get("YAOMAI_SECRET_KEY"):
        if len(given) < 50:
            return fail(_("%(length)s characters") % {"length": len(given)}, _("Choose 50 or more random characters."))
        return ok(_("from YAOMAI_SECRET_KEY"))
    path = around.data / "secret.key"
    if not path.exists():
        return fail(
            _("%(file)s is missing") % {"file": path},
            _("Restore it from the key backup (yaomai restore --keys): without it the trail cannot be verified."),
        )
    if len(path.read_text().strip()) < 50:
        return fail(_("%(file)s is too short") % {"file": path}, _("Restore it from the key backup."))
    return _private(path) or ok(path)


@check(_("Keys of contact data"))
def key_ring(around: Surroundings) -> Finding:
    path = keys.ring_file(around.data)
    if not path.exists():
        return fail(
            _("%(file)s is missing") % {"file": path},
            _("Restore it from the key backup (yaomai restore --keys): encrypted contact data needs it."),
        )
    try:
        ring = json.loads(path.read_text())
        complete = bool(ring["keys"]) and len(bytes.fromhex(ring["index"])) >= 32
        complete = complete and all(len(bytes.fromhex(key["secret"])) == 32 for key in ring["keys"])
    except (ValueError, KeyError, TypeError) as error:
        return fail(f"{path}: {type(error).__name__}", _("Restore it from the key backup."))
    if not complete:
        return fail(path, _("Restore it from the key backup."))
    return _private(path) or ok(_("%(count)s keys") % {"count": len(ring["keys"])})


@check(_("Age of the keys"))
def key_age(around: Surroundings) -> Finding:
    path = keys.ring_file(around.data)
    if not path.exists():
        return ok("-")
    days = _age_in_days(path)
    seen = _("%(days)d days") % {"days": days}
    return warn(seen, _("Rotate the encryption key once a year.")) if days > 400 else ok(seen)


@check(_("Worker"), database=True)
def worker_alive(around: Surroundings) -> Finding:
    alive = int(
        around.value("SELECT count(*) FROM procrastinate_workers WHERE last_heartbeat > now() - interval '30 seconds'")
    )
    if not alive:
        return fail(_("no worker"), _("Start one: yaomai up, or yaomai worker; logs/worker.log says why it ended."))
    return ok(_("%(count)s at work") % {"count": alive})


@check(_("Waiting jobs"), database=True)
def job_backlog(around: Surroundings) -> Finding:
    minutes = float(
        around.value(
            """SELECT coalesce(extract(epoch FROM now() - min(coalesce(next_at, created_at))), 0) / 60
               FROM jobs_job WHERE state IN ('queued', 'retrying') AND coalesce(next_at, created_at) <= now()"""
        )
    )
    seen = _("the oldest waits for %(minutes)d minutes") % {"minutes": minutes}
    return warn(seen, _("Start more workers: yaomai worker.")) if minutes > 15 else ok(seen)


@check(_("Failed jobs"), database=True)
def jobs_failed(around: Surroundings) -> Finding:
    failed = int(
        around.value("SELECT count(*) FROM jobs_job WHERE state = 'failed' AND finished_at > now() - interval '1 day'")
    )
    seen = _("%(count)s within a day") % {"count": failed}
    return warn(seen, _("Look at them under Settings, Jobs, and try them again.")) if failed else ok(seen)


@check(_("Stalled jobs"), database=True)
def jobs_stalled(around: Surroundings) -> Finding:
    stalled = int(
        around.value(
            """SELECT count(*) FROM procrastinate_jobs j LEFT JOIN procrastinate_workers w ON w.id = j.worker_id
               WHERE j.status = 'doing'
                 AND (w.id IS NULL OR w.last_heartbeat < now() - interval '2 minutes')"""
        )
    )
    seen = _("%(count)s without a living worker") % {"count": stalled}
    return warn(seen, _("Start a worker: it takes them over.")) if stalled else ok(seen)


@check(_("End of the trail"), database=True)
def trail_head(around: Surroundings) -> Finding:
    whole = around.value(
        """SELECT h.sequence = coalesce(l.sequence, 0) AND (l.hash IS NULL OR l.hash = h.hash)
           FROM audit_head h LEFT JOIN audit_link l ON l.sequence = (SELECT max(sequence) FROM audit_link)"""
    )
    unlinked = around.value(
        "SELECT count(*) FROM audit_entry e WHERE NOT EXISTS (SELECT 1 FROM audit_link l WHERE l.entry_id = e.id)"
    )
    if not whole or unlinked:
        return fail(_("the end of the trail is not whole"), "yaomai audit verify")
    return ok(_("%(count)s entries") % {"count": around.value("SELECT sequence FROM audit_head")})


@check(_("Moment of the trail"), database=True)
def trail_moment(around: Surroundings) -> Finding:
    latest = around.value("SELECT max(at) FROM audit_entry")
    if latest is None or latest <= datetime.now(UTC) + timedelta(minutes=1):
        return ok(latest.isoformat(timespec="seconds") if latest else _("none yet"))
    return fail(
        _("the latest entry is of %(at)s, later than the clock") % {"at": latest.isoformat(timespec="seconds")},
        _("Set the clock right before anybody works on: what is done now would stand in the past."),
    )


@check(_("Checkpoint of the trail"), database=True)
def trail_checkpoint(around: Surroundings) -> Finding:
    path = around.data / "audit" / "checkpoints.jsonl"
    lines = path.read_text().splitlines() if path.exists() else []
    if not lines:
        return warn(_("none yet"), "yaomai audit checkpoint")
    last = json.loads(lines[-1])
    digest = around.value("SELECT encode(hash, 'hex') FROM audit_link WHERE sequence = %s", last["sequence"])
    if last["sequence"] and digest != last["hash"]:
        return fail(
            _("entry %(sequence)s differs from the checkpoint") % {"sequence": last["sequence"]}, "yaomai audit verify"
        )
    days = (datetime.now(UTC) - datetime.fromisoformat(last["at"])) / timedelta(days=1)
    seen = _("%(days).1f days old") % {"days": days}
    return warn(seen, "yaomai audit checkpoint") if days > 2 else ok(seen)


@check(_("Static files"))
def static_files(around: Surroundings) -> Finding:
    from django.conf import settings

    if "Manifest" not in str(settings.STORAGES["staticfiles"]):
        return ok(_("served from the source"))
    path = Path(settings.STATIC_ROOT) / "staticfiles.json"
    if not path.exists():
        return fail(_("%(file)s is missing") % {"file": path}, "yaomai up")
    names = json.loads(path.read_text())["paths"].values()
    lost = [name for name in names if not (Path(settings.STATIC_ROOT) / name).exists()]
    return (
        fail(_("%(count)s files are missing") % {"count": len(lost)}, "yaomai up")
        if lost
        else ok(_("%(count)s files") % {"count": len(names)})
    )


@check(_("Messages"))
def messages_compiled(around: Surroundings) -> Finding:
    from yaomai.server.messages import catalogues, outdated

    stale = [path for path in catalogues() if outdated(path)]
    if stale:
        return fail(_("%(count)s catalogues are out of date") % {"count": len(stale)}, "yaomai messages")
    return ok(_("%(count)s catalogues") % {"count": len(catalogues())})


@check(_("Mail"))
def mail(around: Surroundings) -> Finding:
    from django.conf import settings

    if not settings.EMAIL_HOST:
        return warn(_("no mail server"), _("Set EMAIL_HOST so that reminders and password resets are sent."))
    return ok(settings.EMAIL_HOST)


@check(_("Host names"))
def host_names(around: Surroundings) -> Finding:
    from django.conf import settings

    if "*" in settings.ALLOWED_HOSTS:
        return fail("*", _("Name the hosts in YAOMAI_HOSTS: forged Host headers are believed otherwise."))
    return ok(", ".join(settings.ALLOWED_HOSTS))


@check(_("HTTPS"))
def https(around: Surroundings) -> Finding:
    from django.conf import settings

    outside = [name for name in settings.ALLOWED_HOSTS if name not in {"localhost", "127.0.0.1", "[::1]", "testserver"}]
    if outside and not settings.HTTPS:
        return fail(
            ", ".join(outside),
            _("Put a proxy with a certificate in front and set YAOMAI_HTTPS=1 (docs/operations.md)."),
        )
    return ok(_("on") if settings.HTTPS else _("only this machine"))


@check(_("Debugging is off"))
def debug_off(around: Surroundings) -> Finding:
    from django.conf import settings

    return fail(_("on"), _("Remove YAOMAI_DEBUG: error pages show data.")) if settings.DEBUG else ok(_("off"))


@check(_("Row-level access"))
def models_scoped(around: Surroundings) -> Finding:
    """Every model with a scope attribute has one that the filter builder understands."""
    from django.apps import apps

    from yaomai.kit.access import Scope, ScopedModel

    open_ones = [
        model._meta.label
        for model in apps.get_models()
        if issubclass(model, ScopedModel) and not isinstance(getattr(model, "scope", None), Scope)
    ]
    if open_ones:
        return fail(", ".join(open_ones), _("This is a defect of the program: report it."))
    return ok()


@check(_("Analysis mirror"))
def mirror(around: Surroundings) -> Finding:
    folder = around.data / "warehouse"
    leftovers = [path for path in folder.rglob("*.tmp") if _age_in_days(path) > 1] if folder.exists() else []
    if leftovers:
        return warn(
            _("%(count)s unfinished files") % {"count": len(leftovers)},
            _("Remove them; the mirror is rebuilt from the database."),
        )
    return ok()


@check(_("Uploaded files"))
def uploads(around: Surroundings) -> Finding:
    folder = around.data / "files"
    folder.mkdir(mode=0o700, exist_ok=True)
    if not os.access(folder, os.W_OK | os.X_OK):
        return fail(folder, _("Give your user the right to write in %(folder)s.") % {"folder": folder})
    return ok(folder)


@check(_("Last backup"))
def backup_age(around: Surroundings) -> Finding:
    record = around.data / "backups.jsonl"
    lines = record.read_text().splitlines() if record.exists() else []
    if not lines:
        return warn(_("none yet"), "yaomai backup FILE")
    days = (datetime.now(UTC) - datetime.fromisoformat(json.loads(lines[-1])["at"])) / timedelta(days=1)
    seen = _("%(days).1f days old") % {"days": days}
    return warn(seen, "yaomai backup FILE") if days > 7 else ok(seen)


@check(_("Unfinished runs"), database=True)
def stale_runs(around: Surroundings) -> Finding:
    if around.value("SELECT to_regclass('runs_run')") is None:
        return ok("-")
    stale = int(
        around.value(
            "SELECT count(*) FROM runs_run WHERE state = 'running' AND started_at < now() - interval '6 hours'"
        )
    )
    seen = _("%(count)s for more than 6 hours") % {"count": stale}
    return warn(seen, _("Look at them under Tiers, Runs, and compute again.")) if stale else ok(seen)
