"""The command `yaomai engine` (also `python -m yaomai.engine`): scores and tiers from files alone."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from enum import StrEnum
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import pyarrow as pa
import pyarrow.compute as pc
import typer
import yaml
from rich.console import Console

from yaomai.engine.backends import EngineMissing, arrow_table, connected
from yaomai.engine.consistency import InconsistentScheme, require_consistent
from yaomai.engine.explain import explain
from yaomai.engine.files import FileProblem, parse_date, write_table
from yaomai.engine.metrics import customer_metrics, sales_lines
from yaomai.engine.population import Population
from yaomai.engine.rfm import rfm_table
from yaomai.engine.schemes import default_schemes
from yaomai.engine.scorecards import SchemeFileProblem, SchemeSpec, load_scheme
from yaomai.engine.scoring import SchemeResult, evaluate_population
from yaomai.engine.sources import (
    LINE_COLUMNS,
    SalesFile,
    SourceProblem,
    attribute_names,
    parse_mapping,
    read_customers,
    read_sales,
)
from yaomai.engine.wording import explanation_text

_EXPLAIN_BATCH = 20_000

app = typer.Typer(
    name="engine",
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Score and tier customers from files: no server, no database. FILE and OUT are .csv (UTF-8 or GBK, also"
    " .csv.gz), .xlsx or .parquet, by their suffix.",
)


class Engine(StrEnum):
    """What computes."""

    duckdb = "duckdb"
    spark = "spark"


class Language(StrEnum):
    """What explanations and errors are written in."""

    zh = "zh"
    en = "en"


InputFile = Annotated[Path, typer.Argument(metavar="FILE", help="The sales lines: .csv, .xlsx or .parquet.")]
OutputFile = Annotated[Path, typer.Option("--output", "-o", metavar="OUT", help="The result: .csv, .xlsx or .parquet.")]
AsOf = Annotated[
    str | None,
    typer.Option("--as-of", metavar="DATE", help="The day to judge from, like 2026-06-30; else the last day in FILE."),
]
EngineChoice = Annotated[Engine, typer.Option("--engine", help="What computes; the results are the same.")]
LanguageChoice = Annotated[Language, typer.Option("--language", help="Language of explanations and of error messages.")]


@app.command("rfm")
def rfm_command(
    file: InputFile,
    output: OutputFile,
    customer: Annotated[str, typer.Option("--customer", metavar="COL", help="The column that names the customer.")],
    date_column: Annotated[str, typer.Option("--date", metavar="COL", help="The column with the day of the line.")],
    amount: Annotated[
        str, typer.Option("--amount", metavar="COL", help="The column with the amount; returns are negative.")
    ],
    as_of: AsOf = None,
    bins: Annotated[int, typer.Option("--bins", min=2, max=9, help="Classes of equal size per score.")] = 5,
    engine: EngineChoice = Engine.duckdb,
    language: LanguageChoice = Language.zh,
) -> None:
    """Score customers by recency, frequency and money.

    Writes customer, recency_days, frequency (days with an order), monetary, then r, f and m from 1 (worst) to the
    number of bins (best), and rfm_score, their digits as one number. Equal values get equal scores.

    Example: yaomai engine rfm sales.csv --customer 客户 --date 日期 --amount 金额 -o rfm.xlsx
    """
    with _reported(language):
        sales = read_sales(file, {"customer": customer, "date": date_column, "amount": amount})
        metrics = _metrics(sales, _day(as_of, sales, file, language), engine, file)
        write_table(rfm_table(metrics, bins=bins), output)


@app.command("tier")
def tier_command(
    file: InputFile,
    output: OutputFile,
    mapping: Annotated[
        str,
        typer.Option(
            "--map",
            metavar="MAP",
            help="Which columns are what: customer=COL,date=COL,amount=COL and, if known, quantity, margin, product,"
            " product_line; also attributes of --customers under other names, like grade=等级.",
        ),
    ],
    scheme: Annotated[
        str,
        typer.Option("--scheme", metavar="NAME|FILE.yaml", help="A scheme (see `schemes`) or your own as YAML."),
    ],
    customers: Annotated[
        Path | None,
        typer.Option(
            "--customers",
            metavar="FILE",
            help="One row per customer with the attributes the scheme asks for, in columns named as in the scheme or by"
            " its labels. Customers without sales lines are tiered too.",
        ),
    ] = None,
    as_of: AsOf = None,
    engine: EngineChoice = Engine.duckdb,
    language: LanguageChoice = Language.zh,
) -> None:
    """Rank customers and put each into a tier of a scheme, with the reason.

    Writes customer, tier, score (0 to 100), rank (1 is best) and explanation: what was measured, what was missing, the
    cut-off, and what would lift the customer by one tier. In order of rank.

    Example: yaomai engine tier sales.xlsx --map customer=客户,date=日期,amount=金额 --scheme four_tiers -o tiers.xlsx
    """
    with _reported(language):
        spec = _scheme(scheme, language)
        columns = parse_mapping(mapping, (*LINE_COLUMNS, *attribute_names([spec])))
        lines = {name: column for name, column in columns.items() if name in LINE_COLUMNS}
        sales = read_sales(file, lines)
        day = _day(as_of, sales, file, language)
        master = None
        if customers is not None:
            master = read_customers(
                customers,
                customer_column=columns["customer"],
                customer_type=sales.lines.schema.field("customer").type,
                mapping={name: column for name, column in columns.items() if name not in LINE_COLUMNS},
                specs=[spec],
            )
        metrics = _metrics(sales, day, engine, file)
        population = Population(metrics, master)
        result = evaluate_population(population, [spec], as_of=day)[spec.name]
        write_table(_tier_table(result, population, language), output)


@app.command("schemes")
def schemes_command(
    name: Annotated[str | None, typer.Argument(metavar="[NAME]", help="Print this scheme as YAML.")] = None,
    language: LanguageChoice = Language.zh,
) -> None:
    """List the schemes, or print one as YAML, to be changed and given to `tier --scheme`.

    Example: yaomai engine schemes four_tiers > mine.yaml
    """
    with _reported(language):
        if name is None:
            for spec in default_schemes().values():
                tiers = " / ".join(tier.label.in_language(language) for tier in spec.tiers)
                typer.echo(f"{spec.name:28}{spec.label.in_language(language)}: {tiers}  [{spec.origin}]")
            return
        content = _scheme(name, language).model_dump(mode="json", exclude_defaults=True)
        typer.echo(yaml.safe_dump(content, allow_unicode=True, sort_keys=False), nl=False)


def _metrics(sales: SalesFile, as_of: date, engine: Engine, file: Path) -> pa.Table:
    with (
        Console(stderr=True).status(f"{file.name}: {sales.lines.num_rows:,}"),
        TemporaryDirectory(prefix="yaomai-engine-") as folder,
        connected(engine.value) as connection,
    ):
        lines = sales_lines(arrow_table(connection, sales.lines, folder, "lines"))
        metrics: pa.Table = customer_metrics(lines, as_of=as_of).to_pyarrow()
    if not metrics.num_rows:
        raise SourceProblem("no_lines", file=file, as_of=as_of)
    return metrics


def _day(text: str | None, sales: SalesFile, file: Path, language: Language) -> date:
    if text is None:
        if sales.last_day is None:
            raise SourceProblem("no_lines", file=file, as_of="")
        return sales.last_day
    try:
        return parse_date(text)
    except ValueError:
        wrong = f"“{text}” 不是日期" if language == Language.zh else f"“{text}” is not a date"
        raise typer.BadParameter(wrong, param_hint="--as-of") from None


def _scheme(name: str, language: Language) -> SchemeSpec:
    schemes = default_schemes()
    if name in schemes:
        return schemes[name]
    if Path(name).suffix.lower() not in (".yaml", ".yml"):
        known = ", ".join(schemes)
        wrong = f"没有方案“{name}”。可用：{known}；或给出 .yaml 文件"
        english = f"There is no scheme “{name}”. Known: {known}; or give a .yaml file"
        raise typer.BadParameter(wrong if language == Language.zh else english, param_hint="--scheme")
    spec = load_scheme(name)
    require_consistent(spec)
    return spec


def _tier_table(result: SchemeResult, population: Population, language: Language) -> pa.Table:
    order = pc.sort_indices(result.table, sort_keys=[("rank", "ascending")])
    table = result.table.take(order)
    texts = [
        explanation_text(explain(result.spec, result.cutoffs, row, inputs), language)
        for row, inputs in _rows(table, population.inputs(result.spec.input_names()).take(order))
    ]
    return pa.table(
        {
            "customer": table.column("customer"),
            "tier": table.column("tier").cast(pa.string()),
            "score": table.column("score"),
            "rank": table.column("rank"),
            "explanation": pa.array(texts, pa.string()),
        }
    )


def _rows(table: pa.Table, inputs: pa.Table) -> Iterator[tuple[Mapping[str, object], Mapping[str, object]]]:
    for start in range(0, table.num_rows, _EXPLAIN_BATCH):
        rows = table.slice(start, _EXPLAIN_BATCH).to_pylist()
        yield from zip(rows, inputs.slice(start, _EXPLAIN_BATCH).to_pylist(), strict=True)


@contextmanager
def _reported(language: Language) -> Iterator[None]:
    """Say what is wrong with input in one sentence and end with status 1; nothing has been written then."""
    try:
        yield
    except (FileProblem, SourceProblem, InconsistentScheme) as problem:
        _fail(problem.render(language))
    except SchemeFileProblem as problem:
        _fail(f"方案文件有误：{problem}" if language == Language.zh else f"Not a scheme file: {problem}")
    except EngineMissing as problem:
        _fail(f"Spark 未安装：{problem}" if language == Language.zh else f"Spark is not installed: {problem}")
    except OSError as problem:
        _fail(f"{problem.filename or ''}: {problem.strerror or problem}")


def _fail(message: str) -> None:
    typer.echo(message, err=True)
    raise typer.Exit(1)


if find_spec("yaomai.engine.matching.cli"):
    from yaomai.engine.matching.cli import match_command

    app.command("match")(match_command)


def main() -> None:
    """Run the command line."""
    app(prog_name="yaomai engine")
