"""`yaomai check`: the doctor."""

import json
from typing import Annotated

import typer

from yaomai.words import _

app = typer.Typer(add_completion=False)


@app.command(help=_("Look for everything that is wrong with this installation, and say how to mend it."))
def check(
    as_json: Annotated[bool, typer.Option("--json", help=_("Print JSON for programs."))] = False,
    only: Annotated[str | None, typer.Option(help=_("Run one check, by its name."))] = None,
) -> None:
    from yaomai.server import prepare
    from yaomai.server.doctor import Level, codes, examine

    from .failure import Refusal

    prepare.set_up()
    if only is not None and only not in codes():
        raise Refusal(
            _("There is no check %(name)s. There are: %(names)s") % {"name": only, "names": ", ".join(codes())}
        )
    reports = list(examine(only=only))
    if as_json:
        typer.echo(json.dumps([report.as_dict() for report in reports], ensure_ascii=False, indent=1))
    else:
        _print(reports)
    raise typer.Exit(1 if any(report.level is Level.FAIL for report in reports) else 0)


def _print(reports: list) -> None:  # type: ignore[type-arg]
    from rich.cells import set_cell_size
    from rich.console import Console

    from yaomai.server.doctor import Level

    console = Console(highlight=False)
    marks = {Level.OK: "[green]✓[/]", Level.WARN: "[yellow]![/]", Level.FAIL: "[red]✗[/]", Level.SKIPPED: "[dim]·[/]"}
    for report in reports:
        console.print(f"{marks[report.level]} {set_cell_size(report.title, 30)} ", end="")
        console.print(report.seen, markup=False)
        if report.mend and report.level in {Level.WARN, Level.FAIL}:
            console.print(f"  → {report.mend}", markup=False, style="bold")
            console.print(f"    yaomai check --only {report.code}", markup=False, style="dim")
    counted = {level: sum(report.level is level for report in reports) for level in Level}
    console.print(
        _("%(count)s checks: %(ok)s in order, %(warn)s warnings, %(fail)s to mend, %(skipped)s skipped")
        % {"count": len(reports), **{level.value: number for level, number in counted.items()}}
    )
