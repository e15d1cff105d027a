"""Schemes as YAML: those of the source documents, ready to use, and anybody's own.

The documents' figures stand with their origin, "assumed" where the documents give none.
"""

from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import yaml
from pydantic import ValidationError

from yaomai.engine.files.documents import parse_yaml
from yaomai.engine.scorecards import SchemeSpec

SCHEME_NAMES: Final = (
    "four_tiers",
    "kam_abc",
    "kol_levels",
    "visit_classes",
    "commercial_abc",
    "strategic_opportunity_base",
    "rfm",
    "prescriber_potential",
    "academic_influence",
    "decision_power",
)

_WRONG: Final[dict[str, tuple[str, str]]] = {
    "missing": ("缺少这一项", "is missing"),
    "extra_forbidden": ("没有这一项，请核对拼写", "is no key of a scheme: check the spelling"),
    "union_tag_not_found": ("缺少 method", "method is missing"),
    "union_tag_invalid": ("method 只能是 {expected_tags}", "method is one of {expected_tags}"),
    "literal_error": ("只能是 {expected}", "is one of {expected}"),
    "greater_than_equal": ("不能小于 {ge}", "is at least {ge}"),
    "less_than_equal": ("不能大于 {le}", "is at most {le}"),
    "decimal_max_places": ("最多 {decimal_places} 位小数", "has at most {decimal_places} decimal places"),
    "decimal_parsing": ("应为数字", "is a number"),
    "decimal_type": ("应为数字", "is a number"),
    "string_type": ("应为文字", "is a text"),
    "string_pattern_mismatch": (
        "只能用小写字母、数字和下划线，以字母开头",
        "has lower-case letters, digits and underscores, and begins with a letter",
    ),
    "too_short": ("至少要有 {min_length} 项", "has at least {min_length} entries"),
    "too_long": ("最多 {max_length} 项", "has at most {max_length} entries"),
    "tuple_type": ("应为列表", "is a list"),
    "dict_type": ("应写成“名称: 值”", "is written as “name: value”"),
    "model_type": ("应写成“名称: 值”", "is written as “name: value”"),
    "model_attributes_type": ("应写成“名称: 值”", "is written as “name: value”"),
    "yaml": ("第 {line} 行第 {column} 列不是合法的 YAML", "line {line}, column {column} is not YAML"),
    "text": ("不是 UTF-8 文本", "is no text in UTF-8"),
    "absent": ("文件不存在", "there is no such file"),
}


class SchemeFileProblem(ValueError):
    """A scheme file that cannot be read as a scheme; `wrong` lists (place in the file, code, params)."""

    def __init__(self, file: str, wrong: tuple[tuple[str, str, dict[str, Any]], ...]) -> None:
        self.file = file
        self.wrong = wrong
        super().__init__(self.render("en"))

    def render(self, language: str = "zh") -> str:
        """Say what is wrong and where; `language` is "zh" or "en"."""
        index, mark, pause = (0, "：", "；") if language.startswith("zh") else (1, ": ", "; ")
        said = []
        for place, code, params in self.wrong:
            what = _WRONG[code][index].format(**params) if code in _WRONG else str(params["message"])
            said.append(f"{place} {what}".strip())
        return self.file + mark + pause.join(said)


@cache
def default_schemes() -> dict[str, SchemeSpec]:
    """Give the schemes by name, in the order of the documents."""
    folder = files("yaomai.engine") / "scheme_files"
    return {
        name: SchemeSpec.model_validate(yaml.safe_load((folder / f"{name}.yaml").read_text(encoding="utf-8")))
        for name in SCHEME_NAMES
    }


def load_scheme(path: Path | str) -> SchemeSpec:
    """Read a scheme from a YAML file.

    Raises:
        SchemeFileProblem: no such file, not YAML, or not a scheme.
    """
    path = Path(path)
    if not path.is_file():
        raise SchemeFileProblem(str(path), (("", "absent", {}),))
    try:
        content = parse_yaml(path.read_text(encoding="utf-8-sig"))
    except UnicodeDecodeError as error:
        raise SchemeFileProblem(str(path), (("", "text", {}),)) from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = {"line": mark.line + 1 if mark else 1, "column": mark.column + 1 if mark else 1}
        raise SchemeFileProblem(str(path), (("", "yaml", where),)) from error
    try:
        return SchemeSpec.model_validate(content)
    except ValidationError as error:
        wrong = tuple(
            (_place(content, found["loc"]), found["type"], {**found.get("ctx", {}), "message": found["msg"]})
            for found in error.errors()
            if not _only_seems_short(found)
        )
        raise SchemeFileProblem(str(path), wrong) from error


def _only_seems_short(found: Any) -> bool:
    """Say whether a list is only called too short because entries of it are wrong."""
    given = found["input"]
    return found["type"] == "too_short" and isinstance(given, list) and len(given) >= found["ctx"]["min_length"]


def _place(content: Any, steps: tuple[str | int, ...]) -> str:
    """Write where something is wrong: components.purchases.weight, tiers.2.share."""
    said = []
    for step in steps:
        inside = content.get(step) if isinstance(content, dict) else content[step] if isinstance(step, int) else None
        if isinstance(step, int):
            said.append(str(inside["name"] if isinstance(inside, dict) and "name" in inside else step + 1))
        elif isinstance(content, dict) and content.get("method") == step:
            continue  # the chosen way of scoring, which pydantic names as if it were a key
        else:
            said.append(step)
        content = inside
    return ".".join(said)
