"""What `yaomai up` shows."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table

from yaomai.words import _


class Terminal:
    """A few calm lines: what is being done, how long it took, where to go."""

    def __init__(self) -> None:
        self.console = Console(highlight=False)

    @contextmanager
    def step(self, words: str) -> Iterator[None]:
        """Show that something is going on, then how long it took."""
        began = time.monotonic()
        with self.console.status(words):
            yield
        self.console.print(f"[green]✓[/] {words} [dim]{time.monotonic() - began:.1f} s[/]")

    def sign_ins(self, entries: Sequence[dict[str, Any]], *, command: str = "") -> None:
        """Print one sign-in per role; while nobody can sign in, the command that makes the first people."""
        if entries:
            table = Table(box=box.SIMPLE_HEAD, title=_("Sign-ins of the demo company"), title_justify="left")
            for heading in (_("Role"), _("Person"), _("User name"), _("Password")):
                table.add_column(heading)
            for entry in entries:
                table.add_row(entry["role"], entry["person"], entry["username"], entry["password"])
            self.console.print(table)
        if command:
            self.console.print(
                _("Nobody can sign in yet. In another terminal: %(command)s") % {"command": f"[bold]{command}[/]"},
                soft_wrap=True,  # it is copied
            )

    def address(self, address: str) -> None:
        """Print where to go."""
        self.console.print(_("Yaomai runs at %(address)s. Ctrl-C stops it.") % {"address": f"[bold]{address}[/]"})
