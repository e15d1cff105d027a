"""The command `yaomai engine` (also `python -m yaomai.engine`): scores and tiers from files alone."""

from pathlib import Path
from typing import Annotated

import typer

from yaomai.engine import looking_back, predicting
from yaomai.engine.console import Dates, Engine, EngineChoice, Format, LanguageChoice, Output, Sheet, reported
from yaomai.words import _, in_words, translate_help

app = typer.Typer(
    name="engine",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    add_completion=False,
    help=_(
        "Score, tier and match customers, and look ahead, from files: no server, no database. FILE and OUT are .csv (UTF-8 or GBK, also"
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
        from yaomai.engine import commands

        commands.rfm(
            file=file,
            output=output,
            customer=customer,
            date_column=date_column,
            amount=amount,
            language=language,
            as_of=as_of,
            bins=bins,
            dates=dates,
            sheet=sheet,
            skip_incomplete=skip_incomplete,
            engine=engine,
        )


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
        from yaomai.engine import commands

        commands.tier(
            file=file,
            output=output,
            mapping=mapping,
            scheme=scheme,
            language=language,
            customers=customers,
            as_of=as_of,
            dates=dates,
            sheet=sheet,
            customers_sheet=customers_sheet,
            skip_incomplete=skip_incomplete,
            engine=engine,
        )


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
        from yaomai.engine import commands

        commands.schemes(language=language, name=name)


@app.command(
    "match",
    help=_(
        "Match untidy names of institutions to a master list.\n\n"
        "Writes one line per name: name, match, row (of the master list, the first is 1), score (0 to 1), decision (accept,"
        " review or none) and reason.\n\n"
        "Example: yaomai engine match names.csv --against hospitals.xlsx --name name --place city -o matched.xlsx"
    ),
)
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
        from yaomai.engine.matching.command import match_files

        match_files(
            names=names,
            against=against,
            name=name,
            output=output,
            language=language,
            place=place,
            region=region,
            master_name=master_name,
            master_place=master_place,
            sheet=sheet,
            against_sheet=against_sheet,
        )


@app.command(
    "claims",
    help=_(
        "Find what looks odd in lines of expenses: claimed twice, split, round, on days off, at night, far apart, and"
        " people whose invoices follow one another.\n\n"
        "Writes one row per finding, the strongest first: detector, person, other, recipient, first_day, last_day, lines,"
        " amount, strength (0 to 1), explanation and the lines. A finding is a question, not an answer.\n\n"
        "Example: yaomai engine claims expenses.xlsx --map line=no,person=who,day=date,amount=amount,invoice=invoice"
        " -o odd.xlsx"
    ),
)
def claims_command(
    file: Annotated[Path, typer.Argument(metavar="FILE", help=_("The lines: .csv, .xlsx or .parquet."))],
    output: Output,
    mapping: Annotated[
        str,
        typer.Option(
            "--map",
            metavar="MAP",
            help=_(
                "Which columns are what: line=COL,person=COL,day=COL,amount=COL and, if known, recipient, institution,"
                " form (meal for meals), invoice, entered_at, city, latitude, longitude, value (what the institution is worth)."
            ),
        ),
    ],
    language: LanguageChoice,
    settings: Annotated[
        Path | None,
        typer.Option("--settings", metavar="FILE.yaml", help=_("Figures of the detectors, such as split_limit: 500.")),
    ] = None,
    dates: DatesChoice = None,
    sheet: Sheet = None,
    engine: EngineChoice = Engine.duckdb,
) -> None:
    with reported(language):
        from yaomai.engine.claims.command import claims_file

        claims_file(
            file=file, output=output, mapping=mapping, language=language, settings=settings, dates=dates, sheet=sheet,
            engine=engine,
        )  # fmt: skip


predicting.register(app)
looking_back.register(app)


@app.command(
    "route",
    help=_(
        "Find short routes for a published instance: over several days (pvrp) or with time windows (solomon).\n\n"
        "Writes JSON: cost (the unrounded distance), vehicles (of the busiest day) and the routes of each day, stops as"
        " numbered in FILE.\n\n"
        "Example: yaomai engine route p01 --format pvrp --seconds 60 -o routes.json"
    ),
)
def route_command(
    file: Annotated[Path, typer.Argument(metavar="FILE", help=_("The instance, in the format named."))],
    form: Annotated[Format, typer.Option("--format", help=_("pvrp: Cordeau's; solomon: Solomon's."))],
    output: Annotated[Path, typer.Option("--output", "-o", metavar="OUT.json", help=_("The routes, as JSON."))],
    language: LanguageChoice,
    seconds: Annotated[float, typer.Option("--seconds", min=1, max=86_400, help=_("How long to search."))] = 30,
    seed: Annotated[int, typer.Option("--seed", min=0, help=_("Where chance begins."))] = 1,
    workers: Annotated[
        int, typer.Option("--workers", min=0, max=64, help=_("Searches side by side; 0: two, or one on one processor."))
    ] = 0,
) -> None:
    with reported(language):
        from yaomai.engine.routing.command import route_file

        route_file(file=file, form=form, output=output, seconds=seconds, seed=seed, workers=workers, language=language)


@app.command(
    "plan",
    help=_(
        "Plan the visits of one person's territory over a year.\n\n"
        "Keeps every hard limit (working days, leave, meetings, clinic and surgery half-days, visiting rules, what a day holds with"
        " travel), and says how far the plan is from its bound, what does not fit, and what would make it fit. Ctrl-C stops with"
        " the best plan so far. OUT is .csv, .xlsx or .parquet with a row per visit, or .json with everything.\n\n"
        "With --earlier the territory is planned again after something changed in it: what can stay stays, and every move is"
        " said with its reason.\n\n"
        "Example: yaomai engine plan territory.yaml -o plan.xlsx"
    ),
)
def plan_command(
    file: Annotated[Path, typer.Argument(metavar="FILE.yaml", help=_("The territory."))],
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="OUT", help=_("The plan: .csv, .xlsx, .parquet or .json."))
    ],
    language: LanguageChoice,
    seconds: Annotated[float, typer.Option("--seconds", min=1, max=3_600, help=_("How long to search at most."))] = 20,
    seed: Annotated[int, typer.Option("--seed", min=0, help=_("Where chance begins."))] = 1,
    earlier: Annotated[
        Path | None,
        typer.Option("--earlier", metavar="PLAN.json", help=_("A plan that `plan` wrote before: it changes little.")),
    ] = None,
    today: Annotated[
        str | None,
        typer.Option("--today", metavar="DATE", help=_("With --earlier: visits before this day stay as they were.")),
    ] = None,
) -> None:
    with reported(language):
        from yaomai.engine.planning.command import plan_file, replan_file

        if earlier is not None:
            replan_file(
                file=file,
                earlier=earlier,
                today=today,
                output=output,
                seconds=seconds,
                seed=seed,
                language=language,
            )
            return
        plan_file(file=file, output=output, seconds=seconds, seed=seed, language=language)


def main() -> None:
    """Run the command line."""
    translate_help()
    in_words(app, prog_name="yaomai engine")
