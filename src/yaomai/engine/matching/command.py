"""`yaomai engine match`: names in one file against the master list in another."""

from pathlib import Path

import pyarrow as pa

from yaomai.engine.columns import Source
from yaomai.engine.console import Language, say
from yaomai.engine.files import FileProblem, require_writable, write_table

from .master import Master
from .matcher import Match, match_names
from .reasons import sentence


def match_files(
    *,
    names: Path,
    against: Path,
    name: str,
    output: Path,
    language: Language,
    place: str | None,
    region: str | None,
    master_name: str | None,
    master_place: str | None,
    sheet: str | None,
    against_sheet: str | None,
) -> None:
    """Match the names of one file to the master list in another and write the answers."""
    require_writable(output, inputs=(names, against))
    dirty, known = Source.read(names, sheet).only_lines([name]), Source.read(against, against_sheet)
    if master_name is None and name in dirty.table.column_names and name not in known.table.column_names:
        shown = "、".join(known.table.column_names)
        raise FileProblem("missing_master_name", file=against, column=name, columns=shown)
    texts, master_texts = _texts(dirty, name), _texts(known, master_name or name)
    places, master_places = _places(dirty, place), _places(known, master_place or place)
    if place and places is None and (master_places is None or master_place):
        raise FileProblem("missing_column", file=names, column=place, columns="、".join(dirty.table.column_names))
    answers = match_names(
        texts, Master(master_texts, places=master_places), places=places, regions=[region] * len(texts)
    )
    write_table(match_table(texts, master_texts, answers, language=language), output)
    accepted, review = (sum(answer.decision == which for answer in answers) for which in ("accept", "review"))
    none = len(answers) - accepted - review
    say(
        language,
        f"{len(answers):,} 个名称：自动确认 {accepted:,}，待审核 {review:,}，无匹配 {none:,} → {output}",
        f"{len(answers):,} names: {accepted:,} accepted, {review:,} to review, {none:,} without a match → {output}",
    )


def match_table(names: list[str], master_names: list[str], answers: list[Match], *, language: str = "zh") -> pa.Table:
    """Lay out answers as name, match, row (data row of the master list, from 1), score, decision, reason."""
    best = [answer.candidates[0] if answer.candidates else None for answer in answers]
    return pa.table(
        {
            "name": pa.array(names, pa.string()),
            "match": pa.array([one and master_names[one.row] for one in best], pa.string()),
            "row": pa.array([None if one is None else one.row + 1 for one in best], pa.int64()),
            "score": pa.array([None if one is None else one.score for one in best], pa.float64()),
            "decision": pa.array([answer.decision.value for answer in answers], pa.string()),
            "reason": pa.array(
                [
                    sentence(answer.reasons or (one.reasons if one else ()), language)
                    for answer, one in zip(answers, best, strict=True)
                ],
                pa.string(),
            ),
        }
    )


def _texts(source: Source, column: str) -> list[str]:
    return [text or "" for text in source.text(column).to_pylist()]


def _places(source: Source, column: str | None) -> list[str | None] | None:
    if column is None or column not in source.table.column_names:
        return None
    places: list[str | None] = source.text(column).to_pylist()
    return places
