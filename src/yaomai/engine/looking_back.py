"""The commands of `yaomai engine` that look back: what was odd, and whether a change helped."""

from pathlib import Path
from typing import Annotated

import typer

from yaomai.engine.console import LanguageChoice, Output, Sheet, reported
from yaomai.engine.predicting import DateColumn, DatesChoice
from yaomai.words import _

ValueColumn = Annotated[str, typer.Option("--value", metavar="COL", help=_("The column with the value."))]


def anomalies_command(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help=_("Rows of id, day and value: .csv, .xlsx or .parquet."))
    ],
    output: Output,
    identity: Annotated[str, typer.Option("--id", metavar="COL", help=_("The column that names the series."))],
    date_column: DateColumn,
    value: ValueColumn,
    language: LanguageChoice,
    season: Annotated[
        int | None, typer.Option("--season", min=1, max=366, help=_("Periods of a season; else 12, 52 or 7 by period."))
    ] = None,
    false_alarms: Annotated[
        float,
        typer.Option("--false-alarms", min=1e-6, max=0.2, help=_("Share of ordinary periods that may be called odd.")),
    ] = 0.001,
    dates: DatesChoice = None,
    sheet: Sheet = None,
) -> None:
    with reported(language):
        from yaomai.engine.anomalies.command import anomalies_file
        from yaomai.engine.customer_base.command import Reading

        anomalies_file(
            file=file, output=output, identity=identity, day=date_column, value=value, season=season,
            false_alarms=false_alarms, language=language, reading=Reading(dates, sheet),
        )  # fmt: skip


def effect_command(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help=_("Rows of unit, day, value and treated: .csv, .xlsx or .parquet."))
    ],
    output: Output,
    unit: Annotated[str, typer.Option("--unit", metavar="COL", help=_("The column that names the unit."))],
    date_column: DateColumn,
    value: ValueColumn,
    treated: Annotated[
        str,
        typer.Option(
            "--treated", metavar="COL", help=_("The column that says whether a unit had the change: yes or no.")
        ),
    ],
    since: Annotated[str, typer.Option("--since", metavar="DATE", help=_("The day on which the change began."))],
    language: LanguageChoice,
    least: Annotated[
        float,
        typer.Option(
            "--least", min=0.0, max=1.0, help=_("The smallest effect that would matter, as a share of the usual.")
        ),
    ] = 0.05,
    dates: DatesChoice = None,
    sheet: Sheet = None,
) -> None:
    with reported(language):
        from yaomai.engine.customer_base.command import Reading
        from yaomai.engine.effects.command import effect_file

        effect_file(
            file=file, output=output, columns={"unit": unit, "date": date_column, "value": value, "treated": treated},
            since=since, least=least, language=language, reading=Reading(dates, sheet),
        )  # fmt: skip


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command(
        "anomalies",
        help=_(
            "Notice what breaks with the past of its series: surges, drops, returns, levels that moved for good.\n\n"
            "The oddest come first in OUT, each with what was usual and the reason.\n\n"
            "Example: yaomai engine anomalies sales.csv --id hospital --date month --value amount -o odd.xlsx"
        ),
    )(anomalies_command)
    app.command(
        "effect",
        help=_(
            "Say whether a change helped: units that had it against like units that had not, before and after.\n\n"
            "Prints the effect with its 95 % interval as JSON, what a change that never was would have shown, and one sentence:"
            " it helped, it did not, it cannot be attributed, or how many more units would settle it.\n\n"
            "Example: yaomai engine effect panel.csv --unit hospital --date month --value amount --treated trained --since"
            " 2026-01-01 -o effect.xlsx"
        ),
    )(effect_command)
