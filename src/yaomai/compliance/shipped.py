"""The rules that Yaomai ships, as `data/rules.yaml` writes them. Read by migrations; the rule book is the database's."""

import re
from collections.abc import Iterator
from importlib import resources
from typing import Any

import yaml
from django.utils import timezone

from yaomai.engine.rulebook import ALONE, SEVERAL

_CLAUSE = re.compile(r"(?P<fact>\w+) (?P<operator>\w+)(?: (?P<value>.+))?")


def load(apps: Any, _schema_editor: Any) -> None:
    """Bring the shipped rules that the rule book lacks into it: a step of a migration."""
    model = apps.get_model("compliance", "Rule")
    now = timezone.now()
    known = set(model._base_manager.values_list("code", flat=True))
    model._base_manager.bulk_create(
        model(**fields, number=1, status="approved", created_at=now, decided_at=now)
        for fields in rules()
        if fields["code"] not in known
    )


def rules() -> Iterator[dict[str, Any]]:
    """Yield the fields of each shipped rule, as `compliance.Rule` takes them."""
    text = resources.files("yaomai.compliance").joinpath("data/rules.yaml").read_text(encoding="utf-8")
    for code, said in yaml.safe_load(text).items():
        pack, level, confidence, reference = said["is"]
        yield {
            "code": code,
            "pack": pack,
            "level": level,
            "confidence": confidence,
            "reference": reference,
            "kinds": said["kinds"],
            "clauses": [clause(written) for written in said["when"]],
            "valid_from": said["from"],
            "source": said["source"],
            "article": said.get("article", ""),
            "text_zh": said["zh"],
            "text_en": said["en"],
            "mend_zh": said.get("mend_zh", ""),
            "mend_en": said.get("mend_en", ""),
        }


def clause(written: str) -> dict[str, Any]:
    """Return a clause as it is kept.

    Raises:
        ValueError: it is not "fact operator", or "fact operator value".
    """
    found = _CLAUSE.fullmatch(written)
    if found is None or (found["value"] is None) is not (found["operator"] in ALONE):
        raise ValueError(f"not a clause: {written!r}")
    kept: dict[str, Any] = {"fact": found["fact"], "operator": found["operator"]}
    value = found["value"]
    if value is None:
        return kept
    if value.startswith("@"):
        return kept | {"figure": value[1:]}
    if value.startswith("="):
        return kept | {"other": value[1:]}
    return kept | {"value": value.split(",") if kept["operator"] in SEVERAL else value}
