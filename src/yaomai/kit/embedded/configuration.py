"""The server's configuration files, written anew at every start."""

import os

_MEGABYTE = 1024 * 1024


def memory_settings(total_bytes: int) -> dict[str, str]:
    """Return memory settings for a machine that also runs the web, the worker and the analytics.

    An eighth of the memory for shared buffers, between 64 MB and 1 GB: the operating system's cache does the rest.
    """
    total = total_bytes // _MEGABYTE
    shared = max(64, min(1024, total // 8))
    return {
        "shared_buffers": f"{shared}MB",
        "effective_cache_size": f"{max(128, total // 3)}MB",
        "work_mem": f"{max(4, min(32, total // 256))}MB",
        "maintenance_work_mem": f"{max(32, min(512, total // 24))}MB",
    }


def server_settings(*, socket_directory: str, cluster_name: str, durable: bool, connections: int) -> dict[str, str]:
    """Return every setting of the server; `durable=False` gives up crash safety for the speed of tests."""
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    settings = {
        "listen_addresses": "",
        "unix_socket_directories": socket_directory,
        "unix_socket_permissions": "0700",
        "cluster_name": cluster_name,
        "max_connections": str(connections),
        **memory_settings(total),
        "max_wal_size": "512MB",
        "min_wal_size": "256MB",
        "wal_compression": "on",
        "checkpoint_timeout": "5min",
        "random_page_cost": "1.1",
        "max_parallel_workers_per_gather": "1",
        "jit": "off",
        "timezone": "UTC",
        "log_timezone": "UTC",
        "log_destination": "stderr",
        "logging_collector": "off",
        "log_line_prefix": "%m [%p] %b ",
        # Statements and details carry values of rows, hence personal data: they are kept out of the log.
        "log_error_verbosity": "terse",
        "log_min_error_statement": "panic",
        "log_min_messages": "warning",
        "log_checkpoints": "off",
        "log_autovacuum_min_duration": "-1",
    }
    if not durable:
        settings |= {
            "fsync": "off",
            "synchronous_commit": "off",
            "full_page_writes": "off",
            "autovacuum": "off",
            "max_wal_size": "2GB",
            "wal_level": "minimal",
            "max_wal_senders": "0",
            "shared_buffers": "128MB",
            "file_copy_method": "clone",
        }
    return settings


def postgresql_conf(settings: dict[str, str]) -> str:
    """Return the text of postgresql.conf."""
    lines = ["# Written by Yaomai at every start. Put your own settings into local.conf next to this file."]
    lines += [f"{name} = '{value.replace(chr(39), chr(39) * 2)}'" for name, value in settings.items()]
    lines.append("include_if_exists = 'local.conf'")
    return "\n".join(lines) + "\n"


PG_HBA_CONF = """\
# Written by Yaomai at every start: no network, no passwords, only the users named in pg_ident.conf.
local all         all peer map=yaomai
local replication all peer map=yaomai
"""


def pg_ident_conf(system_users: list[str], roles: tuple[str, ...]) -> str:
    """Return the text of pg_ident.conf: which operating-system user may be which database role."""
    lines = ["# Written by Yaomai at every start."]
    lines += [f'yaomai "{user}" "{role}"' for user in dict.fromkeys(system_users) for role in roles]
    return "\n".join(lines) + "\n"
