"""The schemes of the source documents, ready to use: each figure with its origin, "assumed" where they give none."""

from functools import cache
from importlib.resources import files
from typing import Final

import yaml

from yaomai.engine.scorecards import SchemeSpec

SCHEME_NAMES: Final = (
    "four_tiers",
    "kam_abc",
    "kol_levels",
    "visit_classes",
    "commercial_abc",
    "strategic_opportunity_base",
    "rfm",
)


@cache
def default_schemes() -> dict[str, SchemeSpec]:
    """Give the schemes by name, in the order of the documents."""
    folder = files("yaomai.engine") / "scheme_files"
    return {
        name: SchemeSpec.model_validate(yaml.safe_load((folder / f"{name}.yaml").read_text(encoding="utf-8")))
        for name in SCHEME_NAMES
    }
