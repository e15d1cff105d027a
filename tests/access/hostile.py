"""What nobody types by accident: values that break parsers, queries, databases and pages."""

import base64
import json
from typing import Any


def cursor(value: Any) -> str:
    """Return the address of a page that no list made."""
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


PARAMETERS = (
    "sort", "cursor", "q", "view", "column", "before", "after", "name", "passed", "subject", "first", "second",
    "scheme", "on", "from", "older", "newer", "day", "attribute", "format", "action", "limit", "institution",
    "territory", "division", "beds_from", "completeness_to", "checked_on_from", "updated_at_from", "tier_rfm",
    "tier_four_tiers", "grade", "kind", "customer_types", "parent", "product", "sold_on_from", "taken_in_at_to",
    "distributor", "batch", "actor_id", "since", "until", "code", "outcome", "target_id", "target_type", "archived",
    "unassigned", "is_active", "decision", "rows", "valid_to_from", "person", "standard", "last_login_from", "query",
    "next", "other", "tab", "state", "level", "importer",
)  # fmt: skip

VALUES = (
    "²", "١٢", "9" * 30, "-1", "1e999", "NaN", "-Infinity", "0x10", "\0", "a\0b", "'", "' OR 1=1 --", "%", "_", "\\",
    "[", "{{7*7}}", "${7*7}", "../../etc/passwd", "😀" * 40, "\u202e\u200b", "a" * 3000, "2026-02-30", "0001-01-01",
    "9999-12-31", "10000-01-01", "-", "--id", "pk", "person__password", "id;drop table x", "null", "1,2,²", "²,³",
    "3" * 18 + "," + "9" * 25, '"><svg onload=alert(1)>', "javascript:alert(1)", "//evil.example", "\r\nX-Evil: 1",
    cursor([0, None]), cursor([0, "a\0b", 1]), cursor([0, "x", 10**30]), cursor([0, "x", True]), cursor([2, "x", 1]),
    cursor([0, "x", [1]]), cursor([0, {"a": 1}, 1]), cursor({"a": 1}), cursor([0]), cursor("x"), cursor([0, 10**400, 1]),
    cursor([0, "9999-99-99", 1]), cursor([0, "NaN", 1]), base64.urlsafe_b64encode(b"[" * 3000).decode(),
)  # fmt: skip
