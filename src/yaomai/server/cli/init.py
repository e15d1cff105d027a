"""`yaomai init`: the first people of an empty system."""

from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from yaomai.words import _

from .database import running_database
from .failure import Refusal

app = typer.Typer(add_completion=False)

# Duties that one person may not join: see organization.separation.
SEATS = (
    ("system_administrator", "sysadmin", "系统管理员"),
    ("security_administrator", "secadmin", "安全管理员"),
    ("audit_administrator", "auditor", "审计管理员"),
)


@app.command(
    help=_(
        "Begin with an empty system: the company, its roles, and one administrator each for system, security, audit."
    )
)
def init(company: Annotated[str, typer.Argument(metavar=_("COMPANY"), help=_("The company's name."))]) -> None:
    from yaomai.server import prepare

    with running_database():
        prepare.found()
        if not prepare.is_empty():
            raise Refusal(_("People sign in here already. Ask the security administrator for an account."))
        table = Table(_("Role"), _("User name"), _("Temporary password"), box=None)
        for title, username, password in found_company(company):
            table.add_row(title, username, password)
        Console().print(table)
        typer.echo(
            _("Write the passwords down now: they are not shown again and must be changed at the first sign-in.")
        )
        typer.echo("\n" + _("What to do next:"))
        for number, step in enumerate(next_steps(), 1):
            typer.echo(f"  {number}. {step}")


def next_steps() -> list[str]:
    """Return how a company goes on from its three administrators; the pages say the same under 今日."""
    return [
        _("Start Yaomai, if it does not run: yaomai up --no-demo. Open the address that it prints."),
        _("The security administrator sets up the territories: Settings, Territories."),
        _("The system administrator adds people with temporary passwords: Settings, People."),
        _("The security administrator makes positions and gives them to people: Settings, Positions."),
        _("The commerce manager imports institutions, products and sales flow: 今日 shows the steps in order."),
    ]


def found_company(company: str) -> list[tuple[str, str, str]]:
    """Create the company, its roles and administrators; all or nothing. Return their sign-ins."""
    from django.db import transaction
    from django.utils import timezone

    from yaomai.kit.access import acting, system_actor
    from yaomai.organization.models import Role, Territory
    from yaomai.organization.services import (
        holding_start,
        person_create,
        person_set_temporary_password,
        position_create,
        role_sync,
        territory_create,
    )

    now = timezone.now()
    day = timezone.localdate(now)
    actor = system_actor(_("first set-up"), _("founding %(company)s") % {"company": company})
    entries = []
    with acting(actor), transaction.atomic():
        role_sync(actor=actor, now=now)
        root = territory_create(
            actor=actor,
            now=now,
            code="CN",
            name=company,
            level=Territory.Level.COMPANY,
            valid_from=day,
        )
        for role, username, title in SEATS:
            person = person_create(actor=actor, now=now, username=username, name=title)
            position = position_create(
                actor=actor, now=now, code=f"HQ-{username}", title=title, role=Role.unscoped.get(code=role),
                territory=root, valid_from=day,
            )  # fmt: skip
            holding_start(actor=actor, now=now, position_id=position.pk, person_id=person.pk, valid_from=day)
            password = person_set_temporary_password(actor=actor, now=now, pk=person.pk)
            entries.append((title, username, password))
    return entries
