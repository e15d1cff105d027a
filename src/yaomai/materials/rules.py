"""What can be said of a version without asking anybody."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

DAYS_OF_A_MONTH = 30.4375


def latest_end(today: date, months: int) -> date:
    """Return the last day on which something approved today may be usable."""
    return today + timedelta(days=round(months * DAYS_OF_A_MONTH))


def off_label(claimed: Iterable[int | None], label: Iterable[int]) -> bool:
    """Tell whether a claim speaks of a disease that is in no label of the products."""
    known = set(label)
    return any(indication is not None and indication not in known for indication in claimed)


def digest_of(texts: Mapping[str, str], claims: Sequence[Sequence[Any]], files: Sequence[str]) -> str:
    """Return the SHA-256, in hexadecimal, of everything that is approved with a version."""
    said = {"texts": dict(texts), "claims": [list(each) for each in claims], "files": sorted(files)}
    return hashlib.sha256(json.dumps(said, ensure_ascii=False, sort_keys=True).encode()).hexdigest()
