"""Read settings from the environment and the data folder."""

import json
import os
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured
from psycopg_pool.base import AttemptWithBackoff

from yaomai.words import _


def flag(name: str) -> bool:
    """Tell whether the environment switches `name` on."""
    return os.environ.get(name, "").lower() in {"1", "true", "yes", "on"}


def listed(name: str, default: str) -> list[str]:
    """Read a comma-separated list."""
    return [part.strip() for part in os.environ.get(name, default).split(",") if part.strip()]


def folder(path: Path) -> Path:
    """Make the folder, readable by its owner only, and return it."""
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    return path


def _whole_number(name: str, default: int) -> int:
    """Read a number from 1 on."""
    text = os.environ.get(name, str(default))
    if not text.isascii() or not text.isdigit() or int(text) < 1:
        raise ImproperlyConfigured(_("%(name)s must be a whole number from 1 on.") % {"name": name})
    return int(text)


def data_folder() -> Path:
    """Return the data folder, made when missing."""
    path = Path(os.environ.get("YAOMAI_DATA", "data")).resolve()
    try:
        return folder(path)
    except (FileExistsError, NotADirectoryError):
        raise ImproperlyConfigured(
            _("YAOMAI_DATA must name a folder; %(path)s is or lies in a file.") % {"path": path}
        ) from None


def database(data: Path) -> dict[str, Any]:
    """Return Django's database settings: `DATABASE_URL`, else the embedded server of the data folder."""
    # A pool that waits twice as long after every attempt would still wait when the database has long come back, and
    # every request with it.
    AttemptWithBackoff.DELAY_BACKOFF = 1.0
    options: dict[str, Any] = {
        "pool": {"min_size": 1, "max_size": _whole_number("YAOMAI_POOL", 8), "timeout": 10},
        "connect_timeout": 5,
        # A search reads what waits before its index: keep that short. Imports let more wait and finish it afterwards.
        # Imports work on temporary tables.
        "options": "-c gin_pending_list_limit=64kB -c temp_buffers=32MB",
    }
    base = {
        "ENGINE": "django.db.backends.postgresql",
        "ATOMIC_REQUESTS": False,
        # A pooled connection is tried before it is used: after a restart of the database no request fails twice.
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": options,
    }
    url = os.environ.get("DATABASE_URL")
    if not url:  # left empty in a compose file it is not set
        from yaomai.kit.embedded import settings_for

        return base | settings_for(data)
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise _not_understood() from None
    if parts.scheme not in {"postgres", "postgresql"}:
        raise _not_understood()
    query = dict(parse_qsl(parts.query))
    host = query.pop("host", None) or parts.hostname or ""
    options.update(query)
    return base | {
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": str(port or query.pop("port", "")),
    }


def _not_understood() -> ImproperlyConfigured:
    # The address itself is not shown: it holds a password.
    return ImproperlyConfigured(
        _("DATABASE_URL is not understood. Write it as postgresql://user:password@host:5432/database.")
    )


def identity_providers() -> dict[str, Any]:
    """Read `YAOMAI_IDENTITY` (JSON as django-allauth wants it): OIDC, DingTalk, Feishu."""
    text = os.environ.get("YAOMAI_IDENTITY")
    if not text:
        return {}
    try:
        found = json.loads(text)
    except ValueError as error:
        raise ImproperlyConfigured(f"YAOMAI_IDENTITY is not JSON: {error}") from error
    if not isinstance(found, dict):
        raise ImproperlyConfigured(_("YAOMAI_IDENTITY must be a JSON object: a provider's name, then its settings."))
    return found


def logging(data: Path) -> dict[str, Any]:
    """Return the logging set-up: JSON lines on stderr, no request bodies and no personal data."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"json": {"()": "yaomai.server.logs.JsonFormatter"}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
        "root": {"handlers": ["stderr"], "level": os.environ.get("YAOMAI_LOG_LEVEL", "WARNING")},
    }
