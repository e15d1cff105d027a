"""`yaomai import` and `yaomai run`: the everyday work of an operations person at the command line."""

import getpass
import json
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from yaomai.words import _

from .database import running_database

if TYPE_CHECKING:
    from yaomai.kit.access import Actor

_PROBLEMS = 10

importing = typer.Typer(add_completion=False)
running = typer.Typer(add_completion=False)

AsPerson = Annotated[
    str, typer.Option("--as", metavar=_("USER"), help=_("Act as this person, with that person's rights and territory."))
]
AsJson = Annotated[bool, typer.Option("--json", help=_("Print JSON for programs."))]


def _actor(username: str) -> "Actor":
    """Return the person's actor, or the machine's operator with a reason that the trail shows."""
    from django.utils import timezone

    from yaomai.kit.access import system_actor
    from yaomai.organization.models import Person
    from yaomai.organization.selectors import actor_for

    if not username:
        return system_actor(_("command line"), _("entered at the machine by %(user)s") % {"user": getpass.getuser()})
    person = Person.unscoped.filter(username=username, archived_at__isnull=True).first()
    if person is None:
        raise typer.BadParameter(_("Nobody signs in as %(user)s.") % {"user": username}, param_hint="--as")
    return actor_for(person, on=timezone.localdate())


def _pairs(given: list[str], hint: str) -> dict[str, str]:
    pairs = {}
    for text in given:
        name, equals, value = text.partition("=")
        if not equals:
            raise typer.BadParameter(_("Write NAME=VALUE, not %(text)s.") % {"text": text}, param_hint=hint)
        pairs[name] = value
    return pairs


@importing.command(
    help=_("Import a file: institutions, professionals, products, divisions, sales flow. Without KIND: list the kinds.")
)
def run_import(
    kind: Annotated[
        str, typer.Argument(metavar=_("KIND"), help=_("What the file holds, for example commerce.flow."))
    ] = "",
    file: Annotated[
        Path | None, typer.Argument(metavar=_("FILE"), help=_("The file: xlsx, xls, csv; GBK or UTF-8."))
    ] = None,
    columns: Annotated[
        list[str] | None, typer.Option("--column", metavar=_("NAME=HEADING"), help=_("Say which heading a column has."))
    ] = None,
    options: Annotated[
        list[str] | None,
        typer.Option("--set", metavar=_("NAME=VALUE"), help=_("What the kind asks for, for example distributor=NAME.")),
    ] = None,
    source: Annotated[str, typer.Option(help=_("Whose file it is; its columns are remembered by this name."))] = "",
    check: Annotated[bool, typer.Option("--check", help=_("Only say what would happen."))] = False,
    person: AsPerson = "",
    as_json: AsJson = False,
) -> None:
    from yaomai.server import prepare

    with running_database():
        prepare.set_up()
        if not kind or file is None:
            _list_kinds()
            return
        _import(
            kind,
            file,
            _pairs(columns or [], "--column"),
            _pairs(options or [], "--set"),
            source,
            check,
            person,
            as_json,
        )


def _list_kinds() -> None:
    from yaomai.kit.access import system_actor
    from yaomai.kit.transfer.registry import importers_for

    table = Table(_("Kind"), _("What it brings"), _("Columns it reads"), box=None)
    for importer in importers_for(system_actor("help", "listing the kinds")):
        needed = [column.name + ("*" if column.required else "") for column in importer.columns]
        table.add_row(importer.name, str(importer.label), " ".join(needed))
    Console().print(table)


def _asked_for(kind: str) -> set[str]:
    """Return what an importer asks for besides the file."""
    from yaomai.kit.transfer.registry import every_importer

    return {column.name for importer in every_importer() if importer.name == kind for column in importer.options}


def _import(
    kind: str,
    file: Path,
    columns: dict[str, str],
    options: dict[str, str],
    source: str,
    check: bool,
    username: str,
    as_json: bool,
) -> None:
    from django.utils import timezone

    from yaomai.kit.access import acting
    from yaomai.kit.errors import DomainError, problem
    from yaomai.kit.phrases import rendered
    from yaomai.kit.transfer import selectors
    from yaomai.kit.transfer.command import import_file
    from yaomai.kit.transfer.registry import every_importer, importers_for

    from .failure import Refusal, explained

    actor = _actor(username)
    kinds = [importer.name for importer in importers_for(actor)]
    if kind in (each.name for each in every_importer()) and kind not in kinds:
        raise Refusal(
            _("%(person)s may not import %(kind)s: no position of theirs has the right.")
            % {"person": actor.label, "kind": kind}
        )
    if kind not in kinds:
        unknown = _("There is no kind “%(kind)s”. Kinds: %(kinds)s") % {"kind": kind, "kinds": ", ".join(kinds)}
        raise typer.BadParameter(unknown, param_hint=_("KIND"))
    console = Console(stderr=True)
    words = {"upload": _("Reading the file"), "check": _("Checking every row"), "apply": _("Importing")}
    try:
        with acting(actor), console.status(words["upload"]) as status:
            row = import_file(
                actor=actor, now=timezone.now(), path=file, importer=kind, source=source, columns=columns,
                options=options, only_check=check, step=lambda name: status.update(words[name]),
            )  # fmt: skip
    except DomainError as error:
        typer.echo(json.dumps(problem(error)) if as_json else _("The file is refused; nothing of it was taken in."))
        if wanted := [name for name in getattr(error, "fields", ()) if name in _asked_for(kind)]:
            how = " ".join(f"--set {name}=…" for name in wanted)
            raise Refusal("\n".join([explained(error) or "", _("Say it with %(how)s.") % {"how": how}])) from None
        raise
    counts = {
        "import": row.pk, "status": row.status, "rows": row.rows, "created": row.created_count,
        "updated": row.updated_count, "unchanged": row.unchanged_count, "refused": row.refused_count,
    }  # fmt: skip
    if as_json:
        typer.echo(json.dumps(counts))
    else:
        sentence = _(
            "%(rows)s rows: %(created)s new, %(updated)s changed, %(unchanged)s unchanged, %(refused)s refused."
        )
        typer.echo(sentence % counts)
        for notice in (*row.notices, *row.result.get("notices", [])):
            typer.echo(rendered(notice), err=True)
        problems = selectors.problems_shown(row)
        for each in problems[:_PROBLEMS]:
            typer.echo(f"{each.place.cell} {each.header}: {each.message}", err=True)
        if row.refused_count > _PROBLEMS:
            more = _("The file with all reasons can be downloaded at Settings, Imports, %(file)s.")
            typer.echo(more % {"file": row.file_name}, err=True)
    if row.refused_count and not row.created_count and not row.updated_count and not row.unchanged_count:
        raise typer.Exit(1)


@running.command(help=_("Compute the tiers of every scheme, and publish them with --publish."))
def run_tiers(
    as_of: Annotated[
        str, typer.Option(metavar=_("DATE"), help=_("As of this day, YYYY-MM-DD; today by default."))
    ] = "",
    publish: Annotated[bool, typer.Option("--publish", help=_("Put the result in force from today."))] = False,
    person: AsPerson = "",
    as_json: AsJson = False,
) -> None:
    from yaomai.server import prepare

    with running_database():
        prepare.set_up()
        _compute(as_of, publish, person, as_json)


def _compute(as_of: str, publish: bool, username: str, as_json: bool) -> None:
    from django.utils import timezone

    from yaomai.kit.access import acting, require
    from yaomai.kit.runs.selectors import run_in_force
    from yaomai.segmentation import KIND
    from yaomai.segmentation.presenting import unassigned_said
    from yaomai.segmentation.selectors import schemes
    from yaomai.segmentation.services import tiers_compute, tiers_publish

    try:
        day = date.fromisoformat(as_of) if as_of else timezone.localdate()
    except ValueError:
        raise typer.BadParameter(_("Write the day as YYYY-MM-DD."), param_hint="--as-of") from None
    actor = _actor(username)
    with acting(actor), Console(stderr=True).status(_("Computing the tiers")):
        require(actor, "segmentation.tier:run")
        run = tiers_compute(actor=actor, as_of=day)
        if publish:
            current = run_in_force(KIND)
            run = tiers_publish(
                actor=actor, pk=run.pk, now=timezone.now(), instead_of=current.pk if current is not None else None
            )
    result: dict[str, Any] = {"run": run.pk, "number": run.number, "state": run.state, "in_force": run.is_in_force}
    if as_json:
        typer.echo(json.dumps(result | run.result))
        return
    table = Table(_("Scheme"), _("Customers by tier, best first"), box=None, title=str(run), title_justify="left")
    for scheme in schemes(run):
        counts = run.result["subjects"].get(scheme.subject, {}).get(scheme.name, {})
        sizes = [(tier.name, counts.get(tier.name, {}).get("customers", 0)) for tier in scheme.spec.tiers]
        table.add_row(scheme.title, " · ".join(f"{scheme.tier_label(name)} {count:,}" for name, count in sizes))
    Console().print(table)
    if run.is_in_force:
        typer.echo(_("Published: these tiers are in force from today."))
    with acting(actor):
        if left := unassigned_said(actor):
            typer.echo(left)
