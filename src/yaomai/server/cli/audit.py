"""`yaomai audit verify` and `yaomai audit checkpoint`."""

import json
from typing import Annotated

import typer

from yaomai.words import _

from .database import running_database

app = typer.Typer(add_completion=False, no_args_is_help=True, help=_("Prove that the trail is whole."))

AsJson = Annotated[bool, typer.Option("--json", help=_("Print JSON for programs."))]


@app.command(help=_("Walk the whole trail and name every entry that is not as it was written."))
def verify(as_json: AsJson = False) -> None:
    from yaomai.server import prepare

    with running_database():
        prepare.set_up()
        from yaomai.kit.audit.verify import verify as verify_trail

        result = verify_trail()
    if as_json:
        findings = [
            {"sequence": one.sequence, "entry": one.entry_id, "kind": one.kind, "detail": one.detail}
            for one in result.findings
        ]
        typer.echo(
            json.dumps(
                {
                    "intact": result.intact,
                    "entries": result.entries,
                    "head": result.head.hex(),
                    "findings": findings,
                }
            )
        )
    elif result.intact:
        typer.echo(
            _("The trail is whole: %(count)s entries, head %(head)s.")
            % {"count": f"{result.entries:,}", "head": result.head.hex()[:16]}
        )
    else:
        for one in result.findings:
            typer.echo(f"{one.kind}\t{one.sequence}\t{one.entry_id}\t{one.detail}")
        typer.echo(
            _("The trail was changed: %(count)s findings. Keep this machine as it is and ask your auditor.")
            % {"count": len(result.findings)}
        )
    raise typer.Exit(0 if result.intact else 1)


@app.command(help=_("Write the trail's end, sealed, into the checkpoint file; keep a copy of it elsewhere."))
def checkpoint(as_json: AsJson = False) -> None:
    from yaomai.server import prepare

    with running_database():
        prepare.set_up()
        from yaomai.kit.audit.verify import checkpoint as write_checkpoint
        from yaomai.kit.audit.verify import checkpoint_file

        line = write_checkpoint()
    if as_json:
        typer.echo(json.dumps(line))
    else:
        typer.echo(
            _("Checkpoint of entry %(sequence)s written to %(file)s.")
            % {"sequence": line["sequence"], "file": checkpoint_file()}
        )
