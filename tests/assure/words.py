"""The words of the company itself: they are the same in every language, and stand in no catalogue."""

import re
from collections.abc import Iterator
from typing import Any

COLUMNS = (
    "SELECT table_name, column_name, data_type FROM information_schema.columns WHERE table_schema = 'public'"
    " AND data_type IN ('text', 'character varying', 'jsonb') AND table_name NOT LIKE 'django_%'"
)
TRAIL = ("audit_entry", "content")
"""JSON that is kept as it was sealed; names in it stay as they were said."""
LONGEST = 200
PLACEHOLDER = re.compile(r"\{\w+\}")
BETWEEN = re.compile(r"S\d+|assumed|\s+")
"""What the origin of a figure consists of besides words: documents, which screens name in full."""


def entered(cursor: Any) -> set[str]:
    """Return the short texts that the database holds, those within JSON too."""
    words: set[str] = set()
    cursor.execute(COLUMNS)
    for table, column, kind in cursor.fetchall():
        source, word = f'"{table}"', f'"{column}"'
        if kind == "jsonb" or (table, column) == TRAIL:
            source, word = (
                f"{source}, jsonb_path_query({word}::jsonb, '$.** ? (@.type() == \"string\")') part",
                "part #>> '{}'",
            )
        cursor.execute(f"SELECT DISTINCT {word} FROM {source} WHERE length({word}) BETWEEN 1 AND {LONGEST}")
        words.update(word for (word,) in cursor.fetchall())
    return words


def declared() -> set[str]:
    """Return the texts of all policies as they are shipped, what their origins say beside the documents' names, the
    rules as they are shipped, and the words of the engine, which knows no catalogue and carries both languages itself."""
    from yaomai.compliance.shipped import rules
    from yaomai.engine.inputs import METRICS
    from yaomai.engine.wording import _WORDS
    from yaomai.kit.policies import registered

    texts = {text for policy in registered().values() for text in _texts(policy().model_dump(mode="json"))}
    texts |= {metric.label.zh for metric in METRICS.values()}
    texts |= {part for chinese, _english in _WORDS.values() for part in PLACEHOLDER.split(chinese) if part.strip()}
    texts |= {text for rule in rules() for text in _texts(rule)}
    return texts | {part for text in texts for part in BETWEEN.split(text) if part}


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from _texts(each)
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each)
