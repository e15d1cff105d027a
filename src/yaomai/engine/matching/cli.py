"""`yaomai engine match`: names in one file against the master list in another."""

from pathlib import Path
from typing import Annotated

import pyarrow as pa
import typer

from yaomai.engine.columns import Source
from yaomai.engine.console import Engine, LanguageChoice, Output, reported, say
from yaomai.engine.files import FileProblem, require_writable, write_table
from yaomai.words import _

from .master import Master
from .matcher import Match, match_names
from .reasons import sentence


def match_command(
    names: Annotated[Path, typer.Argument(metavar="NAMES", help=_("The file with the names to match."))],
    against: Annotated[Path, typer.Option("--against", metavar="MASTER", help=_("The file with the master list."))],
    name: Annotated[str, typer.Option("--name", metavar="COL", help=_("The column with the name, in both files."))],
    output: Output,
    language: LanguageChoice,
    place: Annotated[
        str | None,
        typer.Option(
            "--place", metavar="COL", help=_("The column with province, city or county, in either file or both.")
        ),
    ] = None,
    region: Annotated[
        str | None,
        typer.Option(
            "--region",
            metavar="PLACE",
            help=_("Where NAMES comes from (the distributor's seat): its institutions come first when in doubt."),
        ),
    ] = None,
    master_name: Annotated[
        str | None, typer.Option("--master-name", metavar="COL", help=_("The name's column in MASTER, if another."))
    ] = None,
    master_place: Annotated[
        str | None, typer.Option("--master-place", metavar="COL", help=_("The place's column in MASTER, if another."))
    ] = None,
    sheet: Annotated[str | None, typer.Option("--sheet", metavar="NAME", help=_("The sheet of NAMES."))] = None,
    against_sheet: Annotated[
        str | None, typer.Option("--against-sheet", metavar="NAME", help=_("The sheet of MASTER."))
    ] = None,
    engine: Annotated[
        Engine, typer.Option("--engine", help=_("As for `rfm` and `tier`; names are matched in this process on both."))
    ] = Engine.duckdb,
) -> None:
    with reported(language):
        require_writable(output, inputs=(names, against))
        dirty, known = Source.read(names, sheet), Source.read(against, against_sheet)
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
