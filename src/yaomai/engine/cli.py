"""The command `yaomai engine` (also `python -m yaomai.engine`): scores and tiers from files alone."""

from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import pyarrow as pa
import pyarrow.compute as pc
import typer
import yaml
from rich.console import Console

from yaomai.engine.backends import arrow_table, connected
from yaomai.engine.consistency import require_consistent
from yaomai.engine.console import (
    Dates,
    Engine,
    EngineChoice,
    Language,
    LanguageChoice,
    Output,
    Sheet,
    reported,
    say,
)
from yaomai.engine.explain import explain
from yaomai.engine.files import require_writable, write_table
from yaomai.engine.matching.cli import match_command
from yaomai.engine.metrics import customer_metrics, sales_lines
from yaomai.engine.population import Population
from yaomai.engine.rfm import rfm_table
from yaomai.engine.schemes import default_schemes, load_scheme
from yaomai.engine.scorecards import SchemeSpec
from yaomai.engine.scoring import SchemeResult, evaluate_population
from yaomai.engine.sources import (
    LINE_COLUMNS,
    SalesFile,
    SourceProblem,
    attribute_names,
    parse_mapping,
    read_customers,
    read_sales,
    same_keys,
)
from yaomai.engine.wording import explanation_text
from yaomai.spellings import DayOrder, NotReadable, day
from yaomai.words import _

_EXPLAIN_BATCH = 20_000

app = typer.Typer(
    name="engine",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    add_completion=False,
    help=_(
        "Score, tier and match customers from files: no server, no database. FILE and OUT are .csv (UTF-8 or GBK, also"
        " .csv.gz), .xlsx or .parquet, by their suffix."
    ),
)

InputFile = Annotated[Path, typer.Argument(metavar="FILE", help=_("The sales lines: .csv, .xlsx or .parquet."))]
AsOf = Annotated[
    str | None,
    typer.Option(
        "--as-of", metavar="DATE", help=_("The day to judge from, like 2026-06-30; else the last day in FILE.")
    ),
]
DatesChoice = Annotated[
    Dates | None, typer.Option("--dates", help=_("How 3/5/2026 is meant, if the column does not show it."))
]
SkipIncomplete = Annotated[
    bool,
    typer.Option("--skip-incomplete", help=_("Leave out rows without customer, date or amount, and say how many.")),
]


@app.command(
    "rfm",
    help=_(
        "Score customers by recency, frequency and money.\n\n"
        "Writes customer, recency_days, frequency (days with an order), monetary, then r, f and m from 1 (worst) to the"
        " number of bins (best), and rfm_score, their digits as one number. Equal values get equal scores.\n\n"
        "Example: yaomai engine rfm sales.csv --customer customer --date date --amount amount -o rfm.xlsx"
    ),
)
def rfm_command(
    file: InputFile,
    output: Output,
    customer: Annotated[str, typer.Option("--customer", metavar="COL", help=_("The column with the customer."))],
    date_column: Annotated[str, typer.Option("--date", metavar="COL", help=_("The column with the day."))],
    amount: Annotated[
        str, typer.Option("--amount", metavar="COL", help=_("The column with the amount; returns are negative."))
    ],
    language: LanguageChoice,
    as_of: AsOf = None,
    bins: Annotated[int, typer.Option("--bins", min=2, max=9, help=_("Classes of equal size per score."))] = 5,
    dates: DatesChoice = None,
    sheet: Sheet = None,
    skip_incomplete: SkipIncomplete = False,
    engine: EngineChoice = Engine.duckdb,
) -> None:
    with reported(language):
        require_writable(output, inputs=(file,))
        mapping = {"customer": customer, "date": date_column, "amount": amount}
        sales = read_sales(file, mapping, sheet=sheet, order=_order(dates), skip_incomplete=skip_incomplete)
        when = _day(as_of, sales, file)
        table = rfm_table(_metrics(sales.lines, when, engine, file), bins=bins)
        write_table(table, output)
        _done(table, when, sales, output, language)


@app.command(
    "tier",
    help=_(
        "Rank customers and put each into a tier of a scheme, with the reason.\n\n"
        "Writes customer, tier, score (0 to 100), rank (1 is best) and explanation: what was measured, what was missing,"
        " the cut-off, and what would lift the customer by one tier. In order of rank.\n\n"
        "Example: yaomai engine tier sales.xlsx --map customer=customer,date=date,amount=amount --scheme four_tiers"
        " -o tiers.xlsx"
    ),
)
def tier_command(
    file: InputFile,
    output: Output,
    mapping: Annotated[
        str,
        typer.Option(
            "--map",
            metavar="MAP",
            help=_(
                "Which columns are what: customer=COL,date=COL,amount=COL and, if known, quantity, margin, product,"
                " product_line; also attributes of --customers under other names, like grade=LEVEL."
            ),
        ),
    ],
    scheme: Annotated[
        str,
        typer.Option("--scheme", metavar="NAME|FILE.yaml", help=_("A scheme (see `schemes`) or your own as YAML.")),
    ],
    language: LanguageChoice,
    customers: Annotated[
        Path | None,
        typer.Option(
            "--customers",
            metavar="FILE",
            help=_(
                "One row per customer with the attributes the scheme asks for, in columns named as in the scheme or by"
                " its labels. Customers without sales lines are tiered too."
            ),
        ),
    ] = None,
    as_of: AsOf = None,
    dates: DatesChoice = None,
    sheet: Sheet = None,
    customers_sheet: Annotated[
        str | None, typer.Option("--customers-sheet", metavar="NAME", help=_("The sheet of --customers."))
    ] = None,
    skip_incomplete: SkipIncomplete = False,
    engine: EngineChoice = Engine.duckdb,
) -> None:
    with reported(language):
        require_writable(output, inputs=(file, customers))
        spec = _scheme(scheme)
        columns = parse_mapping(mapping, (*LINE_COLUMNS, *attribute_names([spec])))
        of_lines = {name: column for name, column in columns.items() if name in LINE_COLUMNS}
        sales = read_sales(file, of_lines, sheet=sheet, order=_order(dates), skip_incomplete=skip_incomplete)
        when, lines, master = _day(as_of, sales, file), sales.lines, None
        if customers is not None:
            of_customers = {name: column for name, column in columns.items() if name not in LINE_COLUMNS}
            master = read_customers(
                customers,
                customer_column=columns["customer"],
                mapping=of_customers,
                specs=[spec],
                sheet=customers_sheet,
            )
            lines, master = same_keys(lines, master)
        population = Population(_metrics(lines, when, engine, file), master)
        result = evaluate_population(population, [spec], as_of=when)[spec.name]
        table = _tier_table(result, population, language)
        write_table(table, output)
        _done(table, when, sales, output, language)


@app.command(
    "schemes",
    help=_(
        "List the schemes, or print one as YAML, to be changed and given to `tier --scheme`.\n\n"
        "Example: yaomai engine schemes four_tiers > mine.yaml"
    ),
)
def schemes_command(
    language: LanguageChoice,
    name: Annotated[str | None, typer.Argument(metavar="[NAME]", help=_("Print this scheme as YAML."))] = None,
) -> None:
    with reported(language):
        if name is None:
            for spec in default_schemes().values():
                tiers = " / ".join(tier.label.in_language(language) for tier in spec.tiers)
                typer.echo(f"{spec.name:28}{spec.label.in_language(language)}: {tiers}  [{spec.origin}]")
            return
        content = _scheme(name).model_dump(mode="json", exclude_defaults=True)
        typer.echo(yaml.safe_dump(content, allow_unicode=True, sort_keys=False), nl=False)


app.command(
    "match",
    help=_(
        "Match untidy names of institutions to a master list.\n\n"
        "Writes one line per name: name, match, row (of the master list, the first is 1), score (0 to 1), decision (accept,"
        " review or none) and reason.\n\n"
        "Example: yaomai engine match names.csv --against hospitals.xlsx --name name --place city -o matched.xlsx"
    ),
)(match_command)


def _metrics(lines: pa.Table, as_of: date, engine: Engine, file: Path) -> pa.Table:
    with (
        Console(stderr=True).status(f"{file.name}: {lines.num_rows:,}"),
        TemporaryDirectory(prefix="yaomai-engine-") as folder,
        connected(engine.value) as connection,
    ):
        table = sales_lines(arrow_table(connection, lines, folder, "lines"))
        metrics: pa.Table = customer_metrics(table, as_of=as_of).to_pyarrow()
    if not metrics.num_rows:
        raise SourceProblem("no_lines", file=file, as_of=as_of)
    return metrics


def _day(text: str | None, sales: SalesFile, file: Path) -> date:
    if text is None:
        if sales.last_day is None:
            raise SourceProblem("no_lines", file=file, as_of="")
        return sales.last_day
    try:
        found = day(text)
    except NotReadable:
        found = None
    if found is None:
        raise SourceProblem("as_of", text=text)
    return found


def _order(dates: Dates | None) -> DayOrder:
    return DayOrder.UNKNOWN if dates is None else DayOrder(dates.value.replace("-", "_"))


def _scheme(name: str) -> SchemeSpec:
    schemes = default_schemes()
    if name in schemes:
        return schemes[name]
    if Path(name).suffix.lower() not in (".yaml", ".yml"):
        raise SourceProblem("scheme_unknown", name=name, names=", ".join(schemes))
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


def _done(table: pa.Table, as_of: date, sales: SalesFile, output: Path, language: Language) -> None:
    if sales.skipped:
        say(
            language,
            f"略过 {sales.skipped:,} 行：没有客户、日期或金额",
            f"Left out {sales.skipped:,} rows without customer, date or amount",
        )
    say(
        language,
        f"{table.num_rows:,} 个客户，截至 {as_of} → {output}",
        f"{table.num_rows:,} customers as of {as_of} → {output}",
    )


def main() -> None:
    """Run the command line."""
    app(prog_name="yaomai engine")
