"""What the commands of `yaomai engine` share: language, options, and saying what is wrong in one sentence."""

from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from yaomai.words import _, language


class Engine(StrEnum):
    """What computes."""

    duckdb = "duckdb"
    spark = "spark"


class Language(StrEnum):
    """What explanations and errors are written in."""

    zh = "zh"
    en = "en"


class Dates(StrEnum):
    """How 3/5/2026 is meant."""

    month_first = "month-first"
    day_first = "day-first"


class Format(StrEnum):
    """How an instance of routing is written."""

    pvrp = "pvrp"
    solomon = "solomon"


def _spoken() -> Language:
    return Language.en if language() == "en" else Language.zh


Output = Annotated[Path, typer.Option("--output", "-o", metavar="OUT", help=_("The result: .csv, .xlsx or .parquet."))]
EngineChoice = Annotated[Engine, typer.Option("--engine", help=_("What computes; the results are the same."))]
LanguageChoice = Annotated[
    Language,
    typer.Option(
        "--language",
        default_factory=_spoken,
        show_default=False,
        help=_("Language of explanations and messages; else YAOMAI_LANG or the locale decides."),
    ),
]
Sheet = Annotated[str | None, typer.Option("--sheet", metavar="NAME", help=_("The sheet of FILE, if it has several."))]


def say(language: Language, chinese: str, english: str) -> None:
    """Say how it went, beside the result."""
    typer.echo(chinese if language == Language.zh else english, err=True)


@contextmanager
def reported(language: Language) -> Iterator[None]:
    """Say what is wrong with input in one sentence and end with status 1; nothing has been written then."""
    from yaomai.engine.backends import EngineMissing
    from yaomai.engine.consistency import InconsistentScheme
    from yaomai.engine.files.problems import InputProblem
    from yaomai.engine.schemes import SchemeFileProblem

    try:
        yield
    except (InputProblem, InconsistentScheme, SchemeFileProblem) as problem:
        _fail(problem.render(language))
    except EngineMissing as problem:
        _fail(f"Spark 未安装：{problem}" if language == Language.zh else f"Spark is not installed: {problem}")
    except OSError as problem:
        _fail(f"{problem.filename or ''}: {problem.strerror or problem}")


def _fail(message: str) -> None:
    typer.echo(message, err=True)
    raise typer.Exit(1)
