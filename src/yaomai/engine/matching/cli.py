"""`yaomai engine match`: names in one file against the master list in another."""

import time
from pathlib import Path
from typing import Annotated

import pyarrow as pa
import typer

from ..files import FileProblem, read_table, text_column, write_table
from .master import Master
from .matcher import Match, match_names
from .reasons import sentence


def match_command(
    names: Annotated[Path, typer.Argument(help="File with the names to match (csv, xlsx or parquet)")],
    against: Annotated[Path, typer.Option("--against", help="File with the master list")],
    name: Annotated[str, typer.Option("--name", help="Column with the name, in both files")],
    output: Annotated[Path, typer.Option("--output", "-o", help="File to write: csv, xlsx or parquet by suffix")],
    place: Annotated[
        str | None, typer.Option("--place", help="Column with province, city or county, in either file or both")
    ] = None,
    master_name: Annotated[
        str | None, typer.Option("--master-name", help="Column with the name in the master list, if another")
    ] = None,
    master_place: Annotated[
        str | None, typer.Option("--master-place", help="Column with the place in the master list, if another")
    ] = None,
    language: Annotated[str, typer.Option("--language", help="Language of the reasons: zh or en")] = "zh",
) -> None:
    """Match dirty names of institutions to a master list.

    Writes one line per name: name, match, row (of the master list, the first is 1), score, decision (accept, review
    or none) and reason.
    """
    started = time.perf_counter()
    try:
        dirty, master_table = read_table(names), read_table(against)
        texts = _texts(dirty, name, names)
        master_texts = _texts(master_table, master_name or name, against)
        places, master_places = _places(dirty, place, names), _places(master_table, master_place or place, against)
        if place and places is None and master_places is None:
            raise FileProblem("missing_column", file=names, column=place, columns="、".join(dirty.column_names))
        answers = match_names(texts, Master(master_texts, places=master_places), places=places)
        write_table(match_table(texts, master_texts, answers, language=language), output)
    except FileProblem as problem:
        typer.echo(problem.render(language), err=True)
        raise typer.Exit(2) from problem
    counts = {decision: sum(answer.decision == decision for answer in answers) for decision in ("accept", "review")}
    typer.echo(
        f"{len(answers)} names against {len(master_texts)}: {counts['accept']} accepted, {counts['review']} to review, "
        f"{len(answers) - sum(counts.values())} without a match; {time.perf_counter() - started:.1f} s → {output}"
    )


def match_table(names: list[str], master_names: list[str], answers: list[Match], *, language: str = "zh") -> pa.Table:
    """Lay out answers as name, match, row (from 1), score, decision, reason."""
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


def _texts(table: pa.Table, column: str, file: Path) -> list[str]:
    return [text or "" for text in text_column(table, column, file=file).to_pylist()]


def _places(table: pa.Table, column: str | None, file: Path) -> list[str | None] | None:
    if column is None or column not in table.column_names:
        return None
    places: list[str | None] = text_column(table, column, file=file).to_pylist()
    return places
