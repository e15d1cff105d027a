"""`yaomai audit`: verify the trail or a signed bundle, write a checkpoint, show the fingerprint of the key."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from yaomai.words import _

from .database import running_database
from .failure import Refusal

app = typer.Typer(add_completion=False, no_args_is_help=True, help=_("Prove that the trail is whole."))

AsJson = Annotated[bool, typer.Option("--json", help=_("Print JSON for programs."))]
Bundle = Annotated[
    Path | None,
    typer.Argument(
        metavar=_("FILE"), help=_("A signed bundle, such as an inspection dossier; without one, the trail.")
    ),
]
Fingerprint = Annotated[
    str, typer.Option("--fingerprint", help=_("Fingerprint of the key that the company published; for a bundle."))
]
WORDS = {
    "not_signed": _("%(what)s carries no signature that can be read: it is no signed bundle, or its end was cut off."),
    "signature_differs": _("The signature does not fit %(what)s: something in it was changed after it was signed."),
    "other_key": _("It was signed with another key than the one that you expect: %(what)s"),
    "unreadable": _("Cannot be read, its bytes were altered: %(what)s"),
    "missing": _("Taken out: %(what)s"),
    "not_in_manifest": _("Added later: %(what)s"),
    "twice": _("There twice: %(what)s"),
    "changed": _("Changed: %(what)s"),
    "entry_changed": _("An entry of the trail does not fit its hash: %(what)s"),
}
"""What `kit.audit.bundles` finds."""


@app.command(
    help=_("Walk the whole trail, or check a signed bundle, and name everything that is not as it was written.")
)
def verify(bundle: Bundle = None, fingerprint: Fingerprint = "", as_json: AsJson = False) -> None:
    if bundle is not None:
        _verify_bundle(bundle, fingerprint, as_json=as_json)
        return
    from yaomai.server import prepare

    prepare.require_keys()
    with running_database():
        prepare.set_up()
        from yaomai.kit.audit.verify import verify as verify_trail

        result = verify_trail()
    if as_json:
        findings = [
            {"sequence": one.sequence, "entry": one.entry_id, "kind": one.kind, "detail": one.detail}
            for one in result.findings
        ]
        said: dict[str, Any] = {"intact": result.intact, "entries": result.entries, "head": result.head.hex()}
        typer.echo(json.dumps(said | {"findings": findings}))
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


def _verify_bundle(file: Path, fingerprint: str, *, as_json: bool) -> None:
    """Check a bundle: needs neither database nor keys nor a data folder."""
    from yaomai.kit.audit import bundles

    if not file.is_file():
        raise Refusal(_("There is no file %(file)s.") % {"file": file})
    found = bundles.verify(file, expected=fingerprint)
    if as_json:
        findings = [{"kind": kind, "what": what} for kind, what in found.findings]
        said = {
            "intact": found.intact,
            "files": found.files,
            "entries": found.entries,
            "fingerprint": found.fingerprint,
        }
        typer.echo(json.dumps(said | {"about": found.about, "findings": findings}, ensure_ascii=False))
        raise typer.Exit(0 if found.intact else 1)
    for kind, what in found.findings:
        typer.echo(WORDS[kind] % {"what": what})
    if found.about:
        said = {name: found.about.get(name, "") for name in ("subject", "authority", "made_at", "made_by")}
        typer.echo(_("%(subject)s; for %(authority)s; made at %(made_at)s by %(made_by)s") % said)
    if found.fingerprint:
        typer.echo(_("Signed with the key %(fingerprint)s") % {"fingerprint": found.fingerprint})
    if found.intact:
        typer.echo(
            _("The bundle is whole: %(files)s files, %(entries)s entries of the trail.")
            % {"files": f"{found.files:,}", "entries": f"{found.entries:,}"}
        )
        if not fingerprint:
            typer.echo(
                _("Compare the fingerprint with the one that the company published, or give it with --fingerprint.")
            )
    else:
        typer.echo(_("The bundle is not as it was signed: %(count)s findings.") % {"count": len(found.findings)})
    raise typer.Exit(0 if found.intact else 1)


@app.command(help=_("Show the fingerprint of the key that signs bundles; publish it, so that others can compare."))
def fingerprint() -> None:
    from yaomai.kit import keys
    from yaomai.kit.audit import bundles
    from yaomai.server import prepare
    from yaomai.server.environment import data_folder

    prepare.require_keys()
    typer.echo(bundles.fingerprint(bundles.public_bytes(bundles.signing_key(keys.secret(data_folder())))))


@app.command(help=_("Write the trail's end, sealed, into the checkpoint file; keep a copy of it elsewhere."))
def checkpoint(as_json: AsJson = False) -> None:
    from yaomai.server import prepare

    prepare.require_keys()
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
