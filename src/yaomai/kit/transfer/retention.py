"""Remove uploaded files whose time is over, and the caches beside them that nobody needs any more."""

from datetime import datetime, timedelta
from pathlib import Path

from django.db.models import Q
from django.db.models.functions import Coalesce

from yaomai.kit.acts.rows import local_day
from yaomai.kit.policies.selectors import policy_on
from yaomai.kit.transfer import files
from yaomai.kit.transfer.models import Import
from yaomai.kit.transfer.policies import RetentionPolicy

_CACHE_DAYS = 7
"""A cache is read within minutes of being made; it can be made again at any time."""
_ARRIVING = timedelta(days=1)
"""A file younger than that may belong to an upload that is not written down yet."""


def remove_old(*, now: datetime) -> dict[str, int]:
    """Remove what is not to be kept any more; return how many uploaded files went, and how many bytes in all."""
    needed = _needed(now)
    removed = freed = 0
    for path in files.everything():
        age = now.timestamp() - path.stat().st_mtime
        digest, _dot, suffix = path.name.partition(".")
        is_over = digest not in needed or suffix.endswith("part") or (suffix and age > _CACHE_DAYS * 86400)
        if is_over and age > _ARRIVING.total_seconds():
            freed += _removed(path)
            removed += not suffix
    return {"removed": removed, "bytes": freed}


def _needed(now: datetime) -> set[str]:
    """Return the digests of files of which at least one import is young enough, or going on."""
    policy, _version = policy_on(RetentionPolicy, on=local_day(now))
    imported = Q(ended_at__gte=now - timedelta(days=policy.imported_days), applied_at__isnull=False)
    other = Q(ended_at__gte=now - timedelta(days=policy.other_days), applied_at__isnull=True)
    ended = Import.unscoped.annotate(ended_at=Coalesce("undone_at", "applied_at", "checked_at", "created_at"))
    return set(ended.filter(imported | other | Q(status=Import.Status.APPLYING)).values_list("sha256", flat=True))


def _removed(path: Path) -> int:
    size = path.stat().st_size
    path.unlink(missing_ok=True)
    return size
