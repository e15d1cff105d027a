"""Checks of the database server and its contents."""

from datetime import UTC, datetime

from yaomai.words import _

from .findings import Finding, Surroundings, check, fail, ok, warn

OLDEST_VERSION = 15


@check(_("Database reached"))
def database_reachable(around: Surroundings) -> Finding:
    if around.database is None:
        return fail(
            around.database_error,
            _("Start Yaomai (yaomai up) or look at logs/postgres.log in the data folder.")
            if around.embedded
            else _("Check DATABASE_URL: host, port, user, password and firewall."),
        )
    return ok(around.value("SELECT current_database()"))


@check(_("Database version"), database=True)
def database_version(around: Surroundings) -> Finding:
    number = int(around.value("SHOW server_version_num")) // 10000
    if number < OLDEST_VERSION:
        return fail(number, _("Use PostgreSQL %(version)s or newer.") % {"version": OLDEST_VERSION})
    return ok(around.value("SHOW server_version"))


@check(_("Database encoding"), database=True)
def database_encoding(around: Surroundings) -> Finding:
    seen = around.value("SHOW server_encoding")
    if seen != "UTF8":
        return fail(seen, _("Create the database with ENCODING 'UTF8' and restore the last backup into it."))
    return ok(seen)


@check(_("Commits are durable"), database=True)
def database_durable(around: Surroundings) -> Finding:
    off = [
        name for name in ("fsync", "full_page_writes", "synchronous_commit") if around.value(f"SHOW {name}") == "off"
    ]
    if off:
        return fail(
            ", ".join(off), _("Switch these on in postgresql.conf: a power cut would lose what was acknowledged.")
        )
    return ok()


@check(_("Data checksums"), database=True)
def database_checksums(around: Surroundings) -> Finding:
    seen = around.value("SHOW data_checksums")
    if seen != "on":
        return warn(seen, _("Run pg_checksums --enable while the server is stopped, so that disk faults are noticed."))
    return ok(seen)


@check(_("Database takes writes"), database=True)
def database_writable(around: Surroundings) -> Finding:
    if around.value("SELECT pg_is_in_recovery()") or around.value("SHOW default_transaction_read_only") == "on":
        return fail(_("read-only"), _("This is a standby: point DATABASE_URL to the primary server, or promote it."))
    return ok()


@check(_("Database role"), database=True)
def database_role(around: Surroundings) -> Finding:
    if around.value("SELECT rolsuper FROM pg_roles WHERE rolname = current_user"):
        return warn(
            _("a superuser"), _("Use an ordinary role that owns the database: a superuser can switch off the trail.")
        )
    return ok(around.value("SELECT current_user"))


@check(_("Database connections"), database=True)
def database_connections(around: Surroundings) -> Finding:
    used = int(around.value("SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'"))
    most = int(around.value("SHOW max_connections"))
    seen = _("%(used)s of %(most)s") % {"used": used, "most": most}
    if used > 0.85 * most:
        return warn(seen, _("Raise max_connections, or lower YAOMAI_POOL or the number of web processes."))
    return ok(seen)


@check(_("Clock"), database=True)
def clock(around: Surroundings) -> Finding:
    theirs = around.value("SELECT clock_timestamp()")
    difference = abs((datetime.now(UTC) - theirs).total_seconds())
    seen = _("%(seconds).1f seconds apart from the database") % {"seconds": difference}
    if difference > 5:
        return fail(seen, _("Switch on time synchronisation (systemd-timesyncd or chrony) on both machines."))
    return ok(seen)


@check(_("Database structure"), database=True)
def migrations_applied(around: Surroundings) -> Finding:
    from yaomai.server.health import known_migrations

    applied = {(row[0], row[1]) for row in around.database.execute("SELECT app, name FROM django_migrations")}  # type: ignore[union-attr]
    missing = sorted(known_migrations() - applied)
    if missing:
        return fail(_("%(count)s missing") % {"count": len(missing)}, "yaomai migrate")
    return ok(_("%(count)s changes applied") % {"count": len(applied)})


@check(_("Structure known to this version"), database=True)
def migrations_known(around: Surroundings) -> Finding:
    from yaomai.server.health import known_migrations

    known = known_migrations()
    rooms = {app for app, _name in known}
    rows = around.database.execute("SELECT app, name FROM django_migrations")  # type: ignore[union-attr]
    newer = sorted({(row[0], row[1]) for row in rows if row[0] in rooms} - known)
    if newer:
        return fail(
            ", ".join(".".join(key) for key in newer[:3]),
            _("A newer Yaomai has worked on this database: start that version again, or restore a backup."),
        )
    return ok()


@check(_("Trail cannot be changed"), database=True)
def trail_triggers(around: Surroundings) -> Finding:
    from yaomai.server.health import TRIGGERS

    query = "SELECT count(*) FROM pg_trigger WHERE tgname = ANY(%s) AND tgenabled IN ('O', 'A')"
    found = int(around.value(query, list(TRIGGERS)))
    if found != len(TRIGGERS):
        return fail(
            _("%(found)s of %(wanted)s") % {"found": found, "wanted": len(TRIGGERS)},
            _("Somebody took the guard off the trail: run yaomai audit verify, and restore a backup."),
        )
    return ok(_("%(count)s guards in force") % {"count": found})


@check(_("Long transactions"), database=True)
def long_transactions(around: Surroundings) -> Finding:
    minutes = float(
        around.value(
            "SELECT coalesce(extract(epoch FROM now() - min(xact_start)), 0) / 60 FROM pg_stat_activity"
            " WHERE state LIKE 'idle in transaction%%' AND datname = current_database()"
        )
    )
    if minutes > 30:
        return warn(
            _("idle for %(minutes)d minutes") % {"minutes": minutes},
            _("Restart the program that holds it (yaomai psql, an import): it blocks cleaning up."),
        )
    return ok()


@check(_("Indexes"), database=True)
def valid_indexes(around: Surroundings) -> Finding:
    broken = around.value("SELECT string_agg(indexrelid::regclass::text, ', ') FROM pg_index WHERE NOT indisvalid")
    return fail(broken, "REINDEX INDEX CONCURRENTLY …") if broken else ok()


@check(_("Constraints"), database=True)
def valid_constraints(around: Surroundings) -> Finding:
    broken = around.value("SELECT string_agg(conname, ', ') FROM pg_constraint WHERE NOT convalidated")
    return fail(broken, "ALTER TABLE … VALIDATE CONSTRAINT …") if broken else ok()


@check(_("Transaction numbers"), database=True)
def transaction_numbers(around: Surroundings) -> Finding:
    age = int(around.value("SELECT age(datfrozenxid) FROM pg_database WHERE datname = current_database()"))
    mend = _("Switch autovacuum on and run VACUUM FREEZE.")
    seen = _("oldest: %(age)s transactions") % {"age": f"{age:,}"}
    return fail(seen, mend) if age > 1_000_000_000 else ok(seen)
