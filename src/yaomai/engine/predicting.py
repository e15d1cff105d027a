"""The commands of `yaomai engine` that look ahead: the summary is JSON on the standard output, the rows are in OUT."""

from pathlib import Path
from typing import Annotated

import typer

from yaomai.engine.console import Dates, Engine, EngineChoice, LanguageChoice, Output, Sheet, reported
from yaomai.words import _

LogFile = Annotated[Path, typer.Argument(metavar="LOG", help=_("The orders or sales lines: .csv, .xlsx or .parquet."))]
Customer = Annotated[str, typer.Option("--customer", metavar="COL", help=_("The column with the customer."))]
DateColumn = Annotated[str, typer.Option("--date", metavar="COL", help=_("The column with the day."))]
Until = Annotated[
    str | None,
    typer.Option("--until", metavar="DATE", help=_("The last day that is seen, like 2026-06-30; else that of LOG.")),
]
DatesChoice = Annotated[
    Dates | None, typer.Option("--dates", help=_("How 3/5/2026 is meant, if the column does not show it."))
]
SkipIncomplete = Annotated[
    bool, typer.Option("--skip-incomplete", help=_("Leave out incomplete rows, and say how many."))
]


def value_command(
    log: LogFile,
    output: Output,
    customer: Customer,
    date_column: DateColumn,
    language: LanguageChoice,
    amount: Annotated[
        str | None, typer.Option("--amount", metavar="COL", help=_("The column with the amount; returns are negative."))
    ] = None,
    until: Until = None,
    holdout_days: Annotated[
        int, typer.Option("--holdout-days", min=0, help=_("Days after --until that only judge the models."))
    ] = 0,
    horizon_days: Annotated[int, typer.Option("--horizon-days", min=1, max=3660, help=_("Days ahead."))] = 365,
    model: Annotated[
        str,
        typer.Option(
            "--model",
            metavar="NAME",
            help=_("bg_nbd, mbg_nbd, bg_cnbd_2, mbg_cnbd_2, mbg_cnbd_3; or best: proposed by the days held out."),
        ),
    ] = "bg_nbd",
    dates: DatesChoice = None,
    sheet: Sheet = None,
    skip_incomplete: SkipIncomplete = False,
    engine: EngineChoice = Engine.duckdb,
) -> None:
    with reported(language):
        from yaomai.engine.customer_base import command

        command.value_file(
            log=log,
            output=output,
            columns={"customer": customer, "date": date_column, "amount": amount},
            language=language,
            until=until,
            holdout_days=holdout_days,
            horizon_days=horizon_days,
            model=model,
            reading=command.Reading(dates, sheet, skip_incomplete, engine),
        )


def churn_command(
    log: LogFile,
    output: Output,
    customer: Customer,
    date_column: DateColumn,
    language: LanguageChoice,
    amount: Annotated[
        str | None, typer.Option("--amount", metavar="COL", help=_("The column with the amount; returns are negative."))
    ] = None,
    until: Until = None,
    horizon_days: Annotated[int, typer.Option("--horizon-days", min=7, max=730, help=_("Days ahead."))] = 90,
    core: Annotated[
        Path | None,
        typer.Option("--core", metavar="FILE", help=_("The core customers, in a column named as in LOG.")),
    ] = None,
    contacts: Annotated[
        Path | None,
        typer.Option("--contacts", metavar="FILE", help=_("Visits and calls, customer and day named as in LOG.")),
    ] = None,
    alert_months: Annotated[
        int, typer.Option("--alert-months", min=1, max=36, help=_("Months without an order that alert."))
    ] = 3,
    core_alert_months: Annotated[
        int,
        typer.Option("--core-alert-months", min=1, max=36, help=_("The same for core customers; the shorter wins.")),
    ] = 2,
    dates: DatesChoice = None,
    sheet: Sheet = None,
    skip_incomplete: SkipIncomplete = False,
    engine: EngineChoice = Engine.duckdb,
) -> None:
    with reported(language):
        from yaomai.engine.customer_base import command
        from yaomai.engine.customer_base.losing import Limits

        command.churn_file(
            log=log,
            output=output,
            columns={"customer": customer, "date": date_column, "amount": amount},
            language=language,
            until=until,
            horizon_days=horizon_days,
            core=core,
            contacts=contacts,
            limits=Limits(months=alert_months, core_months=core_alert_months),
            reading=command.Reading(dates, sheet, skip_incomplete, engine),
        )


def forecast_command(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help=_("Rows of id, day and value: .csv, .xlsx or .parquet."))
    ],
    output: Output,
    identity: Annotated[str, typer.Option("--id", metavar="COL", help=_("The column that names the series."))],
    date_column: DateColumn,
    value: Annotated[str, typer.Option("--value", metavar="COL", help=_("The column with the value."))],
    horizon: Annotated[int, typer.Option("--horizon", min=1, max=520, help=_("Periods ahead."))],
    language: LanguageChoice,
    season: Annotated[
        int | None, typer.Option("--season", min=1, max=366, help=_("Periods of a season; else 12, 52 or 7 by period."))
    ] = None,
    dates: DatesChoice = None,
    sheet: Sheet = None,
) -> None:
    with reported(language):
        from yaomai.engine.customer_base.command import Reading
        from yaomai.engine.forecasting.command import forecast_file

        forecast_file(
            file=file,
            output=output,
            identity=identity,
            day=date_column,
            value=value,
            horizon=horizon,
            season=season,
            language=language,
            reading=Reading(dates, sheet),
        )


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command(
        "value",
        help=_(
            "Value each customer: chance of an order, expected orders and value, each with an 80 % interval.\n\n"
            "Prints the parameters and the log-likelihood of BG/NBD and Gamma-Gamma as JSON, and with --holdout-days how"
            " right they and others were. Rates are per week.\n\n"
            "Example: yaomai engine value orders.csv --customer customer --date date --amount amount --until 2026-03-31"
            " --holdout-days 90 -o value.xlsx"
        ),
    )(value_command)
    app.command(
        "churn",
        help=_(
            "Say who is about to be lost, when each customer should order next, and why.\n\n"
            "Prints as JSON how right such chances were for the last days of LOG: of those said 30 %, how many stayed away?"
            " The surest losses come first in OUT.\n\n"
            "Example: yaomai engine churn orders.csv --customer customer --date date --core core.csv -o churn.xlsx"
        ),
    )(churn_command)
    app.command(
        "forecast",
        help=_(
            "Forecast series by month, week or day: mean with 80 % and 95 % intervals.\n\n"
            "Prints as JSON how wrong it was at earlier origins (MASE), beside last year and single methods, and how often the"
            " intervals held. A series that allows no forecast is named with the reason.\n\n"
            "Example: yaomai engine forecast sales.csv --id product --date month --value amount --horizon 12 -o forecast.xlsx"
        ),
    )(forecast_command)
